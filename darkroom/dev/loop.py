"""The loop of ``darkroom dev``: it updates the running pipeline with every saved file."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from darkroom.cloud import Cloud
from darkroom.dev.code import Code, CodeError
from darkroom.dev.function_update import update_functions
from darkroom.dev.page import DevPage
from darkroom.dev.template_check import FILES, Stamp, TemplateCheck, TemplateError
from darkroom.errors import REPORTED_ERRORS
from darkroom.terminal.escape import escape, escape_lines
from darkroom.watch.file_events import FileEvents
from localstack_init.definitions import OPENAPI, TEMPLATE
from localstack_init.deploy import FUNCTIONS
from localstack_init.site import BESIDE, PAGE

INCOMPLETE_SECONDS = 0.2
"""Longest wait for the rest of a file that does not compile: it may be half saved."""

WATCHING = "Watching processor/, web_demo/, the template and the API. Press Ctrl-C to stop."

Deploy = Callable[[], dict[str, str]]
"""Deploys this checkout into the emulator, and returns the stack's outputs."""


@dataclass
class Loop:
    """One session with one stack of the emulator."""

    cloud: Cloud
    template: TemplateCheck
    deploy: Deploy
    console: Console
    after_update: Callable[[], None] = lambda: None
    code: Code = field(default_factory=Code)
    update: Callable[[Sequence[str], bytes], None] = update_functions
    page_of: Callable[[Cloud], DevPage] = DevPage.of
    _error: tuple[str, object] | None = field(default=None, init=False)
    """The error shown last, and the code's stamps: it is repeated after a save only."""
    _checked: tuple[Stamp, ...] = field(default=(), init=False)
    """The template's files as they were last checked."""
    _is_pending: bool = field(default=False, init=False)
    """Whether the template was accepted and is not deployed yet."""

    def run(self) -> None:
        """Work until Ctrl-C."""
        self._update_page()
        try:
            with FileEvents((self.code.folder, PAGE, TEMPLATE.parent, OPENAPI.parent)) as events:
                # Changes between the deployment and the first event.
                self.take(events, {self.code.folder, *FILES})
                self._print(WATCHING)
                while True:
                    self.take(events, events.wait())
        finally:
            # The page is gone if the emulator has stopped.
            with suppress(ClientError, BotoCoreError):
                self.page_of(self.cloud).restore(_discard)

    def take(self, events: FileEvents, paths: set[Path]) -> None:
        """Bring changed files to where they run; errors are shown and do not end the loop."""
        began = time.monotonic()
        is_code = any(path.is_relative_to(self.code.folder) for path in paths)
        with self._shown_errors():
            if paths.intersection(FILES) and not self._check_template(events, paths):
                return  # the rest of the burst arrived, and was taken
        with self._shown_errors():
            if self._is_pending and (is_code or paths.intersection(FILES)):
                self._update_stack(events)
                return
            if is_code:
                self._update_code(events)
        with self._shown_errors():
            is_page = paths & set(BESIDE) or any(path.is_relative_to(PAGE) for path in paths)
            if is_page and self._update_page():
                self._print_done("Updated the page, and reloaded it in open browsers", began)

    def _check_template(self, events: FileEvents, paths: set[Path]) -> bool:
        """Note whether the stack has to be updated; returns False if more paths were taken."""
        stamps = self.template.stamps()
        if stamps == self._checked:
            return True  # editors save in several steps: one check is enough
        self._is_pending = False
        try:
            template = self.template.changed()
            if template is not None:
                self._print("The template or the API's paths changed: checking them.")
                self.template.check(template)
                self._is_pending = True
        except (TemplateError, OSError) as error:
            if more := events.wait(INCOMPLETE_SECONDS):
                self.take(events, more | paths)
                return False
            self._print_error(f"{error}\nThe stack is unchanged.")
        self._checked = stamps
        return True

    def _update_code(self, events: FileEvents) -> None:
        """Update the functions if the code has changed and compiles."""
        began = time.monotonic()
        try:
            names = self.code.changed()
        except CodeError as error:
            if more := events.wait(INCOMPLETE_SECONDS):
                self.take(events, more | {self.code.folder})
            else:
                self._show_error(f"{error}\nThe functions still run the previous code.")
            return
        if not names:
            if self._error:
                self._print("The code is the same as the deployed code again.")
                self._error = None
            return
        outputs = self.cloud.outputs
        functions = [outputs[name] for name in FUNCTIONS if name in outputs]
        if all(name.startswith("processor/api/") for name in names):
            functions.reverse()
        self.update(functions, self.code.archive())
        self.code.set_deployed()
        self._error = None
        self._print_done(f"Updated the functions: {_listed(names)}", began)
        self.after_update()

    def _update_stack(self, events: FileEvents) -> None:
        """Update the stack to the saved template; its events show what changes."""
        began = time.monotonic()
        # The code that is read here is also deployed.
        try:
            self.code.changed()
        except CodeError as error:
            if more := events.wait(INCOMPLETE_SECONDS):
                self.take(events, more | {self.code.folder})
            else:
                self._show_error(
                    f"{error}\nThe functions still run the previous code. The saved template is "
                    "deployed when the code compiles again."
                )
            return
        self._print("Updating the stack.")
        self._is_pending = False
        self._error = None
        self.cloud = Cloud(self.deploy())
        self._update_page()
        self.code.set_deployed()
        self._print_done("Updated the stack", began)
        self.after_update()

    def _update_page(self) -> bool:
        return self.page_of(self.cloud).update(_discard)

    @contextmanager
    def _shown_errors(self) -> Iterator[None]:
        try:
            yield
        except REPORTED_ERRORS as error:
            self._show_error(str(error))

    def _show_error(self, message: str) -> None:
        """Print an error, unless it was the last one and no code was saved since."""
        error = (message, self.code.stamps())
        if error != self._error:
            self._print_error(message)
        self._error = error

    def _print_error(self, message: str) -> None:
        self._print(f"[bold red]error:[/] {escape_lines(message)}")

    def _print_done(self, action: str, began: float) -> None:
        self._print(f"[green]{action}[/] [dim]({time.monotonic() - began:.2f} s)[/]")

    def _print(self, line: str) -> None:
        clock = time.strftime("[dim]%H:%M:%S[/]")
        self.console.print(f"{clock} {line}", soft_wrap=True, highlight=False)


def _listed(names: list[str]) -> str:
    most = 3
    shown = ", ".join(escape(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _discard(line: str) -> None:
    """Ignore a line of the deployment: the loop prints its own."""
