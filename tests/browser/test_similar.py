"""Similar images in the dialog, and the image that an upload duplicates."""

import io

from PIL import Image
from playwright.sync_api import expect

from .conftest import Upload
from .demo import Demo
from .dialog import ImageDialog
from .files import File, photo


def smaller(file: File) -> File:
    """Return an image at half the size, as WebP."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(file.data)) as image:
        image.reduce(2).save(out, "WEBP", quality=70)
    return File("smaller.webp", out.getvalue(), "image/webp")


def test_similar_images_are_found(demo: Demo, upload: Upload) -> None:
    """A button finds them, and each is a link. An image that looks like no other says so."""
    original = photo("boats.jpg")
    key, copy = upload(original, smaller(original))
    dialog = ImageDialog(demo)
    dialog.open(key)
    section = dialog.element.get_by_test_id("similar")
    section.get_by_role("button", name="Find").click()
    link = section.get_by_role("link", name="smaller.webp").first
    expect(link).to_be_visible()
    link.click()
    dialog.expect_open(copy)


def test_a_duplicate_links_to_the_first(demo: Demo, upload: Upload) -> None:
    """The same file under two names."""
    file = photo("rocket.jpg")
    unique = File("first.jpg", file.data + b"first", file.type)
    (first,) = upload(unique)
    (copy,) = upload(File("again.jpg", unique.data, file.type))
    dialog = ImageDialog(demo)
    dialog.open(copy)
    section = dialog.element.get_by_test_id("similar")
    expect(section).to_contain_text("The same file was uploaded before")
    section.get_by_role("link", name="first.jpg").click()
    dialog.expect_open(first)


def test_an_upload_is_told_to_be_a_duplicate(demo: Demo) -> None:
    """In its row, with the first one's name."""
    file = photo("earth.jpg")
    unique = File("seen.jpg", file.data + b"seen", file.type)
    demo.open()
    demo.choose(unique)
    demo.expect_done("seen.jpg")
    demo.choose(File("again.jpg", unique.data, unique.type))
    demo.expect_done("again.jpg")
    row = demo.upload("again.jpg")
    expect(row).to_contain_text("The same file was uploaded before, as seen.jpg.")
