"""CloudFront Functions: their API, and their runs at viewer requests and viewer responses."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .edge import (
    ALL_METHODS,
    ALL_VIEWER,
    CACHING_DISABLED,
    SECURITY_HEADERS,
    Distribution,
    Edge,
    Origin,
    OriginResponse,
    http_origin,
    methods,
    on,
    quantified,
    unique,
)

PASS = "function handler(event) { return event.request; }"
EVENT = {
    "version": "1.0",
    "context": {"eventType": "viewer-request"},
    "viewer": {"ip": "192.0.2.1"},
    "request": {"method": "GET", "uri": "/x", "headers": {}, "cookies": {}, "querystring": {}},
}
CONFIG = {"Comment": "c", "Runtime": "cloudfront-js-2.0"}


@pytest.fixture
def name() -> str:
    """Return the name of a function that does not exist."""
    return unique("function")


def create(edge: Edge, name: str, code: str = PASS, **config: Any) -> Any:
    """Create a function."""
    return edge.api.create_function(
        Name=name, FunctionConfig={**CONFIG, **config}, FunctionCode=code.encode()
    )


def refused(call: Any, **named: Any) -> str:
    """Return the code of a call's error."""
    with pytest.raises(ClientError) as caught:
        call(**named)
    return str(caught.value.response["Error"]["Code"])


def test_the_stages_of_a_function(edge: Edge, name: str) -> None:
    """A function is created and changed in development, and published to the live stage."""
    api = edge.api
    made = create(edge, name)
    summary = made["FunctionSummary"]
    arn = summary["FunctionMetadata"]["FunctionARN"]
    assert arn == f"arn:aws:cloudfront::000000000000:function/{name}"
    assert (summary["Status"], summary["FunctionMetadata"]["Stage"]) == (
        "UNPUBLISHED",
        "DEVELOPMENT",
    )
    assert summary["FunctionConfig"] | CONFIG == summary["FunctionConfig"]
    assert refused(api.describe_function, Name=name, Stage="LIVE") == "NoSuchFunctionExists"
    published = api.publish_function(Name=name, IfMatch=made["ETag"])["FunctionSummary"]
    assert (published["Status"], published["FunctionMetadata"]["Stage"]) == ("UNASSOCIATED", "LIVE")
    changed = api.update_function(
        Name=name, IfMatch=made["ETag"], FunctionConfig=CONFIG, FunctionCode=PASS.encode() + b"//"
    )
    assert changed["ETag"] != made["ETag"]
    assert changed["FunctionSummary"]["Status"] == "UNPUBLISHED"
    assert api.get_function(Name=name)["FunctionCode"].read() == PASS.encode() + b"//"
    live = api.get_function(Name=name, Stage="LIVE")
    assert live["FunctionCode"].read() == PASS.encode()
    assert live["ETag"] == api.describe_function(Name=name, Stage="LIVE")["ETag"]
    listed = api.list_functions(Stage="LIVE")["FunctionList"]["Items"]
    assert [each["Name"] for each in listed].count(name) == 1
    everything = api.list_functions()["FunctionList"]["Items"]
    assert [each["Name"] for each in everything].count(name) == 2
    api.delete_function(Name=name, IfMatch=changed["ETag"])
    assert refused(api.describe_function, Name=name) == "NoSuchFunctionExists"


def test_versions(edge: Edge, name: str) -> None:
    """Changes need the current version in If-Match."""
    etag = create(edge, name)["ETag"]
    api, other = edge.api, "E" + "A" * 13
    wanted = {"FunctionConfig": CONFIG, "FunctionCode": PASS.encode()}
    assert refused(api.update_function, Name=name, IfMatch=other, **wanted) == "PreconditionFailed"
    assert refused(api.publish_function, Name=name, IfMatch=other) == "PreconditionFailed"
    assert refused(api.delete_function, Name=name, IfMatch=other) == "PreconditionFailed"
    assert refused(api.delete_function, Name=name, IfMatch="-") == "InvalidIfMatchVersion"
    assert (
        refused(api.test_function, Name=name, IfMatch=other, EventObject=json.dumps(EVENT))
        == "PreconditionFailed"
    )
    api.delete_function(Name=name, IfMatch=etag)


def test_functions_that_are_refused(edge: Edge, name: str) -> None:
    """Names, sizes, runtimes, stores and code that AWS refuses are refused when they are sent."""
    create(edge, name)
    assert refused(lambda: create(edge, name)) == "FunctionAlreadyExists"
    other = unique("function")
    assert refused(lambda: create(edge, "a b")) == "InvalidArgument"
    assert refused(lambda: create(edge, other, Runtime="cloudfront-js-1.0")) == "InvalidArgument"
    large = PASS + "//" + "x" * 10_240
    assert refused(lambda: create(edge, other, large)) == "FunctionSizeLimitExceeded"
    assert create(edge, other, large[:10_240])["ETag"]
    store = {"KeyValueStoreARN": "arn:aws:cloudfront::000000000000:key-value-store/none"}
    missing = quantified([store])
    assert (
        refused(lambda: create(edge, unique("f"), KeyValueStoreAssociations=missing))
        == "InvalidArgument"
    )
    with pytest.raises(ClientError, match="line 2: classes is not supported"):
        create(edge, unique("f"), f"{PASS}\nclass A {{}}")


def test_tests_of_a_function(edge: Edge, name: str) -> None:
    """TestFunction returns output, logs, error and utilization of a stage."""
    code = "function handler(event) { console.log(event.viewer.ip); event.request.uri = '/y';"
    made = create(edge, name, f"{code} return event.request; }}")
    tested = edge.api.test_function(
        Name=name, IfMatch=made["ETag"], EventObject=json.dumps(EVENT).encode()
    )["TestResult"]
    assert json.loads(tested["FunctionOutput"])["request"]["uri"] == "/y"
    assert tested["FunctionExecutionLogs"] == ["192.0.2.1"]
    assert tested.get("FunctionErrorMessage", "") == ""
    assert 0 < int(tested["ComputeUtilization"]) <= 100
    made = edge.api.update_function(
        Name=name,
        IfMatch=made["ETag"],
        FunctionConfig=CONFIG,
        FunctionCode=b"function handler() { console.log(1); throw new Error('no'); }",
    )
    failed = edge.api.test_function(
        Name=name, Stage="DEVELOPMENT", IfMatch=made["ETag"], EventObject=json.dumps(EVENT).encode()
    )["TestResult"]
    assert failed["FunctionErrorMessage"] == "Error: no"
    assert failed["FunctionExecutionLogs"] == ["1"]
    assert (
        refused(edge.api.test_function, Name=name, IfMatch=made["ETag"], EventObject=b"{")
        == "InvalidArgument"
    )


def served(edge: Edge, origin: Origin, code: str, **changes: Any) -> Distribution:
    """Return a distribution with a function for viewer requests."""
    associations = on(request=edge.function(code))
    return edge.distribution(http_origin(origin.port), FunctionAssociations=associations, **changes)


def test_a_function_rewrites_requests(edge: Edge, origin: Origin) -> None:
    """The origin gets path, query, headers and cookies of the function; the key has them."""
    made = served(
        edge,
        origin,
        """function handler(event) {
          var request = event.request;
          request.headers['x-path'] = { value: request.uri };
          request.headers['x-ip'] = { value: event.viewer.ip + ' ' + event.context.distributionId };
          request.uri = '/one';
          request.querystring = { a: { value: request.querystring.a.value } };
          request.cookies = { c: { value: 'd' } };
          return request;
        }""",
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER,
    )
    assert made.get("/t%20wo?b=1&a=%2f&a=2", Cookie="x=y", Accept="a").status == 200
    [request] = origin.requests
    assert request.target == "/one?a=%2f"
    assert request.headers["x-path"] == "/t%20wo"
    assert request.headers["x-ip"] == f"127.0.0.1 {made.id}"
    assert request.headers["cookie"] == "c=d"


def test_rewritten_requests_share_the_cache(edge: Edge, origin: Origin) -> None:
    """Requests that a function makes equal are one object in the cache."""
    origin.respond = lambda _: OriginResponse(headers={"Cache-Control": "max-age=60"})
    code = "function handler(event) { event.request.uri = '/same'; event.request.querystring = {};"
    made = served(edge, origin, f"{code} return event.request; }}")
    assert [made.get(path).cache for path in ("/a", "/b?c", "/same")] == ["Miss", "Hit", "Hit"]
    assert len(origin.requests) == 1


def test_a_function_responds(edge: Edge, origin: Origin) -> None:
    """A response of the function reaches the viewer without cache, policy and error page."""
    made = served(
        edge,
        origin,
        """function handler() {
          return { statusCode: 403, statusDescription: 'No', headers: { 'x-a': { value: 'b' } },
            cookies: { c: { value: 'd', attributes: 'Secure' } }, body: 'not here' };
        }""",
        ResponseHeadersPolicyId=SECURITY_HEADERS,
        CustomErrorResponses=quantified(
            [{"ErrorCode": 403, "ResponsePagePath": "/error", "ResponseCode": "200"}]
        ),
    )
    viewed = made.get("/x")
    assert (viewed.status, viewed.body, viewed.cache) == (
        403,
        b"not here",
        "FunctionGeneratedResponse",
    )
    assert viewed.headers["x-a"] == "b"
    assert viewed.headers["set-cookie"] == "c=d; Secure"
    assert viewed.headers["content-length"] == "8"
    assert "strict-transport-security" not in viewed.headers
    assert origin.requests == []
    head = made.get("/x", "HEAD")
    assert (head.status, head.body) == (403, b"")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("throw new Error('no');", 503, "FunctionExecutionError"),
        ("for (;;) {}", 503, "FunctionThrottledError"),
        ("return null;", 502, "FunctionValidationError"),
        ("event.request.headers.host = { value: 'a' }; return event.request;", 502,
         "FunctionValidationError"),
        ("event.request.headers.via = { value: 'a' }; return event.request;", 502,
         "FunctionValidationError"),
    ],
)  # fmt: skip
def test_functions_that_fail(edge: Edge, origin: Origin, code: str, status: int, kind: str) -> None:
    """A viewer gets AWS's error page, and X-Cache names the kind of error."""
    made = served(edge, origin, f"function handler(event) {{ {code} }}")
    viewed = made.get("/x")
    assert (viewed.status, viewed.cache) == (status, kind)
    assert b"The CloudFront function associated with the CloudFront distribution" in viewed.body
    assert origin.requests == []


def test_a_function_sees_the_response(edge: Edge, origin: Origin) -> None:
    """A function for viewer responses changes status and headers, and can replace the body."""
    origin.respond = lambda request: OriginResponse(
        b"text",
        {"X-Origin": "1", "Cache-Control": "max-age=60"},
        404 if "lost" in request.target else 200,
    )
    arn = edge.function(
        """function handler(event) {
          var response = event.response;
          response.headers['x-seen'] = { value: event.request.uri + response.statusCode };
          delete response.headers['x-origin'];
          if (event.request.uri === '/gone') { response.statusCode = 410; response.body = 'gone'; }
          return response;
        }"""
    )
    made = edge.distribution(
        http_origin(origin.port), FunctionAssociations=on(response=arn), DefaultRootObject="index"
    )
    first, second = made.get("/a"), made.get("/a")
    assert (first.body, first.headers["x-seen"], first.cache) == (b"text", "/a200", "Miss")
    assert (second.headers["x-seen"], second.cache) == ("/a200", "Hit")
    assert "x-origin" not in first.headers
    gone = made.get("/gone")
    assert (gone.status, gone.body, gone.headers["content-length"]) == (410, b"gone", "4")
    assert "x-seen" not in made.get("/lost").headers
    page = {"ErrorCode": 404, "ResponsePagePath": "/page", "ResponseCode": "200"}
    made.update(lambda config: config.update(CustomErrorResponses=quantified([page])))
    made.invalidate("/*")
    replaced = made.get("/lost")
    assert (replaced.status, "x-seen" in replaced.headers) == (200, False)
    assert made.get("/a", Range="bytes=1-2").body == b"ex"


def test_the_default_root_object(edge: Edge, origin: Origin) -> None:
    """A function sees ``/``; the default root object replaces it afterwards."""
    code = (
        "function handler(event) { event.request.headers['x-uri'] = { value: event.request.uri };"
    )
    made = served(
        edge,
        origin,
        f"{code} return event.request; }}",
        DefaultRootObject="index.html",
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER,
    )
    made.get("/")
    [request] = origin.requests
    assert (request.target, request.headers["x-uri"]) == ("/index.html", "/")


def test_refused_requests_run_no_function(edge: Edge, origin: Origin) -> None:
    """Methods that the behavior does not allow are refused before the function runs."""
    made = served(edge, origin, "function handler() { return { statusCode: 200 }; }")
    assert made.get("/", "POST").status == 403
    made = served(
        edge,
        origin,
        "function handler() { return { statusCode: 200 }; }",
        AllowedMethods=methods(ALL_METHODS),
    )
    assert made.get("/", "POST", b"x").status == 200


def test_a_new_version_is_used_when_it_is_published(edge: Edge, origin: Origin) -> None:
    """Viewers get what is live, whatever is in development."""
    made = served(edge, origin, "function handler() { return { statusCode: 201 }; }")
    arn = edge.api.get_distribution_config(Id=made.id)["DistributionConfig"][
        "DefaultCacheBehavior"
    ]["FunctionAssociations"]["Items"][0]["FunctionARN"]
    name = arn.rpartition("/")[2]
    described = edge.api.describe_function(Name=name)
    assert described["FunctionSummary"]["Status"] == "DEPLOYED"
    changed = edge.api.update_function(
        Name=name,
        IfMatch=described["ETag"],
        FunctionConfig=CONFIG,
        FunctionCode=b"function handler() { return { statusCode: 202 }; }",
    )
    assert made.get("/").status == 201
    edge.api.publish_function(Name=name, IfMatch=changed["ETag"])
    assert made.get("/").status == 202
    assert refused(edge.api.delete_function, Name=name, IfMatch=changed["ETag"]) == "FunctionInUse"


def test_associations_that_are_refused(edge: Edge, origin: Origin, name: str) -> None:
    """A distribution's functions exist, are published, and are one for an event."""
    made = create(edge, name)
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    published = edge.function(PASS)
    twice = quantified([{"FunctionARN": published, "EventType": "viewer-request"}] * 2)
    other = quantified([{"FunctionARN": published, "EventType": "origin-request"}])
    for wrong in (on(request=arn), on(request=f"{arn}-other"), twice, other):
        assert (
            refused(edge.distribution, origin=http_origin(origin.port), FunctionAssociations=wrong)
            == "InvalidFunctionAssociation"
        )


def test_a_function_chooses_the_origin(edge: Edge, origin: Origin) -> None:
    """A function changes the origin of a request, or selects another one."""
    with Origin() as other:
        other.respond = lambda _: OriginResponse(b"from the other")
        origins = [
            http_origin(origin.port),
            {**http_origin(other.port), "Id": "other", "OriginPath": "/prefix"},
        ]
        arn = edge.function(
            f"""import cf from 'cloudfront';
            function handler(event) {{
              var uri = event.request.uri;
              if (uri === '/select') cf.selectRequestOriginById('other');
              if (uri === '/none') cf.selectRequestOriginById('none');
              if (uri === '/change') cf.updateRequestOrigin({{
                customOriginConfig: {{ port: {other.port}, protocol: 'http' }}, originPath: '/new',
                hostHeader: 'host.example', customHeaders: {{ 'x-custom': 'yes' }} }});
              return event.request;
            }}"""
        )
        made = edge.distribution(
            http_origin(origin.port),
            Origins=quantified(origins),
            FunctionAssociations=on(request=arn),
        )
        assert made.get("/plain").body == b"from the origin"
        assert made.get("/select").body == made.get("/change").body == b"from the other"
        assert made.get("/none").status == 502
        selected, changed = other.requests
        assert selected.target == "/prefix/select"
        assert changed.target == "/new/change"
        assert (changed.headers["host"], changed.headers["x-custom"]) == ("host.example", "yes")
