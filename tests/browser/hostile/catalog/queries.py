"""GET requests that any markup sends: query-protocol operations, REST operations, own endpoints."""

import json
from collections.abc import Callable
from urllib.parse import quote, urlencode

from tests.browser.hostile.attack import Aim, Attack, Effect, Prepare
from tests.browser.hostile.effects import (
    message_arrived,
    queue_exists,
    queue_gone,
    ran,
    read_each,
    stack_exists,
    stack_gone,
    stack_ran,
    topic_exists,
    user_exists,
)
from tests.browser.hostile.origins import (
    APP_LOOKALIKE,
    CLOUDFRONT_LOOKALIKE,
    EVERYWHERE,
    FOREIGN,
    PUBLIC_ADDRESS,
)
from tests.browser.hostile.stage import SECRET

from . import operations

type Url = Callable[[Aim], str]

POLICY = "referrerpolicy=no-referrer"


def query(parameters: Callable[[Aim], dict[str, str]]) -> Url:
    """Return a maker of an operation's URL."""
    return lambda aim: f"{aim.base}/?{urlencode(parameters(aim))}"


def loaded(markup: str, url: Url) -> Callable[[Aim], str]:
    """Return a script that inserts markup whose element loads the URL (``{}``)."""
    return lambda aim: (
        f"await insert({json.dumps(markup)}.replace('{{}}', {json.dumps(url(aim))}));"
    )


def clicked(markup: str, url: Url) -> Callable[[Aim], str]:
    """Return a script that clicks on markup that leads to the URL (``{}``)."""
    return lambda aim: f"click({json.dumps(markup)}.replace('{{}}', {json.dumps(url(aim))}));"


def statement(text: str, url: Url) -> Callable[[Aim], str]:
    """Return a script of one statement with the URL as JSON (``{}``)."""
    return lambda aim: text.replace("{}", json.dumps(url(aim)))


STACK = query(operations.create_stack)
NAVIGATED_FROM = (FOREIGN, PUBLIC_ADDRESS)
NO_REFERRER = (
    "document.head.insertAdjacentHTML('beforeend', '<meta name=referrer content=no-referrer>');"
)


def two_images(aim: Aim) -> str:
    """Return a script of two images: one makes a function, one has it run.

    The page can't know when the stack is complete, and loads the second one several times.
    """
    stack = query(operations.create_running_stack)(aim)
    message = query(operations.send_message)(aim)
    return f"""
    const image = (url) => insert(`<img {POLICY} src="${{url}}">`);
    await image({json.dumps(stack)});
    for (let number = 0; number < 6; number++) {{
      await new Promise((resolve) => setTimeout(resolve, 500));
      await image({json.dumps(message)} + "&n=" + number);
    }}
    """


RUNNERS = (
    Attack(
        "two img run code", "<img> of CreateStack with a function, and of SendMessage to its queue",
        two_images, stack_ran, NAVIGATED_FROM,
    ),
    Attack(
        "img CreateStack", "<img referrerpolicy=no-referrer> of CreateStack",
        loaded(f"<img {POLICY} src='{{}}'>", STACK), stack_exists, EVERYWHERE,
    ),
    *(
        Attack(f"{tag} CreateStack", f"<{tag}> of CreateStack", loaded(markup, STACK), stack_exists)
        for tag, markup in {
            "script": f"<script {POLICY} src='{{}}'></script>",
            "stylesheet": f"<link rel=stylesheet {POLICY} href='{{}}'>",
            "iframe": f"<iframe {POLICY} src='{{}}'></iframe>",
        }.items()
    ),
    *(
        Attack(
            f"{name} CreateStack", f"{what} to CreateStack", script, stack_exists, NAVIGATED_FROM,
            leaves=True,
        )
        for name, what, script in (
            (
                "link", "click on <a rel=noreferrer>",
                clicked("<a rel=noreferrer href='{}'>x</a>", STACK),
            ),
            (
                "new tab", "click on <a rel=noreferrer target=_blank>",
                clicked("<a rel=noreferrer target=_blank href='{}'>x</a>", STACK),
            ),
            (
                "window.open", "window.open without a referrer",
                statement("window.open({}, '_blank', 'noreferrer');", STACK),
            ),
            (
                "meta refresh", "<meta http-equiv=refresh>",
                statement(
                    NO_REFERRER + "const meta = document.createElement('meta');"
                    " meta.httpEquiv = 'refresh'; meta.content = '0; url=' + {};"
                    " document.head.append(meta);",
                    STACK,
                ),
            ),
        )
    ),
)  # fmt: skip


def image(name: str, url: Url, effect: Effect, prepare: Prepare | None = None) -> Attack:
    """Return the attack of an image with this URL."""
    markup = f"<img {POLICY} src='{{}}'>"
    return Attack(f"img {name}", f"<img> of {name}", loaded(markup, url), effect, prepare=prepare)


IMAGES = (
    image("DeleteStack", query(operations.delete_stack), stack_gone, operations.plant_stack),
    image("CreateQueue", query(operations.create_queue), queue_exists),
    image("SendMessage", query(operations.send_message), message_arrived, operations.plant_queue),
    image("DeleteQueue", query(operations.delete_queue), queue_gone, operations.plant_queue),
    image("CreateTopic", query(operations.create_topic), topic_exists),
    image("CreateUser", query(operations.create_user), user_exists),
    image("function URL", lambda aim: f"{aim.stage.function_url}?{aim.mark}", ran),
)

READABLE: dict[str, tuple[str, str]] = {
    "ListFunctions": ("/2015-03-31/functions/", "FunctionArn"),
    "ListBuckets": ("/", "ListAllMyBucketsResult"),
    "GetCallerIdentity": ("/?Action=GetCallerIdentity&Version=2011-06-15", "arn:aws"),
    "ListQueues": ("/?Action=ListQueues&Version=2012-11-05", "QueueUrl"),
    "DescribeStacks": ("/?Action=DescribeStacks&Version=2010-05-15", "StackName"),
    "a private object": ("/{private}/secret.txt", SECRET),
    "/_localstack/health": ("/_localstack/health", '"services"'),
    "/_localstack/info": ("/_localstack/info", '"version"'),
    "/_localstack/plugins": ("/_localstack/plugins", "is_loaded"),
    "/_localstack/init": ("/_localstack/init", "completed"),
    "/_localstack/diagnose": ("/_localstack/diagnose", "file-tree"),
    "/_emulator/state": ("/_emulator/state", "restored"),
    "/_aws/lambda/runtimes": ("/_aws/lambda/runtimes", "python3.13"),
    "/_aws/sqs/messages": ("/_aws/sqs/messages?QueueUrl={queue}", SECRET),
}
"""What answers a GET, with a word of its answer."""


def read_all(aim: Aim) -> str:
    """Return a script that reads whatever answers a GET."""
    queue = f"http://localhost:{aim.stage.port}/000000000000/{aim.stage.run}"
    names = {"private": aim.stage.private_bucket, "queue": quote(queue)}
    return "".join(
        f"await take({json.dumps(aim.base + path.format(**names))}, {{}}, {json.dumps(name)});\n"
        for name, (path, _) in READABLE.items()
    )


ATTACKS = (
    *RUNNERS,
    *IMAGES,
    Attack(
        "read by GET", "fetch of 14 paths, to read them", read_all,
        read_each({name: (needle,) for name, (_, needle) in READABLE.items()}),
        (*EVERYWHERE, APP_LOOKALIKE, CLOUDFRONT_LOOKALIKE),
    ),
)  # fmt: skip
