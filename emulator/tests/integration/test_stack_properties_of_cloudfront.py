"""Each property of CloudFront's resources that a template can change, read back through its API."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .edge import CACHING_DISABLED
from .localstack import LocalStack
from .property_cases import Case, Read, Service, as_map, pick
from .stacks import Stack

TAGS = [{"Key": "team", "Value": "images"}]
CODE = "function handler(event) { return event.request; }"
OTHER_CODE = "function handler(event) { return { statusCode: 204 }; }"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
PEM = (
    rsa.generate_private_key(65537, 2048)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def origin(name: str, **more: Any) -> dict[str, Any]:
    """Return an origin of a template."""
    return {
        "Id": name,
        "DomainName": f"{name}.localhost",
        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"},
        **more,
    }


BEHAVIOR: dict[str, Any] = {
    "TargetOriginId": "one",
    "ViewerProtocolPolicy": "allow-all",
    "CachePolicyId": CACHING_DISABLED,
}
BASE: dict[str, Any] = {
    "Enabled": True,
    "Origins": [origin("one"), origin("two")],
    "DefaultCacheBehavior": BEHAVIOR,
}


def distribution(*path: Any) -> Read:
    """Return a reader of a distribution's configuration."""
    return lambda it: pick(
        it.client("cloudfront").get_distribution_config(Id=it.id)["DistributionConfig"], *path
    )


def config(operation: str, *path: Any) -> Read:
    """Return a reader of a configuration."""
    return lambda it: pick(getattr(it.client("cloudfront"), f"get_{operation}")(Id=it.id), *path)


def stage(name: str) -> Read:
    """Return a reader of a function's code in a stage, None if it is not there."""

    def read(service: Service) -> str | None:
        client = service.client("cloudfront")
        try:
            found = client.get_function(Name=service.id.rpartition("/")[2], Stage=name)
        except client.exceptions.NoSuchFunctionExists:
            return None
        return str(found["FunctionCode"].read().decode())

    return read


def live(*path: Any) -> Read:
    """Return a reader of a published function's configuration."""
    return lambda it: pick(
        it.client("cloudfront").describe_function(Name=it.id.rpartition("/")[2], Stage="LIVE")[
            "FunctionSummary"
        ]["FunctionConfig"],
        *path,
    )


DISTRIBUTION: list[tuple[dict[str, Any], Read, Any, Any]] = [
    ({"Comment": "new"}, distribution("Comment"), "new", ""),
    ({"Enabled": False}, distribution("Enabled"), False, True),
    ({"DefaultRootObject": "index.html"}, distribution("DefaultRootObject"), "index.html", ...),
    ({"PriceClass": "PriceClass_100"}, distribution("PriceClass"), "PriceClass_100", ...),
    ({"HttpVersion": "http2and3"}, distribution("HttpVersion"), "http2and3", ...),
    ({"CustomErrorResponses": [{"ErrorCode": 404, "ErrorCachingMinTTL": "7"}]},
     distribution("CustomErrorResponses", "Items", 0, "ErrorCachingMinTTL"), 7, None),
    ({"Origins": [origin("one", OriginPath="/new"), origin("two")]},
     distribution("Origins", "Items", 0, "OriginPath"), "/new", ...),
    ({"Origins": [*BASE["Origins"], origin("three")]}, distribution("Origins", "Quantity"), 3, 2),
    ({"OriginGroups": {"Quantity": 1, "Items": [{
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [503]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "one"}, {"OriginId": "two"}]}}]}},
     distribution("OriginGroups", "Items", 0, "Id"), "both", None),
    ({"DefaultCacheBehavior": {**BEHAVIOR, "CachePolicyId": CACHING_OPTIMIZED}},
     distribution("DefaultCacheBehavior", "CachePolicyId"), CACHING_OPTIMIZED, CACHING_DISABLED),
    ({"DefaultCacheBehavior": {**BEHAVIOR, "TargetOriginId": "two"}},
     distribution("DefaultCacheBehavior", "TargetOriginId"), "two", "one"),
    ({"DefaultCacheBehavior": {**BEHAVIOR, "ViewerProtocolPolicy": "https-only"}},
     distribution("DefaultCacheBehavior", "ViewerProtocolPolicy"), "https-only", "allow-all"),
    ({"DefaultCacheBehavior": {**BEHAVIOR, "Compress": True}},
     distribution("DefaultCacheBehavior", "Compress"), True, ...),
    ({"CacheBehaviors": [{**BEHAVIOR, "PathPattern": "/a/*"}]},
     distribution("CacheBehaviors", "Items", 0, "PathPattern"), "/a/*", None),
]  # fmt: skip

FUNCTION = {
    "Name": "of-a-stack",
    "AutoPublish": True,
    "FunctionCode": CODE,
    "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"},
}
STORE = {"Store": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "other"}}}
KEY = {"CallerReference": "one", "Name": "of-a-stack", "EncodedKey": PEM}


def key(name: str) -> dict[str, Any]:
    """Return a public key of a template."""
    properties = {"PublicKeyConfig": {"CallerReference": name, "Name": name, "EncodedKey": PEM}}
    return {"Type": "AWS::CloudFront::PublicKey", "Properties": properties}


KEYS = {"One": key("one"), "Two": key("two")}
GROUP = {"Name": "of-a-stack", "Items": [{"Ref": "One"}]}
CACHE = {
    "Name": "of-a-stack",
    "DefaultTTL": 0,
    "MinTTL": 0,
    "MaxTTL": 10,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "EnableAcceptEncodingGzip": False,
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    },
}
CONTROL = {
    "Name": "of-a-stack",
    "OriginAccessControlOriginType": "s3",
    "SigningBehavior": "always",
    "SigningProtocol": "sigv4",
}
FORWARDED = {
    "Name": "of-a-stack",
    "CookiesConfig": {"CookieBehavior": "none"},
    "HeadersConfig": {"HeaderBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}
HEADERS = {
    "Name": "of-a-stack",
    "CustomHeadersConfig": {"Items": [{"Header": "a", "Value": "1", "Override": True}]},
}
CHANGED_HEADERS = {"Items": [{"Header": "a", "Value": "2", "Override": False}]}


def configured(
    name: str, operation: str, base: dict[str, Any], *cases: tuple[dict[str, Any], Any, Any]
) -> list[Case]:
    """Return cases of a type with one property, its configuration."""
    kind, property_ = f"AWS::CloudFront::{name}", f"{name}Config"
    others = KEYS if name == "KeyGroup" else {}
    return [
        Case(kind, {property_: base}, {property_: {**base, **change}},
             config(operation, name, property_, *path), after, config_before, others)
        for change, path, (after, config_before) in cases
    ]  # fmt: skip


CASES = [
    Case("AWS::CloudFront::Distribution", {"DistributionConfig": BASE},
         {"DistributionConfig": {**BASE, **change}}, read, after, before)
    for change, read, after, before in DISTRIBUTION
]  # fmt: skip
CASES += [
    Case("AWS::CloudFront::Distribution", {"DistributionConfig": BASE}, {"Tags": TAGS},
         lambda it: as_map([
             each for each in it.client("cloudfront").list_tags_for_resource(
                 Resource=f"arn:aws:cloudfront::000000000000:distribution/{it.id}")["Tags"]["Items"]
             if not each["Key"].startswith("aws:")]), {"team": "images"}, {}),
    Case("AWS::CloudFront::Function", FUNCTION, {"FunctionCode": OTHER_CODE}, stage("LIVE"),
         OTHER_CODE, CODE),
    Case("AWS::CloudFront::Function", {**FUNCTION, "AutoPublish": False},
         {"FunctionCode": OTHER_CODE}, stage("DEVELOPMENT"), OTHER_CODE, CODE),
    Case("AWS::CloudFront::Function", {**FUNCTION, "AutoPublish": False}, {"AutoPublish": True},
         stage("LIVE"), CODE, CODE),
    Case("AWS::CloudFront::Function", FUNCTION,
         {"FunctionConfig": {**FUNCTION["FunctionConfig"], "Comment": "new"}},  # type: ignore[dict-item]
         live("Comment"), "new", ""),
    Case("AWS::CloudFront::Function", FUNCTION,
         {"FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0",
                             "KeyValueStoreAssociations": [
                                 {"KeyValueStoreARN": {"Fn::GetAtt": ["Store", "Arn"]}}]}},
         live("KeyValueStoreAssociations", "Quantity"), 1, ..., STORE),
    Case("AWS::CloudFront::KeyValueStore", {"Name": "of-a-stack"}, {"Comment": "new"},
         lambda it: it.client("cloudfront").describe_key_value_store(Name=it.id)[
             "KeyValueStore"].get("Comment"), "new", ""),
]  # fmt: skip
CASES += configured("PublicKey", "public_key", KEY, ({"Comment": "new"}, ["Comment"], ("new", ...)))
CASES += configured(
    "KeyGroup", "key_group", GROUP,
    ({"Comment": "new"}, ["Comment"], ("new", ...)),
    ({"Name": "renamed"}, ["Name"], ("renamed", "of-a-stack")),
)  # fmt: skip
CASES += configured(
    "CachePolicy", "cache_policy", CACHE,
    ({"Comment": "new"}, ["Comment"], ("new", ...)),
    ({"DefaultTTL": "5"}, ["DefaultTTL"], (5, 0)),
    ({"Name": "renamed"}, ["Name"], ("renamed", "of-a-stack")),
)  # fmt: skip
CASES += configured(
    "OriginAccessControl", "origin_access_control", CONTROL,
    ({"Description": "new"}, ["Description"], ("new", ...)),
    ({"SigningBehavior": "never"}, ["SigningBehavior"], ("never", "always")),
)  # fmt: skip
CASES += configured(
    "OriginRequestPolicy", "origin_request_policy", FORWARDED,
    ({"QueryStringsConfig": {"QueryStringBehavior": "all"}},
     ["QueryStringsConfig", "QueryStringBehavior"], ("all", "none")),
)  # fmt: skip
CASES += configured(
    "ResponseHeadersPolicy", "response_headers_policy", HEADERS,
    ({"CustomHeadersConfig": CHANGED_HEADERS}, ["CustomHeadersConfig", "Items", 0, "Value"],
     ("2", "1")),
)  # fmt: skip


@pytest.fixture
def stack(emulator: LocalStack) -> Iterator[Stack]:
    """Yield a stack, and delete it at the end."""
    stack = Stack(emulator, "edge")
    yield stack
    stack.delete()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_property_is_updated_in_place(emulator: LocalStack, stack: Stack, case: Case) -> None:
    """The API returns the property after creation, update, and an update back."""
    case.check(Service(emulator, stack))


def test_keys_are_rotated(emulator: LocalStack, stack: Stack) -> None:
    """A key that a group no longer has is deleted after the group's update; the group stays."""
    group = {"Type": "AWS::CloudFront::KeyGroup", "Properties": {"KeyGroupConfig": GROUP}}
    stack.create({"One": KEYS["One"], "Group": group})
    old, kept = stack.id_of("One"), stack.id_of("Group")
    group["Properties"] = {"KeyGroupConfig": {**GROUP, "Items": [{"Ref": "Two"}]}}
    assert stack.update({"Two": KEYS["Two"], "Group": group}) == "UPDATE_COMPLETE"
    assert stack.id_of("Group") == kept
    client = emulator.client("cloudfront")
    found = client.get_key_group(Id=kept)["KeyGroup"]["KeyGroupConfig"]
    assert found["Items"] == [stack.id_of("Two")]
    with pytest.raises(ClientError, match="NoSuchPublicKey"):
        client.get_public_key(Id=old)


def test_renamed_functions_and_stores_are_replaced(emulator: LocalStack, stack: Stack) -> None:
    """A new name creates a function and a store; the old ones are deleted."""

    def resources(name: str) -> dict[str, Any]:
        return {
            "Function": {
                "Type": "AWS::CloudFront::Function",
                "Properties": {**FUNCTION, "Name": name},
            },
            "Store": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": name}},
        }

    stack.create(resources("first"))
    changes = stack.change_set(resources("second"))
    assert {each["Replacement"] for each in changes.values()} == {"True"}
    assert stack.update(resources("second")) == "UPDATE_COMPLETE"
    assert stack.id_of("Function").endswith(":function/second")
    assert stack.id_of("Store") == "second"
    client = emulator.client("cloudfront")
    with pytest.raises(ClientError, match="NoSuchFunctionExists"):
        client.describe_function(Name="first")
    with pytest.raises(ClientError, match="EntityNotFound"):
        client.describe_key_value_store(Name="first")


@pytest.mark.parametrize(
    ("kind", "base", "change", "reason"),
    [
        ("KeyValueStore", {"Name": "fixed"}, {"ImportSource": {"SourceType": "S3",
         "SourceARN": "arn:aws:s3:::bucket/key"}}, "not supported for property: ImportSource"),
        ("PublicKey", {"PublicKeyConfig": KEY}, {"PublicKeyConfig": {**KEY, "Name": "other"}},
         "Only the comment of a public key can be changed"),
    ],
    ids=["KeyValueStore", "PublicKey"],
)  # fmt: skip
def test_fixed_properties_fail_the_update(
    stack: Stack, kind: str, base: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    """A property that neither an update nor a replacement can change fails the update."""
    type_ = f"AWS::CloudFront::{kind}"
    stack.create({"It": {"Type": type_, "Properties": base}})
    updated = stack.update({"It": {"Type": type_, "Properties": {**base, **change}}})
    assert updated == "UPDATE_ROLLBACK_COMPLETE"
    assert reason in stack.reasons()
