"""Buckets as origins: authorization by bucket policies, and responses."""

from collections.abc import Iterator
from typing import Any

import pytest

from .edge import (
    ALL_METHODS,
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    CORS_S3,
    Distribution,
    Edge,
    ViewerResponse,
    grant,
    methods,
    policy,
    quantified,
    s3_origin,
    unique,
)

KEY = "a b/ü+%2F.txt"
PATH = "/a%20b/%C3%BC%2B%252F.txt"
BODY = bytes(range(256)) * 8


class Bucket:
    """A private bucket with an object."""

    def __init__(self, edge: Edge) -> None:
        self.name = unique("cloudfront")
        self.s3: Any = edge.emulator.client("s3")
        self.s3.create_bucket(Bucket=self.name)
        self.s3.put_object(
            Bucket=self.name,
            Key=KEY,
            Body=BODY,
            ContentType="image/x-test",
            CacheControl="max-age=60",
            Metadata={"color": "blue"},
        )

    def allow(self, *statements: dict[str, Any]) -> None:
        """Replace the bucket policy."""
        self.s3.put_bucket_policy(Bucket=self.name, Policy=policy(*statements))


@pytest.fixture
def bucket(edge: Edge) -> Iterator[Bucket]:
    """Yield a bucket of the test's own."""
    made = Bucket(edge)
    yield made
    for each in made.s3.list_objects_v2(Bucket=made.name).get("Contents", []):
        made.s3.delete_object(Bucket=made.name, Key=each["Key"])
    made.s3.delete_bucket(Bucket=made.name)


@pytest.fixture
def distribution(edge: Edge, bucket: Bucket) -> Distribution:
    """Return a distribution with an access control and permission to read the bucket."""
    control = edge.access_control()
    made = edge.distribution(s3_origin(bucket.name, control), CachePolicyId=CACHING_DISABLED)
    bucket.allow(grant(made, f"{bucket.name}/*"))
    return made


def test_an_object_is_served_unchanged(distribution: Distribution, bucket: Bucket) -> None:
    """Content, type and metadata are the object's, with any characters in its key."""
    viewed = distribution.get(PATH)
    assert (viewed.status, viewed.body) == (200, BODY)
    assert viewed.headers["content-type"] == "image/x-test"
    assert viewed.headers["cache-control"] == "max-age=60"
    assert viewed.headers["x-amz-meta-color"] == "blue"
    etag = bucket.s3.head_object(Bucket=bucket.name, Key=KEY)["ETag"]
    assert viewed.headers["etag"] == etag
    assert "last-modified" in viewed.headers
    assert "x-amz-request-id" not in viewed.headers


def test_a_bucket_of_another_region(edge: Edge) -> None:
    """A bucket of any region can be an origin."""
    s3, name = edge.emulator.client("s3"), unique("cloudfront")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=name, Key="x", Body=BODY)
    made = edge.distribution(s3_origin(name, edge.access_control()))
    s3.put_bucket_policy(Bucket=name, Policy=policy(grant(made, f"{name}/*")))
    assert made.get("/x").body == BODY


def test_credentials_of_viewers_are_ignored(bucket: Bucket, distribution: Distribution) -> None:
    """With a header or a presigned query, CloudFront remains the principal."""
    scope = "test/20260101/us-east-1/s3/aws4_request"
    header = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    query = f"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Signature=00"
    assert distribution.get(PATH + query, Authorization=header).status == 200
    bucket.s3.delete_bucket_policy(Bucket=bucket.name)
    assert distribution.get(PATH + query, Authorization=header).status == 403


@pytest.mark.parametrize("cached", [False, True])
def test_ranges_and_conditions_are_evaluated_as_by_s3(
    edge: Edge, distribution: Distribution, *, cached: bool
) -> None:
    """Range and If-None-Match have the same result with and without a cache."""
    if cached:
        distribution.update(
            lambda config: config["DefaultCacheBehavior"].update(CachePolicyId=edge.cache_policy())
        )
    part = distribution.get(PATH, Range="bytes=10-19")
    assert (part.status, part.body) == (206, BODY[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(BODY)}"
    etag = part.headers["etag"]
    assert distribution.get(PATH, If_None_Match=etag).status == 304
    assert distribution.get(PATH, If_Match='"other"').status == 412
    assert distribution.get(PATH, Range=f"bytes={len(BODY)}-").status == 416
    head = distribution.get(PATH, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(BODY)))


def test_a_private_bucket_is_403(edge: Edge, bucket: Bucket) -> None:
    """A private bucket returns 403 in S3's XML, also to a distribution with an access control."""
    control = edge.access_control()
    for origin in (s3_origin(bucket.name), s3_origin(bucket.name, control)):
        viewed = edge.distribution(origin).get(PATH)
        assert viewed.status == 403
        assert b"<Code>AccessDenied</Code>" in viewed.body
        assert viewed.cache == "Error"


def test_a_grant_is_to_one_distribution(
    edge: Edge, bucket: Bucket, distribution: Distribution
) -> None:
    """Another distribution, or the same one without signing, is refused."""
    other = edge.distribution(s3_origin(bucket.name, edge.access_control()))
    assert other.get(PATH).status == 403
    never = edge.access_control("never")
    distribution.update(
        lambda config: config["Origins"]["Items"][0].update(OriginAccessControlId=never)
    )
    assert distribution.get(PATH).status == 403


def test_a_deny_outweighs_the_grant(bucket: Bucket, distribution: Distribution) -> None:
    """A Deny for everyone applies to CloudFront as well."""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket.name}/a b/*",
    }
    bucket.allow(grant(distribution, f"{bucket.name}/*"), deny)
    assert distribution.get(PATH).status == 403


def test_a_missing_object_is_404_only_with_list_bucket(
    bucket: Bucket, distribution: Distribution
) -> None:
    """Without s3:ListBucket, a missing object is 403, as on S3."""
    assert distribution.get("/none").status == 403
    bucket.allow(
        grant(distribution, f"{bucket.name}/*"), grant(distribution, bucket.name, "s3:ListBucket")
    )
    absent = distribution.get("/none-either")
    assert absent.status == 404
    assert b"<Code>NoSuchKey</Code>" in absent.body


def test_a_public_object_needs_no_access_control(edge: Edge, bucket: Bucket) -> None:
    """Without one, CloudFront is anonymous, and reads a public bucket unless that is restricted."""
    public = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket.name}/*",
    }
    made = edge.distribution(s3_origin(bucket.name), CachePolicyId=CACHING_DISABLED)
    bucket.s3.delete_public_access_block(Bucket=bucket.name)
    bucket.allow(public)
    assert made.get(PATH).status == 200
    bucket.s3.put_public_access_block(
        Bucket=bucket.name, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    assert made.get(PATH).status == 403


@pytest.mark.parametrize(
    "domain",
    [
        "{}.s3.amazonaws.com",
        "{}.s3-eu-west-1.amazonaws.com",
        "{}.s3.us-east-1.localhost:4566",
        "{}.s3.localhost.localstack.cloud:4566",
    ],
)
def test_a_bucket_has_many_names(bucket: Bucket, distribution: Distribution, domain: str) -> None:
    """Every form of a REST endpoint's name leads to the bucket."""
    name = domain.format(bucket.name)
    distribution.update(lambda config: config["Origins"]["Items"][0].update(DomainName=name))
    assert distribution.get(PATH).status == 200


def test_an_origin_may_begin_at_a_path(bucket: Bucket, distribution: Distribution) -> None:
    """OriginPath prefixes the viewer's path, and the policy's resource."""
    distribution.update(lambda config: config["Origins"]["Items"][0].update(OriginPath="/a b"))
    bucket.allow(grant(distribution, f"{bucket.name}/a b/*"))
    assert distribution.get("/%C3%BC%2B%252F.txt").status == 200


def test_only_granted_actions_are_allowed(bucket: Bucket, distribution: Distribution) -> None:
    """Query strings that select another action than s3:GetObject, such as a list, are refused."""
    distribution.update(
        lambda config: config["DefaultCacheBehavior"].update(
            OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST
        )
    )
    assert distribution.get(f"{PATH}?acl").status == 403
    assert distribution.get("/?list-type=2").status == 403
    assert distribution.get(f"{PATH}?x=1").status == 200
    bucket.allow(grant(distribution, bucket.name, "s3:ListBucket"))
    assert b"<ListBucketResult" in distribution.get("/?list-type=2").body


def test_objects_are_written_with_a_grant(bucket: Bucket, distribution: Distribution) -> None:
    """PUT and DELETE need s3:PutObject and s3:DeleteObject, and methods that are allowed."""
    distribution.update(
        lambda config: config["DefaultCacheBehavior"].update(AllowedMethods=methods(ALL_METHODS))
    )
    assert distribution.get("/new", "PUT", b"data").status == 403
    bucket.allow(grant(distribution, f"{bucket.name}/new", "s3:PutObject"))
    assert distribution.get("/new", "PUT", b"data").status == 200
    assert bucket.s3.get_object(Bucket=bucket.name, Key="new")["Body"].read() == b"data"
    assert distribution.get("/new", "DELETE").status == 403


def test_cors_is_the_buckets(bucket: Bucket, distribution: Distribution) -> None:
    """The bucket's CORS configuration applies, and LocalStack's origins do not."""
    distribution.update(
        lambda config: config["DefaultCacheBehavior"].update(
            OriginRequestPolicyId=CORS_S3, AllowedMethods=methods(["GET", "HEAD", "OPTIONS"])
        )
    )
    site = f"http://{distribution.host}"

    def preflight() -> ViewerResponse:
        return distribution.get(PATH, "OPTIONS", Origin=site, Access_Control_Request_Method="GET")

    assert preflight().status == 403
    assert "access-control-allow-origin" not in distribution.get(PATH, Origin=site).headers
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": [site]}
    bucket.s3.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": [rule]})
    for viewed in (preflight(), distribution.get(PATH, Origin=site)):
        assert viewed.status == 200
        assert viewed.headers["access-control-allow-origin"] == site


def test_a_missing_bucket_is_404(edge: Edge) -> None:
    """The response has S3's code."""
    viewed = edge.distribution(s3_origin(unique("no-bucket"))).get("/x")
    assert viewed.status == 404
    assert b"<Code>NoSuchBucket</Code>" in viewed.body


def test_an_origin_group_fails_over(edge: Edge, bucket: Bucket, distribution: Distribution) -> None:
    """The second origin of a group receives the request after a failover status of the first."""
    first = s3_origin(bucket.name, Id="first")
    second = s3_origin(bucket.name, edge.access_control(), Id="second")
    group = {
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": quantified([403])},
        "Members": quantified([{"OriginId": "first"}, {"OriginId": "second"}]),
    }

    def change(config: dict[str, Any]) -> None:
        config["Origins"] = quantified([first, second])
        config["OriginGroups"] = quantified([group])
        config["DefaultCacheBehavior"]["TargetOriginId"] = "both"

    distribution.update(change)
    assert distribution.get(PATH).status == 200
