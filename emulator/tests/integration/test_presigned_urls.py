"""Presigned URLs of S3."""

import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import boto3
import httpx
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from .functions import ROLE, Functions
from .localstack import REGION, LocalStack
from .waiting import wait_for

_numbers = itertools.count()
KEYS = ["a.txt", "a b+c%20d.txt", "ü/ß;x#y?z&=.txt", "a//b/.c", "~!*'()"]
VERSIONS = ["s3", "s3v4"]


def signer(
    emulator: LocalStack, keys: dict[str, str], version: str = "s3v4", region: str = REGION
) -> Any:
    """Return a client that signs with these keys (as STS names them)."""
    return boto3.client(
        "s3",
        endpoint_url=emulator.url,
        region_name=region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
        config=Config(signature_version=version),
    )


def own(emulator: LocalStack) -> dict[str, str]:
    """Return the installation's key, as STS names its parts."""
    return {"AccessKeyId": emulator.key.access_key, "SecretAccessKey": emulator.key.secret_key}


def credentials(emulator: LocalStack) -> Credentials:
    """Return the installation's key, as botocore's signers take it."""
    return Credentials(emulator.key.access_key, emulator.key.secret_key)


@pytest.fixture
def bucket(emulator: LocalStack) -> str:
    """Return a bucket with an object at a.txt."""
    name = f"presigned-{next(_numbers)}"
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a.txt", Body=b"data")
    return name


@pytest.fixture(params=VERSIONS)
def sign(request: pytest.FixtureRequest, emulator: LocalStack, bucket: str) -> Callable[..., str]:
    """Return a maker of URLs, with either version of signatures."""
    client = signer(emulator, own(emulator), request.param)

    def url(operation: str, key: str = "a.txt", seconds: int = 60, **parameters: Any) -> str:
        return str(
            client.generate_presigned_url(
                operation, {"Bucket": bucket, "Key": key, **parameters}, ExpiresIn=seconds
            )
        )

    return url


def outcome(response: httpx.Response) -> str:
    """Return the status and the error's code."""
    return f"{response.status_code} {response.text.partition('<Code>')[2].partition('</Code>')[0]}"


def get(url: str, **options: Any) -> str:
    """Get a URL; return the status and the error's code."""
    return outcome(httpx.get(url, **options)).strip()


@pytest.mark.parametrize("key", KEYS)
def test_each_method_can_be_signed(
    sign: Callable[..., str], emulator: LocalStack, bucket: str, key: str
) -> None:
    """A URL is valid for its method, with any characters in the key."""
    assert httpx.put(sign("put_object", key), content=b"data").status_code == 200
    stored = emulator.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert stored == b"data"
    assert httpx.get(sign("get_object", key)).content == b"data"
    assert httpx.head(sign("head_object", key)).status_code == 200
    assert httpx.delete(sign("delete_object", key)).status_code == 204
    assert get(sign("get_object", key)) == "404 NoSuchKey"


def test_a_changed_url_is_refused(
    sign: Callable[..., str], emulator: LocalStack, bucket: str
) -> None:
    """A URL is valid only for what was signed."""
    emulator.client("s3").put_object(Bucket=bucket, Key="b.txt", Body=b"")
    url = sign("get_object", ResponseContentType="text/plain")
    assert get(url) == "200"
    for other in (
        url.replace("a.txt", "b.txt"),
        url.replace("plain", "html"),
        url.replace("Signature=", "Signature=0"),
        f"{url}&response-content-language=de",
        f"{url}&versionId=null",
    ):
        assert get(other) == "403 SignatureDoesNotMatch"
    for method in ("PUT", "DELETE", "HEAD"):
        assert httpx.request(method, url).status_code == 403


def test_headers_are_checked(sign: Callable[..., str]) -> None:
    """Signed headers must be unchanged; unsigned S3 headers are refused."""
    url = sign("put_object", ContentType="image/png")
    assert httpx.put(url, headers={"Content-Type": "image/gif"}).status_code == 403
    assert httpx.put(url, headers={"Content-Type": "image/png"}).status_code == 200
    url = sign("put_object")
    code = "AccessDenied" if "X-Amz-Signature" in url else "SignatureDoesNotMatch"
    assert outcome(httpx.put(url, headers={"x-amz-meta-a": "b"})) == f"403 {code}"


def test_a_url_expires(sign: Callable[..., str]) -> None:
    """A URL expires after its lifetime, which can't be changed."""
    url = sign("get_object", seconds=1)
    wait_for(lambda: get(url) != "200")
    response = httpx.get(url)
    assert outcome(response) == "403 AccessDenied"
    assert "<Message>Request has expired</Message>" in response.text
    later = sign("get_object").replace("Expires=", "Expires=1")
    assert get(later) == "403 SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none"),
        ("%2Fs3%2Faws4_request", "%2Fsqs%2Faws4_request"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        ("&X-Amz-Expires=60", ""),
        ("X-Amz-Date=", "X-Amz-Date=x"),
        ("&X-Amz-Expires=60", "&X-Amz-Expires=60&X-Amz-Expires=600"),
    ],
)
def test_a_malformed_url_is_refused(emulator: LocalStack, bucket: str, old: str, new: str) -> None:
    """A URL that is not in the form of version 4 is refused."""
    url = signer(emulator, own(emulator)).generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "a.txt"}, ExpiresIn=60
    )
    assert old in url
    assert get(url.replace(old, new)) == "400 AuthorizationQueryParametersError"


def test_a_url_of_the_future_is_refused(emulator: LocalStack, bucket: str) -> None:
    """A URL of the future is refused."""
    url = signer(emulator, own(emulator)).generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "a.txt"}
    )
    date = url.partition("X-Amz-Date=")[2][:8]
    later = str(int(date) + 10000)
    assert get(url.replace(date, later)) == "403 AccessDenied"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "{bucket}.s3.localhost"])
def test_the_host_is_signed(emulator: LocalStack, bucket: str, host: str) -> None:
    """The host name of a URL is part of the signed request."""
    place = f"{host.format(bucket=bucket)}:{emulator.port}"
    path = "a.txt" if "{bucket}" in host else f"{bucket}/a.txt"
    request = AWSRequest("GET", f"http://{place}/{path}")
    S3SigV4QueryAuth(credentials(emulator), "s3", REGION, expires=60).add_auth(request)
    address = str(request.url).replace(place, f"127.0.0.1:{emulator.port}")
    assert get(address, headers={"Host": place}) == "200"
    other = {"Host": f"other.localhost:{emulator.port}"}
    assert get(address, headers=other) == "403 SignatureDoesNotMatch"


def test_signed_headers_can_be_in_the_query(emulator: LocalStack, bucket: str) -> None:
    """A header that AWS's JavaScript SDK signs as a query parameter applies."""
    url = f"{emulator.url}/{bucket}/new?x-amz-meta-name={quote('a b')}&x-id=PutObject"
    request = AWSRequest("PUT", url)
    S3SigV4QueryAuth(credentials(emulator), "s3", REGION, expires=60).add_auth(request)
    assert httpx.put(str(request.url), content=b"").status_code == 200
    found = emulator.client("s3").head_object(Bucket=bucket, Key="new")
    assert found["Metadata"] == {"name": "a b"}


@pytest.fixture
def irish_bucket(emulator: LocalStack) -> str:
    """Return a bucket in eu-west-1 with an object at a.txt."""
    name = f"presigned-{next(_numbers)}"
    s3 = signer(emulator, own(emulator), region="eu-west-1")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=name, Key="a.txt", Body=b"data")
    return name


WRONG_REGION = "the region 'us-east-1' is wrong; expecting 'eu-west-1'"


def test_a_url_is_for_the_buckets_region(emulator: LocalStack, irish_bucket: str) -> None:
    """A URL must be signed for the region of its bucket, which the error names; version 2 has no
    region.
    """
    parameters = {"Bucket": irish_bucket, "Key": "a.txt"}

    def url(version: str, region: str) -> str:
        client = signer(emulator, own(emulator), version, region)
        return str(client.generate_presigned_url("get_object", parameters))

    assert get(url("s3v4", "eu-west-1")) == "200"
    assert get(url("s3", "us-east-1")) == "200"
    response = httpx.get(url("s3v4", "us-east-1"))
    assert outcome(response) == "400 AuthorizationQueryParametersError"
    message = f"Error parsing the X-Amz-Credential parameter; {WRONG_REGION}"
    assert f"<Message>{message}</Message><Region>eu-west-1</Region>" in response.text


def test_a_header_signature_is_for_the_buckets_region(
    emulator: LocalStack, irish_bucket: str
) -> None:
    """A header must be signed for the region of the bucket, which the error names."""

    def send(method: str, region: str) -> httpx.Response:
        request = AWSRequest(method, f"{emulator.url}/{irish_bucket}/a.txt")
        S3SigV4Auth(credentials(emulator), "s3", region).add_auth(request)
        return httpx.request(method, str(request.url), headers=dict(request.headers))

    assert send("GET", "eu-west-1").content == b"data"
    response = send("GET", "us-east-1")
    assert outcome(response) == "400 AuthorizationHeaderMalformed"
    message = f"The authorization header is malformed; {WRONG_REGION}"
    assert f"<Message>{message}</Message><Region>eu-west-1</Region>" in response.text
    response = send("HEAD", "us-east-1")
    assert response.status_code == 400
    assert response.headers["x-amz-bucket-region"] == "eu-west-1"


def test_clients_are_told_the_region(emulator: LocalStack, irish_bucket: str) -> None:
    """A client with another region repeats its requests for the region that the error names."""
    place = {"Bucket": irish_bucket, "Key": "a.txt"}
    assert emulator.client("s3").get_object(**place)["Body"].read() == b"data"
    assert emulator.client("s3").head_object(**place)["ContentLength"] == 4
    location = emulator.client("s3").get_bucket_location(Bucket=irish_bucket)
    assert location["LocationConstraint"] == "eu-west-1"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "keys",
    [
        {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "test"},
        {"AccessKeyId": "somebody", "SecretAccessKey": "test"},
        {"AccessKeyId": "test", "SecretAccessKey": "test"},
        {"AccessKeyId": "111122223333", "SecretAccessKey": "test"},
        {"AccessKeyId": "__internal_call__", "SecretAccessKey": "__internal_call__"},
        {"AccessKeyId": "949334387222", "SecretAccessKey": "__internal_call__"},
    ],
)
def test_unknown_and_public_keys_sign_no_url(
    emulator: LocalStack, bucket: str, keys: dict[str, str], version: str
) -> None:
    """Neither an unknown nor a public key signs a URL."""
    url = signer(emulator, keys, version).generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "a.txt"}
    )
    assert get(url) in {"403 InvalidAccessKeyId", "403 SignatureDoesNotMatch"}


def reader(emulator: LocalStack) -> str:
    """Create a user that may read objects; return its name."""
    iam, name = emulator.client("iam"), f"presigned-user-{next(_numbers)}"
    iam.create_user(UserName=name)
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    return name


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["installation", "user", "session"])
def test_private_keys_sign_urls(emulator: LocalStack, bucket: str, version: str, kind: str) -> None:
    """The installation's key, a user's and a role session's sign URLs."""
    if kind == "installation":
        keys = own(emulator)
    elif kind == "user":
        iam, name = emulator.client("iam"), reader(emulator)
        keys = iam.create_access_key(UserName=name)["AccessKey"]
    else:
        sts = emulator.client("sts")
        keys = sts.assume_role(RoleArn=ROLE, RoleSessionName="session")["Credentials"]
    place = {"Bucket": bucket, "Key": "a.txt"}
    url = signer(emulator, keys, version).generate_presigned_url("get_object", place)
    assert get(url) == "200"
    wrong = keys | {"SecretAccessKey": "wrong"}
    url = signer(emulator, wrong, version).generate_presigned_url("get_object", place)
    assert get(url) == "403 SignatureDoesNotMatch"
    other = {**keys, "SessionToken": "other"}
    url = signer(emulator, other, version).generate_presigned_url("get_object", place)
    assert get(url) == "400 InvalidToken"
    if kind == "session":
        without = {"AccessKeyId": keys["AccessKeyId"], "SecretAccessKey": keys["SecretAccessKey"]}
        url = signer(emulator, without, version).generate_presigned_url("get_object", place)
        assert get(url) == "403 InvalidAccessKeyId"


def test_an_inactive_key_signs_no_url(emulator: LocalStack, bucket: str) -> None:
    """An inactive key does not sign URLs."""
    iam, name = emulator.client("iam"), reader(emulator)
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    url = signer(emulator, keys).generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "a.txt"}
    )
    assert get(url) == "200"
    iam.update_access_key(UserName=name, AccessKeyId=keys["AccessKeyId"], Status="Inactive")
    assert get(url) == "403 InvalidAccessKeyId"


def test_a_function_can_sign(functions: Functions, bucket: str) -> None:
    """A URL or a form that a function signs with its role's session is valid."""
    function = functions.make(
        """
        import boto3
        from botocore.config import Config

        def handler(event, context):
            place = {"Bucket": event, "Key": "a.txt"}
            urls = [
                boto3.client("s3", config=Config(signature_version=version))
                .generate_presigned_url("get_object", place)
                for version in ("s3", "s3v4")
            ]
            return urls, boto3.client("s3").generate_presigned_post(event, "form.txt")
        """
    )
    urls, form = function.invoke(bucket).payload
    assert [get(url) for url in urls] == ["200", "200"]
    response = httpx.post(form["url"], data=form["fields"], files={"file": b"data"})
    assert outcome(response).strip() == "204"
    form["fields"]["x-amz-security-token"] += "x"
    response = httpx.post(form["url"], data=form["fields"], files={"file": b"data"})
    assert outcome(response) == "400 InvalidToken"


def test_two_kinds_of_credentials_are_refused(emulator: LocalStack, bucket: str) -> None:
    """A request with two kinds of credentials is refused."""
    url = signer(emulator, own(emulator)).generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "a.txt"}
    )
    assert get(url, headers={"Authorization": "AWS test:x"}) == "400 InvalidArgument"
