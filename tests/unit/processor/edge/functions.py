"""CloudFront functions in Node.js: one run for each of many requests.

The modules of the runtime are Node.js's ``crypto``, and a key value store of the test's values. The
tests of the deployed pipeline run the same code in the emulator, with its checks of the syntax.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from localstack_init.definitions import edge_function
from tests import node

SIGNING_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"

_STORE = """const __values = %s;
const cf = { kvs: () => ({ get: async (name) => {
  if (!(name in __values)) throw new Error("KeyNotFound");
  return __values[name];
} }) };
"""
_BODY = """
  const results = [];
  for (const [uri, headers] of given) {
    const querystring = { x: { value: "1" } };
    const request = { method: "GET", uri, headers, querystring, cookies: {} };
    results.push(await handler({ request }));
  }
  return results;
"""


def variants_code(parameter: str = "signed") -> str:
    """Return the code of the function of variants, as the template inserts values."""
    found: Any = edge_function()
    code, values = found["Fn::Sub"]
    for name, value in {**values, "Variants": parameter}.items():
        code = code.replace(f"${{{name}}}", value)
    return str(code)


def results(
    code: str, store: Mapping[str, str], uris: Iterable[str], accept: str = ""
) -> list[dict[str, Any]]:
    """Return what the function returns for the paths: requests, or responses."""
    headers = {"accept": {"value": accept}} if accept else {}
    code = code.replace("import cf from 'cloudfront';", _STORE % json.dumps(dict(store)))
    requests = [[uri, headers] for uri in uris]
    return list(node.run(_BODY, requests, imports=code))
