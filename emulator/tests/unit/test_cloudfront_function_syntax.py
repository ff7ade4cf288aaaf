"""Syntax of CloudFront Functions: what the runtime 2.0 supports, and what is refused.

AWS's list is the source. njs 0.7.9 (Debian), which shares most of its limits, refuses the same of
these, except for what the page omits: ``??``, shorthand properties, methods and computed names.
"""

import pytest

from localstack_native.cloudfront.functions.runtime import compiled
from localstack_native.cloudfront.functions.syntax import UnsupportedSyntaxError, check

SUPPORTED = [
    "const a = 1, b = 1_000; let c = 0xff; var d = 'ü\\u0061\\n', e = .5e3;",
    "var f = (a, b) => a + b, g = a => { return a ** 2; };",
    "function f(a, ...rest) { return rest.length + arguments.length; }",
    "async function f() { const a = await g(); return (await a) + [await a] + `${await a}`; }",
    "var s = `a ${`b ${1}`}\nc`;",
    "label: for (var i = 0; i < 2; i++) { if (i) { continue label; } else { break label; } }",
    "for (let name in {}) {} while (false) {} do {} while (false);",
    "switch (1) { case 1: break; default: }",
    "try { throw new Error('x'); } catch (error) {} finally {}",
    "var o = { a: 1, 'b': 2, 3: 3, if: 4, get c() { return 1; }, set c(v) {} }; delete o['a'];",
    "var r = /a(?<name>b)/gim, v = void 0, t = typeof fetch, n = null, u = undefined, c = (1, 2);",
    "var q = require('querystring'), c = require('crypto'), b = require('buffer');",
    "function fetch(url) { return url; } fetch('a');",
    "var o = {}; o.eval = 1; o.process = o.setTimeout;",
    "(function () { return this; })(); new Date(); // comment",
    "var a = b ? 1 : 2, b = !a && ~a || a in {} , d = a instanceof Date; a += 1; a >>>= 1;",
    "import crypto from 'crypto';\nimport cf from 'cloudfront';\nimport b from \"buffer\";",
]
REFUSED = {
    "class A {}": "classes",
    "var A = class {};": "classes",
    "var { a } = {};": "destructuring",
    "const [a] = [1];": "destructuring",
    "function f({ a }) {}": "destructuring",
    "try {} catch ({ message }) {}": "destructuring",
    "var a; ({ a } = {});": "destructuring",
    "function f(a = 1) {}": "default values of parameters",
    "var f = (a = 1) => a;": "default values of parameters",
    "var a = {}?.b;": "optional chaining",
    "var a = {}?.['b'];": "optional chaining",
    "var a = null ?? 1;": "?? is not supported",
    "var a; a ??= 1;": "??= is not supported",
    "var a; a ||= 1;": "||= is not supported",
    "for (var x of [1]) {}": "for…of",
    "async function f() { for await (var x of []) {} }": "for…of",
    "f(...[1]);": "spread",
    "var a = [...b];": "spread",
    "var a = { ...b };": "spread",
    "function* f() { yield 1; }": "generators",
    "var f = function* () {};": "generators",
    "var a = 1n;": "BigInt",
    "var a = 0x1n;": "BigInt",
    "var a = 0b1;": "binary and octal",
    "var a = 0o7;": "binary and octal",
    "var a = 1; var o = { a };": "shorthand properties",
    "var o = { f() {} };": "methods in the form",
    "var o = { async f() {} };": "methods in the form",
    "var o = { ['a' + 1]: 1 };": "computed property names",
    "String.raw`a`;": "tagged templates",
    "var r = /a/u;": "flags",
    "var r = /a/s;": "flags",
    "var s = '\\u{61}';": "escapes",
    "with (a) {}": "with is not supported",
    "debugger;": "debugger is not supported",
    "function F() { return new.target; }": "new.target",
    "try {} catch {}": "catch needs a parameter",
    "var f = async () => 1;": "function declarations only",
    "var f = async function () {};": "function declarations only",
    "async function f() { return g(await g()); }": "await in an argument",
    "await g();": "await is outside",
    "function f() { await g(); }": "await",
    "return 1;": "return is outside",
    "import { createHash } from 'crypto';": "import needs the form",
    "import * as crypto from 'crypto';": "import needs the form",
    "import fs from 'fs';": "import needs the form",
    "import('crypto');": "dynamic import",
    "export default 1;": "export is not supported",
    "var fs = require('fs');": "require needs",
    "var fs = require('f' + 's');": "require needs",
    "var cf = require('cloudfront');": "require needs",
    "eval('1');": "no dynamic code",
    "new Function('return 1');": "no dynamic code",
    "var e = eval; e('1');": "no dynamic code",
    "setTimeout(function () {}, 1);": "no timers",
    "fetch('https://example.com');": "no network access",
    "new XMLHttpRequest();": "no network access",
    "process.env.HOME;": "no access to the process",
    "var a = ;": "syntax error",
    "function f( {": "syntax error",
    "<!-- comment": "",
}


@pytest.mark.parametrize("code", SUPPORTED)
def test_what_the_runtime_supports_compiles(code: str) -> None:
    """ECMAScript 5.1 and the features that AWS's page lists are accepted by check and engine."""
    assert compiled(code.encode())


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_runtime_lacks_is_refused(code: str) -> None:
    """Other syntax is refused with the line and its name."""
    with pytest.raises(UnsupportedSyntaxError, match=r"^line 2: ") as caught:
        check(b"var before;\n" + code.encode())
    assert REFUSED[code] in str(caught.value)


@pytest.mark.parametrize(
    "code", ["let a; let a;", "break;", "var a = 010;", "delete a;", "function f(a, a) {}"]
)
def test_the_engine_refuses_other_faults(code: str) -> None:
    """Names that are declared twice, misplaced statements and sloppy code are refused."""
    with pytest.raises(ValueError, match="SyntaxError"):
        compiled(code.encode())


def test_code_does_not_run_when_it_is_checked() -> None:
    """Code that would never end is checked without running."""
    assert compiled(b"for (;;) {} function handler() {}")


def test_deeply_nested_code_is_checked() -> None:
    """Nesting does not exhaust Python's stack: the engine's limit refuses it."""
    with pytest.raises(ValueError, match=r"Error"):
        compiled(b"(" * 5000 + b"1" + b")" * 5000)


def test_imports_keep_the_lines() -> None:
    """An import becomes a constant, and later lines keep their numbers."""
    code = compiled(b"import cf\n from 'cloudfront';\nvar a = 1;")
    assert code == "const cf = __import('cloudfront');\n\nvar a = 1;"
