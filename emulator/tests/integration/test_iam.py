"""Judgment of requests by IAM: who is allowed what, by which policy."""

import itertools
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from .functions import Functions, proxy_api
from .iam import ACCOUNT, ROOT, Iam, allow, deny, document, message, refusal, trust
from .localstack import REGION, LocalStack
from .waiting import wait_for

_numbers = itertools.count()


@pytest.fixture(scope="module")
def iam(emulator: LocalStack) -> Iam:
    """Return a maker of identities in the shared emulator."""
    return Iam(emulator)


class Queue:
    """A queue of a test."""

    def __init__(self, emulator: LocalStack) -> None:
        self.sqs = emulator.client("sqs")
        self.name = f"iam-{next(_numbers)}"
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}"

    def set_policy(self, *statements: dict[str, Any]) -> None:
        """Set the queue's policy."""
        self.sqs.set_queue_attributes(
            QueueUrl=self.url, Attributes={"Policy": document(*statements)}
        )

    def is_allowed(self, client: Any) -> bool:
        """Return whether a client may send a message."""
        return not message(client.send_message, QueueUrl=self.url, MessageBody="x")


@pytest.fixture
def queue(emulator: LocalStack) -> Queue:
    """Return a new queue."""
    return Queue(emulator)


@pytest.fixture
def bucket(emulator: LocalStack) -> str:
    """Return a bucket with the objects ``a`` and ``b``."""
    name = f"iam-{next(_numbers)}"
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name)
    for key in ("a", "b"):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def test_inline_managed_and_group_policies_allow(iam: Iam, queue: Queue) -> None:
    """A user has the permissions of its inline policies, its managed ones, and its groups'."""
    user = iam.user(allow("sqs:GetQueueUrl"))
    sqs = user.client("sqs")
    assert sqs.get_queue_url(QueueName=queue.name)["QueueUrl"] == queue.url
    assert not queue.is_allowed(sqs)
    arn = iam.managed(allow("sqs:SendMessage", queue.arn))
    iam.client.attach_user_policy(UserName=user.name, PolicyArn=arn)
    assert queue.is_allowed(sqs)
    iam.client.detach_user_policy(UserName=user.name, PolicyArn=arn)
    assert not queue.is_allowed(sqs)
    group = iam.unique("group")
    iam.client.create_group(GroupName=group)
    iam.client.attach_group_policy(GroupName=group, PolicyArn=arn)
    iam.client.add_user_to_group(GroupName=group, UserName=user.name)
    assert queue.is_allowed(sqs)
    iam.client.create_policy_version(
        PolicyArn=arn, PolicyDocument=document(allow("sqs:ListQueues")), SetAsDefault=True
    )
    assert not queue.is_allowed(sqs)


def test_aws_managed_policies_are_known(iam: Iam) -> None:
    """A policy of AWS has its documented statements."""
    name, arn = iam.role()
    iam.client.attach_role_policy(
        RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    )
    sqs = iam.assume(name, arn).client("sqs")
    sqs.list_queues()
    assert "sqs:createqueue" in message(sqs.create_queue, QueueName="x")


def test_policy_variables_are_the_callers(iam: Iam, bucket: str) -> None:
    """A policy with a variable allows each user its own objects."""
    arn = iam.managed(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/${{aws:username}}/*"))
    one, two = iam.user(), iam.user()
    for user in (one, two):
        iam.client.attach_user_policy(UserName=user.name, PolicyArn=arn)
    place = {"Bucket": bucket, "Key": f"{one.name}/x", "Body": b"x"}
    assert not message(one.client("s3").put_object, **place)
    assert "s3:PutObject" in message(two.client("s3").put_object, **place)


def test_tags_of_roles_and_sessions_are_condition_keys(iam: Iam, queue: Queue) -> None:
    """A statement can require a tag of the session, which overrides its role's."""
    is_blue = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    trusted = document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    )
    name, arn = iam.role(allow("sqs:SendMessage", queue.arn, Condition=is_blue), trusted=trusted)
    assert not queue.is_allowed(iam.assume(name, arn).client("sqs"))
    iam.client.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "blue"}])
    assert queue.is_allowed(iam.assume(name, arn).client("sqs"))
    red = iam.assume(name, arn, Tags=[{"Key": "team", "Value": "red"}])
    assert not queue.is_allowed(red.client("sqs"))


@pytest.mark.parametrize(
    ("principal", "allowed", "within_boundary"),
    [
        ("session", True, True),
        ("role", True, False),
        ("root", False, False),
        ("other", False, False),
    ],
)
def test_a_resource_policy_alone_allows_in_its_account(
    iam: Iam, queue: Queue, principal: str, *, allowed: bool, within_boundary: bool
) -> None:
    """A queue's policy allows a role without permissions if it names the role or the session; the
    account's root only delegates. A boundary without the action limits a grant to the role.
    """
    boundary = iam.managed(allow("s3:*"))
    for options, expected in (({}, allowed), ({"boundary": boundary}, within_boundary)):
        name, arn = iam.role(**options)
        role = iam.assume(name, arn)
        named = {"session": role.arn, "role": arn, "root": ROOT, "other": iam.role()[1]}[principal]
        queue.set_policy(allow("sqs:SendMessage", queue.arn, Principal={"AWS": named}))
        assert queue.is_allowed(role.client("sqs")) is expected


def test_a_user_in_a_resource_policy_is_not_limited_by_its_boundary(iam: Iam, queue: Queue) -> None:
    """A grant to a user's own ARN is not limited by an implicit deny."""
    user = iam.user(boundary=iam.managed(allow("s3:*")))
    queue.set_policy(allow("sqs:SendMessage", queue.arn, Principal={"AWS": user.arn}))
    assert queue.is_allowed(user.client("sqs"))


def test_another_account_needs_both_policies(emulator: LocalStack, queue: Queue) -> None:
    """A role of another account needs the permission of its own and of the resource's policy."""
    other = ("111122223333", "test")
    roles, sts = emulator.client("iam", other), emulator.client("sts", other)
    name = f"foreign-{next(_numbers)}"
    arn = roles.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust({"AWS": "arn:aws:iam::111122223333:root"})
    )["Role"]["Arn"]
    made = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    key = Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    sqs = _client(emulator, "sqs", key)
    own = {"RoleName": name, "PolicyName": "own"}
    policy = document(allow("sqs:SendMessage", queue.arn))
    for of_queue, of_role, expected in (
        (False, True, False),
        (True, False, False),
        (True, True, True),
    ):
        statement = allow("sqs:SendMessage", queue.arn, Principal={"AWS": "111122223333"})
        queue.set_policy(statement) if of_queue else queue.set_policy(
            allow("sqs:SendMessage", queue.arn, Principal={"AWS": ROOT})
        )
        if of_role:
            roles.put_role_policy(**own, PolicyDocument=policy)
        else:
            roles.delete_role_policy(**own)
        assert queue.is_allowed(sqs) is expected


def _client(emulator: LocalStack, service: str, key: Credentials) -> Any:
    return boto3.client(
        service,
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
        aws_session_token=key.token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_the_root_user_and_the_test_key_may_do_everything(
    emulator: LocalStack, queue: Queue
) -> None:
    """The installation's key and test/test are the root user's."""
    for key in (None, ("test", "test")):
        assert queue.is_allowed(emulator.client("sqs", key))


def test_a_trust_policy_can_require_an_external_id(iam: Iam) -> None:
    """The options of AssumeRole are condition keys of the trust policy."""
    required = {"StringEquals": {"sts:ExternalId": "42"}}
    user = iam.user()
    _, arn = iam.role(trusted=trust({"AWS": user.arn}, Condition=required))
    sts = user.client("sts")
    assume = {"RoleArn": arn, "RoleSessionName": "test"}
    assert "no role trust policy" in message(sts.assume_role, **assume)
    assert not message(sts.assume_role, **assume, ExternalId="42")


def test_a_missing_object_is_forbidden_without_the_permission_to_list(
    iam: Iam, bucket: str
) -> None:
    """S3 returns 404 for a missing object only to those who may list the bucket."""
    reads = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    lists = allow("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    missing = {"Bucket": bucket, "Key": "none"}
    one, two = iam.session(reads), iam.session(reads, lists)
    assert one.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"
    text = message(one.client("s3").get_object, **missing)
    assert text == (
        f'User: {one.arn} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::'
        f'{bucket}" because no identity-based policy allows the s3:ListBucket action'
    )
    for client, status in ((one.client("s3"), 403), (two.client("s3"), 404)):
        error = refusal(client.head_object, **missing)
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("quiet", [False, True])
def test_a_multiple_delete_reports_the_refused_objects(
    iam: Iam, emulator: LocalStack, bucket: str, *, quiet: bool
) -> None:
    """DeleteObjects deletes what is allowed, and reports an error for each other object."""
    role = iam.session(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/a"))
    s3 = role.client("s3")
    both = {"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": quiet}
    response = s3.delete_objects(Bucket=bucket, Delete=both)
    assert [each["Key"] for each in response.get("Deleted", ())] == ([] if quiet else ["a"])
    (error,) = response["Errors"]
    assert (error["Key"], error["Code"]) == ("b", "AccessDenied")
    assert "s3:DeleteObject" in error["Message"]
    (error,) = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})["Errors"]
    assert error["Key"] == "b"
    left = emulator.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in left] == ["b"]


def test_presigned_requests_have_the_signers_permissions_when_they_are_used(
    iam: Iam, bucket: str
) -> None:
    """A URL and a form are judged as their signer's, by the policies at that time."""
    name, arn = iam.role(allow("s3:*"))
    s3 = iam.assume(name, arn).client("s3", signature_version="s3v4")
    read = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})
    write = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "c"})
    form = s3.generate_presigned_post(bucket, "d")

    def statuses() -> list[int]:
        return [
            httpx.get(read).status_code,
            httpx.put(write, content=b"x").status_code,
            httpx.post(form["url"], data=form["fields"], files={"file": b"x"}).status_code,
        ]

    assert statuses() == [200, 200, 204]
    iam.client.put_role_policy(
        RoleName=name, PolicyName="own", PolicyDocument=document(allow("s3:GetObject"))
    )
    assert statuses() == [200, 403, 403]
    refused = httpx.post(form["url"], data=form["fields"], files={"file": b"x"})
    assert "<Code>AccessDenied</Code>" in refused.text
    assert "is not authorized to perform: s3:PutObject" in refused.text
    iam.client.delete_role_policy(RoleName=name, PolicyName="own")
    assert statuses() == [403, 403, 403]


def test_bucket_events_need_the_queues_permission(
    emulator: LocalStack, queue: Queue, bucket: str
) -> None:
    """S3 sends events to a queue whose policy allows it, for the bucket in the condition."""
    s3 = emulator.client("s3")

    def arrives(source: str) -> bool:
        queue.set_policy(
            allow(
                "sqs:SendMessage",
                queue.arn,
                Principal={"Service": "s3.amazonaws.com"},
                Condition={
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                },
            )
        )
        before = _denials(emulator)["last"]
        s3.put_object(Bucket=bucket, Key=source, Body=b"x")

        def is_decided() -> bool:
            response = queue.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)
            bodies = [json.loads(each["Body"]) for each in response.get("Messages", ())]
            keys.update(
                each["s3"]["object"]["key"] for body in bodies for each in body.get("Records", ())
            )
            return source in keys or any(
                each["source"] == f"arn:aws:s3:::{bucket}"
                for each in _denials(emulator, before)["denials"]
            )

        keys: set[str] = set()
        wait_for(is_decided)
        return source in keys

    configuration = {"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:*"]}]}
    configuration["QueueConfigurations"][0]["Events"] = ["s3:ObjectCreated:*"]
    queue.set_policy(allow("sqs:SendMessage", queue.arn, Principal={"Service": "s3.amazonaws.com"}))
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    assert arrives(bucket)
    assert not arrives("another")


def test_a_topic_needs_the_permission_of_a_queue(emulator: LocalStack, queue: Queue) -> None:
    """SNS delivers to a queue whose policy allows it."""
    sns = emulator.client("sns")
    topic = sns.create_topic(Name=queue.name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    before = _denials(emulator)["last"]
    sns.publish(TopicArn=topic, Message="one")
    wait_for(lambda: any(each["source"] == topic for each in _denials(emulator, before)["denials"]))
    queue.set_policy(
        allow(
            "sqs:SendMessage",
            queue.arn,
            Principal={"Service": "sns.amazonaws.com"},
            Condition={"ArnEquals": {"aws:SourceArn": topic}},
        )
    )
    sns.publish(TopicArn=topic, Message="two")
    messages: list[str] = []

    def is_delivered() -> bool:
        response = queue.sqs.receive_message(QueueUrl=queue.url)
        messages.extend(
            json.loads(each["Body"])["Message"] for each in response.get("Messages", ())
        )
        return bool(messages)

    wait_for(is_delivered)
    assert messages == ["two"]


def test_functions_have_their_roles_permissions(
    emulator: LocalStack, iam: Iam, functions: Functions, bucket: str
) -> None:
    """A function may do what its role may; its denials name the role and the function's name."""
    name, arn = iam.role(
        allow("s3:GetObject", f"arn:aws:s3:::{bucket}/a"),
        trusted=trust({"Service": "lambda.amazonaws.com"}),
    )
    function = functions.make(
        "import boto3\n"
        "def handler(event, context):\n"
        "    try: return boto3.client('s3').get_object(**event)['Body'].read().decode()\n"
        "    except Exception as error: return error.response['Error']['Message']\n",
        Role=arn,
    )
    assert function.invoke({"Bucket": bucket, "Key": "a"}).payload == "a"
    before = _denials(emulator)["last"]
    text = function.invoke({"Bucket": bucket, "Key": "b"}).payload
    assert text.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{function.name} is")
    denials = [each for each in _denials(emulator, before)["denials"] if each["role"] == arn]
    reads = [each for each in denials if each["action"] == "s3:GetObject"]
    assert [each["message"] for each in reads] == [text]


def test_a_function_needs_a_role_that_trusts_lambda(iam: Iam, functions: Functions) -> None:
    """A function can't be created with a role that Lambda may not assume, or with none at all."""
    _, arn = iam.role(allow("*"), trusted=trust({"Service": "states.amazonaws.com"}))
    for role in (arn, f"arn:aws:iam::{ACCOUNT}:role/none"):
        error = refusal(functions.make, "def handler(event, context): pass", Role=role)
        assert error.response["Error"]["Message"] == (
            "The role defined for the function cannot be assumed by Lambda."
        )


def test_an_api_needs_the_permission_of_its_function(
    emulator: LocalStack, functions: Functions
) -> None:
    """API Gateway invokes a function whose policy allows it, for the API in the condition."""
    function = functions.make("def handler(event, context): return {'statusCode': 200}")
    api = proxy_api(emulator, function.name, permitted=False)
    url = f"{emulator.url}/_aws/execute-api/{api}/v1/"
    assert httpx.post(url).status_code == 500
    emulator.client("lambda").add_permission(
        FunctionName=function.name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*",
    )
    assert httpx.post(url).status_code == 200


def test_an_assumed_service_does_not_count(iam: Iam, queue: Queue, emulator: LocalStack) -> None:
    """A session that claims to be a service, in the header of LocalStack's own requests, is judged
    as a session.
    """
    queue.set_policy(allow("sqs:SendMessage", queue.arn, Principal={"Service": "s3.amazonaws.com"}))
    role = iam.session()
    claimed = {"service_principal": "s3", "source_arn": "arn:aws:s3:::b"}
    body = json.dumps({"QueueUrl": queue.url, "MessageBody": "x"})
    headers = {
        "X-Amz-Target": "AmazonSQS.SendMessage",
        "Content-Type": "application/x-amz-json-1.0",
        "x-localstack-data": json.dumps(claimed),
    }
    request = AWSRequest("POST", f"{emulator.url}/", headers, body)
    SigV4Auth(Credentials(*role.key), "sqs", REGION).add_auth(request)
    response = httpx.post(f"{emulator.url}/", content=body, headers=dict(request.headers.items()))
    assert response.is_client_error
    assert f"User: {role.arn} is not authorized to perform: sqs:sendmessage" in response.text


def _denials(emulator: LocalStack, after: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(
        f"{emulator.url}/_emulator/iam/denials", params={"after": after}
    ).json()
    return found


def test_decisions_are_recorded(iam: Iam, emulator: LocalStack, queue: Queue) -> None:
    """The file has a line for each decision, and the endpoints the denials and each kind."""
    statement = allow("sqs:SendMessage", queue.arn, Sid="MaySend")
    name, arn = iam.role(statement)
    role = iam.assume(name, arn)
    before = _denials(emulator)["last"]
    for _ in range(2):
        assert queue.is_allowed(role.client("sqs"))
    role_sqs = role.client("sqs")
    refused = message(role_sqs.receive_message, QueueUrl=queue.url)
    url = f"{emulator.url}/_emulator/iam"
    found = httpx.get(f"{url}/decisions", params={"role": name}).json()
    assert found["mode"] == "enforce"
    allowed, denied = found["decisions"]
    assert (allowed["allowed"], allowed["count"], allowed["resources"]) == (True, 2, [queue.arn])
    assert (allowed["action"], allowed["policy"], allowed["sid"], allowed["role"]) == (
        "sqs:SendMessage", "own", "MaySend", arn,
    )  # fmt: skip
    assert (denied["allowed"], denied["action"], denied["sid"]) == (
        False, "sqs:ReceiveMessage", "",
    )  # fmt: skip
    (denial,) = [each for each in _denials(emulator, before)["denials"] if each["role"] == arn]
    assert denial["message"] == refused
    (file,) = Path(emulator.root).rglob("iam-decisions.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    own = [line for line in lines if line["role"] == arn]
    assert [(line["allowed"], line["action"]) for line in own] == [
        (True, "sqs:SendMessage"), (True, "sqs:SendMessage"), (False, "sqs:ReceiveMessage"),
    ]  # fmt: skip
    assert all(abs(line["time"] - time.time()) < 3600 for line in own)


@pytest.mark.parametrize("path", ["denials", "decisions"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://attacker.test"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Referer": "http://attacker.test/"},
        {"User-Agent": "Mozilla/5.0"},
    ],
)
def test_pages_read_no_decisions(emulator: LocalStack, path: str, headers: dict[str, str]) -> None:
    """Web pages reach neither endpoint, and no CORS header lets them read a response."""
    response = httpx.get(f"{emulator.url}/_emulator/iam/{path}", headers=headers)
    assert response.status_code == 403
    assert "arn:" not in response.text
    assert "access-control-allow-origin" not in response.headers


def test_rekognition_reads_objects_with_the_callers_permissions(iam: Iam, bucket: str) -> None:
    """A role that may not read an image gets InvalidS3ObjectException."""
    detect = allow("rekognition:DetectLabels")
    image = {"S3Object": {"Bucket": bucket, "Name": "a"}}
    for statements, code in (
        ((detect,), "InvalidS3ObjectException"),
        (
            (detect, allow("s3:GetObject", f"arn:aws:s3:::{bucket}/a")),
            "InvalidImageFormatException",
        ),
    ):
        role = iam.session(*statements)
        error = refusal(role.client("rekognition").detect_labels, Image=image)
        assert error.response["Error"]["Code"] == code


def test_queries_to_a_queue_url_are_judged(iam: Iam, emulator: LocalStack, queue: Queue) -> None:
    """A request of the query protocol to a queue's URL is judged as its signer's."""
    body = "Action=SendMessage&Version=2012-11-05&MessageBody=x"
    url = urlsplit(queue.url)
    may_send = allow("sqs:SendMessage", queue.arn)
    root = (emulator.key.access_key, emulator.key.secret_key)
    for key, status in (
        (iam.session().key, 403),
        (iam.session(may_send).key, 200),
        (iam.user(may_send).key, 200),
        (root, 200),
    ):
        # Names below localhost may not be resolved.
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": url.netloc}
        request = AWSRequest("POST", queue.url, headers, body)
        SigV4Auth(Credentials(*key), "sqs", REGION).add_auth(request)
        response = httpx.post(
            f"{emulator.url}{url.path}", content=body, headers=dict(request.headers.items())
        )
        assert response.status_code == status, response.text
        assert ("sqs:sendmessage" in response.text) is (status == 403)


def test_passing_a_role_needs_a_permission(iam: Iam) -> None:
    """Who creates a state machine must be allowed to pass its role to Step Functions."""
    _, passed = iam.role(trusted=trust({"Service": "states.amazonaws.com"}))
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    create = allow("states:CreateStateMachine")
    to_states = {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}
    machine = {"definition": definition, "roleArn": passed}
    for statements, expected in (
        ((create,), "iam:PassRole"),
        ((create, allow("iam:PassRole", passed, Condition=to_states)), ""),
    ):
        states = iam.session(*statements).client("stepfunctions")
        text = message(states.create_state_machine, name=iam.unique("machine"), **machine)
        assert expected in text
        assert bool(text) is bool(expected)


def test_a_deny_counts_whatever_allows(iam: Iam, queue: Queue) -> None:
    """An explicit deny outweighs the role's and the queue's Allow."""
    role = iam.session(allow("*"), deny("sqs:SendMessage", queue.arn))
    queue.set_policy(allow("sqs:*", queue.arn, Principal={"AWS": role.arn}))
    assert not queue.is_allowed(role.client("sqs"))


@pytest.mark.parametrize("mode", ["log", "off"])
def test_other_modes_refuse_nothing(own_root: Path, mode: str) -> None:
    """In mode log, denials are recorded only; off, nothing is judged."""
    with LocalStack(own_root, EMULATOR_IAM=mode, EMULATOR_IAM_TRACE=str(own_root / "x")) as own:
        own.wait_until_healthy()
        sqs = Iam(own).session().client("sqs")
        assert not message(sqs.create_queue, QueueName="any")
        response = httpx.get(f"{own.url}/_emulator/iam/denials")
        if mode == "off":
            assert response.status_code == 404
            return
        (denial,) = [
            each for each in response.json()["denials"] if each["action"] == "sqs:CreateQueue"
        ]
        assert "is not authorized to perform: sqs:createqueue" in denial["message"]
        assert response.json()["mode"] == "log"
        assert "sqs:CreateQueue" in (own_root / "x").read_text()
        assert "sqs:createqueue" in own.log_text()
