"""``POST /images/{key}/variant-urls``."""

from typing import Any
from urllib.parse import quote

import pytest

from darkroom.clients.darkroom_url import VariantUrls
from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.services import SIGNING_KEY

SITE = "https://site.example"
NAMES = ("a.jpg", "café/a + b?.png", "x/%2F/#&=.jpg", "~it's (1)!.jpg", "日本/空 白.webp")


def sign(api: Api, name: str, *options: str) -> Any:
    """Return the response's body."""
    result = api.call(
        "POST", "/images/{key}/variant-urls", {"options": options}, key=quote(name, safe="")
    )
    assert result.status == 200, result.body
    return result.body["variants"]


@pytest.mark.parametrize("name", NAMES)
def test_the_urls_are_those_of_the_builder(api: Api, name: str) -> None:
    """They have the signature that the stack's key makes, which CloudFront checks."""
    api.table.add(filename=name)
    first, second = sign(api, name, "w_320", "w_640,f_webp")
    urls = VariantUrls(SITE, SIGNING_KEY)
    assert first["url"] == urls.url(name, width=320)
    assert second["url"] == urls.url(name, width=640, format="webp")
    assert f"{SITE}/{first['path']}" == first["url"]


def test_a_rotated_key_is_read_after_a_minute(api: Api) -> None:
    """Until then the former key signs, whose URLs stay valid."""
    api.table.add(filename="a.jpg")
    (before,) = sign(api, "a.jpg", "w_320")
    api.ssm.values = dict.fromkeys(api.ssm.values, "Z" * 43)
    api.clock.now += 59
    assert sign(api, "a.jpg", "w_320") == [before]
    assert api.ssm.reads == 1
    api.clock.now += 1
    assert sign(api, "a.jpg", "w_320") != [before]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"options": []},
        {"options": [""]},
        {"options": ["w_1/../2"]},
        {"options": ["w_1\n"]},
        {"options": ["w_1"] * 33},
        {"options": "w_1"},
    ],
)
def test_bad_requests(api: Api, body: object) -> None:
    """Options that are none are refused; CloudFront checks their values."""
    api.table.add(filename="a.jpg")
    result = api.call("POST", "/images/{key}/variant-urls", body, key="a.jpg")
    assert (result.status, result.code) == (400, "invalid-request")


def test_an_unknown_image(api: Api) -> None:
    """It has no variants."""
    result = api.call("POST", "/images/{key}/variant-urls", {"options": ["w_1"]}, key="a.jpg")
    assert (result.status, result.code) == (404, "not-found")


def test_the_api_does_not_sign(api: Api) -> None:
    """Without the parameter, the response says who signs; without the key, what to do."""
    api.table.add(filename="a.jpg")
    call = ("POST", "/images/{key}/variant-urls", {"options": ["w_1"]})
    result = api.with_settings(signing_key="").call(*call, key="a.jpg")
    assert (result.status, result.code) == (403, "signing-off")
    assert "darkroom url" in result.body["detail"]
    api.ssm.values = {}
    result = api.call(*call, key="a.jpg")
    assert (result.status, result.code) == (503, "no-signing-key")
