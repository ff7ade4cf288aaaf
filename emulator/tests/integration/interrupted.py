"""A test session that starts LocalStack and a function, and waits: test_interrupted.py ends it.

pytest does not collect this file by its name. INTERRUPTED_FILE names the file for the process IDs.
"""

import json
import os
import threading
from pathlib import Path

from .functions import Functions
from .localstack import LocalStack


def test_that_waits(emulator: LocalStack, functions: Functions) -> None:
    """Start a function, write the process IDs, and wait."""
    functions.make("def handler(event, context): pass").invoke()
    started = [emulator.process.pid, *(each.pid for each in emulator.processes())]
    file = Path(os.environ["INTERRUPTED_FILE"])
    file.with_suffix(".new").write_text(json.dumps({"worker": os.getpid(), "started": started}))
    file.with_suffix(".new").rename(file)
    threading.Event().wait()
