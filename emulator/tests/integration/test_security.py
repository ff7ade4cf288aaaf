"""Refusals of requests by host, browser and signature."""

import itertools
import json
import uuid
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from .functions import Functions
from .localstack import REGION, LocalStack

PAGE = {"Origin": "http://attacker.test", "Sec-Fetch-Site": "cross-site", "User-Agent": "Mozilla/5"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
TEST = Credentials("test", "test")
_numbers = itertools.count()


def client(emulator: LocalStack, service: str, key: Credentials, **config: Any) -> Any:
    """Return a client that signs with a key."""
    return boto3.client(
        service,
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def code_of(call: Any, **arguments: Any) -> str:
    """Return the code of the error that a call ends with; "" if it succeeds."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def bucket(emulator: LocalStack) -> str:
    """Return a bucket with a public object and a private one."""
    name = f"security-{uuid.uuid4().hex[:8]}"
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="public/a.txt", Body=b"public")
    s3.put_object(Bucket=name, Key="private/a.txt", Body=b"private")
    s3.delete_public_access_block(Bucket=name)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/public/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name


@pytest.mark.parametrize("path", ["/_localstack/health", "/", "/2015-03-31/functions", "/b/k"])
def test_a_foreign_host_is_refused(emulator: LocalStack, path: str) -> None:
    """A rebound host name is refused with a message that names the setting."""
    response = httpx.get(f"{emulator.url}{path}", headers={"Host": "attacker.test"})
    assert response.status_code == 421
    assert "does not serve the host attacker.test" in response.text
    assert "EMULATOR_HOSTS" in response.text


def test_a_foreign_host_reaches_no_distribution_by_path(emulator: LocalStack) -> None:
    """A page whose name is rebound to loopback does not reach the API behind a distribution; a
    distribution's aliases are served.
    """
    config = {
        "CallerReference": uuid.uuid4().hex,
        "Comment": "",
        "Enabled": True,
        "Aliases": {"Quantity": 1, "Items": ["pictures.example"]},
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "none",
                    "DomainName": "none.s3.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "none",
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        },
    }
    made = emulator.client("cloudfront").create_distribution(DistributionConfig=config)
    url = f"{emulator.url}/_aws/cloudfront/{made['Distribution']['Id']}/x"
    assert httpx.get(url, headers={"Host": "attacker.test"}).status_code == 421
    assert httpx.get(url).status_code == 404
    response = httpx.get(f"{emulator.url}/x", headers={"Host": "pictures.example"})
    assert response.status_code == 404


@pytest.mark.parametrize("headers", [PAGE, LINK, {"Referer": "http://attacker.test/"}])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/_localstack/health"),
        ("POST", "/_localstack/state/reset"),
        ("GET", "/_emulator/state"),
        ("PUT", "/_emulator/rekognition/moderation"),
        ("GET", "/_aws/sqs/messages?QueueUrl=http://localhost/000000000000/q"),
        ("GET", "/?Action=CreateUser&Version=2010-05-08&UserName=page"),
        ("POST", "/?Action=CreateUser&Version=2010-05-08&UserName=page"),
        ("GET", "/000000000000/q?Action=SendMessage&MessageBody=x"),
        ("GET", "/2015-03-31/functions"),
        ("POST", "/2015-03-31/functions/f/invocations"),
        ("GET", "/restapis"),
    ],
)
def test_a_page_reaches_no_api(
    emulator: LocalStack, method: str, path: str, headers: dict[str, str]
) -> None:
    """A page gets an error from everything that is not for browsers, and can't read it."""
    response = httpx.request(method, f"{emulator.url}{path}", headers=headers)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control-")]
    users = emulator.client("iam").list_users()["Users"]
    assert "page" not in [user["UserName"] for user in users]


def test_a_page_cannot_sign_with_the_public_key(emulator: LocalStack) -> None:
    """A browser's request that is signed with ``test`` is refused."""
    url = f"{emulator.url}/"
    request = AWSRequest(
        "POST",
        url,
        {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "text/plain"},
        b"{}",
    )
    SigV4Auth(Credentials("test", "test"), "dynamodb", REGION).add_auth(request)
    headers = {**dict(request.headers.items()), **PAGE}
    assert httpx.post(url, content=b"{}", headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/", "/_localstack/health", "/2020-05-31/distribution"])
def test_preflights_to_apis_are_refused(emulator: LocalStack, path: str) -> None:
    """A CORS preflight to an AWS API is refused."""
    headers = {**PAGE, "Access-Control-Request-Method": "POST"}
    response = httpx.options(f"{emulator.url}{path}", headers=headers)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "origin",
    [
        "file://",
        "https://app.localstack.cloud",
        "http://localhost:4566",
        "http://x.cloudfront.localhost:4566.attacker.test",
    ],
)
def test_no_origin_is_trusted(emulator: LocalStack, bucket: str, origin: str) -> None:
    """Origins that LocalStack trusts read nothing that a bucket does not allow."""
    response = httpx.get(f"{emulator.url}/{bucket}/public/a.txt", headers={"Origin": origin})
    assert (response.status_code, response.text) == (200, "public")
    assert "access-control-allow-origin" not in response.headers
    preflight = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    response = httpx.options(f"{emulator.url}/{bucket}/public/a.txt", headers=preflight)
    assert response.status_code == 403


@pytest.mark.parametrize("headers", [PAGE, LINK])
def test_a_page_reaches_public_and_presigned_objects(
    emulator: LocalStack, bucket: str, headers: dict[str, str]
) -> None:
    """Public and presigned objects are served to browsers; private ones are not."""
    place = f"{emulator.url}/{bucket}"
    assert httpx.get(f"{place}/public/a.txt", headers=headers).text == "public"
    assert httpx.get(f"{place}/private/a.txt", headers=headers).status_code == 403
    s3 = client(emulator, "s3", emulator.key, signature_version="s3v4")
    named = {"Bucket": bucket, "Key": "private/a.txt"}
    assert httpx.get(s3.generate_presigned_url("get_object", named), headers=headers).text == (
        "private"
    )


@pytest.mark.parametrize("service", ["s3", "sts", "dynamodb", "lambda", "sqs", "cloudwatch"])
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (TEST, {""}),
        (Credentials("111122223333", "test"), {""}),
        (Credentials("test", "other"), {"SignatureDoesNotMatch", "InvalidSignatureException"}),
        (
            Credentials("nobody", "test"),
            {"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"},
        ),
    ],
)
def test_header_signatures_are_verified(
    emulator: LocalStack, service: str, key: Credentials, expected: set[str]
) -> None:
    """``test``/``test`` is valid; a wrong secret and an unknown key are refused as on AWS."""
    operations = {
        "s3": "list_buckets",
        "sts": "get_caller_identity",
        "dynamodb": "list_tables",
        "lambda": "list_functions",
        "sqs": "list_queues",
        "cloudwatch": "list_metrics",
    }
    call = getattr(client(emulator, service, key), operations[service])
    assert code_of(call) in expected


def test_the_error_of_an_unknown_key_names_the_credentials_file(emulator: LocalStack) -> None:
    """The message of an unknown access key says where the emulator's own key is."""
    with pytest.raises(ClientError, match="EMULATOR_CREDENTIALS_FILE"):
        client(emulator, "sqs", Credentials("nobody", "x")).list_queues()


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("key", ["a b+c%20d.txt", "ü/ß;x#y?z&=.txt", "a//b/./.c", "~!*'()"])
def test_keys_of_all_characters_are_signed(
    emulator: LocalStack, bucket: str, key: str, version: str
) -> None:
    """Keys of all characters are verified, with either version of signatures."""
    s3 = client(emulator, "s3", emulator.key, signature_version=version)
    s3.put_object(Bucket=bucket, Key=key, Body=b"data", Metadata={"two": "a  b"})
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"data"
    assert s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 1


def test_paths_are_encoded_twice_except_for_s3(emulator: LocalStack) -> None:
    """The canonical path of services other than S3 is encoded twice."""
    functions = client(emulator, "lambda", emulator.key)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:not there:x"
    assert code_of(functions.list_tags, Resource=arn) not in {"", "InvalidSignatureException"}


def test_sessions_and_users_sign_with_their_keys(emulator: LocalStack) -> None:
    """A role's session and a user sign with their own keys, until these are inactive."""
    role = {"RoleArn": "arn:aws:iam::000000000000:role/any", "RoleSessionName": "session"}
    made = emulator.client("sts").assume_role(**role)["Credentials"]
    session = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    sts = session.client("sts", region_name=REGION, endpoint_url=emulator.url)
    assert ":assumed-role/any/session" in sts.get_caller_identity()["Arn"]
    bare = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], "other")
    sts = bare.client("sts", region_name=REGION, endpoint_url=emulator.url)
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"
    iam, name = emulator.client("iam"), f"user-{next(_numbers)}"
    iam.create_user(UserName=name)
    arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sqs = client(emulator, "sqs", Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert code_of(sqs.list_queues) == ""
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code_of(sqs.list_queues) == "UnrecognizedClientException"


def test_a_changed_body_is_refused(emulator: LocalStack) -> None:
    """A signature is valid only for the body that was signed."""
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables"}
    request = AWSRequest("POST", f"{emulator.url}/", headers, b"{}")
    SigV4Auth(Credentials("test", "test"), "dynamodb", REGION).add_auth(request)
    signed = dict(request.headers.items())
    assert httpx.post(f"{emulator.url}/", content=b"{}", headers=signed).status_code == 200
    response = httpx.post(f"{emulator.url}/", content=b'{"Limit": 1}', headers=signed)
    assert response.json()["__type"].endswith("InvalidSignatureException")


def test_compressed_bodies_are_verified(emulator: LocalStack) -> None:
    """The signature is of the encoded body, and the service reads the decoded one."""
    cloudwatch = client(emulator, "cloudwatch", emulator.key)
    data = [{"MetricName": f"m{number}", "Value": 1.0} for number in range(500)]
    cloudwatch.put_metric_data(Namespace="compressed", MetricData=data)
    found = cloudwatch.get_paginator("list_metrics").paginate(Namespace="compressed")
    assert sum(len(page["Metrics"]) for page in found) == 500


@pytest.mark.parametrize("key", [TEST, Credentials("nobody", "x")])
def test_queries_need_a_private_key(emulator: LocalStack, key: Credentials) -> None:
    """A query that is signed with the installation's key is served; one with a public key is
    refused.
    """
    url = f"{emulator.url}/?Action=GetCallerIdentity&Version=2011-06-15"
    assert "<Code>MissingAuthenticationToken</Code>" in httpx.get(url).text
    for signer, status in ((emulator.key, 200), (key, 403)):
        request = AWSRequest("GET", url)
        SigV4QueryAuth(Credentials(signer.access_key, signer.secret_key), "sts", REGION).add_auth(
            request
        )
        assert httpx.get(str(request.url)).status_code == status


def test_unsigned_requests_are_refused(emulator: LocalStack) -> None:
    """A request without a signature is refused, except where AWS requires none."""
    form = {"Action": "ListUsers", "Version": "2010-05-08"}
    response = httpx.post(emulator.url, data=form)
    assert (response.status_code, "MissingAuthenticationToken" in response.text) == (403, True)
    unsigned = Config(signature_version="UNSIGNED")
    sts = boto3.client("sts", endpoint_url=emulator.url, region_name=REGION, config=unsigned)
    code = code_of(
        sts.assume_role_with_web_identity,
        RoleArn="arn:aws:iam::000000000000:role/any",
        RoleSessionName="session",
        WebIdentityToken="token",
    )
    assert code != "MissingAuthenticationToken"


@pytest.mark.parametrize("headers", [PAGE, LINK, {"Host": "attacker.test"}])
def test_a_page_reaches_no_runtime_api(functions: Functions, headers: dict[str, str]) -> None:
    """A page that finds the port of a function's Runtime API can neither read events nor end it."""
    function = functions.make(
        "import os\ndef handler(event, context): return [os.environ['AWS_LAMBDA_RUNTIME_API'], "
        "os.getpid()]"
    )
    address, process = function.invoke().payload
    runtime = f"http://{address}/2018-06-01/runtime"
    for method, path in (("GET", "invocation/next"), ("POST", "init/error")):
        response = httpx.request(method, f"{runtime}/{path}", headers=headers)
        assert response.status_code == 403
    assert function.invoke().payload == [address, process]


def test_the_credentials_file_is_private(emulator: LocalStack) -> None:
    """The installation's key is random, and only its user can read it."""
    file = emulator.root / "credentials"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(emulator.key.secret_key) == 40
