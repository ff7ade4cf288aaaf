"""Outages of the endpoint."""

import itertools

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError

from darkroom.watch.outage import CALM_SECONDS, LONGEST_SECONDS, Outage, is_transient

AWAY = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")


def client_error(code: str) -> ClientError:
    """Return an error response of AWS."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


def wrapped(error: Exception) -> Exception:
    """Return the error that boto3 raises for an error of an upload."""
    try:
        try:
            raise error
        except ClientError:
            raise S3UploadFailedError("Failed to upload")  # noqa: B904 (as boto3 does)
    except S3UploadFailedError as raised:
        return raised


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AWAY, True),
        (client_error("NoSuchBucket"), True),
        (wrapped(client_error("503")), True),
        (client_error("AccessDenied"), False),
        (wrapped(client_error("AccessDenied")), False),
        (OSError(), False),
    ],
)
def test_transient_errors(error: Exception, *, expected: bool) -> None:
    """Network errors and those of missing stacks are transient, also when boto3 wraps them."""
    assert is_transient(error) == expected


def test_an_outage_is_reported_once() -> None:
    """The endpoint is probed at growing intervals; the end is reported, and an outage that follows
    soon is not.
    """
    probes: list[float] = []
    reports: list[str] = []
    now, end = 0.0, 100.0

    def probe() -> None:
        probes.append(now)
        if now < end:
            raise AWAY

    outage = Outage(probe, reports.append)
    assert outage.is_over(now)
    outage.begin(AWAY, now)
    outage.begin(AWAY, now)
    while not outage.is_over(now):
        now += 0.125
    assert [line[:12] for line in reports] == ["The endpoint"] * 2
    assert "127.0.0.1:4566" in reports[0]
    pauses = [after - before for before, after in itertools.pairwise(probes)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(LONGEST_SECONDS, abs=0.2)
    outage.begin(AWAY, now + 1)
    assert outage.is_over(now + 1 + LONGEST_SECONDS)
    assert len(reports) == 2
    outage.begin(AWAY, now + 2 * (CALM_SECONDS + LONGEST_SECONDS))
    assert len(reports) == 3
