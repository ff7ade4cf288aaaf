"""Signed URLs of variants, and their requests."""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

import boto3
import httpx

from darkroom.cloud import Cloud
from localstack_init.variant_keys import key_value_client

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
WEBP = "image/webp,*/*;q=0.8"


@dataclass(frozen=True)
class Viewer:
    """A client that can sign."""

    cloud: Cloud

    @property
    def key(self) -> str:
        """The current key."""
        store = self.cloud.outputs["VariantKeys"]
        client = key_value_client(boto3.Session())
        return client.get_key(KvsARN=store, Key="current")["Value"]

    def url(self, options: str, key: str) -> str:
        """Return a signed URL."""
        text = f"/{options}/{quote(key)}"
        secret = base64.urlsafe_b64decode(f"{self.key}=")
        digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(digest).decode()[:22]
        return f"{self.cloud.outputs['SiteUrl']}/i/{signature}{text}"

    def get(
        self, options: str, key: str, accept: str = WEBP, method: str = "GET", **headers: str
    ) -> httpx.Response:
        """Request a variant, without following redirects."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(self.url(options, key), accept, method, **named)

    def stored(self, key: str) -> dict[str, str]:
        """Return the ETags of an image's stored variants, by their names."""
        found = self.cloud.s3.list_objects_v2(
            Bucket=self.cloud.outputs["ProcessedBucket"], Prefix=f"variants/{key}/"
        )
        return {each["Key"].rpartition("/")[2]: each["ETag"] for each in found.get("Contents", [])}

    def rendered(self, key: str) -> int:
        """Return how many variants of an image the function has rendered, by its log."""
        return len(self._lines(f'"variant rendered" "{key}"'))

    def invocations(self) -> int:
        """Return how often the function was invoked, by its log."""
        return len(self._lines("START"))

    def _lines(self, pattern: str) -> list[str]:
        pages = (
            boto3.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=self.cloud.outputs["VariantLogGroup"], filterPattern=pattern)
        )
        return [each["message"] for page in pages for each in page["events"]]

    def invalidate(self) -> None:
        """Remove everything from CloudFront's cache."""
        boto3.client("cloudfront").create_invalidation(
            DistributionId=self.cloud.outputs["Distribution"],
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": ["/*"]},
                "CallerReference": uuid.uuid4().hex,
            },
        )


@dataclass(frozen=True)
class Imgproxy:
    """A client of imgproxy, with plain sources."""

    site: str
    VARIABLES: ClassVar = {
        "IMGPROXY_KEY": "943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881",
        "IMGPROXY_SALT": "520f986b998545b4785e0defbc4f3c1203f22de2374a3d53cb7a7fe9fea309c5",
    }

    def url(self, options: str, source: str) -> str:
        """Return a signed URL."""
        signed = f"/{options}/plain/{quote(source)}"
        key, salt = map(bytes.fromhex, self.VARIABLES.values())
        digest = hmac.digest(key, salt + signed.encode(), hashlib.sha256)
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return f"{self.site}/imgproxy/{signature}{signed}"


def send(url: str, accept: str = WEBP, method: str = "GET", **headers: str) -> httpx.Response:
    """Send a request."""
    return httpx.request(method, url, headers={"accept": accept, **headers}, timeout=60)


def cached(response: httpx.Response) -> str:
    """Return the first word of X-Cache: Hit, Miss, RefreshHit, Error, or a function's."""
    return response.headers["x-cache"].split(" ")[0]
