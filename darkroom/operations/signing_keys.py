"""Signing keys of variants, in the stack's CloudFront KeyValueStore.

``current`` signs new URLs; URLs that are signed with ``previous`` are valid too. The entries
``imgproxy-*`` are those of imgproxy-compatible URLs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from localstack_init.variant_keys import CURRENT, copy_signing_key, key_value_client, new_key

PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The entries of the store at one time. A change is refused if they have changed since."""

    store: str
    """ARN of the store."""
    copy: str | None
    """Name of the SSM parameter with a copy of the current key; None if the API does not sign."""
    version: str
    """ETag of the entries."""
    changed: datetime
    """Time of the last change."""
    values: Mapping[str, str]

    @classmethod
    def of(cls, cloud: Cloud) -> Self:
        """Read the keys of a stack. Raises ``CommandError`` if it has no variants."""
        if "VariantKeys" not in cloud.outputs:
            raise CommandError(
                "The stack has no signing keys: its parameter Variants is off. To enable variants, "
                "deploy with the parameter Variants=signed."
            )
        store, client = cloud.outputs["VariantKeys"], key_value_client(boto3.Session())
        described = client.describe_key_value_store(KvsARN=store)
        pages = client.get_paginator("list_keys").paginate(KvsARN=store)
        values = {each["Key"]: each["Value"] for page in pages for each in page["Items"]}
        changed = described.get("LastModified", described["Created"])
        copy = cloud.outputs.get("SigningKeyCopy")
        return cls(store, copy, described["ETag"], changed, values)

    @property
    def current(self) -> str:
        """The key for new URLs. Raises ``CommandError`` if there is none."""
        if CURRENT not in self.values:
            raise CommandError(
                "The stack has no signing key. To create one, run `darkroom keys rotate`, or "
                "deploy again."
            )
        return self.values[CURRENT]

    def rotate(self) -> Self:
        """Create a new current key; the former one becomes ``previous``. Returns the new keys."""
        former = {PREVIOUS: self.values[CURRENT]} if CURRENT in self.values else {}
        found = self.replace({**former, CURRENT: new_key()})
        if self.copy:
            copy_signing_key(self.copy, found.current, _no_line, boto3.Session())
        return found

    def replace(self, values: Mapping[str, str]) -> Self:
        """Set entries, all or none. Raises ``CommandError`` if the store has changed since."""
        puts: list[Any] = [{"Key": name, "Value": value} for name, value in values.items()]
        client = key_value_client(boto3.Session())
        try:
            response = client.update_keys(KvsARN=self.store, IfMatch=self.version, Puts=puts)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise
            raise CommandError(
                "The signing keys were changed by someone else at the same time, and are as they "
                "left them. Look at them with `darkroom keys show`, then try again."
            ) from error
        now = datetime.now(self.changed.tzinfo)
        return type(self)(self.store, self.copy, response["ETag"], now, {**self.values, **values})


def _no_line(_: str) -> None:
    """Print nothing."""


def fingerprint(key: str) -> str:
    """Return eight hexadecimal digits that tell keys apart, and reveal nothing of them."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
