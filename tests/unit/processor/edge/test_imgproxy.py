"""The edge function of imgproxy URLs: signatures, options, sources, and the stored objects."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from darkroom.clients.darkroom_url import VariantUrls
from localstack_init.edge_code import MOST_FUNCTION_BYTES, compact, imgproxy_function

from .functions import SIGNING_KEY, results, variants_code

CLIENTS = Path(__file__).parent / "imgproxy_clients"
SETTINGS = json.loads((CLIENTS / "settings.json").read_text())
CASES = json.loads((CLIENTS / "cases.json").read_text())
STORE = {
    "current": SIGNING_KEY,
    "imgproxy-key": f"00ff,{SETTINGS['key']}",
    "imgproxy-salt": f"ff00,{SETTINGS['salt']}",
    "imgproxy-sources": "local:/// s3://raw-1/ s3://old/ https://images.example.com/",
}
KEYS = {
    "local:///": "", "s3://raw-1/": "", "s3://old/": "",
    "https://images.example.com/photos/a%20b.jpg?x=1": "photos/a b.jpg",
}  # fmt: skip
CHROME = "image/avif,image/webp,*/*;q=0.8"


def urls(client: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the cases of a client, each with a URL."""
    built = json.loads((CLIENTS / f"{client}.json").read_text())
    for case, found in zip(CASES, built, strict=True):
        yield from ((case, url) for url in found)


def key_of(source: str) -> str:
    """Return the key of the original of a source."""
    for prefix, replacement in KEYS.items():
        if source.startswith(prefix):
            return replacement + source.removeprefix(prefix)
    return source


def path(options: str, source: str = "plain/local:///a.jpg") -> str:
    """Return a signed imgproxy path."""
    signed = f"/{options}/{source}" if options else f"/{source}"
    key, salt = (bytes.fromhex(SETTINGS[name]) for name in ("key", "salt"))
    digest = hmac.digest(key, salt + signed.encode(), hashlib.sha256)
    return f"/imgproxy/{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}{signed}"


def imgproxy(*paths: str, accept: str = "", store: dict[str, str] = STORE) -> list[dict[str, Any]]:
    """Return the results of the function."""
    return results(imgproxy_function(), store, paths, accept)


def variants(*pairs: tuple[str, str], accept: str = "") -> list[str]:
    """Return the paths of the objects that URLs below /i/ have, for options and keys."""
    sign, texts = VariantUrls("", SIGNING_KEY)._signature, [f"/{o}/{quote(k)}" for o, k in pairs]
    found = results(variants_code(), STORE, [f"/i/{sign(each)}{each}" for each in texts], accept)
    return [one["uri"] for one in found]


def test_the_size_of_the_code() -> None:
    """The function is within CloudFront's limit for the code of a function."""
    assert len(imgproxy_function().encode()) <= MOST_FUNCTION_BYTES == 10 * 1024


def test_compact() -> None:
    """Only spaces around punctuation are removed, never those in strings and patterns."""
    code = "  // comment\n  const a = b / c + ' + , ';\n\n  return /[!'( )] = /.test( a ) ;\n"
    assert compact(code) == "const a=b/c+' + , ';\nreturn /[!'( )] = /.test(a);"


@pytest.mark.parametrize("accept", ["", "image/webp,*/*", CHROME])
@pytest.mark.parametrize("client", ["node", "python"])
def test_urls_of_clients(client: str, accept: str) -> None:
    """URLs of two clients have the stored objects of the equivalent URLs below /i/."""
    cases = [(case, url) for case, url in urls(client) if "equals" in case]
    assert len(cases) >= 11
    found = imgproxy(*[url for _, url in cases], accept=accept)
    pairs = [(case["equals"], key_of(case["source"])) for case, _ in cases]
    for pair, one, own in zip(pairs, found, variants(*pairs, accept=accept), strict=True):
        assert one["uri"] == own, pair
        assert one["uri"].startswith("/variants/")
        assert one["querystring"] == {}


@pytest.mark.parametrize("client", ["node", "python"])
def test_refused_urls_of_clients(client: str) -> None:
    """An option without equivalent is 422, and the problem document names it."""
    cases = [(case, url) for case, url in urls(client) if "refused" in case]
    assert len(cases) >= 4
    for (case, _), found in zip(cases, imgproxy(*[url for _, url in cases]), strict=True):
        assert found["statusCode"] == 422
        problem = json.loads(found["body"]["data"])
        assert problem["code"] == "unsupported-option"
        assert f"`{case['refused']}`" in problem["detail"]


SAME = [
    ("rs:fill:300:400:1", "w_300,h_400,fit_cover,el_1"),
    ("resize:fill:300:400", "w_300,h_400,fit_cover"),
    ("rs:fit:300", "w_300"),
    ("rs::300:400", "w_300,h_400"),
    ("rs:fill:300:0", "w_300"),
    ("rs:auto:0:400", "h_400"),
    ("s:300:400:t:t:so", "w_300,h_400,fit_contain,g_bottom,el_1"),
    ("size:300:400", "w_300,h_400"),
    ("w:300/h:400/rt:force", "w_300,h_400,fit_fill"),
    (
        "width:300/height:400/resizing_type:fill/gravity:soea",
        "w_300,h_400,fit_cover,g_bottom-right",
    ),
    ("rs:fill:1:2/g:ce:0:0", "w_1,h_2,fit_cover"),
    ("rs:fill:1:2/g:fp:0.33333:1", "w_1,h_2,fit_cover,g_.333x1"),
    ("rs:fit:1:2/g:so", "w_1,h_2"),
    ("w:300/w:200", "w_200"),
    ("w%3A300", "w_300"),
    ("w:300/dpr:0.5", "w_150"),
    ("w:333/dpr:1.3333", "w_444"),
    ("w:1/q:0", "w_1"),
    ("w:1/quality:100", "w_1,q_100"),
    ("w:1/format_quality:jpg:50", "w_1,q_50"),
    ("w:1/q:40/fq:jpg:50", "w_1,q_40"),
    ("w:1/f:gif", "w_1,f_gif"),
    ("w:1/ext:jpeg/q:5", "w_1,f_jpeg,q_5"),
    ("w:1/bg:fff", "w_1,bg_ffffff"),
    ("w:1/background:", "w_1"),
    ("w:1/el:0/ex:f/blur:0/sh:0.0/c:0:0/pd:0/wm:0/z:1:1/mb:0/skp:/raw:false", "w_1"),
    ("w:1/ar:1/sm:true/scp:t/cachebuster:x:y/exp:0", "w_1"),
    ("pr:card-2/q:9", "card-2,q_9"),
    ("", "f_auto"),
]


def test_options() -> None:
    """Each option has the stored object of the options of variants that mean the same."""
    found = imgproxy(*[path(options) for options, _ in SAME])
    same = variants(*[(own, "a.jpg") for _, own in SAME])
    for (options, _), one, own in zip(SAME, found, same, strict=True):
        assert one.get("uri") == own, (options, one)


REFUSED = [
    "blur:3", "sharpen:1", "rotate:90", "pixelate:5", "trim:10", "t:10", "padding:10", "crop:10:0",
    "min-width:10", "min-height:10", "zoom:2", "extend_aspect_ratio:1", "watermark:0.5:ce",
    "max_bytes:1000", "keep_copyright:1", "return_attachment:1", "filename:a.jpg", "raw:1",
    "strip_metadata:0", "auto_rotate:f", "strip_color_profile:0", "hashsum:md5:aa", "page:1",
    "max_src_resolution:5", "brightness:5", "unknown:1", "constructor:1", "__proto__:1", "w:-1",
    "w:a", "q:101", "dpr:0", "dpr:x", "f:jxl", "f:best", "bg:red", "bg:1:2:256", "rt:cover",
    "el:yes", "preset:a:b", "preset:A", "dpr:2", "rs:fit:1:0:0:1", "rs:fill:1:1:0:1",
    "fq:jpg", "exp:soon",
]  # fmt: skip


def test_options_without_equivalent() -> None:
    """Every other option or value is 422 with its name, and renders nothing."""
    found = imgproxy(*[path(options) for options in REFUSED])
    for options, one in zip(REFUSED, found, strict=True):
        assert one.get("statusCode") == 422, (options, one)
        assert options.split(":")[0] in one["body"]["data"] or options.startswith("rs:"), one
    combined = ["pr:a/w:1", "pr:a/dpr:9", "rt:auto/w:1/h:1", "rs:force:1", "rs:fill:1:1/g:obj:face"]
    assert {one.get("statusCode") for one in imgproxy(*map(path, combined))} == {422}


def test_sources() -> None:
    """Plain and base64 sources have the same key; the text after @ or . is the format."""
    text = base64.urlsafe_b64encode("local:///a/ü b.jpg".encode()).rstrip(b"=").decode()
    split = "/".join([text[:5], text[5:9], text[9:]])
    own, png = variants(("w_1", "a/ü b.jpg"), ("w_1,f_png", "a/ü b.jpg"))
    spelled = ["plain/local:///a/%C3%BC%20b.jpg", "plain/local:///a/%C3%BC%20b.jpg@", text, split]
    for one in imgproxy(*[path("w:1", each) for each in spelled]):
        assert one.get("uri") == own
    for one in imgproxy(path("w:1", f"{text}.png"), path("w:1", f"{spelled[0]}@png")):
        assert one.get("uri") == png
    bad = {
        "plain/": 404, "plain/a@b@png": 404, "a.b.c": 404, "a+b": 404, "enc/abc": 422,
        "plain/s3://other/a.jpg": 422, "plain/http://169.254.169.254/": 422,
        "plain/a.jpg@tiff": 422, "plain/%FF": 400, "plain/local:///../a": 404,
        "plain/local:///": 404,
    }  # fmt: skip
    found = imgproxy(*[path("w:1", each) for each in bad])
    assert [one.get("statusCode", one) for one in found] == list(bad.values())


def test_signatures() -> None:
    """A changed byte of the path or the signature is 403; each pair of key and salt is tried."""
    good = path("w:1")
    _, _, signature, *rest = good.split("/")
    wrong = [
        good.replace("w:1", "w:2"),
        good.replace("a.jpg", "b.jpg"),
        f"/imgproxy/{signature[:-1]}/{'/'.join(rest)}",
        f"/imgproxy/insecure/{'/'.join(rest)}",
        f"/imgproxy/-/{'/'.join(rest)}",
    ]
    assert {one["statusCode"] for one in imgproxy(*wrong)} == {403}
    mixed = {**STORE, "imgproxy-salt": STORE["imgproxy-key"]}
    assert imgproxy(good, store=mixed)[0]["statusCode"] == 403
    assert imgproxy(good, store={"current": SIGNING_KEY})[0]["statusCode"] == 404


def test_expired_urls() -> None:
    """An expired URL is 404, as from imgproxy."""
    one, other = imgproxy(path("w:1/exp:1000000000"), path("w:1/expires:4000000000"))
    assert one["statusCode"] == 404
    assert "expired" in one["body"]["data"]
    assert other["uri"] == "/variants/a.jpg/w_1.any"
