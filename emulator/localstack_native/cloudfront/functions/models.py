"""Functions and key value stores of an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from localstack_native.cloudfront.identifiers import new_id


def now() -> datetime:
    """Return the time with the API's resolution, a millisecond."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class KeyValues:
    """A key value store as a run sees it."""

    id: str
    values: Mapping[str, str]
    meta: Mapping[str, Any]


@dataclass
class Stage:
    """The code and the configuration of a function in a stage, ``DEVELOPMENT`` or ``LIVE``."""

    config: dict[str, Any]
    code: bytes
    compiled: str
    """What the engine runs."""
    etag: str = field(default_factory=new_id)
    modified: datetime = field(default_factory=now)


@dataclass
class Function:
    """A function; ``live`` is None until it is published."""

    name: str
    account: str
    development: Stage
    live: Stage | None = None
    created: datetime = field(default_factory=now)

    @property
    def arn(self) -> str:
        """The ARN, which is the same for both stages."""
        return f"arn:aws:cloudfront::{self.account}:function/{self.name}"

    def stage(self, name: str | None) -> Stage | None:
        """Return a stage; the default is the development stage."""
        return self.live if name == "LIVE" else self.development

    def stores(self) -> set[str]:
        """Return the ARNs of the key value stores that either stage uses."""
        stages = [self.development, *([self.live] if self.live else [])]
        return {arn for each in stages for arn in store_arns(each.config)}


@dataclass
class KeyValueStore:
    """A key value store. ``values`` is replaced and never changed: runs keep what they have."""

    name: str
    account: str
    comment: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))
    etag: str = field(default_factory=new_id)
    """The version of name and comment."""
    modified: datetime = field(default_factory=now)
    created: datetime = field(default_factory=now)
    values: Mapping[str, str] = field(default_factory=dict)
    values_etag: str = field(default_factory=new_id)
    """The version of the values."""
    values_modified: datetime = field(default_factory=now)

    @property
    def arn(self) -> str:
        """The ARN, with the identifier."""
        return f"arn:aws:cloudfront::{self.account}:key-value-store/{self.id}"

    @property
    def size(self) -> int:
        """The size of keys and values in bytes."""
        return sum(len(key.encode()) + len(value.encode()) for key, value in self.values.items())

    def replace_values(self, values: Mapping[str, str]) -> None:
        """Replace the values by a new version."""
        self.values, self.values_etag, self.values_modified = values, new_id(), now()

    def seen(self) -> KeyValues:
        """Return what a function's run sees."""
        values = self.values
        return KeyValues(
            self.id,
            values,
            {
                "creationDateTime": self.created.isoformat(),
                "lastUpdatedDateTime": self.values_modified.isoformat(),
                "keyCount": len(values),
            },
        )


def store_arns(config: Mapping[str, Any]) -> list[str]:
    """Return the ARNs of the key value stores in a function's configuration."""
    items = (config.get("KeyValueStoreAssociations") or {}).get("Items") or ()
    return [str(each["KeyValueStoreARN"]) for each in items]
