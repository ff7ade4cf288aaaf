"""File names in keys."""

import unicodedata
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processor.api.file_names import MAX_BYTES, clean


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("beach.jpg", "beach.jpg"),
        ("Beach.JPG", "Beach.jpg"),
        ("My Holiday (2).jpeg", "My-Holiday-2.jpeg"),
        ("été à la mer.png", "été-à-la-mer.png"),
        ("日本語の写真.webp", "日本語の写真.webp"),
        ("हिन्दी.gif", "हिन्दी.gif"),
        ("/etc/passwd", "passwd"),
        ("../../a.jpg", "a.jpg"),
        (r"C:\Users\me\a.jpg", "a.jpg"),
        (r"..\..\a.jpg", "a.jpg"),
        ("a/..", "image"),
        ("..", "image"),
        ("...jpg", "image.jpg"),
        (".jpg", "image.jpg"),
        (".htaccess", "image.htaccess"),
        ("", "image"),
        ("   ", "image"),
        ("-", "image"),
        ("🎉.jpg", "image.jpg"),
        ("a🎉b.jpg", "a-b.jpg"),
        ("a\0b.jpg", "ab.jpg"),
        ("a\r\nSet-Cookie: b.jpg", "aSet-Cookie-b.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\ufeffa\u200bb.jpg", "ab.jpg"),
        ("a\ue000\U000f0000.jpg", "a.jpg"),
        ("a\ud800.jpg", "a.jpg"),
        ("\uff0e\uff0e\uff0fetc\uff0fpasswd", "passwd"),
        ("\u2024\u2024/a.jpg", "a.jpg"),
        ("\u2025\u2025a.jpg", "a.jpg"),
        ("..\u2215..\u2044a.jpg", "a.jpg"),
        ("a\u29f8b\uff3cc.jpg", "c.jpg"),
        ("ﬁne①.jpg", "fine1.jpg"),
        ("a..b...c.jpg", "a.b.c.jpg"),
        ("a-.-b.jpg", "a.b.jpg"),
        ("a.jpg.", "a.jpg"),
        ("a.jpg ", "a.jpg"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("a.b c", "a.b-c"),
        ("${filename}", "filename"),
        ("<script>alert(1)</script>.png", "script.png"),
        ("a&b'c\"d.png", "a-b-c-d.png"),
        ("con.jpg", "image-con.jpg"),
        ("NUL", "image-NUL"),
        ("Com1.tar.gz", "image-Com1.tar.gz"),
        ("console.jpg", "console.jpg"),
        ("x" * 10_000 + ".JPEG", "x" * 95 + ".jpeg"),
        ("é" * 10_000 + ".jpg", "é" * 48 + ".jpg"),
        ("a." + "j" * 10_000, "a." + "j" * 98),
        ("x" * 10_000, "x" * 100),
    ],
)
def test_names_become_safe(name: str, expected: str) -> None:
    """Paths, control characters, look-alikes and special characters are removed."""
    assert clean(name) == expected


@given(st.text(st.characters(codec=None)) | st.text("./\\-\u202e\uff0f. a\0", max_size=30))
@example("\u0300")
@example("a" + "\u0301" * 200)
@example("\u1e9b\u0323.jpg")
def test_every_clean_name_is_safe(name: str) -> None:
    """A key with it is short, has no path and no control characters, and survives a URL."""
    cleaned = clean(name)
    key = f"uploads/aaaaaaaaaaaaaaaa/{cleaned}"
    assert cleaned
    assert len(cleaned.encode()) <= MAX_BYTES
    assert key.count("/") == 2
    assert cleaned[0] not in "-."
    assert cleaned[-1] not in "-."
    assert ".." not in cleaned
    assert all(c in "-_." or unicodedata.category(c)[0] in "LMN" for c in cleaned)
    assert unquote(quote(key, safe=""), errors="strict") == key
    assert clean(cleaned).lower() == cleaned.lower()
