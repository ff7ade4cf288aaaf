"""Runs a command of darkroom that is killed around its calls of AWS.

``python -m tests.integration.cut_off FILE OPERATIONS COMMAND…``: the process is killed before and
after the first call of each operation, such as ``s3:PutObject``, of those that match a regular
expression. The file has the moments at which it was killed before.
"""

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from darkroom.cli import main


def cut(file: Path, operations: str) -> None:
    """Let this process be killed at a moment that is not in the file, and add it."""
    known = set(file.read_text().splitlines())
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def at(moment: str, operation: str) -> None:
        line = f"{moment} {operation}"
        if re.fullmatch(operations, operation) and line not in known:
            with file.open("a") as lines:
                print(line, file=lines)
            os.kill(os.getpid(), signal.SIGKILL)

    def killed(client: BaseClient, operation: str, arguments: Any) -> Any:
        service = client.meta.service_model.service_name
        at("before", f"{service}:{operation}")
        response = call(client, operation, arguments)
        at("after", f"{service}:{operation}")
        return response

    BaseClient._make_api_call = killed  # type: ignore[attr-defined]


if __name__ == "__main__":
    name, pattern, *command = sys.argv[1:]
    cut(Path(name), pattern)
    sys.argv = ["darkroom", *command]
    main()
