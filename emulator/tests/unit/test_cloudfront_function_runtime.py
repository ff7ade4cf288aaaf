"""Runs of CloudFront Functions: modules, globals, key value stores and limits."""

import base64
import hashlib
import hmac
import threading
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localstack_native.cloudfront.functions import runtime
from localstack_native.cloudfront.functions.models import KeyValues
from localstack_native.cloudfront.functions.runtime import FunctionError, Run, compiled, run

STORE = KeyValues(
    "store-1", {"a": "1", "list": "[1, 2]", "ü": "é"}, {"keyCount": 3, "creationDateTime": "x"}
)
HEAD = "import crypto from 'crypto';\nimport qs from 'querystring';\nimport cf from 'cloudfront';\n"


def ran(code: str, event: Any = None, store: KeyValues | None = STORE) -> Run:
    """Run a handler."""
    return run(compiled((HEAD + code).encode()), event or {}, store)


def value(expression: str, event: Any = None) -> Any:
    """Return the value of an expression in a handler."""
    return ran(f"async function handler(event) {{ return {expression}; }}", event).result


def failure(code: str) -> FunctionError:
    """Return the error of a run."""
    with pytest.raises(FunctionError) as caught:
        ran(code)
    return caught.value


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=100))
def test_digests(text: str, key: str) -> None:
    """Hashes and HMACs are those of Python, for any text and in each encoding."""
    data = text.encode("utf-8", "replace")
    name = ["md5", "sha1", "sha256"][len(text) % 3]
    digests = value(
        f"[crypto.createHash('{name}').update(event.text).digest('hex'),"
        f" crypto.createHmac('{name}', event.key).update(event.text).digest('base64'),"
        f" crypto.createHmac('{name}', event.key).update(event.text).digest('base64url'),"
        f" crypto.createHash('{name}').update(event.text).digest().toString('hex')]",
        {"text": text, "key": key},
    )
    plain = hashlib.new(name, data).hexdigest()
    keyed = hmac.digest(key.encode("utf-8", "replace"), data, name)
    assert digests == [
        plain,
        base64.b64encode(keyed).decode(),
        base64.urlsafe_b64encode(keyed).decode().rstrip("="),
        plain,
    ]


@pytest.mark.parametrize("size", [0, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_digests_of_each_length_of_the_last_block(size: int) -> None:
    """Padding is right at the limits of a block, and for keys longer than one."""
    found = value(
        "['md5', 'sha1', 'sha256'].map(function (name) { return "
        "[crypto.createHash(name).update(Buffer.alloc(event.size, 97)).digest('hex'),"
        " crypto.createHmac(name, 'k'.repeat(event.size + 1)).update('a').digest('hex')] })",
        {"size": size},
    )
    data, key = b"a" * size, b"k" * (size + 1)
    assert found == [
        [hashlib.new(name, data).hexdigest(), hmac.digest(key, b"a", name).hex()]
        for name in ("md5", "sha1", "sha256")
    ]


def test_parts_of_a_message() -> None:
    """A digest is of all parts, and can be taken once."""
    parts = "crypto.createHash('sha256').update('a').update(Buffer.from('b')).digest('hex')"
    assert value(parts) == hashlib.sha256(b"ab").hexdigest()
    used = "var h = crypto.createHash('md5'); h.digest('hex'); h.digest('hex');"
    assert "Digest already called" in str(failure(f"function handler() {{ {used} }}"))
    unknown = "function handler() { crypto.createHash('sha512'); }"
    assert 'not supported algorithm: "sha512"' in str(failure(unknown))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.text(max_size=40))
def test_buffers(data: bytes, text: str) -> None:
    """Bytes and text are converted as by Python in each encoding."""
    found = value(
        "[Buffer.from(event.data, 'base64').toString('hex'),"
        " Buffer.from(event.hex, 'hex').toString('base64url'),"
        " Buffer.from(event.data, 'base64').toString(), Buffer.from(event.text).toString('hex'),"
        " Buffer.byteLength(event.text),"
        " new TextDecoder().decode(new TextEncoder().encode(event.text)),"
        " btoa(atob(event.data))]",
        {"data": base64.b64encode(data).decode(), "hex": data.hex(), "text": text},
    )
    plain = text.encode("utf-8", "replace")
    assert found == [
        data.hex(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        data.decode("utf-8", "replace"),
        plain.hex(),
        len(plain),
        text.removeprefix("\ufeff"),
        base64.b64encode(data).decode(),
    ]


def test_reads_and_writes_of_buffers() -> None:
    """Numbers are read and written in both byte orders; text is searched, filled and compared."""
    assert value(
        """(function () {
        var b = Buffer.alloc(16);
        b.writeUInt32BE(4000000000, 0); b.writeInt16LE(-2, 4); b.writeDoubleBE(1.5, 8);
        b.writeUIntLE(0x0102030405, 0, 5);
        return [b.readUIntLE(0, 5), b.readIntBE(0, 3), b.readInt8(5), b.readDoubleBE(8),
          b.slice(0, 5).toString('hex'), Buffer.from('abcabc').indexOf('ca'),
          Buffer.from('abcabc').lastIndexOf('a'), Buffer.from('abc').includes('d'),
          Buffer.concat([Buffer.from('a'), Buffer.from('bc')]).toString(),
          Buffer.alloc(3, 'xy').toString(), Buffer.compare(Buffer.from('a'), Buffer.from('b')),
          Buffer.from('a').equals(Buffer.from('a')), JSON.stringify(Buffer.from('a')),
          Buffer.from([1, 2, 3, 4]).swap16().toString('hex'), Buffer.isBuffer(b.subarray(1)),
          Buffer.from('ab').toString('utf8', 1), b.write('é', 15)];
        })()"""
    ) == [
        0x0102030405, 0x050403, -1, 1.5, "0504030201", 2, 3, False, "abc", "xyx", -1, True,
        '{"type":"Buffer","data":[97]}', "02010403", True, "b", 1,
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_query_strings(text: str) -> None:
    """Query strings are percent-encoded as UTF-8, and parsed back."""
    found = value("[qs.stringify({k: event}), qs.parse(qs.stringify({k: event})).k]", text or "x")
    assert found == [f"k={quote(text or 'x', safe="-_.!~*'()")}", text or "x"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Buffer.from('YW Jj', 'base64').toString()", "a"),
        ("Buffer.from('-_-_', 'base64url').toString('hex')", "fbffbf"),
        ("Buffer.from('abc', 'hex').toString('hex')", "ab"),
        ("Buffer.from([1, 256, -1]).toString('hex')", "0100ff"),
        ("Buffer.alloc(3, 'YQ==', 'base64').toString()", "aaa"),
        ("Buffer.from('abcabc').indexOf('bc', -2)", 4),
        ("Buffer.byteLength('YWI=', 'base64')", 2),
        ("qs.parse('a=1', null, null, {decodeURIComponent: function (x) { return x + '!'; }})",
         {"a!": "1!"}),
        ("qs.parse('a:1;b:2', ';', ':')", {"a": "1", "b": "2"}),
        ("qs.parse('a=1&b=2&c=3', '&', '=', {maxKeys: 2})", {"a": "1", "b": "2"}),
        ("qs.parse('=b&&a=1=2&c=%ff')", {"": "b", "a": "1=2", "c": "\ufffd"}),
        ("qs.stringify({a: null, b: undefined, c: {}, d: NaN, e: []})", "a=&b=&c=&d="),
        ("qs.unescape('%C3%BC+%20')", "ü  "),
        ("btoa(atob('YWJj '))", "YWJj"),
        ("new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x41]))", "A"),
    ],
)  # fmt: skip
def test_what_the_modules_do_in_njs(expression: str, expected: Any) -> None:
    """Where AWS's page is silent, modules do what those of njs 0.7.9 do."""
    assert value(expression) == expected


def test_query_strings_with_several_values() -> None:
    """A name with several values has a list; + is a space; broken escapes stay as they are."""
    assert value("qs.parse('a=1&b=x+y&a=2&c&d=%zz%20')") == {
        "a": ["1", "2"],
        "b": "x y",
        "c": "",
        "d": "%zz ",
    }
    assert value("qs.stringify({a: [1, 'x'], b: true})") == "a=1&a=x&b=true"


def test_key_value_stores() -> None:
    """A function reads values in each format, at once and one after the other."""
    code = """const store = cf.kvs();
    async function handler() {
      const first = await store.get('a');
      const list = await store.get('list', { format: 'json' });
      const bytes = await store.get('ü', { format: 'bytes' });
      const both = await Promise.all([store.exists('a'), store.exists('b')]);
      const meta = await cf.kvs('store-1').meta();
      var missing;
      try { await store.get('b'); } catch (error) { missing = `${error}`; }
      return [first, list, bytes.toString('hex'), both, meta.keyCount, missing];
    }"""
    assert ran(code).result == ["1", [1, 2], "c3a9", [True, False], 3, "KeyNotFound"]


@pytest.mark.parametrize(("id_", "store"), [("''", None), ("'other'", STORE)])
def test_a_function_without_the_store(id_: str, store: KeyValues | None) -> None:
    """``cf.kvs`` fails without an associated store, and for another identifier."""
    code = f"cf.kvs({id_}); function handler() {{}}"
    with pytest.raises(FunctionError, match="KVSNamespaceNotFound"):
        ran(code, store=store)


def test_large_numbers_and_odd_text_cross_unchanged() -> None:
    """Integers beyond 31 bits, line separators and lone surrogates are not changed."""
    event = {"n": 2**40 + 1, "m": -(2**31) - 1, "s": "\u2028\ud800\x00'\"\\"}
    assert value("{n: event.n + 1, m: event.m, s: event.s}", event) == {**event, "n": 2**40 + 2}


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("for (;;) {}", "FunctionThrottledError", "limit of"),
        ("/(a+)+$/.test('a'.repeat(40) + 'b');", "FunctionThrottledError", "limit of"),
        ("for (;;) { await null; }", "FunctionThrottledError", "limit of"),
        ("var a = []; for (;;) a.push(`x${a.length}`);", "FunctionExecutionError", "memory"),
        ("'x'.repeat(1e9);", "FunctionExecutionError", "Error"),
        ("(function f() { f(); })();", "FunctionExecutionError", "call stack"),
        ("var o = {}; o.o = o; return o;", "FunctionExecutionError", "circular"),
        ("throw new TypeError('no');", "FunctionExecutionError", "TypeError: no"),
        ("throw { toString: function () { throw 1; } };", "FunctionExecutionError", "no text"),
        ("await new Promise(function () {});", "FunctionExecutionError", "did not complete"),
        ("undeclared = 1;", "FunctionExecutionError", "not defined"),
        ("(function () {}).constructor('return 1')();", "FunctionExecutionError", "not allowed"),
        ("return handler.constructor('return 1')();", "FunctionExecutionError", "not allowed"),
    ],
)  # fmt: skip
def test_a_run_is_bounded(code: str, kind: str, reason: str) -> None:
    """Loops, patterns, promises, memory and recursion are stopped; errors have their text."""
    error = failure(f"async function handler() {{ console.log('here'); {code} }}")
    assert error.kind == kind
    assert reason in str(error)
    assert error.logs in (["here"], [])


def test_a_loop_outside_of_the_handler_is_stopped() -> None:
    """The limit holds for the code around the handler."""
    assert failure("for (;;) {} function handler() {}").kind == "FunctionThrottledError"


def test_a_function_without_handler() -> None:
    """Code that defines no handler fails when it runs."""
    assert "handler is not defined" in str(failure("var handle = 1;"))


def test_other_threads_run_meanwhile() -> None:
    """A function that loops blocks neither Python nor a function in another thread."""
    ended: list[float] = []

    def run_a_loop() -> None:
        failure("function handler() { for (;;) {} }")
        ended.append(time.time())

    loop = threading.Thread(target=run_a_loop)
    loop.start()
    for number in range(5):
        assert value("event.n", {"n": number}) == number
    quick = time.time()
    loop.join()
    assert ended[0] > quick


def test_runs_share_nothing() -> None:
    """Globals of a run do not exist in the next."""
    code = "var n = 0; function handler() { n++; Array.prototype.x = (Array.prototype.x || 0) + 1; "
    code += "return [n, [].x]; }"
    assert [ran(code).result, ran(code).result] == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    "name",
    [
        "Map", "Set", "WeakMap", "Proxy", "Reflect", "BigInt", "Intl", "performance", "navigator",
        "queueMicrotask", "structuredClone", "escape", "[].flat", "[].at", "'a'.at", "[].toSorted",
        "Object.fromEntries", "Object.groupBy", "Array.from", "'a'.normalize", "JSON.rawJSON",
        "Promise.withResolvers", "new Uint8Array(1).toHex", "console.error", "crypto.subtle",
        "crypto.randomUUID", "__start", "__host", "globalThis.print",
    ],
)  # fmt: skip
def test_what_the_runtime_lacks(name: str) -> None:
    """Globals and methods that AWS's page does not list do not exist."""
    assert value(f"typeof {name}") == "undefined"


def test_what_the_runtime_has() -> None:
    """Listed globals and methods exist."""
    names = (
        "[].includes [].find Object.entries Object.assign 'a'.padStart 'a'.replaceAll 'a'.trimEnd "
        "Promise.any Promise.allSettled Math.trunc Number.isSafeInteger Symbol.for atob btoa "
        "TextEncoder TextDecoder Buffer.from Uint8Array DataView ArrayBuffer.isView Array.of "
        "String.fromCodePoint encodeURIComponent"
    )
    found = value(f"[{', '.join(f'typeof {name}' for name in names.split())}]")
    assert set(found) == {"function"}


def test_the_time_stands_still() -> None:
    """All dates without arguments of a run are the same, and are the current time.

    That of the event, and not of the context, which was prepared before it.
    """
    value("1")
    before = int(time.time() * 1000)
    first, later, year, kind = value(
        "(function () { var a = Date.now(); for (var i = 0; i < 50000; i++) {}"
        " return [a, new Date().getTime(), new Date(2020, 1).getFullYear(), new Date() instanceof"
        " Date]; })()"
    )
    assert first == later >= before
    assert (year, kind) == (2020, True)


def test_logs_are_bounded() -> None:
    """Logs have values as text, and at most 10,000 characters."""
    code = "console.log('a', {b: [1, 'x']}, null);"
    code += " for (var i = 0; i < 2000; i++) console.log('0123456789');"
    logs = ran(f"function handler() {{ {code} }}").logs
    assert logs[0] == "a {b:[1,'x']} null"
    assert sum(map(len, logs)) == 10_000


def test_origins() -> None:
    """The last origin that a function sets is returned with the result."""
    code = "function handler() { cf.updateRequestOrigin({domainName: 'a'}); "
    assert ran(code + "return 1; }").origin == {"id": None, "changes": {"domainName": "a"}}
    code += "cf.selectRequestOriginById('b'); return 1; }"
    assert ran(code).origin == {"id": "b", "changes": {}}


def test_strict_mode() -> None:
    """Functions are strict without saying so."""
    assert value("(function () { return typeof this; })()") == "undefined"


def test_a_run_reads_nothing_of_the_emulator() -> None:
    """The engine has no module loader, no files and no environment."""
    with pytest.raises(ValueError, match="dynamic import"):
        compiled(b"function handler() { return import('os'); }")
    assert value("Object.keys(globalThis)") == []


def test_the_limit_is_of_processor_time() -> None:
    """The limit is far above AWS's, so that slow machines do not fail functions."""
    assert runtime.SECONDS >= 0.5
    assert ran("function handler() { for (var i = 0; i < 100000; i++) {} }").utilization >= 1
