"""The demo page's files: uploaded to the site bucket, and invalidated in CloudFront."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3

from localstack_init.build import PROJECT
from localstack_init.cloudformation import Say, default_session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE = PROJECT / "web_demo"
BESIDE = [PROJECT / "docs" / "reference" / name for name in ("openapi.yaml", "recipe.schema.json")]
"""Files of the documentation that are served with the page."""

WATERMARK_IMAGES = "marks/"
"""Prefix of watermark images, which operators upload themselves."""

CACHE_CONTROL = "public, max-age=0, must-revalidate, s-maxage=31536000"
"""Browsers revalidate each time; CloudFront caches until a deployment invalidates the files."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".yaml": "application/yaml; charset=utf-8",
}

EMULATED = re.compile(
    r"(?P<scheme>https?)://(localhost|127\.0\.0\.1)(?P<port>:[0-9]+)?/_aws/cloudfront/(?P<id>[A-Z0-9]+)"
)
"""A distribution's URL by path in an emulator on this machine, which every client resolves."""


def page_address(site_url: str) -> str:
    """Return the page's URL for a browser, at an origin of its own.

    ``site_url`` is the output ``SiteUrl``. An emulator serves all distributions by path at one
    origin, and each at a host of its own.
    """
    if not (found := EMULATED.fullmatch(site_url)):
        return f"{site_url}/"
    port = found["port"] or ""
    return f"{found['scheme']}://{found['id'].lower()}.cloudfront.localhost{port}/"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site."""

    key: str
    path: Path

    def read(self) -> bytes:
        """Return its bytes."""
        return self.path.read_bytes()

    @property
    def content_type(self) -> str:
        """Its content type by extension. Raises ``KeyError`` for an unknown one."""
        return TYPES[self.path.suffix]

    @property
    def etag(self) -> str:
        """The ETag of these bytes in a bucket that encrypts with S3's own keys."""
        return f'"{hashlib.md5(self.read(), usedforsecurity=False).hexdigest()}"'


def files(page: Path = PAGE, beside: Iterable[Path] = BESIDE) -> Iterator[File]:
    """Yield all files of the site."""
    for path in sorted(page.rglob("*")):
        if path.is_file() and path.suffix in TYPES:
            yield File(path.relative_to(page).as_posix(), path)
    yield from (File(path.name, path) for path in beside)


def deploy_site(
    bucket: str,
    distribution: str,
    say: Say,
    wanted_files: Iterable[File] | None = None,
    session: boto3.Session | None = None,
) -> bool:
    """Make the bucket equal to the files, and invalidate CloudFront's cache if anything changed.

    ``wanted_files`` replace the checkout's. Returns whether anything changed.
    """
    session = session or default_session()
    s3 = session.client("s3")
    wanted = {file.key: file for file in (files() if wanted_files is None else wanted_files)}
    stored = _etags(s3, bucket)
    changed = [file for key, file in wanted.items() if stored.get(key) != file.etag]
    # The page itself is last: then the files exist that it refers to.
    for file in sorted(changed, key=lambda file: file.path.suffix == ".html"):
        s3.put_object(
            Bucket=bucket,
            Key=file.key,
            Body=file.read(),
            ContentType=file.content_type,
            CacheControl=CACHE_CONTROL,
        )
    gone = [key for key in stored if key not in wanted and not key.startswith(WATERMARK_IMAGES)]
    for key in gone:
        s3.delete_object(Bucket=bucket, Key=key)
    if not changed and not gone:
        return False
    say(f"Updated {len(changed)} and removed {len(gone)} of the site's {len(wanted)} files")
    session.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/*"]},
            "CallerReference": uuid4().hex,
        },
    )
    return True


def _etags(s3: "S3Client", bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {each["Key"]: each["ETag"] for page in pages for each in page.get("Contents", [])}
