"""Parameters of the color steps."""

from processor.images.recipe.fields import Fraction, OpaqueColor, Struct


class Tint(Struct, frozen=True):
    """Give the image the hue of ``color``, and keep its lightness."""

    color: OpaqueColor
    strength: Fraction = 1.0
