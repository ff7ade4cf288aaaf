"""Signed URLs and signed cookies. botocore's signer is the reference."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .edge import Distribution, Edge, Origin, OriginResponse, http_origin, quantified, unique

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = rsa.generate_private_key(65537, 2048)
SOON = datetime.now(UTC) + timedelta(hours=1)
PAST = datetime.now(UTC) - timedelta(hours=1)


def by_rsa(message: bytes) -> bytes:
    """Sign as RSA with SHA-1, as AWS's examples do."""
    return RSA.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


def by_ec(message: bytes) -> bytes:
    """Sign as ECDSA."""
    return EC.sign(message, ec.ECDSA(hashes.SHA1()))  # noqa: S303


def by_another(message: bytes) -> bytes:
    """Sign with a key that nobody trusts."""
    return OTHER.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


class Private:
    """A distribution with a trusted key group of an RSA and an ECDSA key."""

    def __init__(self, edge: Edge, origin: Origin) -> None:
        self.edge = edge
        self.rsa = self.key(RSA.public_key())
        self.ec = self.key(EC.public_key())
        made = edge.api.create_key_group(
            KeyGroupConfig={"Name": unique("group"), "Items": [self.rsa, self.ec]}
        )
        self.group: str = made["KeyGroup"]["Id"]
        trusted = {"Enabled": True, **quantified([self.group])}
        self.distribution: Distribution = edge.distribution(
            http_origin(origin.port), TrustedKeyGroups=trusted
        )

    def key(self, public: Any) -> str:
        """Create a public key; return its identifier."""
        text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        config = {"CallerReference": unique("r"), "Name": unique("key"), "EncodedKey": text}
        return str(self.edge.api.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"])

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return f"http://{self.distribution.host}{path}"

    def status(self, url: str, cookie: str = "") -> int:
        """Return the status of a signed URL."""
        return self.distribution.get(url.removeprefix(self.url("")), Cookie=cookie).status


@pytest.fixture
def private(edge: Edge, origin: Origin) -> Private:
    """Return a private distribution."""
    return Private(edge, origin)


@pytest.mark.parametrize(("kind", "sign"), [("rsa", by_rsa), ("ec", by_ec)])
def test_signed_urls(
    private: Private, origin: Origin, kind: str, sign: Callable[[bytes], bytes]
) -> None:
    """A URL is served until it expires, with its own path and query only."""
    signer = CloudFrontSigner(getattr(private, kind), sign)
    url = signer.generate_presigned_url(private.url("/a%20b?x=1"), date_less_than=SOON)
    assert private.status(url) == 200
    assert [each.target for each in origin.requests] == ["/a%20b"]
    assert private.status(url.replace("x=1", "x=2")) == 403
    assert private.status(url.replace("a%20b", "other")) == 403
    later = str(int(SOON.timestamp()) + 1)
    assert private.status(url.replace(str(int(SOON.timestamp())), later)) == 403
    expired = signer.generate_presigned_url(private.url("/a"), date_less_than=PAST)
    assert private.status(expired) == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"resource": "/a*"}, 200),
        ({"resource": "/?bc"}, 200),
        ({"resource": "/b*"}, 403),
        ({"date_less_than": PAST}, 403),
        ({"date_greater_than": PAST}, 200),
        ({"date_greater_than": SOON}, 403),
        ({"ip_address": "127.0.0.0/8"}, 200),
        ({"ip_address": "192.0.2.0/24"}, 403),
    ],
)
def test_custom_policies(private: Private, changes: dict[str, Any], status: int) -> None:
    """A policy limits paths by wildcards, times and addresses; as a URL or as cookies."""
    signer = CloudFrontSigner(private.rsa, by_rsa)
    resource = private.url(changes.pop("resource", "/abc"))
    settings = {"date_less_than": SOON, **changes}
    policy = signer.build_policy(resource, **settings)
    url = signer.generate_presigned_url(private.url("/abc"), policy=policy)
    assert private.status(url) == status

    def safe(data: bytes) -> str:
        text = base64.b64encode(data).decode()
        return text.replace("+", "-").replace("=", "_").replace("/", "~")

    cookies = (
        f"CloudFront-Policy={safe(policy.encode())}; other=1;"
        f" CloudFront-Signature={safe(by_rsa(policy.encode()))};"
        f" CloudFront-Key-Pair-Id={private.rsa}"
    )
    assert private.status(private.url("/abc"), cookies) == status


def test_what_is_refused(private: Private, origin: Origin) -> None:
    """Requests without a signature, with another key, and with a broken policy are refused."""
    origin.respond = lambda _: OriginResponse(headers={"Cache-Control": "max-age=60"})
    missing = private.distribution.get("/a")
    assert (missing.status, b"<Code>MissingKey</Code>" in missing.body) == (403, True)
    good = CloudFrontSigner(private.rsa, by_rsa).generate_presigned_url(
        private.url("/a"), date_less_than=SOON
    )
    assert private.status(good) == 200
    assert private.distribution.get("/a").status == 403  # although it is in the cache
    wrong = CloudFrontSigner(private.rsa, by_another)
    url = wrong.generate_presigned_url(private.url("/a"), date_less_than=SOON)
    assert private.status(url) == 403
    foreign = private.key(OTHER.public_key())
    url = CloudFrontSigner(foreign, by_another).generate_presigned_url(
        private.url("/a"), date_less_than=SOON
    )
    assert (
        b"<Code>InvalidKey</Code>"
        in private.distribution.get(url.removeprefix(private.url(""))).body
    )
    signer = CloudFrontSigner(private.rsa, by_rsa)
    for policy in ("{", '{"Statement":[]}', json.dumps({"Statement": [{"Resource": "*"}]})):
        url = signer.generate_presigned_url(private.url("/a"), policy=policy)
        assert private.status(url) == 403
    assert private.status(private.url("/a?Key-Pair-Id=" + private.rsa)) == 403


def test_the_api_of_keys(edge: Edge, private: Private) -> None:
    """Keys and groups in use can't be deleted, and a key can't be changed."""
    api = edge.api
    described = api.get_distribution(Id=private.distribution.id)["Distribution"]
    [trusted] = described["ActiveTrustedKeyGroups"]["Items"]
    assert trusted["KeyPairIds"]["Items"] == [private.rsa, private.ec]
    found = api.get_public_key(Id=private.rsa)
    named = {"Id": private.rsa, "IfMatch": found["ETag"]}
    with pytest.raises(ClientError, match="PublicKeyInUse"):
        api.delete_public_key(**named)
    config = found["PublicKey"]["PublicKeyConfig"]
    with pytest.raises(ClientError, match="CannotChangeImmutablePublicKeyFields"):
        api.update_public_key(**named, PublicKeyConfig={**config, "Name": "other"})
    changed = api.update_public_key(**named, PublicKeyConfig={**config, "Comment": "c"})
    assert changed["PublicKey"]["PublicKeyConfig"]["Comment"] == "c"
    group = api.get_key_group(Id=private.group)
    with pytest.raises(ClientError, match="ResourceInUse"):
        api.delete_key_group(Id=private.group, IfMatch=group["ETag"])
    keys = api.list_public_keys()["PublicKeyList"]["Items"]
    assert private.ec in [each["Id"] for each in keys]
    groups = api.list_key_groups()["KeyGroupList"]["Items"]
    assert private.group in [each["KeyGroup"]["Id"] for each in groups]
    with pytest.raises(ClientError, match="NoSuchResource"):
        api.get_key_group(Id="none")
    with pytest.raises(ClientError, match="InvalidArgument"):
        api.create_key_group(KeyGroupConfig={"Name": unique("g"), "Items": ["none"]})
    with pytest.raises(ClientError, match="InvalidArgument"):
        api.create_public_key(PublicKeyConfig={**config, "Name": unique("k"), "EncodedKey": "x"})
    with pytest.raises(ClientError, match="TrustedKeyGroupDoesNotExist"):
        edge.distribution(
            http_origin(1), TrustedKeyGroups={"Enabled": True, **quantified(["none"])}
        )


def test_keys_in_a_stack(edge: Edge) -> None:
    """CloudFormation creates and deletes public keys and key groups."""
    client, name = edge.emulator.client("cloudformation"), unique("keys")
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = {"CallerReference": name, "Name": name, "EncodedKey": pem}
    group = {"Name": name, "Items": [{"Ref": "Key"}]}
    template = {
        "Resources": {
            "Key": {
                "Type": "AWS::CloudFront::PublicKey",
                "Properties": {"PublicKeyConfig": key},
            },
            "Group": {
                "Type": "AWS::CloudFront::KeyGroup",
                "Properties": {"KeyGroupConfig": group},
            },
        },
        "Outputs": {each: {"Value": {"Ref": each}} for each in ("Key", "Group")},
    }
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    settings = {"Delay": 0.2, "MaxAttempts": 150}
    client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=settings)
    outputs = client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    found = {each["OutputKey"]: each["OutputValue"] for each in outputs}
    config = edge.api.get_key_group_config(Id=found["Group"])["KeyGroupConfig"]
    assert config["Items"] == [found["Key"]]
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=settings)
    with pytest.raises(ClientError, match="NoSuchPublicKey"):
        edge.api.get_public_key(Id=found["Key"])
