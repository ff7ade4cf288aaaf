"""The log of a function: what it writes to stdout and stderr."""

from pathlib import Path

TRUNCATE_BYTES = 1 << 20


class FunctionLog:
    """A file that the runtime appends to and LocalStack reads, each with its own descriptor.

    (A descriptor that both share has one offset, and reading would lose lines.)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch(mode=0o600)
        self._file = path.open("rb")

    def take(self) -> str:
        """Return the lines that were written since the last call."""
        if self._file.closed:
            return ""
        text = self._file.read().decode(errors="replace")
        if self._file.tell() > TRUNCATE_BYTES:
            # The runtime's descriptor appends: it continues at the new end.
            self.path.open("wb").close()
            self._file.seek(0)
        # awslambdaric joins the lines of an error by "\r", which AWS's agent splits again.
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text if not text or text.endswith("\n") else text + "\n"

    def close(self) -> None:
        """Close the reading descriptor."""
        self._file.close()
