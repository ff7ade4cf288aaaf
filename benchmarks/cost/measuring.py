"""Measurement of the function's consumption, in a process for each variant."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import yaml
from consumption import Consumption, Machine, VariantConsumption
from photographs import PROJECT, photograph

from processor.telemetry.metrics import UNITS
from processor.telemetry.timings import METRIC_STAGES

WORKER = Path(__file__).with_name("worker.py")
TEMPLATE = PROJECT / "localstack_init" / "template.yaml"

VARIANT = "w_800.webp"
"""The variant that is measured: 800 pixels wide, for most browsers."""

RECORDS = 2
"""Writes of entries in an invocation of the function that follows them. The catalog's stream has
four shards or more, and 20 images a second are 40 writes a second."""

LAMBDA_LINES = """\
START RequestId: 00000000-0000-0000-0000-000000000000 Version: $LATEST
END RequestId: 00000000-0000-0000-0000-000000000000
REPORT RequestId: 00000000-0000-0000-0000-000000000000\tDuration: 1234.56 ms\t\
Billed Duration: 1235 ms\tMemory Size: 1769 MB\tMax Memory Used: 273 MB\t
""".splitlines(keepends=True)
"""Lambda's log lines of an invocation."""
LOG_EVENT_OVERHEAD = 26


class Worker:
    """A process with the function loaded."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.init: float = self._read()["init"]

    @classmethod
    @contextmanager
    def started(cls, memory: int, *, fast: bool) -> Iterator[Self]:
        """Start a worker; stop it at the end of the block."""
        environment = {
            **{name: each for name, each in os.environ.items() if not name.startswith("AWS_")},
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "measured",
            "AWS_SECRET_ACCESS_KEY": "measured",
            "RAW_BUCKET": "darkroom-raw-111122223333-us-east-1",
            "PROCESSED_BUCKET": "darkroom-processed-111122223333-us-east-1",
            "SITE_BUCKET": "darkroom-site-111122223333-us-east-1",
            "CATALOG_TABLE": "ImageMetadata",
            "INDEX_TABLE": "ImageMetadata-index",
            "DUPLICATES": "allow",
            "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/111122223333/darkroom-uploads",
            "EVENT_BUS": "darkroom-events",
            "STACK_NAME": "darkroom",
            "TRACING": "off",
            "WORKFLOW": "arn:aws:states:us-east-1:111122223333:stateMachine:cost",
            "MAX_RECEIVE_COUNT": "3",
            "VARIANTS": "signed",
            "UNDELETE_DAYS": "0",
            "DELETE_ORIGINAL": "off",
            "ORIGINALS_RETENTION": "0",
            "VARIANTS_PER_IMAGE": "500",
            "ANALYZE": "off",
            "MODERATION_CONFIDENCE": "80",
            "POWERTOOLS_SERVICE_NAME": "process",
        }
        command = [sys.executable, str(WORKER), "with" if fast else "without"]
        with subprocess.Popen(
            command,
            env=environment,
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            yield cls(process)

    def measure(self, **job: object) -> dict[str, Any]:
        """Return the consumption of one image."""
        assert self.process.stdin  # noqa: S101 (it is a pipe)
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout  # noqa: S101 (it is a pipe)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The worker ended unexpectedly; its output is above.")
        result: dict[str, Any] = json.loads(line)
        return result


class Loader(yaml.SafeLoader):
    """Ignores CloudFormation's tags."""


Loader.add_multi_constructor("!", lambda *_: None)


def template() -> dict[str, Any]:
    """Return the template."""
    document: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)  # noqa: S506 (a safe loader's subclass)
    return document


def parameters() -> dict[str, str]:
    """Return the defaults of the template's parameters."""
    found = template()["Parameters"].items()
    return {name: str(each["Default"]) for name, each in found if "Default" in each}


def measure(
    sizes: Sequence[float], recipes: Sequence[str], rounds: int, images: int
) -> Iterator[Machine | Consumption | VariantConsumption]:
    """Yield the machine, the consumption of each recipe at each size, and a variant's of each."""
    defaults = parameters()
    memory, timeout = int(defaults["FunctionMemory"]), int(defaults["FunctionTimeout"])
    with (
        Worker.started(memory, fast=True) as fast,
        Worker.started(memory, fast=False) as slow,
    ):
        yield Machine(
            name=_processor(),
            python=platform.python_version(),
            init=fast.init,
            memory=memory,
            api_memory=int(defaults["ApiMemory"]),
            changes_memory=template()["Resources"]["ChangesFunction"]["Properties"]["MemorySize"],
            timeout=timeout,
            log_days=int(defaults["LogRetention"]),
            methods=_methods(),
            alarm_metrics=sum(map(_metrics_of, _resources("AWS::CloudWatch::Alarm"))),
            dashboards=len(_resources("AWS::CloudWatch::Dashboard")),
            own_metrics=len(UNITS) - 1 + len(METRIC_STAGES),
            invocation_log_bytes=sum(len(line) + LOG_EVENT_OVERHEAD for line in LAMBDA_LINES),
        )
        for recipe in recipes:
            for megapixels in sizes:
                path = photograph(megapixels)
                job = {
                    "image": str(path),
                    "recipe": recipe,
                    "rounds": rounds,
                    "images": images,
                    "records": RECORDS,
                    "timeout": timeout,
                }
                found = fast.measure(**job)
                without = slow.measure(**job)
                yield Consumption(
                    megapixels=megapixels,
                    recipe=recipe,
                    original_bytes=path.stat().st_size,
                    renditions=round(found["renditions"]),
                    rendition_bytes=round(found["rendition_bytes"]),
                    cpu=found["cpu"],
                    cpu_without_resizer=without["cpu"],
                    puts=found["puts"],
                    gets=found["gets"],
                    writes=found["writes"],
                    reads=found["reads"],
                    item_bytes=round(found["item_bytes"]),
                    log_bytes=found["log_bytes"],
                    changes_cpu=found["changes_cpu"],
                    changes_invocations=found["changes_invocations"],
                    changes_writes=found["changes_writes"],
                    changes_buckets=found["changes_buckets"],
                    changes_reads=found["changes_reads"],
                    changes_events=found["changes_events"],
                    changes_log_bytes=found["changes_log_bytes"],
                    index_bytes=found["index_bytes"],
                )
        for megapixels in sizes:
            job = {
                "image": str(photograph(megapixels)),
                "recipe": "default",
                "variant": VARIANT,
                "rounds": rounds,
                "timeout": timeout,
            }
            found = fast.measure(**job)
            without = slow.measure(**job)
            yield VariantConsumption(
                megapixels=megapixels,
                name=VARIANT,
                variant_bytes=round(found["variant_bytes"]),
                cpu=found["cpu"],
                cpu_without_resizer=without["cpu"],
                puts=found["puts"],
                lists=found["lists"],
                gets=found["gets"],
                reads=found["reads"],
                log_bytes=found["log_bytes"],
            )


def _methods() -> int:
    """Return the number of the API's methods in its document."""
    document = yaml.safe_load((PROJECT / "docs" / "reference" / "openapi.yaml").read_text())
    verbs = {"get", "put", "post", "delete", "patch"}
    return sum(len(verbs & set(path)) for path in document["paths"].values())


def _resources(kind: str) -> list[dict[str, Any]]:
    """Return the properties of the stack's resources of a type."""
    found = template()["Resources"].values()
    return [each["Properties"] for each in found if each["Type"] == kind]


def _metrics_of(alarm: dict[str, Any]) -> int:
    """Return the number of metrics of an alarm."""
    return sum("MetricStat" in each for each in alarm.get("Metrics", ())) or 1


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if os.name == "posix" else []
    model = next((line for line in lines if line.startswith("model name")), ":unknown processor")
    return f"{model.partition(':')[2].strip()} ({platform.machine()})"
