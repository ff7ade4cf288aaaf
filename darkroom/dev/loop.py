"""The loop of ``darkroom dev``: wait for a burst of changes, bring each to where it runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from darkroom.cloud import Cloud
from darkroom.dev import template
from darkroom.dev.bursts import Bursts
from darkroom.dev.code import Code, CodeError
from darkroom.dev.functions import UpdateError, update
from darkroom.dev.page import DevPage
from darkroom.dev.template import DEFINITION, PARTS, TemplateError
from darkroom.terminal.escape import on_one_line
from localstack_init.build import PROJECT, BuildError
from localstack_init.cloudformation import StackError
from localstack_init.deploy import FUNCTIONS, TEMPLATE
from localstack_init.site import BESIDE, PAGE, page_address

HALF_SAVED_SECONDS = 0.2
"""What does not compile may be half of a file: so long its other half is waited for."""

CODE = PROJECT / "processor"
WATCHED = (CODE, PAGE, TEMPLATE.parent, DEFINITION.parent)

Stamp = tuple[int, ...]
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
    _judged: tuple[Stamp, ...] = field(default=(), init=False)
    """The template's files as they were looked at last."""
    _is_pending: bool = field(default=False, init=False)
    """Whether they are fit to be deployed, and are not."""

    def run(self) -> None:
        """Serve until somebody interrupts it."""
        self._page().update(_nothing)
        try:
            with Bursts(WATCHED) as bursts:
                # What changed since the deployment, before anybody watched.
                self._take(bursts, {CODE, *PARTS})
                self._say("Watching processor/, web_demo/, the template and the API. Ctrl-C ends.")
                while True:
                    self._take(bursts, bursts.wait())
        finally:
            # A stack that could not be replaced has no page, nor has an emulator that was ended.
            with suppress(ClientError, BotoCoreError):
                self._page().restore(_nothing)

    def _take(self, bursts: Bursts, paths: set[Path]) -> None:
        began = time.monotonic()
        is_code = any(path.is_relative_to(CODE) for path in paths)
        with self._complaining():
            if paths.intersection(PARTS) and not self._judge(bursts, paths):
                return  # the other half of the burst came, and was taken
        with self._complaining():
            if self._is_pending and (is_code or paths.intersection(PARTS)):
                self._replace(bursts)
                return
            if is_code:
                self._code(bursts)
        with self._complaining():
            is_page = paths & set(BESIDE) or any(path.is_relative_to(PAGE) for path in paths)
            if is_page and self._page().update(_nothing):
                self._done("Updated the page, and reloaded it where it is open", began)

    def _judge(self, bursts: Bursts, paths: set[Path]) -> bool:
        """Note whether the stack has to be replaced; answers no if more came, and was taken."""
        stamps = tuple(_stamp(path) for path in PARTS)
        if stamps == self._judged:
            return True  # an editor saves in several steps: one answer is enough
        self._is_pending = False
        try:
            wanted = template.changed(self.stack)
            if wanted is not None:
                self._say("The template or the API's paths changed: checking them.")
                template.check(self.stack, wanted)
                self._is_pending = True
        except (TemplateError, OSError) as error:
            if more := bursts.wait(HALF_SAVED_SECONDS):
                self._take(bursts, more | paths)
                return False
            self._show(f"{error}\nThe stack stays as it is.")
        self._judged = stamps
        return True

    def _code(self, bursts: Bursts) -> None:
        """Give the functions the code that is there, if it is fit to run and another."""
        began = time.monotonic()
        try:
            names = self.code.changed()
        except CodeError as error:
            if more := bursts.wait(HALF_SAVED_SECONDS):
                self._take(bursts, more | {CODE})
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

    def _replace(self, bursts: Bursts) -> None:
        """Deploy the template: an emulator can't update a stack."""
        began = time.monotonic()
        # Before anything is deleted: code that is fit to run, and what of it is deployed at least.
        try:
            self.code.changed()
        except CodeError as error:
            if more := bursts.wait(HALF_SAVED_SECONDS):
                self._take(bursts, more | {CODE})
            else:
                self._complain(
                    f"{error}\nThe functions go on with the code that they have. The template "
                    "that was saved is deployed once the code is whole again."
                )
            return
        with suppress(ClientError):  # of a stack that is not there, nothing is lost
            count = sum(1 for _ in self.cloud.objects("RawBucket", ""))
            self._say(
                "[yellow]The template or the API's paths changed:[/] the stack is replaced. That "
                f"resets its buckets ({count} originals with their renditions), its catalog and "
                "its queues."
            )
        self._is_pending = False
        self._complaint = ""
        self.cloud = Cloud(self.deploy())
        self._page().update(_nothing)
        self.code.is_running()
        self._done("Replaced the stack", began)
        self._say(
            f"The page is at {page_address(self.cloud.outputs['SiteUrl'])}\n`make demo` puts the "
            "sample photographs through the pipeline again."
        )
        self.after_update()

    def _page(self) -> DevPage:
        return DevPage(self.cloud.outputs["SiteBucket"], self.cloud.outputs["Distribution"])

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        """Show an error, and go on."""
        try:
            yield
        except (
            Boto3Error, BotoCoreError, BuildError, ClientError, CodeError, StackError, UpdateError,
            OSError,
        ) as error:  # fmt: skip
            self._complain(str(error))

    def _complain(self, message: str) -> None:
        """Show what is wrong, once."""
        if message != self._complaint:
            self._show(message)
        self._complaint = message

    def _show(self, message: str) -> None:
        self.console.print(
            f"{_clock()} [bold red]error:[/] {escape(message)}",
            soft_wrap=True, highlight=False,
        )  # fmt: skip

    def _done(self, what: str, began: float) -> None:
        self._say(f"[green]{what}[/] [dim]({time.monotonic() - began:.2f} s)[/]")

    def _say(self, line: str) -> None:
        self.console.print(f"{_clock()} {line}", soft_wrap=True, highlight=False)


def _stamp(path: Path) -> Stamp:
    """Other numbers whenever the file was saved; none if it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _listed(names: list[str]) -> str:
    most = 3
    shown = ", ".join(escape(on_one_line(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _clock() -> str:
    return time.strftime("[dim]%H:%M:%S[/]")


def _nothing(line: str) -> None:
    """Say nothing: the loop has its own words."""
