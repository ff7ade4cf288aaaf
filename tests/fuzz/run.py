"""Run the fuzzer for a time, and again after each crash; what it finds is collected."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz import seeds

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
    """Fuzz for so long; answers how many findings there are, earlier ones among them."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    CORPUS.mkdir(exist_ok=True)
    seeds.main(FOLDER / "seeds")
    environment = {
        **os.environ,
        "FUZZ_FINDINGS": str(FINDINGS),
        # One thread: what one input reaches is not counted for another.
        "PYTHON_CPU_COUNT": "1",
    }
    end = time.monotonic() + seconds
    while (left := int(end - time.monotonic())) > 0:
        command = [
            sys.executable, "-m", "tests.fuzz.decode_render", *OPTIONS,
            f"-max_total_time={left}", str(CORPUS), str(FOLDER / "seeds"),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=HERE.parents[1], env=environment, check=False)
        if done.returncode == 1:  # Python's own: what is to be fuzzed cannot even be imported
            return 1
    found = [file for file in FINDINGS.iterdir() if file.suffix != ".txt"]
    print(f"{len(found)} findings in {FINDINGS}")  # noqa: T201
    return len(found)


if __name__ == "__main__":
    sys.exit(min(1, main(float(sys.argv[1]))))
