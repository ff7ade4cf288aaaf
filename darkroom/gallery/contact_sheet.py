"""Every operation on one photograph, as a page of pictures with the JSON that makes them."""

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
from darkroom.gallery.inputs import Originals
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
"""What is shown: sections of entries. An entry has a title, the fields of a rendition (``do``), and
the original that they are done to, where it is not the photograph (``source``)."""

PLAIN = {
    "resize": {"width": 180},
    "output": {"format": "webp", "quality": 75},
}
"""What holds where an entry says nothing else."""

COLUMNS = 4

INTRODUCTION = """\
# Contact sheet

Every operation of the recipe language on one photograph. Below each picture stands the part of the
recipe that makes it. Where that names no size or no format, it is

```json
{plain}
```

[`docs/recipes.md`](../recipes.md) explains the language. This page and its pictures are made by
`darkroom contact-sheet`, so that they show what the engine does, and not what it should do.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell of the sheet."""

    name: str
    """Of the rendition, and so of the file."""
    title: str
    source: str
    do: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """The page as it grows."""

    originals: Originals
    watermark_images: WatermarkImages
    pictures: list[Encoded] = field(default_factory=list)
    """All that the page links to."""
    failures: dict[str, str] = field(default_factory=dict)
    """Why an entry has no picture, by its title."""

    def cell(self, entry: Entry) -> str:
        """The HTML of one entry."""
        recipe = decode_recipe(json.dumps(document(entry)).encode())
        original = getattr(self.originals, entry.source)
        try:
            source = open_source(original)
            made = render(source, recipe, watermark_images=self.watermark_images).renditions
        except ImageError as error:
            self.failures[entry.name] = error.message
            shown = [error.message]
        else:
            self.pictures += made
            densities = recipe.renditions[0].densities
            shown = [
                self.picture(each, entry.title, density)
                for each, density in zip(made, densities, strict=True)
            ]
        asked = json.dumps(entry.do, ensure_ascii=False)[1:-1]
        code = f"<br><code>{asked}</code>" if asked else ""
        return f'<td valign="top"><b>{entry.title}</b><br>{"<br>".join(shown)}{code}</td>'

    def picture(self, each: Encoded, title: str, density: float) -> str:
        """The HTML of a picture, and what can be said of its file."""
        width = round(each.width / density)
        name = file_name(each)
        image = f'<img src="{name}" width="{width}" alt="{title}">'
        if each.extension == "avif":
            # Neither GitHub nor all editors show AVIF.
            copy = as_webp(each)
            self.pictures.append(copy)
            image = f'<a href="{name}">{image.replace(name, file_name(copy))}</a>'
        return f"{image}<br><sub>{', '.join(facts(each))}</sub>"


def make_sheet(photo: Path, out: Path, console: Console) -> dict[str, str]:
    """Write ``out/README.md`` and its pictures; answers why entries have none, by their names.

    Raises ``ImageError`` where ``photo`` itself cannot be read.
    """
    watermark_images = WatermarkImages(
        Found(load_recipes()["default"], ASSETS.parent).read_watermark_image
    )
    sheet = Sheet(Originals(photo.read_bytes()), watermark_images)
    page = [INTRODUCTION.format(plain=json.dumps(PLAIN, indent=2))]
    with console.status("Rendering"):
        for title, text, entries in sections():
            page += [f"## {title}", "", text, "", "<table>"]
            for row in batched(entries, COLUMNS, strict=False):
                page += ["<tr>", *map(sheet.cell, row), "</tr>"]
            page += ["</table>", ""]
    page += _analysis(photo)
    save(sheet.pictures, out)
    (out / "README.md").write_text("\n".join(page))
    return sheet.failures


def sections() -> Iterator[tuple[str, str, list[Entry]]]:
    """Title, text and entries of each part of the gallery."""
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
    """The whole recipe of an entry."""
    return {"renditions": [{"name": entry.name} | PLAIN | entry.do], "analysis": False}


def file_name(picture: Encoded) -> str:
    """As ``save`` names it."""
    return f"{picture.name}.{picture.extension}"


def facts(picture: Encoded) -> Iterator[str]:
    """What the file is, and what it holds beside pixels."""
    yield picture.content_type.removeprefix("image/")
    yield f"{picture.width}×{picture.height}"
    yield f"{len(picture.data):,} bytes"
    with Image.open(io.BytesIO(picture.data)) as image:
        if (frames := getattr(image, "n_frames", 1)) > 1:
            yield f"{frames} frames"
        exif = image.getexif()
        tags = {*exif, *exif.get_ifd(ExifTags.IFD.Exif)} - {ExifTags.IFD.Exif}
        if tags:
            yield "EXIF: " + ", ".join(sorted(ExifTags.TAGS[tag] for tag in tags))


def as_webp(picture: Encoded) -> Encoded:
    """The same picture, or animation, where AVIF is not shown."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(picture.data)) as image:
        image.save(file, "WEBP", quality=85, save_all=getattr(image, "n_frames", 1) > 1)
    return Encoded(
        name=f"{picture.name}-shown",
        data=file.getvalue(),
        extension="webp",
        content_type="image/webp",
        width=picture.width,
        height=picture.height,
        milliseconds=0,
    )


def _analysis(photo: Path) -> list[str]:
    recipe = decode_recipe(b'{"renditions": [{"name": "any", "output": {"format": "webp"}}]}')
    found = render(open_source(photo.read_bytes()), recipe).analysis
    return [
        "## Analysis",
        "",
        "What the engine finds out about the photograph itself.",
        "",
        "```json",
        json.dumps(msgspec.to_builtins(found), indent=2),
        "```",
        "",
    ]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
