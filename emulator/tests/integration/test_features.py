"""Features of a running LocalStack, and LocalStack without them."""

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.speed import LIMIT

from .functions import Functions
from .localstack import LocalStack
from .waiting import wait_for


def request(localstack: LocalStack, path: str, method: str = "GET", **headers: str) -> Any:
    """Return the JSON of a response."""
    asked = urllib.request.Request(f"{localstack.url}{path}", method=method, headers=headers)
    with urllib.request.urlopen(asked, timeout=LIMIT) as response:
        return json.load(response)


def reset(localstack: LocalStack, secret: str = "") -> httpx.Response:
    """Return the response to a signed request to delete everything."""
    signed = AWSRequest("POST", f"{localstack.url}/_emulator/reset")
    key = Credentials(localstack.key.access_key, secret or localstack.key.secret_key)
    SigV4Auth(key, "emulator", "us-east-1").add_auth(signed)
    return httpx.post(signed.url, headers=dict(signed.headers), timeout=LIMIT)


def test_health_names_the_features(emulator: LocalStack) -> None:
    """The health endpoint and one line of the log name the enabled features."""
    features = request(emulator, "/_emulator/health")["features"]
    assert {"cloudfront", "lambda-process", "s3-access", "state"} <= set(features)
    assert f"on LocalStack 4.14.0: {', '.join(features)}" in emulator.log_text()


def test_without_features_it_is_plain_localstack(own_root: Path) -> None:
    """With EMULATOR_FEATURES empty, nothing is patched, checked, provided or deleted."""
    metrics = own_root / "files" / "var" / "lib" / "localstack" / "data" / "cloudwatch"
    metrics.mkdir(parents=True)
    (metrics / "metrics.db").write_text("")
    settings = {
        "EMULATOR_FEATURES": "",
        "LOCALSTACK_HOST": "localhost",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "EMULATOR_LAMBDA_PYTHON": None,
        "EMULATOR_STATE_DIR": str(own_root / "state"),
    }
    with LocalStack(own_root, None, **settings) as plain:
        plain.wait_until_healthy()
        health = request(plain, "/_localstack/health", Host="any.test")
        assert "cloudfront" not in health["services"]
        assert "localstack_native" not in plain.log_text()
        assert (metrics / "metrics.db").exists()
        assert not (own_root / "state").exists()
        with pytest.raises(ClientError, match=r"not (yet )?(implemented|been emulated|included)"):
            plain.client("cloudfront", key=("any", "thing")).list_distributions()
        s3 = plain.client("s3", key=("any", "thing"))
        s3.create_bucket(Bucket="open")
        s3.put_object(Bucket="open", Key="private", Body=b"read by all")
        with urllib.request.urlopen(f"{plain.url}/open/private", timeout=LIMIT) as response:
            assert response.read() == b"read by all"


def test_an_unknown_feature_ends_the_start(own_root: Path) -> None:
    """The error of an unknown feature quotes it and names all features."""
    with LocalStack(own_root, EMULATOR_FEATURES="all,-signature") as localstack:
        assert localstack.process.wait(LIMIT) == 1
        assert "EMULATOR_FEATURES names an unknown feature: '-signature'" in localstack.log_text()


@pytest.mark.parametrize(
    ("send", "sentence"),
    [
        (
            lambda emulator: httpx.post(f"{emulator.url}/_emulator/reset", timeout=LIMIT),
            "The request is not signed.",
        ),
        (lambda emulator: reset(emulator, "wrong"), "does not match the signature you provided"),
    ],
)
def test_a_reset_is_signed(
    emulator: LocalStack, send: Callable[[LocalStack], httpx.Response], sentence: str
) -> None:
    """Without a right signature, nothing is deleted: other users can reach the port."""
    emulator.client("sqs").create_queue(QueueName="kept")
    response = send(emulator)
    assert response.status_code == 403
    assert sentence in response.json()["message"]
    assert emulator.client("sqs").get_queue_url(QueueName="kept")


def test_a_reset_deletes_all_resources(own_root: Path) -> None:
    """A reset deletes the resources of all services; their names can be used again."""
    with LocalStack(own_root) as localstack:
        localstack.wait_until_healthy()
        s3, sqs = localstack.client("s3"), localstack.client("sqs")
        dynamodb, logs = localstack.client("dynamodb"), localstack.client("logs")
        cloudwatch = localstack.client("cloudwatch")

        def create() -> None:
            s3.create_bucket(Bucket="images")
            s3.put_object(Bucket="images", Key="k", Body=b"content")
            queue = sqs.create_queue(QueueName="q")["QueueUrl"]
            sqs.send_message(QueueUrl=queue, MessageBody="m")
            dynamodb.create_table(
                TableName="t",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            )
            logs.create_log_group(logGroupName="g")
            cloudwatch.put_metric_data(
                Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.0}]
            )
            wait_for(lambda: cloudwatch.list_metrics(Namespace="n")["Metrics"])
            function = Functions(localstack).make("def handler(event, context): return event")
            assert function.invoke(1).payload == 1

        for _ in range(2):
            create()
            services = reset(localstack).json()["reset"]
            assert {"s3", "sqs", "dynamodb", "lambda", "logs", "cloudwatch"} <= set(services)
            assert s3.list_buckets()["Buckets"] == []
            assert "QueueUrls" not in sqs.list_queues()
            assert dynamodb.list_tables()["TableNames"] == []
            assert logs.describe_log_groups()["logGroups"] == []
            assert cloudwatch.list_metrics(Namespace="n")["Metrics"] == []
            assert localstack.client("lambda").list_functions()["Functions"] == []
            wait_for(lambda: not localstack.processes())
