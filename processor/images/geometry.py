"""Which part of an original a rendition shows, and how large: sizes only, no pixels."""

from dataclasses import dataclass

from processor.images.recipe import Resize


@dataclass(frozen=True, slots=True)
class Geometry:
    """Which part of the upright original a rendition shows, and how large."""

    crop: tuple[float, float, float, float]
    """Left, top, right, bottom, as fractions of the original's width and height."""
    size: tuple[int, int]
    """Width and height of the rendition in pixels."""
    scale: float
    """Pixels of the rendition for one of the original."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the original is cropped away."""
        return self.crop == (0, 0, 1, 1)


def plan(width: int, height: int, resize: Resize | None) -> Geometry:
    """Where ``resize`` takes an upright original of ``width`` x ``height`` pixels."""
    if resize is None:
        return Geometry((0, 0, 1, 1), (width, height), 1.0)
    if resize.fit == "inside":
        scale = min(1.0, resize.width / width, resize.height / height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        return Geometry((0, 0, 1, 1), size, scale)
    # The box shrinks, and keeps its shape, where the original does not fill it.
    shrink = min(1.0, width / resize.width, height / resize.height)
    box_width, box_height = resize.width * shrink, resize.height * shrink
    scale = max(box_width / width, box_height / height)
    across = min(1.0, box_width / (width * scale))
    down = min(1.0, box_height / (height * scale))
    return Geometry(
        crop=((1 - across) / 2, (1 - down) / 2, (1 + across) / 2, (1 + down) / 2),
        size=(max(1, round(box_width)), max(1, round(box_height))),
        scale=scale,
    )
