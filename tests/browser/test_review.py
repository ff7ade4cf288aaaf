"""What was found in pictures, those that are held, and the workflow, on the page."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote

import boto3
import httpx
import pytest
from playwright.sync_api import Locator, Route, expect

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from tests.deployed import new_deployment
from tests.integration.flagged import flagged, patchwork
from tests.integration.localstack import LocalStack
from tests.integration.site import Site
from tests.integration.waiting import wait_for

from . import artifacts
from .accessibility import barriers
from .conftest import NewDemo, put
from .demo import DONE_WITHIN, Demo, fragment
from .detail import Detail
from .pictures import DISGUISED, File, photograph
from .test_looks import overhang

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True, slots=True)
class Watchful:
    """A stack that has every picture looked at."""

    cloud: Cloud
    site: Site

    def put(self, *files: File) -> list[str]:
        """Put files through it without the page; answer their keys."""
        return put(self.cloud, self.site, *files)


@pytest.fixture(scope="module")
def watchful(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Watchful]:
    """Give such a stack."""
    if own_localstack is None:
        pytest.skip("no picture could be declared to be flagged there")
    assert endpoint
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, "Analyze": "all"})
    said: list[str] = []
    with httpx.Client(timeout=30) as http:
        outputs = deploy(deployment, said.append)
        yield Watchful(Cloud(outputs), Site(outputs["SiteUrl"], http))


@pytest.fixture
def demo(new_demo: NewDemo, watchful: Watchful) -> Demo:
    """Give its page on a desktop, not yet opened."""
    return new_demo(watchful.site)


@contextmanager
def one_that_is_flagged() -> Iterator[File]:
    """Give a picture that is held, as long as the context lasts."""
    name = f"{uuid.uuid4().hex[:8]}.jpg"
    picture = File(name, patchwork(name))
    with flagged(picture.data):
        yield picture


@pytest.fixture
def held(watchful: Watchful) -> Iterator[str]:
    """Give the key of a picture that waits for a review."""
    with one_that_is_flagged() as picture:
        yield watchful.put(picture)[0]


class Graph:
    """The workflow's view in the dialog."""

    def __init__(self, detail: Detail) -> None:
        self.status = detail.dialog.get_by_test_id("workflow-status")
        self.steps = detail.dialog.get_by_role("list", name="Steps of the workflow")
        self.image = detail.dialog.get_by_role("img", name="The execution's states")

    def step(self, name: str) -> Locator:
        """A state in the graph."""
        return self.image.locator(f'[data-name="{name}"]')

    def expect_step(self, name: str, status: str) -> None:
        """Wait until a state has come to this."""
        expect(self.step(name)).to_have_attribute("data-status", status, timeout=DONE_WITHIN)


def test_labels_find_pictures(demo: Demo, watchful: Watchful) -> None:
    """A label's chip shows the pictures that share it; what it is a kind of finds them, too."""
    coffee, mountains = watchful.put(photograph("coffee.png"), photograph("mountains.jpg"))
    detail = Detail(demo)
    detail.open(coffee)
    said = demo.site.image(coffee).json()["analysis"]["labels"]
    chip = detail.button("Coffee", exact=False)
    (sure,) = (each["confidence"] for each in said if each["name"] == "Coffee")
    expect(chip).to_contain_text(f"{round(sure)}%")
    artifacts.take(demo, "labels")
    chip.click()
    expect(detail.dialog).to_be_hidden()
    expect(demo.tile(coffee)).to_be_visible()
    expect(demo.tile(mountains)).to_have_count(0)
    search = demo.page.get_by_role("searchbox", name="Show pictures of")
    expect(search).to_have_value("Coffee")
    search.fill("nature")
    search.press("Enter")
    expect(demo.tile(mountains)).to_be_visible()
    expect(demo.tile(coffee)).to_have_count(0)
    search.fill("unicorn")
    search.press("Enter")
    expect(demo.page.get_by_text("No picture of unicorn")).to_be_visible()
    search.press("Escape")
    expect(demo.tile(coffee)).to_be_visible()


def test_boxes_are_where_things_are(demo: Demo, watchful: Watchful) -> None:
    """On demand, the face is framed where the API says that it is."""
    (key,) = watchful.put(photograph("astronaut.jpg"))
    detail = Detail(demo)
    detail.open(key)
    mark = detail.dialog.locator(".compare-mark").filter(has_text="Face")
    expect(mark).to_have_count(0)
    detail.dialog.get_by_label("Show where").check()
    expect(mark).to_be_visible()
    artifacts.take(demo, "boxes")
    (face,) = demo.site.image(key).json()["analysis"]["faces"]
    found, frame = mark.bounding_box(), detail.dialog.locator(".compare-marks").bounding_box()
    assert found
    assert frame
    assert (found["x"] - frame["x"]) / frame["width"] == pytest.approx(
        face["box"]["left"], abs=0.01
    )
    assert (found["y"] - frame["y"]) / frame["height"] == pytest.approx(
        face["box"]["top"], abs=0.01
    )
    assert found["width"] / frame["width"] == pytest.approx(face["box"]["width"], abs=0.01)
    detail.dialog.get_by_label("Show where").uncheck()
    expect(mark).to_have_count(0)
    detail.button("Side by side").click()
    detail.dialog.get_by_label("Show where").check()
    expect(mark).to_be_visible()


def test_held_and_approved(demo: Demo) -> None:
    """A flagged upload is blurred and waits, among uploads and pictures; approved, it is made."""
    demo.open()
    with one_that_is_flagged() as picture:
        demo.drop(picture)
        expect(demo.trace(picture.name)).to_have_attribute(
            "data-stage", "held", timeout=DONE_WITHIN
        )
        expect(demo.trace(picture.name)).to_contain_text("Held for review")
        expect(demo.page.locator("#tray-count")).to_have_text("1 held for review")
        key = demo.key_of(picture.name)
        demo.show("To review")
        expect(demo.tile(key)).to_contain_text("Explicit Nudity")
        expect(demo.tile(key).locator("img")).to_have_count(0)
        artifacts.take(demo, "held")
        demo.tile(key).get_by_role("link").click()
        detail = Detail(demo)
        detail.expect_open(key)
        shown = detail.dialog.locator(".compare img").first
        expect(shown).to_have_css("filter", re.compile("blur"))
        detail.button("Look at it").click()
        expect(shown).to_have_css("filter", "none")
        detail.button("Approve").click()
        expect(detail.state).to_have_text("Done", timeout=DONE_WITHIN)
        expect(detail.rows.first).to_be_visible()
    expect(detail.dialog.get_by_text("Somebody has approved it.")).to_be_visible()
    assert demo.site.image(key).json()["status"] == "done"
    detail.button("Close").click()
    expect(demo.trace(picture.name)).to_have_attribute("data-stage", "done")


def test_rejected(demo: Demo, held: str) -> None:
    """A rejected picture says so, can be decided no more, and is found among its like."""
    detail = Detail(demo)
    detail.open(held)
    detail.button("Reject").press("Enter")
    expect(detail.state).to_have_text("Rejected", timeout=DONE_WITHIN)
    expect(detail.title).to_be_focused()
    expect(detail.button("Approve")).to_have_count(0)
    expect(detail.dialog.get_by_text("It was rejected.")).to_be_visible()
    assert demo.site.image(held).json()["renditions"] == []
    detail.button("Close").click()
    expect(detail.dialog).to_be_hidden()
    demo.show("Rejected")
    expect(demo.tile(held)).to_be_visible()


def test_decided_elsewhere(demo: Demo, held: str) -> None:
    """The page sees it, also where only pictures to review are shown; a second decision is told."""
    demo.open()
    demo.show("To review")
    demo.tile(held).get_by_role("link").click()
    detail = Detail(demo)
    detail.expect_open(held)
    decided = demo.site.api("POST", f"images/{quote(held, safe='')}/review", {"decision": "reject"})
    assert decided.status_code == 202
    expect(detail.state).to_have_text("Rejected", timeout=DONE_WITHIN)
    detail.button("Close").click()
    expect(demo.tile(held)).to_have_count(0)


def test_another_under_the_same_key(demo: Demo, watchful: Watchful, held: str) -> None:
    """What is decided is what was looked at: another has to be looked at, and is blurred again."""
    detail = Detail(demo)
    detail.open(held)
    detail.button("Look at it").click()
    expect(detail.button("Blur it")).to_be_visible()
    shown = detail.dialog.locator(".compare img").first
    before = shown.get_attribute("src")
    demo.leave_out("409")
    with one_that_is_flagged() as other:
        demo.page.clock.install()  # so that the page does not find out by itself
        raw = watchful.cloud.outputs["RawBucket"]
        version = demo.site.image(held).json()["version"]
        watchful.cloud.s3.put_object(Bucket=raw, Key=held, Body=other.data)
        wait_for(lambda: is_held_anew(demo, held, version))
        detail.button("Approve").click()
        expect(detail.dialog.get_by_text("not the one that was reviewed")).to_be_visible()
    expect(detail.button("Look at it")).to_be_visible()
    expect(shown).not_to_have_attribute("src", before or "")
    assert demo.site.image(held).json()["status"] == "review"


def is_held_anew(demo: Demo, key: str, version: str) -> bool:
    """Whether a newer picture waits for its review under a key."""
    said = demo.site.image(key).json()
    return said["status"] == "review" and bool(said["version"] > version)


def test_from_graph_to_graph(demo: Demo, watchful: Watchful, held: str) -> None:
    """The arrows lead to the graphs of the neighbors, each with what it is of."""
    (other,) = watchful.put(photograph("mountains.jpg"))
    demo.open(fragment(held, "workflow"))
    detail = Detail(demo)
    graph = Graph(detail)
    graph.expect_step("Hold", "running")
    detail.button("Newer picture").click()
    detail.expect_open(other)
    expect(detail.dialog.get_by_text("The queue's way made this one")).to_be_visible()
    expect(graph.image).to_have_count(0)
    detail.button("Older picture").click()
    graph.expect_step("Hold", "running")


def test_the_graph_comes_late(demo: Demo, held: str) -> None:
    """Whatever is looked at while its code is on the way, it is there once."""
    asked: list[Route] = []

    def keep(route: Route) -> None:
        asked.append(route)

    demo.page.route("**/workflow.js*", keep)
    demo.open(fragment(held, "workflow"))
    detail = Detail(demo)
    expect(detail.state).to_have_text("Held for review")
    for view in ("Details", "Workflow"):
        detail.dialog.get_by_role("link", name=view).click()
    (route,) = asked
    route.continue_()
    Graph(detail).expect_step("Hold", "running")
    expect(Graph(detail).status).to_have_count(1)


def test_the_graph_of_a_failure(demo: Demo, watchful: Watchful) -> None:
    """What only errors lead to is drawn once it came; the reason stands beside its step."""
    (key,) = watchful.put(DISGUISED)
    began = demo.site.api("POST", f"images/{quote(key, safe='')}/process?workflow=full", {})
    assert began.status_code == 202
    demo.open(fragment(key, "workflow"))
    graph = Graph(Detail(demo))
    graph.expect_step("PermanentFailure", "succeeded")
    graph.expect_step("Inspect", "failed")
    expect(graph.steps).to_contain_text("PermanentStepError")
    artifacts.take(demo, "workflow-failed")


def test_the_graph_follows_the_execution(demo: Demo, held: str) -> None:
    """To where it waits, and to the end once approved; errors that did not come are left out."""
    demo.open(fragment(held, "workflow"))
    graph = Graph(Detail(demo))
    graph.expect_step("Hold", "running")
    graph.expect_step("Flagged", "succeeded")
    expect(graph.step("RenderOne")).to_have_attribute("data-status", "waiting")
    expect(graph.step("RecordFailure")).to_have_count(0)
    expect(graph.status).to_contain_text("Running since")
    expect(graph.steps.get_by_role("listitem").last).to_contain_text("Hold")
    artifacts.take(demo, "workflow-held")
    Detail(demo).button("Approve").click()
    graph.expect_step("Done", "succeeded")
    graph.expect_step("Reject", "skipped")
    expect(graph.status).to_contain_text("Succeeded after", timeout=DONE_WITHIN)
    expect(graph.steps).to_contain_text("RenderOne")
    artifacts.take(demo, "workflow-done")


def test_aborted(demo: Demo, watchful: Watchful, held: str) -> None:
    """What waited for a review and was ended is begun again, and waits again."""
    demo.open(fragment(held, "workflow"))
    detail = Detail(demo)
    graph = Graph(detail)
    graph.expect_step("Hold", "running")
    expect(detail.button("Run the workflow")).to_be_hidden()
    name = demo.site.image(held).json()["execution"]
    machine = watchful.cloud.outputs["Workflow"]
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    boto3.client("stepfunctions").stop_execution(executionArn=arn)
    expect(graph.status).to_contain_text("Aborted after", timeout=DONE_WITHIN)
    expect(detail.button("Approve")).to_be_hidden()
    detail.button("Run the workflow").click()
    expect(graph.status).to_contain_text("Running since", timeout=DONE_WITHIN)
    graph.expect_step("Hold", "running")
    assert demo.site.image(held).json()["execution"] != name
    detail.button("Approve").click()
    expect(detail.state).to_have_text("Done", timeout=DONE_WITHIN)


def test_a_workflow_is_begun(demo: Demo, watchful: Watchful) -> None:
    """A picture that the queue's way has made is made anew, step by step."""
    (key,) = watchful.put(photograph("mountains.jpg"))
    detail = Detail(demo)
    detail.open(key)
    detail.dialog.get_by_role("link", name="Workflow").click()
    expect(detail.dialog.get_by_text("The queue's way made this one")).to_be_visible()
    detail.button("Run the workflow").click()
    graph = Graph(detail)
    graph.expect_step("Done", "succeeded")
    expect(graph.status).to_contain_text("Succeeded after")
    expect(detail.state).to_have_text("Done")
    assert demo.site.image(key).json()["execution"]


def test_on_a_phone(new_demo: NewDemo, watchful: Watchful, held: str) -> None:
    """The graph begins where the execution is, and nothing is wider than the screen."""
    demo = new_demo(
        watchful.site, viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True
    )
    demo.open(fragment(held, "workflow"))
    graph = Graph(Detail(demo))
    expect(graph.step("Hold")).to_be_in_viewport()
    assert overhang(demo) <= 0
    artifacts.take(demo, "phone-workflow")
    approve = Detail(demo).button("Approve")
    approve.scroll_into_view_if_needed()
    expect(approve).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way(
    new_demo: NewDemo, watchful: Watchful, held: str, scheme: str
) -> None:
    """axe-core finds nothing serious: what is held, labels and boxes, the workflow."""
    demo = new_demo(watchful.site, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    demo.open()
    expect(demo.tile(held)).to_be_visible()
    assert barriers(demo) == []
    detail = Detail(demo)
    detail.open(held)
    expect(detail.button("Approve")).to_be_visible()
    assert barriers(demo) == []
    demo.open(fragment(held, "workflow"))
    Graph(detail).expect_step("Hold", "running")
    assert barriers(demo) == []
    (key,) = watchful.put(photograph("astronaut.jpg"))
    detail.open(key)
    detail.dialog.get_by_label("Show where").check()
    assert barriers(demo) == []
