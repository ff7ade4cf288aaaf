"""Protocol of the Python workers: one job per line in, one measurement per line out.

A job has an input, a recipe and, if the files are wanted, a folder for them. The response has the
CPU time (all threads and children, user and system) and the wall time from the input's bytes to the
outputs' bytes, both in milliseconds, and each output's size; or an error.
"""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

type Render = Callable[[bytes, dict[str, Any]], dict[str, bytes]]
"""From an input's bytes and a recipe to the bytes of each output, by file name."""


def serve(versions: dict[str, str], render: Render) -> None:
    """Print the versions, then run jobs until the input ends."""
    print(json.dumps(versions), flush=True)
    path, data = None, b""
    for line in sys.stdin:
        job = json.loads(line)
        if job["input"] != path:
            path, data = job["input"], Path(job["input"]).read_bytes()
        print(json.dumps(_measured(data, job, render)), flush=True)


def _measured(data: bytes, job: dict[str, Any], render: Render) -> dict[str, Any]:
    gc.collect()
    cpu, wall = _cpu_seconds(), time.perf_counter()
    try:
        outputs = render(data, job["recipe"])
    except Exception as error:  # noqa: BLE001  # the driver shows it, whatever it is
        return {"error": f"{type(error).__name__}: {error}"}
    cpu, wall = _cpu_seconds() - cpu, time.perf_counter() - wall
    for name, output in outputs.items() if job["into"] else ():
        (Path(job["into"]) / name).write_bytes(output)
    sizes = {name: len(output) for name, output in outputs.items()}
    return {"cpu": cpu * 1000, "wall": wall * 1000, "files": sizes}


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
