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

VISIBLE = 64
"""Salience of a visible pixel, in tones, in an image with transparent ones."""


def salient_point(image: Image.Image, box: tuple[float, float], method: Method) -> Point:
    """Return the center of the best window with the shape of ``box`` (width, height).

    A crop that fills a box cuts along one axis only, so one offset is searched. Transparent pixels
    count for nothing, whatever color is stored in them.
    """
    image = image.copy() if image.mode == "RGBA" else image.convert("RGB")
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
    image, alpha = visible(image)
    salient = salience(image)
    if alpha:
        salient = ImageChops.multiply(salient.point(lambda tone: tone + VISIBLE), alpha)
    columns = profile(salient)
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
    image, alpha = visible(image)
    gray = image.convert("L")
    left, right = 0, gray.width
    shown = profile(alpha) if alpha else [0.0] * gray.width

    def worth(start: int, end: int) -> float:
        detail = gray.crop((start, 0, end, gray.height)).entropy()
        # One bit for what is visible: a part without detail is worth more than nothing.
        return detail + sum(shown[start:end]) / (255 * (end - start))

    while right - left > window:
        slice_width = max(1, min(4, right - left - window))
        at_left = worth(left, left + slice_width)
        at_right = worth(right - slice_width, right)
        if at_left < at_right:
            left += slice_width
        elif at_left > at_right:
            right -= slice_width
        elif left <= gray.width - right:
            left += slice_width
        else:
            right -= slice_width
    return left


def visible(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the image as RGB, and its alpha if it has transparent pixels.

    Transparent pixels get the mean color of the visible ones.
    """
    if image.mode != "RGBA" or image.getchannel("A").getextrema()[0] == 255:
        return image.convert("RGB"), None
    alpha = image.getchannel("A")
    mean = [round(tone) for tone in ImageStat.Stat(image.convert("RGBa")).mean]
    opacity = max(1, mean[3])
    color = tuple(min(255, 255 * tone // opacity) for tone in mean[:3])
    flat = Image.new("RGB", image.size, color)
    flat.paste(image, mask=alpha)
    return flat, alpha


def profile(image: Image.Image) -> list[float]:
    """Return the mean of each column."""
    row = image.convert("F").resize((image.width, 1), Image.Resampling.BOX)
    return [float(value) for value in row.get_flattened_data()]  # type: ignore[arg-type]
