"""Fuzzing for a given time, restarted after each crash; findings are collected."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.features import TEXTS, features, owned_heic
from tests.fuzz.seeds import TEXT, heic, seeds

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".darkroom" / "fuzz"
CORPUS, FINDINGS = FOLDER / "corpus", FOLDER / "findings"

OPTIONS = (
    "-timeout=10",
    "-rss_limit_mb=1024",
    "-max_len=8192",
    "-print_final_stats=1",
    "-close_fd_mask=3",
    f"-dict={HERE / 'formats.dict'}",
    f"-artifact_prefix={FINDINGS}/",
)


def main(seconds: float) -> int:
    """Fuzz for the given time; returns the number of findings, including earlier ones."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    CORPUS.mkdir(exist_ok=True)
    write_seeds(FOLDER / "seeds")
    environment = {
        **os.environ,
        "FUZZ_FINDINGS": str(FINDINGS),
        # One thread: coverage of one input is not attributed to another.
        "PYTHON_CPU_COUNT": "1",
    }
    end = time.monotonic() + seconds
    while (left := int(end - time.monotonic())) > 0:
        command = [
            sys.executable, "-m", "tests.fuzz.decode_render", *OPTIONS,
            f"-max_total_time={left}", str(CORPUS), str(FOLDER / "seeds"),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=HERE.parents[1], env=environment, check=False)
        if done.returncode == 1:  # Python's exit code: the target could not be imported
            return 1
    found = [file for file in FINDINGS.iterdir() if file.suffix != ".txt"]
    print(f"{len(found)} findings in {FINDINGS}")  # noqa: T201
    return len(found)


def write_seeds(folder: Path) -> None:
    """Write all seeds, each preceded by the byte that chooses its recipe."""
    folder.mkdir(exist_ok=True)
    for number, (name, data) in enumerate((*seeds(), *features(), *heic(), *owned_heic())):
        for recipe in range(3):
            choice = bytes([128 * (recipe == 2) + (number + 3 * recipe) % 100])
            (folder / f"{name}-{recipe}").write_bytes(choice + data)
    for number, text in enumerate(TEXTS):
        for options in (0, 0b0110_0000 | number, 0b1000_0111):
            (folder / f"text-{number}-{options}").write_bytes(
                bytes([TEXT, options]) + text.encode()
            )


if __name__ == "__main__":
    sys.exit(min(1, main(float(sys.argv[1]))))
