"""The workflow view: an execution's graph and steps, and starting one."""

from urllib.parse import quote

import boto3
import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser import artifacts
from tests.browser.accessibility import violations
from tests.browser.conftest import NewDemo
from tests.browser.demo import Demo, fragment
from tests.browser.dialog import ImageDialog
from tests.browser.files import TEXT_AS_JPEG, photo
from tests.browser.test_appearance import horizontal_overflow

from .conftest import ModeratedStack


class WorkflowView:
    """The workflow view of the image dialog."""

    def __init__(self, dialog: ImageDialog) -> None:
        self.status = dialog.element.get_by_test_id("workflow-status")
        self.steps = dialog.element.get_by_role("list", name="Steps of the workflow")
        self.graph = dialog.element.get_by_role("img", name="States of the execution")

    def step(self, name: str) -> Locator:
        """Return a state in the graph."""
        return self.graph.locator(f'[data-name="{name}"]')

    def expect_step(self, name: str, status: str) -> None:
        """Wait until a state has a status."""
        expect(self.step(name)).to_have_attribute("data-status", status)


def test_running_and_finished_execution(demo: Demo, held: str) -> None:
    """The graph follows an execution to the review and, once approved, to its end. Error states
    that were not entered are left out.
    """
    demo.open(fragment(held, "workflow"))
    dialog = ImageDialog(demo)
    workflow = WorkflowView(dialog)
    workflow.expect_step("Hold", "running")
    workflow.expect_step("Flagged", "succeeded")
    expect(workflow.step("RenderOne")).to_have_attribute("data-status", "waiting")
    expect(workflow.step("RecordFailure")).to_have_count(0)
    expect(workflow.status).to_contain_text("Running since")
    expect(workflow.steps.get_by_role("listitem").last).to_contain_text("Hold")
    artifacts.screenshot(demo, "workflow-held")
    dialog.button("Approve").click()
    workflow.expect_step("Done", "succeeded")
    workflow.expect_step("Reject", "skipped")
    expect(workflow.status).to_contain_text("Succeeded after")
    expect(workflow.steps).to_contain_text("RenderOne")
    artifacts.screenshot(demo, "workflow-done")


def test_failed_execution(demo: Demo, moderated: ModeratedStack) -> None:
    """The graph shows the error states that were entered, and the list the error of a step."""
    (key,) = moderated.process(TEXT_AS_JPEG)
    started = demo.site.api("POST", f"images/{quote(key, safe='')}/process?workflow=full", {})
    assert started.status_code == 202
    demo.open(fragment(key, "workflow"))
    workflow = WorkflowView(ImageDialog(demo))
    workflow.expect_step("PermanentFailure", "succeeded")
    workflow.expect_step("Inspect", "failed")
    expect(workflow.steps).to_contain_text("PermanentStepError")
    artifacts.screenshot(demo, "workflow-failed")


def test_aborted_execution(demo: Demo, moderated: ModeratedStack, held: str) -> None:
    """If the execution that waits for a review is aborted, a new one waits in its place."""
    demo.open(fragment(held, "workflow"))
    dialog = ImageDialog(demo)
    workflow = WorkflowView(dialog)
    workflow.expect_step("Hold", "running")
    expect(dialog.button("Run workflow")).to_be_hidden()
    name = demo.site.image(held).json()["execution"]
    machine = moderated.cloud.outputs["Workflow"]
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    boto3.client("stepfunctions").stop_execution(executionArn=arn)
    expect(workflow.status).to_contain_text("Aborted after")
    expect(dialog.button("Approve")).to_be_hidden()
    dialog.button("Run workflow").click()
    expect(workflow.status).to_contain_text("Running since")
    workflow.expect_step("Hold", "running")
    assert demo.site.image(held).json()["execution"] != name
    dialog.button("Approve").click()
    expect(dialog.status).to_have_text("Done")


def test_run_workflow(demo: Demo, moderated: ModeratedStack) -> None:
    """The button starts an execution for an image of standard processing."""
    (key,) = moderated.process(photo("mountains.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    dialog.element.get_by_role("link", name="Workflow").click()
    expect(dialog.element.get_by_text("Standard processing")).to_be_visible()
    dialog.button("Run workflow").click()
    workflow = WorkflowView(dialog)
    workflow.expect_step("Done", "succeeded")
    expect(workflow.status).to_contain_text("Succeeded after")
    expect(dialog.status).to_have_text("Done")
    assert demo.site.image(key).json()["execution"]


def test_next_and_previous_image(demo: Demo, moderated: ModeratedStack, held: str) -> None:
    """The arrows lead to the workflow views of the neighbors in the gallery."""
    (other,) = moderated.process(photo("mountains.jpg"))
    demo.open(fragment(held, "workflow"))
    dialog = ImageDialog(demo)
    workflow = WorkflowView(dialog)
    workflow.expect_step("Hold", "running")
    dialog.button("Newer image").click()
    dialog.expect_open(other)
    expect(dialog.element.get_by_text("Standard processing")).to_be_visible()
    expect(workflow.graph).to_have_count(0)
    dialog.button("Older image").click()
    workflow.expect_step("Hold", "running")


def test_slow_module(demo: Demo, held: str) -> None:
    """The view's module is loaded once, also if the visitor changes views during the load."""
    requested: list[Route] = []

    def pause(route: Route) -> None:
        requested.append(route)

    demo.page.route("**/workflow.js*", pause)
    demo.open(fragment(held, "workflow"))
    dialog = ImageDialog(demo)
    expect(dialog.status).to_have_text("Held for review")
    for view in ("Details", "Workflow"):
        dialog.element.get_by_role("link", name=view).click()
    (route,) = requested
    route.continue_()
    workflow = WorkflowView(dialog)
    workflow.expect_step("Hold", "running")
    expect(workflow.status).to_have_count(1)


def test_phone(new_demo: NewDemo, moderated: ModeratedStack, held: str) -> None:
    """The graph is scrolled to the running step, and nothing is wider than the screen."""
    demo = new_demo(
        moderated.site, viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True
    )
    demo.open(fragment(held, "workflow"))
    dialog = ImageDialog(demo)
    expect(WorkflowView(dialog).step("Hold")).to_be_in_viewport()
    assert horizontal_overflow(demo) <= 0
    artifacts.screenshot(demo, "phone-workflow")
    approve = dialog.button("Approve")
    # The buttons may be drawn again while Playwright waits for them to be still.
    approve.evaluate("button => button.scrollIntoView()")
    expect(approve).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(
    new_demo: NewDemo, moderated: ModeratedStack, held: str, scheme: str
) -> None:
    """A held image, its workflow, and labels with boxes have no serious violation."""
    demo = new_demo(moderated.site, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    demo.open()
    expect(demo.item(held)).to_be_visible()
    assert violations(demo) == []
    dialog = ImageDialog(demo)
    dialog.open(held)
    expect(dialog.button("Approve")).to_be_visible()
    assert violations(demo) == []
    demo.open(fragment(held, "workflow"))
    WorkflowView(dialog).expect_step("Hold", "running")
    assert violations(demo) == []
    (key,) = moderated.process(photo("astronaut.jpg"))
    dialog.open(key)
    dialog.element.get_by_label("Show boxes").check()
    assert violations(demo) == []
