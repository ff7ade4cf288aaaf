"""Fix-ups of restored state: interrupted stacks, executions and received messages."""

from datetime import UTC, datetime

from localstack import config
from localstack.services.plugins import SERVICE_PLUGINS

from localstack_native import releases


def stack_in_progress() -> bool:
    """Return whether CloudFormation is changing a stack, which a restore could not continue."""
    if not SERVICE_PLUGINS.is_running("cloudformation"):
        return False
    return any(
        is_in_progress(stack.status)
        for _, _, store in releases.cloudformation_stores().iter_stores()
        for stack in list(store.stacks_v2.values())
    )


def is_in_progress(status: str) -> bool:
    """Return whether a stack is being changed; imports excepted, which LocalStack lacks."""
    return status.endswith("_IN_PROGRESS") and not status.startswith(("REVIEW", "IMPORT"))


def prepare(service: str) -> None:
    """Fix a service's state that was saved during an operation."""
    match service:
        case "sqs":
            _show_messages_in_flight()
        case "cloudformation":
            _end_interrupted_stacks()
        case "stepfunctions":
            _abort_executions()


def _show_messages_in_flight() -> None:
    """Make received messages visible: LocalStack's receivers no longer exist.

    LocalStack's internal queues, for asynchronous invocations, get new names at each start and are
    removed.
    """
    from localstack.services.sqs.models import sqs_stores

    for account, _, store in sqs_stores.iter_stores():
        if account == config.INTERNAL_RESOURCE_ACCOUNT:
            store.queues.clear()
        for queue in store.queues.values():
            for message in list(queue.inflight):
                message.update_visibility_timeout(0)


def _abort_executions() -> None:
    """Mark running executions as aborted: they can't continue or receive task tokens."""
    for _, _, store in releases.stepfunctions_stores().iter_stores():
        for execution in store.executions.values():
            if execution.exec_status == "RUNNING":
                execution.exec_status = "ABORTED"
                execution.stop_date = datetime.now(UTC)


def _end_interrupted_stacks() -> None:
    """Mark interrupted stack operations as failed."""
    from localstack.aws.api.cloudformation import StackStatus

    for _, _, store in releases.cloudformation_stores().iter_stores():
        for stack in store.stacks_v2.values():
            if is_in_progress(stack.status):
                status = str(stack.status).removesuffix("_CLEANUP_IN_PROGRESS")
                ended = StackStatus(status.replace("_IN_PROGRESS", "_FAILED"))
                stack.set_stack_status(ended, "LocalStack ended during the operation")
