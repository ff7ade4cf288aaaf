"""Converter of small float TensorFlow Lite models to ONNX.

The schema: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/lite/schema/schema.fbs,
whose fields are numbered in the order of their declaration. TensorFlow Lite has channels last, ONNX
first: tensors have ONNX's order, and are transposed before a reshape.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localstack_native.rekognition.networks.flatbuffer import (
    BOOL,
    INT8,
    INT32,
    UINT8,
    UINT32,
    Fields,
)
from localstack_native.rekognition.networks.onnx import Graph

# TensorType
_DTYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<f4"), 1: np.dtype("<f2"), 2: np.dtype("<i4")}
_ACTIVATIONS = {1: "Relu", 3: "Relu6"}
_PADDINGS = ("SAME_UPPER", "VALID")
_TO_FIRST, _TO_LAST = (0, 3, 1, 2), (0, 2, 3, 1)  # as axes of the other order


def convert(content: bytes) -> bytes:
    """Return the ONNX model: ``image``, 1×3×H×W, to ``output_0`` and so on, channels last.

    Raises ValueError for an unsupported operator.
    """
    return _Conversion(Fields.root(content)).model


class _Conversion:
    def __init__(self, model: Fields) -> None:
        self._buffers = model.tables(4)
        subgraph = model.tables(2)[0]
        self._tensors = subgraph.tables(0)
        inputs, outputs = subgraph.array(1, INT32), subgraph.array(2, INT32)
        _, height, width, channels = self._shape(inputs[0])
        self._graph = Graph({"image": (1, channels, height, width)})
        self._values = {int(inputs[0]): "image"}
        self._channels_first: set[int] = set()
        self._folded: dict[int, NDArray[Any]] = {}
        # A code above 127 does not fit the older of the two fields.
        codes = [max(each.number(0, INT8), each.number(3, INT32)) for each in model.tables(1)]
        for operation in subgraph.tables(3):
            self._convert(codes[operation.number(0, UINT32)], operation)
        self.model = self._graph.model(
            {
                f"output_{index}": (self._values[int(tensor)], self._shape(tensor))
                for index, tensor in enumerate(outputs)
            }
        )

    def _convert(self, code: int, operation: Fields) -> None:
        name = _OPERATORS.get(code)
        if name is None:
            raise ValueError(f"The TensorFlow Lite operator {code} is not supported.")
        inputs = [int(each) for each in operation.array(1, INT32)]
        (output,) = (int(each) for each in operation.array(2, INT32))
        options = operation.table(4) or _NO_OPTIONS
        if name not in _CHANNELS_LAST:
            self._channels_first.add(output)
        name(self, inputs, output, options)

    def _shape(self, tensor: int) -> list[int]:
        return [int(size) for size in self._tensors[tensor].array(0, INT32)]

    def _constant(self, tensor: int) -> NDArray[Any]:
        """Return a constant tensor."""
        if tensor in self._folded:
            return self._folded[tensor]
        facts = self._tensors[tensor]
        content = self._buffers[facts.number(2, UINT32)].array(0, UINT8).tobytes()
        values = np.frombuffer(content, _DTYPES[facts.number(1, INT8)])
        return values.reshape(self._shape(tensor))

    def _weight(self, tensor: int, axes: Sequence[int] | None = None) -> str:
        array = self._constant(tensor).astype(np.float32)
        return self._graph.constant(array.transpose(axes) if axes else array)

    def _activated(self, value: str, activation: int) -> str:
        if activation == 0:
            return value
        if _ACTIVATIONS[activation] == "Relu6":
            zero, six = (self._graph.constant(np.array(each, np.float32)) for each in (0, 6))
            return self._graph.add("Clip", value, zero, six)
        return self._graph.add("Relu", value)

    def dequantize(self, inputs: list[int], output: int, _: Fields) -> None:
        """Convert weights from half floats."""
        self._folded[output] = self._constant(inputs[0]).astype(np.float32)

    def convolve(self, inputs: list[int], output: int, options: Fields) -> None:
        """Convert a convolution; kernels are output, height, width, input."""
        kernel = self._weight(inputs[1], _TO_FIRST)
        self._convolution(inputs, output, options, kernel, options.number(3, INT8), 1)

    def convolve_channels(self, inputs: list[int], output: int, options: Fields) -> None:
        """Convert a depthwise convolution; kernels are 1, height, width, channel."""
        kernel = self._weight(inputs[1], (3, 0, 1, 2))
        groups = self._shape(inputs[0])[3]
        self._convolution(inputs, output, options, kernel, options.number(4, INT8), groups)

    def _convolution(
        self,
        inputs: list[int],
        output: int,
        options: Fields,
        kernel: str,
        activation: int,
        groups: int,
    ) -> None:
        value = self._graph.add(
            "Conv",
            self._values[inputs[0]],
            kernel,
            self._weight(inputs[2]),
            auto_pad=_PADDINGS[options.number(0, INT8)],
            strides=(options.number(2, INT32), options.number(1, INT32)),
            group=groups,
        )
        self._values[output] = self._activated(value, activation)

    def add(self, inputs: list[int], output: int, options: Fields) -> None:
        """Convert an addition; in these models, no operand is a constant."""
        value = self._graph.add("Add", *(self._values[each] for each in inputs))
        self._values[output] = self._activated(value, options.number(0, INT8))

    def relu(self, inputs: list[int], output: int, _: Fields) -> None:
        """Convert a separate activation."""
        self._values[output] = self._graph.add("Relu", self._values[inputs[0]])

    def max_pool(self, inputs: list[int], output: int, options: Fields) -> None:
        """Convert max pooling; padding is ignored."""
        self._values[output] = self._graph.add(
            "MaxPool",
            self._values[inputs[0]],
            auto_pad=_PADDINGS[options.number(0, INT8)],
            strides=(options.number(2, INT32), options.number(1, INT32)),
            kernel_shape=(options.number(4, INT32), options.number(3, INT32)),
        )

    def pad(self, inputs: list[int], output: int, _: Fields) -> None:
        """Convert padding; TensorFlow Lite has pairs by axis, ONNX all begins and then all ends."""
        amounts = self._constant(inputs[1])[list(_TO_FIRST)].T.reshape(-1).astype(np.int64)
        self._values[output] = self._graph.add(
            "Pad", self._values[inputs[0]], self._graph.constant(amounts)
        )

    def concatenate(self, inputs: list[int], output: int, options: Fields) -> None:
        """Convert a concatenation; in these models, the operands are reshaped before."""
        self._values[output] = self._graph.add(
            "Concat", *(self._values[each] for each in inputs), axis=options.number(0, INT32)
        )

    def logistic(self, inputs: list[int], output: int, _: Fields) -> None:
        """Convert a sigmoid."""
        self._values[output] = self._graph.add("Sigmoid", self._values[inputs[0]])

    def resize(self, inputs: list[int], output: int, options: Fields) -> None:
        """Convert a resize to the output's size."""
        corners, centers = options.number(2, BOOL), options.number(3, BOOL)
        mode = "align_corners" if corners else "half_pixel" if centers else "asymmetric"
        _, height, width, channels = self._shape(output)
        size = self._graph.constant(np.array([1, channels, height, width], np.int64))
        self._values[output] = self._graph.add(
            "Resize",
            self._values[inputs[0]],
            "",
            "",
            size,
            mode="linear",
            coordinate_transformation_mode=mode,
        )

    def reshape(self, inputs: list[int], output: int, _: Fields) -> None:
        """Convert a reshape; its output has channels last."""
        value = self._values[inputs[0]]
        if inputs[0] in self._channels_first:
            value = self._graph.add("Transpose", value, perm=_TO_LAST)
        shape = self._graph.constant(np.array(self._shape(output), np.int64))
        self._values[output] = self._graph.add("Reshape", value, shape)


# The outputs of these operators have TensorFlow Lite's order of axes.
_CHANNELS_LAST = (_Conversion.reshape, _Conversion.concatenate, _Conversion.logistic)
_NO_OPTIONS = Fields(bytes(16), 4)

# BuiltinOperator
_OPERATORS: dict[int, Callable[[_Conversion, list[int], int, Fields], None]] = {
    0: _Conversion.add,
    2: _Conversion.concatenate,
    3: _Conversion.convolve,
    4: _Conversion.convolve_channels,
    6: _Conversion.dequantize,
    14: _Conversion.logistic,
    17: _Conversion.max_pool,
    19: _Conversion.relu,
    22: _Conversion.reshape,
    23: _Conversion.resize,
    34: _Conversion.pad,
}
