"""``darkroom``: every command, and what a person reads when one fails."""

import json
import os
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import boto3
import botocore.exceptions
import typer
from rich.console import Console
from rich.markup import escape

from darkroom import tables
from darkroom.batch import Outcome, Upload, process
from darkroom.cloud import Cloud, NotDeployedError
from darkroom.emulator import Emulator, EmulatorError
from darkroom.logs import follow_logs
from localstack_init import deploy as cloud_deploy
from localstack_init.package import BuildError, Target, build_layer
from localstack_init.stack import StackError

PROJECT = Path(__file__).parent.parent
PICTURES = {".jpg", ".jpeg", ".png", ".webp"}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Put pictures through a serverless image pipeline, on this machine or on AWS. "
    "Commands go where AWS_ENDPOINT_URL leads; without it, to AWS.",
)
console = Console()
errors = Console(stderr=True)

StackOption = Annotated[
    str, typer.Option("--stack", envvar="DARKROOM_STACK", help="Name of the stack.")
]
TargetOption = Annotated[
    Target, typer.Option("--target", help="Processor that the layer is built for.")
]
PatienceOption = Annotated[
    float, typer.Option("--patience", help="Seconds to wait for the pictures to be processed.")
]


class UsageError(Exception):
    """The command was given something that it cannot work with. Says what to do."""


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="PORT", help="Port of the emulator.")] = 4566,
    stack: StackOption = "darkroom",
) -> None:
    """Start the emulator on this machine and deploy the pipeline into it."""
    with console.status("Starting the emulator"):
        running = Emulator().start(port, _say)
    os.environ.update(running.environment())
    with console.status("Deploying"):
        try:
            outputs = cloud_deploy.deploy(cloud_deploy.Deployment.to_emulator(stack), _say)
        except StackError as error:
            raise StackError(f"{error}\n`make down` and then `make up` begin anew.") from error
    console.print()
    for what, where in (
        ("AWS endpoint", running.url),
        ("put pictures into", f"s3://{outputs['RawBucket']}"),
        ("renditions come to", f"s3://{outputs['ProcessedBucket']}/processed/"),
        ("catalog (DynamoDB)", outputs["CatalogTable"]),
        ("function", outputs["ProcessFunction"]),
        ("emulator's log", _shown(Emulator().log)),
    ):
        console.print(f"[bold]{what:<19}[/] {escape(where)}", soft_wrap=True)
    console.print(
        "\nTry next: [bold]make demo[/], or with your own pictures:\n"
        f"  source {_shown(Emulator().exports)}\n"
        f"  {_shown(Path(sys.argv[0]))} upload PHOTO…",
        soft_wrap=True,
    )


@app.command()
def down() -> None:
    """Stop the emulator; nothing is left running."""
    stopped = Emulator().stop()
    console.print("The emulator is stopped." if stopped else "No emulator was running.")


@app.command()
def status(stack: StackOption = "darkroom") -> None:
    """Say what runs, and how many pictures are where."""
    running = Emulator().running()
    if running:
        console.print(f"Emulator: process {running.pid} at {running.url}")
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    console.print(f"Commands go to {endpoint or 'AWS'}.")
    cloud = Cloud.find(stack)
    for name, value in cloud.outputs.items():
        console.print(f"  {name:<20} {escape(value)}", soft_wrap=True)
    depths = ", ".join(f"{count} {what}" for what, count in cloud.queue_depths().items())
    console.print(f"Queue: {depths}")
    entries = list(islice(cloud.catalog.newest_first(), 1000))
    counts = {name: sum(each["status"] == name for each in entries) for name in tables.COLOURS}
    shown = ", ".join(
        f"[{tables.COLOURS[name]}]{count} {name}[/]" for name, count in counts.items()
    )
    console.print(f"Catalog: {shown}" + (" (of the newest 1000)" if len(entries) == 1000 else ""))


@app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    minutes: Annotated[float, typer.Option(help="How far back to begin.")] = 10,
    stack: StackOption = "darkroom",
) -> None:
    """Print the function's logs."""
    group = Cloud.find(stack).outputs["LogGroup"]
    follow_logs(boto3.client("logs"), group, minutes * 60, console, follow=follow)


@app.command()
def upload(
    files: Annotated[list[Path], typer.Argument(help="Pictures, in any format.")],
    prefix: Annotated[str, typer.Option(help="Put before each file's name.")] = "",
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Upload pictures and watch them until they are processed."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise UsageError(f"No such file: {', '.join(missing)}")
    results = process(Cloud.find(stack), _uploads(files, prefix), console, patience)
    _conclude(results)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where the renditions are saved.")] = Path(
        "demo-output"
    ),
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Put the sample photographs through the pipeline and save what comes out."""
    samples = sorted(file for file in (PROJECT / "samples").iterdir() if file.suffix in PICTURES)
    cloud = Cloud.find(stack)
    results = process(cloud, _uploads(samples, "demo/"), console, patience)
    saved = 0
    for result in results:
        if result.entry:
            saved += len(list(cloud.download(result.entry, folder)))
    _conclude(results)
    console.print(f"\n{saved} renditions are in [bold]{folder}/[/]. Look at them.")


@app.command("ls")
def list_entries(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most entries.")] = 20,
    stack: StackOption = "darkroom",
) -> None:
    """List the catalog, newest first."""
    entries = list(islice(Cloud.find(stack).catalog.newest_first(), limit))
    if entries:
        console.print(tables.listing(entries))
    else:
        console.print("The catalog is empty. `darkroom upload PHOTO…` or `make demo` fills it.")


@app.command()
def show(
    key: Annotated[str, typer.Argument(help="Key of an original.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the entry as JSON.")] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Show all that the catalog knows of one picture."""
    entry = Cloud.find(stack).catalog.get(key)
    if entry is None:
        raise UsageError(f"The catalog has no entry {key!r}. `darkroom ls` lists what there is.")
    if as_json:
        console.print_json(json.dumps(entry))
    else:
        console.print(tables.details(entry))


@app.command()
def get(
    key: Annotated[str, typer.Argument(help="Key of an original.")],
    folder: Annotated[Path, typer.Argument(help="Where to put the renditions.")],
    stack: StackOption = "darkroom",
) -> None:
    """Fetch the renditions of one picture."""
    cloud = Cloud.find(stack)
    entry = cloud.catalog.get(key)
    if entry is None:
        raise UsageError(f"The catalog has no entry {key!r}. `darkroom ls` lists what there is.")
    if not entry.get("renditions"):
        raise UsageError(f"{key!r} has no renditions: its status is {entry['status']}.")
    for rendition, file in cloud.download(entry, folder):
        console.print(f"{rendition['bytes']:>11,}  {escape(str(file))}", soft_wrap=True)


@app.command()
def build(target: TargetOption = "host") -> None:
    """Build the layer, so that deploying needs no network."""
    console.print(_shown(build_layer(target).path), soft_wrap=True)


@app.command()
def deploy(
    target: TargetOption = "x86_64",
    parameter: Annotated[
        list[str] | None, typer.Option("--param", help="NAME=VALUE of a template parameter.")
    ] = None,
    stack: StackOption = "darkroom",
) -> None:
    """Create or update the stack where AWS_ENDPOINT_URL leads; without it, on AWS."""
    pairs = [each.partition("=") for each in parameter or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise UsageError(f"--param takes NAME=VALUE, not {wrong[0]!r}.")
    outputs = cloud_deploy.deploy(
        cloud_deploy.Deployment(
            stack=stack,
            target=target,
            parameters={name: value for name, _, value in pairs},
        ),
        _say,
    )
    for name, value in outputs.items():
        console.print(f"[bold]{name:<20}[/] {escape(value)}", soft_wrap=True)


@app.command()
def destroy(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Delete the stack with every picture and entry that it holds."""
    caller = boto3.client("sts").get_caller_identity()
    where = os.environ.get("AWS_ENDPOINT_URL") or f"AWS account {caller['Account']}"
    if not yes:
        typer.confirm(f"Delete stack {stack} at {where} and all pictures in it?", abort=True)
    cloud_deploy.destroy(stack, _say)
    console.print(f"Stack {stack} is gone.")


def main() -> None:
    """Run the command line; an error that a person can mend is one sentence, not a traceback."""
    try:
        app()
    except (EmulatorError, StackError, BuildError, NotDeployedError, UsageError) as error:
        _give_up(str(error))
    except botocore.exceptions.EndpointConnectionError as error:
        _give_up(f"{error} If it is the emulator's, `make up` starts it.")
    except (
        botocore.exceptions.NoCredentialsError,
        botocore.exceptions.NoRegionError,
        botocore.exceptions.PartialCredentialsError,
    ) as error:
        _give_up(
            f"{error} AWS_ENDPOINT_URL is not set, so that this command goes to AWS. "
            "For the emulator: `source .darkroom/emulator.env`. For AWS: `aws configure`."
            if "AWS_ENDPOINT_URL" not in os.environ
            else f"{error} For the emulator: `source .darkroom/emulator.env`."
        )
    except botocore.exceptions.ClientError as error:
        _give_up(str(error))


def _uploads(files: Sequence[Path], prefix: str) -> list[Upload]:
    uploads = [Upload(file, prefix + file.name) for file in files]
    keys = [each.key for each in uploads]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise UsageError(f"Two files would share the key {twice.pop()!r}. Upload them apart.")
    return uploads


def _conclude(results: Sequence[Outcome]) -> None:
    """Print the table, then each reason for a failure; exits with 1 if there is one."""
    console.print()
    console.print(tables.outcomes(results))
    bad = [each for each in results if not each.entry or each.entry["status"] != "done"]
    for each in bad:
        reason = each.entry["error"]["message"] if each.entry else "Not processed in time."
        errors.print(f"[red]{escape(each.upload.key)}[/]: {escape(reason)}", soft_wrap=True)
    if bad:
        raise typer.Exit(1)


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _give_up(message: str) -> None:
    errors.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    sys.exit(1)
