"""The workflow function's entry point in these tests: the real one, which fails where it is told.

It runs in Lambda. A folder on this machine has the faults: files whose names say of which key and
step, and how it fails; each is used once.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

from processor.handlers import workflow

FAULTS = Path(os.environ["FAULTS"])


def handler(event: dict[str, Any], context: workflow.Context) -> Any:
    """Fail before the step is done, after it, or not at all."""
    key = hashlib.sha256(event["work"]["key"].encode()).hexdigest()
    step = event["step"] + event.get("rendition", "")
    _meet(f"{key}-{step}-before-")
    answer = workflow.handler(event, context)
    _meet(f"{key}-{step}-after-")
    return answer


def _meet(beginning: str) -> None:
    """Use up one fault, if there is one."""
    for fault in sorted(FAULTS.glob(f"{beginning}*")):
        try:
            fault.unlink()
        except FileNotFoundError:
            continue
        if fault.name.partition(beginning)[2].startswith("crash"):
            os._exit(1)
        raise ConnectionError("as arranged")
