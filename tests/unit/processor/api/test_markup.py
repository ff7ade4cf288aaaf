"""How a web page shows a picture."""

from collections.abc import Iterable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.api.markup import Shown, markup, sources, whole

JPEG, PNG, WEBP, AVIF = "image/jpeg", "image/png", "image/webp", "image/avif"


def shown(media_type: str, width: int, height: int, size: int = 100, name: str = "") -> Shown:
    """A rendition."""
    return Shown(f"https://s/{name}{width}.{media_type[6:]}", width, height, size, media_type)


def page(renditions: list[Shown], width: int = 3000, height: int = 2000) -> str | None:
    """The markup of an original of that size."""
    return markup(whole(renditions, width, height), renditions)


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """The start tags of some HTML."""
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(html)
    return found


def test_sources_are_by_type_and_width() -> None:
    """The type that takes the fewest bytes for its pixels comes first, and small widths do."""
    renditions = [
        shown(JPEG, 1200, 800, 90_000),
        shown(JPEG, 600, 400, 30_000),
        shown(AVIF, 1200, 800, 40_000),
        shown(AVIF, 600, 400, 12_000),
        shown(WEBP, 600, 400, 20_000),
        shown(WEBP, 300, 300, 10_000),
    ]
    assert sources(whole(renditions, 3000, 2000)) == [
        {"type": AVIF, "srcset": "https://s/600.avif 600w, https://s/1200.avif 1200w"},
        {"type": WEBP, "srcset": "https://s/600.webp 600w"},
        {"type": JPEG, "srcset": "https://s/600.jpeg 600w, https://s/1200.jpeg 1200w"},
    ]


@pytest.mark.parametrize(
    ("size", "is_whole"),
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
def test_only_what_shows_all_of_the_picture_is_a_source(
    size: tuple[int, int],
    is_whole: bool,  # noqa: FBT001
) -> None:
    """Its shape is the original's, as far as whole pixels allow."""
    assert bool(whole([shown(JPEG, *size)], 3000, 2000)) is is_whole


def test_of_one_width_the_first_is_taken() -> None:
    """A srcset names each width once."""
    renditions = [shown(JPEG, 600, 400, name="a"), shown(JPEG, 600, 400, name="b")]
    assert sources(whole(renditions, 3000, 2000)) == [
        {"type": JPEG, "srcset": "https://s/a600.jpeg 600w"}
    ]


def test_types_that_reach_as_far_are_offered() -> None:
    """Browsers take the first type that they know; ``img`` is for the others."""
    html = page(
        [
            *(shown(AVIF, width, width * 2 // 3, width) for width in (300, 900, 1200)),
            *(shown(WEBP, width, width * 2 // 3, width * 2) for width in (300, 900, 1200)),
            *(shown(JPEG, width, width * 2 // 3, width * 3) for width in (300, 900, 1200)),
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


def test_a_type_that_does_not_reach_as_far_is_for_small_screens() -> None:
    """Offered as a source, it would be enlarged on all others."""
    html = page([shown(WEBP, 300, 300), shown(WEBP, 800, 533), shown(JPEG, 1600, 1067)])
    assert html is not None
    ((tag, image),) = elements(html)
    assert tag == "img"
    assert image["src"] == "https://s/1600.jpeg"
    assert image["srcset"] == "https://s/800.webp 800w, https://s/1600.jpeg 1600w"


def test_what_not_all_browsers_know_stays_out_of_img() -> None:
    """A browser takes from ``srcset`` by size alone."""
    html = page([shown(AVIF, 800, 533), shown(JPEG, 1600, 1067)])
    assert html is not None
    assert "avif" not in html
    assert "srcset" not in html


def test_one_rendition_needs_no_choice() -> None:
    """Then there is no ``srcset``."""
    html = page([shown(PNG, 600, 400)])
    assert html == (
        '<img src="https://s/600.png" width="600" height="400" alt="" loading="lazy" '
        'decoding="async">'
    )


def test_cut_pictures_are_better_than_none() -> None:
    """The first rendition is shown where none shows the whole picture."""
    renditions = [shown(WEBP, 48, 48), shown(WEBP, 96, 96)]
    html = page(renditions)
    assert html is not None
    assert elements(html)[0][1]["src"] == "https://s/48.webp"
    assert markup({}, renditions) == html
    assert markup({}, []) is None


@given(
    st.lists(
        st.builds(
            shown,
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
def test_markup_is_well_formed(renditions: list[Shown], width: int, height: int) -> None:
    """Whatever renditions there are, nothing breaks out of an attribute."""
    html = markup(whole(renditions, width, height), renditions)
    assert (html is None) == (not renditions)
    if html is None:
        return
    found = elements(html)
    assert {tag for tag, _ in found} <= {"picture", "source", "img"}
    assert [tag for tag, _ in found].count("img") == 1
    known = {"src", "srcset", "sizes", "type", "width", "height", "alt", "loading", "decoding"}
    assert all(attributes.keys() <= known for _, attributes in found)
    assert found[-1][1]["src"] in {each.url for each in renditions}
