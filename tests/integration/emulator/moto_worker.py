"""Reads of DynamoDB tables by the emulator and by moto alone, side by side, for a property test.

Runs in the emulator's environment, where pytest is not: a line of JSON is a list of requests, and
the line that is printed for it a list of responses. A read's response is a pair: the emulator's,
and moto's.
"""

import json
import sys
from typing import Any

from moto.core.exceptions import RESTError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

ACCOUNT, REGION = "000000000000", "us-east-1"
READS = {"Query": "query", "Scan": "scan", "GetItem": "get_item"}
PATCHED = [(Table, "query"), (Table, "scan"), (Table, "get_item"), (Item, "project")]

Attributes = dict[tuple[type, str], Any]
MOTO: Attributes = {(kind, name): getattr(kind, name) for kind, name in PATCHED}

import darkroom_emulator.dynamodb.projection  # noqa: E402
import darkroom_emulator.dynamodb.reads
import darkroom_emulator.dynamodb.transactions  # noqa: F401

OURS: Attributes = {(kind, name): getattr(kind, name) for kind, name in PATCHED}


def respond(operation: str, request: dict[str, Any]) -> Any:
    """Return a response's content, or the error's code and message."""
    handler = DynamoHandler()
    handler.current_account, handler.region = ACCOUNT, REGION
    handler.response_headers = {}
    handler.body = request
    name = "".join(f"_{each.lower()}" if each.isupper() else each for each in operation)[1:]
    try:
        return json.loads(getattr(handler, name)())
    except RESTError as error:
        return {"error": [error.error_type, error.message]}
    except Exception as error:  # noqa: BLE001 (for a client, an internal error)
        return {"crash": repr(error)}


def use(attributes: Attributes) -> None:
    """Choose whose methods are called."""
    for (kind, name), value in attributes.items():
        setattr(kind, name, value)


def main() -> None:
    """Serve."""
    for line in sys.stdin:
        dynamodb_backends.reset()
        said = []
        for operation, request in json.loads(line):
            ours = respond(operation, request)
            if operation not in READS:
                said.append(ours)
                continue
            use(MOTO)
            said.append([ours, respond(operation, request)])
            use(OURS)
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
