"""The first deployment, rehearsed by the role of deployer.yaml: each command, killed at each call.

The order is that of docs/tutorial/first-deployment.md: diff, deploy, outputs, an image, an update,
and destroy.
"""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest

from darkroom.cloud import Cloud
from localstack_init.definitions import TEMPLATE
from tests.profiles import NIGHTLY

from .conftest import DARKROOM, SAMPLES, new_deployment
from .waiting import wait_for

pytestmark = pytest.mark.contract

OPERATIONS = ".*" if NIGHTLY else "cloudformation:(Create|Execute|Delete).*"
"""The calls around which a command is killed, as a regular expression."""

MOST_KILLS = 200


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A stack that the role deploys and deletes."""

    stack: str
    options: list[str]
    environment: dict[str, str]
    folder: Path
    moments: list[str] = field(default_factory=list)
    """When a command was killed."""

    def killed(self, *words: str) -> str:
        """Run a command until it ends, killed at each call; return its last output."""
        file = self.folder / f"{words[0]}-{uuid.uuid4().hex}"
        file.touch()
        program = [sys.executable, "-m", "tests.integration.cut_off", str(file), OPERATIONS]
        for _ in range(MOST_KILLS):
            done = self._run([*program, *words])
            if done.returncode != -signal.SIGKILL:
                self.moments.extend(file.read_text().splitlines())
                assert done.returncode == 0, done
                return done.stdout
        raise AssertionError(file.read_text())

    def run(self, *words: str) -> str:
        """Run a command to its end; return its output."""
        done = self._run([str(DARKROOM), *words])
        assert done.returncode == 0, done
        return done.stdout

    def _run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def rehearsal(endpoint: str, tmp_path: Path) -> Iterator[Rehearsal]:
    """Give a stack of the test's own, and a role that may deploy and delete it."""
    assert endpoint
    usual = new_deployment()
    prefix = usual.stack.rpartition("-")[0]
    cloudformation, name = boto3.client("cloudformation"), f"deploys-{usual.stack}"
    parameters = {
        "Repository": "owner/darkroom",
        "StackPrefix": prefix,
        "TablePrefix": usual.parameters["TableName"].partition("-")[0],
        "MayDestroy": "yes",
    }
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(TEMPLATE.parent / "deployer.yaml").read_text(),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}
    key = boto3.client("sts").assume_role(RoleArn=outputs["RoleArn"], RoleSessionName="rehearsal")[
        "Credentials"
    ]
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": key["SessionToken"],
        "COLUMNS": "160",
    }
    wanted = {**usual.parameters, "RolesBoundary": outputs["BoundaryArn"]}
    options = ["--stack", usual.stack, "--target", "host"]
    options += [word for each in wanted.items() for word in ("--param", "=".join(each))]
    yield Rehearsal(usual.stack, options, environment, tmp_path)
    subprocess.run(
        [DARKROOM, "destroy", "--stack", usual.stack, "--yes"], check=True, capture_output=True
    )
    cloudformation.delete_stack(StackName=name)


def leftovers(stack: str) -> set[str]:
    """Return what exists under the name of a stack."""
    logs = boto3.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{stack}-")
    functions = boto3.client("lambda").list_functions()["Functions"]
    found = {each["logGroupName"] for each in logs["logGroups"]}
    found |= {each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]}
    found |= {each["FunctionName"] for each in functions}
    found |= set(boto3.client("sqs").list_queues(QueueNamePrefix=stack).get("QueueUrls", ()))
    found |= {each["RoleName"] for each in boto3.client("iam").list_roles()["Roles"]}
    found |= set(boto3.client("dynamodb").list_tables()["TableNames"])
    return {each for each in found if stack in each and not each.startswith("deploys-")}


def test_the_first_deployment(rehearsal: Rehearsal) -> None:
    """Each command, run again after each kill, does what one run of it would have done."""
    created = rehearsal.run("diff", *rehearsal.options)
    assert "The stack does not exist." in created
    assert leftovers(rehearsal.stack) == set()

    rehearsal.killed("deploy", *rehearsal.options, "--yes")
    assert "Nothing would change." in rehearsal.run("diff", *rehearsal.options)
    sets = boto3.client("cloudformation").list_change_sets(StackName=rehearsal.stack)["Summaries"]
    assert not [each for each in sets if each.get("ExecutionStatus") == "AVAILABLE"]
    printed = rehearsal.run("outputs", "--stack", rehearsal.stack)
    cloud = Cloud.find(rehearsal.stack)
    assert cloud.outputs["SiteUrl"] in printed

    photo = (SAMPLES / "mountains.jpg").read_bytes()
    cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key="a.jpg", Body=photo)

    def is_done() -> bool:
        entry = cloud.catalog.get("a.jpg")
        return entry is not None and entry["status"] == "done"

    wait_for(is_done)

    change = ("--param", "LogRetention=60")
    assert "LogRetention" in rehearsal.run("diff", *rehearsal.options, *change)
    rehearsal.killed("deploy", *rehearsal.options, *change, "--yes")
    assert is_done()
    kept = boto3.client("logs").describe_log_groups(logGroupNamePrefix=cloud.outputs["LogGroup"])
    assert [each["retentionInDays"] for each in kept["logGroups"]] == [60]

    rehearsal.killed("destroy", "--stack", rehearsal.stack, "--yes")
    assert leftovers(rehearsal.stack) == set()
    for operation in ("CreateChangeSet", "ExecuteChangeSet", "DeleteStack"):
        for moment in ("before", "after"):
            assert f"{moment} cloudformation:{operation}" in rehearsal.moments
