"""LocalStack with the emulator's settings.

darkroom-emulator               start it in this process
darkroom-emulator --prepare     do ahead what the first start would do once
darkroom-emulator --print-env   print the settings, for the environment of an image
"""

import os
import sys
import traceback
from typing import NoReturn

from darkroom_emulator import service_catalog, settings


def main() -> None:
    """Start LocalStack in this process, or do the part of it that an option names."""
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
        case _:
            sys.exit(__doc__)


def run() -> NoReturn:
    """Run LocalStack until it is told to stop."""
    from localstack.runtime.main import main as run_localstack

    code: object = 0
    try:
        run_localstack()
    except SystemExit as end:
        code = end.code
    except Exception:  # noqa: BLE001 (shown, and the process ends)
        traceback.print_exc()
        code = 1
    # LocalStack has shut down by now. What may be left are threads of services that a late request
    # loaded meanwhile, and nobody would ever stop those: Python would wait for them for ever.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)
