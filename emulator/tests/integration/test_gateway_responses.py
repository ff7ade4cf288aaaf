"""Gateway responses: responses to requests that do not reach an integration."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest

from tests.speed import LIMIT

from .functions import Functions, proxy_api
from .localstack import LocalStack

MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {"default": {"statusCode": "200"}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "gateway-responses", "version": "1"},
    "paths": {
        "/guarded": {
            "get": {
                "responses": {"200": {"description": "ok"}},
                "security": [{"key": []}],
                "x-amazon-apigateway-integration": MOCK,
            }
        }
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
    },
    "x-amazon-apigateway-gateway-responses": {
        "INVALID_API_KEY": {
            "statusCode": "401",
            "responseTemplates": {
                "application/json": '{"said": $context.error.messageString, '
                '"plain": "$context.error.message", "type": "$context.error.responseType", '
                '"stage": "$context.stage", "none": "$context.nothing.there"}'
            },
            "responseParameters": {
                "gatewayresponse.header.Content-Type": "'application/problem+json'",
                "gatewayresponse.header.x-echo": "method.request.header.x-echo",
                "gatewayresponse.header.x-status": "context.status",
            },
        }
    },
}


@pytest.fixture(scope="module")
def api(emulator: LocalStack) -> Iterator[str]:
    """Yield the URL of a deployed API."""
    client = emulator.client("apigateway")
    name = client.create_rest_api(name="gateway-responses")["id"]
    client.put_rest_api(restApiId=name, mode="overwrite", body=json.dumps(DOCUMENT).encode())
    client.create_deployment(restApiId=name, stageName="v1")
    yield f"{emulator.url}/_aws/execute-api/{name}/v1"
    emulator.client("apigateway").delete_rest_api(restApiId=name)


def error_response(url: str, **headers: str) -> tuple[int, Message, dict[str, Any]]:
    """Return status, headers and document of a URL that responds with an error."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=LIMIT)
    with caught.value as response:
        return response.code, response.headers, json.loads(response.read())


def test_an_imported_response_is_used(api: str) -> None:
    """Status, template and headers of an imported gateway response are used, with variables."""
    status, headers, said = error_response(f"{api}/guarded", **{"x-echo": "hello"})
    assert status == 401
    assert said == {
        "said": "Forbidden",
        "plain": "Forbidden",
        "type": "INVALID_API_KEY",
        "stage": "v1",
        "none": "",
    }
    assert headers["Content-Type"] == "application/problem+json"
    assert (headers["x-echo"], headers["x-status"]) == ("hello", "401")
    assert headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_other_errors_have_the_default_message(api: str) -> None:
    """An error without a gateway response has API Gateway's default message."""
    status, headers, said = error_response(f"{api}/nowhere")
    assert (status, said) == (403, {"message": "Missing Authentication Token"})
    assert headers["Content-Type"] == "application/json"


def test_a_put_response_is_used_after_a_deployment(api: str, emulator: LocalStack) -> None:
    """A gateway response that is put applies to all errors of its type after a deployment."""
    client = emulator.client("apigateway")
    name = api.split("/")[-2]
    client.put_gateway_response(
        restApiId=name,
        responseType="DEFAULT_4XX",
        statusCode="404",
        responseTemplates={"application/json": '{"nothing": "here"}'},
    )
    client.create_deployment(restApiId=name, stageName="v2")
    status, _, said = error_response(f"{api.removesuffix('v1')}v2/nowhere")
    assert (status, said) == (404, {"nothing": "here"})


def test_a_request_that_is_too_large_for_its_function_is_413(
    emulator: LocalStack, functions: Functions
) -> None:
    """A request that is too large as an event is a client error, even if its body is not."""
    function = functions.make("def handler(event, context): return {'body': 'read'}")
    name = proxy_api(emulator, function.name)
    url = f"{emulator.url}/_aws/execute-api/{name}/v1/"
    binary = {"content-type": "application/octet-stream"}
    small = urllib.request.Request(url, data=b"a", headers=binary)
    with urllib.request.urlopen(small, timeout=LIMIT) as response:
        assert response.read() == b"read"
    # Each byte is written as six in the event.
    large = urllib.request.Request(url, data=bytes(1_200_000), headers=binary)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(large, timeout=LIMIT)
    with caught.value as response:
        assert response.code == 413
        assert response.headers["x-amzn-ErrorType"] == "RequestTooLargeException"
        assert json.loads(response.read()) == {"message": "Request Too Long"}
    emulator.client("apigateway").delete_rest_api(restApiId=name)


def test_a_new_account_has_no_role_for_logs(emulator: LocalStack) -> None:
    """GetAccount returns a role only after UpdateAccount has set one."""
    gateway = emulator.client("apigateway")
    assert "cloudwatchRoleArn" not in gateway.get_account()
    for role in ("arn:aws:iam::000000000000:role/logs", ""):
        change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
        assert gateway.update_account(patchOperations=[change]).get("cloudwatchRoleArn", "") == role
        assert gateway.get_account().get("cloudwatchRoleArn", "") == role
