"""The deployment commands: changes, confirmation, and protection."""

import subprocess
import sys
from collections.abc import Callable, Mapping

import boto3
import pytest

from darkroom.cloud import Cloud

from .conftest import Run, new_deployment
from .localstack import PROJECT


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
    """The environment `prod` cannot be deleted while its protection is on; its data stays even
    then, and the printed commands delete it.
    """
    assert endpoint
    usual = new_deployment()
    name = usual.stack
    options = ("--stack", name, "--env", "prod")
    others = {key: value for key, value in usual.parameters.items() if key != "TableName"}
    output = darkroom("deploy", *options, "--target", "host", "--yes", *given(others))
    assert f"Creating stack {name}-prod" in output
    assert "ImageMetadata-prod" in output
    cloudformation, s3 = boto3.client("cloudformation"), boto3.client("s3")
    outputs = Cloud.find(f"{name}-prod").outputs
    raw, table = outputs["RawBucket"], outputs["CatalogTable"]
    s3.put_object(Bucket=raw, Key="original.jpg", Body=b"not an image")
    try:
        done = run("destroy", *options, "--yes")
        assert done.returncode == 1
        assert "has termination protection" in done.stderr
        assert raw in done.stderr
        assert table in done.stderr
        assert "Updating stack" in darkroom("deploy", *options, "--target", "host", "--yes")
    finally:
        cloudformation.update_termination_protection(
            StackName=f"{name}-prod", EnableTerminationProtection=False
        )
        output = darkroom("destroy", *options, "--yes")
        assert "Deleted stack" in output
    assert s3.get_object(Bucket=raw, Key="original.jpg")["Body"].read() == b"not an image"
    commands = [
        line.split() for line in output.splitlines() if line.startswith(("  aws ", "  .venv/"))
    ]
    assert len(commands) == 4
    for command in commands:
        delete_by(command)
    assert raw not in [each["Name"] for each in s3.list_buckets()["Buckets"]]
    assert table not in boto3.client("dynamodb").list_tables()["TableNames"]


def delete_by(command: list[str]) -> None:
    """Run a command of this project, or do what one of the AWS CLI does, which may be missing."""
    match command:
        case [_, "-m", module, bucket]:
            subprocess.run([sys.executable, "-m", module, bucket], cwd=PROJECT, check=True)
        case ["aws", "dynamodb", "update-table", "--no-deletion-protection-enabled", _, table]:
            dynamodb = boto3.client("dynamodb")
            with pytest.raises(dynamodb.exceptions.ClientError, match="DeletionProtection"):
                dynamodb.delete_table(TableName=table)
            dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        case ["aws", "dynamodb", "delete-table", "--table-name", table]:
            boto3.client("dynamodb").delete_table(TableName=table)
        case _:
            pytest.fail(f"unknown command {command}")
