"""The order in which `darkroom dev` handles saved files, and what it prints."""

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from darkroom.dev.code import Code
from darkroom.dev.loop import Loop
from darkroom.dev.template_check import Stamp, TemplateCheck, TemplateError
from localstack_init.build import Artifact
from localstack_init.definitions import TEMPLATE

FUNCTIONS = ("ProcessFunction", "WorkflowFunction", "ApiFunction")
OUTPUTS = {name: name for name in (*FUNCTIONS, "SiteBucket", "Distribution", "SiteUrl")}


class NoEvents:
    """File events of which none arrives."""

    def wait(self, seconds: float) -> set[Path]:
        """Return no paths."""
        assert seconds
        return set()


class Page:
    """A page that never changes."""

    def update(self, _: object) -> bool:
        """Return that nothing changed."""
        return False


class Template(TemplateCheck):
    """A template with the text and the problem that a test sets."""

    def __init__(self) -> None:
        super().__init__("darkroom")
        vars(self).update(text=None, problem="", numbers=itertools.count())

    def changed(self) -> Artifact | None:
        """Return a template if there is a text; None is the deployed one."""
        text = vars(self)["text"]
        return Artifact(Path(text), f"template/{text}") if text else None

    def check(self, _: Artifact) -> None:
        """Raise the problem, if there is one."""
        if vars(self)["problem"]:
            raise TemplateError(vars(self)["problem"])

    def stamps(self) -> tuple[Stamp, ...]:
        """Return other numbers each time, unless a test sets them."""
        return ((next(vars(self)["numbers"]),),)

    def set(self, **state: object) -> None:
        """Set the text, the problem or the numbers."""
        vars(self).update(state)


class Session:
    """A loop without a cloud, which records its actions and its output."""

    def __init__(self, project: Path) -> None:
        self.module = project / "processor" / "one.py"
        self.module.parent.mkdir(parents=True)
        self.module.write_text("ONE = 1\n")
        self.actions: list[str] = []
        self.template = Template()
        self.output = io.StringIO()
        self.is_away = False
        cloud: Any = type("Cloud", (), {"objects": lambda *_: iter(()), "outputs": OUTPUTS})
        self.loop = Loop(
            cloud(),
            self.template,
            self.deploy,
            Console(file=self.output, width=200),
            code=Code(project),
            update=self.update,
            page_of=lambda _: Page(),  # type: ignore[arg-type,return-value]
        )

    def deploy(self) -> dict[str, str]:
        """Record a deployment."""
        self.actions.append("deployed")
        self.template.set(text=None)
        return OUTPUTS

    def update(self, _: Sequence[str], __: bytes) -> None:
        """Record an update of the functions, unless the endpoint is away."""
        if self.is_away:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        self.actions.append("updated")

    def take(self, *paths: Path) -> str:
        """Pass changed paths to the loop; return what it prints."""
        self.output.seek(0)
        self.output.truncate()
        self.loop.take(NoEvents(), set(paths))  # type: ignore[arg-type]
        return self.output.getvalue()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session with one module."""
    return Session(tmp_path)


def test_a_rejected_template_is_reported_each_time(session: Session) -> None:
    """Each save reports the reason, without announcing an update; code that is saved with it
    is updated.
    """
    session.template.set(text="new", problem="template.yaml:7: no such type")
    for _ in range(2):
        output = session.take(TEMPLATE)
        assert "error: template.yaml:7: no such type" in output
        assert "The stack is unchanged" in output
        assert "Updating" not in output
    session.module.write_text("ONE = 2\n")
    assert "template.yaml:7" in session.take(TEMPLATE, session.module)
    assert session.actions == ["updated"]
    assert "template.yaml:7" not in session.take(session.module)


def test_a_save_in_several_steps_is_checked_once(session: Session) -> None:
    """Events of an unchanged template print nothing."""
    session.template.set(
        text="new", problem="template.yaml:7: no such type", numbers=itertools.repeat(1)
    )
    assert "error" in session.take(TEMPLATE)
    assert session.take(TEMPLATE) == ""


def test_a_template_waits_for_code_that_compiles(session: Session) -> None:
    """A template that is saved while the code has an error is deployed after the repair; one that
    is restored before is not.
    """
    session.module.write_text("ONE = (\n")
    session.template.set(text="new")
    output = session.take(TEMPLATE)
    assert "one.py:1: SyntaxError" in output
    assert "is deployed when the code compiles again" in output
    assert "Updating" not in output
    session.module.write_text("ONE = 2\n")
    assert "Updating the stack" in session.take(session.module)
    assert session.actions == ["deployed"]

    session.module.write_text("ONE = (\n")
    session.template.set(text="another")
    session.take(TEMPLATE)
    session.template.set(text=None)
    session.take(TEMPLATE)
    session.module.write_text("ONE = 3\n")
    session.take(session.module)
    assert session.actions == ["deployed", "updated"]


def test_an_endpoint_that_is_away(session: Session) -> None:
    """The error is printed, and the next save updates the functions."""
    session.is_away = True
    session.module.write_text("ONE = 2\n")
    assert "Could not connect to the endpoint" in session.take(session.module)
    session.is_away = False
    assert "Updated the functions" in session.take(session.module)


def test_a_syntax_error_is_reported_at_each_save(session: Session) -> None:
    """A save that leaves the error reports it again; other events in the folder do not."""
    session.module.write_text("ONE = (\n")
    assert "one.py:1: SyntaxError" in session.take(session.module)
    assert session.take(session.module.with_name("cache")) == ""
    session.module.write_text("ONE = (\n\n")
    assert "one.py:1: SyntaxError" in session.take(session.module)
