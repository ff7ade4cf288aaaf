"""The loop of ``darkroom dev``: wait for a burst of changes, bring each to where it runs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import yaml
from botocore.exceptions import ClientError
from rich.console import Console
from rich.markup import escape

from darkroom.cloud import Cloud
from darkroom.dev.bursts import Bursts
from darkroom.dev.code import Code, CodeError
from darkroom.dev.functions import UpdateError, update
from darkroom.dev.page import DevPage
from localstack_init.artifacts import ArtifactBucket
from localstack_init.deploy import FUNCTIONS, TEMPLATE, template_text
from localstack_init.package import (
    PROJECT,
    BuildError,
    build_dashboard,
    build_definition,
    build_workflow,
)
from localstack_init.site import BESIDE, PAGE
from localstack_init.stack import Stack, StackError

HALF_SAVED_SECONDS = 0.2
"""What does not compile may be half of a file: so long its other half is waited for."""

DEFINITION = PROJECT / "docs" / "openapi.yaml"
WATCHED = (PROJECT / "processor", PAGE, TEMPLATE.parent, DEFINITION.parent)

Deploy = Callable[[], dict[str, str]]
"""Brings all of the checkout into the emulator, and answers the stack's outputs."""


@dataclass
class Loop:
    """One session at one stack of the emulator."""

    cloud: Cloud
    stack: str
    deploy: Deploy
    console: Console
    after_update: Callable[[], None] = lambda: None
    code: Code = field(default_factory=Code)
    _complaint: str = field(default="", init=False)

    def run(self) -> None:
        """Serve until somebody interrupts it."""
        self._page().update(_nothing)
        try:
            with Bursts(WATCHED) as bursts:
                # What changed since the deployment, before anybody watched.
                self._code(bursts)
                self._say("Watching processor/, web_demo/, the template and the API. Ctrl-C ends.")
                while True:
                    self._take(bursts, bursts.wait())
        finally:
            with suppress(ClientError):  # a stack that could not be replaced has no page
                self._page().restore(_nothing)

    def _take(self, bursts: Bursts, paths: set[Path]) -> None:
        began = time.monotonic()
        try:
            if paths & {TEMPLATE, DEFINITION} and self._needs_deployment():
                self._replace()
                return
            if any(path.is_relative_to(PROJECT / "processor") for path in paths):
                self._code(bursts)
            is_page = paths & set(BESIDE) or any(path.is_relative_to(PAGE) for path in paths)
            if is_page and self._page().update(_nothing):
                self._done("Updated the page, and reloaded it where it is open", began)
        except (
            BuildError, ClientError, CodeError, StackError, UpdateError, yaml.YAMLError, OSError,
        ) as error:  # fmt: skip
            self._complain(str(error))

    def _code(self, bursts: Bursts) -> None:
        """Give the functions the code that is there, if it is fit to run and another."""
        began = time.monotonic()
        try:
            names = self.code.changed()
        except CodeError as error:
            if more := bursts.wait(HALF_SAVED_SECONDS):
                self._take(bursts, more | {PROJECT / "processor"})
            else:
                self._complain(f"{error}\nThe functions go on with the code that they have.")
            return
        if not names:
            if self._complaint:
                self._say("The code is again what the functions have.")
                self._complaint = ""
            return
        outputs = self.cloud.outputs
        functions = [outputs[name] for name in FUNCTIONS]
        if all(name.startswith("processor/api/") for name in names):
            functions.reverse()
        update(functions, self.code.archive())
        self.code.is_running()
        self._complaint = ""
        self._done(f"Updated the functions: {_listed(names)}", began)
        self.after_update()

    def _needs_deployment(self) -> bool:
        """Whether the template or the API's definition is another than the stack's."""
        bucket = ArtifactBucket.of(self.stack).name
        wanted = template_text(bucket, build_definition(), build_dashboard(), build_workflow())
        stack = Stack(boto3.client("cloudformation"), self.stack, _nothing)
        return not stack.is_deployed() or stack.template() != wanted

    def _replace(self) -> None:
        """Deploy the template: an emulator can't update a stack."""
        began = time.monotonic()
        # Before anything is deleted: code that is fit to run, and what of it is deployed at least.
        self.code.changed()
        with suppress(ClientError):  # of a stack that is not there, nothing is lost
            count = sum(1 for _ in self.cloud.objects("RawBucket", ""))
            self._say(
                "[yellow]The template or the API's paths changed:[/] the stack is replaced. That "
                f"resets its buckets ({count} originals with their renditions), its catalog and "
                "its queues."
            )
        self.cloud = Cloud(self.deploy())
        self._page().update(_nothing)
        self.code.is_running()
        self._complaint = ""
        self._done("Replaced the stack", began)
        self._say(
            f"The page is at {self.cloud.outputs['SiteUrl']}/. `make demo` puts the sample "
            "photographs through the pipeline again."
        )
        self.after_update()

    def _page(self) -> DevPage:
        return DevPage(self.cloud.outputs["SiteBucket"], self.cloud.outputs["Distribution"])

    def _complain(self, message: str) -> None:
        """Show what is wrong, once."""
        if message != self._complaint:
            self.console.print(
                f"{_clock()} [bold red]error:[/] {escape(message)}",
                soft_wrap=True, highlight=False,
            )  # fmt: skip
        self._complaint = message

    def _done(self, what: str, began: float) -> None:
        self._say(f"[green]{what}[/] [dim]({time.monotonic() - began:.2f} s)[/]")

    def _say(self, line: str) -> None:
        self.console.print(f"{_clock()} {line}", soft_wrap=True, highlight=False)


@contextmanager
def followed_logs(stack: str) -> Iterator[None]:
    """Let the functions' logs be printed beside."""
    # A process of its own: what becomes of it is none of the loop's cares.
    program = [sys.executable, "-c", "from darkroom.cli import main; main()"]
    command = [*program, "logs", "--follow", "--stack", stack]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def _listed(names: list[str]) -> str:
    most = 3
    shown = ", ".join(escape(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _clock() -> str:
    return time.strftime("[dim]%H:%M:%S[/]")


def _nothing(line: str) -> None:
    """Say nothing: the loop has its own words."""
