"""What API Gateway is to import."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from localstack_init.gateway import ANY, INTEGRATION, METHODS, SECURITY, definition

DOCUMENT = yaml.safe_load((Path(__file__).parents[3] / "docs" / "openapi.yaml").read_text())
MADE = definition(DOCUMENT)


def operations() -> list[Any]:
    """All operations of the document, with their paths and methods."""
    return [
        pytest.param(path, method, id=f"{method} {path}")
        for path, item in DOCUMENT["paths"].items()
        for method in METHODS
        if method in item
    ]


@pytest.mark.parametrize(("path", "method"), operations())
def test_each_operation_goes_to_the_function(path: str, method: str) -> None:
    """What the document describes is answered by the function, for who may call."""
    made = MADE["paths"][path][method]
    assert made["operationId"] == DOCUMENT["paths"][path][method]["operationId"]
    assert made["x-amazon-apigateway-integration"] == INTEGRATION
    assert made["security"] == SECURITY


@pytest.mark.parametrize("path", MADE["paths"])
def test_no_request_is_left_to_the_gateway(path: str) -> None:
    """Other methods and paths come to the function, too; preflights without credentials."""
    assert MADE["paths"][path][ANY]["security"] == SECURITY
    assert "security" not in MADE["paths"][path]["options"]


def test_paths_that_the_document_does_not_have() -> None:
    """There is a route for every path."""
    assert set(MADE["paths"]) - set(DOCUMENT["paths"]) == {"/", "/{unknown+}"}


@pytest.mark.parametrize("path", MADE["paths"])
def test_parameters_of_paths_are_declared(path: str) -> None:
    """API Gateway refuses a path whose parameters are not."""
    wanted = [part.strip("{}+") for part in path.split("/") if part.startswith("{")]
    for operation in MADE["paths"][path].values():
        assert [each["name"] for each in operation.get("parameters", [])] == wanted


@pytest.mark.parametrize(
    ("kind", "response"), MADE["x-amazon-apigateway-gateway-responses"].items()
)
def test_what_the_gateway_says_by_itself_is_a_problem(kind: str, response: dict[str, Any]) -> None:
    """Its own errors are problem documents with all their fields."""
    problem = json.loads(response["responseTemplates"]["application/json"])
    assert set(problem) == {"title", "status", "code", "detail"}, kind
    assert problem["status"] == int(response["statusCode"])
    headers = response["responseParameters"]
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    # Clients are told when to ask again where docs/openapi.yaml promises it.
    assert ("gatewayresponse.header.Retry-After" in headers) == (problem["status"] == 503)


def test_no_answer_of_the_gateway_is_hidden() -> None:
    """None has a status for which the distribution shows a page of the site."""
    template = (Path(__file__).parents[3] / "localstack_init" / "template.yaml").read_text()
    replaced = set(re.findall(r"ResponseCode: ([0-9]+)", template))
    assert replaced
    responses = MADE["x-amazon-apigateway-gateway-responses"].values()
    assert not replaced & {response["statusCode"] for response in responses}


@pytest.mark.parametrize(
    ("condition", "security"),
    [
        ("ApiWantsSignature", [{"signature": []}]),
        ("ApiWantsKey", [{"key": []}]),
        ("none of them", []),
    ],
)
def test_what_methods_ask_for(condition: str, security: list[dict[str, list[str]]]) -> None:
    """Each method of each path asks for what ``ApiAuth`` says, and preflights for nothing."""
    for item in resolved(MADE["paths"], condition).values():
        for method, operation in item.items():
            assert operation.get("security", []) == ([] if method == "options" else security)


def test_signatures_are_those_of_aws() -> None:
    """API Gateway takes the scheme of that name for AWS_IAM, the template's default."""
    signature = MADE["components"]["securitySchemes"]["signature"]
    assert signature["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert (signature["type"], signature["name"]) == ("apiKey", "Authorization")
    template = (Path(__file__).parents[3] / "localstack_init" / "template.yaml").read_text()
    assert "ApiWantsSignature: !Equals [!Ref ApiAuth, iam]" in template
    assert re.search(r"  ApiAuth:\n    Type: String\n    Default: iam\n", template)


def resolved(value: Any, condition: str) -> Any:
    """A part of the template where one condition is true and the others are false."""
    if isinstance(value, list):
        return [resolved(each, condition) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        name, yes, no = value["Fn::If"]
        return resolved(yes if name == condition else no, condition)
    return {name: resolved(each, condition) for name, each in value.items()}
