"""Code of the Lambda functions: its archive, and updates without CloudFormation."""

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import boto3

from localstack_init.build import (
    PACKAGES,
    Artifact,
    BuildError,
    builds_of,
    compile_source,
    pack,
)
from localstack_init.cloudformation import Say
from processor.change import DEFAULT_RECIPE

RECIPES = "processor/recipes.json"

NOT_CODE = (
    "__pycache__",
    ".*", "*~", "*.swp", "*.swx", "*.tmp", "*.bak", "*.orig", "#*#", "4913", "*___jb_*___",
)  # fmt: skip
"""Patterns of files beside the code: caches, and editors' temporary files."""


def build_code(project: Path = PACKAGES) -> Artifact:
    """Zip the pipeline's source with its bytecode. Raises ``BuildError``."""
    recipes = project / RECIPES
    check_recipes(recipes.read_bytes() if recipes.is_file() else None)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(project / "processor", root / "processor", ignore=_ignored)
        compile_source(root)
        return pack(root, "code", builds_of(project))


def check_recipes(document: bytes | None) -> None:
    """Raise ``BuildError`` if a recipe file is missing (None), or lacks the default recipe.

    The pipeline's own code checks the recipes themselves.
    """
    if document is None:
        raise BuildError(f"{RECIPES} is missing. Create it with a recipe {DEFAULT_RECIPE!r}.")
    try:
        recipes = json.loads(document)
    except json.JSONDecodeError as error:
        raise BuildError(f"{RECIPES}:{error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise BuildError(f"{RECIPES}: {error}") from error
    if not isinstance(recipes, dict) or DEFAULT_RECIPE not in recipes:
        raise BuildError(
            f"{RECIPES} has no recipe {DEFAULT_RECIPE!r}, which uploads without a recipe use. Add "
            "it."
        )


def update_code(
    functions: Iterable[str], bucket: str, code: Artifact, say: Say, session: boto3.Session
) -> bool:
    """Update the functions that run other code than an artifact's; return whether there were any.

    For emulators, where it is quicker than an update of the stack. CloudFormation compares code
    with the last deployment's, not with what `darkroom dev` has updated since.
    """
    client = session.client("lambda")
    digest = base64.b64encode(hashlib.sha256(code.path.read_bytes()).digest()).decode()
    outdated = [
        function
        for function in functions
        if client.get_function_configuration(FunctionName=function)["CodeSha256"] != digest
    ]
    for function in outdated:
        client.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=code.key)
    for function in outdated:
        waiter = client.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        say(f"Updated the code of {function}")
    return bool(outdated)


def _ignored(folder: str, names: list[str]) -> set[str]:
    """Return names beside the code. Opening a pipe, for one, would block until it has a writer."""
    paths = {name: Path(folder, name) for name in names}
    odd = {name for name, path in paths.items() if not path.is_file() and not path.is_dir()}
    return odd | shutil.ignore_patterns(*NOT_CODE)(folder, names)
