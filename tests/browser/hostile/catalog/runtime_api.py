"""The Lambda Runtime API: HTTP servers for functions, on ephemeral loopback ports.

All functions are attacked, those of the pipeline as well: what needs it comes before.
"""

import json

from tests.browser.hostile.attack import Aim, Attack, Script
from tests.browser.hostile.effects import function_disturbed
from tests.browser.hostile.origins import FOREIGN, OTHER_PORT, PUBLIC_ADDRESS

VERSION = "/2018-06-01/runtime"

FROM = (FOREIGN, OTHER_PORT, PUBLIC_ADDRESS)

_processes: dict[str, int] = {}
"""The function's process before each attack, by the attack's mark."""


def remember(aim: Aim) -> None:
    """Note which process runs the function."""
    _processes[aim.mark] = aim.stage.process()


def everywhere(path: str, method: str, host: str = "127.0.0.1") -> Script:
    """Return a maker of scripts that send a request to all ports, and one that is answered."""

    def script(aim: Aim) -> str:
        options = {"method": method, "mode": "no-cors", "body": "{}" if method == "POST" else None}
        return f"""
        const requests = {json.dumps(aim.stage.runtime_ports())}.map(async (port) => {{
          const request = fetch(`http://{host}:${{port}}{path}`, {json.dumps(options)});
          request.catch(() => 0);
          {"await request;" if method == "POST" else ""}
          await fetch(`http://{host}:${{port}}/`, {{mode: "no-cors"}});
        }});
        await Promise.allSettled(requests);
        """

    return script


def _attack(name: str, tries: str, script: Script) -> Attack:
    return Attack(
        name, tries, script, function_disturbed(_processes), FROM,
        prepare=remember, needs_runtime=True,
    )  # fmt: skip


ATTACKS = (
    _attack(
        "Runtime API: next", "GET invocation/next, to take the function's events",
        everywhere(f"{VERSION}/invocation/next", "GET"),
    ),
    _attack(
        "Runtime API: init error", "POST init/error, to have the function's process ended",
        everywhere(f"{VERSION}/init/error", "POST"),
    ),
    _attack(
        "Runtime API: response", "POST invocation/x/response, to answer in the function's place",
        everywhere(f"{VERSION}/invocation/x/response", "POST"),
    ),
)  # fmt: skip
