"""Responsive image markup: ``srcset`` and ``<picture>`` for an image's renditions."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple, TypedDict

ASPECT_TOLERANCE = 0.015
"""Relative difference of aspect ratios that counts as equal: sides are whole pixels."""

UNIVERSAL_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""Media types that all browsers render, the best for ``src`` first."""

SRC_WIDTH = 640
"""Pixels from which a rendition is wide enough for ``src``, where a browser ignores ``srcset``."""

MIN_WIDTH_RATIO = 0.9
"""Part of the greatest width that a type must reach to be a ``<source>``: a browser that knows the
type takes it, and would enlarge a narrower rendition."""


class Candidate(NamedTuple):
    """A rendition that a page may load. Sizes in pixels and bytes."""

    url: str
    width: int
    height: int
    bytes: int
    type: str


class Source(TypedDict):
    """The attributes of a ``<source>``."""

    type: str
    srcset: str


def uncropped(
    candidates: Sequence[Candidate], width: int, height: int
) -> dict[str, list[Candidate]]:
    """Return the renditions that show a whole original of that size, by media type.

    Each width occurs once in a type, in ascending order. The type with the fewest bytes per pixel
    comes first.
    """
    types: dict[str, dict[int, Candidate]] = {}
    for each in candidates:
        if _has_aspect_ratio(each, width, height):
            types.setdefault(each.type, {}).setdefault(each.width, each)
    groups = {name: sorted(each.values(), key=lambda c: c.width) for name, each in types.items()}
    return dict(sorted(groups.items(), key=lambda group: _bytes_per_pixel(group[1])))


def sources(groups: dict[str, list[Candidate]]) -> list[Source]:
    """Return the ``srcset`` of each type."""
    return [{"type": name, "srcset": _srcset(group)} for name, group in groups.items()]


def markup(
    groups: dict[str, list[Candidate]], candidates: Sequence[Candidate], alt: str
) -> str | None:
    """Return HTML that shows an image, with its alternative text.

    Without a rendition of the whole original it shows the first one; without any it is None.
    """
    if not groups:
        return _img(candidates[0], "", alt) if candidates else None
    widest = max((group[-1] for group in groups.values()), key=lambda each: each.width)
    wide = {
        name: group
        for name, group in groups.items()
        if group[-1].width >= MIN_WIDTH_RATIO * widest.width
    }
    last = min(wide, key=lambda name: UNIVERSAL_TYPES.index(name) if name in UNIVERSAL_TYPES else 9)
    fallback = list(wide.pop(last))
    # Renditions of types that are too narrow for a <source> still serve small screens.
    widths = {each.width for each in fallback}
    for name, group in groups.items():
        if name not in wide and name != last and name in UNIVERSAL_TYPES:
            fallback += [each for each in group if each.width not in widths]
            widths |= {each.width for each in group}
    fallback.sort(key=lambda each: each.width)
    of_last = [each for each in fallback if each.type == last]
    src = next((each for each in of_last if each.width >= SRC_WIDTH), of_last[-1])
    sizes = f' sizes="(max-width: {widest.width}px) 100vw, {widest.width}px"'
    img = _img(
        src._replace(width=widest.width, height=widest.height),
        f' srcset="{escape(_srcset(fallback))}"{sizes}' if len(fallback) > 1 or wide else "",
        alt,
    )
    if not wide:
        return img
    others = "".join(
        f'<source type="{escape(name)}" srcset="{escape(_srcset(group))}"{sizes}>'
        for name, group in wide.items()
    )
    return f"<picture>{others}{img}</picture>"


def _has_aspect_ratio(candidate: Candidate, width: int, height: int) -> bool:
    expected = candidate.width * height / width
    return (
        abs(candidate.height - expected) <= ASPECT_TOLERANCE * expected
        or abs(candidate.height - expected) < 1
        or abs(candidate.width - candidate.height * width / height) < 1
    )


def _bytes_per_pixel(group: Sequence[Candidate]) -> float:
    return sum(each.bytes for each in group) / sum(each.width * each.height for each in group)


def _srcset(group: Sequence[Candidate]) -> str:
    # A comma at the end of a URL would end its candidate; these URLs have commas encoded.
    return ", ".join(f"{each.url} {each.width}w" for each in group)


def _img(candidate: Candidate, srcset: str, alt: str) -> str:
    return (
        f'<img src="{escape(candidate.url)}"{srcset} width="{candidate.width}" '
        f'height="{candidate.height}" alt="{escape(alt)}" loading="lazy" decoding="async">'
    )
