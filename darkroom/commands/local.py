"""Run the pipeline on this machine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from darkroom.commands.common import StackOption, console, say
from darkroom.compose import ComposeEmulator, engine_answers
from darkroom.emulator import EmulatorError, alone, exports_file, work_folder, write_exports
from darkroom.modes import Mode, choose_mode, running_emulators
from darkroom.native import NativeEmulator
from localstack_init.stack import StackError

app = typer.Typer()

ModeOption = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        envvar="MODE",
        help="A container, or a plain process. Without it: what runs; else a container where a "
        "Docker engine answers.",
    ),
]


@app.command()
def mode(mode: ModeOption = None) -> None:
    """Say how `up` runs the emulator here: `docker` or `native`."""
    print(choose_mode(mode))  # noqa: T201 (for programs)


@app.command()
def up(
    port: Annotated[
        int, typer.Option(envvar="PORT", min=1, max=65535, help="Port of the emulator.")
    ] = 4566,
    mode: ModeOption = None,
    stack: StackOption = "darkroom",
) -> None:
    """Start the emulator on this machine and deploy the pipeline into it."""
    home = work_folder()
    with alone(home):
        chosen = choose_mode(mode)
        if other := [each for each, _ in running_emulators() if each != chosen]:
            raise EmulatorError(
                f"The emulator runs already, as MODE={other[0]}. `make down` ends it."
            )
        emulator = ComposeEmulator(stack) if chosen == "docker" else NativeEmulator(home)
        with console.status("Starting the emulator"):
            endpoint = emulator.start(port, say)
        write_exports(home, endpoint)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(endpoint.environment())
        with console.status("Deploying"):
            try:
                outputs = emulator.deploy(endpoint, stack, say)
            except StackError as error:
                raise StackError(f"{error}\n`make down` and then `make up` begin anew.") from error
    console.print()
    for what, where in (
        ("demo page", f"{outputs['SiteUrl']}/"),
        ("AWS endpoint", endpoint.url),
        ("put pictures into", f"s3://{outputs['RawBucket']}"),
        ("renditions come to", f"s3://{outputs['ProcessedBucket']}/processed/"),
        ("catalog (DynamoDB)", outputs["CatalogTable"]),
        ("function", outputs["ProcessFunction"]),
        ("emulator's log", _shown(emulator.where_logs_are())),
    ):
        console.print(f"[bold]{what:<19}[/] {escape(where)}", soft_wrap=True)
    console.print(
        "\nTry next: open the demo page and drop photographs on it; or [bold]make demo[/]; or\n"
        f"  source {_shown(exports_file(home))}\n"
        f"  {_shown(sys.argv[0])} upload PHOTO…",
        soft_wrap=True,
    )


@app.command()
def down(mode: ModeOption = None) -> None:
    """Stop the emulator and remove what `up` made; nothing is left running."""
    home = work_folder()
    with alone(home):
        stopped = mode != "docker" and NativeEmulator(home).stop()
        if mode != "native" and engine_answers():
            stopped |= ComposeEmulator().stop()
        exports_file(home).unlink(missing_ok=True)
    console.print("The emulator is stopped." if stopped else "No emulator was running.")


def _shown(path: str | Path) -> str:
    """A path as short as it can be typed from here; what is none stays as it is."""
    path = Path(path)
    if not path.is_absolute() and not path.exists():
        return str(path)
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
