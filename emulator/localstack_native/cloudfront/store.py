"""CloudFront's state: distributions, policies, access controls, functions, invalidations."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from localstack.services.stores import AccountRegionBundle, BaseStore, CrossRegionAttribute
from localstack.utils.urls import localstack_host

from localstack_native.cloudfront.identifiers import new_id

if TYPE_CHECKING:
    from localstack_native.cloudfront.functions.models import Function, KeyValueStore

GLOBAL_REGION = "us-east-1"
"""CloudFront is global; its store is in the region that AWS uses for global services."""


def now() -> datetime:
    """Return the time in the API's resolution of one second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Resource:
    """A configuration with an identifier; ``etag`` is its version."""

    id: str
    config: dict[str, Any]
    etag: str = field(default_factory=new_id)
    modified: datetime = field(default_factory=now)
    managed: bool = False

    def replace(self, config: dict[str, Any]) -> None:
        """Replace the configuration by a new version."""
        self.config, self.etag, self.modified = config, new_id(), now()


@dataclass
class Invalidation:
    """A completed invalidation of paths."""

    id: str
    paths: list[str]
    caller_reference: str
    created: datetime = field(default_factory=now)


@dataclass
class Distribution(Resource):
    """A distribution with its tags and invalidations."""

    account: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    invalidations: dict[str, Invalidation] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The ARN, which bucket policies have in their conditions."""
        return f"arn:aws:cloudfront::{self.account}:distribution/{self.id}"

    @property
    def domain_name(self) -> str:
        """The host and port at which a browser reaches the distribution."""
        gateway = localstack_host()
        return f"{self.id.lower()}.cloudfront.{gateway.host}:{gateway.port}"


class CloudFrontStore(BaseStore):
    """One account's resources by identifier."""

    distributions = cast("dict[str, Distribution]", CrossRegionAttribute(default=dict))
    origin_access_controls = cast("dict[str, Resource]", CrossRegionAttribute(default=dict))
    cache_policies = cast("dict[str, Resource]", CrossRegionAttribute(default=dict))
    origin_request_policies = cast("dict[str, Resource]", CrossRegionAttribute(default=dict))
    response_headers_policies = cast("dict[str, Resource]", CrossRegionAttribute(default=dict))
    public_keys = cast("dict[str, Resource]", CrossRegionAttribute(default=dict))
    key_groups = cast("dict[str, Resource]", CrossRegionAttribute(default=dict))
    functions = cast("dict[str, Function]", CrossRegionAttribute(default=dict))
    key_value_stores = cast("dict[str, KeyValueStore]", CrossRegionAttribute(default=dict))


cloudfront_stores: AccountRegionBundle[CloudFrontStore] = AccountRegionBundle(
    "cloudfront", CloudFrontStore, validate=False
)


def store_of(account: str) -> CloudFrontStore:
    """Return an account's store."""
    return cloudfront_stores[account][GLOBAL_REGION]


def distributions() -> list[Distribution]:
    """Return the distributions of all accounts."""
    return [
        distribution
        for account in list(cloudfront_stores)
        for distribution in list(store_of(account).distributions.values())
    ]
