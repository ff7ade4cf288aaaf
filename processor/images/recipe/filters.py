"""Parameters of the filters."""

from typing import Annotated

from msgspec import Meta

from processor.images.recipe.fields import Struct


class Sharpen(Struct, frozen=True):
    """Sharpen with an unsharp mask: add the difference from a blurred copy."""

    sigma: Annotated[float, Meta(gt=0, le=20)] = 1.0
    """Standard deviation of the blur, in pixels."""
    amount: Annotated[float, Meta(gt=0, le=5)] = 1.0
    """Factor of the difference that is added."""
    threshold: Annotated[int, Meta(ge=0, le=255)] = 2
    """Smallest difference, in tones, that is sharpened: smaller ones are noise."""
