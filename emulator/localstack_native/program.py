"""The command localstack-native: LocalStack with the emulator's settings.

localstack-native               start LocalStack in this process
localstack-native --prepare     build the index of AWS services, and download the object detector
localstack-native --print-env   print the settings, for the environment of a container image
"""

import importlib.util
import os
import sys
import traceback
from typing import NoReturn

from localstack_native import service_catalog, settings
from localstack_native.rekognition import detector


def main() -> None:
    """Start LocalStack in this process, or do what the option names."""
    match sys.argv[1:]:
        case []:
            settings.apply(os.environ)
            service_catalog.provide()
            run()
        case ["--print-env"]:
            for name, value in settings.DEFAULTS.items():
                print(f"{name}={value}")
        case ["--prepare"]:
            service_catalog.prepare()
            if importlib.util.find_spec("onnxruntime"):
                detector.download()
        case _:
            sys.exit(__doc__)


def run() -> NoReturn:
    """Run LocalStack until it is stopped."""
    from localstack.runtime.main import main as run_localstack

    code: object = 0
    try:
        run_localstack()
    except SystemExit as end:
        code = end.code
    except Exception:  # noqa: BLE001 (shown, and the process ends)
        traceback.print_exc()
        code = 1
    # LocalStack has shut down. Threads of services that a late request has loaded may still run;
    # nothing stops them, and Python would wait for them forever.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)
