"""Metadata that people edit, on a deployed stack: the API, the command, and CloudFront."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry

from .conftest import Run
from .site import Site
from .test_undelete import stored
from .variants import Viewer
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


def edit(site: Site, key: str, body: object, etag: str = "*") -> httpx.Response:
    """Send an edit."""
    return site.api("PATCH", f"images/{quote(key, safe='')}", body, **{"if-match": etag})


def refocused(site: Site, key: str, point: dict[str, float] | None) -> dict[str, Any]:
    """Wait until the renditions follow a focal point."""

    def follow() -> bool:
        image = site.image(key).json()
        is_done = image["status"] == "done"
        return bool(is_done and image.get("rendered_focal_point") == point)

    wait_for(follow)
    return dict(site.image(key).json())


@pytest.fixture
def image(key: str, put: Put, outcome: Outcome, sample: Sample) -> str:
    """Give the key of a published image of 1024 x 768 pixels."""
    put(key, sample("raccoon.jpg"))
    assert outcome(key)["status"] == "done"
    return key


def test_an_edit_shows_everywhere(site: Site, image: str) -> None:
    """The image has it, and so do its markup and the list; an older edit is refused."""
    etag = f'"{site.image(image).json()["metadata_etag"]}"'
    alt = 'Ein "Waschbär" <hinter> Ästen'
    done = edit(site, image, {"alt": alt, "tags": ["Tier", "Wald"], "fields": {"by": "Ada"}}, etag)
    assert done.status_code == 200, done.text
    assert done.json()["alt"] == alt
    assert 'alt="Ein &quot;Waschbär&quot; &lt;hinter&gt; Ästen"' in done.json()["markup"]
    assert site.image(image).json() == done.json()
    late = edit(site, image, {"alt": "other"}, etag)
    assert (late.status_code, late.json()["code"]) == (412, "edited")
    none = site.api("PATCH", f"images/{quote(image, safe='')}", {"alt": "other"})
    assert (none.status_code, none.json()["code"]) == (428, "if-match-required")
    assert site.image(image).json()["alt"] == alt


def test_a_focal_point_renders_what_crops(cloud: Cloud, site: Site, image: str) -> None:
    """The thumbnail changes; the others keep bytes and URLs. Variants that crop follow."""
    viewer = Viewer(cloud)
    before, bytes_before = site.image(image).json(), stored(cloud, image)
    cropped = viewer.get("w_100,h_300,fit_cover", image)
    named = viewer.get("thumb", image)
    result = edit(site, image, {"focal_point": {"x": 0.05, "y": 0.5}})
    assert result.status_code == 202, result.text
    after, bytes_after = refocused(site, image, {"x": 0.05, "y": 0.5}), stored(cloud, image)
    assert after["version"] > before["version"]
    urls = [{each["name"]: each["url"] for each in one["renditions"]} for one in (before, after)]
    assert urls[0].keys() == urls[1].keys()
    assert {name for name in urls[0] if urls[0][name] != urls[1][name]} == {"thumb"}
    thumb = f"processed/{image}/thumb.webp"
    assert bytes_before.pop(thumb) != bytes_after.pop(thumb)
    assert bytes_before == bytes_after
    assert after["analysis"] == before["analysis"]
    viewer.invalidate()
    assert viewer.get("w_100,h_300,fit_cover", image).content != cropped.content
    assert viewer.get("thumb", image).content != named.content
    # Without one it is as it was.
    assert edit(site, image, {"focal_point": None}).status_code == 202
    refocused(site, image, None)
    assert stored(cloud, image)[thumb] != bytes_after.get(thumb)


def test_metadata_survives(
    site: Site, image: str, put: Put, outcome: Outcome, sample: Sample, run: Run
) -> None:
    """A new original and a request for another recipe keep it, and follow the focal point."""
    edit(site, image, {"title": "Waschbär", "focal_point": {"x": 0.9, "y": 0.1}})
    refocused(site, image, {"x": 0.9, "y": 0.1})
    before = outcome(image)
    put(image, sample("flower.jpg"))
    before = outcome(image, after=before)
    assert before["rendered_focal_point"] == {"x": 0.9, "y": 0.1}
    assert run("reprocess", image, "--recipe", "avatar").returncode == 0
    entry = outcome(image, after=before)
    assert (entry["recipe"], entry["title"]) == ("avatar", "Waschbär")
    # The recipe stays when the focal point changes.
    edit(site, image, {"focal_point": {"x": 0.1, "y": 0.1}})
    after = refocused(site, image, {"x": 0.1, "y": 0.1})
    assert (after["recipe"], after["title"]) == ("avatar", "Waschbär")


def test_the_command(cloud: Cloud, run: Run, image: str) -> None:
    """It edits what it names, and waits for the renditions."""
    done = run(
        "set", image, "--alt", "A raccoon", "--tag", "Animal", "--tag", "Forest",
        "--focal-point", "0.2,0.3", "--field", "by=Ada",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Animal, Forest" in done.stdout
    entry = cloud.entry(image)
    assert entry["rendered_focal_point"] == {"x": 0.2, "y": 0.3}
    assert (entry["alt"], entry["tags"]) == ("A raccoon", ["Animal", "Forest"])
    assert run("set", image, "--field", "by=", "--clear", "tags").returncode == 0
    assert not {"tags", "fields"} & cloud.entry(image).keys()
    wrong = run("set", image, "--focal-point", "2,0")
    assert wrong.returncode == 1
    assert "$.focal_point.x" in wrong.stderr
    both = run("set", image, "--alt", "x", "--clear", "alt")
    assert both.returncode == 1
    assert "alt can't be both set and removed" in both.stderr


def test_the_name_of_the_file(site: Site, sample: Sample) -> None:
    """The key has a safe name, the image the file's own."""
    ticket = site.leave("Urlaub/Am Strand ☀.jpg")
    assert site.send(ticket, sample("flower.jpg")).status_code == 204
    image = site.ended(ticket["key"])
    assert image["key"].endswith("/Am-Strand.jpg")
    assert image["name"] == "Am Strand ☀.jpg"
