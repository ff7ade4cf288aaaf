"""The demo page's files, brought to the site bucket."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3

from localstack_init.build import PROJECT
from localstack_init.stack import Say

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE = PROJECT / "web_demo"
BESIDE = [PROJECT / "docs" / name for name in ("openapi.yaml", "recipe.schema.json")]
"""What the page and its readers want from the documentation."""

MARKS = "marks/"
"""Begins the keys of what operators put into the bucket: pictures for watermarks."""

CACHE_CONTROL = "public, max-age=0, must-revalidate, s-maxage=31536000"
"""Browsers ask each time; CloudFront keeps the files until a deployment invalidates them."""

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

BY_PATH = re.compile(
    r"(?P<scheme>https?)://(localhost|127\.0\.0\.1)(?P<port>:[0-9]+)?/_aws/cloudfront/(?P<id>[A-Z0-9]+)"
)
"""A distribution's address in an emulator on this machine, for clients that resolve no other."""


def page_address(site_url: str) -> str:
    """Return where a browser opens the page: at an origin that it shares with nothing else.

    ``site_url`` is the output ``SiteUrl``. In an emulator that is the address of the distribution
    by path, which leads a browser to the host that this returns.
    """
    if not (found := BY_PATH.fullmatch(site_url)):
        return f"{site_url}/"
    port = found["port"] or ""
    return f"{found['scheme']}://{found['id'].lower()}.cloudfront.localhost{port}/"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site."""

    key: str
    path: Path

    def read(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()

    @property
    def content_type(self) -> str:
        """By the ending. Raises ``KeyError`` for one that nobody has thought of."""
        return TYPES[self.path.suffix]

    @property
    def etag(self) -> str:
        """What S3 calls these bytes, where it encrypts with its own keys."""
        return f'"{hashlib.md5(self.read(), usedforsecurity=False).hexdigest()}"'


def files() -> Iterator[File]:
    """All files of the site."""
    for path in sorted(PAGE.rglob("*")):
        if path.is_file() and path.suffix in TYPES:
            yield File(path.relative_to(PAGE).as_posix(), path)
    yield from (File(path.name, path) for path in BESIDE)


def deploy_site(
    bucket: str, distribution: str, say: Say, wanted_files: Iterable[File] | None = None
) -> bool:
    """Bring the bucket to the state of this checkout, and let CloudFront forget what changed.

    ``wanted_files`` are others than the checkout's. Answers whether anything changed.
    """
    s3 = boto3.client("s3")
    wanted = {file.key: file for file in (files() if wanted_files is None else wanted_files)}
    there = _objects(s3, bucket)
    changed = [file for key, file in wanted.items() if there.get(key) != file.etag]
    # The page itself comes last: what it names is there by then.
    for file in sorted(changed, key=lambda file: file.path.suffix == ".html"):
        s3.put_object(
            Bucket=bucket,
            Key=file.key,
            Body=file.read(),
            ContentType=file.content_type,
            CacheControl=CACHE_CONTROL,
        )
    gone = [key for key in there if key not in wanted and not key.startswith(MARKS)]
    for key in gone:
        s3.delete_object(Bucket=bucket, Key=key)
    if not changed and not gone:
        return False
    say(f"Updated {len(changed)} and removed {len(gone)} of the site's {len(wanted)} files")
    boto3.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/*"]},
            "CallerReference": uuid4().hex,
        },
    )
    return True


def _objects(s3: "S3Client", bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {each["Key"]: each["ETag"] for page in pages for each in page.get("Contents", [])}
