"""What the API's function is told by its environment."""

import pytest

from processor.api.settings import ApiSettings

WHOLE = {
    "RAW_BUCKET": "raw",
    "PROCESSED_BUCKET": "processed",
    "CATALOG_TABLE": "table",
    "QUEUE_URL": "https://queue",
    "DEAD_LETTER_QUEUE_URL": "https://dead",
    "WORKFLOW": "arn:aws:states:us-east-1:1:stateMachine:workflow",
    "SITE_URL": "https://d111.cloudfront.net",
    "ORIGINALS": "off",
    "CORS_ORIGINS": "https://a.example, http://localhost:8000",
    "BROWSER_S3_ENDPOINT": "http://s3.localhost:4566",
    "FUNCTION_MEMORY": "1769",
}


def test_all_is_read() -> None:
    """Words become what they mean."""
    assert ApiSettings.from_environment(WHOLE) == ApiSettings(
        "raw",
        "processed",
        "table",
        "https://queue",
        "https://dead",
        "arn:aws:states:us-east-1:1:stateMachine:workflow",
        "https://d111.cloudfront.net",
        originals=False,
        cors_origins=frozenset({"https://a.example", "http://localhost:8000"}),
        browser_s3_endpoint="http://s3.localhost:4566",
        function_memory=1769,
    )


def test_no_origins_need_be_named() -> None:
    """Without any, only the site's own pages may call."""
    assert ApiSettings.from_environment({**WHOLE, "CORS_ORIGINS": ""}).cors_origins == frozenset()


def test_browsers_need_no_endpoint_of_their_own() -> None:
    """Without one, they are given the region's, as everybody is."""
    settings = ApiSettings.from_environment({**WHOLE, "BROWSER_S3_ENDPOINT": ""})
    assert settings.browser_s3_endpoint == ""


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_missing_is_named(name: str) -> None:
    """A function that was not told everything does not start."""
    with pytest.raises(LookupError, match=name):
        ApiSettings.from_environment({each: WHOLE[each] for each in WHOLE if each != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGINALS", "yes"),
        ("ORIGINALS", "ON"),
        ("SITE_URL", "https://d111.cloudfront.net/"),
        ("SITE_URL", "d111.cloudfront.net"),
        ("SITE_URL", "https://a?b"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://a.example/"),
        ("CORS_ORIGINS", "https://a.example,null"),
        ("CORS_ORIGINS", "https://A.example"),
        ("BROWSER_S3_ENDPOINT", "s3.localhost:4566"),
        ("BROWSER_S3_ENDPOINT", "http://s3.localhost:4566/"),
        ("FUNCTION_MEMORY", "1.5"),
        ("FUNCTION_MEMORY", "-1"),
    ],
)
def test_what_cannot_be_used_is_refused(name: str, value: str) -> None:
    """The name of the variable is in the error, and how to write it."""
    with pytest.raises(ValueError, match=rf"{name} .*; write"):
        ApiSettings.from_environment({**WHOLE, name: value})


@pytest.mark.parametrize(
    "url", ["https://a", "http://127.0.0.1:4566/_aws/cloudfront/E1", "http://localhost:4566"]
)
def test_the_site_may_be_anywhere(url: str) -> None:
    """Also below a path, and on a port."""
    assert ApiSettings.from_environment({**WHOLE, "SITE_URL": url}).site_url == url
