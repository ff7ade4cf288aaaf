"""Cold-start benchmark: import time of the image engine, and size of the layer.

Imports the engine in new interpreters, from the deployed code and layer with their bytecode.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from localstack_init.build import build_layer
from localstack_init.function_code import build_code

ROUNDS = 15
TOTAL = re.compile(r"\|\s*(\d+) \| processor\.images$", re.MULTILINE)
"""The line of ``-X importtime`` with the engine's cumulative time in microseconds."""


def main() -> None:
    """Measure, and print the results."""
    with tempfile.TemporaryDirectory() as folder:
        code, layer = Path(folder, "code"), Path(folder, "layer")
        zipfile.ZipFile(build_code().path).extractall(code)
        zipfile.ZipFile(build_layer("host").path).extractall(layer)
        environment = {**os.environ, "PYTHONPATH": f"{code}:{layer / 'python'}"}
        command = [sys.executable, "-S", "-X", "importtime", "-c", "import processor.images"]
        times = []
        for _ in range(ROUNDS):
            done = subprocess.run(
                command, env=environment, cwd=folder, capture_output=True, text=True, check=True
            )
            times.append(int(TOTAL.findall(done.stderr)[0]) / 1000)
        size = sum(file.stat().st_size for file in layer.rglob("*") if file.is_file())
    print(f"import of the engine: median {statistics.median(times):.0f} ms of {ROUNDS} imports")
    print(f"layer, unzipped:      {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
