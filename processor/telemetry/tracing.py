"""AWS X-Ray segments, sent over UDP to the daemon that Lambda runs beside the function.

Imported only if the parameter ``Tracing`` is on. Not aws-xray-sdk, which is in maintenance and
patches every client (its successor, OpenTelemetry's distribution, takes a second to start): one
document for each attempt is enough.
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from processor.telemetry.timings import Span

HEADER = b'{"format":"json","version":1}\n'

MOST_BYTES = 64_000
"""Size limit of a segment document, which also fits into a datagram."""

UNNAMEABLE = re.compile(r"[^\w\s.:/%&#=+\\\-@]")
"""Characters that a segment's name may not have."""


class Tracer:
    """Sends the segments of sampled invocations."""

    def __init__(self, daemon: str) -> None:
        """``daemon`` is ``host:port``, or ``tcp:host:port udp:host:port``."""
        udp = next((each[4:] for each in daemon.split() if each.startswith("udp:")), daemon)
        host, _, port = udp.rpartition(":")
        self._address = (host.strip("[]"), int(port))

    def send(
        self,
        trace: str,
        name: str,
        started: float,
        spans: Sequence[Span],
        *,
        error: bool,
        annotations: Mapping[str, str],
    ) -> None:
        """Send the segment of one attempt; errors of the network are ignored.

        ``trace`` is Lambda's ``_X_AMZN_TRACE_ID`` of the invocation, ``started`` is in seconds
        since 1970.
        """
        parts = dict(each.partition("=")[::2] for each in trace.split(";"))
        if parts.get("Sampled") != "1" or not {"Root", "Parent"} <= parts.keys():
            return
        stages = _nested(spans, started)
        document = {
            "name": _named(name),
            "id": secrets.token_hex(8),
            "trace_id": parts["Root"],
            "parent_id": parts["Parent"],
            "type": "subsegment",
            "start_time": started,
            "end_time": max((each["end_time"] for each in stages), default=started),
            "fault": error,
            "annotations": dict(annotations),
            "subsegments": stages,
        }
        data = msgspec.json.encode(document)
        if len(data) > MOST_BYTES:
            for stage in stages:
                del stage["subsegments"]
            data = msgspec.json.encode(document)
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sender:
                sender.settimeout(0)  # never wait
                sender.sendto(HEADER + data, self._address)
        except OSError:
            # No daemon listens, or the datagram is too large: a trace may get lost.
            return


def _nested(spans: Sequence[Span], started: float) -> list[dict[str, Any]]:
    """Return a subsegment for each stage, with its parts below it."""
    stages = {span.name: _segment(span, started) for span in spans if not span.within}
    for span in spans:
        if span.within in stages:
            stages[span.within]["subsegments"].append(_segment(span, started))
    return list(stages.values())


def _segment(span: Span, started: float) -> dict[str, Any]:
    return {
        "name": _named(span.name),
        "id": secrets.token_hex(8),
        "start_time": started + span.start / 1000,
        "end_time": started + span.end / 1000,
        "subsegments": [],
    }


def _named(name: str) -> str:
    return UNNAMEABLE.sub("_", name)[:200]
