"""The command localstack-native: LocalStack with the emulator's settings.

localstack-native               start LocalStack in this process
localstack-native --exec NAME…  start another program in its place, with the same settings
localstack-native --prepare     build the index of AWS services, and download the object detector
localstack-native --print-env   print the settings of the enabled features
localstack-native --patches     print what the features change in LocalStack, and why
"""

import importlib.util
import os
import signal
import sys
import traceback
from collections.abc import MutableMapping
from typing import NoReturn

from localstack_native import service_catalog, settings
from localstack_native.features import FeatureError
from localstack_native.rekognition import detector


def main() -> None:
    """Start LocalStack in this process, or run the command of the option."""
    match sys.argv[1:]:
        case []:
            apply_settings(os.environ)
            service_catalog.provide()
            run()
        case ["--exec", program, *arguments]:
            apply_settings(os.environ)
            os.execvp(program, [program, *arguments])  # noqa: S606 (no shell)
        case ["--print-env"]:
            environment = dict(os.environ)
            apply_settings(environment)
            for name in sorted(environment.keys() - os.environ.keys()):
                print(f"{name}={environment[name]}")
        case ["--patches"]:
            from localstack_native.patches.registry import PATCHES

            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader such as head may end early
            for patch in PATCHES:
                print(f"{patch.feature:15} {patch.target}\n{'':15} {patch.reason}")
        case ["--prepare"]:
            service_catalog.prepare()
            if importlib.util.find_spec("onnxruntime"):
                detector.download()
        case _:
            sys.exit(__doc__)


def apply_settings(environment: MutableMapping[str, str]) -> None:
    """Set the environment variables, or exit with the error."""
    try:
        settings.apply(environment)
    except (FeatureError, settings.SettingError) as error:
        sys.exit(f"error: {error}")


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
