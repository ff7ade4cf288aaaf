"""Cold-start benchmark: CPU time of the image engine's import, sizes of the layer and the code.

Imports the engine in new interpreters, from the deployed code and layer with their bytecode. With
``--before``, another installed checkout takes turns with this one.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROUNDS = 25
BUILD = """
from localstack_init.build import build_layer
from localstack_init.function_code import build_code
print(build_code().path, build_layer("host").path, sep="\\n")
"""


class Deployed:
    """The code and the layer of a checkout, as a function finds them."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        python = checkout / ".venv" / "bin" / "python"
        built = subprocess.run(
            [python, "-c", BUILD], cwd=checkout, capture_output=True, text=True, check=True
        )
        self.archives = [checkout / path for path in built.stdout.splitlines()[-2:]]
        self._parts = [folder / "code", folder / "layer"]
        for archive, part in zip(self.archives, self._parts, strict=True):
            zipfile.ZipFile(archive).extractall(part)
        self.times: list[float] = []

    def measure(self) -> None:
        """Import the engine once."""
        code, layer = self._parts
        environment = {**os.environ, "PYTHONPATH": f"{code}:{layer / 'python'}"}
        self.times.append(_cpu("import processor.images", environment) - _cpu("", environment))

    def sizes(self) -> str:
        """Return the sizes of the code and the layer, zipped and unzipped, in MB."""
        sizes = [
            f"{part.name} {archive.stat().st_size / 1e6:.2f} MB, unzipped {_bytes(part) / 1e6:.1f}"
            for archive, part in zip(self.archives, self._parts, strict=True)
        ]
        return ", ".join(sizes)


def _cpu(program: str, environment: dict[str, str]) -> float:
    """Return the CPU milliseconds of a new interpreter, which are the same on a busy machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-S", "-P", "-c", program], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser("bench-cold-start", description=__doc__)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    before = parser.parse_args().before
    checkouts = [Path.cwd(), *([before.resolve()] if before else [])]
    with tempfile.TemporaryDirectory() as folder:
        measured = [
            Deployed(each, Path(folder, str(number))) for number, each in enumerate(checkouts)
        ]
        for number in range(ROUNDS + 1):
            for each in measured[:: 1 if number % 2 else -1]:
                each.measure()
        for name, each in zip(("now", "before"), measured, strict=False):
            # The first import writes no bytecode, but fills the machine's file cache.
            times = each.times[1:]
            print(f"{name}: import of the engine {statistics.median(times):.0f} ms; {each.sizes()}")
    if before:
        now, then = (each.times[1:] for each in measured)
        ratio = statistics.median(a / b for a, b in zip(now, then, strict=True))
        print(f"ratio: {ratio:.2f}, the median of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
