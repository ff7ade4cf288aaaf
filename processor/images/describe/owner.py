"""Owner of an image (creator, copyright, credit), from EXIF, IPTC, XMP or PNG text.

IPTC's fields are those of the IPTC Photo Metadata Standard 2023.2, which names their place in IIM
(IPTC-NAA Information Interchange Model 4.2) and in XMP (ISO 16684-1).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from xml.parsers import expat

from PIL import ExifTags, Image

MAX_TEXT = 1000
"""Characters of a text that are kept."""
MAX_CREATORS = 10
MAX_BYTES = 4 * 1024 * 1024
"""Larger blocks of metadata are not read."""

TAG, IFD = ExifTags.Base, ExifTags.IFD
XMP, IPTC, PHOTOSHOP = 0x02BC, 0x83BB, 0x8649
"""TIFF tags of embedded metadata (Adobe, XMP Specification Part 3, 1.1.4 and 1.3)."""
PHOTOGRAPHER = 0xA437
"""Tag of Exif 3.0."""

IPTC_RESOURCE = 0x0404
"""Photoshop's image resource with IPTC (Adobe Photoshop File Formats, "Image Resource IDs")."""

CHARACTER_SET, BY_LINE, CREDIT, COPYRIGHT_NOTICE = (1, 90), (2, 80), (2, 110), (2, 116)
"""Record and number of IIM data sets."""
UTF_8 = b"\x1b%G"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XMP_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
CREATOR, RIGHTS, XMP_CREDIT = f"{DC} creator", f"{DC} rights", f"{XMP_PHOTOSHOP} Credit"


class Owner(NamedTuple):
    """Who made an image, and whose it is. Empty texts are unknown."""

    creators: tuple[str, ...] = ()
    copyright: str = ""
    credit: str = ""

    def __or__(self, other: "Owner") -> "Owner":
        """Return this owner, with what is unknown from ``other``."""
        return Owner(
            self.creators or other.creators,
            self.copyright or other.copyright,
            self.credit or other.credit,
        )

    def __bool__(self) -> bool:
        return bool(self.creators or self.copyright or self.credit)


NOBODY = Owner()


def read_owner(info: Mapping[Any, Any], exif: Image.Exif) -> Owner:
    """Return the owner that a file names; of several, EXIF's before IPTC's before XMP's.

    ``info`` is Pillow's dictionary of an opened image. Never raises: what is broken is unknown.
    """
    owner = _of_exif(exif)
    for iptc in _iptc_blocks(info, exif):
        owner |= _of_iptc(iptc)
    for packet in (info.get("xmp"), info.get("XML:com.adobe.xmp"), _entry(exif, XMP)):
        owner |= _of_xmp(_bytes(packet))
    return owner | Owner(
        # Keywords of PNG (third edition), section 11.3.3.1.
        creators=tuple(filter(None, [_clean(info.get("Author"))])),
        copyright=_clean(info.get("Copyright")),
    )


def _of_exif(exif: Image.Exif) -> Owner:
    try:
        details = exif.get_ifd(IFD.Exif) if IFD.Exif in exif else {}
    except Exception:  # noqa: BLE001 - Pillow raises all kinds of errors over broken EXIF
        details = {}
    artist = _text(_entry(exif, TAG.Artist)) or _text(details.get(PHOTOGRAPHER))
    author = _entry(exif, TAG.XPAuthor)
    if not artist and isinstance(author, bytes | tuple):
        # Windows writes UTF-16.
        artist = _clean(_bytes(author).decode("utf-16-le", "ignore"))
    return Owner(
        creators=tuple(filter(None, map(_clean, artist.split(";"))))[:MAX_CREATORS],
        copyright=_text(_entry(exif, TAG.Copyright)),
    )


def _entry(exif: Image.Exif, tag: int) -> object:
    try:
        return exif.get(tag)
    except Exception:  # noqa: BLE001 - as above
        return None


def _bytes(value: object) -> bytes:
    """Return a block of metadata; b"" if it is no such block, or too large."""
    if isinstance(value, str):
        value = value.encode(errors="ignore")
    elif isinstance(value, tuple) and all(
        isinstance(each, int) and 0 <= each < 256 for each in value
    ):
        value = bytes(value)
    return value if isinstance(value, bytes) and len(value) <= MAX_BYTES else b""


def _text(value: object) -> str:
    """Return a text of EXIF: UTF-8, else Latin-1, as which Pillow reads all."""
    if isinstance(value, str):
        try:
            value = value.encode("latin-1")
        except UnicodeEncodeError:
            return _clean(value)
    return _clean(_decoded(value)) if isinstance(value, bytes) else ""


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _clean(text: object) -> str:
    """Return a text on one line, without control characters. NUL separates texts of EXIF."""
    if not isinstance(text, str):
        return ""
    lines = re.split(r"[\0\r\n\t]+", text[: 2 * MAX_TEXT])
    shown = ("".join(each for each in line if each.isprintable()).strip() for line in lines)
    return ", ".join(filter(None, shown))[:MAX_TEXT]


def _iptc_blocks(info: Mapping[Any, Any], exif: Image.Exif) -> Iterator[bytes]:
    """Yield IPTC from JPEG (APP13), from TIFF's tags, and from ImageMagick's PNG text."""
    resources = info.get("photoshop")
    if isinstance(resources, dict):
        yield _bytes(resources.get(IPTC_RESOURCE))
    iptc = _entry(exif, IPTC)
    if isinstance(iptc, tuple):
        # Some programs declare 32-bit numbers; the data are bytes in the file's order.
        order = "big" if exif.endian == ">" else "little"
        try:
            iptc = b"".join(each.to_bytes(4, order) for each in iptc[: MAX_BYTES // 4])
        except (AttributeError, OverflowError):
            iptc = b""
    yield _bytes(iptc)
    yield resource(_bytes(_entry(exif, PHOTOSHOP)), IPTC_RESOURCE)
    for keyword in ("Raw profile type iptc", "Raw profile type 8bim"):
        raw = _unhexed(_bytes(info.get(keyword)))
        yield resource(raw, IPTC_RESOURCE) if raw.startswith(b"8BIM") else raw


def _unhexed(profile: bytes) -> bytes:
    """Return a raw profile of ImageMagick: its name, its length, and its bytes as hex digits."""
    digits = b"".join(profile.split()[2:])
    try:
        return bytes.fromhex(digits.decode())
    except ValueError:
        return b""


def resource(resources: bytes, wanted: int) -> bytes:
    """Return one of Photoshop's image resources; b"" if it is missing.

    Source: Adobe Photoshop File Formats, "Image Resource Blocks".
    """
    place = 0
    while resources[place : place + 4] == b"8BIM":
        number = int.from_bytes(resources[place + 4 : place + 6])
        name = resources[place + 6] if place + 6 < len(resources) else 0
        place += 6 + (1 + name) + (1 + name) % 2
        length = int.from_bytes(resources[place : place + 4])
        if number == wanted:
            return resources[place + 4 : place + 4 + length]
        place += 4 + length + length % 2
    return b""


def _of_iptc(block: bytes) -> Owner:
    found: dict[tuple[int, int], list[bytes]] = {}
    for name, value in _data_sets(block):
        found.setdefault(name, []).append(value)
    is_utf8 = found.get(CHARACTER_SET) == [UTF_8]

    def texts(name: tuple[int, int]) -> list[str]:
        values = found.get(name, [])[:MAX_CREATORS]
        decoded = (each.decode(errors="ignore") if is_utf8 else _decoded(each) for each in values)
        return list(filter(None, map(_clean, decoded)))

    return Owner(
        creators=tuple(texts(BY_LINE)),
        copyright=", ".join(texts(COPYRIGHT_NOTICE)[:1]),
        credit=", ".join(texts(CREDIT)[:1]),
    )


def _data_sets(block: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield record and number, and value, of each data set (IIM 4.2, section 1.5)."""
    place = 0
    while place + 5 <= len(block) and block[place] == 0x1C:
        name = block[place + 1], block[place + 2]
        length = int.from_bytes(block[place + 3 : place + 5])
        place += 5
        if length & 0x8000:
            size = length & 0x7FFF
            if size > 4:
                return
            length = int.from_bytes(block[place : place + size])
            place += size
        yield name, block[place : place + length]
        place += length


def _of_xmp(packet: bytes) -> Owner:
    if not packet:
        return NOBODY
    reader = _Reader()
    # What precedes an error is read.
    with suppress(expat.ExpatError, ValueError, LookupError):
        reader.parse(packet)
    found = reader.found
    return Owner(
        creators=tuple(filter(None, map(_clean, found[CREATOR])))[:MAX_CREATORS],
        copyright=next(filter(None, map(_clean, found[RIGHTS])), ""),
        credit=next(filter(None, map(_clean, found[XMP_CREDIT])), ""),
    )


class _Reader:
    """Reads the owner's properties from XMP, as RDF/XML (ISO 16684-1, clause 7).

    A property is an attribute of ``rdf:Description``, or an element with the text or ``rdf:li``.
    """

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {CREATOR: [], RIGHTS: [], XMP_CREDIT: []}
        self._path: list[str] = []
        self._text: list[str] = []

    def parse(self, packet: bytes) -> None:
        """Parse a packet. Raises ``ExpatError`` or ``ValueError`` at the first error."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._refuse
        start, end = packet.find(b"<"), packet.rfind(b">")
        parser.Parse(packet if b"\0" in packet else packet[max(0, start) : end + 1], True)  # noqa: FBT003

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text.clear()
        if name == f"{RDF} Description" and self._is_top():
            for attribute, value in attributes.items():
                if attribute in self.found:
                    self.found[attribute].append(value)

    def _is_top(self) -> bool:
        """Whether the current element is not within a property, as an ingredient's would be."""
        return self._path.count(f"{RDF} Description") == 1

    def _end(self, name: str) -> None:
        properties = [each for each in self._path[-4:] if each in self.found]
        is_value = name == f"{RDF} li" or name in self.found
        if properties and is_value and self._is_top():
            self.found[properties[0]].append("".join(self._text))
        self._text.clear()
        self._path.pop()

    def _refuse(self, *_: object) -> None:
        raise ValueError("XMP has no document type, whose entities could be of any size")
