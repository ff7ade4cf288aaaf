"""The work of `darkroom watch`, above all during outages and with stalled uploads."""

import io
import unicodedata
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from rich.console import Console

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.watch.progress import ProgressTable
from darkroom.watch.stable_files import StableFiles
from darkroom.watch.stalled import PATIENCE_SECONDS
from darkroom.watch.watcher import Watcher
from processor.catalog.feed import Position

NO_EVENTS: Any = type("NoEvents", (), {"take_closed": lambda _: set()})()
AWAY = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")


def client_error(code: str) -> ClientError:
    """Return an error response of AWS."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


class Catalog:
    """Entries by their keys."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """Return an entry, or None."""
        return self.known.get(key)


class FakeCloud(Cloud):
    """A cloud that can be away, denies reads of entries, and processes uploads if it works."""

    def __init__(self) -> None:
        super().__init__({"RawBucket": "raw"})
        vars(self).update(
            s3=self, catalog=Catalog(), feed=self, away=False, works=True, denies=False, sent=[]
        )

    def _check(self) -> None:
        if vars(self)["away"]:
            raise AWAY

    def list_objects_v2(self, **_: Any) -> None:
        """Return nothing."""
        self._check()

    def head_object(self, **_: str) -> None:
        """Raise the error for a missing original."""
        self._check()
        raise client_error("404")

    def delete_object(self, **request: str) -> None:
        """Record a deletion."""
        self._check()
        vars(self)["sent"].append(f"-{request['Key']}")

    def upload(self, _: Path, key: str, *__: Any) -> None:
        """Record an upload."""
        self._check()
        vars(self)["sent"].append(key)
        if vars(self)["works"]:
            number = str(len(vars(self)["sent"]))
            done = {"filename": key, "status": "done", "sequencer": number, "renditions": []}
            self.catalog.known[key] = done  # type: ignore[attr-defined]

    def entries(self, keys: Any) -> dict[str, Any]:
        """Return the entries that exist."""
        self._check()
        if vars(self)["denies"]:
            raise client_error("AccessDenied")
        return {key: entry for key in keys if (entry := self.catalog.get(key))}

    def newest(self) -> Position:
        """Return the position of the feed, which each upload moves."""
        self._check()
        return Position(len(vars(self)["sent"]), 0)

    def queue_depths(self) -> dict[str, int]:
        """Return empty queues."""
        self._check()
        return {"waiting": 0, "in flight": 0, "dead": 0}


class Pool:
    """Runs work at once."""

    def submit(self, do: Any, *given: Any, **named: Any) -> "Future[Any]":
        """Return the finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(do(*given, **named))
        except Exception as error:  # noqa: BLE001 (as pools do)
            future.set_exception(error)
        return future


class Session:
    """The command's work on a simulated clock."""

    def __init__(self, root: Path) -> None:
        self.cloud = FakeCloud()
        self.root = root
        self.output = io.StringIO()
        progress = ProgressTable(Console(file=self.output, width=200))
        self.watcher = Watcher(self.cloud, root, progress, delete=True, clock=lambda: self.now)
        self.files = StableFiles(root)
        self.now = 0.0

    def set(self, **state: object) -> None:
        """Set the state of the cloud."""
        vars(self.cloud).update(state)

    def pass_seconds(self, seconds: float) -> str:
        """Let time pass; return all output until then."""
        pool: Any = Pool()
        end = self.now + seconds
        while self.now < end:
            self.watcher.work(pool, self.files, NO_EVENTS)
            self.now += 0.5
        return self.output.getvalue()

    @property
    def sent(self) -> list[str]:
        """The uploaded keys, and the deleted ones after a minus."""
        return list(vars(self.cloud)["sent"])


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session with a folder of one image."""
    (tmp_path / "a.jpg").write_bytes(b"one")
    return Session(tmp_path)


def test_uploads_wait_for_the_endpoint(session: Session) -> None:
    """Files that are added during an outage are uploaded at its end; none fails."""
    session.set(away=True)
    assert session.pass_seconds(30).count("endpoint does not respond") == 1
    assert session.sent == []
    session.set(away=False)
    output = session.pass_seconds(30)
    assert session.sent == ["a.jpg"]
    assert "The endpoint responds again" in output
    assert "done     a.jpg" in output
    assert "failed" not in output


def test_uploads_lost_in_an_outage_are_repeated(session: Session) -> None:
    """An image that was pending when the outage began, and is in no queue at its end, is uploaded
    again.
    """
    session.set(works=False)
    session.pass_seconds(10)
    session.set(away=True)
    session.pass_seconds(10)
    session.set(away=False, works=True)
    output = session.pass_seconds(40)
    assert session.sent == ["a.jpg", "a.jpg"]
    assert "done     a.jpg" in output


def test_downloads_lost_in_an_outage_are_repeated(session: Session, tmp_path: Path) -> None:
    """An image whose renditions were being downloaded when the state was lost is uploaded again."""

    def download(*_: object) -> None:
        session.set(away=True)
        session.cloud.catalog.known.clear()  # type: ignore[attr-defined]
        raise AWAY

    session.watcher.out = tmp_path / "out"
    session.set(download=download)
    session.pass_seconds(5)
    session.set(away=False, download=lambda *_: ())
    output = session.pass_seconds(30)
    assert session.sent == ["a.jpg", "a.jpg"]
    assert "done     a.jpg" in output


def test_an_upload_that_stalls_twice_fails(session: Session) -> None:
    """An image without a result is not awaited forever."""
    session.set(works=False)
    output = session.pass_seconds(3 * PATIENCE_SECONDS)
    assert session.sent == ["a.jpg", "a.jpg"]
    assert "failed   a.jpg" in output
    assert "darkroom check --repair" in output
    assert not session.watcher._pending


def test_deletions_wait_for_the_endpoint(session: Session) -> None:
    """The original of a file that is deleted during an outage is deleted at its end."""
    session.pass_seconds(10)
    (session.root / "a.jpg").unlink()
    session.set(away=True)
    session.pass_seconds(10)
    session.set(away=False)
    output = session.pass_seconds(10)
    assert session.sent == ["a.jpg", "-a.jpg"]
    assert "deleted, too" in output


def test_other_errors_end_the_work(session: Session) -> None:
    """An error that does not pass on retry is not an outage."""
    session.set(works=False)
    session.pass_seconds(5)
    session.set(denies=True)
    with pytest.raises(ClientError):
        session.pass_seconds(5)


def test_linked_folders_are_reported(
    session: Session, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A link to a folder is not followed, which is reported once."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "b.jpg").write_bytes(b"two")
    (session.root / "linked").symlink_to(elsewhere)
    (session.root / "loop").symlink_to(session.root)
    output = session.pass_seconds(10)
    assert output.count("linked is a link to a folder, which is not followed") == 1
    assert output.count("loop is a link to a folder") == 1
    assert session.sent == ["a.jpg"]


def test_names_in_another_unicode_form(session: Session) -> None:
    """Keys are in NFC. Of two files that would have one key, the second is not uploaded until the
    first is deleted.
    """
    first, second = (session.root / unicodedata.normalize(form, "é.jpg") for form in ("NFD", "NFC"))
    first.write_bytes(b"one")
    session.pass_seconds(5)
    assert session.sent == ["a.jpg", "é.jpg"]
    second.write_bytes(b"two")
    assert "Not uploaded: it has the key 'é.jpg' of another file" in session.pass_seconds(5)
    assert session.sent == ["a.jpg", "é.jpg"]
    first.unlink()
    session.pass_seconds(10)
    assert session.sent == ["a.jpg", "é.jpg", "-é.jpg", "é.jpg"]


def test_a_file_renamed_to_another_unicode_form(session: Session) -> None:
    """Its original is not deleted with the old name."""
    first, second = (session.root / unicodedata.normalize(form, "é.jpg") for form in ("NFD", "NFC"))
    first.write_bytes(b"one")
    session.pass_seconds(5)
    first.rename(second)
    session.pass_seconds(10)
    assert "-é.jpg" not in session.sent
    assert not session.watcher.work(Pool(), session.files, NO_EVENTS)  # type: ignore[arg-type]


def test_a_stalled_file_in_another_unicode_form(session: Session) -> None:
    """It is found again by its key."""
    (session.root / unicodedata.normalize("NFD", "é.jpg")).write_bytes(b"one")
    session.set(works=False)
    session.pass_seconds(10)
    session.set(away=True)
    session.pass_seconds(10)
    session.set(away=False, works=True)
    session.pass_seconds(40)
    assert session.sent.count("é.jpg") == 2


def test_renditions_that_cannot_be_saved(session: Session, tmp_path: Path) -> None:
    """The image fails with the reason, and the work goes on."""

    def download(*_: object) -> None:
        raise CommandError("a file and a folder would have the same name")

    session.watcher.out = tmp_path / "out"
    session.set(download=download)
    output = session.pass_seconds(5)
    assert "failed   a.jpg  The renditions could not be downloaded: a file and a folder" in output
