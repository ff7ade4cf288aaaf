"""The URL builders in Python and JavaScript: the same URLs, and errors for bad options."""

import ast
import random
import re
import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from darkroom.clients.darkroom_url import VariantUrls, options_text
from localstack_init.build import PROJECT
from tests import node

SITE = "https://images.example.com"
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
BUILDER = PROJECT / "darkroom" / "clients" / "darkroom-url.mjs"
IMPORT = f'import {{ VariantUrls, optionsText }} from "{BUILDER}";'
MAKE = f'const urls = new VariantUrls("{SITE}", given.key);'

# Of docs/reference/variants.md.
DOCUMENTED = [
    ("holiday/beach.jpg", {"width": 640}, "0fI-HB0s4aNTjg5lN2kLiu/w_640/holiday/beach.jpg"),
    (
        "holiday/beach.jpg",
        {
            "width": 400, "height": 300, "fit": "cover", "gravity": "face", "dpr": 2,
            "quality": 80, "format": "auto",
        },
        "QR_RDVSQPu6Uad-Hr581rv/w_400,h_300,fit_cover,g_face,dpr_2,q_80,f_auto/holiday/beach.jpg",
    ),
    (
        "café/a + b?.png",
        {"rendition": "thumb", "dpr": 2},
        "V2SqEs2-08AvD7hbDk8ix2/thumb,dpr_2/caf%C3%A9/a%20%2B%20b%3F.png",
    ),
]  # fmt: skip

ODD = [
    " ", "%", "%2F", "#", "?", "/", "//", ".", "...", "+", "&", "=", "@", ":", ";", ",", "!", "'",
    "(", ")", "*", "~", "_", "-", "\\", '"', "<", ">", "`", "^", "{", "}", "|", "$", "[", "]",
    "é", "e\u0301", "ß", "日本", "🏖️", "\u202e", "\u00a0", "\u200d", "\x00", "\n", "\x7f", "\ufeff",
    "a", "Z", "9", ".jpg",
]  # fmt: skip


def camel(options: dict[str, Any]) -> dict[str, Any]:
    """Return options with the names of the JavaScript builder."""
    return {re.sub(r"_(.)", lambda m: m[1].upper(), name): each for name, each in options.items()}


def odd_keys(count: int) -> list[str]:
    """Return different keys of odd parts, without segments that have no URL."""
    source, found = random.Random(1), set[str]()
    while len(found) < count:
        key = "".join(source.choices(ODD, k=source.randint(1, 12)))
        if not {".", ".."} & set(key.split("/")):
            found.add(key)
    return sorted(found)


def odd_options(source: random.Random) -> dict[str, Any]:
    """Return options that are allowed together."""
    some: dict[str, Any] = {
        "dpr": source.uniform(1, 4),
        "background": source.choice(["#FFffFF", "0a0B0c"]),
        "quality": source.randint(1, 100),
        "format": source.choice(["auto", "avif", "webp", "jpeg", "png", "gif"]),
        "version": source.choice(["642e19ac", "a.b-c_D"]),
        "expires": source.randint(1, 9_999_999_999),
    }
    sizes: list[dict[str, Any]] = [
        {"rendition": "thumb-2"},
        {"width": source.randint(1, 4096), "fit": "inside"},
        {"width": 300, "height": source.randint(1, 4096), "gravity": "top-left"},
        {"long_edge": source.randint(1, 4096), "enlarge": source.choice([True, False])},
        {"aspect_ratio": "16:9", "focal_point": [source.random(), 1 / 32]},
    ]
    size = source.choice(sizes)
    if not size:
        return {"format": some["format"]}
    return size | {name: some[name] for name in source.sample(sorted(some), source.randint(0, 6))}


@pytest.mark.parametrize(("image", "options", "path"), DOCUMENTED)
def test_documented_urls(image: str, options: dict[str, Any], path: str) -> None:
    """Both builders return the URLs that the reference of variants has as examples."""
    url = f"{SITE}/i/{path}"
    assert VariantUrls(f"{SITE}/", KEY).url(image, **options) == url
    given = {"key": KEY, "image": image, "options": camel(options)}
    body = f"{MAKE} return urls.url(given.image, given.options);"
    assert node.run(body, given, imports=IMPORT) == url


def test_old_versions_of_python() -> None:
    """The Python builder has the syntax of Python 3.9, and imports the standard library alone."""
    source = (PROJECT / "darkroom" / "clients" / "darkroom_url.py").read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {each.module for each in imports} <= {
        *sys.stdlib_module_names,
        "collections.abc",
        "urllib.parse",
    }


def test_builders_agree_on_odd_keys() -> None:
    """Both builders return the same URL for 1,000 keys that are hard to encode, with any options.

    Decoded, the URL has the key.
    """
    source, urls = random.Random(2), VariantUrls(SITE, KEY)
    cases = [(key, odd_options(source)) for key in odd_keys(1000)]
    mine = [urls.url(key, **options) for key, options in cases]
    given = {"key": KEY, "cases": [(key, camel(options)) for key, options in cases]}
    body = f"{MAKE} return Promise.all(given.cases.map((each) => urls.url(...each)));"
    assert node.run(body, given, imports=IMPORT) == mine
    pattern = re.compile(re.escape(SITE) + r"/i/[\w-]{22}/[A-Za-z0-9,._-]+/([\w.~/%-]+)", re.ASCII)
    for (key, _), url in zip(cases, mine, strict=True):
        found = pattern.fullmatch(url)
        assert found
        assert unquote(found[1]) == key


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "a variant needs at least one option, such as width or format"),
    ({"width": 0}, "width is 0: it must be 1 to 16384"),
    ({"height": 16385}, "height is 16385: it must be 1 to 16384"),
    ({"height": 8193, "dpr": 2}, "height with dpr is 16386: it must be at most 16384"),
    ({"width": 1.5}, "width is 1.5: it must be a whole number"),
    ({"width": "640"}, "width is '640': it must be a whole number"),
    ({"quality": 101}, "quality is 101: it must be 1 to 100"),
    ({"width": 1, "dpr": 4.5}, "dpr is 4.5: it must be 1 to 4"),
    ({"width": 1, "dpr": "2"}, "dpr is '2': it must be a number"),
    ({"fit": "crop"}, "fit is 'crop': it must be one of inside, outside, cover, contain, fill"),
    ({"format": "jpg"}, "format is 'jpg': it must be one of auto, avif, webp, jpeg, png, gif"),
    ({"rendition": "Thumb"}, "rendition is 'Thumb': it must be lowercase letters, digits and"),
    ({"aspect_ratio": "1.5"}, "is '1.5': it must be such as 16:9"),
    ({"background": "white"}, "background is 'white': it must be a color such as #ffffff"),
    ({"version": "a b"}, "version is 'a b': it must be 1 to 64 letters, digits"),
    ({"focal_point": [0.5]}, "it must be two numbers from 0 to 1"),
    ({"focal_point": [0.5, 1.1]}, "is 1.1: it must be 0 to 1"),
    ({"width": 1, "rendition": "thumb"}, "width can't be combined with rendition"),
    ({"dpr": 2, "quality": 1}, "dpr needs width, height, long"),
    ({"aspect_ratio": "1:1", "fit": "inside"}, "alone can't be combined with fit 'inside'"),
    ({"width": 1, "fit": "fill", "gravity": "top"}, "gravity needs fit 'cover' or 'contain'"),
    ({"width": 1, "fit": "contain", "gravity": "face"}, "gravity 'face' needs fit 'cover'"),
    ({"width": 1, "fit": "contain", "focal_point": [0, 0]}, "needs fit 'cover'"),
    ({"width": 1, "long_edge": 1}, "width can't be combined with long"),
    (
        {"width": 1, "height": 1, "aspect_ratio": "1:1"},
        "follows from width and height: leave one of the three out",
    ),
    ({"width": 1, "gravity": "top", "focal_point": [0, 0]}, "can't be combined with gravity"),
]


def failures_in_javascript(body: str, cases: list[Any]) -> list[str]:
    """Return the message of the error of each case, or its result."""
    each = f"(each) => (async () => {{ {body} }})().catch((error) => error.message)"
    return list(node.run(f"return Promise.all(given.map({each}));", cases, imports=IMPORT))


def test_bad_options() -> None:
    """Both builders refuse bad options, and say which option, why, and what it must be."""
    for options, message in BAD:
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            options_text(**options)
    found = failures_in_javascript("return optionsText(each);", [camel(each) for each, _ in BAD])
    for message, (_, expected) in zip(found, BAD, strict=True):
        assert expected in message


def test_unknown_options() -> None:
    """Both builders name an unknown option and those that exist."""
    with pytest.raises(TypeError, match="unknown option 'widht': the options are rendition, width"):
        options_text(widht=1)  # type: ignore[call-arg]
    (found,) = failures_in_javascript("return optionsText(each);", [{"widht": 1}])
    assert found.startswith("unknown option 'widht': the options are rendition, width, height, lon")


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("", "has 0 bytes"),
        ("ü" * 513, "has 1026 bytes: it must have 1 to 1024"),
        ("a/../b", "has a segment '.' or '..': it has no URL"),
        (".", "has a segment '.' or '..': it has no URL"),
        ("\ud800", "is not valid Unicode"),
    ],
)
def test_images_without_a_url(image: str, message: str) -> None:
    """Keys that no URL can have are refused."""
    with pytest.raises(ValueError, match=re.escape(message)):
        VariantUrls(SITE, KEY).url(image, width=1)
    body = f'return await new VariantUrls("{SITE}", "{KEY}").url(each, {{ width: 1 }});'
    assert message in failures_in_javascript(body, [image])[0]


@pytest.mark.parametrize("key", ["", "short", "+" * 43, "A" * 44])
def test_bad_signing_keys(key: str) -> None:
    """A text that is not a signing key is refused, and is not repeated in the error."""
    message = "the signing key must be base64url text of 32 bytes"
    with pytest.raises(ValueError, match=message) as caught:
        VariantUrls(SITE, key)
    assert not key or key not in str(caught.value)
    (found,) = failures_in_javascript(f'return new VariantUrls("{SITE}", each);', [key])
    assert message in found


def test_times() -> None:
    """A time is written as seconds since 1970; one without a time zone is refused."""
    when = datetime(2027, 1, 1, tzinfo=UTC)
    assert options_text(width=1, expires=when) == "w_1,exp_1798761600"
    body = 'return optionsText({ width: 1, expires: new Date("2027-01-01T00:00:00Z") });'
    assert node.run(body, imports=IMPORT) == "w_1,exp_1798761600"
    with pytest.raises(ValueError, match="needs a time zone"):
        options_text(width=1, expires=when.replace(tzinfo=None))


def test_urls_without_signature() -> None:
    """Without a key, URLs have a dash; they can be of a rendition or a width alone."""
    urls = VariantUrls(SITE)
    assert urls.url("a b.jpg", width=640, dpr=1.5) == f"{SITE}/i/-/w_640,dpr_1.5/a%20b.jpg"
    body = f'{MAKE} return urls.presetUrl("a b.jpg", {{ width: 640, dpr: 1.5 }});'
    assert node.run(body, {}, imports=IMPORT) == f"{SITE}/i/-/w_640,dpr_1.5/a%20b.jpg"
    bad: list[tuple[dict[str, Any], str]] = [
        ({"width": 640, "height": 480}, "height needs a signed URL: give the signing key"),
        ({"width": 1, "rendition": "a"}, "width can't be combined with rendition"),
        ({"format": "auto"}, "a URL without signature needs either width or rendition"),
        ({"width": 1, "format": "webp"}, "a format other than auto needs a signed URL"),
        ({"width": 1, "dpr": 1.25}, "dpr in a URL without signature is 1, 1.5, 2 or 3"),
    ]
    for options, message in bad:
        with pytest.raises(ValueError, match=message):
            urls.url("a", **options)
    body = f'return await new VariantUrls("{SITE}").url("a", each);'
    found = failures_in_javascript(body, [each for each, _ in bad])
    assert all(expected in message for message, (_, expected) in zip(found, bad, strict=True))


def test_srcset() -> None:
    """``srcset`` has a URL for each width or density, and ``img`` adds ``src`` and ``sizes``."""
    urls = VariantUrls(SITE, KEY)
    widths = urls.srcset("a, b.jpg", widths=[320, 640], aspect_ratio="16:9")
    parts = [urls.url("a, b.jpg", width=each, aspect_ratio="16:9") for each in (320, 640)]
    assert widths == f"{parts[0]} 320w, {parts[1]} 640w"
    densities = urls.srcset("a", densities=[1, 1.5], width=300)
    parts = [urls.url("a", width=300, dpr=each) for each in (1, 1.5)]
    assert densities == f"{parts[0]} 1x, {parts[1]} 1.5x"
    assert urls.srcset("a").count("w, ") == 5
    img = urls.img("a", widths=[640, 320], sizes="(min-width: 800px) 640px, 100vw", format="webp")
    assert img == {
        "src": urls.url("a", width=640, format="webp"),
        "srcset": urls.srcset("a", widths=[640, 320], format="webp"),
        "sizes": "(min-width: 800px) 640px, 100vw",
    }
    body = f"""{MAKE} return [
      await urls.srcset("a, b.jpg", {{ widths: [320, 640], aspectRatio: "16:9" }}),
      await urls.srcset("a", {{ densities: [1, 1.5], width: 300 }}),
      await urls.srcset("a"),
      await urls.img("a", {{
        widths: [640, 320], sizes: "(min-width: 800px) 640px, 100vw", format: "webp",
      }}),
    ];"""
    theirs = node.run(body, {"key": KEY}, imports=IMPORT)
    assert theirs == [widths, densities, urls.srcset("a"), img]


def test_bad_srcsets() -> None:
    """A ``srcset`` that would contradict its descriptors is refused."""
    bad: list[tuple[dict[str, Any], str]] = [
        ({"widths": [1], "densities": [1]}, "srcset needs widths or densities, not both"),
        ({"widths": []}, "srcset needs at least one width or density"),
        ({"widths": [1], "width": 1}, "width can't be combined with widths"),
        ({"widths": [1], "height": 1}, "height can't be combined with widths"),
        ({"densities": [1], "dpr": 1}, "dpr can't be combined with densities"),
        ({"densities": [9], "width": 1}, "densities is 9: it must be 1 to 4"),
    ]
    for settings, message in bad:
        with pytest.raises(ValueError, match=message):
            VariantUrls(SITE, KEY).srcset("a", **settings)
    body = f'return await new VariantUrls("{SITE}", "{KEY}").srcset("a", each);'
    found = failures_in_javascript(body, [each for each, _ in bad])
    assert all(expected in message for message, (_, expected) in zip(found, bad, strict=True))


def test_loader() -> None:
    """A loader of signed URLs returns them without waiting; another width gets the next larger."""
    urls = VariantUrls(SITE, KEY)
    body = f"""{MAKE}
      const load = await urls.loader("a.jpg", {{ widths: [640, 320], format: "webp" }});
      return [100, 320, 321, 9999].map(load);"""
    expected = [urls.url("a.jpg", width=each, format="webp") for each in (320, 320, 640, 640)]
    assert node.run(body, {"key": KEY}, imports=IMPORT) == expected
