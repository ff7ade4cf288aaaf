"""API Gateway's definition of the API."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from localstack_init.gateway import ANY, INTEGRATION, METHODS, SECURITY, definition

PROJECT = Path(__file__).parents[3]
DOCUMENT = yaml.safe_load((PROJECT / "docs" / "reference" / "openapi.yaml").read_text())
DEFINITION = definition(DOCUMENT)


def operations() -> list[Any]:
    """Return the paths and methods of the document's operations."""
    return [
        pytest.param(path, method, id=f"{method} {path}")
        for path, item in DOCUMENT["paths"].items()
        for method in METHODS
        if method in item
    ]


@pytest.mark.parametrize(("path", "method"), operations())
def test_each_operation_goes_to_the_function(path: str, method: str) -> None:
    """Each documented operation is integrated with the function, with authorization."""
    found = DEFINITION["paths"][path][method]
    assert found["operationId"] == DOCUMENT["paths"][path][method]["operationId"]
    assert found["x-amazon-apigateway-integration"] == INTEGRATION
    assert found["security"] == SECURITY


@pytest.mark.parametrize("path", DEFINITION["paths"])
def test_no_request_is_left_to_the_gateway(path: str) -> None:
    """Other methods go to the function as well; preflight requests need no credentials."""
    assert DEFINITION["paths"][path][ANY]["security"] == SECURITY
    assert "security" not in DEFINITION["paths"][path]["options"]


def test_undocumented_paths() -> None:
    """The root and all unknown paths have a route."""
    assert set(DEFINITION["paths"]) - set(DOCUMENT["paths"]) == {"/", "/{unknown+}"}


@pytest.mark.parametrize("path", DEFINITION["paths"])
def test_parameters_of_paths_are_declared(path: str) -> None:
    """Each parameter of a path is declared: API Gateway requires it."""
    wanted = [part.strip("{}+") for part in path.split("/") if part.startswith("{")]
    for operation in DEFINITION["paths"][path].values():
        assert [each["name"] for each in operation.get("parameters", [])] == wanted


@pytest.mark.parametrize(
    ("kind", "response"), DEFINITION["x-amazon-apigateway-gateway-responses"].items()
)
def test_the_gateways_errors_are_problems(kind: str, response: dict[str, Any]) -> None:
    """API Gateway's own errors are problem documents with all fields."""
    problem = json.loads(response["responseTemplates"]["application/json"])
    assert set(problem) == {"title", "status", "code", "detail"}, kind
    assert problem["status"] == int(response["statusCode"])
    headers = response["responseParameters"]
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    # docs/reference/openapi.yaml promises Retry-After with 503.
    assert ("gatewayresponse.header.Retry-After" in headers) == (problem["status"] == 503)


def test_the_distribution_replaces_no_error_of_the_gateway() -> None:
    """No error of API Gateway has a status that the distribution replaces with a page."""
    template = (PROJECT / "localstack_init" / "template.yaml").read_text()
    replaced = set(re.findall(r"ResponseCode: ([0-9]+)", template))
    assert replaced
    responses = DEFINITION["x-amazon-apigateway-gateway-responses"].values()
    assert not replaced & {response["statusCode"] for response in responses}


@pytest.mark.parametrize(
    ("condition", "security"),
    [
        ("ApiWantsSignature", [{"signature": []}]),
        ("ApiWantsKey", [{"key": []}]),
        ("neither", []),
    ],
)
def test_authorization_of_methods(condition: str, security: list[dict[str, list[str]]]) -> None:
    """Each method of each path has the authorization of ``ApiAuth``; preflight has none."""
    for item in resolved(DEFINITION["paths"], condition).values():
        for method, operation in item.items():
            assert operation.get("security", []) == ([] if method == "options" else security)


def test_signatures_are_those_of_aws() -> None:
    """The scheme is the one that API Gateway takes for AWS_IAM, the template's default."""
    signature = DEFINITION["components"]["securitySchemes"]["signature"]
    assert signature["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert (signature["type"], signature["name"]) == ("apiKey", "Authorization")
    template = (PROJECT / "localstack_init" / "template.yaml").read_text()
    assert "ApiWantsSignature: !Equals [!Ref ApiAuth, iam]" in template
    assert re.search(r"  ApiAuth:\n    Type: String\n    Default: iam\n", template)


def resolved(value: Any, condition: str) -> Any:
    """Return a part of the template with one condition true and the others false."""
    if isinstance(value, list):
        return [resolved(each, condition) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        name, yes, no = value["Fn::If"]
        return resolved(yes if name == condition else no, condition)
    return {name: resolved(each, condition) for name, each in value.items()}
