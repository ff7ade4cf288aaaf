"""Anonymous requests to S3, and Block Public Access."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack

_numbers = itertools.count()
ACCOUNT = "000000000000"


class Bucket:
    """A bucket with an object, and an anonymous client."""

    def __init__(self, emulator: LocalStack, *, blocked: bool, acls: bool = False) -> None:
        self.s3 = emulator.client("s3")
        self.name = f"access-{next(_numbers)}"
        self.url = f"{emulator.url}/{self.name}"
        self.s3.create_bucket(Bucket=self.name)
        if not blocked:
            self.s3.delete_public_access_block(Bucket=self.name)
        if acls:
            self.s3.put_bucket_ownership_controls(
                Bucket=self.name,
                OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
            )
        self.s3.put_object(Bucket=self.name, Key="a b/ü+%.txt", Body=b"data")
        self.key = "a%20b/%C3%BC%2B%25.txt"

    def put_policy(self, *statements: dict[str, Any]) -> None:
        """Put a policy; ``Resource`` is the part of it after the bucket's name."""
        self.s3.put_bucket_policy(
            Bucket=self.name,
            Policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Principal": "*"}
                        | statement
                        | {"Resource": f"arn:aws:s3:::{self.name}{statement['Resource']}"}
                        for statement in statements
                    ],
                }
            ),
        )

    def send(self, path: str = "", method: str = "GET", **options: Any) -> str:
        """Send an anonymous request; return the status and the error's code."""
        response = httpx.request(method, f"{self.url}/{path}", **options)
        _, _, rest = response.text.partition("<Code>")
        return f"{response.status_code} {rest.partition('</Code>')[0]}".strip()


READ = {"Action": "s3:GetObject", "Resource": "/*"}
LIST = {"Action": "s3:ListBucket", "Resource": ""}


@pytest.fixture
def private(emulator: LocalStack) -> Bucket:
    """Return a new bucket."""
    return Bucket(emulator, blocked=True)


@pytest.fixture
def opened(emulator: LocalStack) -> Bucket:
    """Return a bucket without Block Public Access."""
    return Bucket(emulator, blocked=False)


@pytest.fixture
def with_acls(emulator: LocalStack) -> Bucket:
    """Return a bucket without Block Public Access, with ACLs enabled."""
    return Bucket(emulator, blocked=False, acls=True)


def error_code(call: Callable[[], Any]) -> str:
    """Return the code of the error that a boto3 call raises."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_a_new_bucket_is_private(private: Bucket) -> None:
    """A new bucket has AWS's defaults: all settings block, and ACLs are disabled."""
    block = private.s3.get_public_access_block(Bucket=private.name)
    assert set(block["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(block["PublicAccessBlockConfiguration"]) == 4
    controls = private.s3.get_bucket_ownership_controls(Bucket=private.name)
    assert controls["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "a%20b/%C3%BC%2B%25.txt"),
        ("GET", "missing"),
        ("GET", ""),
        ("GET", "?versions"),
        ("GET", "?policy"),
        ("GET", "?uploads"),
        ("PUT", "new"),
        ("PUT", "?policy"),
        ("DELETE", "a%20b/%C3%BC%2B%25.txt"),
        ("DELETE", ""),
        ("POST", "new?uploads"),
    ],
)
def test_a_private_bucket_refuses_anonymous_requests(
    private: Bucket, method: str, path: str
) -> None:
    """Without credentials, nothing can be done with a private bucket, nor its keys be found out."""
    assert private.send(path, method) == "403 AccessDenied"
    assert private.s3.list_objects_v2(Bucket=private.name)["KeyCount"] == 1


def test_errors_are_those_of_s3(private: Bucket) -> None:
    """An error is S3's XML; a HEAD response has no body, and invalid credentials are refused."""
    response = httpx.get(f"{private.url}/{private.key}")
    assert response.headers["Content-Type"] == "application/xml"
    assert "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>" in response.text
    assert private.send(private.key, "HEAD") == "403"
    response = httpx.get(f"{private.url}/{private.key}", headers={"Authorization": "Bearer me"})
    assert (response.status_code, "Unsupported Authorization Type" in response.text) == (400, True)


def test_a_missing_bucket_is_404(private: Bucket) -> None:
    """An anonymous client gets NoSuchBucket for a missing bucket, but can't create one."""
    private.name, private.url = "access-none", private.url.replace(private.name, "access-none")
    assert private.send("key") == "404 NoSuchBucket"
    assert private.send("", "PUT") == "403 AccessDenied"


def test_virtual_hosts_are_private(private: Bucket, emulator: LocalStack) -> None:
    """A bucket in the host name is as private as one in the path."""
    host = {"Host": f"{private.name}.s3.localhost:{emulator.port}"}
    assert httpx.get(f"{emulator.url}/{private.key}", headers=host).status_code == 403


def test_a_policy_grants_actions(opened: Bucket) -> None:
    """A policy allows what it names; a missing object is 404 only with ListBucket."""
    opened.put_policy(READ)
    assert opened.send(opened.key) == opened.send(opened.key, "HEAD") == "200"
    assert [opened.send(), opened.send("missing")] == ["403 AccessDenied"] * 2
    assert opened.send("new", "PUT", content=b"") == "403 AccessDenied"
    opened.put_policy(READ, LIST)
    assert [opened.send(), opened.send("missing")] == ["200", "404 NoSuchKey"]
    opened.s3.delete_bucket_policy(Bucket=opened.name)
    assert opened.send(opened.key) == "403 AccessDenied"


def test_a_deny_outweighs_an_allow(opened: Bucket) -> None:
    """A Deny outweighs an Allow, with conditions on the request."""
    referer = {"StringNotLike": {"aws:Referer": "https://example.com/*"}}
    opened.put_policy(READ, READ | {"Effect": "Deny", "Condition": referer})
    assert opened.send(opened.key) == "403 AccessDenied"
    assert opened.send(opened.key, headers={"Referer": "https://example.com/a"}) == "200"


def test_secure_transport_is_the_default(opened: Bucket) -> None:
    """A request counts as HTTPS unless X-Forwarded-Proto says otherwise."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    opened.put_policy(READ, READ | {"Effect": "Deny", "Condition": insecure})
    assert opened.send(opened.key) == "200"
    assert opened.send(opened.key, headers={"X-Forwarded-Proto": "http"}) == "403 AccessDenied"


@pytest.mark.parametrize(("network", "status"), [("127.0.0.0/8", 200), ("10.0.0.0/8", 403)])
def test_a_grant_to_addresses(private: Bucket, network: str, status: int) -> None:
    """A grant to IP addresses is not public, and applies to requests from them."""
    private.put_policy(READ | {"Condition": {"IpAddress": {"aws:SourceIp": network}}})
    assert private.send(private.key).startswith(str(status))


def test_a_grant_to_list_prefixes(opened: Bucket) -> None:
    """A grant to list may be limited to prefixes."""
    opened.put_policy(LIST | {"Condition": {"StringLike": {"s3:prefix": "a*"}}})
    assert [opened.send("?prefix=a+b/"), opened.send("?list-type=2&prefix=b")] == [
        "200",
        "403 AccessDenied",
    ]


def test_a_public_bucket_accepts_writes(opened: Bucket) -> None:
    """A public bucket accepts writes, except with an ACL that is not granted."""
    opened.put_policy({"Action": "s3:PutObject", "Resource": "/new/*"})
    assert opened.send("new/a", "PUT", content=b"a") == "200"
    assert opened.send("a", "PUT", content=b"a") == "403 AccessDenied"
    acl = {"x-amz-acl": "private"}
    assert opened.send("new/a", "PUT", content=b"a", headers=acl) == "403 AccessDenied"
    source = {"x-amz-copy-source": f"/{opened.name}/{opened.key}"}
    assert opened.send("new/b", "PUT", headers=source) == "403 AccessDenied"


def test_a_public_bucket_accepts_only_new_objects(opened: Bucket) -> None:
    """A grant may require If-None-Match: uploads then replace nothing, and have no parts."""
    needed = {"Null": {"s3:if-none-match": "false"}}
    opened.put_policy({"Action": "s3:PutObject", "Resource": "/new/*", "Condition": needed})
    new = {"If-None-Match": "*"}
    assert opened.send("new/a", "PUT", content=b"a") == "403 AccessDenied"
    assert opened.send("new/a", "PUT", content=b"a", headers=new) == "200"
    assert opened.send("new/a", "PUT", content=b"b", headers=new) == "412 PreconditionFailed"
    assert opened.send("new/b?uploads", "POST", headers=new) == "200"
    creation = {"Bool": {"s3:ObjectCreationOperation": "true"}}
    whole = {"Action": "s3:PutObject", "Resource": "/new/*", "Condition": needed | creation}
    opened.put_policy(whole)
    assert opened.send("new/b?uploads", "POST", headers=new) == "403 AccessDenied"
    assert opened.send("new/b", "PUT", content=b"b", headers=new) == "200"


def test_an_unsigned_form_needs_a_public_grant(opened: Bucket) -> None:
    """An unsigned form needs a grant for everyone."""
    form = {"data": {"key": "new/${filename}"}, "files": {"file": ("a.txt", b"data")}}
    assert opened.send("", "POST", **form) == "403 AccessDenied"
    opened.put_policy({"Action": "s3:PutObject", "Resource": "/new/a.txt"})
    assert opened.send("", "POST", **form) == "204"
    form["files"] = {"file": ("b.txt", b"data")}
    assert opened.send("", "POST", **form) == "403 AccessDenied"


def test_a_version_needs_its_own_grant(opened: Bucket) -> None:
    """An older version requires its own grant."""
    opened.s3.put_bucket_versioning(
        Bucket=opened.name, VersioningConfiguration={"Status": "Enabled"}
    )
    version = opened.s3.put_object(Bucket=opened.name, Key="k", Body=b"1")["VersionId"]
    opened.put_policy(READ)
    assert opened.send("k") == "200"
    assert opened.send(f"k?versionId={version}") == "403 AccessDenied"
    opened.s3.delete_object(Bucket=opened.name, Key="k")
    assert opened.send("k") == "403 AccessDenied"
    opened.put_policy(READ | {"Action": "s3:GetObject*"})
    assert opened.send(f"k?versionId={version}") == "200"


def test_public_policy_is_blocked(private: Bucket) -> None:
    """A bucket that blocks public policies accepts policies for fixed principals only."""
    assert error_code(lambda: private.put_policy(READ)) == "AccessDenied"
    source = {"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::1:distribution/E"}}
    private.put_policy(READ | {"Condition": source})
    private.put_policy(READ | {"Principal": {"Service": "cloudfront.amazonaws.com"}})
    assert private.send(private.key) == "403 AccessDenied"


def test_public_policy_is_restricted(opened: Bucket) -> None:
    """A public policy has no effect once access is restricted."""
    opened.put_policy(READ)
    assert opened.send(opened.key) == "200"
    opened.s3.put_public_access_block(
        Bucket=opened.name,
        PublicAccessBlockConfiguration={"RestrictPublicBuckets": True},
    )
    assert opened.send(opened.key) == "403 AccessDenied"


def test_an_unknown_operator_is_refused(private: Bucket) -> None:
    """A policy with an operator that AWS lacks is refused."""
    condition = {"StringAlmostEquals": {"aws:Referer": "a"}}
    statement = READ | {"Effect": "Deny", "Condition": condition}
    assert error_code(lambda: private.put_policy(statement)) == "MalformedPolicy"


def test_acls_grant_access(with_acls: Bucket) -> None:
    """With ACLs enabled, their public grants apply."""
    with_acls.s3.put_object_acl(Bucket=with_acls.name, Key="a b/ü+%.txt", ACL="public-read")
    assert with_acls.send(with_acls.key) == "200"
    assert [with_acls.send(), with_acls.send("missing")] == ["403 AccessDenied"] * 2
    with_acls.s3.put_bucket_acl(Bucket=with_acls.name, ACL="public-read-write")
    assert [with_acls.send(), with_acls.send("missing")] == ["200", "404 NoSuchKey"]
    assert with_acls.send("new", "PUT", content=b"") == "200"
    with_acls.s3.put_object_acl(Bucket=with_acls.name, Key="a b/ü+%.txt", ACL="authenticated-read")
    assert with_acls.send(with_acls.key) == "403 AccessDenied"


@pytest.mark.parametrize("setting", ["IgnorePublicAcls", "BucketOwnerEnforced"])
def test_ignored_and_disabled_acls_have_no_effect(with_acls: Bucket, setting: str) -> None:
    """ACLs have no effect if they are ignored, or if the bucket's owner owns all objects."""
    with_acls.s3.put_object_acl(Bucket=with_acls.name, Key="a b/ü+%.txt", ACL="public-read")
    assert with_acls.send(with_acls.key) == "200"
    if setting == "IgnorePublicAcls":
        with_acls.s3.put_public_access_block(
            Bucket=with_acls.name, PublicAccessBlockConfiguration={setting: True}
        )
    else:
        with_acls.s3.put_bucket_ownership_controls(
            Bucket=with_acls.name, OwnershipControls={"Rules": [{"ObjectOwnership": setting}]}
        )
    assert with_acls.send(with_acls.key) == "403 AccessDenied"


@pytest.mark.parametrize(
    "grant",
    [
        {"ACL": "public-read"},
        {"ACL": "authenticated-read"},
        {"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'},
    ],
)
def test_public_acls_are_blocked(private: Bucket, grant: dict[str, str]) -> None:
    """A bucket that blocks public ACLs refuses them, for itself and for objects."""
    s3, place = private.s3, {"Bucket": private.name}
    assert error_code(lambda: s3.put_object(**place, Key="k", **grant)) == "AccessDenied"
    assert error_code(lambda: s3.put_bucket_acl(**place, **grant)) == "AccessDenied"
    s3.put_object(**place, Key="k", ACL="bucket-owner-full-control")


def test_preflights_need_no_grant(private: Bucket) -> None:
    """A CORS preflight requires no credentials."""
    private.s3.put_bucket_cors(
        Bucket=private.name,
        CORSConfiguration={
            "CORSRules": [{"AllowedOrigins": ["https://example.com"], "AllowedMethods": ["PUT"]}]
        },
    )
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"}
    assert private.send("new", "OPTIONS", headers=headers) == "200"
    headers["Origin"] = "https://example.org"
    assert private.send("new", "OPTIONS", headers=headers) == "403 AccessForbidden"
