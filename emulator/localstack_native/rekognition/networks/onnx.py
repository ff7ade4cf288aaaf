"""Writer of ONNX models, with the messages that feed-forward networks need.

The format is Protocol Buffers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. The ``onnx``
package is larger than the networks, so it is not used.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float32] | NDArray[np.int64]
type Attribute = int | float | str | Sequence[int]

_IR_VERSION = 8
_OPSET = 17
_VARINT, _LENGTH, _FIXED32 = 0, 2, 5
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType


class Graph:
    """A network under construction. Values are named; each operation returns its output's name."""

    def __init__(self, inputs: dict[str, Sequence[int]]) -> None:
        self._inputs = inputs
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, array: Array) -> str:
        """Add a constant tensor, such as a weight; return its name."""
        name = f"c{len(self._constants)}"
        is_float = array.dtype == np.float32
        self._constants.append(
            _message(
                *(_varint_field(1, size) for size in array.shape),
                _varint_field(2, _FLOAT if is_float else _INT64),
                _field(8, name.encode()),
                _field(9, np.ascontiguousarray(array).tobytes()),
            )
        )
        return name

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add an operation with one output; return the output's name."""
        output = f"v{len(self._nodes)}"
        self._node(operator, inputs, output, attributes)
        return output

    def model(self, outputs: dict[str, tuple[str, Sequence[int]]]) -> bytes:
        """Return the model; ``outputs`` maps output names to values and their shapes."""
        for name, (value, _) in outputs.items():
            self._node("Identity", (value,), name, {})
        graph = _message(
            *(_field(1, node) for node in self._nodes),
            _field(2, b"network"),
            *(_field(5, constant) for constant in self._constants),
            *(_field(11, _described(name, shape)) for name, shape in self._inputs.items()),
            *(_field(12, _described(name, shape)) for name, (_, shape) in outputs.items()),
        )
        return _message(
            _varint_field(1, _IR_VERSION),
            _field(7, graph),
            _field(8, _varint_field(2, _OPSET)),
        )

    def _node(
        self, operator: str, inputs: Iterable[str], output: str, attributes: dict[str, Attribute]
    ) -> None:
        self._nodes.append(
            _message(
                *(_field(1, name.encode()) for name in inputs),
                _field(2, output.encode()),
                _field(4, operator.encode()),
                *(_field(5, _attribute(name, value)) for name, value in attributes.items()),
            )
        )


def _attribute(name: str, value: Attribute) -> bytes:
    # The last field is AttributeProto.AttributeType.
    match value:
        case int():
            content = _varint_field(3, value), _varint_field(20, 2)
        case float():
            content = _tag(2, _FIXED32) + struct.pack("<f", value), _varint_field(20, 1)
        case str():
            content = _field(4, value.encode()), _varint_field(20, 3)
        case _:
            content = b"".join(_varint_field(8, each) for each in value), _varint_field(20, 7)
    return _message(_field(1, name.encode()), *content)


def _described(name: str, shape: Sequence[int]) -> bytes:
    dimensions = b"".join(_field(1, _varint_field(1, size)) for size in shape)
    tensor = _varint_field(1, _FLOAT) + _field(2, dimensions)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _message(*fields: bytes) -> bytes:
    return b"".join(fields)


def _field(number: int, content: bytes) -> bytes:
    return _tag(number, _LENGTH) + _varint(len(content)) + content


def _varint_field(number: int, value: int) -> bytes:
    return _tag(number, _VARINT) + _varint(value)


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    value &= 2**64 - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
