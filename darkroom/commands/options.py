"""Options and arguments that several commands share, with their checks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import boto3
import typer

from darkroom.emulator.modes import Mode
from darkroom.engine import recipe_files
from darkroom.errors import CommandError
from localstack_init.build import Target
from processor.images import load_recipes

INTERRUPTED = 130
"""The exit code that a shell gives to a program ended by Ctrl-C."""


def check_files(files: Sequence[Path]) -> None:
    """Raise ``CommandError`` for a missing file or a folder."""
    for file in files:
        if not file.exists():
            raise CommandError(f"No such file: {file}")
        if not file.is_file():
            raise CommandError(f"Not a file: {file}")


def _check_recipe(name: str | None) -> str | None:
    if name is not None:
        recipe_files.named(load_recipes(), name)
    return name


def use_profile(profile: str | None, region: str | None) -> None:
    """Make boto3 use a profile and a region for all clients."""
    if profile or region:
        boto3.setup_default_session(profile_name=profile, region_name=region)


def parameters_of(options: list[str] | None) -> dict[str, str]:
    """Return the values of ``--param`` by name. Raises ``CommandError``."""
    pairs = [each.partition("=") for each in options or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise CommandError(f"--param {wrong[0]} has no value. Use --param NAME=VALUE.")
    return {name: value for name, _, value in pairs}


StackOption = Annotated[
    str, typer.Option("--stack", envvar="DARKROOM_STACK", help="Name of the stack.")
]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="Key of the original.")]
PrefixArgument = Annotated[
    str,
    typer.Argument(
        metavar="PREFIX", help="Only originals with this key prefix. Default: all originals."
    ),
]
RecipeOption = Annotated[
    str | None,
    typer.Option(
        "--recipe", callback=_check_recipe, help="Name of a recipe. `darkroom recipes` lists them."
    ),
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", help="Seconds to wait until processing is complete.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print what the command would do, without doing it.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]
OutOption = Annotated[Path, typer.Option("--out", help="Folder for the images.")]

ModeOption = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        envvar="MODE",
        help="Mode of the emulator: a container (docker) or a plain process (native). Default: the "
        "mode of the running emulator; else docker if a Docker engine responds.",
    ),
]
PersistOption = Annotated[
    bool,
    typer.Option(
        envvar="PERSIST",
        help="Restore the last snapshot, and save a new one when the emulator stops.",
    ),
]

EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--env",
        metavar="NAME",
        help="Name of the environment. Its stack is STACK-NAME. The environments prod and "
        "production have deletion protection.",
    ),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A template parameter. Repeatable."),
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="Profile of your AWS configuration.")
]
RegionOption = Annotated[str | None, typer.Option("--region", help="AWS Region.")]
TargetOption = Annotated[
    Target | None,
    typer.Option(
        "--target",
        help="Processor architecture of the functions. Default: that of the last deployment, or "
        "x86_64.",
    ),
]
