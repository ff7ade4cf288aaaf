"""The writer of functions' log events."""

from collections.abc import Sequence

import boto3
import pytest
from botocore.stub import Stubber

from localstack_native.logs.function_logs import write

PLACE = {"logGroupName": "group", "logStreamName": "stream"}
MISSING, EXISTS = "ResourceNotFoundException", "ResourceAlreadyExistsException"
PUT, STREAM, GROUP = "put_log_events", "create_log_stream", "create_log_group"


@pytest.mark.parametrize(
    "calls",
    [
        [(PUT, None)],
        [(PUT, MISSING), (STREAM, None), (PUT, None)],
        [(PUT, MISSING), (STREAM, MISSING), (GROUP, None), (STREAM, None), (PUT, None)],
        [(PUT, MISSING), (STREAM, MISSING), (GROUP, EXISTS), (STREAM, None), (PUT, None)],
    ],
)
def test_only_what_is_missing_is_created(calls: Sequence[tuple[str, str | None]]) -> None:
    """The stream is created if it is missing, and the group only if it is missing as well, or just
    created by another writer.
    """
    client = boto3.client("logs", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    events = [{"timestamp": 1, "message": f"{line}\n"} for line in ("one", "two")]
    parameters = {
        PUT: {**PLACE, "logEvents": events},
        STREAM: PLACE,
        GROUP: {"logGroupName": "group"},
    }
    with Stubber(client) as stubber:
        for name, error in calls:
            if error:
                stubber.add_client_error(name, error, expected_params=parameters[name])
            else:
                stubber.add_response(name, {}, parameters[name])
        write(client, "group", "stream", "one\n\ntwo\n", 1)
        stubber.assert_no_pending_responses()
