"""The deployment commands: changes, confirmation, and recovery from a kill."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

import boto3
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import Deployment, destroy
from tests.profiles import sampled

from .conftest import Run, new_deployment

KILLED = """
import json, os, signal, sys, boto3
boto3.setup_default_session()
hook, stack, parameters = sys.argv[1:]
boto3.DEFAULT_SESSION.events.register(hook, lambda **_: os.kill(os.getpid(), signal.SIGKILL))
from localstack_init.deploy import Deployment, deploy
deploy(Deployment(stack, "host", json.loads(parameters)), lambda line: print(line, flush=True))
"""


@pytest.fixture
def deployment(endpoint: str) -> Iterator[Deployment]:
    """Yield a deployment of the test's own, and delete it at the end."""
    assert endpoint
    own = new_deployment()
    yield own
    destroy(own.stack, lambda _: None)


@pytest.fixture
def darkroom(run: Run) -> Callable[..., str]:
    """Return a function that runs a command, which has to succeed, and returns its output."""

    def command(*arguments: str) -> str:
        done = run(*arguments)
        assert done.returncode == 0, done
        return done.stdout

    return command


def given(parameters: Mapping[str, str]) -> list[str]:
    """Return the options for these parameters."""
    return [part for name in parameters for part in ("--param", f"{name}={parameters[name]}")]


def test_one_parameter_makes_one_change(darkroom: Callable[..., str], cloud: Cloud) -> None:
    """`diff` shows the parameter and each property that depends on it, and leaves no change set."""
    assert "Nothing would change." in darkroom("diff", "--target", "host")
    output = darkroom("diff", "--target", "host", "--param", "ApiMemory=1024")
    shown = [line.split()[1] for line in output.splitlines() if line[:1] in "~+-±"]
    assert shown == ["ApiMemory", "ApiFunction"]
    assert output.count("512 → 1024") == 2
    cloudformation = boto3.client("cloudformation")
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")
    assert not cloudformation.list_change_sets(StackName=stack)["Summaries"]
    parameters = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    assert {"ParameterKey": "ApiMemory", "ParameterValue": "512"} in parameters


def test_the_diff_of_a_missing_stack(darkroom: Callable[..., str]) -> None:
    """`diff` lists the resources that would be created, and creates none."""
    output = darkroom("diff", "--stack", "darkroom-test-never-was", "--target", "host")
    assert "The stack does not exist." in output
    assert "+  ProcessFunction" in output
    stacks = boto3.client("cloudformation").list_stacks()["StackSummaries"]
    assert "darkroom-test-never-was" not in [each["StackName"] for each in stacks]


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_a_terminal(run: Run, command: str) -> None:
    """--yes is required; account, region and stack are printed before."""
    done = run(command, "--stack", "darkroom-test-never-was")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert "stack darkroom-test-never-was" in done.stdout
    assert "account 000000000000, region us-east-1" in done.stdout


def test_an_unknown_parameter(run: Run) -> None:
    """It is rejected before anything is built or sent, with a similar name."""
    done = run("diff", "--param", "FunctionMemroy=1024")
    assert done.returncode == 1
    assert "Did you mean FunctionMemory?" in done.stderr


def test_outputs_of_a_missing_stack(run: Run) -> None:
    """The error names the stack."""
    done = run("outputs", "--env", "test", "--stack", "never-was")
    assert done.returncode == 1
    assert "'never-was-test'" in done.stderr


def test_a_protected_stack(darkroom: Callable[..., str], run: Run, endpoint: str) -> None:
    """The environment `prod` cannot be deleted while its protection is on."""
    assert endpoint
    usual = new_deployment()
    name = usual.stack
    options = ("--stack", name, "--env", "prod")
    others = {key: value for key, value in usual.parameters.items() if key != "TableName"}
    output = darkroom("deploy", *options, "--target", "host", "--yes", *given(others))
    assert f"Creating stack {name}-prod" in output
    assert "ImageMetadata-prod" in output
    cloudformation = boto3.client("cloudformation")
    try:
        done = run("destroy", *options, "--yes")
        assert done.returncode == 1
        assert "has termination protection" in done.stderr
        assert "Updating stack" in darkroom("deploy", *options, "--target", "host", "--yes")
    finally:
        cloudformation.update_termination_protection(
            StackName=f"{name}-prod", EnableTerminationProtection=False
        )
        assert "Deleted stack" in darkroom("destroy", *options, "--yes")


@pytest.mark.parametrize(
    "moment",
    sampled(
        [
            "after-call.cloudformation.CreateChangeSet",
            "before-call.cloudformation.ExecuteChangeSet",
            "after-call.cloudformation.ExecuteChangeSet",
        ],
        "before-call.cloudformation.ExecuteChangeSet",
        "after-call.cloudformation.ExecuteChangeSet",
    ),
)
def test_a_killed_deployment_is_resumed(deployment: Deployment, run: Run, moment: str) -> None:
    """A deployment that is killed around its change set is completed by the next one."""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, moment, deployment.stack, json.dumps(deployment.parameters)],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed
    done = run(
        "deploy", "--stack", deployment.stack, "--target", "host", "--yes",
        *given(deployment.parameters),
    )  # fmt: skip
    assert done.returncode == 0, done
    cloudformation = boto3.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=deployment.stack)["Stacks"]
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    left = cloudformation.list_change_sets(StackName=deployment.stack)["Summaries"]
    assert not [each for each in left if each.get("ExecutionStatus") == "AVAILABLE"]
