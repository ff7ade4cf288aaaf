"""Recognition of allowed hosts and of browsers."""

import pytest
from werkzeug.datastructures import Headers

from localstack_native.security.browsers import is_browser, is_rest_api, may_be_s3
from localstack_native.security.hosts import AllowedHosts

HOSTS = AllowedHosts(["emulator.example", "172.16.0.0/12", "fd00::/8"])


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:4566",
        "localhost.:4566",
        "bucket.s3.localhost:4566",
        "127.0.0.1:4566",
        "127.9.9.9",
        "[::1]:4566",
        "emulator.example:4566",
        "bucket.s3.emulator.example",
        "172.17.0.2:4566",
        "[fd00::2]:4566",
    ],
)
def test_allowed_hosts(host: str) -> None:
    """Loopback names and addresses, configured names, and their subdomains are allowed."""
    assert HOSTS.allow(host)


@pytest.mark.parametrize(
    "host",
    [
        "attacker.test:4566",
        "localhost.attacker.test",
        "notlocalhost",
        "localhost:4566.attacker.test",
        "localhost.localstack.cloud:4566",
        "127.0.0.1.attacker.test",
        "0.0.0.0:4566",
        "192.168.1.5:4566",
        "[2001:db8::1]:4566",
        "notemulator.example",
        "2130706433",
        "",
    ],
)
def test_refused_hosts(host: str) -> None:
    """A name that resembles a loopback name, and every other address, are refused."""
    assert not HOSTS.allow(host)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"sec-fetch-mode": "no-cors"},
        {"Origin": "null"},
        {"Origin": "file://"},
        {"Referer": "http://attacker.test/"},
        {"User-Agent": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/15.0 Safari/605.1.15"},
    ],
)
def test_browsers_are_recognized_by_their_headers(headers: dict[str, str]) -> None:
    """Each header that a page can't remove identifies a browser."""
    assert is_browser(Headers(headers))


@pytest.mark.parametrize(
    "agent",
    ["curl/8.0", "Boto3/1.42 md/Botocore", "aws-cli/2.0", "python-httpx/0.28", ""],
)
def test_other_clients_are_not_browsers(agent: str) -> None:
    """Command-line clients and SDKs are not, nor is PowerShell, whose User-Agent starts alike."""
    assert not is_browser(Headers({"User-Agent": agent, "Accept": "*/*"}))
    windows = "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621"
    assert not is_browser(Headers({"User-Agent": windows}))


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/_aws/execute-api/abc/prod/images", "localhost", True),
        ("/restapis/abc/prod/_user_request_/images", "localhost", True),
        ("/images", "abc.execute-api.localhost", True),
        ("/restapis/abc", "localhost", False),
        ("/restapis/abc/stages/_user_request_x", "localhost", False),
        ("/_localstack/health", "abc.execute-api.localhost", False),
        ("/_aws/sqs/messages", "abc.execute-api.localhost", False),
        ("/restapis/abc", "abc.execute-api.localhost", False),
        ("/images", "execute-api.localhost", False),
    ],
)
def test_rest_apis_are_recognized(path: str, host: str, *, expected: bool) -> None:
    """A REST API is distinguished from API Gateway's operations, with any host."""
    assert is_rest_api(path, host) == expected


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/bucket/key", {}, True),
        ("/", {}, True),
        ("/_localstack/health", {}, False),
        ("/_emulator/state", {}, False),
        ("/_aws/sqs/messages", {}, False),
        ("/bucket/key", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, False),
        ("/bucket/key", {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, False),
        ("/bucket/key", {"Authorization": "AWS x:y"}, False),
    ],
)
def test_requests_that_may_be_s3(path: str, headers: dict[str, str], *, expected: bool) -> None:
    """A browser reaches S3 without signed headers, and none of the emulator's own paths."""
    assert may_be_s3(path, Headers(headers)) == expected
