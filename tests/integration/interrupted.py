"""A test session that starts each kind of program, and waits: test_interrupted.py runs and ends it.

pytest does not collect this file by its name. INTERRUPTED_FOLDER names the folder of its files.
"""

import os
import shutil
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from darkroom.emulator.native import NativeEmulator
from tests.browser.chromium import ARGUMENTS, NAMES

from .functions import ROLE, archive, create_role
from .localstack import LocalStack, free_port

NOTHING = "def handler(event, context): pass"


def test_that_waits(own_localstack: LocalStack) -> None:
    """Start an emulator as `make up` does, a function and a browser beside LocalStack; wait."""
    folder = Path(os.environ["INTERRUPTED_FOLDER"])
    NativeEmulator(folder).start(free_port(), print)
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        create_role(own_localstack.client("iam"))
        client = own_localstack.client("lambda")
        client.create_function(
            FunctionName="idle", Runtime="python3.13", Role=ROLE, Handler="app.handler",
            Code={"ZipFile": archive({"app.py": NOTHING})},
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName="idle")
        client.invoke(FunctionName="idle")
        if chromium:
            playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        (folder / "worker").write_text(str(os.getpid()))
        threading.Event().wait()
