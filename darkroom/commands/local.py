"""Run the pipeline on this machine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from darkroom.commands.common import StackOption, console, say
from darkroom.emulator import Emulator
from localstack_init.deploy import Deployment, deploy
from localstack_init.stack import StackError

app = typer.Typer()


@app.command()
def up(
    port: Annotated[
        int, typer.Option(envvar="PORT", min=1, max=65535, help="Port of the emulator.")
    ] = 4566,
    stack: StackOption = "darkroom",
) -> None:
    """Start the emulator on this machine and deploy the pipeline into it."""
    emulator = Emulator()
    with emulator.alone():
        with console.status("Starting the emulator"):
            running = emulator.start(port, say)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(running.environment())
        with console.status("Deploying"):
            try:
                outputs = deploy(Deployment.to_emulator(running.url, stack), say)
            except StackError as error:
                raise StackError(f"{error}\n`make down` and then `make up` begin anew.") from error
    console.print()
    for what, where in (
        ("demo page", f"{outputs['SiteUrl']}/"),
        ("AWS endpoint", running.url),
        ("put pictures into", f"s3://{outputs['RawBucket']}"),
        ("renditions come to", f"s3://{outputs['ProcessedBucket']}/processed/"),
        ("catalog (DynamoDB)", outputs["CatalogTable"]),
        ("function", outputs["ProcessFunction"]),
        ("emulator's log", _shown(emulator.log)),
    ):
        console.print(f"[bold]{what:<19}[/] {escape(where)}", soft_wrap=True)
    console.print(
        "\nTry next: open the demo page and drop photographs on it; or [bold]make demo[/]; or\n"
        f"  source {_shown(emulator.exports)}\n"
        f"  {_shown(Path(sys.argv[0]))} upload PHOTO…",
        soft_wrap=True,
    )


@app.command()
def down() -> None:
    """Stop the emulator; nothing is left running."""
    emulator = Emulator()
    with emulator.alone():
        stopped = emulator.stop()
    console.print("The emulator is stopped." if stopped else "No emulator was running.")


def _shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
