"""The demo page during editing: uploaded to the emulator, and reloaded in open browsers.

Open pages request a version file, by a script that only the page of ``darkroom dev`` has. Both are
in the site bucket, so that the page's content security policy is the deployed one; ``restore``
removes them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from darkroom.cloud import Cloud
from localstack_init.cloudformation import Say
from localstack_init.site import File, deploy_site, files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCRIPT = "dev-reload.js"
VERSION = "dev-version.txt"
PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class _Page(File):
    """The page with the script."""

    def read(self) -> bytes:
        """Return the file's bytes."""
        tag = f'<script type="module" src="{SCRIPT}"></script>\n  </head>'
        return self.path.read_bytes().replace(b"</head>", tag.encode(), 1)


@dataclass(frozen=True, slots=True)
class _Version(File):
    """The version file: it changes with every other file of the site."""

    content: str

    def read(self) -> bytes:
        """Return the file's bytes."""
        return self.content.encode()


@dataclass
class DevPage:
    """The page in one stack's site bucket."""

    bucket: str
    distribution: str
    s3: "S3Client" = field(default_factory=lambda: boto3.client("s3"))
    site_files: Callable[[], Iterable[File]] = files

    @classmethod
    def of(cls, cloud: Cloud) -> "DevPage":
        """Return the page of a stack."""
        return cls(cloud.outputs["SiteBucket"], cloud.outputs["Distribution"])

    def update(self, say: Say) -> bool:
        """Upload the files of this checkout that differ; returns whether any did."""
        site = list(self._files())
        digest = hashlib.sha256(repr([(each.key, each.etag) for each in site]).encode())
        version = _Version(VERSION, Path(VERSION), digest.hexdigest())
        current = self._version()
        # The old version file stays until the others are uploaded and invalidated in CloudFront.
        if current is not None:
            site.append(_Version(VERSION, Path(VERSION), current))
        changed = deploy_site(self.bucket, self.distribution, say, site)
        if current != version.content:
            self.s3.put_object(
                Bucket=self.bucket,
                Key=VERSION,
                Body=version.read(),
                ContentType=version.content_type,
                CacheControl="no-store",
            )
        return changed

    def restore(self, say: Say) -> None:
        """Upload the page as it is deployed, and delete the script and the version file."""
        deploy_site(self.bucket, self.distribution, say)

    def _files(self) -> Iterator[File]:
        for file in self.site_files():
            yield _Page(file.key, file.path) if file.key == PAGE else file
        yield File(SCRIPT, Path(__file__).with_name("reload.js"))

    def _version(self) -> str | None:
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=VERSION)["Body"].read().decode()
        except self.s3.exceptions.NoSuchKey:
            return None
