"""The workflow function's entry point in these tests: the real one, which fails where it is told.

It runs in Lambda. Objects in the site's bucket are the faults: their keys say of which picture and
step, and how it fails; each is used once.
"""

import hashlib
import os
import time
from typing import Any

from processor.handlers import workflow
from processor.workflow.previews import preview_key


def handler(event: dict[str, Any], context: Any) -> Any:
    """Fail before the step is done, after it, or not at all."""
    key = hashlib.sha256(event["state"]["key"].encode()).hexdigest()
    step = f"faults/{key}-{event['step']}{event.get('rendition', '')}"
    _meet(f"{step}-before-", event, context)
    answer = workflow.handler(event, context)
    _meet(f"{step}-after-", event, context)
    return answer


def _meet(beginning: str, event: dict[str, Any], context: Any) -> None:
    """Use up one fault, if there is one."""
    bucket = workflow.settings.site_bucket
    answer = workflow.s3.list_objects_v2(Bucket=bucket, Prefix=beginning, MaxKeys=1)
    for fault in answer.get("Contents", []):
        workflow.s3.delete_object(Bucket=bucket, Key=fault["Key"])
        how = fault["Key"].removeprefix(beginning).rstrip("0123456789")
        if how == "crash":
            os._exit(1)
        if how == "hang":
            # Nearly as long as it may: a test stops the execution meanwhile.
            time.sleep(max(0, context.get_remaining_time_in_millis() / 1000 - 1))
        if how in {"error", "hang"}:
            raise ConnectionError("as arranged")
        copy = preview_key(event["execution"])
        workflow.s3.put_object(
            Bucket=workflow.settings.processed_bucket, Key=copy, Body=b"no picture"
        )
