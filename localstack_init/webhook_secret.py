"""The secret that signs webhooks, an SSM parameter that a deployment creates."""

from contextlib import suppress

import boto3

from localstack_init.cloudformation import Say
from processor.webhooks.signature import new_secret

PARAMETER_OUTPUT = "WebhookSecret"
"""The output with the parameter's name."""


def secret_name(stack: str) -> str:
    """Return the name of a stack's parameter."""
    return f"/darkroom/{stack}/webhook-secret"


def ensure_webhook_secret(parameter: str, say: Say, session: boto3.Session) -> None:
    """Create the secret if there is none. No output, template or log has it."""
    ssm = session.client("ssm")
    # Another deployment may be first.
    with suppress(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name=parameter, Value=new_secret(), Type="SecureString")
        say("Created the secret that signs webhooks")
