"""Timeline of a 24 megapixel image in the deployed pipeline, drawn for the documentation."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from darkroom.cloud import Cloud

SAMPLE = Path(__file__).parents[1] / "samples" / "mountains.jpg"
SIZE = (6000, 4000)
DARKROOM = Path(sys.executable).with_name("darkroom")
SECONDS = 30


def main() -> None:
    """Write the drawing to the file of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder, "panorama.jpg")
        Image.open(SAMPLE).resize(SIZE, Image.Resampling.BICUBIC).save(large, quality=92)
        # The first is for the cold start.
        for name in ("warm/panorama.jpg", "panorama.jpg"):
            prefix = name.removesuffix(large.name)
            _run("upload", str(large), "--recipe", "responsive", "--prefix", prefix)
    _wait_for_the_log()
    _run("trace", large.name, "--svg", sys.argv[1])


def _run(*arguments: str) -> str:
    done = subprocess.run([DARKROOM, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _wait_for_the_log() -> None:
    """Wait for the attempt's last log line: logs are later than the entry."""
    deadline = time.monotonic() + SECONDS
    entry = Cloud.find("darkroom").catalog.get("panorama.jpg")
    while time.monotonic() < deadline:
        lines = _run("logs", "--image", "panorama.jpg", "--since", "2m", "--json")
        done = [line for line in lines.splitlines() if '"message":"done"' in line]
        if entry and any(entry["sequencer"] in line for line in done):
            return
        time.sleep(0.2)
    sys.exit(f'The log has no line "done" after {SECONDS} s.')


if __name__ == "__main__":
    main()
