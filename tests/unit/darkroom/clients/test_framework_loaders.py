"""The loaders in docs/how-to/link-to-variants.md, called as next/image, Nuxt Image and unpic do.

The packages themselves are replaced by modules with the functions that the loaders import.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from darkroom.clients.darkroom_url import VariantUrls
from localstack_init.build import PROJECT
from tests import node

SITE = "https://images.example.com"
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
PAGE = PROJECT / "docs" / "how-to" / "link-to-variants.md"

# As getImageProps of Next.js 16, which passes a loader these properties, and no others.
NEXT = """export const getImageProps = ({ loader, src, width, quality, ...rest }) => ({ props: {
  ...rest, width,
  src: loader({ src, width: 2 * width, quality }),
  srcSet: [1, 2]
    .map((each) => `${loader({ src, width: each * width, quality })} ${each}x`).join(", "),
} });"""
# As of Nuxt Image 2.
NUXT = (
    'export const defineProvider = (setup) => () => typeof setup === "function" ? setup() : setup;'
)
# As of @unpic/core 1, for the layout "constrained".
UNPIC = "export const getBreakpoints = ({ width, layout }) => [width / 2, width, width * 2];"
PACKAGES = {
    ("next", "image"): NEXT,
    ("@nuxt/image", "runtime"): NUXT,
    ("@unpic/core", "base"): UNPIC,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the files of the page, the URL builder, and the packages."""
    files = dict(re.findall(r"```js\n// (\S+)\n(.+?)```", PAGE.read_text(), re.DOTALL))
    assert len(files) >= 7
    files["darkroom-url.mjs"] = (PROJECT / "darkroom" / "clients" / "darkroom-url.mjs").read_text()
    files["package.json"] = '{"type": "module"}'
    for (package, module), code in PACKAGES.items():
        exports = {"type": "module", "exports": {f"./{module}": "./index.js"}}
        files[f"node_modules/{package}/package.json"] = json.dumps(exports)
        files[f"node_modules/{package}/index.js"] = code
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(folder: Path, file: str, body: str) -> Any:
    """Return what a function's body returns, with the exports of a file of the page as ``made``."""
    load = (
        f'process.env.DARKROOM_SIGNING_KEY = "{KEY}"; const made = await import("{folder}/{file}");'
    )
    return node.run(f"{load} {body}")


def preset_widths() -> list[int]:
    """Return the widths of unsigned URLs that the edge function does not change."""
    code = (PROJECT / "processor" / "edge" / "variants.js").read_text()
    found = re.search(r"^const WIDTHS = \[(.+)\];", code, re.MULTILINE)
    assert found
    return [int(each) for each in found[1].split(",")]


def test_next_image(folder: Path) -> None:
    """The loader returns an unsigned URL, and the configuration has the widths of presets."""
    config = run(folder, "next.config.mjs", "return made.default;")
    images = config["images"]
    assert sorted(images["deviceSizes"] + images["imageSizes"]) == preset_widths()
    assert (images["loader"], images["loaderFile"]) == ("custom", "./darkroom-loader.js")
    call = 'return made.default({ src: "a b/ü.jpg", width: 640, quality: undefined });'
    assert run(folder, "darkroom-loader.js", call) == VariantUrls(SITE).url("a b/ü.jpg", width=640)


def test_signed_next_image(folder: Path) -> None:
    """The properties of an image have signed URLs of the requested widths."""
    image = '{ src: "a.jpg", alt: "The beach", width: 800, height: 600 }'
    props = run(folder, "signed-image.js", f"return made.signedImageProps({image});")
    one, two = (VariantUrls(SITE, KEY).url("a.jpg", width=each) for each in (800, 1600))
    assert props == {
        "alt": "The beach", "width": 800, "height": 600, "src": two,
        "srcSet": f"{one} 1x, {two} 2x",
    }  # fmt: skip


def test_nuxt_image(folder: Path) -> None:
    """The provider returns the URL of a key, to which Nuxt has added a slash."""
    config = run(folder, "nuxt.config.js", "return made.default.image;")
    provider = config["providers"][config["provider"]]
    assert provider == {"provider": "~/providers/darkroom.js", "options": {"baseURL": SITE}}
    call = """const baseURL = "https://images.example.com";
      const get = (modifiers) =>
        made.default().getImage("/a b/ü.jpg", { modifiers, baseURL }, {});
      return [get({ width: 300, height: 200 }), get({ width: undefined })];"""
    urls = [VariantUrls(SITE).url("a b/ü.jpg", width=each) for each in (300, 1920)]
    assert run(folder, "providers/darkroom.js", call) == [{"url": each} for each in urls]


def test_unpic(folder: Path) -> None:
    """The transformer returns unsigned URLs, for the breakpoints of presets."""
    assert run(folder, "unpic-transformer.js", "return made.breakpoints;") == preset_widths()
    call = 'return made.transformer(new String("a b.jpg"), { width: 319.6, height: 240 }, {});'
    assert run(folder, "unpic-transformer.js", call) == VariantUrls(SITE).url("a b.jpg", width=320)


def test_signed_unpic(folder: Path) -> None:
    """The transformer returns URLs that were signed in advance, of the component's shape."""
    call = """
      const transformer = await made.signedTransformer("a.jpg", { width: 800, height: 600 });
      return [400, 1600].map((width) => transformer("a.jpg", { width, height: 1 }, {}));"""
    urls = VariantUrls(SITE, KEY)
    expected = [urls.url("a.jpg", width=each, aspect_ratio="800:600") for each in (400, 1600)]
    assert run(folder, "signed-transformer.js", call) == expected
