"""Changes of files, as many as belong together."""

from pathlib import Path

from darkroom.dev.bursts import Bursts


def test_a_burst_is_one(tmp_path: Path) -> None:
    """All steps of an editor's save come at once, and reading is none of them."""
    file, beside = tmp_path / "a.py", tmp_path / ".a.py.tmp"
    with Bursts([tmp_path]) as bursts:
        for number in range(50):
            beside.write_text(str(number))
            beside.replace(file)
        assert {file, beside} <= bursts.wait(5)
        assert file in bursts.take_complete()
        assert bursts.take_complete() == set()
        file.read_text()
        assert bursts.wait(0.2) == set()
