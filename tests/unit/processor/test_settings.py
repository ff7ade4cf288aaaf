"""Settings: what each function reads from its environment."""

import pytest
from msgspec import Struct

from processor.settings import (
    ApiSettings,
    ChangesSettings,
    ModerationSettings,
    ProcessSettings,
    VariantSettings,
    WorkflowSettings,
    from_environment,
)

PIPELINE = {
    "ANALYZE": "all",
    "MODERATION_CONFIDENCE": "80",
    "RAW_BUCKET": "raw",
    "PROCESSED_BUCKET": "processed",
    "SITE_BUCKET": "site",
    "CATALOG_TABLE": "table",
    "QUEUE_URL": "https://queue",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "VARIANTS": "signed",
    "UNDELETE_DAYS": "7",
    "DELETE_ORIGINAL": "off",
    "ORIGINALS_RETENTION": "0",
    "INDEX_TABLE": "index",
    "DUPLICATES": "refuse",
}
PROCESS = {
    **PIPELINE,
    "STACK_NAME": "stack",
    "TRACING": "off",
    "WORKFLOW": "arn:aws:states:us-east-1:1:stateMachine:workflow",
    "MAX_RECEIVE_COUNT": "3",
}
WORKFLOW = {
    **PIPELINE,
    "REVIEW_TIMEOUT": "604800",
}
CHANGES = {
    "EVENT_BUS": "bus",
    "INDEX_TABLE": "index",
    "QUEUE_URL": "https://sqs.example/queue",
    "RAW_BUCKET": "raw",
}
API = {
    "RAW_BUCKET": "raw",
    "PROCESSED_BUCKET": "processed",
    "CATALOG_TABLE": "table",
    "INDEX_TABLE": "index",
    "QUEUE_URL": "https://queue",
    "DEAD_LETTER_QUEUE_URL": "https://dead",
    "WORKFLOW": "arn:aws:states:us-east-1:1:stateMachine:workflow",
    "SITE_URL": "https://d111.cloudfront.net",
    "ORIGINALS": "off",
    "FUNCTION_MEMORY": "1769",
    "VARIANTS": "presets",
    "SIGNING_KEY": "/darkroom/darkroom/variant-signing-key",
    "UNDELETE_DAYS": "7",
    "DELETE_ORIGINAL": "off",
    "ORIGINALS_RETENTION": "0",
    "FEED_WAIT": "20",
    "CORS_ORIGINS": "https://a.example, http://localhost:8000",
    "BROWSER_S3_ENDPOINT": "http://s3.localhost:4566",
}
VARIANT = {
    "RAW_BUCKET": "raw",
    "PROCESSED_BUCKET": "processed",
    "SITE_BUCKET": "site",
    "CATALOG_TABLE": "table",
    "STACK_NAME": "stack",
    "VARIANTS_PER_IMAGE": "500",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
}
OPTIONAL = ("SIGNING_KEY", "CORS_ORIGINS", "BROWSER_S3_ENDPOINT")
COMPLETE: dict[type[Struct], dict[str, str]] = {
    ProcessSettings: PROCESS,
    WorkflowSettings: WORKFLOW,
    ApiSettings: API,
    VariantSettings: VARIANT,
    ChangesSettings: CHANGES,
}


@pytest.mark.parametrize("settings", COMPLETE)
def test_every_variable_is_read(settings: type[Struct]) -> None:
    """Each variable has a field of its name, with the text or the number that it holds."""
    read = from_environment(settings, COMPLETE[settings])
    assert {name.upper(): str(getattr(read, name)) for name in read.__struct_fields__} == {
        **COMPLETE[settings],
        **({"MODERATION_CONFIDENCE": "80.0"} if issubclass(settings, ModerationSettings) else {}),
        **({"VARIANT_FALLBACK": ""} if settings is VariantSettings else {}),
        **({"PROCESSED_BUCKET": ""} if settings is ChangesSettings else {}),
    }


@pytest.mark.parametrize(
    ("settings", "name"),
    [(each, name) for each in COMPLETE for name in COMPLETE[each] if name not in OPTIONAL],
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(settings: type[Struct], name: str, value: str | None) -> None:
    """A function with an incomplete environment does not start."""
    environment = {key: each for key, each in COMPLETE[settings].items() if key != name}
    if value is not None:
        environment[name] = value
    with pytest.raises(LookupError, match=name):
        from_environment(settings, environment)


@pytest.mark.parametrize("name", OPTIONAL)
def test_optional_variables_may_be_empty(name: str) -> None:
    """Then no other site's page may call, and browsers use the region's S3 endpoint."""
    settings = from_environment(ApiSettings, {**API, name: ""})
    assert getattr(settings, name.lower()) == ""


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        (ApiSettings, "ORIGINALS", "yes"),
        (ApiSettings, "ORIGINALS", "ON"),
        (ApiSettings, "SITE_URL", "https://d111.cloudfront.net/"),
        (ApiSettings, "SITE_URL", "d111.cloudfront.net"),
        (ApiSettings, "SITE_URL", "https://a?b"),
        (ApiSettings, "CORS_ORIGINS", "*"),
        (ApiSettings, "CORS_ORIGINS", "https://a.example/"),
        (ApiSettings, "CORS_ORIGINS", "https://a.example,null"),
        (ApiSettings, "CORS_ORIGINS", "https://A.example"),
        (ApiSettings, "BROWSER_S3_ENDPOINT", "s3.localhost:4566"),
        (ApiSettings, "BROWSER_S3_ENDPOINT", "http://s3.localhost:4566/"),
        (ApiSettings, "FUNCTION_MEMORY", "1.5"),
        (ApiSettings, "FUNCTION_MEMORY", "-1"),
        (ApiSettings, "UNDELETE_DAYS", "-1"),
        (ProcessSettings, "TRACING", "yes"),
        (ProcessSettings, "VARIANTS", "on"),
        (VariantSettings, "VARIANTS_PER_IMAGE", "0"),
        (ProcessSettings, "MAX_RECEIVE_COUNT", "0"),
        (ProcessSettings, "MODERATION_CONFIDENCE", "101"),
        (WorkflowSettings, "ANALYZE", "yes"),
        (WorkflowSettings, "REVIEW_TIMEOUT", "1.5"),
        (WorkflowSettings, "REVIEW_TIMEOUT", "week"),
    ],
)
def test_an_unusable_value_is_refused(settings: type[Struct], name: str, value: str) -> None:
    """The error names the variable and says how to write it."""
    with pytest.raises(ValueError, match=rf"{name} is .*. Use"):
        from_environment(settings, {**COMPLETE[settings], name: value})


@pytest.mark.parametrize(
    "url", ["https://a", "http://127.0.0.1:4566/_aws/cloudfront/E1", "http://localhost:4566"]
)
def test_the_site_may_have_a_path_and_a_port(url: str) -> None:
    """As the emulator's distributions do."""
    assert from_environment(ApiSettings, {**API, "SITE_URL": url}).site_url == url


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        (
            "https://a.example, http://localhost:8000",
            {"https://a.example", "http://localhost:8000"},
        ),
        ("http://[::1]:3000", {"http://[::1]:3000"}),
        ("", set()),
    ],
)
def test_trusted_origins_are_a_set(text: str, origins: set[str]) -> None:
    """The variable separates them by commas."""
    assert from_environment(ApiSettings, {**API, "CORS_ORIGINS": text}).trusted_origins == origins


@pytest.mark.parametrize(
    ("analyze", "questions"),
    [("off", ()), ("labels", ("labels",)), ("all", ("labels", "faces", "moderation"))],
)
def test_questions_follow_from_analyze(analyze: str, questions: tuple[str, ...]) -> None:
    """``labels`` asks one question, ``all`` asks three."""
    environment = {"ANALYZE": analyze, "MODERATION_CONFIDENCE": "80"}
    assert from_environment(ModerationSettings, environment).questions == questions
