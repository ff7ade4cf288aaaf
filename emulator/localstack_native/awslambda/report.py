"""Platform log lines of a function: INIT_START, START, END, REPORT."""

import math


def init_start(runtime_version: str) -> str:
    """Return the line before the init phase."""
    return f"INIT_START Runtime Version: {runtime_version}\n"


def init_report(seconds: float, status: str) -> str:
    """Return the line for an init phase that timed out; the invocation repeats it."""
    return f"INIT_REPORT Init Duration: {seconds * 1000:.2f} ms\tPhase: init\tStatus: {status}\n"


def start(request_id: str, version: str) -> str:
    """Return the line before the function's first line."""
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str) -> str:
    """Return the line after the function's last line."""
    return f"END RequestId: {request_id}\n"


def report(
    request_id: str,
    *,
    seconds: float,
    init_seconds: float | None,
    memory_mib: int,
    peak_mib: int,
    status: str | None = None,
    error_type: str | None = None,
) -> str:
    """Return the line with an invocation's usage. AWS bills the init phase since August 2025."""
    billed = math.ceil((seconds + (init_seconds or 0)) * 1000)
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {seconds * 1000:.2f} ms",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {memory_mib} MB",
        f"Max Memory Used: {min(peak_mib, memory_mib)} MB",
    ]
    if init_seconds is not None:
        fields.append(f"Init Duration: {init_seconds * 1000:.2f} ms")
    if status:
        fields.append(f"Status: {status}")
    if error_type and status != "timeout":
        fields.append(f"Error Type: {error_type}")
    return "\t".join(fields) + "\n"
