"""Variants of images that moderation holds, through CloudFront."""

from collections.abc import Callable

import pytest

from tests.integration.flagged import flagged, patchwork
from tests.integration.variants import Viewer
from tests.integration.waiting import wait_for

from .bench import Bench


@pytest.mark.parametrize(("decision", "status"), [("approve", 200), ("reject", 404)])
def test_variants_of_a_held_image(
    watchful: Bench,
    key: str,
    sample: Callable[[str], bytes],
    decision: str,
    status: int,
) -> None:
    """The variants before go, none is rendered while the image is held, nor after a rejection."""
    viewer = Viewer(watchful.cloud)

    def get(version: int) -> tuple[int, str]:
        """Request a variant by a URL that no cache knows; return status and type."""
        response = viewer.get(f"w_90,v_{version}", key)
        return response.status_code, response.headers["content-type"]

    watchful.put(key, sample("coffee.png"))
    watchful.done(key)
    assert get(1) == (200, "image/webp")
    assert viewer.stored(key).keys() == {"w_90.webp"}
    picture = patchwork(key)
    with flagged(picture):
        watchful.put(key, picture)
        assert watchful.waits(key)["review"]["reasons"]
    assert not viewer.stored(key)
    assert get(2) == (404, "application/problem+json")
    assert watchful.decide(key, decision).status_code == 202
    wait_for(lambda: watchful.entry(key)["status"] in ("done", "rejected"))
    assert get(3)[0] == status
    assert bool(viewer.stored(key)) == (status == 200)
