"""Pictures whose moderation labels somebody has declared, for tests without explicit pictures.

Such a picture is known by its looks, not by its bytes: what it is scaled to, re-encoded as or
stripped of by whoever sends it to Rekognition makes no difference.
"""

from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from darkroom_emulator.rekognition.picture import Picture

# The mean of each color in the 64 parts of a picture.
_PARTS = 8
# The mean difference that scaling, JPEG and color profiles may make, of 255. Different pictures
# differ by some tens.
_TOLERANCE = 8.0


@dataclass(frozen=True)
class Declaration:
    """What a picture looks like, and the confidences of the labels that it is to have."""

    looks: bytes
    labels: dict[str, float]

    @property
    def id(self) -> str:
        """Return the declaration's name: pictures that differ in a pixel differ in theirs."""
        return sha256(self.looks).hexdigest()[:16]


class Declared:
    """All declarations; the last one for a picture counts."""

    def __init__(self) -> None:
        self._declarations: list[Declaration] = []
        self._lock = Lock()

    def add(self, picture: Picture, labels: dict[str, float]) -> Declaration:
        """Declare a picture's labels, in the place of earlier ones."""
        declaration = Declaration(_looks(picture), labels)
        with self._lock:
            others = [each for each in self._declarations if each.id != declaration.id]
            self._declarations = [declaration, *others]
        return declaration

    def remove(self, id_: str) -> bool:
        """Forget a declaration; tell whether there was one."""
        with self._lock:
            others = [each for each in self._declarations if each.id != id_]
            is_there = len(others) < len(self._declarations)
            self._declarations = others
        return is_there

    def all(self) -> list[Declaration]:
        """Return the declarations, the last first."""
        with self._lock:
            return list(self._declarations)

    def find(self, picture: Picture) -> dict[str, float] | None:
        """Return the labels that are declared for what looks like this picture."""
        declarations = self.all()
        if not declarations:
            return None
        looks = _looks(picture)
        return next(
            (each.labels for each in declarations if _differ(each.looks, looks) <= _TOLERANCE),
            None,
        )


def _looks(picture: Picture) -> bytes:
    from PIL import Image

    return picture.image.resize((_PARTS, _PARTS), Image.Resampling.BOX).tobytes()


def _differ(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


DECLARED = Declared()
