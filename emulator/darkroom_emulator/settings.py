"""The settings that make LocalStack the emulator that this distribution describes.

All are LocalStack's own variables except those that begin with ``EMULATOR_``. Each is a default
that the environment overrides. ``darkroom-emulator`` applies them; a container image that starts
LocalStack in another way takes them from ``darkroom-emulator --print-env``.
"""

import sys
import time
from collections.abc import MutableMapping
from pathlib import Path

DEFAULTS = {
    # Functions run as child processes: no Docker and no image.
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    # Listen on the addresses in GATEWAY_LISTEN alone; LocalStack's own listens on every interface.
    "GATEWAY_SERVER": "named-addresses",
    # LocalStack's own knows neither percentiles nor metric math.
    "PROVIDER_OVERRIDE_CLOUDWATCH": "measuring",
    # AWS looks every minute; here nobody has the time.
    "EMULATOR_CLOUDWATCH_ALARM_INTERVAL": "2",
    # LocalStack's own deletes stacks that are protected from it.
    "PROVIDER_OVERRIDE_CLOUDFORMATION": "protecting",
    # LocalStack's own provider downloads and starts a Java program.
    "PROVIDER_OVERRIDE_DYNAMODB": "moto",
    # LocalStack's own lets every filter pattern match every event.
    "PROVIDER_OVERRIDE_LOGS": "filtering",
    # LocalStack's own lets requests for one key get between each other's steps.
    "PROVIDER_OVERRIDE_S3": "ordered",
    # Bucket policies, Block Public Access, presigned URLs and forms are enforced; LocalStack lets
    # everybody do everything.
    "EMULATOR_S3_ACCESS": "1",
    "S3_SKIP_SIGNATURE_VALIDATION": "0",
    # A page that is open in a browser on this machine can send requests here; LocalStack would
    # create and run a function for it.
    "EMULATOR_BROWSERS": "enforce",
    # LocalStack believes every request whose key it names.
    "EMULATOR_SIGNATURES": "enforce",
    # Seconds between two reports on queues; AWS's are a minute apart.
    "SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL": "5",
    # LocalStack's own goes on counting the receipts of messages that a redrive makes new.
    "PROVIDER_OVERRIDE_SQS": "redrive",
    # AWS's limit for a new account is 10, and about what a laptop bears in processes: LocalStack's
    # 1000 would let a full queue start as many. Ten more leave room for reserved concurrency, which
    # AWS refuses below 100.
    "LAMBDA_LIMITS_CONCURRENT_EXECUTIONS": "20",
    # AWS keeps 100 of an account's 1000 unreserved; of twenty, two.
    "LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY": "2",
    # Idle functions keep their process for ten minutes: warm while one works on the code.
    "LAMBDA_KEEPALIVE_MS": "600000",
    # After a batch, look for the next at once. With the defaults (1 s, growing to 10 s when there
    # was nothing) an event waits up to 12 s.
    "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.02",
    "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.1",
    # Nothing leaves the machine, and nothing waits for a network that may not be there.
    "DISABLE_EVENTS": "1",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    # No DNS server: it would listen on port 53 of every interface.
    "DNS_ADDRESS": "0",
}

DEFAULT_PORT = "4566"


def apply(environment: MutableMapping[str, str]) -> None:
    """Set what the environment leaves open."""
    # LocalStack writes local times and calls them UTC; the shell's own time zone must not count.
    environment["TZ"] = "UTC"
    time.tzset()
    # LocalStack remembers which plugins are installed, and sees a change only minutes later: what
    # it remembers belongs to the installation: who changes that removes this folder.
    environment.setdefault("XDG_CACHE_HOME", str(Path(sys.prefix) / "cache"))
    environment.setdefault("GATEWAY_LISTEN", f"127.0.0.1:{DEFAULT_PORT}")
    first = environment["GATEWAY_LISTEN"].split(",")[0]
    port = first.rpartition(":")[2] if not first.endswith("]") else DEFAULT_PORT
    # The name in the URLs that LocalStack gives out. Its default, localhost.localstack.cloud, needs
    # a name server to be reached.
    environment.setdefault("LOCALSTACK_HOST", f"localhost:{port}")
    if "FILESYSTEM_ROOT" in environment:
        # LocalStack's guess whether it runs in its own image is wrong in other containers (CI, dev
        # containers), where it would ignore the folder. Who names a folder means the host's mode.
        environment.setdefault("OVERRIDE_IN_DOCKER", "0")
    for name, value in DEFAULTS.items():
        environment.setdefault(name, value)
