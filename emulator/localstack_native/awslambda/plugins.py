"""LocalStack plugins and hooks of this package; other modules load with the first function."""

import logging
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Any

from localstack import config
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.handlers import serve_custom_service_request_handlers
from localstack.runtime.exceptions import LocalstackExit
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
from localstack_native.awslambda.other_versions import is_strict
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


def start() -> None:
    """Prepare LocalStack to run functions as processes.

    Raises ``LocalstackExit`` if the functions' interpreter is unusable.
    """
    from localstack.aws import handlers

    from localstack_native.awslambda import function_urls

    handlers.preprocess_request.handlers.insert(0, function_urls.serve)
    if config.LAMBDA_RUNTIME_EXECUTOR != NAME:
        return
    try:
        interpreter = lambda_interpreter()
        check_debugger(interpreter)
        is_strict()
    except (ForeignFolderError, InterpreterError, SettingError) as error:
        LOG.error("%s", error)  # noqa: TRY400 (the message is complete)
        raise LocalstackExit(str(error), code=1) from error
    LOG.info("Lambda runs %s as processes of %s", interpreter.runtime, interpreter.path)
    # Code is unpacked below LocalStack's temporary folder, which LocalStack clears at each start.
    # The default on a host is /tmp/lambda, which all instances share and a kill leaves behind.
    tempfile.tempdir = config.dirs.tmp
    serve_custom_service_request_handlers.append(refuse_large_requests)


def check_debugger(interpreter: Interpreter) -> None:
    """Raise InterpreterError or ForeignFolderError if functions can't be debugged as configured."""
    if not debuggers():
        return
    if not interpreter.has_debugger:
        raise InterpreterError(
            f"{interpreter.path} can't import debugpy, which {DEBUG} needs. Install it there."
        )
    claim(debug_folder(Path(config.dirs.tmp)), FOLDER_VARIABLE)


def refuse_large_requests(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,  # noqa: ARG001
) -> None:
    """Raise AWS's error for a payload above AWS's limit, which LocalStack leaves to containers."""
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
