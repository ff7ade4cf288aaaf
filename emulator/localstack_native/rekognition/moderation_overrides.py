"""Moderation overrides: labels for harmless test images, which replace the network's result.

An image is recognized by its appearance, not by its bytes: scaled, re-encoded or stripped copies
match as well.
"""

from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from localstack_native.rekognition.image import DecodedImage

# An image's signature has the mean colors of 8 x 8 parts.
_PARTS = 8
# The largest mean difference of copies, of 255, by scaling, JPEG and color profiles. Other images
# differ by several tens.
_TOLERANCE = 8.0


@dataclass(frozen=True)
class Override:
    """An image's signature, and the confidences of its labels."""

    signature: bytes
    labels: dict[str, float]

    @property
    def id(self) -> str:
        """The override's identifier, a hash of the signature."""
        return sha256(self.signature).hexdigest()[:16]


class ModerationOverrides:
    """All overrides; the newest one of an image applies."""

    def __init__(self) -> None:
        self._overrides: list[Override] = []
        self._lock = Lock()

    def add(self, image: DecodedImage, labels: dict[str, float]) -> Override:
        """Set an image's labels; replace an earlier override."""
        override = Override(_signature(image), labels)
        with self._lock:
            others = [each for each in self._overrides if each.id != override.id]
            self._overrides = [override, *others]
        return override

    def remove(self, id_: str) -> bool:
        """Remove an override; return whether it existed."""
        with self._lock:
            others = [each for each in self._overrides if each.id != id_]
            existed = len(others) < len(self._overrides)
            self._overrides = others
        return existed

    def all(self) -> list[Override]:
        """Return the overrides, the newest first."""
        with self._lock:
            return list(self._overrides)

    def find(self, image: DecodedImage) -> dict[str, float] | None:
        """Return the labels of the newest override that matches an image, or None."""
        overrides = self.all()
        if not overrides:
            return None
        signature = _signature(image)
        return next(
            (
                each.labels
                for each in overrides
                if _difference(each.signature, signature) <= _TOLERANCE
            ),
            None,
        )


def _signature(image: DecodedImage) -> bytes:
    from PIL import Image

    return image.pixels.resize((_PARTS, _PARTS), Image.Resampling.BOX).tobytes()


def _difference(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


OVERRIDES = ModerationOverrides()
