"""EfficientNet-Lite0 as an ONNX model, from the weights of its PyTorch checkpoint.

M. Tan and Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
2019; https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite. The lite
variants have neither squeeze-and-excitation nor swish.
"""

import numpy as np
from numpy.typing import NDArray

from localstack_native.rekognition.networks.checkpoint import Weights
from localstack_native.rekognition.networks.onnx import Graph

SIDE = 224
CLASSES = 1000

# Repeats, kernel, first stride, expansion, output channels.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM_CHANNELS = 32
_EPSILON = 1e-3


def build(weights: Weights) -> bytes:
    """Return the model: ``image``, 1×3×224×224 in [-1, 1], to ``logits`` of the 1000 classes."""
    network = _Network(weights)
    value = network.convolve("image", "_conv_stem", "_bn0", stride=2)
    channels, block = _STEM_CHANNELS, 0
    for repeats, _, first_stride, expansion, out in _STAGES:
        for index in range(repeats):
            stride = first_stride if index == 0 else 1
            shortcut = value if stride == 1 and channels == out else None
            value = network.block(f"_blocks.{block}", value, stride, expansion, shortcut)
            channels, block = out, block + 1
    value = network.convolve(value, "_conv_head", "_bn1")
    graph = network.graph
    value = graph.add("GlobalAveragePool", value)
    value = graph.add("Flatten", value)
    kernel, bias = graph.constant(weights["_fc.weight"]), graph.constant(weights["_fc.bias"])
    logits = graph.add("Gemm", value, kernel, bias, transB=1)
    return graph.model({"logits": (logits, (1, CLASSES))})


class _Network:
    """Layers by their names in the checkpoint."""

    def __init__(self, weights: Weights) -> None:
        self.graph = Graph({"image": (1, 3, SIDE, SIDE)})
        self._weights = weights
        zero, six = np.float32(0), np.float32(6)
        self._bounds = self.graph.constant(np.array(zero)), self.graph.constant(np.array(six))

    def block(
        self, name: str, value: str, stride: int, expansion: int, shortcut: str | None
    ) -> str:
        """Add an inverted residual: expand, filter each channel, project."""
        if expansion > 1:
            value = self.convolve(value, f"{name}._expand_conv", f"{name}._bn0")
        value = self.convolve(value, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        value = self.convolve(value, f"{name}._project_conv", f"{name}._bn2", linear=True)
        return self.graph.add("Add", value, shortcut) if shortcut else value

    def convolve(
        self, value: str, name: str, norm: str, stride: int = 1, *, linear: bool = False
    ) -> str:
        """Add a convolution with its batch normalization folded in, and ReLU6 unless linear."""
        kernel, bias = self._folded(name, norm)
        value = self.graph.add(
            "Conv",
            value,
            self.graph.constant(kernel),
            self.graph.constant(bias),
            strides=(stride, stride),
            auto_pad="SAME_UPPER",
            # One input channel a filter where each channel has its own.
            group=kernel.shape[0] if "depthwise" in name else 1,
        )
        return value if linear else self.graph.add("Clip", value, *self._bounds)

    def _folded(self, name: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        weights = self._weights
        variance = weights[f"{norm}.running_var"]
        deviation: NDArray[np.float32] = np.sqrt(variance + np.float32(_EPSILON))
        scale = weights[f"{norm}.weight"] / deviation
        bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        return weights[f"{name}.weight"] * scale[:, None, None, None], bias
