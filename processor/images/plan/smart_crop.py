"""Smart crop: the point of an image that stands out most. Deterministic."""

from itertools import accumulate
from typing import Literal

from PIL import Image, ImageChops, ImageFilter, ImageStat

from processor.images.plan.geometry import Point

Method = Literal["entropy", "attention"]

SAMPLE_EDGE = 128
"""Long edge of the copy that is analyzed, in pixels: details don't matter."""

CENTER_BIAS = 0.1
"""How much less a window counts at either end than in the center, where subjects usually are."""


def salient_point(image: Image.Image, box: tuple[float, float], method: Method) -> Point:
    """Return the center of the best window with the shape of ``box`` (width, height).

    A crop that fills a box cuts along one axis only, so one offset is searched.
    """
    image = image.convert("RGB")
    image.thumbnail((SAMPLE_EDGE, SAMPLE_EDGE), Image.Resampling.BOX)
    width, height = image.size
    across = min(width, max(1, round(height * box[0] / box[1])))
    down = min(height, max(1, round(width * box[1] / box[0])))
    find = most_attention if method == "attention" else most_entropy
    if across < width:
        return (find(image, across) + across / 2) / width, 0.5
    transposed = image.transpose(Image.Transpose.TRANSPOSE)
    return 0.5, (find(transposed, down) + down / 2) / height


def most_attention(image: Image.Image, window: int) -> int:
    """Return the left edge, in pixels, of the window that has the most salience."""
    columns = profile(salience(image))
    sums = [0.0, *accumulate(columns)]
    room = len(columns) - window

    def worth(left: int) -> float:
        from_center = abs(left - room / 2) / max(1, room / 2)
        return (sums[left + window] - sums[left]) * (1 - CENTER_BIAS * from_center)

    return max(range(room + 1), key=lambda left: (worth(left), -abs(left - room / 2)))


def salience(image: Image.Image) -> Image.Image:
    """Return how much each pixel stands out, by its color and by coarse contrast.

    Color counts by its distance from the image's mean, as in R. Achanta et al., "Frequency-tuned
    Salient Region Detection" (CVPR 2009); light by the difference between two blurred copies. Fine
    texture (leaves, fur), which an edge filter would count, is blurred away.
    """
    lab = image.convert("LAB")
    mean = tuple(round(value) for value in ImageStat.Stat(lab).mean)
    soft = image.filter(ImageFilter.GaussianBlur(2)).convert("LAB")
    _, a, b = ImageChops.difference(soft, Image.new("LAB", lab.size, mean)).split()
    light = image.convert("L")
    near, around = (light.filter(ImageFilter.GaussianBlur(sigma)) for sigma in (2, 10))
    contrast = ImageChops.difference(near, around)
    color = ImageChops.add(a, b, scale=2)
    return ImageChops.add(color, ImageChops.add(contrast, contrast))


def most_entropy(image: Image.Image, window: int) -> int:
    """Return the left edge of what remains after cutting off the duller end, slice by slice.

    ``window`` is the width that remains, in pixels.
    """
    gray = image.convert("L")
    left, right = 0, gray.width
    while right - left > window:
        slice_width = max(1, min(4, right - left - window))
        at_left = gray.crop((left, 0, left + slice_width, gray.height)).entropy()
        at_right = gray.crop((right - slice_width, 0, right, gray.height)).entropy()
        if at_left < at_right:
            left += slice_width
        elif at_left > at_right:
            right -= slice_width
        elif left <= gray.width - right:
            left += slice_width
        else:
            right -= slice_width
    return left


def profile(image: Image.Image) -> list[float]:
    """Return the mean of each column."""
    row = image.convert("F").resize((image.width, 1), Image.Resampling.BOX)
    return [float(value) for value in row.get_flattened_data()]  # type: ignore[arg-type]
