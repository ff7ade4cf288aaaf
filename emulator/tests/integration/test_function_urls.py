"""Function URLs: authorization, events and responses; and as origins of CloudFront."""

import base64
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.speed import LIMIT

from .edge import (
    ALL_METHODS,
    ALL_VIEWER,
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    Distribution,
    Edge,
    Origin,
    OriginResponse,
    ViewerResponse,
    http_origin,
    methods,
    quantified,
    unique,
)
from .functions import Function, Functions

ECHO = """
    import base64, json
    def handler(event, context):
        if event["rawPath"] == "/large":
            return {"body": "x" * 7_000_000}
        if event["rawPath"] == "/binary":
            return {"statusCode": 203, "headers": {"content-type": "image/x", "etag": '"e"'},
                "cookies": ["a=1", "b=2; Secure"], "isBase64Encoded": True,
                "body": base64.b64encode(bytes(range(256))).decode()}
        return {"statusCode": 200, "body": json.dumps(event)}
"""


class Url:
    """The URL of a function, and requests to it."""

    def __init__(self, edge: Edge, function: Function, auth: str) -> None:
        self.edge = edge
        self.function = function
        made = function.client.create_function_url_config(FunctionName=function.name, AuthType=auth)
        self.host = urlsplit(made["FunctionUrl"]).netloc
        self.arn: str = made["FunctionArn"]

    def permit(self, principal: str = "*", **more: Any) -> None:
        """Allow a principal both actions that a call by the URL requires."""
        auth = self.function.client.get_function_url_config(FunctionName=self.function.name)
        both = [
            ("lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": auth["AuthType"]}),
            ("lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
        ]
        for action, condition in both:
            self.function.client.add_permission(
                FunctionName=self.function.name,
                StatementId=unique("permission"),
                Action=action,
                Principal=principal,
                **condition,
                **more,
            )

    def get(
        self, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str
    ) -> ViewerResponse:
        """Send a request; in the names of headers ``_`` stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.edge.send(path, method, body, {"Host": self.host, **named})

    def signed(self, path: str, key: Credentials) -> ViewerResponse:
        """Send a signed request."""
        request = AWSRequest("GET", f"http://{self.host}{path}", {"Host": self.host})
        SigV4Auth(key, "lambda", "us-east-1").add_auth(request)
        return self.edge.send(path, "GET", b"", dict(request.headers.items()))


@pytest.fixture(scope="module")
def function(functions: Functions) -> Function:
    """Return a function that returns its event."""
    return functions.make(ECHO)


@pytest.fixture
def private(edge: Edge, function: Function) -> Iterator[Url]:
    """Yield a URL whose callers must be allowed by IAM."""
    yield Url(edge, function, "AWS_IAM")
    _remove(function)


@pytest.fixture
def public(edge: Edge, function: Function) -> Iterator[Url]:
    """Yield a URL for everyone whom the function's policy allows."""
    yield Url(edge, function, "NONE")
    _remove(function)


def _remove(function: Function) -> None:
    function.client.delete_function_url_config(FunctionName=function.name)
    try:
        policy = json.loads(function.client.get_policy(FunctionName=function.name)["Policy"])
    except ClientError:
        return
    for each in policy["Statement"]:
        function.client.remove_permission(FunctionName=function.name, StatementId=each["Sid"])


def test_everyone_needs_both_permissions(public: Url) -> None:
    """A URL of the type NONE is forbidden without a policy that allows both actions."""
    refused = public.get()
    assert (refused.status, refused.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    public.function.client.add_permission(
        FunctionName=public.function.name,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    assert public.get().status == 403
    public.function.client.add_permission(
        FunctionName=public.function.name,
        StatementId="function",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )
    assert public.get().status == 200
    invoke = public.function.client.invoke(FunctionName=public.function.name, Payload=b"{}")
    assert invoke["StatusCode"] == 200  # of the account's root user, whom no policy limits


def test_the_event(public: Url) -> None:
    """Path and query are as they were sent; cookies are a list."""
    public.permit()
    event = json.loads(public.get("/a%20b/%2Fc?x=%20&y=1&x=2", Cookie="a=1; b=2", X_One="1").body)
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/a%20b/%2Fc"
    assert event["rawQueryString"] == "x=%20&y=1&x=2"
    assert event["queryStringParameters"] == {"x": " ,2", "y": "1"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-one"] == "1"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    posted = json.loads(public.get("/", "POST", b"\xff").body)
    assert (posted["isBase64Encoded"], base64.b64decode(posted["body"])) == (True, b"\xff")


def test_the_response(public: Url) -> None:
    """Status, headers, cookies and binary bodies are those of the function; 6 MB is the limit."""
    public.permit()
    connection = http.client.HTTPConnection("127.0.0.1", public.edge.emulator.port, timeout=LIMIT)
    connection.request("GET", "/binary", headers={"Host": public.host})
    response = connection.getresponse()
    assert (response.status, response.read()) == (203, bytes(range(256)))
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2; Secure"]
    assert (response.headers["ETag"], response.headers["Content-Type"]) == ('"e"', "image/x")
    connection.close()
    assert public.get("/large").status == 502
    assert public.get("/", "POST", b"x" * (6 * 1024 * 1024 + 1)).status == 413


def test_signed_requests(edge: Edge, private: Url) -> None:
    """AWS_IAM needs a valid signature of a caller whom a policy allows."""
    own = edge.emulator.key
    assert private.get().status == 403
    assert private.signed("/x", Credentials(own.access_key, "wrong")).status == 403
    assert private.signed("/x?a=b", Credentials(own.access_key, own.secret_key)).status == 200
    iam, name = edge.emulator.client("iam"), unique("user")
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    key = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    assert private.signed("/x", key).status == 403
    actions = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": private.arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="invoke", PolicyDocument=document)
    assert private.signed("/x", key).status == 200


def origin_of(url: Url, control: str = "", **changes: Any) -> dict[str, Any]:
    """Return an origin that is a function URL."""
    return {
        "Id": "function",
        "DomainName": url.host,
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
        },
        "OriginAccessControlId": control,
        **changes,
    }


def in_front(edge: Edge, url: Url, behavior: str = "always", **changes: Any) -> Distribution:
    """Return a distribution of a function URL, with an origin access control."""
    control = edge.access_control(behavior, "lambda")
    settings = {"CachePolicyId": CACHING_DISABLED, **changes}
    return edge.distribution(origin_of(url, control), **settings)


def test_a_distribution_needs_both_permissions(edge: Edge, private: Url) -> None:
    """CloudFront invokes a function whose policy allows the distribution both actions."""
    made, other = in_front(edge, private), in_front(edge, private)
    assert made.get("/x").status == 403
    private.permit("cloudfront.amazonaws.com", SourceArn=made.arn)
    viewed = made.get("/a%2Fb?c=d")
    event = json.loads(viewed.body)
    assert (viewed.status, event["rawPath"], event["rawQueryString"]) == (200, "/a%2Fb", "")
    assert event["headers"]["via"].endswith("(CloudFront)")
    assert not any("emulator" in name for name in event["headers"])
    assert other.get("/x").status == 403


def test_a_distribution_that_does_not_sign(edge: Edge, private: Url) -> None:
    """Without signatures, CloudFront is anonymous."""
    made = in_front(edge, private, "never")
    private.permit("cloudfront.amazonaws.com", SourceArn=made.arn)
    assert made.get("/x").status == 403
    assert edge.distribution(origin_of(private)).get("/x").status == 403


def test_a_public_url_behind_a_distribution(edge: Edge, public: Url) -> None:
    """A URL of the type NONE needs no origin access control."""
    public.permit()
    assert edge.distribution(origin_of(public)).get("/binary").body == bytes(range(256))


def test_viewers_can_not_pass_the_check(edge: Edge, private: Url) -> None:
    """A viewer's headers do not count as CloudFront's own; its Host is not the function's."""
    made = in_front(edge, private, "never", OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST)
    guess = made.get("/x", X_Emulator_Judged="guess", X_Emulator_Internal="x")
    assert guess.status == 403
    assert private.get("/x", X_Emulator_Judged="guess").status == 403
    forwarding = in_front(edge, private, OriginRequestPolicyId=ALL_VIEWER)
    private.permit("cloudfront.amazonaws.com", SourceArn=forwarding.arn)
    assert forwarding.get("/x").status == 403


def test_bodies_need_their_digest(edge: Edge, private: Url) -> None:
    """A signed request with a body needs the viewer's x-amz-content-sha256."""
    made = in_front(
        edge,
        private,
        AllowedMethods=methods(ALL_METHODS),
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
    )
    private.permit("cloudfront.amazonaws.com", SourceArn=made.arn)
    assert made.get("/", "POST", b"a").status == 403
    # Without the header, and with that of the body.
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    posted = made.get("/", "POST", b"a", x_amz_content_sha256=digest)
    assert json.loads(posted.body)["body"] == "YQ=="


def test_access_controls_of_other_origins(edge: Edge, private: Url) -> None:
    """An origin access control for buckets is refused for a function URL."""
    with pytest.raises(ClientError, match="InvalidOriginAccessControl"):
        edge.distribution(origin_of(private, edge.access_control()))


@pytest.mark.parametrize("header", ["Origin", "Referer", "Sec-Fetch-Site"])
def test_web_pages_reach_no_function(public: Url, header: str) -> None:
    """A browser's request to a function URL is refused, whatever the function's policy says."""
    public.permit()
    headers = {"Host": public.host, header: "https://evil.example"}
    assert public.edge.send("/x", "GET", b"", headers).status == 403


def group(*codes: int) -> dict[str, Any]:
    """Return an origin group of two origins."""
    members = [{"OriginId": "http"}, {"OriginId": "function"}]
    return {
        "Id": "group",
        "FailoverCriteria": {"StatusCodes": quantified([*codes])},
        "Members": quantified(members),
    }


def test_failover_to_a_function(edge: Edge, public: Url, origin: Origin) -> None:
    """The function gets GET and HEAD requests after a listed status of the first origin."""
    public.permit()
    origin.respond = lambda request: OriginResponse(
        b"first", status={"/404": 404, "/403": 403}.get(request.target, 200)
    )
    made = edge.distribution(
        http_origin(origin.port),
        Origins=quantified([http_origin(origin.port), origin_of(public)]),
        OriginGroups=quantified([group(404, 500)]),
        TargetOriginId="group",
        CachePolicyId=CACHING_DISABLED,
    )
    assert made.get("/200").body == b"first"
    refused = made.get("/403")
    assert (refused.status, refused.body) == (403, b"first")
    failed = made.get("/404")
    assert (failed.status, json.loads(failed.body)["rawPath"]) == (200, "/404")
    assert made.get("/404", "HEAD").status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"AllowedMethods": methods(ALL_METHODS)},
        {"OriginGroups": quantified([group(401)])},
        {
            "OriginGroups": quantified(
                [{**group(404), "Members": quantified([{"OriginId": "http"}] * 2)}]
            )
        },
        {"Origins": quantified([http_origin(1)])},
    ],
)
def test_groups_that_are_refused(edge: Edge, public: Url, changes: dict[str, Any]) -> None:
    """Other methods, other status codes, and groups of other than two origins are refused."""
    settings = {
        "Origins": quantified([http_origin(1), origin_of(public)]),
        "OriginGroups": quantified([group(404)]),
        "TargetOriginId": "group",
        **changes,
    }
    with pytest.raises(ClientError, match="InvalidArgument"):
        edge.distribution(http_origin(1), **settings)


def test_requests_of_pages_behind_a_distribution(edge: Edge, private: Url) -> None:
    """The function gets a page's request with its origin, and sets CORS headers itself."""
    made = in_front(
        edge,
        private,
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
        AllowedMethods=methods(["GET", "HEAD", "OPTIONS"]),
    )
    private.permit("cloudfront.amazonaws.com", SourceArn=made.arn)
    viewed = made.get("/x", Origin="https://page.example", Sec_Fetch_Site="cross-site")
    assert viewed.status == 200
    assert json.loads(viewed.body)["headers"]["origin"] == "https://page.example"
    assert not [name for name in viewed.headers if name.startswith("access-control-")]
    asked = made.get(
        "/x", "OPTIONS", Origin="https://page.example", Access_Control_Request_Method="PUT"
    )
    assert json.loads(asked.body)["requestContext"]["http"]["method"] == "OPTIONS"


def test_throttled_requests(edge: Edge, functions: Functions) -> None:
    """A function without free concurrency returns 429, which an origin group can fail over."""
    url = Url(edge, functions.make(ECHO), "NONE")
    url.permit()
    url.function.client.put_function_concurrency(
        FunctionName=url.function.name, ReservedConcurrentExecutions=0
    )
    throttled = url.get("/x")
    assert throttled.status == 429
    assert json.loads(throttled.body)["message"] == "Rate Exceeded."
