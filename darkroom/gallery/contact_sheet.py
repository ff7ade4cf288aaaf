"""The contact sheet: every operation on one photograph, before and after, with its recipe."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
from PIL import ExifTags, Image
from rich.console import Console

from darkroom.engine.recipe_files import Found
from darkroom.engine.rendering import save
from darkroom.gallery.inputs import Inputs
from processor.images import (
    Encoded,
    ImageError,
    WatermarkImages,
    decode_recipe,
    load_recipes,
    open_source,
    render,
)
from processor.storage.watermark_images import ASSETS

GALLERY = Path(__file__).with_name("gallery.json")
"""The sections and their entries. An entry has a title, the fields of a rendition (``do``), and the
name of its input (``source``) if that is not the photograph."""

PLAIN = {
    "resize": {"width": 180},
    "output": {"format": "webp", "quality": 75},
}
"""Fields of every rendition that its entry does not set."""

BEFORE = decode_recipe(
    b"""{ "analysis": false, "renditions": [ {
  "name": "before", "resize": { "width": 180 }, "output": { "format": "webp", "quality": 90 }
} ] }"""
)
"""How the inputs are shown beside the renditions."""

LINE = 40
"""Characters in a line of a recipe: more would shrink the images beside it."""

INTRODUCTION = """\
# Gallery of operations

Every operation of the [recipe language](../reference/recipes.md), before and after. `darkroom
contact-sheet` renders this page; `darkroom contact-sheet PHOTO --out FOLDER` renders it for your
own photograph.

{contents}

The first column shows the input 180 pixels wide, or smaller if it is. The last column is the part
of a rendition that makes the difference. Where it leaves them out, `resize` is `{resize}` and
`output` is `{output}`.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the sheet."""

    name: str
    """The name of the rendition and of its file."""
    title: str
    source: str
    do: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """The sheet while it is rendered."""

    inputs: Inputs
    watermark_images: WatermarkImages
    images: list[Encoded] = field(default_factory=list)
    """The files of the page."""
    inputs_shown: dict[str, str] = field(default_factory=dict)
    """The Markdown of the inputs, by name."""
    failures: dict[str, str] = field(default_factory=dict)
    """Why entries could not be rendered, by name."""

    def row(self, entry: Entry) -> str:
        """Return the table row of one entry: its input, its renditions and its recipe."""
        recipe = decode_recipe(json.dumps(document(entry)).encode())
        try:
            source = open_source(getattr(self.inputs, entry.source))
            rendered = render(source, recipe, watermark_images=self.watermark_images).renditions
        except ImageError as error:
            self.failures[entry.name] = error.message
            shown = error.message
        else:
            self.images += rendered
            shown = "<br>".join(self.image(each, entry.title) for each in rendered)
        code = "<br>".join([f"**{entry.title}**", *(f"`{line}`" for line in _lines(entry.do))])
        return f"| {self.before(entry.source)} | {shown} | {code} |"

    def before(self, source: str) -> str:
        """Return the Markdown of an input."""
        if source not in self.inputs_shown:
            original = getattr(self.inputs, source)
            (small,) = render(open_source(original), BEFORE).renditions
            shown = replace(small, name=f"before-{source}")
            self.images.append(shown)
            about = ", ".join(facts(original))
            self.inputs_shown[source] = f"![{source}]({file_name(shown)})<br>{about}"
        return self.inputs_shown[source]

    def image(self, each: Encoded, title: str) -> str:
        """Return the Markdown of an image and of the facts about its file."""
        shown, link = each, ""
        if each.extension == "avif":
            # GitHub and some editors do not show AVIF.
            shown, link = as_webp(each), file_name(each)
            self.images.append(shown)
        image = f"![{title}]({file_name(shown)})"
        about = [*facts(each.data), f"{len(each.data):,} bytes"]
        return f"{f'[{image}]({link})' if link else image}<br>{', '.join(about)}"


def make_sheet(photo: Path, out: Path, console: Console) -> dict[str, str]:
    """Write ``out/README.md`` and its images; returns why entries were not rendered, by name.

    Raises ``ImageError`` if ``photo`` cannot be read.
    """
    watermark_images = WatermarkImages(
        Found(load_recipes()["default"], ASSETS.parent).read_watermark_image
    )
    sheet = Sheet(Inputs(photo.read_bytes()), watermark_images)
    titles = [title for title, _, _ in sections()] + ["Analysis"]
    contents = " · ".join(f"[{title}](#{_slug(title)})" for title in titles)
    plain = {name: json.dumps(value) for name, value in PLAIN.items()}
    page = [INTRODUCTION.format(**plain, contents=contents)]
    with console.status("Rendering"):
        for title, text, entries in sections():
            page += [f"## {title}", "", text, "", "| before | after | recipe |", "|---|---|---|"]
            page += [*map(sheet.row, entries), ""]
    page += _analysis(photo)
    save(sheet.images, out)
    (out / "README.md").write_text("\n".join(page))
    return sheet.failures


def sections() -> Iterator[tuple[str, str, list[Entry]]]:
    """Yield the title, the text and the entries of each section."""
    for section in json.loads(GALLERY.read_text()):
        entries = [
            Entry(
                name=_slug(f"{section['title']} {entry['title']}"),
                title=entry["title"],
                source=entry.get("source", "photograph"),
                do=entry["do"],
            )
            for entry in section["entries"]
        ]
        yield section["title"], section["text"], entries


def document(entry: Entry) -> dict[str, Any]:
    """Return the recipe of an entry."""
    return {"renditions": [{"name": entry.name} | PLAIN | entry.do], "analysis": False}


def file_name(image: Encoded) -> str:
    """Return the name that ``save`` gives the file."""
    return f"{image.name}.{image.extension}"


def facts(data: bytes) -> Iterator[str]:
    """Yield the file's format and size, and what it holds besides pixels."""
    with Image.open(io.BytesIO(data)) as image:
        yield str(image.format).lower()
        yield f"{image.width}×{image.height}"
        if (frames := getattr(image, "n_frames", 1)) > 1:
            yield f"{frames} frames"
        exif = image.getexif()
        tags = {*exif, *exif.get_ifd(ExifTags.IFD.Exif)} - {ExifTags.IFD.Exif}
        if tags:
            yield "EXIF: " + ", ".join(sorted(ExifTags.TAGS[tag] for tag in tags))


def as_webp(encoded: Encoded) -> Encoded:
    """Return the image or animation as WebP."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(encoded.data)) as image:
        image.save(file, "WEBP", quality=85, save_all=getattr(image, "n_frames", 1) > 1)
    return Encoded(
        name=f"{encoded.name}-shown",
        data=file.getvalue(),
        extension="webp",
        content_type="image/webp",
        width=encoded.width,
        height=encoded.height,
        milliseconds=0,
    )


def _analysis(photo: Path) -> list[str]:
    recipe = decode_recipe(b'{"renditions": [{"name": "any", "output": {"format": "webp"}}]}')
    found = render(open_source(photo.read_bytes()), recipe).analysis
    return [
        "## Analysis",
        "",
        "The engine's analysis of the photograph.",
        "",
        "```json",
        json.dumps(msgspec.to_builtins(found), indent=2),
        "```",
        "",
    ]


def _lines(fields: dict[str, Any]) -> Iterator[str]:
    """Yield the JSON of a recipe's fields in lines that end with a comma, for a table cell."""
    line = ""
    for part in re.split("(?<=,) ", json.dumps(fields, ensure_ascii=False)[1:-1]):
        if line and len(line) + len(part) >= LINE:
            yield line
            line = ""
        line = f"{line} {part}" if line else part
    yield line


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
