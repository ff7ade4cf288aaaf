"""LocalStack plugins and hooks of this package; other modules load with the first function."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http import HTTPStatus
from pathlib import Path
from typing import Any

from localstack import config
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.handlers import serve_custom_service_request_handlers
from localstack.runtime import hooks
from localstack.runtime.exceptions import LocalstackExit
from localstack.services.lambda_.hooks import inject_layer_fetcher
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.awslambda.debugger import (
    FOLDER_VARIABLE,
    SettingError,
    debug_folder,
    debuggers,
)
from localstack_native.awslambda.debugger import VARIABLE as DEBUG
from localstack_native.awslambda.interpreter import (
    Interpreter,
    InterpreterError,
    lambda_interpreter,
)
from localstack_native.owned import ForeignFolderError, claim

LOG = logging.getLogger(__name__)

NAME = "process"
REQUEST_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_REQUEST_BYTES = 1024 * 1024


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """``LAMBDA_RUNTIME_EXECUTOR=process``."""

    name = NAME

    def load(self, *_args: Any, **_kwargs: Any) -> Any:
        """Return the executor's class."""
        from localstack_native.awslambda.executor import ProcessExecutor

        return ProcessExecutor


def is_chosen() -> bool:
    """Return whether LAMBDA_RUNTIME_EXECUTOR selects this executor."""
    return str(config.LAMBDA_RUNTIME_EXECUTOR) == NAME


@hooks.on_infra_start(should_load=is_chosen, priority=100)
def check_interpreter() -> None:
    """Exit at the start if the functions' interpreter is unusable."""
    try:
        interpreter = lambda_interpreter()
        check_debugger(interpreter)
    except (ForeignFolderError, InterpreterError, SettingError) as error:
        LOG.error("%s", error)  # noqa: TRY400 (the message is complete)
        raise LocalstackExit(str(error), code=1) from error
    LOG.info("Lambda runs %s as processes of %s", interpreter.runtime, interpreter.path)


def check_debugger(interpreter: Interpreter) -> None:
    """Raise InterpreterError or ForeignFolderError if functions can't be debugged as configured."""
    if not debuggers():
        return
    if not interpreter.has_debugger:
        raise InterpreterError(
            f"{interpreter.path} can't import debugpy, which {DEBUG} needs. Install it there."
        )
    claim(debug_folder(Path(config.dirs.tmp)), FOLDER_VARIABLE)


@hooks.on_infra_start(should_load=is_chosen, priority=100)
def keep_temporary_files_together() -> None:
    """Unpack code below LocalStack's temporary folder, which LocalStack clears at each start.

    The default on a host is ``/tmp/lambda``, which all instances share and a kill leaves behind.
    """
    tempfile.tempdir = config.dirs.tmp


@hooks.on_infra_start(should_load=is_chosen)
def limit_payloads() -> None:
    """Enforce the limits of request sizes, which LocalStack leaves to its containers."""
    serve_custom_service_request_handlers.append(refuse_large_requests)


@inject_layer_fetcher(should_load=is_chosen)
def let_debugged_functions_wait(provider: Any) -> None:
    """Allow a debugged function one environment at a time.

    The hook has another purpose; it is used because it runs once, when Lambda is loaded.
    """
    service = provider.lambda_service.assignment_service
    get_environment = service.get_environment

    @contextmanager
    def get_environment_in_turn(manager: str, version: Any, kind: Any) -> Iterator[Any]:
        debugger = debuggers().get(version.id.function_name)
        with (
            debugger.turn if debugger else nullcontext(),
            get_environment(manager, version, kind) as environment,
        ):
            yield environment

    service.get_environment = get_environment_in_turn


def refuse_large_requests(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,  # noqa: ARG001
) -> None:
    """Raise AWS's error for an invocation with a payload above AWS's limit."""
    if not (context.service and context.operation):
        return
    if context.service.service_name != "lambda" or context.operation.name != "Invoke":
        return
    is_asynchronous = context.request.headers.get("X-Amz-Invocation-Type") == "Event"
    limit = ASYNCHRONOUS_REQUEST_BYTES if is_asynchronous else REQUEST_BYTES
    size = context.request.content_length
    if size is None:
        size = len(context.request.data)
    if size > limit:
        raise CommonServiceException(
            code="RequestEntityTooLargeException",
            message=f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
            status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
