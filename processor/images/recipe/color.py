"""Parameters of the operations that change colours."""

from processor.images.recipe.fields import Fraction, OpaqueColour, Struct


class Tint(Struct, frozen=True):
    """Colour the picture: its lightness stays, its hue becomes that of ``colour``."""

    colour: OpaqueColour
    strength: Fraction = 1.0
