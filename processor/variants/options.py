"""Options of a variant, from the canonical form that the edge function writes.

docs/reference/variants.md has the grammar. ``processor/edge/variants.js`` checks and simplifies
what clients send. This module reads its result, ``variants/<key>/<options>.<format>``, and trusts
it in nothing but the signature.
"""

from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec import Meta

from processor.change import KEY_BYTES
from processor.images.recipe.fields import Pixels
from processor.storage.variants import FOLDER

Format = Literal["avif", "webp", "jpeg", "png", "gif", "any"]
"""``any`` is for clients that show neither AVIF nor WebP."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a URL; None where the URL has none."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")] | None = None
    """Name of a rendition."""
    w: Pixels | None = None
    h: Pixels | None = None
    le: Pixels | None = None
    """Long edge."""
    ar: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$")] | None = None
    """Aspect ratio."""
    fit: Literal["inside", "outside", "cover", "contain", "fill"] | None = None
    g: (
        Annotated[
            str,
            Meta(pattern=r"^([a-z]+(-[a-z]+)?|(\.[0-9]{1,3}|0|1)x(\.[0-9]{1,3}|0|1))$"),
        ]
        | None
    ) = None
    """Gravity, or a focal point: ``face``, ``.3x.7``."""
    el: Literal[1] | None = None
    """Enlarge."""
    bg: Annotated[str, Meta(pattern=r"^[0-9a-f]{6}$")] | None = None
    """Background color."""
    q: Annotated[int, Meta(ge=1, le=100)] | None = None
    """Quality."""
    dpr: Annotated[float, Meta(ge=1, le=4)] | None = None
    """Density of a named rendition."""

    @property
    def given(self) -> list[str]:
        """The names of the options that the URL has."""
        return [name for name in self.__struct_fields__ if getattr(self, name) is not None]


class Target(msgspec.Struct, frozen=True):
    """A variant: the key of its original, its name in the store, and what the name means."""

    key: str
    name: str
    """``w_640,h_480.webp``"""
    options: Options
    format: Format


def read_target(path: str) -> Target:
    """Return the variant that a percent-encoded path refers to. Raises ``ValueError``."""
    target = unquote(path, errors="strict").removeprefix("/")
    folder, _, name = target.rpartition("/")
    options, _, written = name.rpartition(".")
    key = folder.removeprefix(FOLDER)
    if not folder.startswith(FOLDER) or not key or len(target.encode()) > KEY_BYTES:
        raise ValueError(f"{path[:99]!r} is not the path of a variant.")
    return Target(key, name, _options(options), msgspec.convert(written, Format))


def _options(text: str) -> Options:
    values: dict[str, Any] = {}
    for part in text.split(",") if text != "_" else ():
        name, separator, value = part.partition("_")
        values[name if separator else "name"] = value if separator else part
    return msgspec.convert(values, Options, strict=False)
