"""The image dialog: details, comparison, copying, reprocessing, and the playground."""

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Route, expect

from tests.integration.waiting import wait_for

from . import artifacts
from .conftest import NewDemo, Upload
from .demo import Demo, fragment
from .dialog import ImageDialog, Playground
from .files import photo


@pytest.fixture
def clipboard_demo(new_demo: NewDemo) -> Demo:
    """Return a page with permission for the clipboard."""
    return new_demo(permissions=["clipboard-read", "clipboard-write"])


def test_open_by_click_and_by_url(demo: Demo, photos: list[str]) -> None:
    """A click opens an image at a URL of its own, and Back closes it."""
    demo.open()
    demo.item(photos[1]).get_by_role("link").click()
    dialog = ImageDialog(demo)
    dialog.expect_open(photos[1])
    assert demo.page.url.endswith(fragment(photos[1]))
    demo.page.go_back()
    expect(dialog.element).to_be_hidden()
    dialog.open(photos[2])


def test_renditions_table(demo: Demo, upload: Upload) -> None:
    """The table shows the pixels, the saved bytes and the time that the API returns."""
    (key,) = upload(photo("mountains.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    image = demo.site.image(key).json()
    expect(dialog.rows).to_have_count(len(image["renditions"]))
    for row, each in zip(dialog.rows.all(), image["renditions"], strict=True):
        expect(row).to_contain_text(each["name"])
        expect(row).to_contain_text(f"{each['width']} × {each['height']}")
        saved = round(100 * (1 - each["bytes"] / image["bytes"]))
        expect(row).to_contain_text(f"\N{MINUS SIGN}{saved}%")
        expect(row).to_contain_text(str(each["ms"]))
    for color in image["analysis"]["palette"]:
        expect(dialog.element).to_contain_text(color)
    artifacts.screenshot(demo, "dialog")


def test_slider_by_keyboard(demo: Demo, upload: Upload) -> None:
    """The arrow keys move the slider between original and rendition."""
    (key,) = upload(photo("earth.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    dialog.button("Slider").click()
    dialog.slider.focus()
    before = float(dialog.slider.input_value())
    demo.page.keyboard.press("ArrowLeft")
    demo.page.keyboard.press("ArrowLeft")
    assert float(dialog.slider.input_value()) < before


def test_copy_urls_and_html(clipboard_demo: Demo, upload: Upload) -> None:
    """Copied URLs lead to the renditions at the page's origin, also in the API's markup."""
    (key,) = upload(photo("mountains.jpg"))
    demo = clipboard_demo
    dialog = ImageDialog(demo)
    dialog.open(key)
    image = demo.site.image(key).json()
    dialog.button("Copy the URL of thumb").click()
    expect(demo.page.get_by_text("Copied").first).to_be_visible()
    path = image["renditions"][0]["path"]
    assert dialog.copied() == f"{demo.site.page}/{path}"
    assert len(demo.site.get(path).content) == image["renditions"][0]["bytes"]
    dialog.unfold("HTML")
    dialog.button("<picture>").click()
    expect_copied(dialog, image["markup"].replace(demo.site.root, demo.site.page))


def expect_copied(dialog: ImageDialog, text: str) -> None:
    """Wait until the clipboard has a text, with any white space."""
    joined = re.sub(r"\s+", "", text)
    wait_for(lambda: re.sub(r"\s+", "", dialog.copied()) == joined)


def test_without_originals(demo: Demo, upload: Upload) -> None:
    """If the API refuses originals, the dialog compares two renditions."""
    (key,) = upload(photo("mountains.jpg"))
    demo.allow_error("403")
    problem = (
        '{"title": "Forbidden", "status": 403, "code": "originals-off", "detail": "Not shared."}'
    )
    demo.page.route(
        re.compile("/original$"),
        lambda route: route.fulfill(
            status=403, content_type="application/problem+json", body=problem
        ),
    )
    dialog = ImageDialog(demo)
    dialog.open(key)
    expect(dialog.element).to_contain_text("This deployment does not share originals")
    expect(dialog.element.get_by_label("Before", exact=True)).not_to_contain_text("Original")


def test_reprocess(demo: Demo, upload: Upload) -> None:
    """The renditions of the selected recipe replace the current ones."""
    (key,) = upload(photo("raccoon.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    table = dialog.element.get_by_role("table", name="Renditions")
    recipe = dialog.element.get_by_label("Recipe for reprocessing")
    recipe.select_option("avatar")
    dialog.button("Reprocess").click()
    expect(table).to_contain_text("small@2x")
    recipe.select_option("default")
    dialog.button("Reprocess").click()
    expect(table).to_contain_text("preview")


def test_playground(clipboard_demo: Demo, upload: Upload) -> None:
    """A preset adds a rendition to the image's own ones, and its recipe can be copied and used."""
    (key,) = upload(photo("coffee.png"))
    demo = clipboard_demo
    playground = Playground(demo)
    playground.open(key)
    playground.button("Old print").click()
    playground.expect_result()
    artifacts.screenshot(demo, "playground")
    names = [each["name"] for each in demo.site.image(key).json()["renditions"]]
    assert "playground" in names
    assert len(names) > 1
    recipe = playground.recipe()
    assert [each["name"] for each in recipe["renditions"]] == ["playground"]
    playground.unfold("Recipe")
    playground.button("Copy recipe").click()
    expect_copied(playground, playground.element.get_by_label("Recipe as JSON").inner_text())
    response = demo.site.api("POST", process_path(key), {"recipe": recipe})
    assert response.status_code == 202, response.text


def test_variant_url(clipboard_demo: Demo, upload: Upload) -> None:
    """The playground shows a draft's signed URL and its size, and copies its markup; operations
    that URLs have no option for are named.
    """
    (key,) = upload(photo("mountains.jpg"))
    demo = clipboard_demo
    playground = Playground(demo)
    playground.open(key)
    playground.unfold("URL")
    size = playground.element.get_by_test_id("variant-size")
    expect(size).to_contain_text("WebP")
    url = playground.shown("URL of the variant")
    pattern = (
        re.escape(f"{demo.site.page}/i/") + r"[\w-]{22}" + re.escape(f"/w_800,f_webp/{quote(key)}")
    )
    assert re.fullmatch(pattern, url)
    bytes_ = len(demo.site.get(url.removeprefix(f"{demo.site.page}/")).content)
    saved = round(100 * (1 - bytes_ / demo.site.image(key).json()["bytes"]))
    expect(size).to_contain_text(f"\N{MINUS SIGN}{saved}%")
    playground.button("Copy URL").click()
    expect_copied(playground, url)
    playground.button("<img srcset>").click()
    wait_for(lambda: "srcset=" in playground.copied())
    urls = re.findall(r"(http[^\s\"]+/w_(\d+)/\S+) \2w[,\"]", playground.copied())
    assert [width for _, width in urls][:2] == ["320", "640"]
    assert int(urls[-1][1]) <= demo.site.image(key).json()["width"]
    assert demo.site.get(urls[0][0].removeprefix(f"{demo.site.page}/")).status_code == 200
    artifacts.screenshot(demo, "variant-url")
    # The preset is run as well: meanwhile the image has no new variants.
    demo.allow_error("503")
    playground.button("Tiny AVIF").click()
    shown = playground.element.get_by_label("URL of the variant")
    expect(shown).to_contain_text("/w_800,f_avif,q_40/")
    expect(size).to_contain_text("AVIF")
    playground.button("Old print").click()
    expect(playground.element).to_contain_text("URLs have no option for: contrast, sepia, pad.")


def test_invalid_recipe(demo: Demo, upload: Upload) -> None:
    """The playground shows the API's reason for refusing a recipe."""
    (key,) = upload(photo("flower.jpg"))
    demo.allow_error("400")
    playground = Playground(demo)
    playground.open(key)
    playground.operation("Resize").set_checked(checked=True, force=True)
    width = playground.element.get_by_role("group", name="Resize").get_by_label("Width")
    width.fill("99999")
    width.blur()
    playground.button("Run").click()
    expect(playground.problem).to_contain_text(re.compile("recipe|16,?384", re.IGNORECASE))


def test_failed_request(demo: Demo, upload: Upload) -> None:
    """A failed request leaves the renditions as they are. The gallery marks the image, and the
    dialog shows the reason.
    """
    (key,) = upload(photo("mountains.jpg"))
    poster = {
        "name": "poster",
        "resize": {"width": 9999, "enlarge": True},
        "output": {"format": "png"},
    }
    before = demo.site.image(key).json()
    accepted = demo.site.api("POST", process_path(key), {"recipe": {"renditions": [poster]}}).json()
    image = demo.site.ended(key, accepted["version"])
    demo.open()
    expect(demo.item(key)).to_contain_text("Request failed")
    dialog = ImageDialog(demo)
    dialog.open(key)
    failed = dialog.element.get_by_test_id("failed-request")
    expect(failed).to_contain_text(image["failed_request"]["message"])
    expect(failed).to_contain_text("too-large-rendition")
    expect(dialog.rows).to_have_count(len(before["renditions"]))


def test_failed_playground_run(demo: Demo, upload: Upload) -> None:
    """The playground shows why a run failed, though the previous result still exists."""
    (key,) = upload(photo("flower.jpg"))
    playground = Playground(demo)
    playground.open(key)
    playground.button("Plain").click()
    playground.expect_result()
    demo.page.route(re.compile("/process$"), enlarge)
    playground.button("Run").click()
    expect(playground.problem).to_contain_text("9999")
    expect(playground.result).to_be_empty()
    names = [each["name"] for each in demo.site.image(key).json()["renditions"]]
    assert "playground" in names


def process_path(key: str) -> str:
    """Return the API path that reprocesses an image."""
    return f"images/{quote(key, safe='')}/process"


def enlarge(route: Route) -> None:
    """Change the page's request to a rendition that exceeds the limits."""
    body = json.loads(route.request.post_data or "")
    body["recipe"]["renditions"][-1]["resize"] = {"width": 9999, "enlarge": True}
    route.continue_(post_data=json.dumps(body))


@pytest.mark.parametrize(
    ("original", "text"), [("deleted", "deleted after processing"), ("expired", "expired; nothing")]
)
def test_a_deleted_original_is_told(demo: Demo, upload: Upload, original: str, text: str) -> None:
    """The details say that the original was deleted after processing, or has expired."""
    (key,) = upload(photo("flower.jpg"))
    image = demo.site.image(key).json() | {"original": original}

    def listed(route: Route) -> None:
        if "since=" in route.request.url:
            route.continue_()
        else:
            route.fulfill(json={"images": [image], "next": None})

    demo.page.route(demo.api_path("images"), listed)
    demo.page.route(
        demo.api_path(f"images/{quote(key, safe='')}"), lambda route: route.fulfill(json=image)
    )
    dialog = ImageDialog(demo)
    dialog.open(key)
    expect(dialog.element).to_contain_text(text)
