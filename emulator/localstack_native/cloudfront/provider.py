"""The CloudFront provider: distributions, invalidations, tags, policies, access controls.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/

Requests and responses have the shapes of botocore's service model.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from threading import Lock
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.protocol.parser import create_parser
from localstack.services.plugins import Service, ServiceLifecycleHook
from localstack.state import StateVisitor

from localstack_native.cloudfront import keys, policies, validation
from localstack_native.cloudfront.edge import EDGE
from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.functions.key_value_stores import KeyValueStoreOperations
from localstack_native.cloudfront.functions.operations import FunctionOperations
from localstack_native.cloudfront.identifiers import STACK_ID_TAG, derived_id, new_id
from localstack_native.cloudfront.managed import quantified
from localstack_native.cloudfront.policies import Output, ResourceOperations, listing, paged
from localstack_native.cloudfront.signed_requests import key_groups
from localstack_native.cloudfront.store import (
    Distribution,
    Invalidation,
    cloudfront_stores,
    distributions,
    store_of,
)

_SUMMARIZED = (
    "Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors",
    "CustomErrorResponses", "Comment", "PriceClass", "Enabled", "ViewerCertificate",
    "Restrictions", "WebACLId", "HttpVersion", "IsIPV6Enabled", "Staging",
)  # fmt: skip


class CloudFrontProvider(FunctionOperations, KeyValueStoreOperations, ServiceLifecycleHook):
    """Distributions, their invalidations and tags. A change takes effect immediately.

    So a distribution is always ``Deployed`` and an invalidation always ``Completed``. The module
    `policies` has those and access controls, the package `functions` the rest.
    """

    service = "cloudfront"

    def accept_state_visitor(self, visitor: StateVisitor) -> None:
        """Pass the state to a visitor that saves or resets it."""
        visitor.visit(cloudfront_stores)

    def on_before_state_reset(self) -> None:
        """Empty the edge cache: a stack that is created again has a distribution of the same ID."""
        for distribution in distributions():
            EDGE.invalidate(distribution.id, ["/*"])

    @handler("CreateDistribution", expand=False)
    def create_distribution(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Create a distribution, or return the one that an equal request has created."""
        return self._create(context, request["DistributionConfig"], {})

    @handler("CreateDistributionWithTags", expand=False)
    def create_distribution_with_tags(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> Output:
        """Create a distribution with tags."""
        wanted = request["DistributionConfigWithTags"]
        tags = _tags(wanted["Tags"])
        _check_tags(context, tags)
        return self._create(context, wanted["DistributionConfig"], tags)

    @handler("GetDistribution", expand=False)
    def get_distribution(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a distribution."""
        return _response(_find(context, request["Id"]))

    @handler("GetDistributionConfig", expand=False)
    def get_distribution_config(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> Output:
        """Return the configuration of a distribution."""
        distribution = _find(context, request["Id"])
        return {"DistributionConfig": distribution.config, "ETag": distribution.etag}

    @handler("UpdateDistribution", expand=False)
    def update_distribution(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Replace the configuration; If-Match must be the current version."""
        distribution = _find(context, request["Id"])
        policies.check_version(distribution, request.get("IfMatch"))
        config = validation.completed(request["DistributionConfig"])
        if config["CallerReference"] != distribution.config["CallerReference"]:
            raise error("IllegalUpdate", "The CallerReference of a distribution can't be changed.")
        validation.check_distribution(store_of(context.account_id), config, distribution)
        distribution.replace(config)
        return _response(distribution)

    @handler("DeleteDistribution", expand=False)
    def delete_distribution(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Delete a disabled distribution."""
        distribution = _find(context, request["Id"])
        policies.check_version(distribution, request.get("IfMatch"))
        if distribution.config["Enabled"]:
            raise error(
                "DistributionNotDisabled",
                "The distribution you are trying to delete has not been disabled.",
            )
        del store_of(context.account_id).distributions[distribution.id]
        EDGE.invalidate(distribution.id, ["/*"])
        return {}

    @handler("ListDistributions", expand=False)
    def list_distributions(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a page of distributions."""
        items = [
            (id_, _summary(distribution))
            for id_, distribution in store_of(context.account_id).distributions.items()
        ]
        return {"DistributionList": listing(*paged(items, request), request)}

    @handler("CreateInvalidation", expand=False)
    def create_invalidation(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Invalidate paths; the edge has removed them when this returns."""
        distribution = _find(context, request["DistributionId"])
        batch = request["InvalidationBatch"]
        paths = [_absolute(path) for path in batch["Paths"].get("Items", ())]
        if not paths or batch["Paths"]["Quantity"] != len(paths):
            raise error("InconsistentQuantities", "Quantity and Items of Paths differ.")
        for path in paths:
            if "*" in path[:-1]:
                raise error("InvalidArgument", f"The wildcard * must be the last character: {path}")
        reference = batch["CallerReference"]
        for old in distribution.invalidations.values():
            if old.caller_reference == reference:
                if old.paths != paths:
                    raise error(
                        "InvalidArgument", "Another batch has been sent with this CallerReference."
                    )
                return {"Invalidation": _invalidation(old), "Location": f"/{old.id}"}
        invalidation = Invalidation(id=new_id(), paths=paths, caller_reference=reference)
        root = distribution.config["DefaultRootObject"]
        EDGE.invalidate(distribution.id, [*paths, *([f"/{root}"] if "/" in paths else [])])
        distribution.invalidations[invalidation.id] = invalidation
        return {"Invalidation": _invalidation(invalidation), "Location": f"/{invalidation.id}"}

    @handler("GetInvalidation", expand=False)
    def get_invalidation(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return an invalidation."""
        found = _find(context, request["DistributionId"]).invalidations.get(request["Id"])
        if found is None:
            raise error("NoSuchInvalidation", "The specified invalidation does not exist.")
        return {"Invalidation": _invalidation(found)}

    @handler("ListInvalidations", expand=False)
    def list_invalidations(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a page of a distribution's invalidations."""
        distribution = _find(context, request["DistributionId"])
        items = [
            (id_, {"Id": id_, "CreateTime": each.created, "Status": "Completed"})
            for id_, each in distribution.invalidations.items()
        ]
        return {"InvalidationList": listing(*paged(items, request), request)}

    @handler("TagResource", expand=False)
    def tag_resource(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Set tags of a distribution."""
        # LocalStack's router ignores values in the query: it routes Operation=Untag here.
        if context.request.args.get("Operation") == "Untag":
            return self.untag_resource(context, _parsed_as(context, "UntagResource"))
        tags = _tags(request["Tags"])
        _check_tags(context, tags)
        _tagged(context, request).tags.update(tags)
        return {}

    @handler("UntagResource", expand=False)
    def untag_resource(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Remove tags of a distribution."""
        tags = _tagged(context, request).tags
        for name in request["TagKeys"].get("Items", ()):
            tags.pop(name, None)
        return {}

    @handler("ListTagsForResource", expand=False)
    def list_tags(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the tags of a distribution."""
        tags = _tagged(context, request).tags
        return {"Tags": {"Items": [{"Key": name, "Value": tags[name]} for name in tags]}}

    def _create(
        self, context: RequestContext, wanted: Mapping[str, Any], tags: dict[str, str]
    ) -> Output:
        store = store_of(context.account_id)
        config = validation.completed(wanted)
        for old in store.distributions.values():
            if old.config["CallerReference"] == config["CallerReference"]:
                if old.config != config:
                    raise error(
                        "DistributionAlreadyExists",
                        "The caller reference that you are using to create a distribution is"
                        " associated with another distribution.",
                    )
                return _response(old)
        validation.check_distribution(store, config, None)
        taken = {each.id for each in distributions()}
        id_ = derived_id(tags, taken) if STACK_ID_TAG in tags else new_id()
        distribution = Distribution(id=id_, config=config, account=context.account_id, tags=tags)
        store.distributions[distribution.id] = distribution
        return _response(distribution)


def _find(context: RequestContext, id_: str) -> Distribution:
    found = store_of(context.account_id).distributions.get(id_)
    if found is None:
        raise error("NoSuchDistribution", "The specified distribution does not exist.")
    return found


def _parsed_as(context: RequestContext, operation: str) -> dict[str, Any]:
    """Return the request's arguments, parsed as another operation."""
    assert context.service
    shape = context.service.operation_model(operation).input_shape
    found: dict[str, Any] = {}
    parser: Any = create_parser(context.service, context.protocol)
    parser._parse_payload(context.request, shape, shape.members, {}, found)  # noqa: SLF001
    return found


def _tagged(context: RequestContext, request: Mapping[str, Any]) -> Distribution:
    for distribution in store_of(context.account_id).distributions.values():
        if distribution.arn == request["Resource"]:
            return distribution
    raise error("NoSuchResource", f"The resource {request['Resource']} does not exist.")


def _tags(tags: Mapping[str, Any]) -> dict[str, str]:
    return {each["Key"]: each.get("Value", "") for each in tags.get("Items") or ()}


def _check_tags(context: RequestContext, tags: Mapping[str, str]) -> None:
    if any(name.startswith("aws:") for name in tags) and not context.is_internal_call:
        raise error("InvalidTagging", "Only AWS services can set tags that begin with aws:.")


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _response(distribution: Distribution) -> Output:
    described = {
        **_identity(distribution),
        "InProgressInvalidationBatches": 0,
        "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
        "ActiveTrustedKeyGroups": _trusted(distribution),
        "DistributionConfig": distribution.config,
    }
    return {
        "Distribution": described,
        "ETag": distribution.etag,
        "Location": f"/2020-05-31/distribution/{distribution.id}",
    }


def _trusted(distribution: Distribution) -> Output:
    """Return the key groups that the behaviors trust, with their keys."""
    store = store_of(distribution.account)
    groups = {
        id_ for behavior in policies.behaviors(distribution.config) for id_ in key_groups(behavior)
    }
    items = [
        {"KeyGroupId": id_, "KeyPairIds": quantified(list(store.key_groups[id_].config["Items"]))}
        for id_ in sorted(groups)
    ]
    return {"Enabled": bool(items), **quantified(items)}


def _identity(distribution: Distribution) -> Output:
    return {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": "Deployed",
        "LastModifiedTime": distribution.modified,
        "DomainName": distribution.domain_name,
    }


def _summary(distribution: Distribution) -> Output:
    config = distribution.config
    return {
        **_identity(distribution),
        "ETag": distribution.etag,
        **{name: config[name] for name in _SUMMARIZED},
    }


def _invalidation(invalidation: Invalidation) -> Output:
    return {
        "Id": invalidation.id,
        "Status": "Completed",
        "CreateTime": invalidation.created,
        "InvalidationBatch": {
            "Paths": quantified(invalidation.paths),
            "CallerReference": invalidation.caller_reference,
        },
    }


def _operations() -> dict[str, Callable[..., Output]]:
    """Return the operations of policies and access controls by API name."""
    checks = {
        policies.ACCESS_CONTROL: validation.check_access_control,
        policies.CACHE: validation.check_cache_policy,
    }
    kinds: dict[policies.Kind, ResourceOperations] = {
        kind: ResourceOperations(kind, checks.get(kind, lambda _: None)) for kind in policies.KINDS
    }
    kinds |= {
        keys.PUBLIC_KEY: keys.PublicKeyOperations(),
        keys.KEY_GROUP: keys.KeyGroupOperations(),
    }
    table: dict[str, Callable[..., Output]] = {}
    for kind, operations in kinds.items():
        table |= {
            f"Create{kind.name}": operations.create,
            f"Get{kind.name}": operations.get,
            f"Get{kind.config}": operations.get_config,
            f"Update{kind.name}": operations.update,
            f"Delete{kind.name}": operations.delete,
            f"List{kind.plural}": operations.list,
        }
    return table


def service() -> Service:
    """Return the service."""
    from localstack.aws.skeleton import create_dispatch_table

    lock = Lock()

    def one_at_a_time(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def run(context: RequestContext, request: Any) -> Any:
            with lock:
                return operation(context, request)

        return run

    def dispatch(provider: object) -> dict[str, Callable[..., Any]]:
        table = {**create_dispatch_table(provider), **_operations()}
        return {name: one_at_a_time(operation) for name, operation in table.items()}

    return Service.for_provider(CloudFrontProvider(), dispatch_table_factory=dispatch)
