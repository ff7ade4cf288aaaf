"""How a web page shows a picture of which there are several renditions."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple, TypedDict

TOLERANCE = 0.015
"""How far the shape of a rendition may be from the original's: sides are whole pixels."""

EVERYWHERE = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""Types that all browsers show, the best for ``src`` first."""

ADEQUATE = 640
"""Pixels in width that are enough where a browser knows no ``srcset``."""

AS_WIDE = 0.9
"""Part of the greatest width that a type has to reach: a browser that knows the type looks no
further, and would enlarge what is smaller."""


class Shown(NamedTuple):
    """A rendition as a page needs it."""

    url: str
    width: int
    height: int
    bytes: int
    type: str


class Source(TypedDict):
    """What a ``<source>`` says."""

    type: str
    srcset: str


def whole(renditions: Sequence[Shown], width: int, height: int) -> dict[str, list[Shown]]:
    """By type, the renditions that show all of an original of that size; one of each width.

    The type with the fewest bytes for its pixels comes first.
    """
    types: dict[str, dict[int, Shown]] = {}
    for each in renditions:
        if _has_shape(each, width, height):
            types.setdefault(each.type, {}).setdefault(each.width, each)
    groups = {name: sorted(each.values(), key=lambda r: r.width) for name, each in types.items()}
    return dict(sorted(groups.items(), key=lambda group: _cost(group[1])))


def sources(groups: dict[str, list[Shown]]) -> list[Source]:
    """``srcset`` attributes, by type."""
    return [{"type": name, "srcset": _srcset(group)} for name, group in groups.items()]


def markup(groups: dict[str, list[Shown]], renditions: Sequence[Shown]) -> str | None:
    """HTML that shows a picture; the first rendition if none shows all of it, None without any."""
    if not groups:
        return _img(renditions[0], "") if renditions else None
    widest = max((group[-1] for group in groups.values()), key=lambda each: each.width)
    wide = {
        name: group for name, group in groups.items() if group[-1].width >= AS_WIDE * widest.width
    }
    last = min(wide, key=lambda name: EVERYWHERE.index(name) if name in EVERYWHERE else 9)
    fallback = list(wide.pop(last))
    # Types that are not wide enough for themselves still help small screens.
    widths = {each.width for each in fallback}
    for name, group in groups.items():
        if name not in wide and name != last and name in EVERYWHERE:
            fallback += [each for each in group if each.width not in widths]
            widths |= {each.width for each in group}
    fallback.sort(key=lambda each: each.width)
    of_last = [each for each in fallback if each.type == last]
    src = next((each for each in of_last if each.width >= ADEQUATE), of_last[-1])
    sizes = f' sizes="(max-width: {widest.width}px) 100vw, {widest.width}px"'
    img = _img(
        src._replace(width=widest.width, height=widest.height),
        f' srcset="{escape(_srcset(fallback))}"{sizes}' if len(fallback) > 1 or wide else "",
    )
    if not wide:
        return img
    others = "".join(
        f'<source type="{escape(name)}" srcset="{escape(_srcset(group))}"{sizes}>'
        for name, group in wide.items()
    )
    return f"<picture>{others}{img}</picture>"


def _has_shape(rendition: Shown, width: int, height: int) -> bool:
    wanted = rendition.width * height / width
    return (
        abs(rendition.height - wanted) <= TOLERANCE * wanted
        or abs(rendition.height - wanted) < 1
        or abs(rendition.width - rendition.height * width / height) < 1
    )


def _cost(group: Sequence[Shown]) -> float:
    return sum(each.bytes for each in group) / sum(each.width * each.height for each in group)


def _srcset(group: Sequence[Shown]) -> str:
    # A comma at the end of a URL would end its candidate; URLs here have theirs encoded.
    return ", ".join(f"{each.url} {each.width}w" for each in group)


def _img(shown: Shown, srcset: str) -> str:
    return (
        f'<img src="{escape(shown.url)}"{srcset} width="{shown.width}" height="{shown.height}" '
        'alt="" loading="lazy" decoding="async">'
    )
