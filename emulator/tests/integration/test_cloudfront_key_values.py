"""Key value stores of CloudFront: their API, their values, and functions that read them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .edge import Edge, Origin, http_origin, on, unique

READER = """import cf from 'cloudfront';
const values = cf.kvs();
async function handler(event) {
  const key = event.request.uri.slice(1);
  const found = await values.exists(key);
  const value = found ? await values.get(key) : 'none';
  return { statusCode: 200, body: value };
}"""


class Store:
    """A key value store of the test's own."""

    def __init__(self, edge: Edge) -> None:
        self.name = unique("store")
        made = edge.api.create_key_value_store(Name=self.name, Comment="first")
        self.arn: str = made["KeyValueStore"]["ARN"]
        self.etag: str = made["ETag"]
        self.values = edge.values()

    @property
    def version(self) -> str:
        """The version of the values."""
        return str(self.values.describe_key_value_store(KvsARN=self.arn)["ETag"])

    def put(self, key: str, value: str) -> Any:
        """Set a value."""
        return self.values.put_key(KvsARN=self.arn, Key=key, Value=value, IfMatch=self.version)


@pytest.fixture
def store(edge: Edge) -> Store:
    """Return an empty store."""
    return Store(edge)


def refused(call: Any, **named: Any) -> str:
    """Return the code of a call's error."""
    with pytest.raises(ClientError) as caught:
        call(**named)
    return str(caught.value.response["Error"]["Code"])


def test_the_api_of_stores(edge: Edge, store: Store) -> None:
    """A store is described, changed, listed and deleted with its version."""
    api = edge.api
    described = api.describe_key_value_store(Name=store.name)
    found = described["KeyValueStore"]
    assert found["ARN"] == f"arn:aws:cloudfront::000000000000:key-value-store/{found['Id']}"
    assert (found["Comment"], found["Status"]) == ("first", "READY")
    assert refused(api.create_key_value_store, Name=store.name) == "EntityAlreadyExists"
    wrong = {"Name": store.name, "IfMatch": "E" + "A" * 13}
    assert refused(api.update_key_value_store, Comment="x", **wrong) == "PreconditionFailed"
    assert refused(api.delete_key_value_store, **wrong) == "PreconditionFailed"
    changed = api.update_key_value_store(Name=store.name, Comment="second", IfMatch=store.etag)
    assert changed["KeyValueStore"]["Comment"] == "second"
    names = [each["Name"] for each in api.list_key_value_stores()["KeyValueStoreList"]["Items"]]
    assert store.name in names
    api.delete_key_value_store(Name=store.name, IfMatch=changed["ETag"])
    assert refused(api.describe_key_value_store, Name=store.name) == "EntityNotFound"


def test_values(store: Store) -> None:
    """Values are set, read, listed in pages and deleted; each change is a new version."""
    first = store.version
    put = store.put("a/ü %", "1")
    assert (put["ItemCount"], put["TotalSizeInBytes"]) == (1, 7)
    assert store.version == put["ETag"] != first
    assert store.values.get_key(KvsARN=store.arn, Key="a/ü %")["Value"] == "1"
    store.values.update_keys(
        KvsARN=store.arn,
        IfMatch=store.version,
        Puts=[{"Key": f"k{number:02}", "Value": str(number)} for number in range(12)],
        Deletes=[{"Key": "a/ü %"}],
    )
    page = store.values.list_keys(KvsARN=store.arn)
    rest = store.values.list_keys(KvsARN=store.arn, NextToken=page["NextToken"])
    keys = [each["Key"] for each in [*page["Items"], *rest["Items"]]]
    assert (len(page["Items"]), keys) == (10, [f"k{number:02}" for number in range(12)])
    assert "NextToken" not in rest
    deleted = store.values.delete_key(KvsARN=store.arn, Key="k00", IfMatch=store.version)
    assert deleted["ItemCount"] == 11
    get = store.values.get_key
    assert refused(get, KvsARN=store.arn, Key="k00") == "ResourceNotFoundException"


def test_values_that_are_refused(store: Store) -> None:
    """Old versions, large values, and missing keys and stores are refused, and change nothing."""
    old = store.version
    store.put("a", "1")
    put = store.values.put_key
    named = {"KvsARN": store.arn, "Key": "a", "IfMatch": old}
    assert refused(put, **named, Value="2") == "ConflictException"
    named["IfMatch"] = store.version
    assert refused(put, **named, Value="x" * 1025) == "ValidationException"
    assert refused(put, **{**named, "Key": "ü" * 257}, Value="x") == "ValidationException"
    delete = store.values.delete_key
    assert refused(delete, **{**named, "Key": "b"}) == "ResourceNotFoundException"
    many = [{"Key": str(number), "Value": ""} for number in range(51)]
    update, same = store.values.update_keys, {"KvsARN": store.arn, "IfMatch": named["IfMatch"]}
    assert refused(update, **same, Puts=many) == "ValidationException"
    other = f"{store.arn[:-4]}0000"
    describe = store.values.describe_key_value_store
    assert refused(describe, KvsARN=other) == "ResourceNotFoundException"
    assert store.values.get_key(KvsARN=store.arn, Key="a")["ItemCount"] == 1


def test_a_store_from_a_file(edge: Edge) -> None:
    """A store can begin with the values of a file in S3."""
    s3, bucket = edge.emulator.client("s3"), unique("import")
    s3.create_bucket(Bucket=bucket)
    data = {"data": [{"key": "a", "value": "1"}, {"key": "ü", "value": "é"}]}
    s3.put_object(Bucket=bucket, Key="values.json", Body=json.dumps(data).encode())
    source = {"SourceType": "S3", "SourceARN": f"arn:aws:s3:::{bucket}/values.json"}
    create = edge.api.create_key_value_store
    arn = create(Name=unique("store"), ImportSource=source)["KeyValueStore"]["ARN"]
    assert edge.values().get_key(KvsARN=arn, Key="ü")["Value"] == "é"
    s3.put_object(Bucket=bucket, Key="values.json", Body=b'{"data": [{"key": "a"}]}')
    assert refused(create, Name=unique("store"), ImportSource=source) == "InvalidArgument"


def test_a_file_that_the_caller_can_not_read(edge: Edge) -> None:
    """The caller needs permission to read the file that a store begins with."""
    iam, name = edge.emulator.client("iam"), unique("user")
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    statement = {"Effect": "Allow", "Action": "cloudfront:CreateKeyValueStore", "Resource": "*"}
    iam.put_user_policy(
        UserName=name,
        PolicyName="create",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    key = (made["AccessKeyId"], made["SecretAccessKey"])
    create = edge.emulator.client("cloudfront", key).create_key_value_store
    source = {"SourceType": "S3", "SourceARN": "arn:aws:s3:::any/values.json"}
    assert refused(create, Name=unique("store"), ImportSource=source) == "AccessDenied"
    assert create(Name=unique("store"))["ETag"]


def test_functions_read_values(edge: Edge, origin: Origin, store: Store) -> None:
    """A function sees a value as soon as it is written; its store can't be deleted."""
    function = edge.function(READER, store.arn)
    made = edge.distribution(http_origin(origin.port), FunctionAssociations=on(request=function))
    assert made.get("/a").body == b"none"
    store.put("a", "one")
    assert made.get("/a").body == b"one"
    store.put("a", "two")
    assert made.get("/a").body == b"two"
    delete = edge.api.delete_key_value_store
    assert refused(delete, Name=store.name, IfMatch=store.etag) == "CannotDeleteEntityWhileInUse"


def test_signatures(edge: Edge, store: Store) -> None:
    """Version 4A is verified: a wrong secret and an unknown key are refused."""
    own = edge.emulator.key
    wrong = edge.values((own.access_key, "wrong"))
    named = {"KvsARN": store.arn}
    assert refused(wrong.describe_key_value_store, **named) == "InvalidSignatureException"
    unknown = edge.values(("AKIA" + "A" * 16, "wrong"))
    assert refused(unknown.describe_key_value_store, **named) == "UnrecognizedClientException"
    assert edge.values(("test", "test")).describe_key_value_store(**named)["ItemCount"] == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize("header", ["Origin", "Referer", "Sec-Fetch-Site"])
def test_web_pages_reach_no_values(edge: Edge, store: Store, method: str, header: str) -> None:
    """A browser's request to a store is refused, with and without a signature's header."""
    path = f"/key-value-stores/{store.arn.replace('/', '%2F')}/keys/a"
    scope = "test/20260101/cloudfront-keyvaluestore/aws4_request"
    signed = f"AWS4-ECDSA-P256-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    for more in ({}, {"Authorization": signed}):
        response = edge.send(path, method, b"{}", {header: "https://evil.example", **more})
        # An unsigned request counts as one to S3, which has no such bucket.
        assert response.status in {403, 404}
        assert "access-control-allow-origin" not in response.headers
    assert store.values.describe_key_value_store(KvsARN=store.arn)["ItemCount"] == 0


def test_roles_need_permission(edge: Edge, store: Store) -> None:
    """A user reads and writes the values of the stores that its policies name."""
    iam, name = edge.emulator.client("iam"), unique("user")
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    values = edge.values((made["AccessKeyId"], made["SecretAccessKey"]))
    named = {"KvsARN": store.arn}
    assert refused(values.describe_key_value_store, **named) == "AccessDeniedException"
    statement = {
        "Effect": "Allow",
        "Action": "cloudfront-keyvaluestore:DescribeKeyValueStore",
        "Resource": store.arn,
    }
    iam.put_user_policy(
        UserName=name,
        PolicyName="read",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    assert values.describe_key_value_store(**named)["ItemCount"] == 0
    put = {**named, "Key": "a", "Value": "1", "IfMatch": store.version}
    assert refused(values.put_key, **put) == "AccessDeniedException"
