"""Reader of FlatBuffers tables by field number, without generated code."""

from typing import Any, Self

from flatbuffers import encode, number_types
from flatbuffers.table import Table

INT8 = number_types.Int8Flags
UINT8 = number_types.Uint8Flags
INT32 = number_types.Int32Flags
UINT32 = number_types.Uint32Flags
BOOL = number_types.BoolFlags


class Fields:
    """A table. An absent field has the given default, or is empty."""

    def __init__(self, buffer: bytes, position: int) -> None:
        self._table = Table(buffer, position)

    @classmethod
    def root(cls, buffer: bytes) -> Self:
        """Return the root table of a file."""
        return cls(buffer, encode.Get(number_types.UOffsetTFlags.packer_type, buffer, 0))

    def number(self, field: int, kind: Any, default: int = 0) -> int:
        """Return a scalar."""
        offset = self._offset(field)
        return int(self._table.Get(kind, self._table.Pos + offset)) if offset else default

    def array(self, field: int, kind: Any) -> Any:
        """Return a vector of scalars as a numpy array; None if it is absent."""
        offset = self._offset(field)
        return self._table.GetVectorAsNumpy(kind, offset) if offset else None

    def table(self, field: int) -> "Fields | None":
        """Return the table in a field or a union; None if it is absent."""
        offset = self._offset(field)
        if not offset:
            return None
        return Fields(self._table.Bytes, self._table.Indirect(self._table.Pos + offset))

    def tables(self, field: int) -> "list[Fields]":
        """Return a vector of tables."""
        offset = self._offset(field)
        if not offset:
            return []
        start, length = self._table.Vector(offset), self._table.VectorLen(offset)
        return [
            Fields(self._table.Bytes, self._table.Indirect(start + 4 * index))
            for index in range(length)
        ]

    def _offset(self, field: int) -> int:
        return int(self._table.Offset(4 + 2 * field))
