"""API Gateway's definition of the API: the paths and methods of docs/reference/openapi.yaml.

API Gateway supports a part of OpenAPI 3.0, and takes integrations and authorization from
extensions. Both depend on the stack: the definition has CloudFormation's functions, and the
template includes it.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")

ANY = "x-amazon-apigateway-any-method"

INTEGRATION = {
    "type": "aws_proxy",
    "httpMethod": "POST",  # of the call to Lambda, whatever the request's own
    "passthroughBehavior": "when_no_match",
    "uri": {
        # The function by name: its ARN would be circular. The function's environment refers to the
        # distribution, whose origin is this API.
        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/"
        "functions/arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
        "${AWS::StackName}-api/invocations"
    },
}

SECURITY = {
    "Fn::If": [
        "ApiWantsSignature",
        [{"signature": []}],
        {"Fn::If": ["ApiWantsKey", [{"key": []}], []]},
    ]
}
"""Authorization by the parameter ``ApiAuth``; the template has the conditions."""

SCHEMES = {
    "signature": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
}

GATEWAY_ERRORS = {
    "ACCESS_DENIED": (403, "forbidden", "The credentials do not allow this request."),
    "API_CONFIGURATION_ERROR": (500, "internal", "The API is misconfigured. Try again later."),
    "BAD_REQUEST_BODY": (400, "invalid-json", "The body cannot be read."),
    "BAD_REQUEST_PARAMETERS": (400, "invalid-parameter", "A parameter cannot be read."),
    "DEFAULT_4XX": (400, "bad-request", "API Gateway rejected the request."),
    "DEFAULT_5XX": (500, "internal", "The API did not respond. Try again later."),
    "EXPIRED_TOKEN": (403, "forbidden", "The credentials have expired. Get new ones."),
    "INTEGRATION_FAILURE": (503, "unavailable", "The API did not respond. Try again in a moment."),
    "INTEGRATION_TIMEOUT": (503, "unavailable", "The API took too long. Try again in a moment."),
    "INVALID_API_KEY": (401, "unauthorized", "Send a valid API key in the header x-api-key."),
    "INVALID_SIGNATURE": (403, "forbidden", "The request's signature is not valid."),
    "MISSING_AUTHENTICATION_TOKEN": (401, "unauthorized", "Sign the request (SigV4)."),
    "QUOTA_EXCEEDED": (429, "throttled", "The API key's quota is used up."),
    "REQUEST_TOO_LARGE": (413, "body-too-large", "The body is too large."),
    "RESOURCE_NOT_FOUND": (
        404,
        "not-found",
        "The API has no such path. The site's openapi.yaml lists all.",
    ),
    "THROTTLED": (429, "throttled", "The API received too many requests. Try again in a moment."),
    "UNAUTHORIZED": (401, "unauthorized", "Credentials are missing or not valid."),
    "UNSUPPORTED_MEDIA_TYPE": (415, "not-json", "Send JSON, with content-type: application/json."),
    "WAF_FILTERED": (403, "forbidden", "The firewall blocked the request."),
}
"""API Gateway's own error responses: status, code and detail of the problem document.

None has the status 502 or 504: CloudFront replaces these with a page of the site.
"""

RETRY_SECONDS = 2


def definition(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition for an OpenAPI document, with the function as integration of each path.

    Unknown methods and paths go to the function as well, which returns a problem document.
    Preflight requests need no credentials.
    """
    paths = {path: _path(path, item) for path, item in document["paths"].items()}
    return {
        "openapi": "3.0.1",
        "info": {"title": document["info"]["title"], "version": document["info"]["version"]},
        "paths": paths | {path: _path(path, {}) for path in ("/", "/{unknown+}")},
        "components": {"securitySchemes": SCHEMES},
        "x-amazon-apigateway-gateway-responses": {
            name: _gateway_response(*each) for name, each in GATEWAY_ERRORS.items()
        },
    }


def _path(path: str, item: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [
        {
            "name": part.strip("{}+"),
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        for part in path.split("/")
        if part.startswith("{")
    ]
    operations = {method: item[method] for method in METHODS if method in item}
    described = {
        method: {
            **_integrated(parameters),
            "operationId": each["operationId"],
            "security": SECURITY,
        }
        for method, each in operations.items()
    }
    return {
        **described,
        "options": _integrated(parameters),
        ANY: {**_integrated(parameters), "security": SECURITY},
    }


def _integrated(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **({"parameters": parameters} if parameters else {}),
        "responses": {"200": {"description": "The function's response"}},
        "x-amazon-apigateway-integration": INTEGRATION,
    }


def _gateway_response(status: int, code: str, detail: str) -> dict[str, Any]:
    problem = {
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return {
        "statusCode": str(status),
        "responseParameters": {
            f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()
        },
        "responseTemplates": {"application/json": json.dumps(problem)},
    }
