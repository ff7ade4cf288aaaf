"""The edge function of variants: what it rewrites, and what it refuses."""

import base64
import hashlib
import hmac
import itertools
import json
import random
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote

import pytest

from processor.images import load_recipes, open_source
from processor.variants.options import read_target
from processor.variants.plan import variant_recipe
from tests.profiles import examples
from tests.unit.processor.edge.functions import SIGNING_KEY, results, variants_code
from tests.unit.processor.images.sample_images import encoded, quarters

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SAFARI = (
    "image/webp,image/avif,image/jxl,image/heic,video/*;q=0.8,image/png,image/*;q=0.8,*/*;q=0.5"
)
SAFARI_14 = "image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
OLDER_SAFARI = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
CURL = "*/*"

SIGNED = variants_code("signed")
PRESETS = variants_code("presets")
OTHER_KEY = base64.urlsafe_b64encode(b"x" * 32).rstrip(b"=").decode()
NAMES = {each.name for one in load_recipes().values() for each in one.renditions}
"""Names of renditions that presets may have."""


def signed(options: str, key: str = "a.jpg", signing_key: str = SIGNING_KEY) -> str:
    """Return the path of a variant."""
    text = f"/{options}/{quote(key)}"
    secret = base64.urlsafe_b64decode(signing_key + "=")
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"/i/{base64.urlsafe_b64encode(digest).decode()[:22]}{text}"


def run(
    paths: Iterable[str], accept: str = "image/webp", code: str = SIGNED, **store: str
) -> list[dict[str, Any]]:
    """Return what the function returns for each path."""
    return results(code, store or {"current": SIGNING_KEY}, paths, accept)


def targets(*options: str, accept: str = "image/webp", key: str = "a.jpg") -> list[str]:
    """Return the names of the stored objects for options."""
    found = run([signed(each, key) for each in options], accept)
    assert all("uri" in each for each in found), found
    return [each["uri"].removeprefix(f"/variants/{quote(key)}/") for each in found]


def problems(found: Iterable[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return the statuses and codes of problem documents."""
    listed = list(found)
    for each in listed:
        assert each["headers"]["content-type"]["value"] == "application/problem+json"
        assert each["headers"]["cache-control"]["value"] == "public, max-age=30"
        assert json.loads(each["body"]["data"])["status"] == each["statusCode"]
    return [(each["statusCode"], json.loads(each["body"]["data"])["code"]) for each in listed]


def test_the_documented_signatures() -> None:
    """The examples of docs/reference/variants.md are valid."""
    assert (
        signed("w_640", "holiday/beach.jpg") == "/i/0fI-HB0s4aNTjg5lN2kLiu/w_640/holiday/beach.jpg"
    )
    found = run([signed("thumb,dpr_2", "café/a + b?.png")])
    assert found[0]["uri"] == "/variants/caf%C3%A9/a%20%2B%20b%3F.png/thumb,dpr_2.webp" or (
        found[0]["uri"] == "/variants/caf%C3%A9/a%20%2B%20b%3F.png/thumb%2Cdpr_2.webp"
    )
    assert found[0]["querystring"] == {}


SPELLINGS = {
    "w_640.webp": [
        "w_640",
        "w_640,f_auto",
        "w_320,dpr_2",
        "w_640,fit_inside",
        "w_640,el_0",
        "w_640,dpr_1",
        "w_640,dpr_1.00",
        "f_auto%2Cw_640",
    ],
    "w_400,h_300,fit_cover.webp": [
        "w_400,h_300,fit_cover",
        "h_300,fit_cover,w_400",
        "w_400,h_300,g_center",
        "w_200,h_150,dpr_2,fit_cover,g_center",
    ],
    "w_400,ar_16x9,fit_cover.webp": ["w_400,ar_16x9", "ar_32x18,w_400", "w_400,ar_16x9,fit_cover"],
    "w_400,h_300,fit_cover,g_.3x.7.webp": [
        "w_400,h_300,g_.3x.7",
        "w_400,h_300,g_0.3x0.70",
        "w_400,h_300,fit_cover,g_.300x.7",
    ],
    "w_400,h_300,fit_contain,bg_ffaa00.webp": ["w_400,h_300,fit_contain,bg_FFaa00"],
    "le_2000,el_1,q_80.webp": ["le_2000,el_1,q_80", "q_80,el_1,le_1000,dpr_2"],
    "thumb,dpr_1.5.webp": ["thumb,dpr_1.5", "thumb,dpr_1.50", "thumb,dpr_1.5,f_webp"],
    "thumb.webp": ["thumb", "thumb,dpr_1"],
    "w_9.png": ["w_9,f_png", "w_9,f_png,q_50"],
    "_.webp": ["f_auto", "f_webp", "v_1"],
}


@pytest.mark.parametrize("target", SPELLINGS)
def test_every_spelling_is_one_object(target: str) -> None:
    """Order, defaults, ratios, case and encoding of options do not change the stored object."""
    assert {unquote(each) for each in targets(*SPELLINGS[target])} == {target}


def test_permutations() -> None:
    """All orders of options are one object."""
    options = ["w_400", "h_300", "fit_cover", "g_face", "q_80"]
    found = set(targets(*(",".join(each) for each in itertools.permutations(options))))
    assert {unquote(each) for each in found} == {"w_400,h_300,fit_cover,g_face,q_80.webp"}


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        (CHROME, "avif"),
        (SAFARI, "avif"),
        (SAFARI_14, "webp"),
        (OLDER_SAFARI, "any"),
        (CURL, "any"),
        ("", "any"),
        ("image/avif;q=0,image/webp", "webp"),
        ("image/avif; q=0.0, image/webp;q=0", "any"),
        ("IMAGE/WEBP;q=0.1", "webp"),
        ("image/avif;q=0.01", "avif"),
    ],
)
def test_formats(accept: str, format_: str) -> None:
    """The format is the best of those that the client accepts, unless the URL names one."""
    assert targets("w_9", "w_9,f_gif", accept=accept) == [f"w_9.{format_}", "w_9.gif"]


def test_versions() -> None:
    """A version is in CloudFront's cache key and not in the object's; a query string in neither."""
    (found,) = run([signed("w_9,v_642e19ac")])
    assert found["querystring"] == {"v": {"value": "642e19ac"}}
    assert found["uri"] == "/variants/a.jpg/w_9.webp"


@pytest.mark.parametrize(
    "options",
    [
        "w_0",
        "w_16385",
        "w_09",
        "w_1.5",
        "w_",
        "W_9",
        "x_9",
        "w_9,w_9",
        "w_9,,h_9",
        "w_9,thumb",
        "w_16384,dpr_2",
        "dpr_0.5,w_9",
        "dpr_5,w_9",
        "dpr_4.01,w_9",
        "dpr_2",
        "ar_16x9,w_9,h_9",
        "le_9,w_9",
        "le_9,g_face",
        "fit_cover",
        "g_face",
        "el_1",
        "w_9,el_2",
        "ar_1x2,fit_inside",
        "w_9,h_9,fit_inside,g_top",
        "w_9,h_9,fit_contain,g_face",
        "w_9,g_.3",
        "w_9,g_1.5x0",
        "w_9,g_axb",
        "w_9,bg_fff",
        "w_9,q_0",
        "w_9,q_101",
        "w_9,f_jpg",
        "w_9,f_heic",
        "w_9,v_",
        "w_9,v_a%20b",
        "w_9,exp_soon",
        "thumb,w_9",
        "thumb,fit_cover",
        "Thumb",
        "w_9,__proto___1",
        "w_9,constructor_1",
        "w_9%FF",
    ],
)
def test_wrong_options(options: str) -> None:
    """Wrong options are refused with a valid signature, and the response says which."""
    ((status, code),) = problems(run([signed(options)]))
    assert status == 400
    assert code in ("invalid-option", "invalid-encoding")


def test_wrong_paths() -> None:
    """Other paths and keys that browsers cannot request have no variant."""
    paths = [
        "/i/",
        "/i/x",
        "/i/x/w_9",
        "/i/x/w_9/",
        "/i//w_9/a",
        signed("w_9", "a/../b"),
        signed("w_9", "./a"),
        signed("w_9", "a" * 1020),
    ]
    assert set(problems(run(paths))) == {(404, "not-found")}


def test_a_changed_byte() -> None:
    """A URL with one other byte in its signature, options or key is refused."""
    path = signed("w_640,q_80", "holiday/beach.jpg")
    start = len("/i/")
    changed = [
        path[:at] + ("B" if path[at] == "A" else "A") + path[at + 1 :]
        for at in range(start, len(path))
        if path[at] != "/"
    ]
    found = problems(run(changed))
    assert len(found) > 40
    assert set(found) == {(403, "wrong-signature")}
    shorter = [
        path[:start] + path[start + 1 :],
        path.replace("/i/", "/i/A"),
        path[: start + 21] + path[start + 22 :],
    ]
    assert {status for status, _ in problems(run(shorter))} == {403}


def test_expiry() -> None:
    """A URL is refused from its time on, and the time is signed."""
    (late,) = run([signed("w_9,exp_4102444800")])
    assert late["uri"] == "/variants/a.jpg/w_9.webp"
    assert problems(run([signed("w_9,exp_1700000000")])) == [(403, "expired")]


def test_two_keys() -> None:
    """URLs signed with the previous key are valid, with others not."""
    paths = [signed("w_9"), signed("w_9", signing_key=OTHER_KEY)]
    old_and_new = run(paths, current=OTHER_KEY, previous=SIGNING_KEY)
    assert all("uri" in each for each in old_and_new)
    new_alone = run(paths, current=OTHER_KEY)
    assert problems(new_alone[:1]) == [(403, "wrong-signature")]
    assert "uri" in new_alone[1]


def test_presets() -> None:
    """Without a signature, names of recipes and widths of a list are served, and nothing else."""
    right = [
        "thumb",
        "thumb,dpr_1.5",
        "avif-400,dpr_3.00,f_auto",
        "w_1",
        "w_161",
        "w_400,dpr_2",
        "w_9999",
        "w_9,v_1",
    ]
    found = run([f"/i/-/{each}/a.jpg" for each in right], code=PRESETS)
    assert [unquote(each["uri"]).rpartition("/")[2] for each in found] == [
        "thumb.webp",
        "thumb,dpr_1.5.webp",
        "avif-400,dpr_3.webp",
        "w_160.webp",
        "w_320.webp",
        "w_800.webp",
        "w_3840.webp",
        "w_160.webp",
    ]
    assert all(each["querystring"] == {} for each in found)
    wrong = [
        "nosuch",
        "thumb,dpr_2.5",
        "w_9,dpr_4",
        "w_9,h_9",
        "le_9",
        "f_auto",
        "w_9,f_png",
        "thumb,q_80",
        "ar_1x1",
    ]
    refused = problems(run([f"/i/-/{each}/a.jpg" for each in wrong], code=PRESETS))
    assert {status for status, _ in refused} == {400}


def test_signed_urls_beside_presets() -> None:
    """With presets, signed URLs have all options; without, the dash is a wrong signature."""
    (found,) = run([signed("w_7,h_9")], code=PRESETS)
    assert found["uri"].startswith("/variants/")
    assert problems(run(["/i/-/thumb/a.jpg"])) == [(403, "wrong-signature")]


def test_presets_make_a_promised_number_of_objects() -> None:
    """10,000 random URLs of an image make at most 11 widths, and 4 ratios of each name, in each of
    three formats.
    """
    generator = random.Random(25)
    words = [*sorted(NAMES), "nosuch", *(f"w_{n}" for n in (1, 99, 640, 5000, 16384))]
    values: dict[str, Any] = {
        "w": lambda: generator.randint(1, 17000),
        "h": lambda: generator.randint(1, 999),
        "dpr": lambda: generator.choice([1, 1.5, 2, 3, 3.5, round(generator.uniform(1, 4), 2)]),
        "f": lambda: generator.choice(["auto", "avif", "png"]),
        "q": lambda: generator.randint(1, 100),
        "v": lambda: generator.randint(1, 10**9),
        "g": lambda: "face",
        "fit": lambda: "cover",
    }

    def random_options() -> str:
        some = generator.sample(sorted(values), generator.choice([0, 0, 1, 1, 2, 3]))
        parts = [f"{name}_{values[name]()}" for name in some]
        return ",".join([generator.choice([*words, f"w_{values['w']()}"]), *parts])

    made: set[str] = set()
    refused = 0
    for accept in (CHROME, SAFARI_14, CURL):
        paths = [f"/i/-/{random_options()}/a.jpg" for _ in range(10_000 // 3 + 1)]
        for each in run(paths, accept, PRESETS):
            refused += "uri" not in each
            made |= {json.dumps([each["uri"], each["querystring"]])} if "uri" in each else set()
    promised = (11 + 4 * len(NAMES)) * 3
    assert refused > 1000
    assert promised // 2 < len(made) <= promised


def random_path(generator: random.Random) -> str:
    """Return the signed path of random options, most of them valid."""
    values: dict[str, Callable[[], object]] = {
        "w": lambda: generator.randint(1, 300),
        "h": lambda: generator.randint(1, 300),
        "ar": lambda: f"{generator.randint(1, 20)}x{generator.randint(1, 20)}",
        "le": lambda: generator.randint(1, 300),
        "fit": lambda: generator.choice(["inside", "outside", "cover", "contain", "fill"]),
        "g": lambda: generator.choice(
            ["face", "top-left", "center", "entropy", ".25x.5", "0x1", "1x0.125"]
        ),
        "dpr": lambda: generator.choice(["1", "1.5", "2"]),
        "el": lambda: generator.randint(0, 1),
        "bg": lambda: "00ff00",
        "q": lambda: generator.randint(1, 100),
        "f": lambda: generator.choice(["auto", "avif", "webp", "jpeg", "png", "gif"]),
    }
    some = generator.sample(sorted(values), generator.randint(1, 5))
    parts = [f"{name}_{values[name]()}" for name in some]
    return signed(",".join(parts), generator.choice(["a.jpg", "ü/%41 +.png", "a,b_c.d/e", "_"]))


def test_the_function_understands_what_the_edge_writes() -> None:
    """What the edge lets through is a plan in Python, for the same key of an original."""
    generator = random.Random(7)
    found = run([random_path(generator) for _ in range(examples(2000))])
    header = open_source(encoded(quarters(), "JPEG")).header
    recipe = load_recipes()["responsive"]
    passed = [each["uri"] for each in found if "uri" in each]
    assert len(passed) > len(found) // 4
    for uri in passed:
        target = read_target(uri)
        assert target.key in ("a.jpg", "ü/%41 +.png", "a,b_c.d/e", "_")
        (rendition,) = variant_recipe(recipe, target.options, target.format, header).renditions
        assert rendition.densities == (1,)
