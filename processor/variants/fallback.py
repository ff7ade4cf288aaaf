"""The image that is shown in place of a variant that cannot be."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.storage.variants import StoredVariant
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECONDS = 60.0
"""How long a function's environment keeps the image."""


@dataclass(slots=True)
class Fallback:
    """An object of the site bucket."""

    s3: "S3Client"
    bucket: str
    key: str
    """Empty for none."""
    _known: tuple[float, StoredVariant | None] = field(default=(-SECONDS, None))

    def read(self) -> StoredVariant | None:
        """Return the image; None without one, or if it cannot be read: the log says why."""
        if not self.key:
            return None
        read, image = self._known
        if time.monotonic() - read < SECONDS and image:
            return image
        try:
            response = self.s3.get_object(Bucket=self.bucket, Key=self.key)
            with response["Body"] as body:
                image = StoredVariant(body.read(), response["ContentType"], response["ETag"], "")
        except Exception:
            logger.exception("fallback not read", key=self.key)
            return None
        self._known = time.monotonic(), image
        return image
