"""CPU time and peak memory of processes during a measurement."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.5


@dataclass(slots=True)
class Taken:
    """CPU time and memory by kind of process."""

    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """CPU seconds."""
    peaks: dict[str, list[float]] = field(default_factory=dict)
    """Peak resident memory of each process since its start, in MB of 1024 x 1024 bytes."""


@dataclass(slots=True)
class Watch:
    """Samples processes twice a second."""

    find: Callable[[], dict[psutil.Process, str]]
    _before: dict[psutil.Process, float] = field(default_factory=dict)
    _last: dict[psutil.Process, tuple[str, float, float]] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[Taken]:
        """Sample during the block; the result is complete at its end."""
        self._last.clear()
        self._sample()
        self._before = {process: cpu for process, (_, cpu, _) in self._last.items()}
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=[over], daemon=True)
        thread.start()
        own = time.process_time()
        taken = Taken()
        try:
            yield taken
        finally:
            over.set()
            thread.join()
            self._sample()
            taken.cpu["uploader"] = time.process_time() - own
            for process, (name, cpu, peak) in self._last.items():
                taken.cpu[name] += cpu - self._before.get(process, 0)
                taken.peaks.setdefault(name, []).append(peak)

    def _run(self, over: threading.Event) -> None:
        while not over.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        for process, name in self.find().items():
            try:
                times = process.cpu_times()
                self._last[process] = name, times.user + times.system, _peak(process.pid)
            except (psutil.Error, OSError, StopIteration):
                continue  # it has ended


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
