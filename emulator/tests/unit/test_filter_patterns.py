"""Matching of filter patterns."""

import json

import pytest

from localstack_native.logs.patterns import InvalidPatternError, parse

# The first three sets are AWS's own examples:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "ThisFlag": True,
        "cluster.name": "c",
        "someInt": 123,
        "someFloat": 12.34,
        "whole": 12.0,
        "digits": "200",
        "quotes": 'error "message"',
        "empty": "",
    }
)
USERS = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [
            {"id": 2, "email": "John.Doe@example.com"},
            {"id": 3, "email": "Jane.Doe@example.com"},
        ],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    }
)
ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


def matches(pattern: str, message: str) -> bool:
    """Return whether a message matches."""
    return parse(pattern).match(message) is not None


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("", "anything", True),
        ("  ", "", True),
        ("ERROR", "[ERROR] A fatal exception has occurred", True),
        ("ERROR", "Exiting with ERRORCODE: -1", True),
        ("ERROR", "error", False),
        ('"ERROR" - "Exiting"', "Exiting with ERRORCODE: -1", False),
        ("ERROR -Exiting", "[ERROR] A fatal exception has occurred", True),
        ("-Exiting", "Exiting", False),
        ("-Exiting", "Beginning", True),
        ("ERROR Exception", "[ERROR] Unhandled Exception", True),
        ("ERROR Exception", "[ERROR] Unhandled", False),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
        ('"SERVER INTERNAL"', "[ERROR 500] INTERNAL SERVER ERROR", False),
        (r'"say \"no\""', 'They say "no".', True),
        ("?ERROR ?WARN", "WARN message", True),
        ("?ERROR ?WARN", "INFO message", False),
        # A question mark beside other terms counts for nothing.
        ("?ERROR REQUEST", "[INFO] REQUEST FAILED", True),
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        (r"%10\.10\.0\.\d{1,3}%", "from 10.10.0.17", True),
        (r"%^from\s10%", "came from 10", False),
        ("%colou?r% -red", "color blue", True),
        ("%colou?r% -red", "color red", False),
    ],
)
def test_terms_match_parts_of_messages(pattern: str, message: str, *, expected: bool) -> None:
    """Terms are parts of the message, of which all, any (``?``) or none (``-``) must occur."""
    assert matches(pattern, message) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('$.eventType = "UpdateTrail"', True),
        ("$.eventType = UpdateTrail", True),
        ("$.eventType != UpdateTrail", False),
        ("$.sourceIPAddress != 123.123.*", True),
        ("$.sourceIPAddress = 111.111.*", True),
        ('$.sourceIPAddress = "*.111"', True),
        ('$.eventType = "*date*"', True),
        ('$.eventType = "Up*Trail"', False),
        ("$.eventType = %^Up.*Trail$%", True),
        ("$.eventType != %Trail%", False),
        ('$.arrayKey[0] = "value"', True),
        ('$.arrayKey[1] = "value"', False),
        ('$.arrayKey[9] != "value"', False),
        ('$.arrayKey[*] = "another value"', True),
        ('$.arrayKey[*] = "no value"', False),
        ("$.objectList[1].id = 2", True),
        ("$.objectList[*].id > 1", True),
        ("$.* = 111.111.*", True),
        ("$.* = 222.*", False),
        ("$.['cluster.name'] = c", True),
        ("$.SomeObject IS NULL", True),
        ("$.eventType IS NULL", False),
        ("$.SomeObject NOT EXISTS", False),
        ("$.SomeOtherObject NOT EXISTS", True),
        ("$.SomeOtherObject IS NULL", False),
        ("$.ThisFlag IS TRUE", True),
        ("$.ThisFlag IS FALSE", False),
        ("$.someInt IS TRUE", False),
        # What is not there, is null, or has an inside, is neither equal nor unequal.
        ("$.missing = x", False),
        ("$.missing != x", False),
        ("$.SomeObject != x", False),
        ("$.arrayKey != x", False),
        ("$.objectList[0] = *", False),
        ("$.empty = *", True),
        ('$.empty = ""', True),
        ("$.someInt = *", True),
        ("$.someInt = 123", True),
        ("$.someInt = 123.0", True),
        ('$.someInt = "123"', True),
        ('$.someInt != "123.0"', True),
        ("$.someInt = 1*", True),
        ("$.someInt = %^12%", True),
        ("$.someInt >= 1.23e2", True),
        ("$.someInt > 123", False),
        ("$.someInt < +124", True),
        ("$.someInt <= 123", True),
        ("$.someInt > -1", True),
        ("$.someFloat < 12.35", True),
        ("$.whole = 12", True),
        ("$.digits = 200", True),
        ("$.digits != 200", False),
        ("$.digits > 100", False),
        ("$.eventType >= 123", False),
        (r'$.quotes = "error \"message\""', True),
    ],
)
def test_json_conditions_compare_values(condition: str, *, expected: bool) -> None:
    """A condition compares the value at a selector with a text, a wildcard, a regex or a number."""
    assert matches(f"{{ {condition} }}", TRAIL) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('($.user.id = 1) && ($.users[0].email = "John.Doe@example.com")', True),
        ('($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET"', False),
        (
            '$.user.email = "John.*" || $.coordinates[0][1] = nonmatch && $.actions[2] = no',
            True,
        ),
        (
            '($.user.email = "John.*" || $.coordinates[0][1] = nonmatch) && $.actions[2] = no',
            False,
        ),
        ("$.coordinates[0][1] = 1&&$.user.id=1", True),
        ("(($.user.id = 2) || ($.user.id = 1))", True),
    ],
)
def test_json_operators_have_precedence(condition: str, *, expected: bool) -> None:
    """``&&`` binds closer than ``||``, and parentheses closest."""
    assert matches(f"{{{condition}}}", USERS) is expected


@pytest.mark.parametrize(
    "message", ["", "a = 1", "[1]", '"a"', '{"a": 1', '{"a": 1} x', "[" * 9999]
)
def test_other_messages_match_no_json_pattern(message: str) -> None:
    """A message that is not a JSON object matches no JSON pattern, not even NOT EXISTS."""
    assert not matches("{ $.b NOT EXISTS }", message)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code]", False),
        ("[ip, user, username, timestamp, request, status_code, bytes, more]", False),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", True),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1534]", False),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes]", True),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", True),
        ("[..., status_code = 404 && status_code != 403, bytes]", True),
        ("[..., status_code = 4*, bytes > 9000]", False),
        ("[..., code = 500 || code = 404, bytes]", True),
        ("[..., (code = 500 || code = 404) && code != 404, bytes]", False),
        ("[ip = 127.0.0.1, ...]", True),
        ("[ip, user, ..., status_code, bytes = 1534]", True),
        ("[ip, ..., username, timestamp, request, status_code, bytes, a, b]", False),
        ("[..., request = %^GET%, code, bytes]", True),
        ("[...]", True),
        ("[,,,,,,]", True),
        ("[,,,,,]", False),
        ("[..., timestamp = 10/Oct/2000*, request, code, bytes]", True),
        ("[..., code =! 404, bytes]", False),
        ('[..., request = "GET /index.html HTTP/1.0", code, bytes]', True),
    ],
)
def test_fields_are_matched_in_order(pattern: str, *, expected: bool) -> None:
    """All fields are named in their order, ``...`` matches any number, and each may have
    conditions.
    """
    assert matches(pattern, ACCESS) is expected


@pytest.mark.parametrize(
    ("pattern", "message", "extracted"),
    [
        (
            "[..., request=*.html*, status_code=4*,]",
            ACCESS,
            {
                "$1": "127.0.0.1",
                "$2": "-",
                "$3": "frank",
                "$4": "10/Oct/2000:13:25:15 -0700",
                "$request": "GET /index.html HTTP/1.0",
                "$status_code": "404",
                "$7": "1534",
            },
        ),
        ("[a, b]", 'one "', {"$a": "one", "$b": '"'}),
        ("[a, b]", '"" []', {"$a": "", "$b": ""}),
        (
            "{ $.eventType = Update* && $.objectList[1].id = 2 || $.missing = 1 }",
            TRAIL,
            {"$.eventType": "UpdateTrail", "$.objectList[1].id": "2"},
        ),
        ("UpdateTrail", TRAIL, {}),
    ],
)
def test_a_match_has_the_named_values(
    pattern: str, message: str, extracted: dict[str, str]
) -> None:
    """A match contains the values that its pattern names."""
    match = parse(pattern).match(message)
    assert match
    assert match.extracted == extracted


def test_a_json_match_has_any_value() -> None:
    """A match of a JSON event returns values at any selector."""
    match = parse("{ $.eventType = * }").match(TRAIL)
    assert match
    assert match.find("$.someFloat") == "12.34"
    assert match.find("$.missing") is None
    assert match.find("someFloat") is None


@pytest.mark.parametrize(
    "pattern",
    [
        "[ERROR",
        "{ $.a = 1",
        "a-b",
        '"open',
        "%(a|b)%",
        "%something!%",
        "%[open%",
        "%a{2,1}%",
        "%é%",
        "{ }",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a = @ }",
        "{ $.a = 'b' }",
        "{ a = 1 }",
        "{ $ = 1 }",
        "{ $.a > x }",
        '{ $.a > "1" }',
        "{ $.a < %1% }",
        "{ $.a IS NOTHING }",
        "{ $.a EXISTS }",
        "{ ($.a = 1 }",
        "{ $.a = 1 && }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a = $.b }",
        "{ $.a = %1% && $.b = %1% && $.c = %1% }",
        "{ $.*.b[*] = 1 }",
        "{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.* = 1 }",
        "[a, ..., b, ...]",
        "[a = ]",
        "[a b]",
        "[a, b = 1 && c = 2]",
        "[$.a]",
        "{" + "(" * 1000 + "$.a = 1",
        "a" * 1025,
    ],
)
def test_invalid_patterns_are_refused(pattern: str) -> None:
    """An invalid filter pattern is refused."""
    with pytest.raises(InvalidPatternError):
        parse(pattern)
