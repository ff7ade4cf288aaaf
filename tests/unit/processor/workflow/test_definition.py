"""The state machine's definition: valid, and at one with the code, the catalog and the docs."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from cfnlint.api import lint_all

from localstack_init.build import PROJECT
from localstack_init.definitions import MOST_BYTES, TEMPLATE, build_template
from localstack_init.template import read_template
from processor.errors import SupersededError
from processor.step_functions.client import REVIEW_SUPERSEDED
from processor.step_functions.graph import Graph
from processor.workflow.dispatch import STEPS
from processor.workflow.errors import PermanentStepError

SOURCE = (TEMPLATE.parent / "workflow.asl.json").read_text()
MACHINE: dict[str, Any] = json.loads(SOURCE)
TEMPLATE_TEXT = TEMPLATE.read_text()
PAGE = (PROJECT / "docs" / "reference" / "workflow.md").read_text()


def states(machine: dict[str, Any] = MACHINE) -> Iterator[tuple[str, dict[str, Any]]]:
    """All states by their names, those within others, too."""
    for name, state in machine["States"].items():
        yield name, state
        for part in (*state.get("Branches", ()), state.get("ItemProcessor")):
            if part:
                yield from states(part)


TASKS = [(name, state) for name, state in states() if state["Type"] == "Task"]
FUNCTIONS = [(name, state) for name, state in TASKS if "lambda:invoke" in state["Resource"]]


def ids(pairs: list[tuple[str, Any]]) -> list[str]:
    """Names for the parameters of tests."""
    return [name for name, _ in pairs]


def test_the_linter_finds_no_fault() -> None:
    """The definition is put into a template as CloudFormation would, with its values."""
    values = {"Partition": "aws"}
    text = re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[1]), SOURCE)
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "Definition": json.loads(text),
            "RoleArn": "arn:aws:iam::111122223333:role/any",
        },
    }

    def faults() -> list[str]:
        text = yaml.safe_dump({"Resources": {"Machine": machine}})
        return [str(each) for each in lint_all(text) if each.rule.id[0] in "EW"]

    assert faults() == []
    machine["Properties"]["Definition"]["States"]["Inspect"]["Type"] = "Tusk"  # type: ignore[index]
    assert faults()


def test_names_are_given_once() -> None:
    """Step Functions wants each state's name to be the only one in the whole machine."""
    names = [name for name, _ in states()]
    assert len(names) == len(set(names))


def test_what_is_to_be_filled_in_is() -> None:
    """The template gives a value for each name in the definition, and no other."""
    wanted = set(re.findall(r"\$\{(\w+)\}", SOURCE))
    workflow = read_template(TEMPLATE_TEXT)["Resources"]["Workflow"]["Properties"]
    assert set(workflow["DefinitionSubstitutions"]) == wanted


def test_the_log_is_without_data() -> None:
    """It would show task tokens."""
    workflow = read_template(TEMPLATE_TEXT)["Resources"]["Workflow"]["Properties"]
    logging = workflow["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)


def test_every_step_has_its_function() -> None:
    """The names that the definition uses are those that the code knows."""
    used = {state["Parameters"]["Payload"]["step"] for _, state in FUNCTIONS}
    assert used == set(STEPS)


@pytest.mark.parametrize(("name", "state"), TASKS, ids=ids(TASKS))
def test_every_task_is_tried_again(name: str, state: dict[str, Any]) -> None:
    """With backoff and jitter, within bounds, and not without end."""
    last = state["Retry"][-1]
    assert last["ErrorEquals"] == ["States.ALL"]
    assert last["BackoffRate"] > 1
    assert last["JitterStrategy"] == "FULL"
    assert last["IntervalSeconds"] < last["MaxDelaySeconds"]
    assert 1 <= last["MaxAttempts"] <= 5
    waits = "waitForTaskToken" in state["Resource"]
    assert ("TimeoutSecondsPath" if waits else "TimeoutSeconds") in state, name


@pytest.mark.parametrize(("name", "state"), FUNCTIONS, ids=ids(FUNCTIONS))
def test_what_does_not_pass_is_not_tried_again(name: str, state: dict[str, Any]) -> None:
    """A picture's own fault, and being out of date; a review's end is no error to try again."""
    first = state["Retry"][0]
    faults = {PermanentStepError.__name__, SupersededError.__name__}
    assert set(first["ErrorEquals"]) - {"States.Timeout", REVIEW_SUPERSEDED} == faults
    assert first["MaxAttempts"] == 0
    assert ("States.Timeout" in first["ErrorEquals"]) is (name == "Hold")


@pytest.mark.parametrize(
    ("name", "state"),
    [each for each in MACHINE["States"].items() if each[1]["Type"] in ("Task", "Map", "Parallel")],
)
def test_nothing_fails_unseen(name: str, state: dict[str, Any]) -> None:
    """Each error is caught; what States.ALL does not match is caught by its name."""
    caught = [error for each in state["Catch"] for error in each["ErrorEquals"]]
    assert caught[-1] == "States.ALL"
    way_out = state["Catch"][-1]["Next"]
    assert way_out == ("Broken" if name in ("Reconcile", "RecordFailure") else "RecordFailure")


def test_functions_alone_write_the_catalog() -> None:
    """No state calls DynamoDB: ``processor/catalog`` is the only place that writes entries."""
    assert not [name for name, state in TASKS if "dynamodb" in state["Resource"]]


@pytest.mark.parametrize("name", ["Approve", "Reject"])
def test_a_decision_on_a_superseded_image_has_nothing_to_repair(name: str) -> None:
    """An image that waited for its review has stored nothing."""
    first = MACHINE["States"][name]["Catch"][0]
    assert first["ErrorEquals"] == [SupersededError.__name__]
    assert first["Next"] == "Superseded"


def test_a_superseded_review_ends_without_a_repair() -> None:
    """It has stored nothing, and what superseded it must not be disturbed."""
    caught = {each["Next"]: each["ErrorEquals"] for each in MACHINE["States"]["Hold"]["Catch"]}
    assert caught["Superseded"] == [REVIEW_SUPERSEDED]


def test_every_state_can_be_reached() -> None:
    """There is a way to each from the first."""
    graph = Graph.of(MACHINE)
    reached, new = set(), {MACHINE["StartAt"]}
    while new:
        reached |= new
        new = {each.target for each in graph.transitions if each.source in reached} - reached
    assert reached == set(graph.states)


def test_the_page_names_every_state() -> None:
    """docs/reference/workflow.md has it in a table."""
    for name, _ in states():
        assert re.search(rf"\b{name}\b", PAGE), name


def test_the_template_can_be_sent() -> None:
    """CloudFormation takes it from S3."""
    assert build_template("api-key").path.stat().st_size <= MOST_BYTES
