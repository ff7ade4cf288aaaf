"""URL builder for Darkroom's variants: signed URLs and ``srcset``.

One file without dependencies, for Python 3.9 and later: copy it into your program.
``darkroom-url.mjs`` builds the same URLs.

    urls = VariantUrls("https://images.example.com", key)
    urls.url("holiday/beach.jpg", width=640)
    urls.img("holiday/beach.jpg", widths=[320, 640, 1280], sizes="(min-width: 800px) 640px, 100vw")

The grammar is that of ``docs/reference/variants.md``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Unpack

__all__ = ["VariantOptions", "VariantUrls", "options_text"]

FITS = ("inside", "outside", "cover", "contain", "fill")
FORMATS = ("auto", "avif", "webp", "jpeg", "png", "gif")
GRAVITIES = (
    "center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left",
    "bottom-right", "entropy", "attention", "face", "subject",
)  # fmt: skip
WIDTHS = (320, 640, 960, 1280, 1920, 2560)
"""The default widths of a ``srcset``, in pixels."""

_LARGEST = 16384
_SIZES = {"width", "height", "long_edge", "aspect_ratio"}
_CROPS = {"fit", "gravity", "focal_point"}
_COVER_GRAVITIES = {"entropy", "attention", "face", "subject"}
_WITHOUT_RENDITION = {*_SIZES, *_CROPS, "enlarge"}
_WITHOUT_LONG_EDGE = {"width", "height", "aspect_ratio", *_CROPS}
_IN_PRESETS = {"dpr", "format", "rendition", "version", "width"}
_PRESET_DENSITIES = (1, 1.5, 2, 3)


class VariantOptions(TypedDict, total=False):
    """What a variant is. At least one option is needed; ``None`` is the same as leaving one out."""

    rendition: str | None
    """Name of a rendition in the image's recipe. With it: ``dpr``, ``background``, ``quality``,
    ``format``, ``version`` and ``expires``."""
    width: int | None
    """Pixels, 1 to 16384."""
    height: int | None
    """Pixels, 1 to 16384."""
    long_edge: int | None
    """Length of the longer side in pixels, 1 to 16384; without width, height and aspect_ratio."""
    aspect_ratio: str | None
    """Such as ``16:9``; not with both width and height."""
    fit: str | None
    """One of ``FITS``."""
    gravity: str | None
    """The part that a crop keeps: one of ``GRAVITIES``."""
    focal_point: tuple[float, float] | None
    """In place of ``gravity``: fractions of the width and the height, from the top left; rounded to
    three decimals."""
    dpr: float | None
    """Device pixel ratio, 1 to 4; rounded to two decimals."""
    enlarge: bool | None
    """Whether a smaller original is enlarged."""
    background: str | None
    """Color behind transparent parts: ``#rrggbb``."""
    quality: int | None
    """1 to 100."""
    format: str | None
    """One of ``FORMATS``. ``auto``, the default, depends on the browser."""
    version: str | None
    """Any other value is another URL: 1 to 64 letters, digits, ``.``, ``-`` and ``_``."""
    expires: datetime | int | None
    """Time from which the URL is refused: a datetime with a time zone, or seconds since 1970."""


class VariantUrls:
    """URLs of the variants of one deployment.

    ``site`` is its ``SiteUrl``. ``key`` is the signing key as ``darkroom keys show --reveal``
    prints it. It is secret: never send it to a browser. Without a key, URLs are unsigned, which a
    deployment with ``Variants=presets`` serves. Raises ``ValueError`` for a key that is not one.
    """

    def __init__(self, site: str, key: str | None = None) -> None:
        self.site = site.rstrip("/")
        self._key = None if key is None else _decoded(key)

    def url(self, image: str, /, **options: Unpack[VariantOptions]) -> str:
        """Return the URL of a variant of the image with this key.

        ``options`` are ``VariantOptions``. Raises ``ValueError`` and ``TypeError``.
        """
        text = options_text(self._key is None, **options)
        path = f"/{text}/{_encoded(image)}"
        return f"{self.site}/i/{self._signature(path)}{path}"

    def srcset(
        self,
        image: str,
        /,
        *,
        widths: Iterable[int] | None = None,
        densities: Iterable[float] | None = None,
        **options: Unpack[VariantOptions],
    ) -> str:
        """Return the value of ``srcset``: one URL for each width, or for each pixel density.

        ``densities`` are for an image of one size, which ``options`` has. The default is
        ``widths=WIDTHS``. With widths, an ``aspect_ratio`` keeps the shape.
        """
        variants: list[tuple[VariantOptions, str]]
        if densities is not None:
            if widths is not None:
                raise ValueError("srcset needs widths or densities, not both")
            _refuse(options, "densities", "dpr")
            rounded = [_rounded("densities", each, 100, 1, 4) for each in densities]
            variants = [({**options, "dpr": float(each)}, f"{each}x") for each in rounded]
        else:
            _refuse(options, "widths", "width", "height", "long_edge", "rendition")
            chosen = WIDTHS if widths is None else widths
            variants = [({**options, "width": each}, f"{each}w") for each in chosen]
        if not variants:
            raise ValueError("srcset needs at least one width or density")
        return ", ".join(f"{self.url(image, **each)} {text}" for each, text in variants)

    def img(
        self,
        image: str,
        /,
        *,
        sizes: str = "100vw",
        widths: Iterable[int] | None = None,
        **options: Unpack[VariantOptions],
    ) -> dict[str, str]:
        """Return the attributes ``src``, ``srcset`` and ``sizes`` of an ``img`` element.

        ``sizes`` is the width at which the page shows the image, as in HTML. ``src`` has the
        largest width, for browsers without ``srcset``. Escape the values as HTML attributes.
        """
        chosen = list(WIDTHS if widths is None else widths)
        srcset = self.srcset(image, widths=chosen, **options)
        largest: VariantOptions = {**options, "width": max(chosen)}
        return {"src": self.url(image, **largest), "srcset": srcset, "sizes": sizes}

    def _signature(self, path: str) -> str:
        if self._key is None:
            return "-"
        digest = hmac.new(self._key, path.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest)[:22].decode()


def options_text(presets: bool = False, **options: Unpack[VariantOptions]) -> str:  # noqa: FBT001, FBT002
    """Return ``VariantOptions`` as in a URL, such as ``w_640,f_webp``.

    ``presets`` allows only what URLs without signature can have. Raises ``ValueError`` and
    ``TypeError``.
    """
    wanted = cast("dict[str, object]", options)
    if unknown := set(wanted) - set(_WRITERS):
        known = ", ".join(_WRITERS)
        raise TypeError(f"unknown option {min(unknown)!r}: the options are {known}")
    given = {name: wanted[name] for name in _WRITERS if wanted.get(name) is not None}
    if not given:
        raise ValueError("a variant needs at least one option, such as width or format")
    written = [_WRITERS[name](name, value) for name, value in given.items()]
    _check_combination(given)
    _check_pixels(given)
    if presets:
        _check_presets(given)
    return ",".join(written)


def _check_combination(given: dict[str, object]) -> None:
    names = set(given)
    if "rendition" in names:
        _refuse_others(names & _WITHOUT_RENDITION, "rendition")
        return
    if "long_edge" in names:
        _refuse_others(names & _WITHOUT_LONG_EDGE, "long_edge")
    if not names & _SIZES and (more := names & {"dpr", "enlarge", *_CROPS}):
        raise ValueError(f"{min(more)} needs width, height, long_edge or aspect_ratio")
    if names >= {"width", "height", "aspect_ratio"}:
        raise ValueError("aspect_ratio follows from width and height: leave one of the three out")
    if names >= {"gravity", "focal_point"}:
        raise ValueError("focal_point can't be combined with gravity")
    _check_fit(given, given.get("fit"))


def _check_fit(given: dict[str, object], fit: object) -> None:
    if fit in {"inside", "outside"} and not given.keys() & {"width", "height", "long_edge"}:
        raise ValueError(f"aspect_ratio alone can't be combined with fit {fit!r}")
    if fit not in {None, "cover"} and given.get("gravity") in _COVER_GRAVITIES:
        raise ValueError(f"gravity {given['gravity']!r} needs fit 'cover'")
    if fit not in {None, "cover"} and "focal_point" in given:
        raise ValueError("focal_point needs fit 'cover'")
    if fit not in {None, "cover", "contain"} and "gravity" in given:
        raise ValueError("gravity needs fit 'cover' or 'contain'")


def _refuse_others(others: set[str], name: str) -> None:
    if others:
        raise ValueError(f"{min(others)} can't be combined with {name}")


def _check_pixels(given: dict[str, object]) -> None:
    dpr = float(_rounded("dpr", given.get("dpr", 1), 100, 1, 4))
    for name in ("width", "height", "long_edge"):
        pixels = math.floor(_whole(name, given.get(name, 1), 1, _LARGEST) * dpr + 0.5)
        if pixels > _LARGEST:
            raise ValueError(f"{name} with dpr is {pixels}: it must be at most {_LARGEST}")


def _check_presets(given: dict[str, object]) -> None:
    names = set(given)
    if more := names - _IN_PRESETS:
        raise ValueError(f"{min(more)} needs a signed URL: give the signing key")
    if ("width" in names) == ("rendition" in names):
        raise ValueError("a URL without signature needs either width or rendition")
    if given.get("format", "auto") != "auto":
        raise ValueError("a format other than auto needs a signed URL: give the signing key")
    if given.get("dpr", 1) not in _PRESET_DENSITIES:
        raise ValueError("dpr in a URL without signature is 1, 1.5, 2 or 3")


def _refuse(options: VariantOptions, why: str, *names: str) -> None:
    for name in names:
        if options.get(name) is not None:
            raise ValueError(f"{name} can't be combined with {why}")


def _whole(name: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise TypeError(f"{name} is {value!r}: it must be a whole number")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value!r}: it must be {low} to {high}")
    return int(value)


def _rounded(name: str, value: object, parts: int, low: float, high: float) -> str:
    """Return a number rounded to a fraction of ``parts``, in the shortest form."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} is {value!r}: it must be a number")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value!r}: it must be {low:g} to {high:g}")
    # As Math.round: the rounding of format() differs from JavaScript's.
    whole, rest = divmod(math.floor(value * parts + 0.5), parts)
    decimals = f"{rest:0{len(str(parts)) - 1}}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


def _size(name: str, value: object) -> str:
    return f"{_PREFIXES[name]}_{_whole(name, value, 1, _LARGEST)}"


def _choice(name: str, value: object) -> str:
    if value not in _CHOICES[name]:
        raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(_CHOICES[name])}")
    return f"{_PREFIXES[name]}_{value}"


def _match(name: str, value: object) -> str:
    pattern, example = _PATTERNS[name]
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"{name} is {value!r}: it must be {example}")
    if name == "background":
        value = value.lstrip("#").lower()
    elif name == "aspect_ratio":
        value = value.replace(":", "x")
    prefix = _PREFIXES[name]
    return f"{prefix}_{value}" if prefix else value


def _focal_point(name: str, value: object) -> str:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} is {value!r}: it must be two numbers from 0 to 1")
    x, y = (_rounded(name, each, 1000, 0, 1) for each in value)
    return f"g_{x}x{y}"


def _enlarge(name: str, value: object) -> str:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}: it must be True or False")
    return f"el_{int(value)}"


def _expires(name: str, value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name} is {value!r}: it needs a time zone")
        value = math.floor(value.timestamp())
    return f"exp_{_whole(name, value, 1, 9_999_999_999)}"


_PREFIXES = {
    "rendition": "",
    "width": "w",
    "height": "h",
    "long_edge": "le",
    "aspect_ratio": "ar",
    "fit": "fit",
    "gravity": "g",
    "background": "bg",
    "format": "f",
    "version": "v",
}
_CHOICES = {"fit": FITS, "format": FORMATS, "gravity": GRAVITIES}
_PATTERNS = {
    "rendition": (r"[a-z0-9][a-z0-9-]{0,63}", "lowercase letters, digits and hyphens"),
    "aspect_ratio": (r"[1-9][0-9]{0,3}:[1-9][0-9]{0,3}", "such as 16:9"),
    "background": (r"#?[0-9A-Fa-f]{6}", "a color such as #ffffff"),
    "version": (r"[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, '.', '-' and '_'"),
}
# In the order in which they are in a URL.
_WRITERS: dict[str, Callable[[str, object], str]] = {
    "rendition": _match,
    "width": _size,
    "height": _size,
    "long_edge": _size,
    "aspect_ratio": _match,
    "fit": _choice,
    "gravity": _choice,
    "focal_point": _focal_point,
    "dpr": lambda name, value: f"dpr_{_rounded(name, value, 100, 1, 4)}",
    "enlarge": _enlarge,
    "background": _match,
    "quality": lambda name, value: f"q_{_whole(name, value, 1, 100)}",
    "format": _choice,
    "version": _match,
    "expires": _expires,
}


def _encoded(image: str) -> str:
    """Return an image's key as in a URL. Raises ``ValueError`` for a key that has no URL."""
    try:
        size = len(image.encode())
    except UnicodeEncodeError as error:
        raise ValueError(f"the image's key {image!r} is not valid Unicode") from error
    if not 1 <= size <= 1024:
        raise ValueError(f"the image's key has {size} bytes: it must have 1 to 1024")
    if {".", ".."} & set(image.split("/")):
        raise ValueError(f"the image's key {image!r} has a segment '.' or '..': it has no URL")
    return quote(image, safe="/")


def _decoded(key: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", key):
        raise ValueError(
            "the signing key must be base64url text of 32 bytes, as printed by "
            "`darkroom keys show --reveal`"
        )
    return base64.urlsafe_b64decode(f"{key}=")
