"""The order in which `darkroom dev` takes up what was saved, and what it says."""

import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from darkroom.dev import loop as loops
from darkroom.dev import template
from darkroom.dev.code import Code
from darkroom.dev.loop import Loop
from darkroom.dev.page import DevPage
from darkroom.dev.template import TemplateError
from localstack_init.deploy import TEMPLATE

FUNCTIONS = ("ProcessFunction", "WorkflowFunction", "ApiFunction")


class Quiet:
    """Bursts of which none comes."""

    def wait(self, seconds: float) -> set[Path]:
        """Answer that nothing happened for so long."""
        assert seconds
        return set()


class Session:
    """A loop without a cloud: what it did and said is noted."""

    def __init__(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.module = project / "processor" / "one.py"
        self.module.parent.mkdir(parents=True)
        self.module.write_text("ONE = 1\n")
        self.did: list[str] = []
        self.wanted: str | None = None
        self.problem = ""
        self.said = io.StringIO()
        cloud: Any = type("Cloud", (), {"objects": lambda *_: iter(()), "outputs": self.outputs()})
        console = Console(file=self.said, width=200)
        self.loop = Loop(cloud(), "darkroom", self.deploy, console, code=Code(project))
        monkeypatch.setattr(loops, "CODE", project / "processor")
        monkeypatch.setattr(loops, "update", lambda *_: self.did.append("updated"))
        monkeypatch.setattr(DevPage, "update", lambda *_: False)
        monkeypatch.setattr(template, "changed", lambda _: self.wanted)
        monkeypatch.setattr(template, "check", self.check)
        numbers = itertools.count()
        monkeypatch.setattr(loops, "_stamp", lambda _: (next(numbers),))

    def outputs(self) -> dict[str, str]:
        """Return the outputs that the loop asks for."""
        names = (*FUNCTIONS, "SiteBucket", "Distribution", "SiteUrl")
        return {name: name for name in names}

    def deploy(self) -> dict[str, str]:
        """Note a deployment."""
        self.did.append("replaced")
        self.wanted = None
        return self.outputs()

    def check(self, *_: str) -> None:
        """Refuse what has a problem."""
        if self.problem:
            raise TemplateError(self.problem)

    def take(self, *paths: Path) -> str:
        """Let the loop take a burst; return what it says of it."""
        self.said.seek(0)
        self.said.truncate()
        self.loop._take(Quiet(), set(paths))  # type: ignore[arg-type]
        return self.said.getvalue()


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Give a session with one module."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return Session(tmp_path, monkeypatch)


def test_a_refused_template_is_said_each_time(session: Session) -> None:
    """It is named with its reason whenever it is saved, no reset is announced, and what was saved
    with it is brought to where it runs.
    """
    session.wanted, session.problem = "new", "template.yaml:7: no such type"
    for _ in range(2):
        said = session.take(TEMPLATE)
        assert "error: template.yaml:7: no such type" in said
        assert "stays as it is" in said
        assert "reset" not in said
    session.module.write_text("ONE = 2\n")
    assert "template.yaml:7" in session.take(TEMPLATE, session.module)
    assert session.did == ["updated"]
    assert "template.yaml:7" not in session.take(session.module)


def test_one_save_in_several_steps_is_judged_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events of a template that is as it was looked at say nothing."""
    monkeypatch.setattr(loops, "_stamp", lambda _: (1,))
    session.wanted, session.problem = "new", "template.yaml:7: no such type"
    assert "error" in session.take(TEMPLATE)
    assert session.take(TEMPLATE) == ""


def test_a_template_waits_for_code_that_is_whole(session: Session) -> None:
    """One that is saved while the code is broken is mentioned, and deployed when that is
    mended; one that is put back meanwhile is forgotten.
    """
    session.module.write_text("ONE = (\n")
    session.wanted = "new"
    said = session.take(TEMPLATE)
    assert "one.py:1: SyntaxError" in said
    assert "is deployed once the code is whole again" in said
    assert "reset" not in said
    session.module.write_text("ONE = 2\n")
    assert "reset" in session.take(session.module)
    assert session.did == ["replaced"]

    session.module.write_text("ONE = (\n")
    session.wanted = "another"
    session.take(TEMPLATE)
    session.wanted = None
    session.take(TEMPLATE)
    session.module.write_text("ONE = 3\n")
    session.take(session.module)
    assert session.did == ["replaced", "updated"]


def test_an_endpoint_that_is_away(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and the code is brought there with the next save."""

    def away(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with monkeypatch.context() as patch:
        patch.setattr(loops, "update", away)
        session.module.write_text("ONE = 2\n")
        assert "Could not connect to the endpoint" in session.take(session.module)
    assert "Updated the functions" in session.take(session.module)
