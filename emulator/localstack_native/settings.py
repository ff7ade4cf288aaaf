"""Default settings of the emulator, as environment variables that override LocalStack's defaults.

All are LocalStack's variables except those that begin with ``EMULATOR_``. The environment overrides
each of them. ``localstack-native`` applies them; a container image that starts LocalStack
differently gets them from ``localstack-native --print-env``.
"""

import sys
import time
from collections.abc import MutableMapping
from pathlib import Path

DEFAULTS = {
    # Functions run as child processes, without Docker.
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    # Listen on the addresses in GATEWAY_LISTEN only; LocalStack listens on every interface.
    "GATEWAY_SERVER": "named-addresses",
    # LocalStack has neither percentiles nor metric math.
    "PROVIDER_OVERRIDE_CLOUDWATCH": "extended",
    # Seconds between two evaluations of alarms; AWS evaluates them every minute.
    "EMULATOR_CLOUDWATCH_ALARM_INTERVAL": "2",
    # LocalStack deletes stacks with termination protection.
    "PROVIDER_OVERRIDE_CLOUDFORMATION": "extended",
    # LocalStack's default provider downloads and starts a Java program.
    "PROVIDER_OVERRIDE_DYNAMODB": "moto",
    # In LocalStack, every filter pattern matches every event.
    "PROVIDER_OVERRIDE_LOGS": "extended",
    # In LocalStack, the steps of requests for one key interleave.
    "PROVIDER_OVERRIDE_S3": "extended",
    # Enforce bucket policies, Block Public Access, presigned URLs and forms; LocalStack allows
    # every request.
    "EMULATOR_S3_ACCESS": "1",
    "S3_SKIP_SIGNATURE_VALIDATION": "0",
    # A page in a browser on this machine can send requests; LocalStack would create and run a
    # function for it.
    "EMULATOR_BROWSERS": "enforce",
    # LocalStack does not verify signatures.
    "EMULATOR_SIGNATURES": "enforce",
    # Seconds between two reports of queue metrics; on AWS it is a minute.
    "SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL": "5",
    # LocalStack keeps the receive count of redriven messages.
    "PROVIDER_OVERRIDE_SQS": "extended",
    # AWS's limit for a new account is 10, which is about what a laptop can run as processes. With
    # LocalStack's 1000, a full queue would start as many. Ten more leave room for reserved
    # concurrency, which AWS refuses below 100.
    "LAMBDA_LIMITS_CONCURRENT_EXECUTIONS": "20",
    # AWS keeps 100 of an account's 1000 unreserved.
    "LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY": "2",
    # Idle functions keep their process for ten minutes: they stay warm during development.
    "LAMBDA_KEEPALIVE_MS": "600000",
    # Poll immediately after a batch. With the defaults (1 s, backing off to 10 s for an empty
    # queue) an event waits up to 12 s.
    "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.02",
    "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.1",
    # No requests to the internet, and no waiting for a network that may be missing.
    "DISABLE_EVENTS": "1",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    # No DNS server, which would listen on port 53 of every interface.
    "DNS_ADDRESS": "0",
}

DEFAULT_PORT = "4566"


def apply(environment: MutableMapping[str, str]) -> None:
    """Set the variables that the environment does not set."""
    # LocalStack writes local times as UTC.
    environment["TZ"] = "UTC"
    time.tzset()
    # LocalStack caches the list of installed plugins and notices changes minutes later. The cache
    # belongs to the installation: an installer can remove it.
    environment.setdefault("XDG_CACHE_HOME", str(Path(sys.prefix) / "cache"))
    environment.setdefault("GATEWAY_LISTEN", f"127.0.0.1:{DEFAULT_PORT}")
    first = environment["GATEWAY_LISTEN"].split(",")[0]
    port = first.rpartition(":")[2] if not first.endswith("]") else DEFAULT_PORT
    # The host in URLs that LocalStack returns. The default, localhost.localstack.cloud, needs a
    # name server.
    environment.setdefault("LOCALSTACK_HOST", f"localhost:{port}")
    if "FILESYSTEM_ROOT" in environment:
        # In other containers (CI, dev containers) LocalStack assumes that it runs in its own image,
        # and would ignore the folder.
        environment.setdefault("OVERRIDE_IN_DOCKER", "0")
    for name, value in DEFAULTS.items():
        environment.setdefault(name, value)
