"""Refusals of IAM: one for each protocol and each cause, in AWS's words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import json
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .iam import ACCOUNT, ROOT, Iam, allow, deny, document, message, refusal, trust
from .localstack import REGION, LocalStack


@pytest.fixture(scope="module")
def iam(emulator: LocalStack) -> Iam:
    """Return a maker of identities in the shared emulator."""
    return Iam(emulator)


@pytest.fixture(scope="module")
def queue(emulator: LocalStack) -> str:
    """Return the URL of a queue."""
    return str(emulator.client("sqs").create_queue(QueueName="iam-refusals")["QueueUrl"])


QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:iam-refusals"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:iam-refusals"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/iam-refusals"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:iam-refusals"
EVENT = {"timestamp": 1, "message": "x"}
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:iam-refusals"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "status", "code", "action", "resource"),
    [
        (  # rest-xml, with a quoted resource
            "s3", "put_object", {"Bucket": "iam-refusals", "Key": "a b", "Body": b"x"},
            403, "AccessDenied", "s3:PutObject", '"arn:aws:s3:::iam-refusals/a b"',
        ),
        (  # json with the code of the query protocol, and the action in lower case
            "sqs", "send_message", {"QueueUrl": "QUEUE", "MessageBody": "x"},
            403, "AccessDenied", "sqs:sendmessage", QUEUE_ARN,
        ),
        (  # json 1.0
            "dynamodb", "get_item", {"TableName": "iam-refusals", "Key": {"k": {"S": "v"}}},
            400, "AccessDeniedException", "dynamodb:GetItem", TABLE_ARN,
        ),
        (  # json 1.0
            "stepfunctions", "start_execution", {"stateMachineArn": MACHINE_ARN},
            400, "AccessDeniedException", "states:StartExecution", MACHINE_ARN,
        ),
        (  # json 1.1
            "logs", "put_log_events",
            {"logGroupName": "g", "logStreamName": "s", "logEvents": [EVENT]},
            400, "AccessDeniedException", "logs:PutLogEvents",
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g:log-stream:s",
        ),
        (  # rest-json
            "lambda", "invoke", {"FunctionName": "iam-refusals"},
            403, "AccessDeniedException", "lambda:InvokeFunction", FUNCTION_ARN,
        ),
        (  # query, with a code of its own
            "sns", "publish", {"TopicArn": TOPIC_ARN, "Message": "x"},
            403, "AuthorizationError", "SNS:Publish", TOPIC_ARN,
        ),
        (  # query
            "iam", "create_user", {"UserName": "nobody"},
            403, "AccessDenied", "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/nobody",
        ),
        (  # query
            "cloudformation", "delete_stack", {"StackName": "none"},
            403, "AccessDenied", "cloudformation:DeleteStack",
            f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/none/*",
        ),
        (  # cbor
            "cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": []},
            403, "AccessDenied", "cloudwatch:PutMetricData", None,
        ),
        (  # rest-json, with the request's path
            "apigateway", "get_rest_api", {"restApiId": "abc"},
            403, "AccessDeniedException", "apigateway:GET",
            f"arn:aws:apigateway:{REGION}::/restapis/abc",
        ),
        (  # rest-xml
            "cloudfront", "get_distribution", {"Id": "E1"},
            403, "AccessDenied", "cloudfront:GetDistribution",
            f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
        ),
        (
            "rekognition", "detect_labels", {"Image": {"Bytes": b"x"}},
            400, "AccessDeniedException", "rekognition:DetectLabels", None,
        ),
    ],
)  # fmt: skip
def test_each_protocol_has_its_error(
    iam: Iam,
    queue: str,
    service: str,
    operation: str,
    parameters: dict[str, Any],
    status: int,
    code: str,
    action: str,
    resource: str | None,
) -> None:
    """A role without permissions gets the status and code of the service, and AWS's sentence."""
    role = iam.session()
    parameters = {name: queue if each == "QUEUE" else each for name, each in parameters.items()}
    error = refusal(getattr(role.client(service), operation), **parameters)
    where = f" on resource: {resource}" if resource else ""
    assert error.response["Error"]["Message"] == (
        f"User: {role.arn} is not authorized to perform: {action}{where} because no"
        f" identity-based policy allows the {action} action"
    )
    assert error.response["Error"]["Code"] == code
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status


NO_IDENTITY = "because no identity-based policy allows the sqs:getqueueattributes action"
CAUSES: dict[str, tuple[dict[str, Any], str]] = {
    "another action": ({"policy": [allow("sqs:SendMessage")]}, NO_IDENTITY),
    "another resource": ({"policy": [allow("sqs:*", f"{QUEUE_ARN}-2")]}, NO_IDENTITY),
    "a condition": (
        {
            "policy": [
                allow("sqs:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
            ]
        },
        NO_IDENTITY,
    ),
    "a deny": (
        {"policy": [allow("sqs:*"), deny("sqs:Get*")]},
        "with an explicit deny in an identity-based policy",
    ),
    "a boundary": (
        {"policy": [allow("sqs:*")], "boundary": [allow("s3:*")]},
        "because no permissions boundary allows the sqs:getqueueattributes action",
    ),
    "a boundary's deny": (
        {"policy": [allow("sqs:*")], "boundary": [allow("*"), deny("sqs:*")]},
        "with an explicit deny in a permissions boundary",
    ),
    "a session policy": (
        {"policy": [allow("sqs:*")], "session": [allow("sqs:SendMessage")]},
        "because no session policy allows the sqs:getqueueattributes action",
    ),
    "a session policy's deny": (
        {"policy": [allow("sqs:*")], "session": [allow("*"), deny("sqs:*")]},
        "with an explicit deny in a session policy",
    ),
    "the queue's deny": (
        {
            "policy": [allow("sqs:*")],
            "queue": [deny("sqs:GetQueueAttributes", QUEUE_ARN, Principal="*")],
        },
        "with an explicit deny in a resource-based policy",
    ),
    "the delegation to the account": (
        # It lets identity policies allow, and allows nothing by itself.
        {"queue": [allow("sqs:*", QUEUE_ARN, Principal={"AWS": ROOT})]},
        NO_IDENTITY,
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_has_its_sentence(
    iam: Iam, emulator: LocalStack, queue: str, cause: str
) -> None:
    """The sentence says which type of policy denies, or does not allow."""
    policies, why = CAUSES[cause]
    limited = {"boundary": iam.managed(*policies["boundary"])} if "boundary" in policies else {}
    assume = {"Policy": document(*policies["session"])} if "session" in policies else {}
    role = iam.session(*policies.get("policy", ()), **limited, assume=assume)
    sqs = emulator.client("sqs")
    try:
        if "queue" in policies:
            own = {"Policy": document(*policies["queue"])}
            sqs.set_queue_attributes(QueueUrl=queue, Attributes=own)
        text = message(role.client("sqs").get_queue_attributes, QueueUrl=queue)
    finally:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    assert text == (
        f"User: {role.arn} is not authorized to perform: sqs:getqueueattributes on resource:"
        f" {QUEUE_ARN} {why}"
    )


def test_a_role_that_does_not_trust_the_caller(iam: Iam) -> None:
    """A role can't be assumed by a caller whom its trust policy does not allow, whatever that
    caller's own policies allow; a Deny is named.
    """
    user = iam.user(allow("sts:AssumeRole"))
    begin = f"User: {user.arn} is not authorized to perform: sts:AssumeRole on resource: "
    no_trust = "because no role trust policy allows the sts:AssumeRole action"
    denied = "with an explicit deny in the role trust policy"
    for trusted, why in (
        (trust({"Service": "lambda.amazonaws.com"}), no_trust),
        (trust({"AWS": user.arn}, Effect="Deny"), denied),
    ):
        _, arn = iam.role(trusted=trusted)
        found = message(user.client("sts").assume_role, RoleArn=arn, RoleSessionName="test")
        assert found == f"{begin}{arn} {why}"
    error = refusal(
        user.client("sts").assume_role,
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/none",
        RoleSessionName="test",
    )
    assert error.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId", 403),
        ("iam", "list_users", "InvalidClientTokenId", 403),
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("dynamodb", "list_tables", "UnrecognizedClientException", 400),
        ("lambda", "list_functions", "UnrecognizedClientException", 403),
        ("sqs", "list_queues", "UnrecognizedClientException", 400),
    ],
)
def test_unknown_keys_are_refused(
    emulator: LocalStack, service: str, call: str, code: str, status: int
) -> None:
    """A key that IAM and STS did not create gets the protocol's error."""
    client = emulator.client(service, ("LKIAQAAAAAAAABCDEFGH", "secret"))
    error = refusal(getattr(client, call))
    assert error.response["Error"]["Code"] == code
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status


class Api:
    """A REST API with the method ``GET /orders``, whose requests must be signed."""

    def __init__(self, emulator: LocalStack) -> None:
        client = emulator.client("apigateway")
        integration = {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {"default": {"statusCode": "200"}},
        }
        signed = {"type": "apiKey", "name": "Authorization", "in": "header"}
        get = {
            "security": [{"signed": []}],
            "responses": {"200": {"description": "OK"}},
            "x-amazon-apigateway-integration": integration,
        }
        api = {
            "openapi": "3.0.1",
            "info": {"title": "orders", "version": "1"},
            "paths": {"/orders": {"get": get}},
            "components": {
                "securitySchemes": {"signed": signed | {"x-amazon-apigateway-authtype": "awsSigv4"}}
            },
        }
        self.id = client.import_rest_api(body=json.dumps(api).encode())["id"]
        client.create_deployment(restApiId=self.id, stageName="v1")
        self.url = f"{emulator.url}/_aws/execute-api/{self.id}/v1/orders"
        self.arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self.id}/v1/GET/orders"

    def get(self, key: tuple[str, ...] | None) -> httpx.Response:
        """Send a request that is signed with a key, or not signed."""
        request = AWSRequest("GET", self.url)
        if key:
            SigV4Auth(Credentials(*key), "execute-api", REGION).add_auth(request)
        return httpx.get(self.url, headers=dict(request.headers.items()))


@pytest.fixture(scope="module")
def api(emulator: LocalStack) -> Api:
    """Return a REST API whose requests must be signed."""
    return Api(emulator)


def test_an_api_refuses_unsigned_and_wrongly_signed_requests(
    api: Api, emulator: LocalStack
) -> None:
    """API Gateway's errors of a method with AWS_IAM authorization."""
    unsigned = api.get(None)
    assert (unsigned.status_code, unsigned.json()) == (
        403, {"message": "Missing Authentication Token"},
    )  # fmt: skip
    unknown = api.get(("LKIAQAAAAAAAABCDEFGH", "secret"))
    assert unknown.status_code == 403
    assert unknown.json() == {"message": "The security token included in the request is invalid."}
    assert unknown.headers["x-amzn-ErrorType"] == "UnrecognizedClientException"
    wrong = api.get((emulator.key.access_key, "secret"))
    assert wrong.status_code == 403
    assert wrong.headers["x-amzn-ErrorType"] == "InvalidSignatureException"
    assert api.get((emulator.key.access_key, emulator.key.secret_key)).status_code == 200


def test_an_api_needs_the_permission_to_invoke(api: Api, iam: Iam) -> None:
    """A signed request needs execute-api:Invoke on the API, its stage, method and path."""
    name, arn = iam.role(allow("execute-api:Invoke", api.arn.replace("orders", "other")))
    role = iam.assume(name, arn)
    refused = api.get(role.key)
    masked = api.arn.replace(ACCOUNT, f"********{ACCOUNT[-4:]}")
    assert refused.status_code == 403
    assert refused.json() == {
        "Message": f"User: {role.arn} is not authorized to perform: execute-api:Invoke on resource:"
        f" {masked} because no identity-based policy allows the execute-api:Invoke action"
    }
    iam.client.put_role_policy(
        RoleName=name,
        PolicyName="own",
        PolicyDocument=document(allow("execute-api:Invoke", api.arn)),
    )
    assert api.get(role.key).status_code == 200
