"""How a step may end besides well. The state machine knows them by these names."""

import msgspec

from processor.catalog.entries import Failure
from processor.errors import PermanentError


class UnprocessableError(Exception):
    """The picture cannot be processed, now or later; the message is a ``Failure``, as JSON."""

    @classmethod
    def of(cls, error: PermanentError) -> "UnprocessableError":
        """What the picture's fault is."""
        return cls(msgspec.json.encode(Failure(code=error.code, message=error.message)).decode())
