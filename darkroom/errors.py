"""Errors that a command reports in one sentence instead of a traceback."""

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from localstack_init.build import BuildError
from localstack_init.cloudformation import StackError


class CommandError(Exception):
    """A command failed. The message says what happened, why, and what to do."""


class NotDeployedError(CommandError):
    """The endpoint does not respond, or has no such stack."""


class EmulatorError(CommandError):
    """The emulator on this machine cannot be started or stopped."""


AWS_ERRORS = (Boto3Error, BotoCoreError, ClientError)

REPORTED_ERRORS = (CommandError, BuildError, StackError, OSError, *AWS_ERRORS)
"""Every other exception is a defect of the program, and ends with a traceback."""
