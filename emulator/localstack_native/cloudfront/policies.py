"""API operations that policies and origin access controls share.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/
"""

import builtins
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from localstack.aws.api import RequestContext

from localstack_native.cloudfront import managed
from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.identifiers import new_id
from localstack_native.cloudfront.store import (
    CloudFrontStore,
    Distribution,
    Resource,
    store_of,
)

_ETAG = re.compile(r"E[A-Z0-9]{6,20}")
_DEFAULT_PAGE = 100


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of resource: a type of policy, or the origin access control."""

    name: str
    """The noun in the API's names, such as ``CachePolicy``."""
    attribute: str
    """The attribute of the store that holds the resources."""
    plural: str
    """The noun in the name of the list operation."""
    managed: Mapping[str, Resource]
    """AWS's managed resources, by identifier."""

    @property
    def config(self) -> str:
        """The name of the configuration, such as ``CachePolicyConfig``."""
        return f"{self.name}Config"

    @property
    def missing(self) -> str:
        """The code of the error for a resource that does not exist."""
        return "NoSuchResource" if self.name == "KeyGroup" else f"NoSuch{self.name}"

    @property
    def in_use(self) -> str:
        """The code of the error for a resource that is in use."""
        return "ResourceInUse" if self.name == "KeyGroup" else f"{self.name}InUse"

    @property
    def is_policy(self) -> bool:
        """Whether it is a policy, which has a modification time and a type."""
        return self.name.endswith("Policy")


ACCESS_CONTROL = Kind("OriginAccessControl", "origin_access_controls", "OriginAccessControls", {})
CACHE = Kind("CachePolicy", "cache_policies", "CachePolicies", managed.CACHE_POLICIES)
ORIGIN_REQUEST = Kind(
    "OriginRequestPolicy",
    "origin_request_policies",
    "OriginRequestPolicies",
    managed.ORIGIN_REQUEST_POLICIES,
)
RESPONSE_HEADERS = Kind(
    "ResponseHeadersPolicy",
    "response_headers_policies",
    "ResponseHeadersPolicies",
    managed.RESPONSE_HEADERS_POLICIES,
)
KINDS = (ACCESS_CONTROL, CACHE, ORIGIN_REQUEST, RESPONSE_HEADERS)

type Output = dict[str, Any]


def find(kind: Kind, store: CloudFrontStore, id_: str | None) -> Resource:
    """Return an account's or a managed resource; raise NoSuch… if it does not exist."""
    own: dict[str, Resource] = getattr(store, kind.attribute)
    found = own.get(id_ or "") or kind.managed.get(id_ or "")
    if found is None:
        raise error(kind.missing, f"The specified {kind.name} does not exist: {id_}")
    return found


class Versioned(Protocol):
    """A resource with a version."""

    etag: str


def check_version(resource: Versioned, etag: str | None) -> None:
    """Raise InvalidIfMatchVersion or PreconditionFailed unless If-Match is the current version."""
    if not etag or not _ETAG.fullmatch(etag):
        raise error(
            "InvalidIfMatchVersion",
            "The If-Match version is missing or not valid for the resource.",
        )
    if etag != resource.etag:
        raise error(
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions in one or more"
            " request-header fields.",
        )


def paged(items: Iterable[tuple[str, Any]], request: Mapping[str, Any]) -> tuple[list[Any], str]:
    """Return a page of items after the request's marker, and the next page's marker or ""."""
    size = min(int(request.get("MaxItems") or _DEFAULT_PAGE), _DEFAULT_PAGE)
    marker = request.get("Marker") or ""
    rest = sorted((each for each in items if each[0] > marker), key=lambda each: each[0])
    page = rest[:size]
    return [item for _, item in page], page[-1][0] if len(rest) > size else ""


def listing(items: list[Any], next_marker: str, request: Mapping[str, Any]) -> Output:
    """Return a page in the API's list shape."""
    return {
        "Marker": request.get("Marker") or "",
        "MaxItems": int(request.get("MaxItems") or _DEFAULT_PAGE),
        "IsTruncated": bool(next_marker),
        **({"NextMarker": next_marker} if next_marker else {}),
        **managed.quantified(items),
    }


class ResourceOperations:
    """The operations of one kind of resource: create, get, get config, update, delete, list."""

    def __init__(self, kind: Kind, check: Callable[[dict[str, Any]], None]) -> None:
        self._kind = kind
        self._check = check

    def create(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Create a resource; raise …AlreadyExists for a name that is taken."""
        kind, store = self._kind, store_of(context.account_id)
        config = dict(request[kind.config])
        self._check_config(store, config, None)
        id_ = str(uuid4()) if kind.is_policy else new_id()
        resource = Resource(id=id_, config=config)
        getattr(store, kind.attribute)[id_] = resource
        return {**self._response(resource), "Location": f"/{id_}"}

    def get(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a resource."""
        return self._response(find(self._kind, store_of(context.account_id), request["Id"]))

    def get_config(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the configuration of a resource."""
        resource = find(self._kind, store_of(context.account_id), request["Id"])
        return {self._kind.config: resource.config, "ETag": resource.etag}

    def update(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Replace the configuration; If-Match must be the current version."""
        store = store_of(context.account_id)
        resource = self._own(store, request, "IllegalUpdate")
        config = dict(request[self._kind.config])
        self._check_config(store, config, resource)
        resource.replace(config)
        return self._response(resource)

    def delete(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Delete a resource; raise …InUse while a distribution refers to it."""
        kind, store = self._kind, store_of(context.account_id)
        resource = self._own(store, request, "IllegalDelete")
        if users := self._users(store, resource.id):
            raise error(kind.in_use, f"The {kind.name} is attached to {', '.join(users)}.")
        del getattr(store, kind.attribute)[resource.id]
        return {}

    def list(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a page of resources, including AWS's managed policies."""
        kind, store = self._kind, store_of(context.account_id)
        resources = {**kind.managed, **getattr(store, kind.attribute)}
        wanted = request.get("Type")
        items = [
            (id_, self._summary(resource))
            for id_, resource in resources.items()
            if wanted in {None, "managed" if resource.managed else "custom"}
        ]
        page = listing(*paged(items, request), request)
        if kind is not ACCESS_CONTROL:
            page = {name: page[name] for name in page if name not in {"Marker", "IsTruncated"}}
        return {f"{kind.name}List": page}

    def _users(self, store: CloudFrontStore, id_: str) -> builtins.list[str]:
        """Return the identifiers of what refers to a resource."""
        return [each.id for each in store.distributions.values() if _refers(each, id_)]

    def _own(self, store: CloudFrontStore, request: Mapping[str, Any], code: str) -> Resource:
        resource = find(self._kind, store, request["Id"])
        if resource.managed:
            raise error(code, "A managed policy can be neither changed nor deleted.")
        check_version(resource, request.get("IfMatch"))
        return resource

    def _check_config(
        self, store: CloudFrontStore, config: dict[str, Any], old: Resource | None
    ) -> None:
        self._check(config)
        for other in getattr(store, self._kind.attribute).values():
            if other is not old and other.config["Name"] == config["Name"]:
                raise error(
                    f"{self._kind.name}AlreadyExists",
                    f"A {self._kind.name} with the name {config['Name']} already exists.",
                )

    def _response(self, resource: Resource) -> Output:
        return {self._kind.name: self._described(resource), "ETag": resource.etag}

    def _described(self, resource: Resource) -> Output:
        times = {"LastModifiedTime": resource.modified} if self._kind.is_policy else {}
        return {"Id": resource.id, **times, self._kind.config: resource.config}

    def _summary(self, resource: Resource) -> Output:
        if not self._kind.is_policy:
            return {"Id": resource.id, "Description": "", **resource.config}
        type_ = "managed" if resource.managed else "custom"
        return {"Type": type_, self._kind.name: self._described(resource)}


def behaviors(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a distribution's behaviors in order of precedence; the default is the last."""
    named = (config.get("CacheBehaviors") or {}).get("Items") or []
    return [*named, config["DefaultCacheBehavior"]]


def _refers(distribution: Distribution, id_: str) -> bool:
    references = [
        *(
            behavior.get(f"{kind.name}Id")
            for behavior in behaviors(distribution.config)
            for kind in KINDS
        ),
        *(each.get("OriginAccessControlId") for each in distribution.config["Origins"]["Items"]),
    ]
    return id_ in references
