"""Parameters of the operations that change colors."""

from processor.images.recipe.fields import Fraction, OpaqueColor, Struct


class Tint(Struct, frozen=True):
    """Color the picture: its lightness stays, its hue becomes that of ``color``."""

    color: OpaqueColor
    strength: Fraction = 1.0
