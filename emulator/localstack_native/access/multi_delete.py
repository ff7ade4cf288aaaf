"""DeleteObjects with objects that the caller may not delete: an error for each of them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from localstack.aws.api import RequestContext
from rolo import Response
from rolo.gateway import HandlerChain

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_END = "</DeleteResult>"


def omit(refused: Mapping[str, str], chain: HandlerChain[Any], context: RequestContext) -> None:
    """Remove refused objects from a request; respond to it if no other is left.

    ``refused`` has the sentence about each refused object, by its ARN.
    """
    request: Any = context.service_request
    bucket, entries = request["Bucket"], request["Delete"].get("Objects") or []
    errors: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for entry in entries:
        text = refused.get(f"arn:{context.partition}:s3:::{bucket}/{entry.get('Key', '')}")
        if text:
            errors.append({**entry, "Message": text})
        else:
            rest.append(entry)
    if not errors:
        return
    xml = "".join(_error(each) for each in errors)
    if rest:
        request["Delete"]["Objects"] = rest
        note: Any = context
        note.delete_errors = xml
        return
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="{_NAMESPACE}">{xml}{_END}'
    chain.respond(200, body, {"Content-Type": "application/xml"})


def add_errors(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,
) -> None:
    """Add the errors of the removed objects to a response."""
    xml = getattr(context, "delete_errors", None)
    if xml is None or response.status_code != 200:
        return
    text = response.get_data(as_text=True)
    if _END in text:
        response.set_data(text.replace(_END, f"{xml}{_END}"))
    else:  # nothing else to report: <DeleteResult/>
        response.set_data(f'<DeleteResult xmlns="{_NAMESPACE}">{xml}{_END}')


def _error(entry: Mapping[str, Any]) -> str:
    version = entry.get("VersionId")
    return (
        f"<Error><Key>{escape(entry.get('Key', ''))}</Key>"
        f"{f'<VersionId>{escape(version)}</VersionId>' if version else ''}"
        f"<Code>AccessDenied</Code><Message>{escape(entry['Message'])}</Message></Error>"
    )
