"""The demo page as it is being edited: brought to the emulator, and reloaded where it is open.

A page that is open learns of a change from a mark that it asks for, by a script that only the page
of ``darkroom dev`` has. Both lie in the site bucket, so that the page's content security policy
stays what it is; ``restore`` takes them away.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from localstack_init.cloudformation import Say
from localstack_init.site import File, deploy_site, files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCRIPT = "dev-reload.js"
MARK = "dev-mark.txt"
PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class _Page(File):
    """The page, with the script."""

    def read(self) -> bytes:
        """Its bytes."""
        tag = f'<script type="module" src="{SCRIPT}"></script>\n  </head>'
        return self.path.read_bytes().replace(b"</head>", tag.encode(), 1)


@dataclass(frozen=True, slots=True)
class _Mark(File):
    """Other bytes whenever the site has other files."""

    content: str

    def read(self) -> bytes:
        """Its bytes."""
        return self.content.encode()


@dataclass
class DevPage:
    """The page in one stack's site bucket."""

    bucket: str
    distribution: str
    s3: "S3Client" = field(default_factory=lambda: boto3.client("s3"))

    def update(self, say: Say) -> bool:
        """Bring the bucket to the state of this checkout; answers whether anything changed."""
        wanted = list(self._files())
        digest = hashlib.sha256(repr([(each.key, each.etag) for each in wanted]).encode())
        mark = _Mark(MARK, Path(MARK), digest.hexdigest())
        there = self._mark()
        # The old mark stays until all else is there, and CloudFront has forgotten what was.
        if there is not None:
            wanted.append(_Mark(MARK, Path(MARK), there))
        changed = deploy_site(self.bucket, self.distribution, say, wanted)
        if there != mark.content:
            self.s3.put_object(
                Bucket=self.bucket,
                Key=MARK,
                Body=mark.read(),
                ContentType=mark.content_type,
                CacheControl="no-store",
            )
        return changed

    def restore(self, say: Say) -> None:
        """Bring back the page as it is deployed."""
        deploy_site(self.bucket, self.distribution, say)

    def _files(self) -> Iterator[File]:
        for file in files():
            yield _Page(file.key, file.path) if file.key == PAGE else file
        yield File(SCRIPT, Path(__file__).with_name("reload.js"))

    def _mark(self) -> str | None:
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=MARK)["Body"].read().decode()
        except self.s3.exceptions.NoSuchKey:
            return None
