"""Sandboxed objects: uploaded documents run no scripts in a browser."""

from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from .edge import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, Edge, grant, policy, s3_origin, unique
from .localstack import REGION, LocalStack

BODY = b"<!doctype html><script>alert()</script>"
BROWSERS = [
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
    {"Origin": "http://localhost:3000"},
    {"User-Agent": "Mozilla/5.0 (Macintosh) Safari/605"},
]


class Page:
    """An HTML file in a bucket."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        self.s3 = edge.emulator.client("s3")
        self.bucket = unique("sandbox")
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_object(Bucket=self.bucket, Key="index.html", Body=BODY, ContentType="text/html")

    def signed(self, emulator: LocalStack, style: str, operation: str) -> tuple[str, str]:
        """Return host and target of a presigned request."""
        s3: Any = {"addressing_style": style}
        client = boto3.client(
            "s3",
            endpoint_url=f"http://s3.localhost:{emulator.port}",
            region_name=REGION,
            aws_access_key_id=emulator.key.access_key,
            aws_secret_access_key=emulator.key.secret_key,
            config=Config(signature_version="s3v4", s3=s3),
        )
        url = client.generate_presigned_url(operation, {"Bucket": self.bucket, "Key": "index.html"})
        parts = urlsplit(url)
        return parts.netloc, f"{parts.path}?{parts.query}"


@pytest.fixture
def page(edge: Edge) -> Page:
    """Return an HTML file in a bucket."""
    return Page(edge)


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("browser", BROWSERS)
def test_responses_to_browsers_are_sandboxed(
    page: Page, emulator: LocalStack, browser: dict[str, str], style: str
) -> None:
    """By any of the bucket's names, a browser gets the object or S3's error in a sandbox."""
    host, target = page.signed(emulator, style, "get_object")
    for suffix, status in (("", 200), ("0", 403)):
        viewed = page.edge.send(f"{target}{suffix}", "GET", b"", {"Host": host, **browser})
        assert viewed.status == status, viewed.body
        assert viewed.headers["content-security-policy"] == "sandbox"
        assert viewed.headers["x-content-type-options"] == "nosniff"
        assert (viewed.body == BODY) is (status == 200)


def test_other_clients_get_no_sandbox(page: Page, emulator: LocalStack) -> None:
    """SDKs and command-line clients get no header that S3 does not send."""
    host, target = page.signed(emulator, "path", "get_object")
    viewed = page.edge.send(target, "GET", b"", {"Host": host, "User-Agent": "Boto3/1.40"})
    assert viewed.body == BODY
    assert not {"content-security-policy", "x-content-type-options"} & viewed.headers.keys()


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_distribution_is_not_sandboxed(page: Page, edge: Edge, browser: dict[str, str]) -> None:
    """A distribution, which forwards its browser's headers to the bucket, is not a browser."""
    made = edge.distribution(
        s3_origin(page.bucket, edge.access_control()),
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
    )
    page.s3.put_bucket_policy(
        Bucket=page.bucket, Policy=policy(grant(made, f"{page.bucket}/*", "s3:GetObject"))
    )
    viewed = edge.send("/index.html", "GET", b"", {"Host": made.host, **browser})
    assert (viewed.status, viewed.body) == (200, BODY)
    assert "content-security-policy" not in viewed.headers
