"""The contact sheet: every operation on one photograph, as a page of images with their recipes."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched
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

COLUMNS = 4

INTRODUCTION = """\
# Contact sheet

Every operation of the recipe language on one photograph. Below each image is its part of the
recipe. The defaults are

```json
{plain}
```

[`docs/recipes.md`](../recipes.md) explains the language. `darkroom contact-sheet` generates this
page and its images.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell of the sheet."""

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
    failures: dict[str, str] = field(default_factory=dict)
    """Why entries could not be rendered, by name."""

    def cell(self, entry: Entry) -> str:
        """Return the HTML of one entry."""
        recipe = decode_recipe(json.dumps(document(entry)).encode())
        original = getattr(self.inputs, entry.source)
        try:
            source = open_source(original)
            made = render(source, recipe, watermark_images=self.watermark_images).renditions
        except ImageError as error:
            self.failures[entry.name] = error.message
            shown = [error.message]
        else:
            self.images += made
            densities = recipe.renditions[0].densities
            shown = [
                self.image(each, entry.title, density)
                for each, density in zip(made, densities, strict=True)
            ]
        fields = json.dumps(entry.do, ensure_ascii=False)[1:-1]
        code = f"<br><code>{fields}</code>" if fields else ""
        return f'<td valign="top"><b>{entry.title}</b><br>{"<br>".join(shown)}{code}</td>'

    def image(self, each: Encoded, title: str, density: float) -> str:
        """Return the HTML of an image and of the facts about its file."""
        width = round(each.width / density)
        name = file_name(each)
        image = f'<img src="{name}" width="{width}" alt="{title}">'
        if each.extension == "avif":
            # GitHub and some editors do not show AVIF.
            copy = as_webp(each)
            self.images.append(copy)
            image = f'<a href="{name}">{image.replace(name, file_name(copy))}</a>'
        return f"{image}<br><sub>{', '.join(facts(each))}</sub>"


def make_sheet(photo: Path, out: Path, console: Console) -> dict[str, str]:
    """Write ``out/README.md`` and its images; returns why entries were not rendered, by name.

    Raises ``ImageError`` if ``photo`` cannot be read.
    """
    watermark_images = WatermarkImages(
        Found(load_recipes()["default"], ASSETS.parent).read_watermark_image
    )
    sheet = Sheet(Inputs(photo.read_bytes()), watermark_images)
    page = [INTRODUCTION.format(plain=json.dumps(PLAIN, indent=2))]
    with console.status("Rendering"):
        for title, text, entries in sections():
            page += [f"## {title}", "", text, "", "<table>"]
            for row in batched(entries, COLUMNS, strict=False):
                page += ["<tr>", *map(sheet.cell, row), "</tr>"]
            page += ["</table>", ""]
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


def facts(encoded: Encoded) -> Iterator[str]:
    """Yield the file's format and size, and what it holds besides pixels."""
    yield encoded.content_type.removeprefix("image/")
    yield f"{encoded.width}×{encoded.height}"
    yield f"{len(encoded.data):,} bytes"
    with Image.open(io.BytesIO(encoded.data)) as image:
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


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
