"""Ages, counts and paths as people read them."""

from pathlib import Path

from darkroom.clock import clock


def age(timestamp: str) -> str:
    """Return the time since an ISO 8601 timestamp in its largest unit."""
    seconds = round(clock.seconds_since(timestamp))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural where it needs one."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def short_path(path: str | Path) -> str:
    """Return a path relative to the current folder if it is below; other texts are unchanged."""
    path = Path(path)
    if not path.is_absolute() and not path.exists():
        return str(path)
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
