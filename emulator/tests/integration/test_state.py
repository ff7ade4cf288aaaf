"""Persistent state: restored services work after a restart."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.speed import LIMIT

from .edge import Edge, http_origin, on
from .functions import Function, Functions
from .localstack import LocalStack, free_port
from .persistence import PersistentLocalStack
from .vision import sample
from .waiting import wait_for

type Scenario = Generator[None, LocalStack]
"""Creates resources, and checks them after a restart, for which it is resumed."""

STACK = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "stack-topic"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "stack-queue"}},
        "QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Queue"}],
                "PolicyDocument": {
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"Service": "sns.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                    }
                },
            },
        },
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        },
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": "stack-alarm",
                "Namespace": "n",
                "MetricName": "m",
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanThreshold",
            },
        },
    },
    "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}},
}

COPY = """
import os, boto3
import layered

def handler(event, context):
    s3 = boto3.client("s3")
    for record in event["Records"]:
        text = layered.NAME + record["body"]
        s3.put_object(Bucket="function-out", Key=record["messageId"], Body=text)
    return "copied"
"""


@pytest.fixture
def persistent(tmp_path: Path) -> PersistentLocalStack:
    """Return a state that several LocalStacks use one after another."""
    return PersistentLocalStack(tmp_path)


def make_objects(localstack: LocalStack) -> str:
    """Put objects of all kinds; return the ID of an incomplete multipart upload."""
    s3 = localstack.client("s3")
    s3.create_bucket(Bucket="state-in")
    s3.put_object(Bucket="state-in", Key="größe/x?y=1", Body=b"abc" * 500_000, Metadata={"a": "b"})
    s3.put_object(Bucket="state-in", Key="twice", Body=b"first")
    s3.put_object(Bucket="state-in", Key="twice", Body=b"second")
    s3.put_object(Bucket="state-in", Key="gone", Body=b"gone")
    s3.delete_object(Bucket="state-in", Key="gone")
    s3.copy_object(Bucket="state-in", Key="copy", CopySource="state-in/twice")
    s3.create_bucket(Bucket="state-versions")
    s3.put_bucket_versioning(Bucket="state-versions", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket="state-versions", Key="k", Body=body)
    upload = s3.create_multipart_upload(Bucket="state-in", Key="parts")["UploadId"]
    s3.upload_part(
        Bucket="state-in", Key="parts", UploadId=upload, PartNumber=1, Body=b"p" * 6_000_000
    )
    return str(upload)


def body(s3: Any, bucket: str, key: str, **which: str) -> bytes:
    """Return an object's content."""
    return bytes(s3.get_object(Bucket=bucket, Key=key, **which)["Body"].read())


def objects(localstack: LocalStack) -> Scenario:
    """Objects, versions, metadata and parts are restored; uploads continue; links are valid."""
    upload = make_objects(localstack)
    link = localstack.client("s3").generate_presigned_url(
        "get_object", {"Bucket": "state-in", "Key": "twice"}
    )
    localstack = yield
    s3 = localstack.client("s3")
    response = s3.get_object(Bucket="state-in", Key="größe/x?y=1")
    assert response["Body"].read() == b"abc" * 500_000
    assert response["Metadata"] == {"a": "b"}
    listed = s3.list_objects_v2(Bucket="state-in")["Contents"]
    assert {each["Key"] for each in listed} == {"größe/x?y=1", "twice", "copy"}
    assert body(s3, "state-in", "copy") == b"second"
    with urllib.request.urlopen(link) as linked:
        assert linked.read() == b"second"
    versions = s3.list_object_versions(Bucket="state-versions")["Versions"]
    bodies = [body(s3, "state-versions", "k", VersionId=v["VersionId"]) for v in versions]
    assert bodies == [b"two", b"one"]
    (part,) = s3.list_parts(Bucket="state-in", Key="parts", UploadId=upload)["Parts"]
    s3.complete_multipart_upload(
        Bucket="state-in", Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )  # fmt: skip
    assert body(s3, "state-in", "parts") == b"p" * 6_000_000


def items_and_messages(localstack: LocalStack) -> Scenario:
    """Items and all messages are restored, including one that was received and not deleted."""
    dynamodb, sqs = localstack.client("dynamodb"), localstack.client("sqs")
    dynamodb.create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.put_item(TableName="t", Item={"k": {"S": "a"}, "n": {"N": "1.5"}})
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    for text in ("one", "two"):
        sqs.send_message(QueueUrl=url, MessageBody=text)
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
    sqs.send_message(
        QueueUrl=url + ".fifo", MessageBody="f", MessageGroupId="g", MessageDeduplicationId="d"
    )
    localstack = yield
    dynamodb, sqs = localstack.client("dynamodb"), localstack.client("sqs")
    item = dynamodb.get_item(TableName="t", Key={"k": {"S": "a"}})["Item"]
    assert item == {"k": {"S": "a"}, "n": {"N": "1.5"}}
    found: list[str] = []

    def are_received() -> bool:
        response = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages", []
        )
        found.extend(message["Body"] for message in response)
        return len(found) >= 2

    wait_for(are_received)
    assert sorted(found) == ["one", "two"]
    (message,) = sqs.receive_message(QueueUrl=url + ".fifo", WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == "f"


def test_reads_are_not_saved(persistent: PersistentLocalStack) -> None:
    """Read-only operations of any name don't cause a snapshot, and a change after them does."""
    with persistent.start() as localstack:
        kms, dynamodb = localstack.client("kms"), localstack.client("dynamodb")
        key = kms.create_key(KeySpec="SYMMETRIC_DEFAULT")["KeyMetadata"]["KeyId"]
        dynamodb.create_table(
            TableName="t", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        )  # fmt: skip
        first = persistent.request_state("POST")
        image = {"Bytes": sample("coffee.png")}
        localstack.client("rekognition").detect_faces(Image=image)
        sealed = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"text"
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        dynamodb.transact_get_items(
            TransactItems=[{"Get": {"TableName": "t", "Key": {"k": {"S": "a"}}}}]
        )
        assert persistent.request_state("POST") == first
        kms.disable_key(KeyId=key)
        assert persistent.request_state("POST") != first


def test_a_refused_write_keeps_the_content(persistent: PersistentLocalStack) -> None:
    """An object keeps its content when a conditional write or copy is refused."""
    with persistent.start() as localstack:
        s3 = localstack.client("s3")
        s3.create_bucket(Bucket="refused")
        s3.put_object(Bucket="refused", Key="k", Body=b"first")
        s3.put_object(Bucket="refused", Key="other", Body=b"other")
        target: dict[str, Any] = {"Bucket": "refused", "Key": "k"}
        for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"0"'}):
            with pytest.raises(ClientError, match="PreconditionFailed"):
                s3.put_object(**target, Body=b"second", **condition)
            assert body(s3, "refused", "k") == b"first"
            with pytest.raises(ClientError, match="PreconditionFailed"):
                s3.copy_object(**target, CopySource="refused/other", **condition)
            assert body(s3, "refused", "k") == b"first"


def functions(localstack: LocalStack) -> Scenario:
    """After a restart, an object's event reaches a function with its layer through queue and
    mapping.
    """
    s3, sqs = localstack.client("s3"), localstack.client("sqs")
    maker = Functions(localstack)
    layer = maker.layer({"python/layered.py": "NAME = 'copy of '"})
    function = maker.make(COPY, Layers=[layer], MemorySize=128)
    for bucket in ("function-in", "function-out"):
        s3.create_bucket(Bucket=bucket)
    url = localstack.create_queue("events")
    arn = "arn:aws:sqs:us-east-1:000000000000:events"
    s3.put_bucket_notification_configuration(
        Bucket="function-in",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
        SkipDestinationValidation=True,
    )
    function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=arn, BatchSize=1
    )
    assert function.invoke({"Records": []}).payload == "copied"
    wait_for_copy(s3, "before")
    wait_for(lambda: is_empty(sqs, url))
    localstack = yield
    s3 = localstack.client("s3")
    again = Function(localstack.client("lambda"), function.name)
    assert again.invoke({"Records": []}).payload == "copied"
    wait_for_copy(s3, "after")


def wait_for_copy(s3: Any, key: str) -> None:
    """Put an object and return when the function has reported it."""
    s3.put_object(Bucket="function-in", Key=key, Body=b"")

    def has_reported() -> bool:
        listed = s3.list_objects_v2(Bucket="function-out").get("Contents", [])
        texts = [body(s3, "function-out", each["Key"]).decode() for each in listed]
        return any(text.startswith("copy of ") and f'"{key}"' in text for text in texts)

    wait_for(has_reported)


def is_empty(sqs: Any, url: str) -> bool:
    """Return whether a queue holds nothing."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return set(attributes.values()) == {"0"}


def stack(localstack: LocalStack) -> Scenario:
    """A stack is restored with its resources, works, and can be deleted."""
    client = localstack.client("cloudformation")
    client.create_stack(StackName="s", TemplateBody=json.dumps(STACK))
    client.get_waiter("stack_create_complete").wait(
        StackName="s", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    localstack.client("cloudwatch").put_metric_data(
        Namespace="n", MetricData=[{"MetricName": "m", "Value": 3}]
    )
    localstack = yield
    client, sqs = localstack.client("cloudformation"), localstack.client("sqs")
    (stack,) = client.describe_stacks(StackName="s")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    (alarm,) = localstack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmName"] == "stack-alarm"
    metrics = localstack.client("cloudwatch").list_metrics(Namespace="n")["Metrics"]
    assert [metric["MetricName"] for metric in metrics] == ["m"]
    localstack.client("sns").publish(TopicArn=stack["Outputs"][0]["OutputValue"], Message="hi")
    url = sqs.get_queue_url(QueueName="stack-queue")["QueueUrl"]
    assert "hi" in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]["Body"]
    client.delete_stack(StackName="s")
    client.get_waiter("stack_delete_complete").wait(
        StackName="s", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    assert url not in sqs.list_queues().get("QueueUrls", [])


def parameters(localstack: LocalStack) -> Scenario:
    """A restored SSM parameter has its value."""
    localstack.client("ssm").put_parameter(Name="/kept/key", Value="secret", Type="SecureString")
    localstack = yield
    found = localstack.client("ssm").get_parameter(Name="/kept/key", WithDecryption=True)
    assert found["Parameter"]["Value"] == "secret"


def api_and_distribution(localstack: LocalStack) -> Scenario:
    """A restored REST API works, directly and through CloudFront."""
    document = {
        "openapi": "3.0.1",
        "info": {"title": "kept", "version": "1"},
        "paths": {
            "/hello": {
                "get": {
                    "responses": {"200": {"description": "ok"}},
                    "x-amazon-apigateway-integration": {
                        "type": "mock",
                        "requestTemplates": {"application/json": '{"statusCode": 200}'},
                        "responses": {
                            "default": {
                                "statusCode": "200",
                                "responseTemplates": {"application/json": '"kept"'},
                            }
                        },
                    },
                }
            }
        },
    }
    gateway = localstack.client("apigateway")
    api = gateway.import_rest_api(body=json.dumps(document).encode())["id"]
    gateway.create_deployment(restApiId=api, stageName="v1")
    origin = {
        "Id": "api",
        "DomainName": f"{api}.execute-api.us-east-1.amazonaws.com",
        "OriginPath": "/v1",
        "CustomOriginConfig": {
            "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only",
        },
    }  # fmt: skip
    config = {
        "CallerReference": "kept",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "api",
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        },
    }
    made = localstack.client("cloudfront").create_distribution(DistributionConfig=config)
    paths = (
        f"/_aws/execute-api/{api}/v1/hello",
        f"/_aws/cloudfront/{made['Distribution']['Id']}/hello",
    )
    assert [fetched(localstack.url + path) for path in paths] == [b'"kept"'] * 2
    localstack = yield
    assert [fetched(localstack.url + path) for path in paths] == [b'"kept"'] * 2


def edge_function(localstack: LocalStack) -> Scenario:
    """A restored function reads the restored values of its store."""
    edge = Edge(localstack)
    store = edge.api.create_key_value_store(Name="kept")["KeyValueStore"]["ARN"]
    values = edge.values()
    etag = values.describe_key_value_store(KvsARN=store)["ETag"]
    code = """import cf from 'cloudfront';
    async function handler() {
      const value = await cf.kvs().get('key');
      return { statusCode: 200, body: value };
    }"""
    made = edge.distribution(
        http_origin(1), FunctionAssociations=on(request=edge.function(code, store))
    )
    values.put_key(KvsARN=store, Key="key", Value="kept", IfMatch=etag)
    path = f"/_aws/cloudfront/{made.id}/"
    localstack = yield
    assert fetched(localstack.url + path) == b"kept"
    names = [each["Key"] for each in Edge(localstack).values().list_keys(KvsARN=store)["Items"]]
    assert names == ["key"]


def fetched(url: str) -> bytes:
    """Return the response body of a URL."""
    with urllib.request.urlopen(url, timeout=LIMIT) as response:
        return bytes(response.read())


SCENARIOS = (
    objects, items_and_messages, functions, stack, parameters, api_and_distribution, edge_function,
)  # fmt: skip


@pytest.fixture(scope="module")
def restarted(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[LocalStack, dict[str, Scenario | Exception]]]:
    """Yield a restarted LocalStack, and the scenarios that were prepared before."""
    persistent = PersistentLocalStack(tmp_path_factory.mktemp("restarted"))
    prepared: dict[str, Scenario | Exception] = {}
    with persistent.start() as localstack:
        for create in SCENARIOS:
            scenario = create(localstack)
            try:
                next(scenario)
                prepared[create.__name__] = scenario
            except Exception as error:  # noqa: BLE001 (fails the scenario's own test)
                prepared[create.__name__] = error
    with persistent.start() as localstack:
        assert persistent.request_state()["restored"]
        yield localstack, prepared


@pytest.mark.parametrize("name", [each.__name__ for each in SCENARIOS])
def test_state_is_restored(
    restarted: tuple[LocalStack, dict[str, Scenario | Exception]], name: str
) -> None:
    """What each scenario has created works after a restart."""
    localstack, prepared = restarted
    scenario = prepared[name]
    if isinstance(scenario, Exception):
        raise scenario
    with pytest.raises(StopIteration):
        scenario.send(localstack)


def change_manifest(state: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Modify a snapshot's manifest."""
    path = state / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def spoil_version(state: Path) -> None:
    """Set another LocalStack version in the manifest."""
    change_manifest(state, lambda content: content["versions"].update({"localstack-core": "5.0"}))


def spoil_manifest(state: Path) -> None:
    """Cut the manifest in half."""
    path = state / "manifest.json"
    path.write_text(path.read_text()[:100])


def spoil_store(state: Path) -> None:
    """Change some bytes of a service's state."""
    (path,) = (state / "stores").glob("s3-*.pickle")
    path.write_bytes(path.read_bytes()[:-10] + bytes(10))


def spoil_object(state: Path) -> None:
    """Delete the content of an object."""
    for path in (state / "objects").iterdir():
        path.unlink()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> PersistentLocalStack:
    """Return a saved state with one object."""
    persistent = PersistentLocalStack(tmp_path_factory.mktemp("saved"))
    with persistent.start() as localstack:
        s3 = localstack.client("s3")
        s3.create_bucket(Bucket="state-in")
        s3.put_object(Bucket="state-in", Key="k", Body=b"x")
    return persistent


@pytest.mark.parametrize(
    ("spoil", "name", "line"),
    [
        (spoil_version, "other-version", "localstack-core 5.0"),
        (spoil_manifest, "damaged", "manifest.json is damaged"),
        (spoil_store, "damaged", "is damaged"),
        (spoil_object, "damaged", "the content of k in state-in is missing"),
    ],
)
def test_unusable_snapshots_are_set_aside(
    saved: PersistentLocalStack, tmp_path: Path, spoil: Callable[[Path], None], name: str, line: str
) -> None:
    """A snapshot of another version, or a damaged one, is set aside completely, with a log message;
    LocalStack starts empty, and saves new state.
    """
    persistent = saved.copied(tmp_path)
    spoil(persistent.state)
    with persistent.start() as localstack:
        s3 = localstack.client("s3")
        assert s3.list_buckets()["Buckets"] == []
        place = Path(persistent.request_state()["set_aside"])
        assert place.parent == persistent.state / "aside"
        assert place.name.endswith(name)
        assert (place / "manifest.json").exists()
        assert str(place) in localstack.log_text()
        assert line in localstack.log_text()
        s3.create_bucket(Bucket="state-new")
        assert persistent.request_state("POST")["saved"]
    manifest = json.loads((persistent.state / "manifest.json").read_text())
    assert "s3" in manifest["services"]


def test_a_snapshot_of_another_address_ends_the_start(saved: PersistentLocalStack) -> None:
    """State with URLs of one port is refused at another, and remains unchanged."""
    before = (saved.state / "manifest.json").read_text()
    with LocalStack(saved.root, free_port(), EMULATOR_STATE_DIR=str(saved.state)) as localstack:
        assert localstack.process.wait(LIMIT) == 1
        assert f"was saved at localhost:{saved.port}" in localstack.log_text()
    assert (saved.state / "manifest.json").read_text() == before


def test_nothing_is_persistent_without_a_folder(emulator: LocalStack) -> None:
    """Without the setting, the endpoint of the state does not exist."""
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{emulator.url}/_emulator/state")
