"""Memory use of a function's processes together."""

from localstack_native.awslambda.supervisor import descendants

KIB_PER_MIB = 1024


class MemoryWatch:
    """Peak memory of the processes below one supervisor.

    * One process, the usual case: its high-water mark of resident memory (``VmHWM``). The kernel
      records it, so no peak between two samples is missed.
    * Several processes: the sum of their proportional sizes (``Pss``), which counts a page that
      forked processes share once. Peaks between two samples are missed.

    Limits on address space or data (``RLIMIT_AS``, ``RLIMIT_DATA``) are no substitute: they count
    reserved memory, and fail threads and allocations that AWS allows.
    """

    def __init__(self, supervisor: int) -> None:
        self._supervisor = supervisor
        self.peak_kib = 0

    @property
    def peak_mib(self) -> int:
        """The peak in megabytes, as REPORT lines give it."""
        return -(-self.peak_kib // KIB_PER_MIB)

    def sample(self) -> int:
        """Measure the memory; return the peak so far in KiB."""
        processes = descendants(self._supervisor)
        if len(processes) == 1:
            total = _read_kib(processes[0], "status", "VmHWM:")
        else:
            total = sum(_read_kib(pid, "smaps_rollup", "Pss:") for pid in processes)
        self.peak_kib = max(self.peak_kib, total)
        return self.peak_kib


def _read_kib(pid: int, file: str, field: str) -> int:
    try:
        with open(f"/proc/{pid}/{file}", encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith(field):
                    return int(line.split()[1])
    except OSError:
        pass  # the process ended meanwhile
    return 0
