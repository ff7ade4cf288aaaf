"""The deployed site as a client on the web sees it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.site import page_address
from tests.speed import LIMIT

from .waiting import wait_for


@dataclass(frozen=True, slots=True)
class Site:
    """The distribution: the page, the renditions, and the API below it."""

    root: str
    """The output ``SiteUrl``, which every client resolves."""
    http: httpx.Client

    @property
    def page(self) -> str:
        """Where a browser opens the page, without the slash at the end."""
        return page_address(self.root).removesuffix("/")

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Get a path below the root."""
        return self.http.get(f"{self.root}/{path}", headers=headers)

    def api(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Call the API; ``body`` is sent as JSON."""
        # In ASCII, so that a body may hold what UTF-8 cannot.
        content = None if body is None else json.dumps(body)
        kind = {} if body is None else {"content-type": "application/json"}
        return self.http.request(
            method, f"{self.root}/api/{path}", headers=kind | headers, content=content
        )

    def image(self, key: str) -> httpx.Response:
        """What the API says of a picture."""
        return self.api("GET", f"images/{quote(key, safe='')}")

    def leave(self, name: str, **wanted: object) -> dict[str, Any]:
        """The presigned POST for one file."""
        answer = self.api("POST", "uploads", {"files": [{"name": name, **wanted}]})
        assert answer.status_code == 200, answer.text
        (upload,) = answer.json()["uploads"]
        return dict(upload)

    def send(self, leave: dict[str, Any], data: bytes, **changed: str) -> httpx.Response:
        """Send a form with the fields of a presigned POST, some of them ``changed``."""
        fields = {**leave["fields"], **changed}
        return self.http.post(leave["url"], data=fields, files={"file": ("file", data)})

    def ended(self, key: str, version: str = "") -> dict[str, Any]:
        """Wait for the outcome of an upload, or of the request that has this version."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            answer = self.image(key)
            if answer.status_code != 200:
                return False
            image = answer.json()
            found[:] = [image]
            return bool(image["status"] != "processing" and image["version"] >= version)

        wait_for(is_there)
        return found[0]

    def gone(self, key: str) -> None:
        """Wait until the API does not know a picture any more."""
        wait_for(lambda: self.image(key).status_code == 404)

    def absolute(self, path: str) -> str:
        """A path relative to the root as a whole URL."""
        return urljoin(f"{self.root}/", path)


@pytest.fixture(scope="session")
def site(cloud: Cloud) -> Iterator[Site]:
    """Give the deployed site."""
    with httpx.Client(timeout=LIMIT) as http:
        yield Site(cloud.outputs["SiteUrl"], http)
