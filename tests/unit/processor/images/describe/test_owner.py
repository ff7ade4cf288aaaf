"""Owners that files name, and that renditions keep."""

import random
import struct
from typing import Any

import pytest
from PIL import ExifTags, Image, IptcImagePlugin
from PIL.PngImagePlugin import PngInfo

from processor.images.describe.owner import NOBODY, Owner, read_owner
from processor.images.encode.metadata import iim, xmp_packet
from processor.images.recipe import Avif, Gif, Jpeg, Output, Png, Recipe, Rendition, WebP
from tests.unit.processor.images.sample_images import decoded, encoded, quarters, render_file

TAG = ExifTags.Base
OWNER = Owner(("Jörg Ä", "B. Tist"), "© 2024 Jörg & Co", "Agency <X>")

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <r:Description r:about="" xmlns:d="http://purl.org/dc/elements/1.1/"
    xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Berlin" p:Credit="Agency &lt;X&gt;"
    xmlns:e="http://ns.adobe.com/exif/1.0/" e:GPSLatitude="52,30N">
   <d:creator><r:Seq><r:li>Jörg Ä</r:li><r:li>B. Tist</r:li></r:Seq></d:creator>
   <d:rights><r:Alt><r:li xml:lang="x-default">© 2024 Jörg &amp; Co</r:li></r:Alt></d:rights>
   <d:description><r:Alt><r:li xml:lang="x-default">Berlin</r:li></r:Alt></d:description>
  </r:Description>
 </r:RDF>
</x:xmpmeta><?xpacket end="w"?>""".encode()


def data_set(number: int, value: bytes, record: int = 2) -> bytes:
    """Return an IIM data set (section 1.5)."""
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def iptc(coding: str = "utf-8") -> bytes:
    """Return IPTC as Photoshop writes it, with a place."""
    texts = [(80, "Jörg Ä"), (80, "B. Tist"), (90, "Berlin"), (110, "Agency <X>")]
    texts += [(116, "© 2024 Jörg & Co"), (101, "Germany")]
    marked = data_set(90, b"\x1b%G", record=1) if coding == "utf-8" else b""
    return marked + b"".join(data_set(number, text.encode(coding)) for number, text in texts)


def resources(block: bytes) -> bytes:
    """Return Photoshop's image resources: one of another kind with a name, then IPTC."""
    other = b"8BIM\x04\x0d\x03abc" + struct.pack(">L", 3) + b"xyz\0"
    return other + b"8BIM\x04\x04\0\0" + struct.pack(">L", len(block)) + block


def segment(block: bytes) -> bytes:
    """Return a JPEG segment, APP13."""
    content = b"Photoshop 3.0\0" + resources(block)
    return struct.pack(">HH", 0xFFED, len(content) + 2) + content


def exif(**texts: str) -> Image.Exif:
    """Return EXIF with texts in UTF-8."""
    tags = Image.Exif()
    for name, text in texts.items():
        tags[getattr(TAG, name)] = text.encode()
    return tags


def texts(**values: str | bytes) -> PngInfo:
    """Return texts of a PNG."""
    info = PngInfo()
    for name, value in values.items():
        info.add_text(name.replace("_", " "), value, zip=name.startswith("Raw"))
    return info


def raw_profile(name: str, data: bytes) -> str:
    """Return a profile as ImageMagick writes it."""
    return f"\n{name}\n{len(data):8}\n" + "\n".join(
        data[at : at + 36].hex() for at in range(0, len(data), 36)
    )


def packet() -> PngInfo:
    """Return the text of a PNG with XMP."""
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return info


FILES = {
    "jpeg-iptc": ("JPEG", {"extra": segment(iptc())}),
    "jpeg-iptc-latin": ("JPEG", {"extra": segment(iptc("latin-1"))}),
    "jpeg-xmp": ("JPEG", {"xmp": XMP}),
    "tiff-iptc": ("TIFF", {"tiffinfo": {0x83BB: iptc()}}),
    "tiff-photoshop": ("TIFF", {"tiffinfo": {0x8649: resources(iptc())}}),
    "tiff-xmp": ("TIFF", {"tiffinfo": {0x02BC: XMP}}),
    "png-xmp": ("PNG", {"pnginfo": packet()}),
    "png-iptc": ("PNG", {"pnginfo": texts(Raw_profile_type_iptc=raw_profile("iptc", iptc()))}),
    "png-8bim": (
        "PNG",
        {"pnginfo": texts(Raw_profile_type_iptc=raw_profile("iptc", resources(iptc())))},
    ),
    "webp-xmp": ("WEBP", {"xmp": XMP}),
    "avif-xmp": ("AVIF", {"xmp": XMP}),
}


def rendered(data: bytes, output: Output) -> Image.Image:
    """Render a file to an output."""
    recipe = Recipe([Rendition("a", output)], analysis=False)
    return decoded(render_file(data, recipe).renditions[0].data)


def owner_of(image: Image.Image) -> Owner:
    """Return the owner that a rendition names."""
    return read_owner(image.info, image.getexif())


@pytest.mark.parametrize("metadata", ["keep", "keep-copyright"])
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_owner_of_each_format(file: tuple[str, dict[str, Any]], metadata: Any) -> None:
    """IPTC and XMP of every format name the owner, who is kept as EXIF, XMP and IPTC."""
    format_name, options = file
    image = rendered(encoded(quarters(), format_name, **options), Jpeg(metadata=metadata))
    # EXIF
    kept = image.getexif()
    assert kept[TAG.Artist].encode("latin-1").decode() == "Jörg Ä; B. Tist"
    assert kept[TAG.Copyright].encode("latin-1").decode() == "© 2024 Jörg & Co"
    # XMP, read without EXIF
    assert read_owner({"xmp": image.info["xmp"]}, Image.Exif()) == OWNER
    # IPTC, by Pillow
    info: Any = IptcImagePlugin.getiptcinfo(image)  # type: ignore[arg-type]
    assert info[2, 80] == ["Jörg Ä".encode(), b"B. Tist"]
    assert (info[2, 110], info[2, 116]) == (b"Agency <X>", "© 2024 Jörg & Co".encode())
    assert (info[1, 90], info.keys() & {(2, 90), (2, 101)}) == (b"\x1b%G", set())


@pytest.mark.parametrize("metadata", ["keep", "keep-copyright"])
@pytest.mark.parametrize(
    "output",
    [Jpeg, Png, WebP, lambda **kept: Avif(encoder="aom", **kept), Avif],
    ids=["jpeg", "png", "webp", "aom", "svt"],
)
def test_owner_in_each_output(output: Any, metadata: Any) -> None:
    """Each output names the owner, and nothing else of the original's XMP and IPTC."""
    data = encoded(quarters(), "JPEG", xmp=XMP, extra=segment(iptc()), comment=b"Berlin")
    recipe = Recipe([Rendition("a", output(metadata=metadata))], analysis=False)
    made = render_file(data, recipe).renditions[0].data
    assert b"Berlin" not in made
    assert b"GPS" not in made
    assert owner_of(decoded(made)) == OWNER


@pytest.mark.parametrize("output", [Png, WebP])
def test_owner_of_an_animation(output: Any) -> None:
    """An animated rendition names the owner as well."""
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], xmp=XMP)
    image = rendered(data, output(metadata="keep-copyright"))
    assert image.n_frames == 2  # type: ignore[attr-defined]
    assert owner_of(image) == OWNER


def test_stripped() -> None:
    """By default nobody is named."""
    data = encoded(quarters(), "JPEG", xmp=XMP, extra=segment(iptc()))
    for output in (Jpeg(), Png(), WebP(), Avif(), Gif(metadata="keep")):
        image = rendered(data, output)
        assert not {"xmp", "photoshop", "exif"} & image.info.keys()


def test_exif_comes_first() -> None:
    """Fields of EXIF precede those of IPTC, and these those of XMP."""
    info = {"xmp": XMP, "photoshop": {0x0404: data_set(116, b"IPTC")}}
    tags = Image.Exif()
    tags.load(exif(Artist="Exif; Two").tobytes())
    assert read_owner(info, tags) == Owner(("Exif", "Two"), "IPTC", "Agency <X>")


def test_png_texts() -> None:
    """Author and Copyright of a PNG name the owner."""
    data = encoded(quarters(), "PNG", pnginfo=texts(Author="A. Tist", Copyright="(c) A. Tist"))
    assert owner_of(rendered(data, Png(metadata="keep"))) == Owner(("A. Tist",), "(c) A. Tist")


def test_windows_author() -> None:
    """Windows' author, in UTF-16, is the creator."""
    tags = Image.Exif()
    tags[TAG.XPAuthor] = "Jörg\0".encode("utf-16-le")
    assert read_owner({}, tags).creators == ("Jörg",)


def test_an_ingredient_names_nobody() -> None:
    """The creator of an image that was placed in this one is not this one's."""
    inner = b"<x:Ingredients><r:Description><d:creator>Other</d:creator></r:Description>"
    nested = XMP.replace(
        b"<d:creator>", b'<x:Ingredients xmlns:x="x">' + inner[15:] + b"</x:Ingredients><d:creator>"
    )
    assert read_owner({"xmp": nested}, Image.Exif()) == OWNER


def test_round_trip() -> None:
    """What is written is what was read, for any letters."""
    for owner in (OWNER, Owner(copyright="]]><&\"' \U0001f600"), Owner(credit="a" * 1000)):
        assert read_owner({"xmp": xmp_packet(owner)}, Image.Exif()) == owner
        assert read_owner({"photoshop": {0x0404: iim(owner)}}, Image.Exif()) == owner


def test_the_longest_owner_fits() -> None:
    """The longest texts fit into a JPEG segment, 65,533 bytes."""
    owner = read_owner(
        {"photoshop": {0x0404: iim(Owner(("&" * 4000,) * 40, "&" * 4000, "&" * 4000))}},
        Image.Exif(),
    )
    assert 60_000 < len(xmp_packet(owner)) < 65_000
    assert len(iim(owner)) < 65_000


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'.encode() for i in range(9))
    + b"]>"
)


@pytest.mark.parametrize(
    "packet",
    [
        b"", b"<", b"\0", b"<a>" * 100_000, BOMB + XMP.replace("Jörg".encode(), b"&j;"),
        b"\xff\xfe<", b'<?xml version="1.0" encoding="none"?><x/>', b"x" * 5_000_000,
    ],
    ids=["empty", "start", "zero", "deep", "bomb", "utf-16", "encoding", "large"],
)  # fmt: skip
def test_hostile_xmp(packet: bytes) -> None:
    """Broken XMP, entities and large packets name nobody, and raise nothing."""
    assert read_owner({"xmp": packet}, Image.Exif()) == NOBODY


@pytest.mark.parametrize("seed", range(100))
def test_random_damage(seed: int) -> None:
    """IPTC and XMP with broken bytes never raise."""
    chance = random.Random(seed)
    for original in (XMP, resources(iptc()), iptc()):
        data = bytearray(original)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        tags = Image.Exif()
        tags[0x8649] = bytes(data)
        read_owner({"xmp": bytes(data), "photoshop": {0x0404: bytes(data)}}, tags)
