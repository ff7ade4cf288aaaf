"""What goes on working: a front end that the pipeline trusts, and clients that are no browsers."""

import json
import shutil
import subprocess
import uuid

import httpx
import pytest

from tests.speed import LIMIT

from .attack import Case, cases_of
from .catalog.darkroom_api import ADDRESSES
from .friends import USES
from .harness import Harness
from .report import row
from .signing import KNOWN, presigned, presigned_form

LIKE_LOCALSTACK = {
    "cloudformation": "list_stacks",
    "dynamodb": "list_tables",
    "iam": "list_users",
    "lambda": "list_functions",
    "logs": "describe_log_groups",
    "s3": "list_buckets",
    "secretsmanager": "list_secrets",
    "sns": "list_topics",
    "sqs": "list_queues",
    "ssm": "describe_parameters",
    "stepfunctions": "list_state_machines",
    "sts": "get_caller_identity",
}
"""Services with an operation of each: all protocols are among them."""


@pytest.mark.parametrize("case", cases_of(USES), ids=lambda case: case.attack.name)
def test_a_front_end_works(harness: Harness, case: Case) -> None:
    """A page at an origin that CorsOrigins names uses the API, uploads, and shows renditions."""
    outcome = harness.friendly.run(case)
    assert outcome.effect, row(outcome)


@pytest.mark.parametrize("service", LIKE_LOCALSTACK)
def test_known_credentials_serve_on_the_command_line(harness: Harness, service: str) -> None:
    """LocalStack's habit works: boto3 with test/test and an endpoint calls every service."""
    client = harness.stage.client(service, KNOWN)
    response = getattr(client, LIKE_LOCALSTACK[service])()
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_known_credentials_may_change_things(harness: Harness) -> None:
    """boto3 with test/test makes a bucket, writes, reads, and removes it."""
    s3 = harness.stage.client("s3", KNOWN)
    bucket = f"{harness.stage.run}-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"text"
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_bucket(Bucket=bucket)


def test_links_of_users_serve(harness: Harness) -> None:
    """A link that an IAM user has signed gives the object to its holder."""
    stage = harness.stage
    iam = stage.client("iam")
    user = f"{stage.run}-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    policy = {"UserName": user, "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}
    iam.attach_user_policy(**policy)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    signer = (key["AccessKeyId"], key["SecretAccessKey"])
    response = httpx.get(presigned(stage.endpoint, stage.private_bucket, "secret.txt", signer))
    assert response.status_code == 200
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.detach_user_policy(**policy)
    iam.delete_user(UserName=user)


def test_curl_serves(harness: Harness) -> None:
    """curl, which sends no header of a browser's, gets LocalStack's health."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    url = f"{harness.stage.endpoint}/_localstack/health"
    done = subprocess.run([curl, "--fail", "--silent", url], capture_output=True, check=True)
    assert "services" in json.loads(done.stdout)


@pytest.mark.parametrize("place", [each for each in ADDRESSES if each.endswith("path")])
def test_curl_calls_the_api(harness: Harness, place: str) -> None:
    """The API answers clients that resolve no name below localhost, at its path-style addresses."""
    outputs = harness.stage.cloud.outputs
    url = ADDRESSES[place].format(
        base=harness.stage.endpoint, distribution=outputs["Distribution"], api=outputs["Api"]
    )
    assert "images" in httpx.get(f"{url}/images", timeout=LIMIT).json()


def test_known_credentials_sign_no_link(harness: Harness) -> None:
    """A link that anybody can sign at home is refused, by a sentence that says what to do."""
    stage = harness.stage
    response = httpx.get(presigned(stage.endpoint, stage.private_bucket, "secret.txt", KNOWN))
    assert response.status_code == 403
    assert "EMULATOR_CREDENTIALS_FILE" in response.text


def test_known_credentials_sign_no_form(harness: Harness) -> None:
    """A form that anybody can sign at home is refused."""
    bucket = harness.stage.cloud.outputs["RawBucket"]
    form = presigned_form(harness.stage.endpoint, bucket, "form.html", "text/html")
    response = httpx.post(form["url"], data=form["fields"], files={"file": b"<p>"})
    assert response.status_code == 403
    assert "EMULATOR_CREDENTIALS_FILE" in response.text
