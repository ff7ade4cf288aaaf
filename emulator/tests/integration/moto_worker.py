"""DynamoDB requests to moto in a separate process, with or without the emulator's changes. Runs in
the emulator's environment, without pytest. Each input line is a JSON list of requests to tables
that are empty at first; the output line is a list of responses, for a read one of each page.
"""

import json
import sys
from typing import Any

from moto.core.exceptions import RESTError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from localstack_native import patches

ACCOUNT, REGION = "000000000000", "us-east-1"
PAGED = ("Query", "Scan")
MOST_PAGES = 50


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


def pages(operation: str, request: dict[str, Any]) -> list[Any]:
    """Return the responses to a read, one page after the other."""
    found = [respond(operation, request)]
    while "LastEvaluatedKey" in found[-1] and len(found) < MOST_PAGES:
        start = {"ExclusiveStartKey": found[-1]["LastEvaluatedKey"]}
        found.append(respond(operation, {**request, **start}))
    return found


def main() -> None:
    """Respond to each line of the standard input."""
    if sys.argv[1:] != ["moto"]:
        patches.register(["dynamodb"])
    for line in sys.stdin:
        dynamodb_backends.reset()
        said = [
            pages(operation, request) if operation in PAGED else respond(operation, request)
            for operation, request in json.loads(line)
        ]
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
