"""``darkroom``: all commands, and what a person reads when one fails."""

import os
import sys

import boto3.exceptions
import botocore.exceptions
import typer
from botocore.exceptions import ClientError
from rich.markup import escape

from darkroom import checkout
from darkroom.cloud import NotDeployedError, UnsafeKeyError
from darkroom.commands import (
    dashboard,
    dead,
    dev,
    engine,
    local,
    looking,
    operations,
    pictures,
    stack,
)
from darkroom.commands.common import UsageError, errors
from darkroom.dev.functions import UpdateError
from darkroom.emulator.instance import EmulatorError
from darkroom.engine.recipe_files import RecipeError
from darkroom.engine.rendering import OutputError
from darkroom.operations.redrive import RedriveError
from darkroom.operations.sqs_sender import SendError
from localstack_init.build import BuildError
from localstack_init.cloudformation import StackError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Put pictures through a serverless image pipeline, on this machine or on AWS. "
    "Commands go where AWS_ENDPOINT_URL leads; without it, to AWS.",
)
for group in (local, dev, pictures, engine, looking, dashboard, stack, dead, operations):
    app.add_typer(group.app)


def main() -> None:
    """Run the command line; an error that a person can mend is one sentence, not a traceback."""
    try:
        checkout.check()
        app()
    except (
        BuildError,
        checkout.CopiedError,
        EmulatorError,
        NotDeployedError,
        OutputError,
        RecipeError,
        RedriveError,
        SendError,
        StackError,
        UnsafeKeyError,
        UpdateError,
        UsageError,
        OSError,
    ) as error:
        _give_up(str(error))
    except botocore.exceptions.EndpointConnectionError as error:
        _give_up(
            f"{error} If it is the emulator's, `make up` starts it."
            if "AWS_ENDPOINT_URL" in os.environ
            else f"{error} Is that an AWS region, and is there a network?"
        )
    except (
        botocore.exceptions.NoCredentialsError,
        botocore.exceptions.NoRegionError,
        botocore.exceptions.PartialCredentialsError,
    ) as error:
        _give_up(
            f"{_sentence(error)} AWS_ENDPOINT_URL is not set, so that this command goes to AWS. "
            "For the emulator: `source .darkroom/emulator.env`. For AWS: name PROFILE= and REGION= "
            "(--profile, --region), and sign in: `aws sso login --profile …`."
            if "AWS_ENDPOINT_URL" not in os.environ
            else f"{_sentence(error)} For the emulator: `source .darkroom/emulator.env`."
        )
    except (boto3.exceptions.Boto3Error, botocore.exceptions.BotoCoreError, ClientError) as error:
        _give_up(str(error))


def _sentence(error: Exception) -> str:
    return f"{str(error).rstrip('.')}."


def _give_up(message: str) -> None:
    errors.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    sys.exit(1)
