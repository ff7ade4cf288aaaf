"""Writes that fail: an object or part keeps its content, in memory and with EMULATOR_STATE_DIR."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from .localstack import REGION, LocalStack
from .persistence import PersistentLocalStack

WRONG = [
    {"ChecksumSHA256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"ChecksumCRC32": "AAAAAA=="},
    {"ContentMD5": "1B2M2Y8AsgTpgAmy7PhCfg=="},
    {"ContentMD5": "no digest"},
]
"""Digests of other contents, and one of none."""

_numbers = itertools.count()


@pytest.fixture(scope="module")
def persistent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Yield a LocalStack whose objects are files."""
    with PersistentLocalStack(tmp_path_factory.mktemp("persistent")).start() as localstack:
        yield localstack


@pytest.fixture(params=["emulator", "persistent"])
def localstack(request: pytest.FixtureRequest) -> LocalStack:
    """Return a LocalStack with objects in memory, or in files."""
    localstack: LocalStack = request.getfixturevalue(request.param)
    return localstack


@pytest.fixture(params=[False, True], ids=["unversioned", "versioned"])
def target(localstack: LocalStack, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return bucket and key of an object with the content ``first``."""
    s3, bucket = localstack.client("s3"), f"failed-{next(_numbers)}"
    s3.create_bucket(Bucket=bucket)
    if request.param:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="key", Body=b"first")
    return {"Bucket": bucket, "Key": "key"}


def content(s3: Any, target: dict[str, str]) -> bytes:
    """Return an object's content."""
    body: bytes = s3.get_object(**target)["Body"].read()
    return body


@pytest.mark.parametrize("digest", WRONG, ids=str)
def test_a_wrong_digest_keeps_the_object(
    localstack: LocalStack, target: dict[str, str], digest: dict[str, str]
) -> None:
    """A write with a wrong digest is refused; the object stays, and can be replaced."""
    s3 = localstack.client("s3")
    with pytest.raises(ClientError, match=r"BadDigest|InvalidDigest"):
        s3.put_object(**target, Body=b"second", **digest)
    assert content(s3, target) == b"first"
    s3.put_object(**target, Body=b"third")
    assert content(s3, target) == b"third"


def test_a_wrong_digest_creates_no_object(localstack: LocalStack, target: dict[str, str]) -> None:
    """A write of a new key with a wrong digest creates no object."""
    s3, other = localstack.client("s3"), {**target, "Key": "other"}
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(**other, Body=b"second", **WRONG[0])
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(**other)


@pytest.mark.parametrize("digest", WRONG, ids=str)
def test_a_wrong_digest_keeps_the_part(
    localstack: LocalStack, target: dict[str, str], digest: dict[str, str]
) -> None:
    """An upload of a part with a wrong digest keeps the part that was there."""
    s3 = localstack.client("s3")
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"part")
    with pytest.raises(ClientError, match=r"BadDigest|InvalidDigest"):
        s3.upload_part(**upload, PartNumber=1, Body=b"other", **digest)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert content(s3, target) == b"part"


@pytest.mark.parametrize(
    "body", [b"6\r\nsecond\r\n0\r\n\r\n", b"a\r\nsecond", b"none"], ids=["short", "cut", "none"]
)
def test_a_body_that_ends_early_keeps_the_object(
    localstack: LocalStack, target: dict[str, str], body: bytes
) -> None:
    """A body of chunks that is shorter than its announced length keeps the object and the part."""
    s3 = localstack.client("s3")
    assert send_chunks(localstack, "{Bucket}/{Key}".format(**target), body) >= 400
    assert content(s3, target) == b"first"
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"part")
    path = "{Bucket}/{Key}?partNumber=1&uploadId={UploadId}".format(**upload)
    assert send_chunks(localstack, path, body) >= 400
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert content(s3, target) == b"part"


def send_chunks(localstack: LocalStack, path: str, body: bytes) -> int:
    """Send a body that should have ten bytes in chunks; return the response's status."""
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "X-Amz-Decoded-Content-Length": "10",
    }
    request = AWSRequest("PUT", f"{localstack.url}/{path}", headers, body)
    key = Credentials(localstack.key.access_key, localstack.key.secret_key)
    S3SigV4Auth(key, "s3", REGION).add_auth(request)
    prepared: AWSPreparedRequest = request.prepare()
    status: int = URLLib3Session().send(prepared).status_code
    return status
