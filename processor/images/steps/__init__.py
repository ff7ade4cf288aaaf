"""The operations of the engine, one a file. Each looks first whether it has anything to do.

Here stands the order in which they are done, whatever their order in a recipe.
"""

from collections.abc import Callable

from processor.images.canvas import Canvas, Job
from processor.images.steps.blur import blur
from processor.images.steps.brightness import brightness
from processor.images.steps.circle import circle
from processor.images.steps.contain import contain
from processor.images.steps.contrast import contrast
from processor.images.steps.corners import corners
from processor.images.steps.edges import edges
from processor.images.steps.emboss import emboss
from processor.images.steps.flip import flip
from processor.images.steps.flop import flop
from processor.images.steps.gamma import gamma
from processor.images.steps.grayscale import grayscale
from processor.images.steps.hue import hue
from processor.images.steps.median import median
from processor.images.steps.negate import negate
from processor.images.steps.normalize import normalize
from processor.images.steps.orient import orient
from processor.images.steps.pad import pad
from processor.images.steps.pixelate import pixelate
from processor.images.steps.resize import resize
from processor.images.steps.rotate import rotate
from processor.images.steps.saturation import saturation
from processor.images.steps.sepia import sepia
from processor.images.steps.sharpen import sharpen
from processor.images.steps.threshold import threshold
from processor.images.steps.tint import tint
from processor.images.steps.to_srgb import to_srgb
from processor.images.steps.watermark import watermark

Step = Callable[[Canvas, Job], Canvas]

SCALE: tuple[Step, ...] = (resize, orient, to_srgb)
"""Done for each rendition. A whole picture that comes out of here serves the smaller renditions
as their original: scaling down in stages cannot be told from scaling down at once (55 dB).
Turning and color conversion cost the same for each pixel, so that they come after resizing."""

FINISH: tuple[Step, ...] = (
    rotate,
    flip,
    flop,
    normalize,
    gamma,
    brightness,
    contrast,
    saturation,
    hue,
    grayscale,
    sepia,
    tint,
    negate,
    threshold,
    median,
    blur,
    sharpen,
    pixelate,
    emboss,
    edges,
    contain,
    watermark,
    corners,
    circle,
    pad,
)
"""Done to a rendition that has its size and colors. Flattening follows, when the format is known
(``render.py``)."""
