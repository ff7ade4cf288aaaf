"""Debounced file system events."""

from pathlib import Path

from darkroom.watch.file_events import FileEvents
from tests.speed import LIMIT


def test_a_save_is_one_burst(tmp_path: Path) -> None:
    """All paths of an editor's save arrive together; reading a file is no event."""
    file, beside = tmp_path / "a.py", tmp_path / ".a.py.tmp"
    with FileEvents([tmp_path]) as events:
        for number in range(50):
            beside.write_text(str(number))
            beside.replace(file)
        assert {file, beside} <= events.wait(LIMIT)
        assert file in events.take_closed()
        assert events.take_closed() == set()
        file.read_text()
        assert events.wait(0.2) == set()
