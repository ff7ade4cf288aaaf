"""Forms: the query protocol, JSON in text/plain, and own endpoints, posted from a foreign page."""

import json
from collections.abc import Callable

from tests.browser.hostile.attack import Aim, Attack
from tests.browser.hostile.effects import (
    emulator_gone,
    queue_exists,
    ran,
    stack_exists,
    stack_gone,
    user_exists,
)
from tests.browser.hostile.origins import EVERYWHERE, SOME

from . import operations


def form(parameters: Callable[[Aim], dict[str, str]], method: str = "POST") -> Callable[[Aim], str]:
    """Return a script that submits an operation of the query protocol."""
    return lambda aim: (
        f"await submit({json.dumps(aim.base + '/')}, {json.dumps(parameters(aim))},"
        f" {{method: {json.dumps(method)}}});"
    )


def plain(path: str, body: Callable[[Aim], object]) -> Callable[[Aim], str]:
    """Return a script that submits JSON as text/plain: the name and value of one field."""

    def script(aim: Aim) -> str:
        text = json.dumps(body(aim))
        # A form writes name=value: the "=" is in a string of the JSON.
        name = text[:-1] + ', "ignored": "'
        return (
            f"await submit({json.dumps(aim.base + path)}, {{{json.dumps(name)}: '\"}}'}},"
            " {enctype: 'text/plain'});"
        )

    return script


ATTACKS = (
    Attack(
        "form CreateStack", "form POST of CreateStack",
        form(operations.create_stack), stack_exists, EVERYWHERE,
    ),
    Attack(
        "form by GET CreateStack", "form GET of CreateStack",
        form(operations.create_stack, "GET"), stack_exists,
    ),
    Attack(
        "form DeleteStack", "form POST of DeleteStack",
        form(operations.delete_stack), stack_gone, prepare=operations.plant_stack,
    ),
    Attack("form CreateQueue", "form of CreateQueue", form(operations.create_queue), queue_exists),
    Attack("form CreateUser", "form of CreateUser", form(operations.create_user), user_exists),
    Attack(
        "text/plain CreateQueue", "form of JSON as text/plain, the target in the query",
        plain("/?X-Amz-Target=AmazonSQS.CreateQueue", lambda aim: {"QueueName": aim.mark}),
        queue_exists,
    ),
    Attack(
        "text/plain Invoke", "form of JSON as text/plain to Lambda's Invoke",
        lambda aim: plain(
            f"/2015-03-31/functions/{aim.stage.function}/invocations",
            lambda aim: {"mark": aim.mark},
        )(aim),
        ran,
        SOME,
    ),
    Attack(
        "text/plain kill", "form of JSON as text/plain to /_localstack/health, with action kill",
        plain("/_localstack/health", lambda _: {"action": "kill"}), emulator_gone,
        ends=True,
    ),
)  # fmt: skip
