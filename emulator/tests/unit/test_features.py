"""Values of EMULATOR_FEATURES and of other settings."""

import sys

import pytest

from localstack_native import program, settings
from localstack_native.cloudwatch.alarms import Evaluator
from localstack_native.features import FEATURES, FeatureError, parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("all", list(FEATURES)),
        ("logs, s3-access", ["logs", "s3-access"]),
        ("all,-signatures", [name for name in FEATURES if name != "signatures"]),
        ("-logs,logs", ["logs"]),
    ],
)
def test_values_enable_features(value: str, expected: list[str]) -> None:
    """Names are enabled, ``all`` stands for every name, and a leading ``-`` removes one."""
    assert parse(value) == expected


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("cloudfrnt", "names an unknown feature: 'cloudfrnt'.*The features are apigateway"),
        ("-signatures", "only removes features.* Use all,-signatures\\.$"),
        ("-sqs, -logs", "only removes features.* Use all,-sqs,-logs\\.$"),
        ("state", "enables state without dynamodb and s3-ordering, which it needs"),
    ],
)
def test_invalid_values_are_errors(value: str, sentence: str) -> None:
    """The error of an invalid value has the reason and the correction."""
    with pytest.raises(FeatureError, match=sentence):
        parse(value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("EMULATOR_FEATURES", "cloudfrnt", "EMULATOR_FEATURES names an unknown feature"),
        ("EMULATOR_DYNAMODB_TTL_INTERVAL", "abc", ".*=abc is invalid. Use a number of seconds"),
        ("EMULATOR_CLOUDWATCH_ALARM_INTERVAL", "-1", ".*=-1 is invalid. Use a number of seconds"),
        ("EMULATOR_STATE_INTERVAL", "0", ".*=0 is invalid. Use a number of seconds above 0"),
        ("EMULATOR_IAM", "on", ".*=on is invalid. Use off, log, enforce"),
        ("EMULATOR_CLOUDFRONT_CACHE_BYTES", "1e6", ".*=1e6 is invalid. Use a whole number"),
        ("EMULATOR_HOSTS", "a.test,172.16.0.0/99", ".*'172.16.0.0/99' does not appear to be"),
        ("EMULATOR_HOSTS", "172.16.0.1/12", ".*172.16.0.1/12 has host bits set"),
        ("EMULATOR_REKOGNITION_DETECTOR", "/nowhere", ".*=/nowhere is not a file"),
        ("EMULATOR_STATE_DIR", __file__, ".* is not a folder"),
        ("EMULATOR_STATE_DIR", f"{__file__}/state", ".* is not a folder"),
        ("EMULATOR_CREDENTIALS_FILE", __file__, ".* contains no access key"),
        ("EMULATOR_CREDENTIALS_FILE", sys.executable, ".* contains no access key"),
        ("EMULATOR_CREDENTIALS_FILE", "/", ".*=/: .*Is a directory"),
        ("GATEWAY_LISTEN", "127.0.0.1:port", ".*'127.0.0.1:port' is not an address"),
        ("GATEWAY_LISTEN", "127.0.0.1:4566,[::1", ".*'\\[::1' is not an address"),
        ("GATEWAY_LISTEN", "[localhost]:4566", ".*is not an address"),
        ("GATEWAY_LISTEN", "127.0.0.1:65536", ".*is not an address"),
    ],
)
def test_the_command_prints_the_error_alone(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command ends with the error of an invalid value, without a traceback."""
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["localstack-native", "--print-env"])
    with pytest.raises(SystemExit, match=f"^error: {sentence}") as error:
        program.main()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "listen", ["127.0.0.1", ":4566", "localhost:80", "[::1]", "0.0.0.0:4566, [::]:4566"]
)
def test_addresses_are_accepted(listen: str) -> None:
    """Hosts and ports, of which one may be missing, are addresses."""
    settings.check({"GATEWAY_LISTEN": listen})


def test_the_interval_of_alarms_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alarms are evaluated without the settings of ``localstack-native``, too."""
    monkeypatch.delenv("EMULATOR_CLOUDWATCH_ALARM_INTERVAL", raising=False)
    assert Evaluator(lambda *_: []).interval == 2
    monkeypatch.setenv("EMULATOR_CLOUDWATCH_ALARM_INTERVAL", "0.5")
    assert Evaluator(lambda *_: []).interval == 0.5


def test_only_enabled_features_have_settings() -> None:
    """Only enabled features have settings, and the environment overrides each."""
    environment = {"EMULATOR_FEATURES": "logs,sqs", "PROVIDER_OVERRIDE_SQS": "mine"}
    settings.apply(environment)
    assert environment["PROVIDER_OVERRIDE_LOGS"] == "extended"
    assert environment["PROVIDER_OVERRIDE_SQS"] == "mine"
    assert not environment.keys() & {"PROVIDER_OVERRIDE_S3", "LOCALSTACK_HOST", "GATEWAY_SERVER"}
