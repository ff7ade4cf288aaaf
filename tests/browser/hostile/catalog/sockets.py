"""WebSockets, event streams, beacons."""

import json

from tests.browser.hostile.attack import Aim, Attack, Script
from tests.browser.hostile.effects import noticed, queue_exists
from tests.browser.hostile.origins import EVERYWHERE, SOME

from . import operations

PATHS = ("/", "/_localstack/health", "/_aws/lambda/init", "/2015-03-31/functions/")


def sockets(host: str) -> Script:
    """Return a script that opens WebSockets to several paths of a host."""

    def script(aim: Aim) -> str:
        name = aim.base.removeprefix("http://") if not host else f"{host}:{aim.stage.port}"
        urls = [f"ws://{name}{path}" for path in PATHS]
        return f"""
        for (const url of {json.dumps(urls)}) {{
          const socket = new WebSocket(url);
          await within(new Promise((resolve) => {{
            socket.onopen = async () => {{ await loot("a WebSocket opened: " + url); resolve(); }};
            socket.onmessage = async ({{data}}) => {{ await loot("a message came: " + data); }};
            socket.onerror = socket.onclose = resolve;
          }}));
          socket.close();
        }}
        """

    return script


def events(aim: Aim) -> str:
    """Return a script that reads an event stream."""
    return f"""
    const source = new EventSource({json.dumps(aim.base + "/_localstack/health")});
    await within(new Promise((resolve) => {{
      source.onopen = async () => {{ await loot("an event stream opened"); resolve(); }};
      source.onmessage = async ({{data}}) => {{ await loot("a message came: " + data); }};
      source.onerror = resolve;
    }}));
    source.close();
    """


def beacon(aim: Aim) -> str:
    """Return a script that sends a beacon of the query protocol, and waits for its arrival."""
    body = json.dumps(operations.create_queue(aim))
    return f"""
    const url = {json.dumps(aim.base + "/")};
    navigator.sendBeacon(url, new URLSearchParams({body}));
    await take(url + "favicon.ico", {{mode: "no-cors"}});
    """


ATTACKS = (
    Attack(
        "WebSocket to localhost", "new WebSocket to several paths",
        sockets(""), noticed("a WebSocket"), EVERYWHERE,
    ),
    Attack(
        "WebSocket to 127.0.0.1", "new WebSocket to several paths",
        sockets("127.0.0.1"), noticed("a WebSocket"),
    ),
    Attack("EventSource", "new EventSource", events, noticed("an event"), SOME),
    Attack(
        "sendBeacon CreateQueue", "navigator.sendBeacon, urlencoded", beacon, queue_exists, SOME,
    ),
)  # fmt: skip
