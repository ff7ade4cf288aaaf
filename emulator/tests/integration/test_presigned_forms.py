"""Presigned POST uploads to S3."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from botocore.credentials import Credentials

from .localstack import REGION, LocalStack
from .test_presigned_urls import VERSIONS, own, signer

_numbers = itertools.count()


def after(seconds: float) -> str:
    """Return a time from now as policies write it."""
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.000Z}"


def signed(policy: bytes, version: str, key: Credentials) -> dict[str, str]:
    """Return the fields of a signature; those that the policy must name are not in it yet."""
    text = base64.b64encode(policy)
    if version == "s3":
        digest = hmac.digest(key.secret_key.encode(), text, hashlib.sha1)
        return {
            "AWSAccessKeyId": key.access_key,
            "policy": text.decode(),
            "signature": base64.b64encode(digest).decode(),
        }
    secret = f"AWS4{key.secret_key}".encode()
    for part in (*scope(), "aws4_request"):
        secret = hmac.digest(secret, part.encode(), hashlib.sha256)
    return {
        **v4_fields(key),
        "policy": text.decode(),
        "x-amz-signature": hmac.digest(secret, text, hashlib.sha256).hex(),
    }


def scope() -> tuple[str, str, str]:
    """Return date, region and service."""
    return f"{datetime.now(UTC):%Y%m%d}", REGION, "s3"


def v4_fields(key: Credentials) -> dict[str, str]:
    """Return the fields of version 4 that a policy must name."""
    return {
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": "/".join([key.access_key, *scope(), "aws4_request"]),
        "x-amz-date": f"{scope()[0]}T000000Z",
    }


class Form:
    """A form and its policy, which match until a test changes one."""

    def __init__(self, emulator: LocalStack, version: str) -> None:
        self.s3 = emulator.client("s3")
        self.bucket = f"forms-{next(_numbers)}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.url = f"{emulator.url}/{self.bucket}"
        self.version = version
        self.key = emulator.key
        self.fields = {"key": "up/a.txt"}
        self.file: Any = ("photo.jpg", b"data")
        named = [{name: value} for name, value in v4_fields(self.key).items() if version == "s3v4"]
        self.policy: Any = {
            "expiration": after(60),
            "conditions": [{"bucket": self.bucket}, *named],
        }
        self.error = ""

    def want(self, *conditions: Any) -> None:
        """Add conditions to the policy."""
        self.policy["conditions"] += conditions

    def send(self, **changed: str) -> str:
        """Sign the policy, change fields by the names that boto3 gives them, and send the form;
        return the outcome.
        """
        document = self.policy if isinstance(self.policy, bytes) else json.dumps(self.policy)
        text = document if isinstance(document, bytes) else document.encode()
        fields = {**self.fields, **signed(text, self.version, self.key), **changed}
        response = httpx.post(self.url, data=fields, files={"file": self.file})
        self.error = response.text
        code = response.text.partition("<Code>")[2].partition("</Code>")[0]
        return f"{response.status_code} {code}".strip()

    def stored(self, key: str) -> bytes:
        """Return the uploaded object."""
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())


@pytest.fixture(params=VERSIONS)
def form(request: pytest.FixtureRequest, emulator: LocalStack) -> Form:
    """Return a form for a bucket of its own, signed with either version; its key is not wanted."""
    return Form(emulator, request.param)


def test_a_form_is_for_the_buckets_region(emulator: LocalStack) -> None:
    """A form must be signed for the region of its bucket, which the error names."""
    bucket = f"forms-{next(_numbers)}"
    clients = [signer(emulator, own(emulator), region=r) for r in ("eu-west-1", "us-east-1")]
    clients[0].create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    made = [client.generate_presigned_post(bucket, "a.txt") for client in clients]
    right, wrong = (
        httpx.post(form["url"], data=form["fields"], files={"file": b"data"}) for form in made
    )
    assert right.status_code == 204
    assert wrong.status_code == 400
    assert "<Code>InvalidArgument</Code>" in wrong.text
    assert "the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message>" in wrong.text
    assert "<ArgumentName>X-Amz-Credential</ArgumentName>" in wrong.text
    assert "<Region>eu-west-1</Region>" in wrong.text


@pytest.mark.parametrize("version", VERSIONS)
def test_boto3s_form_uploads_a_file(emulator: LocalStack, version: str) -> None:
    """boto3's form uploads a file with its metadata."""
    s3 = signer(emulator, own(emulator), version)
    bucket = f"forms-{next(_numbers)}"
    s3.create_bucket(Bucket=bucket)
    made = s3.generate_presigned_post(
        bucket,
        "up/${filename}",
        Fields={"Content-Type": "image/jpeg", "x-amz-meta-name": "ü"},
        Conditions=[
            {"Content-Type": "image/jpeg"},
            ["starts-with", "$x-amz-meta-name", ""],
            ["content-length-range", 4, 4],
        ],
    )
    file = {"file": ("a/b\\ü c.jpg", b"data")}
    assert httpx.post(made["url"], data=made["fields"], files=file).status_code == 204
    found = s3.head_object(Bucket=bucket, Key="up/ü c.jpg")
    assert (found["ContentType"], found["ContentLength"]) == ("image/jpeg", 4)
    assert "name" in found["Metadata"]


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ([{"key": "up/a.txt"}], {}),
        ([["eq", "$key", "up/a.txt"]], {}),
        ([["EQ", "$KEY", "up/a.txt"]], {}),
        ([["starts-with", "$key", "up/"]], {}),
        ([["starts-with", "$key", ""]], {}),
        ([["starts-with", "$key", "up/ph"]], {"key": "up/${filename}"}),
        ([["eq", "$key", "up/photo.jpg"]], {"key": "up/${filename}"}),
        ([{"key": "up/a.txt"}], {"x-ignore-me": "1"}),
        ([{"key": "up/a.txt"}, {"acl": "private"}], {"acl": "private"}),
        ([{"key": "up/a.txt"}, {"CONTENT-type": "a/b"}], {"content-TYPE": "a/b"}),
        (
            [{"key": "up/a.txt"}, ["starts-with", "$Content-Type", "image/"]],
            {"Content-Type": "image/a,image/b"},
        ),
        ([{"key": "up/a.txt"}, ["content-length-range", "0", 4]], {}),
    ],
)
def test_a_matching_form_uploads_the_file(
    form: Form, conditions: list[Any], fields: dict[str, str]
) -> None:
    """A form that fits each condition of its policy uploads the file."""
    form.want(*conditions)
    form.fields |= fields
    assert form.send() == "204", form.error
    key = form.fields["key"].replace("${filename}", "photo.jpg")
    assert form.stored(key) == b"data"


@pytest.mark.parametrize(
    ("conditions", "fields", "message"),
    [
        ([{"key": "b"}], {}, 'Policy Condition failed: ["eq", "$key", "b"]'),
        ([["eq", "$Key", "ü"]], {}, 'Policy Condition failed: ["eq", "$key", "ü"]'),
        (
            [["starts-with", "$key", "up/b"]],
            {},
            'Policy Condition failed: ["starts-with", "$key", "up/b"]',
        ),
        (
            [["starts-with", "$key", "up/${"]],
            {"key": "up/${filename}"},
            'Policy Condition failed: ["starts-with", "$key", "up/${"]',
        ),
        (
            [["starts-with", "$key", "up/"], {"bucket": "other"}],
            {},
            'Policy Condition failed: ["eq", "$bucket", "other"]',
        ),
        (
            [{"key": "up/a.txt"}, {"acl": "private"}],
            {},
            'Policy Condition failed: ["eq", "$acl", "private"]',
        ),
        (
            [{"key": "up/a.txt"}, ["starts-with", "$Content-Type", "image/"]],
            {"Content-Type": "image/a,text/html"},
            'Policy Condition failed: ["starts-with", "$content-type", "image/"]',
        ),
        ([], {}, "Extra input fields: key"),
        ([{"key": "up/a.txt"}], {"Content-Type": "a/b"}, "Extra input fields: content-type"),
        (
            [{"key": "up/a.txt"}],
            {"x-amz-meta-b": "", "acl": "private"},
            "Extra input fields: acl, x-amz-meta-b",
        ),
    ],
)
def test_a_form_that_violates_its_policy_is_refused(
    form: Form, conditions: list[Any], fields: dict[str, str], message: str
) -> None:
    """A form that violates a condition, or has a field that no condition names, uploads nothing."""
    form.want(*conditions)
    form.fields |= fields
    assert form.send() == "403 AccessDenied"
    shown = form.error.replace("&quot;", '"')
    assert f"<Message>Invalid according to Policy: {message}</Message>" in shown
    assert form.s3.list_objects_v2(Bucket=form.bucket)["KeyCount"] == 0


def test_a_policy_must_name_the_bucket(form: Form) -> None:
    """A policy that names no bucket is refused."""
    form.policy["conditions"] = form.policy["conditions"][1:]
    form.want({"key": "up/a.txt"})
    assert form.send() == "403 AccessDenied"


@pytest.mark.parametrize(
    ("size", "outcome"),
    [(4, "400 EntityTooSmall"), (5, "204"), (6, "204"), (7, "400 EntityTooLarge")],
)
@pytest.mark.parametrize("name", ["ü.jpg", None])
def test_the_size_of_the_file_is_checked(
    form: Form, size: int, outcome: str, name: str | None
) -> None:
    """The size is that of the file in bytes, with or without a file name."""
    form.want({"key": "up/a.txt"}, ["content-length-range", 5, 6])
    form.file = (name, ("ü" + "a" * (size - 2)).encode())
    assert form.send() == outcome
    if outcome != "204":
        assert f"<ProposedSize>{size}</ProposedSize>" in form.error
        limit = "MinSizeAllowed>5" if size < 5 else "MaxSizeAllowed>6"
        assert f"<{limit}</" in form.error


def test_a_policy_expires(form: Form) -> None:
    """A policy is valid until it expires."""
    form.want({"key": "up/a.txt"})
    form.policy["expiration"] = after(-1)
    assert form.send() == "403 AccessDenied"
    assert "Invalid according to Policy: Policy expired." in form.error


@pytest.mark.parametrize(
    "policy",
    [
        b"",
        b"{",
        b"[]",
        b'{"conditions": []}',
        b'{"expiration": "2100-01-01T00:00:00Z"}',
        b'{"expiration": "tomorrow", "conditions": []}',
        b'{"EXPIRATION": "2100-01-01T00:00:00Z", "conditions": []}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [{}]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [{"key": 1}]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [{"key": "a", "acl": "b"}]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["ends-with", "$key", "a"]]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["eq", "key", "a"]]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["content-length-range", 0]]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["content-length-range", -1, 0]]}',
    ],
)
def test_an_invalid_policy_is_refused(form: Form, policy: bytes) -> None:
    """A document that is not a policy is refused, although it is signed."""
    form.policy = policy
    assert form.send() == "400 InvalidPolicyDocument"


def test_the_signature_is_checked(form: Form) -> None:
    """A policy is valid only with a known key's signature."""
    form.want({"key": "up/a.txt"})
    name = "signature" if form.version == "s3" else "x-amz-signature"
    assert form.send(**{name: "0" * 64}) == "403 SignatureDoesNotMatch"
    other = base64.b64encode(json.dumps(form.policy | {"more": ""}).encode()).decode()
    assert form.send(policy=other) == "403 SignatureDoesNotMatch"
    key = {
        "s3": {"AWSAccessKeyId": "nobody"},
        "s3v4": {"x-amz-credential": v4_fields(Credentials("nobody", ""))["x-amz-credential"]},
    }[form.version]
    assert form.send(**key) == "403 InvalidAccessKeyId"
    assert form.send(**{"x-amz-security-token": "token"}) == "400 InvalidToken"


def test_an_incomplete_form_is_refused(form: Form) -> None:
    """A form requires its key, its file and all signature fields."""
    form.want({"key": "up/a.txt"})
    whole = {**form.fields, **signed(json.dumps(form.policy).encode(), form.version, form.key)}
    files = {"file": b"data"}
    for name in ("key", "signature" if form.version == "s3" else "x-amz-signature"):
        response = httpx.post(
            form.url, data={key: whole[key] for key in whole if key != name}, files=files
        )
        assert (response.status_code, "<Code>InvalidArgument" in response.text) == (400, True)
    response = httpx.post(form.url, data=whole, files={"other": b"data"})
    assert "POST requires exactly one file upload per request." in response.text
    response = httpx.post(form.url, data=whole | {"Key": "up/b.txt"}, files=files)
    assert "<Code>MalformedPOSTRequest</Code>" in response.text
    unsigned = {"key": "up/a.txt", "policy": whole["policy"]}
    assert httpx.post(form.url, data=unsigned, files=files).status_code == 403


@pytest.mark.parametrize("name", ["photo.jpg", None])
def test_fields_after_the_file_are_ignored(form: Form, name: str | None) -> None:
    """Fields after the file, such as a page's button, are not part of the form."""
    form.want({"key": "up/a.txt"})
    whole = {**form.fields, **signed(json.dumps(form.policy).encode(), form.version, form.key)}
    parts: list[Any] = [(field, (None, value)) for field, value in whole.items()]
    button = ("submit", (None, "Upload"))
    response = httpx.post(form.url, files=[*parts, button, ("file", (name, b"data"))])
    assert "Extra input fields: submit" in response.text
    later = [button, ("key", (None, "up/b.txt")), ("acl", (None, "public-read"))]
    response = httpx.post(form.url, files=[*parts, ("file", (name, b"data")), *later])
    assert response.status_code == 204, response.text
    assert form.stored("up/a.txt") == b"data"


def test_public_acl_is_blocked(form: Form) -> None:
    """A form is subject to Block Public Access, with any signer."""
    form.want({"key": "up/a.txt"}, {"acl": "public-read"})
    form.fields["acl"] = "public-read"
    assert form.send() == "403 AccessDenied"
    form.s3.delete_public_access_block(Bucket=form.bucket)
    assert form.send() == "204"
