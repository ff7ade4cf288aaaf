"""Responsive image markup."""

from collections.abc import Iterable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.api.markup import Candidate, markup, sources, uncropped

JPEG, PNG, WEBP, AVIF = "image/jpeg", "image/png", "image/webp", "image/avif"


def candidate(
    media_type: str, width: int, height: int, size: int = 100, name: str = ""
) -> Candidate:
    """Return a rendition."""
    return Candidate(f"https://s/{name}{width}.{media_type[6:]}", width, height, size, media_type)


def page(candidates: list[Candidate], width: int = 3000, height: int = 2000) -> str | None:
    """Return the markup for an original of that size."""
    return markup(uncropped(candidates, width, height), candidates, "")


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the start tags of some HTML."""
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(html)
    return found


def test_sources_are_by_type_and_width() -> None:
    """The type with the fewest bytes per pixel comes first; widths ascend."""
    candidates = [
        candidate(JPEG, 1200, 800, 90_000),
        candidate(JPEG, 600, 400, 30_000),
        candidate(AVIF, 1200, 800, 40_000),
        candidate(AVIF, 600, 400, 12_000),
        candidate(WEBP, 600, 400, 20_000),
        candidate(WEBP, 300, 300, 10_000),
    ]
    assert sources(uncropped(candidates, 3000, 2000)) == [
        {"type": AVIF, "srcset": "https://s/600.avif 600w, https://s/1200.avif 1200w"},
        {"type": WEBP, "srcset": "https://s/600.webp 600w"},
        {"type": JPEG, "srcset": "https://s/600.jpeg 600w, https://s/1200.jpeg 1200w"},
    ]


@pytest.mark.parametrize(
    ("size", "is_uncropped"),
    [
        ((600, 400), True),
        ((600, 402), True),
        ((600, 406), True),
        ((600, 407), False),
        ((600, 393), False),
        ((400, 600), False),
        ((600, 600), False),
        ((1, 1), True),
        ((5, 3), True),
        ((20, 10), False),
        ((6000, 4000), True),
    ],
)
def test_only_uncropped_renditions_are_sources(
    size: tuple[int, int],
    is_uncropped: bool,  # noqa: FBT001
) -> None:
    """Their aspect ratio is the original's, as far as whole pixels allow."""
    assert bool(uncropped([candidate(JPEG, *size)], 3000, 2000)) is is_uncropped


def test_a_width_has_one_rendition() -> None:
    """The first one of that width is in the srcset."""
    candidates = [candidate(JPEG, 600, 400, name="a"), candidate(JPEG, 600, 400, name="b")]
    assert sources(uncropped(candidates, 3000, 2000)) == [
        {"type": JPEG, "srcset": "https://s/a600.jpeg 600w"}
    ]


def test_types_that_are_wide_enough_are_sources() -> None:
    """Browsers use the first type that they know; ``img`` is the fallback."""
    html = page(
        [
            *(candidate(AVIF, width, width * 2 // 3, width) for width in (300, 900, 1200)),
            *(candidate(WEBP, width, width * 2 // 3, width * 2) for width in (300, 900, 1200)),
            *(candidate(JPEG, width, width * 2 // 3, width * 3) for width in (300, 900, 1200)),
        ]
    )
    assert html is not None
    found = elements(html)
    assert [tag for tag, _ in found] == ["picture", "source", "source", "img"]
    assert [attributes.get("type") for _, attributes in found] == [None, AVIF, WEBP, None]
    image = found[-1][1]
    assert image["src"] == "https://s/900.jpeg"
    assert image["srcset"] == (
        "https://s/300.jpeg 300w, https://s/900.jpeg 900w, https://s/1200.jpeg 1200w"
    )
    assert (image["width"], image["height"]) == ("1200", "800")
    assert image["sizes"] == "(max-width: 1200px) 100vw, 1200px"
    assert (image["alt"], image["loading"], image["decoding"]) == ("", "lazy", "async")


def test_a_narrow_type_is_for_small_screens() -> None:
    """As a source, it would be enlarged on large screens."""
    html = page([candidate(WEBP, 300, 300), candidate(WEBP, 800, 533), candidate(JPEG, 1600, 1067)])
    assert html is not None
    ((tag, image),) = elements(html)
    assert tag == "img"
    assert image["src"] == "https://s/1600.jpeg"
    assert image["srcset"] == "https://s/800.webp 800w, https://s/1600.jpeg 1600w"


def test_img_has_only_universal_types() -> None:
    """A browser chooses from ``srcset`` by width alone."""
    html = page([candidate(AVIF, 800, 533), candidate(JPEG, 1600, 1067)])
    assert html is not None
    assert "avif" not in html
    assert "srcset" not in html


def test_one_rendition_needs_no_srcset() -> None:
    """The ``src`` is enough."""
    html = page([candidate(PNG, 600, 400)])
    assert html == (
        '<img src="https://s/600.png" width="600" height="400" alt="" loading="lazy" '
        'decoding="async">'
    )


def test_a_cropped_image_is_better_than_none() -> None:
    """The first rendition is used where none shows the whole original."""
    candidates = [candidate(WEBP, 48, 48), candidate(WEBP, 96, 96)]
    html = page(candidates)
    assert html is not None
    assert elements(html)[0][1]["src"] == "https://s/48.webp"
    assert markup({}, candidates, "") == html
    assert markup({}, [], "") is None


@given(
    st.lists(
        st.builds(
            candidate,
            st.sampled_from([JPEG, PNG, WEBP, AVIF, "image/gif", 'x">']),
            st.integers(1, 3000),
            st.integers(1, 3000),
            st.integers(1, 10**6),
            st.text("\"'<>& /é", max_size=3),
        ),
        max_size=8,
    ),
    st.integers(1, 9000),
    st.integers(1, 9000),
)
def test_markup_is_well_formed(candidates: list[Candidate], width: int, height: int) -> None:
    """No value of a rendition ends an attribute or a tag."""
    html = markup(uncropped(candidates, width, height), candidates, "")
    assert (html is None) == (not candidates)
    if html is None:
        return
    found = elements(html)
    assert {tag for tag, _ in found} <= {"picture", "source", "img"}
    assert [tag for tag, _ in found].count("img") == 1
    known = {"src", "srcset", "sizes", "type", "width", "height", "alt", "loading", "decoding"}
    assert all(attributes.keys() <= known for _, attributes in found)
    assert found[-1][1]["src"] in {each.url for each in candidates}
