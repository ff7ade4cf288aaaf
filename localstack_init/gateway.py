"""The API's document as API Gateway imports it: which paths and methods there are, and who answers.

docs/openapi.yaml is written for people and clients. API Gateway reads a part of OpenAPI 3.0, and
wants to be told of integrations and authorization in extensions of its own; both depend on the
stack, so that what is made here holds CloudFormation's functions and is included in the template.
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
        # By its name: the function's environment names the distribution, whose origin is this API.
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
"""What the parameter ``ApiAuth`` asks of each request; its conditions are in the template."""

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
    "ACCESS_DENIED": (403, "forbidden", "These credentials do not allow this."),
    "API_CONFIGURATION_ERROR": (500, "internal", "The API is not set up right. Try again later."),
    "BAD_REQUEST_BODY": (400, "invalid-json", "The body cannot be read."),
    "BAD_REQUEST_PARAMETERS": (400, "invalid-parameter", "A parameter cannot be read."),
    "DEFAULT_4XX": (400, "bad-request", "The request was refused before it came to the API."),
    "DEFAULT_5XX": (500, "internal", "The API did not answer. Try again later."),
    "EXPIRED_TOKEN": (403, "forbidden", "The credentials have expired. Get new ones."),
    "INTEGRATION_FAILURE": (503, "unavailable", "The API did not answer. Try again in a moment."),
    "INTEGRATION_TIMEOUT": (503, "unavailable", "The API took too long. Try again in a moment."),
    "INVALID_API_KEY": (401, "unauthorized", "Send a valid API key in the header x-api-key."),
    "INVALID_SIGNATURE": (403, "forbidden", "The request's signature is wrong."),
    "MISSING_AUTHENTICATION_TOKEN": (401, "unauthorized", "Sign the request (SigV4)."),
    "QUOTA_EXCEEDED": (429, "throttled", "The API key's quota is used up."),
    "REQUEST_TOO_LARGE": (413, "body-too-large", "The body is too large."),
    "RESOURCE_NOT_FOUND": (404, "not-found", "There is nothing here. See docs/openapi.yaml."),
    "THROTTLED": (429, "throttled", "Too many requests at once. Try again in a moment."),
    "UNAUTHORIZED": (401, "unauthorized", "Credentials are missing or wrong."),
    "UNSUPPORTED_MEDIA_TYPE": (415, "not-json", "Send JSON, with content-type: application/json."),
    "WAF_FILTERED": (403, "forbidden", "The firewall does not let this request through."),
}
"""What API Gateway answers by itself: status, code and detail of the problem document.

None has the status 502 or 504: CloudFront would show the site's page for those in its place.
"""

RETRY_SECONDS = 2


def definition(document: Mapping[str, Any]) -> dict[str, Any]:
    """What API Gateway is to import for an OpenAPI document: its paths, for the function to answer.

    Methods and paths that the document does not have are the function's, too: it says so in its own
    words. Preflights carry no credentials.
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
    made = {
        method: {**_answered(parameters), "operationId": each["operationId"], "security": SECURITY}
        for method, each in operations.items()
    }
    return {
        **made,
        "options": _answered(parameters),
        ANY: {**_answered(parameters), "security": SECURITY},
    }


def _answered(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **({"parameters": parameters} if parameters else {}),
        "responses": {"200": {"description": "See the function."}},
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
