"""The functions' environment."""

import pytest

from processor.settings import Settings

COMPLETE = {
    "RAW_BUCKET": "r",
    "PROCESSED_BUCKET": "p",
    "SITE_BUCKET": "s",
    "CATALOG_TABLE": "t",
    "QUEUE_URL": "q",
    "STACK_NAME": "n",
    "TRACING": "off",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
}


def test_reads_the_environment() -> None:
    """Each name goes to its field."""
    settings = Settings.from_environment(COMPLETE)
    assert (settings.raw_bucket, settings.processed_bucket, settings.catalog_table) == (
        "r", "p", "t",
    )  # fmt: skip


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("value", [None, ""])
def test_names_what_is_missing(name: str, value: str | None) -> None:
    """A missing or empty variable is named."""
    environment = {key: each for key, each in COMPLETE.items() if key != name}
    if value is not None:
        environment[name] = value
    with pytest.raises(LookupError, match=name):
        Settings.from_environment(environment)
