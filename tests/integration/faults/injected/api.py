"""The entry point of the API's function."""

from typing import Any
from urllib.parse import unquote

from processor.handlers import api

from . import begin, end


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Show the invocation, of the image that the request is about."""
    begin(f"api/{unquote((event['pathParameters'] or {}).get('key', ''))}")
    answer = api.handler(event, context)
    end()
    return answer
