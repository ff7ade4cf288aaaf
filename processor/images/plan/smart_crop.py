"""Choose what to keep of a picture by looking at it. The same picture gives the same choice."""

from itertools import accumulate
from typing import Literal

from PIL import Image, ImageChops, ImageFilter, ImageStat

Method = Literal["entropy", "attention"]

LOOKED_AT = 128
"""Long edge, in pixels, of the copy that is looked at: details do not matter."""

CENTER_BIAS = 0.1
"""How much less a window counts at the far end than in the middle: photographers know why."""


def focus(image: Image.Image, box: tuple[float, float], method: Method) -> tuple[float, float]:
    """The middle of the best window of the shape ``box`` (width, height), as fractions.

    Filling a box crops along one axis alone, so that there is one offset to find.
    """
    image = image.convert("RGB")
    image.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
    width, height = image.size
    across = min(width, max(1, round(height * box[0] / box[1])))
    down = min(height, max(1, round(width * box[1] / box[0])))
    find = most_attention if method == "attention" else most_entropy
    if across < width:
        return (find(image, across) + across / 2) / width, 0.5
    turned = image.transpose(Image.Transpose.TRANSPOSE)
    return 0.5, (find(turned, down) + down / 2) / height


def most_attention(image: Image.Image, window: int) -> int:
    """Left edge of the window, in pixels, in which lies most of what draws the eye."""
    columns = profile(salience(image))
    sums = [0.0, *accumulate(columns)]
    room = len(columns) - window

    def worth(left: int) -> float:
        from_middle = abs(left - room / 2) / max(1, room / 2)
        return (sums[left + window] - sums[left]) * (1 - CENTER_BIAS * from_middle)

    return max(range(room + 1), key=lambda left: (worth(left), -abs(left - room / 2)))


def salience(image: Image.Image) -> Image.Image:
    """How much each pixel draws the eye: colors that stand out, and contrasts that are not fine.

    Color counts by how far it is from the mean of the picture, as in R. Achanta et al.,
    "Frequency-tuned Salient Region Detection" (CVPR 2009); light by its difference between two
    blurred copies. Fine texture (leaves, fur), which edges would count, is blurred away.
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
    """Left edge of what is left when the duller end is cut off until ``window`` pixels remain."""
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
    """The mean of each column."""
    row = image.convert("F").resize((image.width, 1), Image.Resampling.BOX)
    return [float(value) for value in row.get_flattened_data()]  # type: ignore[arg-type]
