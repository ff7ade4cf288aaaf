"""The gallery's search: words, tags, and changes of images that match or no longer do."""

from urllib.parse import quote

from playwright.sync_api import expect

from .conftest import Upload
from .demo import Demo
from .dialog import ImageDialog
from .files import small_image


def edit(demo: Demo, key: str, **metadata: object) -> None:
    """Edit an image's metadata as another program does."""
    path = f"images/{quote(key, safe='')}"
    assert demo.site.api("PATCH", path, metadata, **{"if-match": "*"}).status_code == 200


def test_search(demo: Demo, upload: Upload) -> None:
    """Words find names and titles. What is edited elsewhere appears and disappears at once."""
    first, second = upload(small_image("quokka-one.jpg"), small_image("other.jpg"))
    demo.open()
    expect(demo.item(second)).to_be_visible()
    search = demo.page.get_by_role("searchbox", name="Search")
    search.fill("Quokka")
    search.press("Enter")
    expect(demo.item(first)).to_be_visible()
    expect(demo.item(second)).to_have_count(0)
    edit(demo, second, title="Another quokka")
    expect(demo.item(second)).to_be_visible()
    edit(demo, second, title=None)
    expect(demo.item(second)).to_have_count(0)
    search.fill("quok")
    search.press("Enter")
    expect(demo.page.get_by_text("No images match “quok”")).to_be_visible()
    search.fill("!!")
    search.press("Enter")
    expect(demo.page.get_by_text("Use words of letters or digits.")).to_be_visible()
    expect(demo.item(first)).to_have_count(0)
    search.press("Escape")
    expect(demo.item(second)).to_be_visible()


def test_a_tag_shows_its_images(demo: Demo, upload: Upload) -> None:
    """A tag in the details is a button; the whole tag matches."""
    first, second = upload(small_image("one.jpg"), small_image("two.jpg"))
    edit(demo, first, tags=["Numbat burrow"])
    edit(demo, second, tags=["Numbat"])
    dialog = ImageDialog(demo)
    dialog.open(first)
    dialog.button("Numbat burrow").click()
    expect(dialog.element).to_be_hidden()
    expect(demo.item(first)).to_be_visible()
    expect(demo.item(second)).to_have_count(0)
    search = demo.page.get_by_role("searchbox", name="Search")
    expect(search).to_have_value("tag:Numbat burrow")
    search.fill("tag:koala")
    search.press("Enter")
    expect(demo.page.get_by_text("No images with the tag koala")).to_be_visible()
