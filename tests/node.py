"""Node.js, which runs the JavaScript of the documentation and of the URL builder in tests."""

import json
import shutil
import subprocess
from typing import Any

PROGRAM = """
import {{ webcrypto }} from "node:crypto";
import {{ readFileSync }} from "node:fs";
globalThis.crypto ??= webcrypto; // Node.js 18 has none.
const given = JSON.parse(readFileSync(0, "utf8"));
const run = async (given) => {{ {body} }};
process.stdout.write(JSON.stringify(await run(given) ?? null));
"""


def run(body: str, given: Any = None, *, imports: str = "") -> Any:
    """Return what the body of an async function returns for ``given``; both are JSON.

    Raises ``AssertionError`` with what Node.js prints when it fails.
    """
    node = shutil.which("node")
    assert node, "This test needs Node.js 18 or later. Install it (Debian: apt-get install nodejs)."
    script = imports + PROGRAM.format(body=body)
    done = subprocess.run(
        [node, "--input-type=module", "--eval", script],
        input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
