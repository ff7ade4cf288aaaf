"""EMULATOR_FEATURES: what its values enable."""

import pytest

from localstack_native import settings
from localstack_native.features import FEATURES, FeatureError, parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("all", list(FEATURES)),
        ("logs, s3-access", ["logs", "s3-access"]),
        ("all,-signatures", [name for name in FEATURES if name != "signatures"]),
        ("-logs", []),
    ],
)
def test_values(value: str, expected: list[str]) -> None:
    """Names are enabled, ``all`` stands for every name, and a leading ``-`` removes one."""
    assert parse(value) == expected


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("cloudfrnt", "names an unknown feature: 'cloudfrnt'.*The features are apigateway"),
        ("state", "enables state without dynamodb and s3-ordering, which it needs"),
    ],
)
def test_invalid_values(value: str, sentence: str) -> None:
    """An error says what is wrong and what to do."""
    with pytest.raises(FeatureError, match=sentence):
        parse(value)


def test_settings_of_enabled_features() -> None:
    """Only enabled features have settings, and the environment overrides each."""
    environment = {"EMULATOR_FEATURES": "logs,sqs", "PROVIDER_OVERRIDE_SQS": "mine"}
    settings.apply(environment)
    assert environment["PROVIDER_OVERRIDE_LOGS"] == "extended"
    assert environment["PROVIDER_OVERRIDE_SQS"] == "mine"
    assert not environment.keys() & {"PROVIDER_OVERRIDE_S3", "LOCALSTACK_HOST", "GATEWAY_SERVER"}
