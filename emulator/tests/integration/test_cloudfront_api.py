"""CloudFront's API: create, update, list and delete."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .edge import CACHING_OPTIMIZED, SECURITY_HEADERS, Edge, http_origin, quantified, unique

ORIGIN = http_origin(1)
# The noun in names of the API, in those of boto3's methods, and a configuration.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "access-control": (
        "OriginAccessControl",
        "origin_access_control",
        {
            "Description": "one",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        },
    ),
    "cache": (
        "CachePolicy",
        "cache_policy",
        {
            "Comment": "one",
            "MinTTL": 1,
            "DefaultTTL": 2,
            "MaxTTL": 3,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "EnableAcceptEncodingGzip": True,
                "EnableAcceptEncodingBrotli": False,
                "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": quantified(["A", "B"])},
                "CookiesConfig": {"CookieBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "all"},
            },
        },
    ),
    "origin-request": (
        "OriginRequestPolicy",
        "origin_request_policy",
        {
            "Comment": "one",
            "HeadersConfig": {"HeaderBehavior": "allViewer"},
            "CookiesConfig": {"CookieBehavior": "all"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    ),
    "response-headers": (
        "ResponseHeadersPolicy",
        "response_headers_policy",
        {
            "Comment": "one",
            "CustomHeadersConfig": quantified(
                [{"Header": "X-One", "Value": "1", "Override": True}]
            ),
        },
    ),
}


def assert_refused(code: str, call: Callable[..., Any], **arguments: Any) -> None:
    """Fail unless a call raises an error with a code."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Any:
    """Return a kind of resources."""
    name, method, config = KINDS[request.param]
    return name, method, {**copy.deepcopy(config), "Name": unique("resource")}


def test_a_resource_is_created_updated_and_deleted(edge: Edge, kind: Any) -> None:
    """Each version has its own ETag, which updates and deletes require."""
    name, method, config = kind
    call = {verb: getattr(edge.api, f"{verb}_{method}") for verb in ("get", "update", "delete")}
    made = getattr(edge.api, f"create_{method}")(**{f"{name}Config": config})
    id_, first = made[name]["Id"], made["ETag"]
    assert made[name][f"{name}Config"] == config
    assert_refused("InvalidIfMatchVersion", call["delete"], Id=id_)
    changed = {**config, "Description" if name.endswith("Control") else "Comment": "two"}
    updated = call["update"](Id=id_, IfMatch=first, **{f"{name}Config": changed})
    assert updated["ETag"] != first
    got = getattr(edge.api, f"get_{method}_config")(Id=id_)
    assert (got[f"{name}Config"], got["ETag"]) == (changed, updated["ETag"])
    assert_refused(
        "PreconditionFailed", call["update"], Id=id_, IfMatch=first, **{f"{name}Config": config}
    )
    assert_refused("PreconditionFailed", call["delete"], Id=id_, IfMatch=first)
    call["delete"](Id=id_, IfMatch=updated["ETag"])
    assert_refused(f"NoSuch{name}", call["get"], Id=id_)


def test_a_resource_is_listed(edge: Edge, kind: Any) -> None:
    """A list has the created resources; of policies, it can be filtered by type."""
    name, method, config = kind
    made = getattr(edge.api, f"create_{method}")(**{f"{name}Config": config})[name]["Id"]
    if name.endswith("Control"):
        found = edge.api.list_origin_access_controls()["OriginAccessControlList"]["Items"]
        assert made in {each["Id"] for each in found}
        return
    plural = f"list_{method.removesuffix('y')}ies"
    own = getattr(edge.api, plural)(Type="custom")[f"{name}List"]["Items"]
    managed = getattr(edge.api, plural)(Type="managed")[f"{name}List"]["Items"]
    assert made in {each[name]["Id"] for each in own}
    assert all(
        each[name][f"{name}Config"]["Name"].startswith("Managed-") and each["Type"] == "managed"
        for each in managed
    )
    assert managed


def test_names_are_unique(edge: Edge, kind: Any) -> None:
    """A second resource of a kind with the same name is refused."""
    name, method, config = kind
    create = getattr(edge.api, f"create_{method}")
    create(**{f"{name}Config": config})
    assert_refused(f"{name}AlreadyExists", create, **{f"{name}Config": config})


def test_a_resource_in_use_is_not_deleted(edge: Edge, kind: Any) -> None:
    """A resource that a distribution refers to can't be deleted."""
    name, method, config = kind
    made = getattr(edge.api, f"create_{method}")(**{f"{name}Config": config})
    reference = {f"{name}Id": made[name]["Id"]}
    if name.endswith("Control"):
        edge.distribution({**ORIGIN, **reference})
    else:
        edge.distribution(ORIGIN, **reference)
    delete = getattr(edge.api, f"delete_{method}")
    assert_refused(f"{name}InUse", delete, Id=made[name]["Id"], IfMatch=made["ETag"])


def test_managed_policies_exist_and_cannot_be_deleted(edge: Edge) -> None:
    """AWS's policies have their well-known identifiers, and can't be deleted."""
    got = edge.api.get_cache_policy(Id=CACHING_OPTIMIZED)
    assert got["CachePolicy"]["CachePolicyConfig"]["Name"] == "Managed-CachingOptimized"
    assert_refused(
        "IllegalDelete", edge.api.delete_cache_policy, Id=CACHING_OPTIMIZED, IfMatch=got["ETag"]
    )
    headers = edge.api.get_response_headers_policy_config(Id=SECURITY_HEADERS)
    security = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert security["ContentTypeOptions"] == {"Override": True}


def test_a_distribution_is_created_updated_and_deleted(edge: Edge) -> None:
    """It must be disabled before it is deleted, and each step requires the current ETag."""
    config = edge.config(ORIGIN, Comment="one", DefaultRootObject="index.html")
    made = edge.api.create_distribution(DistributionConfig=config)
    described, etag = made["Distribution"], made["ETag"]
    id_ = described["Id"]
    assert described["Status"] == "Deployed"
    assert described["ARN"] == f"arn:aws:cloudfront::000000000000:distribution/{id_}"
    port = edge.emulator.port
    assert described["DomainName"] == f"{id_.lower()}.cloudfront.localhost:{port}"
    assert_refused("DistributionNotDisabled", edge.api.delete_distribution, Id=id_, IfMatch=etag)
    got = edge.api.get_distribution_config(Id=id_)
    assert got["ETag"] == etag
    complete = got["DistributionConfig"]
    assert {name: complete[name] for name in config} | {
        "DefaultCacheBehavior": config["DefaultCacheBehavior"], "Origins": config["Origins"]
    } == config  # fmt: skip
    complete |= {"Enabled": False, "Comment": "two"}
    update = edge.api.update_distribution
    assert_refused("InvalidIfMatchVersion", update, Id=id_, DistributionConfig=complete)
    updated = update(Id=id_, IfMatch=etag, DistributionConfig=complete)
    assert updated["Distribution"]["DistributionConfig"]["Comment"] == "two"
    assert_refused("PreconditionFailed", edge.api.delete_distribution, Id=id_, IfMatch=etag)
    edge.api.delete_distribution(Id=id_, IfMatch=updated["ETag"])
    assert_refused("NoSuchDistribution", edge.api.get_distribution, Id=id_)


def test_a_caller_reference_creates_one_distribution(edge: Edge) -> None:
    """A repeated request returns it; another request with its reference is refused."""
    config = edge.config(ORIGIN)
    create = edge.api.create_distribution
    first = create(DistributionConfig=copy.deepcopy(config))["Distribution"]["Id"]
    assert create(DistributionConfig=copy.deepcopy(config))["Distribution"]["Id"] == first
    assert_refused(
        "DistributionAlreadyExists", create, DistributionConfig={**config, "Comment": "another"}
    )


def test_distributions_are_listed_in_pages(edge: Edge) -> None:
    """Every distribution is listed once, with any page size."""
    made = {edge.distribution(ORIGIN).id for _ in range(3)}
    pages = edge.api.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 1})
    found = [each["Id"] for page in pages for each in page["DistributionList"].get("Items", ())]
    assert made <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("NoSuchOrigin", {"TargetOriginId": "none"}),
        ("NoSuchCachePolicy", {"CachePolicyId": "none"}),
        ("NoSuchOriginRequestPolicy", {"OriginRequestPolicyId": "none"}),
        ("NoSuchResponseHeadersPolicy", {"ResponseHeadersPolicyId": "none"}),
        ("NoSuchOriginAccessControl", {"Origins": [{**ORIGIN, "OriginAccessControlId": "E1"}]}),
        ("InvalidArgument", {"Origins": [{"Id": "http", "DomainName": "neither.example"}]}),
        ("InvalidArgument", {"Origins": [{**ORIGIN, "OriginPath": "no-slash"}]}),
        ("InvalidArgument", {"Origins": [ORIGIN, ORIGIN]}),
        ("InconsistentQuantities", {"Origins": {"Quantity": 2, "Items": [ORIGIN]}}),
        ("InvalidDefaultRootObject", {"DefaultRootObject": "/index.html"}),
        (
            "InvalidArgument",
            {"AllowedMethods": {**quantified(["GET"]), "CachedMethods": quantified(["GET"])}},
        ),
        (
            "TrustedKeyGroupDoesNotExist",
            {"TrustedKeyGroups": {"Enabled": True, **quantified(["key-group"])}},
        ),
    ],
)
def test_an_invalid_configuration_is_refused(edge: Edge, code: str, change: dict[str, Any]) -> None:
    """A configuration that CloudFront refuses, or the emulator does not support, fails with its
    code.
    """
    if isinstance(change.get("Origins"), list):
        change = {"Origins": quantified(change["Origins"])}
    config = edge.config(ORIGIN, **change)
    assert_refused(code, edge.api.create_distribution, DistributionConfig=config)


def test_ttls_must_be_in_order(edge: Edge) -> None:
    """A cache policy whose MinTTL is above its MaxTTL is refused."""
    with pytest.raises(ClientError, match="MinTTL"):
        edge.cache_policy((10, 20, 5))


def test_an_alias_belongs_to_one_distribution(edge: Edge) -> None:
    """A second distribution with the same alias is refused."""
    alias = {"Aliases": quantified([f"{unique('taken')}.example.test"])}
    edge.distribution(ORIGIN, **alias)
    config = edge.config(ORIGIN, **alias)
    assert_refused("CNAMEAlreadyExists", edge.api.create_distribution, DistributionConfig=config)


def test_a_distribution_has_tags(edge: Edge) -> None:
    """Tags can be set at creation or later, and can be removed."""
    made = edge.api.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": edge.config(ORIGIN),
            "Tags": {"Items": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]},
        }
    )
    arn = made["Distribution"]["ARN"]
    edge.api.tag_resource(Resource=arn, Tags={"Items": [{"Key": "b", "Value": "3"}]})
    edge.api.untag_resource(Resource=arn, TagKeys={"Items": ["a"]})
    tags = edge.api.list_tags_for_resource(Resource=arn)["Tags"]
    assert tags == {"Items": [{"Key": "b", "Value": "3"}]}
    assert_refused("NoSuchResource", edge.api.list_tags_for_resource, Resource=f"{arn}X")


def test_invalidations_are_listed(edge: Edge) -> None:
    """An invalidation is complete immediately, and can be read later."""
    distribution = edge.distribution(ORIGIN)
    made = distribution.invalidate("/a", "/b/*")
    assert made["Status"] == "Completed"
    got = edge.api.get_invalidation(DistributionId=distribution.id, Id=made["Id"])["Invalidation"]
    assert got["InvalidationBatch"]["Paths"] == quantified(["/a", "/b/*"])
    listed = edge.api.list_invalidations(DistributionId=distribution.id)["InvalidationList"]
    assert [each["Id"] for each in listed["Items"]] == [made["Id"]]
    assert_refused(
        "NoSuchInvalidation", edge.api.get_invalidation, DistributionId=distribution.id, Id="I1"
    )
    with pytest.raises(ClientError, match="wildcard"):
        distribution.invalidate("/a*b")
