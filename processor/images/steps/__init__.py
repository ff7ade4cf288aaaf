"""The engine's steps, one a file, and the order in which they run.

A step takes a canvas and a job, and returns the canvas unchanged if the recipe doesn't ask for it.
"""

from collections.abc import Callable

from processor.images.canvas import Canvas, Job
from processor.images.steps.blur import blur
from processor.images.steps.brightness import brightness
from processor.images.steps.circle import circle
from processor.images.steps.contain import contain
from processor.images.steps.contrast import contrast
from processor.images.steps.corners import corners
from processor.images.steps.crop import crop
from processor.images.steps.edges import edges
from processor.images.steps.emboss import emboss
from processor.images.steps.first_frame import first_frame
from processor.images.steps.flatten import flatten
from processor.images.steps.flip import flip
from processor.images.steps.flop import flop
from processor.images.steps.focus import focus
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
from processor.images.steps.standardize import standardize
from processor.images.steps.threshold import threshold
from processor.images.steps.tint import tint
from processor.images.steps.to_srgb import to_srgb
from processor.images.steps.trim import trim
from processor.images.steps.watermark import watermark

Step = Callable[[Canvas, Job], Canvas]

STEPS: tuple[Step, ...] = (
    standardize,
    trim,
    crop,
    focus,
    first_frame,
    resize,
    orient,
    to_srgb,
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
    flatten,
)
"""All steps in the order in which they run, whatever their order in a recipe.

``trim``, ``crop`` and ``focus`` only select a region, which ``resize`` crops and scales at once.
Orientation and color conversion cost the same for each pixel, so they run after ``resize``.
"""

ORIGINAL = STEPS[: STEPS.index(trim)]
"""Steps that run once: their result is the same for all renditions."""
TRIM = STEPS[STEPS.index(trim) : STEPS.index(crop)]
"""Steps that run once for each border that a recipe trims."""
SELECT = STEPS[STEPS.index(crop) : STEPS.index(first_frame)]
"""Steps that complete the plan of a rendition: the largest is scaled first."""
SCALE = STEPS[STEPS.index(first_frame) : STEPS.index(rotate)]
"""Steps whose result smaller renditions are made from, if it shows the whole image: scaling down
in stages looks the same as scaling down at once (55 dB)."""
FINISH = STEPS[STEPS.index(rotate) :]
"""Steps whose result is encoded."""
