"""What `darkroom watch` does while the cloud is away, and of what it hears nothing more."""

import io
import itertools
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError
from rich.console import Console

from darkroom.cloud import Cloud
from darkroom.watch.outage import (
    CALM_SECONDS,
    LONGEST_SECONDS,
    Outage,
    is_passing,
)
from darkroom.watch.progress import Board
from darkroom.watch.stable_files import Settling
from darkroom.watch.stalled import (
    LOOK_SECONDS,
    PATIENCE_SECONDS,
    SUSPECT_SECONDS,
    Lost,
)
from darkroom.watch.watcher import Watch

AWAY = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")


def refused(code: str) -> ClientError:
    """Return an error of AWS's."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


def wrapped(error: Exception) -> Exception:
    """Return what boto3 makes of an error of an upload."""
    try:
        try:
            raise error
        except ClientError:
            raise S3UploadFailedError("Failed to upload")  # noqa: B904 (as boto3 does)
    except S3UploadFailedError as raised:
        return raised


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AWAY, True),
        (refused("NoSuchBucket"), True),
        (wrapped(refused("503")), True),
        (refused("AccessDenied"), False),
        (wrapped(refused("AccessDenied")), False),
        (OSError(), False),
    ],
)
def test_which_errors_pass(error: Exception, *, expected: bool) -> None:
    """Those of the network, and of stacks that are not there yet; in boto3's wrapping, too."""
    assert is_passing(error) == expected


def test_an_outage_is_said_once() -> None:
    """It is asked at growing intervals whether it is over; its end is said, and one that follows
    soon is taken for the same.
    """
    asked: list[float] = []
    said: list[str] = []
    now, end = 0.0, 100.0

    def ask() -> None:
        asked.append(now)
        if now < end:
            raise AWAY

    outage = Outage(ask, said.append)
    assert outage.is_over(now)
    outage.begin(AWAY, now)
    outage.begin(AWAY, now)
    while not outage.is_over(now):
        now += 0.125
    assert [line[:12] for line in said] == ["The endpoint"] * 2
    assert "127.0.0.1:4566" in said[0]
    pauses = [after - before for before, after in itertools.pairwise(asked)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(LONGEST_SECONDS, abs=0.2)
    outage.begin(AWAY, now + 1)
    assert outage.is_over(now + 1 + LONGEST_SECONDS)
    assert len(said) == 2
    outage.begin(AWAY, now + 2 * (CALM_SECONDS + LONGEST_SECONDS))
    assert len(said) == 3


def test_what_is_lost() -> None:
    """With nothing in the queue, what an outage may have taken is soon called lost, all else later;
    with something in it, nothing is.
    """
    is_idle = False
    lost = Lost(lambda: is_idle)
    lost.suspect(["a"])

    def found(begin: float, end: float) -> dict[str, float]:
        waiting, when = {"a", "b"}, {}
        while begin < end:
            for key in lost.look(begin, waiting):
                when[key] = begin
            waiting -= when.keys()
            begin += LOOK_SECONDS
        return when

    assert found(0, 300) == {}
    is_idle = True
    when = found(300, 500)
    assert when["a"] - 300 == pytest.approx(SUSPECT_SECONDS, abs=LOOK_SECONDS)
    assert when["b"] - 300 == pytest.approx(PATIENCE_SECONDS, abs=LOOK_SECONDS)


class Catalog:
    """Entries by their keys."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """Return an entry, or None."""
        return self.known.get(key)


class World(Cloud):
    """A cloud that can go away; what is uploaded is done where ``works`` says so."""

    def __init__(self) -> None:
        super().__init__({"RawBucket": "raw"})
        vars(self).update(s3=self, catalog=Catalog(), away=False, works=True, sent=[])

    def _check(self) -> None:
        if vars(self)["away"]:
            raise AWAY

    def list_objects_v2(self, **_: Any) -> None:
        """Answer, if it is there."""
        self._check()

    def head_object(self, **_: str) -> None:
        """Know of no original."""
        self._check()
        raise refused("404")

    def delete_object(self, **asked: str) -> None:
        """Note what is deleted."""
        self._check()
        vars(self)["sent"].append(f"-{asked['Key']}")

    def upload(self, _: Path, key: str, *__: Any) -> None:
        """Note what is uploaded."""
        self._check()
        vars(self)["sent"].append(key)
        if vars(self)["works"]:
            number = str(len(vars(self)["sent"]))
            done = {"filename": key, "status": "done", "sequencer": number, "renditions": []}
            self.catalog.known[key] = done  # type: ignore[attr-defined]

    def entries(self, _: Any) -> dict[str, Any]:
        """Return all entries."""
        self._check()
        return dict(self.catalog.known)  # type: ignore[attr-defined]

    def queue_depths(self) -> dict[str, int]:
        """Return that nothing waits."""
        self._check()
        return {"waiting": 0, "in flight": 0, "dead": 0}


class Pool:
    """Does at once what it is given."""

    def submit(self, do: Any, *given: Any, **named: Any) -> "Future[Any]":
        """Return what has been done."""
        future: Future[Any] = Future()
        try:
            future.set_result(do(*given, **named))
        except Exception as error:  # noqa: BLE001 (as pools do)
            future.set_exception(error)
        return future


class Session:
    """The command's work, a step of time after the other."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, **options: bool) -> None:
        self.world = World()
        self.root = root
        self.output = io.StringIO()
        self.watch = Watch(self.world, root, Board(Console(file=self.output, width=200)), **options)  # type: ignore[arg-type]
        self.settling = Settling(root)
        self.now = 0.0
        monkeypatch.setattr("darkroom.watch.watcher.time.monotonic", lambda: self.now)

    def set(self, **state: bool) -> None:
        """Let the cloud be so."""
        vars(self.world).update(state)

    def pass_seconds(self, seconds: float) -> str:
        """Let time pass; return all that was said until then."""
        quiet: Any = type("Quiet", (), {"take_complete": lambda _: set()})()
        pool: Any = Pool()
        end = self.now + seconds
        while self.now < end:
            self.watch._work(pool, self.settling, quiet)
            self.now += 0.5
        return self.output.getvalue()

    @property
    def sent(self) -> list[str]:
        """What was uploaded."""
        return list(vars(self.world)["sent"])


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Give a folder that is watched, with one picture."""
    (tmp_path / "a.jpg").write_bytes(b"one")
    return Session(tmp_path, monkeypatch, delete=True)


def test_uploads_wait_for_the_endpoint(session: Session) -> None:
    """What is dropped while it is away is uploaded when it answers; nothing is called failed."""
    session.set(away=True)
    assert session.pass_seconds(30).count("endpoint does not answer") == 1
    assert session.sent == []
    session.set(away=False)
    said = session.pass_seconds(30)
    assert session.sent == ["a.jpg"]
    assert "The endpoint answers again" in said
    assert "done     a.jpg" in said
    assert "failed" not in said


def test_what_an_outage_has_lost_is_sent_again(session: Session) -> None:
    """A picture that was pending when the endpoint went away, and is in no queue when that is back,
    is uploaded once more.
    """
    session.set(works=False)
    session.pass_seconds(10)
    session.set(away=True)
    session.pass_seconds(10)
    session.set(away=False, works=True)
    said = session.pass_seconds(40)
    assert session.sent == ["a.jpg", "a.jpg"]
    assert "done     a.jpg" in said


def test_what_is_lost_while_it_is_fetched(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture whose renditions were being saved when all was lost is uploaded once more."""

    def dies(*_: object) -> str:
        session.set(away=True)
        session.world.catalog.known.clear()  # type: ignore[attr-defined]
        raise AWAY

    with monkeypatch.context() as patch:
        patch.setattr(Watch, "_fetch", dies)
        session.pass_seconds(5)
    session.set(away=False)
    said = session.pass_seconds(30)
    assert session.sent == ["a.jpg", "a.jpg"]
    assert "done     a.jpg" in said


def test_what_is_lost_twice_is_said(session: Session) -> None:
    """A picture of which nothing is heard is not waited for without end."""
    session.set(works=False)
    said = session.pass_seconds(3 * PATIENCE_SECONDS)
    assert session.sent == ["a.jpg", "a.jpg"]
    assert "failed   a.jpg" in said
    assert "darkroom check --repair" in said
    assert not session.watch._followed


def test_deletions_wait_for_the_endpoint(session: Session) -> None:
    """A file that is deleted while the endpoint is away has its original deleted later."""
    session.pass_seconds(10)
    (session.root / "a.jpg").unlink()
    session.set(away=True)
    session.pass_seconds(10)
    session.set(away=False)
    said = session.pass_seconds(10)
    assert session.sent == ["a.jpg", "-a.jpg"]
    assert "deleted, too" in said


def test_other_errors_end_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What asking again would not mend is not taken for an outage."""

    def denied(*_: object) -> None:
        raise refused("AccessDenied")

    session.set(works=False)
    session.pass_seconds(5)
    monkeypatch.setattr(World, "entries", denied)
    with pytest.raises(ClientError):
        session.pass_seconds(5)
