"""One picture, large: compared, measured, copied."""

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Route, expect

from . import artifacts
from .conftest import NewDemo
from .demo import Demo, fragment
from .detail import Detail, Playground


@pytest.fixture
def copying(new_demo: NewDemo) -> Demo:
    """Give a page that may use the clipboard."""
    return new_demo(permissions=["clipboard-read", "clipboard-write"])


def test_opened_by_click_and_by_address(demo: Demo, photographs: list[str]) -> None:
    """A click opens a picture under an address of its own; Back closes it."""
    demo.open()
    demo.tile(photographs[1]).get_by_role("link").click()
    detail = Detail(demo)
    detail.expect_open(photographs[1])
    assert demo.page.url.endswith(fragment(photographs[1]))
    demo.page.go_back()
    expect(detail.dialog).to_be_hidden()
    detail.open(photographs[2])


def test_the_numbers_are_those_of_the_api(demo: Demo, photographs: list[str]) -> None:
    """Each rendition has its size in pixels and the bytes that it saves."""
    detail = Detail(demo)
    detail.open(photographs[0])
    said = demo.site.image(photographs[0]).json()
    expect(detail.rows).to_have_count(len(said["renditions"]))
    for row, each in zip(detail.rows.all(), said["renditions"], strict=True):
        expect(row).to_contain_text(each["name"])
        expect(row).to_contain_text(f"{each['width']} × {each['height']}")
        saved = round(100 * (1 - each["bytes"] / said["bytes"]))
        expect(row).to_contain_text(f"\N{MINUS SIGN}{saved}%")
        expect(row).to_contain_text(str(each["ms"]))
    for color in said["analysis"]["palette"]:
        expect(detail.dialog).to_contain_text(color)
    artifacts.take(demo, "detail")


def test_before_and_after_by_keyboard(demo: Demo, photographs: list[str]) -> None:
    """The slider between original and rendition is moved with the arrow keys."""
    detail = Detail(demo)
    detail.open(photographs[3])
    detail.button("Slider").click()
    detail.slider.focus()
    before = float(detail.slider.input_value())
    demo.page.keyboard.press("ArrowLeft")
    demo.page.keyboard.press("ArrowLeft")
    assert float(detail.slider.input_value()) < before


def test_urls_and_markup_are_copied(copying: Demo, photographs: list[str]) -> None:
    """What is copied leads to the rendition, at the page's own host, as the API's markup does."""
    detail = Detail(copying)
    detail.open(photographs[0])
    said = copying.site.image(photographs[0]).json()
    detail.button("Copy the URL of thumb").click()
    expect(copying.page.get_by_text("Copied").first).to_be_visible()
    path = said["renditions"][0]["path"]
    assert detail.copied() == f"{copying.site.page}/{path}"
    assert len(copying.site.get(path).content) == said["renditions"][0]["bytes"]
    detail.dialog.get_by_text("HTML to paste").click()
    detail.dialog.get_by_role("button", name="<picture>", exact=True).click()
    markup = said["markup"].replace(copying.site.root, copying.site.page)
    expect_copied(copying, detail, markup)


def expect_copied(demo: Demo, detail: Detail, text: str) -> None:
    """Wait until the clipboard holds a text, however it is broken into lines."""
    joined = re.sub(r"\s+", "", text)
    for _ in range(50):
        if re.sub(r"\s+", "", detail.copied()) == joined:
            return
        demo.page.wait_for_timeout(100)
    assert re.sub(r"\s+", "", detail.copied()) == joined


def test_originals_that_are_not_given_out(demo: Demo, photographs: list[str]) -> None:
    """Where the API keeps originals to itself, two renditions are compared."""
    demo.leave_out("403")
    problem = (
        '{"title": "Forbidden", "status": 403, "code": "originals-off", "detail": "Not given out."}'
    )
    demo.page.route(
        re.compile("/original$"),
        lambda route: route.fulfill(
            status=403, content_type="application/problem+json", body=problem
        ),
    )
    detail = Detail(demo)
    detail.open(photographs[0])
    expect(detail.dialog).to_contain_text("Originals are not given out here")
    expect(detail.dialog.get_by_label("Before", exact=True)).not_to_contain_text("Original")


def test_made_again_with_another_recipe(demo: Demo, photographs: list[str]) -> None:
    """A recipe is chosen, and its renditions take the place of the others."""
    key = photographs[4]
    detail = Detail(demo)
    detail.open(key)
    detail.dialog.get_by_label("Recipe to make it again with").select_option("avatar")
    detail.button("Make again").click()
    expect(detail.dialog.get_by_role("table", name="Renditions")).to_contain_text("small@2x")
    detail.dialog.get_by_label("Recipe to make it again with").select_option("default")
    detail.button("Make again").click()
    expect(detail.dialog.get_by_role("table", name="Renditions")).to_contain_text("preview")


def test_the_playground(copying: Demo, photographs: list[str]) -> None:
    """Operations are chosen and run; the result is shown, and the recipe is there to copy."""
    key = photographs[2]
    playground = Playground(copying)
    playground.open(key)
    playground.button("Old print").click()
    playground.expect_result()
    artifacts.take(copying, "playground")
    made = copying.site.image(key).json()
    names = [each["name"] for each in made["renditions"]]
    assert "playground" in names
    assert len(names) > 1
    recipe = playground.recipe()
    assert [each["name"] for each in recipe["renditions"]] == ["playground"]
    playground.unfold("Recipe")
    playground.button("Copy recipe").click()
    expect_copied(
        copying, playground, playground.dialog.get_by_label("Recipe as JSON").inner_text()
    )
    answer = copying.site.api("POST", f"images/{fragment(key)[8:]}/process", {"recipe": recipe})
    assert answer.status_code == 202, answer.text


def test_a_recipe_that_is_wrong(demo: Demo, photographs: list[str]) -> None:
    """What the engine says of it is shown, and nothing is changed."""
    demo.leave_out("400")
    playground = Playground(demo)
    playground.open(photographs[1])
    playground.operation("Resize").set_checked(checked=True, force=True)
    width = playground.dialog.get_by_role("group", name="Resize").get_by_label("Width")
    width.fill("99999")
    width.blur()
    playground.button("Develop").click()
    expect(playground.problem).to_contain_text(re.compile("recipe|16,?384", re.IGNORECASE))


def test_a_request_that_fails(demo: Demo, photographs: list[str]) -> None:
    """The picture stays as it was; the tile is marked, and why is told where it is looked at."""
    key = photographs[0]
    poster = {
        "name": "poster",
        "resize": {"width": 9999, "enlarge": True},
        "output": {"format": "png"},
    }
    path = f"images/{quote(key, safe='')}/process"
    before = demo.site.image(key).json()
    said = demo.site.api("POST", path, {"recipe": {"renditions": [poster]}}).json()
    image = demo.site.ended(key, said["version"])
    demo.open()
    expect(demo.tile(key)).to_contain_text("Request failed")
    detail = Detail(demo)
    detail.open(key)
    failed = detail.dialog.get_by_test_id("failed-request")
    expect(failed).to_contain_text(image["failed_request"]["message"])
    expect(failed).to_contain_text("too-large-rendition")
    expect(detail.rows).to_have_count(len(before["renditions"]))


def test_an_experiment_that_fails(demo: Demo, photographs: list[str]) -> None:
    """The playground says why, though an earlier experiment's result is still there."""
    key = photographs[1]
    playground = Playground(demo)
    playground.open(key)
    playground.button("Plain").click()
    playground.expect_result()
    demo.page.route(re.compile("/process$"), too_large)
    playground.button("Develop").click()
    expect(playground.problem).to_contain_text("would be 9999")
    expect(playground.result).to_be_empty()
    names = [each["name"] for each in demo.site.image(key).json()["renditions"]]
    assert "playground" in names


def too_large(route: Route) -> None:
    """Ask for more than can be made in place of what the page asks for."""
    body = json.loads(route.request.post_data or "")
    body["recipe"]["renditions"][-1]["resize"] = {"width": 9999, "enlarge": True}
    route.continue_(post_data=json.dumps(body))
