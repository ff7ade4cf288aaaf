"""Features: the parts of this distribution, each of which ``EMULATOR_FEATURES`` enables.

The variable is a list of names, separated by commas. ``all`` stands for every feature, and a
leading ``-`` removes one: ``all,-signatures``. A list of removals only is an error. Without the
variable, as in a LocalStack that merely has this distribution installed, no feature is enabled;
``localstack-native`` sets it to ``all``.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

VARIABLE = "EMULATOR_FEATURES"
ALL = "all"


class FeatureError(ValueError):
    """``EMULATOR_FEATURES`` has an invalid value."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One part of this distribution."""

    summary: str
    start: str | None = None
    """``module:function``, which is called at LocalStack's start."""
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables, most of them LocalStack's, that the environment overrides."""


# In the order of their start. A handler that is inserted later runs earlier: guards are last.
FEATURES: Mapping[str, Feature] = {
    "offline": Feature(
        "no request to another machine, and no DNS server on port 53 of every interface",
        settings={"DISABLE_EVENTS": "1", "SKIP_SSL_CERT_DOWNLOAD": "1", "DNS_ADDRESS": "0"},
    ),
    "loopback": Feature(
        "listen on the addresses in GATEWAY_LISTEN only; LocalStack listens on every interface",
        settings={"GATEWAY_SERVER": "named-addresses"},
    ),
    "in-process": Feature("services call each other without a connection"),
    "encodings": Feature("errors of AWS for bodies that can't be decoded or parsed"),
    "lambda-process": Feature(
        "functions run as child processes, without Docker",
        "localstack_native.awslambda.plugins:start",
        settings={
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            # Idle functions stay warm during development.
            "LAMBDA_KEEPALIVE_MS": "600000",
        },
    ),
    "lambda-sqs": Feature(
        "event source mappings without polling delays, and with several batches at a time",
        settings={
            # AWS's limit for a new account is 10, which is about what a laptop can run as
            # processes. With LocalStack's 1000, a full queue would start as many. Ten more leave
            # room for reserved concurrency, which AWS refuses below 100.
            "LAMBDA_LIMITS_CONCURRENT_EXECUTIONS": "20",
            # AWS keeps 100 of an account's 1000 unreserved.
            "LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY": "2",
            # With the defaults (1 s, backing off to 10 s for an empty queue) an event waits up to
            # 12 s.
            "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.02",
            "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.1",
        },
    ),
    "sqs": Feature(
        "redrives that reset messages, and the age of the oldest message",
        settings={
            "PROVIDER_OVERRIDE_SQS": "extended",
            # Seconds between two reports of queue metrics; on AWS it is a minute.
            "SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL": "5",
        },
    ),
    "dynamodb": Feature(
        "DynamoDB and its streams on moto; LocalStack's provider needs Java",
        settings={
            "PROVIDER_OVERRIDE_DYNAMODB": "moto",
            "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
        },
        needs=("lambda-sqs",),
    ),
    "events": Feature(
        "retries and dead-letter queues of EventBridge's targets",
        settings={"PROVIDER_OVERRIDE_EVENTS": "extended"},
    ),
    "cloudformation": Feature(
        "updates in place with replacement and rollback, change sets, stack policies",
        settings={"PROVIDER_OVERRIDE_CLOUDFORMATION": "extended"},
    ),
    "apigateway": Feature(
        "gateway responses, 413 for large requests, metrics, accounts without a role for logs"
    ),
    "stepfunctions": Feature(
        "metrics, execution data, stops, and task tokens that are accepted once",
        "localstack_native.stepfunctions.lazy_batch:start",
    ),
    "cloudwatch": Feature(
        "percentiles, metric math, alarms, metrics of functions and of embedded metric format",
        settings={
            "PROVIDER_OVERRIDE_CLOUDWATCH": "extended",
            # Seconds between two evaluations of alarms; on AWS it is a minute.
            "EMULATOR_CLOUDWATCH_ALARM_INTERVAL": "2",
        },
    ),
    "logs": Feature(
        "filter patterns, metric filters and FilterLogEvents",
        settings={"PROVIDER_OVERRIDE_LOGS": "extended"},
    ),
    "rekognition": Feature(
        "labels, faces, moderation and text of images, by local networks",
        "localstack_native.rekognition.plugin:serve_moderation_overrides",
        settings={"PROVIDER_OVERRIDE_REKOGNITION": "extended"},
    ),
    "s3-ordering": Feature(
        "serialized writes of each key, sequencers, conditional deletes, listings in order",
        settings={"PROVIDER_OVERRIDE_S3": "extended"},
    ),
    "s3-access": Feature(
        "bucket policies, ACLs, Block Public Access, presigned URLs and forms",
        "localstack_native.access.plugin:enforce_access",
        settings={"S3_SKIP_SIGNATURE_VALIDATION": "0"},
    ),
    "iam": Feature(
        "requests of users, roles and services are judged by IAM's policies",
        "localstack_native.access.plugin:judge_requests",
        needs=("s3-access",),
        settings={"EMULATOR_IAM": "enforce"},
    ),
    "state": Feature(
        "snapshots of all services, if EMULATOR_STATE_DIR names a folder",
        "localstack_native.state.plugin:start",
        needs=("s3-ordering", "dynamodb"),
    ),
    "cloudfront": Feature(
        "distributions, functions and one edge location",
        "localstack_native.cloudfront.plugin:serve_distributions",
        settings={
            "PROVIDER_OVERRIDE_CLOUDFRONT": "extended",
            "PROVIDER_OVERRIDE_CLOUDFRONT_KEYVALUESTORE": "extended",
        },
    ),
    "signatures": Feature(
        "signatures are verified, and each installation has its own key",
        "localstack_native.security.plugin:check_signatures",
    ),
    "browsers": Feature(
        "browsers reach only what is meant for them; foreign Host names are refused",
        "localstack_native.security.plugin:check_browsers",
    ),
}


def enabled() -> list[str]:
    """Return the names of the enabled features, in the order of their start.

    Raises ``FeatureError``.
    """
    return parse(os.environ.get(VARIABLE, ""))


def is_enabled(name: str) -> bool:
    """Return whether a feature is enabled."""
    return name in enabled()


def parse(value: str) -> list[str]:
    """Return the names in a value of ``EMULATOR_FEATURES``. Raises ``FeatureError``."""
    named: set[str] = set()
    words = [each.strip() for each in value.split(",") if each.strip()]
    for word in words:
        name = word.removeprefix("-")
        if name not in FEATURES and word != ALL:
            known = ", ".join(sorted(FEATURES))
            raise FeatureError(
                f"{VARIABLE} names an unknown feature: {word!r}. Use {ALL}, names with or without "
                f"a leading -, or nothing. The features are {known}."
            )
        if word == ALL:
            named |= FEATURES.keys()
        elif word.startswith("-"):
            named.discard(name)
        else:
            named.add(name)
    if words and all(word.startswith("-") for word in words):
        raise FeatureError(
            f"{VARIABLE}={value} only removes features, so none would be enabled. Use "
            f"{','.join([ALL, *words])}."
        )
    for name in named:
        if missing := set(FEATURES[name].needs) - named:
            raise FeatureError(
                f"{VARIABLE} enables {name} without {' and '.join(sorted(missing))}, which it "
                f"needs. Add the names, or -{name}."
            )
    return [name for name in FEATURES if name in named]
