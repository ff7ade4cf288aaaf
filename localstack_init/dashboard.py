"""The CloudWatch dashboard of a stack; ``darkroom dashboard`` draws it in a terminal.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from typing import Any

from processor.telemetry.timings import METRIC_STAGES

STACK = "${AWS::StackName}"
REGION = "${AWS::Region}"

PROCESS = ["AWS/Lambda", "FunctionName", f"{STACK}-process"]
API = ["AWS/ApiGateway", "ApiName", STACK]
VARIANT = ["AWS/Lambda", "FunctionName", f"{STACK}-variant"]
OURS = ["Darkroom", "Stack", STACK]
QUEUE = ["AWS/SQS", "QueueName", f"{STACK}-uploads"]
DEAD = ["AWS/SQS", "QueueName", f"{STACK}-uploads-dead"]

ALARMS = (
    "dead-letters",
    "queue-age",
    "error-rate",
    "duration",
    "throttles",
    "api-errors",
    "events",
    "function-errors",
    "workflow-failures",
)

WIDTH, HEIGHT = 8, 6
"""Three widgets fill the 24 columns of a dashboard."""


def dashboard() -> dict[str, Any]:
    """Return the body as a value for the template: CloudFormation inserts names and region."""
    rows = [
        [
            _chart(
                "Images",
                _series(OURS, "ImagesDone", "done", "Sum", "#2ca02c"),
                _series(OURS, "ImagesFailed", "failed", "Sum", "#d62728"),
            ),
            _chart(
                "Processing time, from claim to commit",
                _series(OURS, "ProcessingTime", "median", "p50"),
                _series(OURS, "ProcessingTime", "95%", "p95"),
                _series(OURS, "ProcessingTime", "99%", "p99"),
                unit="ms",
            ),
            _chart(
                "Time of each stage (mean)",
                *(
                    _series([*OURS, "Stage", stage], "StageTime", stage, "Average")
                    for stage in METRIC_STAGES
                ),
                unit="ms",
            ),
        ],
        [
            _chart(
                "Messages",
                _series(QUEUE, "ApproximateNumberOfMessagesVisible", "waiting", "Maximum"),
                _series(QUEUE, "ApproximateNumberOfMessagesNotVisible", "in flight", "Maximum"),
                _series(DEAD, "ApproximateNumberOfMessagesVisible", "dead", "Maximum", "#d62728"),
            ),
            _chart(
                "Age of the oldest message",
                _series(QUEUE, "ApproximateAgeOfOldestMessage", "age", "Maximum"),
                unit="s",
            ),
            _chart(
                "Retries and duplicates",
                _series(OURS, "Retries", "retries", "Sum"),
                _series(OURS, "DuplicatesDropped", "duplicates dropped", "Sum"),
            ),
        ],
        [
            _chart(
                "Function",
                _series(PROCESS, "Invocations", "invocations", "Sum"),
                _series(PROCESS, "Errors", "errors", "Sum", "#d62728"),
                _series(PROCESS, "Throttles", "throttles", "Sum", "#ff7f0e"),
            ),
            _chart(
                "Duration of a batch",
                _series(PROCESS, "Duration", "median", "p50"),
                _series(PROCESS, "Duration", "99%", "p99"),
                unit="ms",
            ),
            _chart(
                "Bytes",
                _series(OURS, "BytesIn", "originals", "Sum"),
                _series(OURS, "BytesOut", "renditions", "Sum"),
                unit="B",
            ),
        ],
        [
            _chart(
                "Variants",
                _series(OURS, "VariantsRendered", "rendered", "Sum", "#2ca02c"),
                _series(OURS, "VariantsRefused", "refused", "Sum", "#ff7f0e"),
            ),
            _chart(
                "Time of a variant's first request",
                _series(OURS, "VariantTime", "median", "p50"),
                _series(OURS, "VariantTime", "95%", "p95"),
                unit="ms",
            ),
            _chart(
                "Function of variants",
                _series(VARIANT, "Invocations", "invocations", "Sum"),
                _series(VARIANT, "Errors", "errors", "Sum", "#d62728"),
                _series(VARIANT, "Throttles", "throttles", "Sum", "#ff7f0e"),
            ),
        ],
        [
            _chart(
                "API requests",
                _series(API, "Count", "all", "Sum"),
                _series(API, "4XXError", "4xx", "Sum", "#ff7f0e"),
                _series(API, "5XXError", "5xx", "Sum", "#d62728"),
            ),
            _chart(
                "API latency",
                _series(API, "Latency", "median", "p50"),
                _series(API, "Latency", "99%", "p99"),
                unit="ms",
            ),
            {
                "type": "alarm",
                "properties": {
                    "title": "Alarms",
                    "alarms": [
                        f"arn:${{AWS::Partition}}:cloudwatch:{REGION}:${{AWS::AccountId}}:alarm:"
                        f"{STACK}-{name}"
                        for name in ALARMS
                    ],
                },
            },
        ],
    ]
    widgets = [
        {"x": x * WIDTH, "y": y * HEIGHT, "width": WIDTH, "height": HEIGHT, **widget}
        for y, row in enumerate(rows)
        for x, widget in enumerate(row)
    ]
    return {"Fn::Sub": json.dumps({"widgets": widgets}, separators=(",", ":"))}


def _series(source: list[str], metric: str, label: str, stat: str, color: str = "") -> list[Any]:
    namespace, *dimensions = source
    look = {"label": label, "stat": stat, **({"color": color} if color else {})}
    return [namespace, metric, *dimensions, look]


def _chart(title: str, *series: list[Any], unit: str = "") -> dict[str, Any]:
    axis = {"min": 0, "showUnits": False, **({"label": unit} if unit else {})}
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "view": "timeSeries",
            "region": REGION,
            "period": 60,
            "metrics": list(series),
            "yAxis": {"left": axis},
        },
    }
