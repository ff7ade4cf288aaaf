"""What loaded state needs before it works, and what must not be saved half-done."""

from datetime import UTC, datetime

from localstack import config
from localstack.services.plugins import SERVICE_PLUGINS


def stack_in_progress() -> bool:
    """Say whether CloudFormation is at work: nobody would finish it after a restart."""
    if not SERVICE_PLUGINS.is_running("cloudformation"):
        return False
    from localstack.services.cloudformation.stores import cloudformation_stores

    return any(
        is_in_progress(stack.status)
        for _, _, store in cloudformation_stores.iter_stores()
        for stack in list(store.stacks_v2.values())
    )


def is_in_progress(status: str) -> bool:
    """Say whether a stack is being changed; imports aside, which LocalStack does not know."""
    return status.endswith("_IN_PROGRESS") and not status.startswith(("REVIEW", "IMPORT"))


def prepare(service: str) -> None:
    """Mend what was taken out in the middle of something."""
    match service:
        case "sqs":
            _show_messages_in_flight()
        case "cloudformation":
            _end_interrupted_stacks()
        case "stepfunctions":
            _abort_executions()


def _show_messages_in_flight() -> None:
    """Make messages visible: whoever had received them in LocalStack is gone.

    Queues of LocalStack's own, for asynchronous invocations, get new names at each start.
    """
    from localstack.services.sqs.models import sqs_stores

    for account, _, store in sqs_stores.iter_stores():
        if account == config.INTERNAL_RESOURCE_ACCOUNT:
            store.queues.clear()
        for queue in store.queues.values():
            for message in list(queue.inflight):
                message.update_visibility_timeout(0)


def _abort_executions() -> None:
    """Call aborted what was running: nobody goes on with it, or takes its task tokens."""
    from localstack.services.stepfunctions.backend.store import sfn_stores

    for _, _, store in sfn_stores.iter_stores():
        for execution in store.executions.values():
            if execution.exec_status == "RUNNING":
                execution.exec_status = "ABORTED"
                execution.stop_date = datetime.now(UTC)


def _end_interrupted_stacks() -> None:
    """Call failed what was under way."""
    from localstack.aws.api.cloudformation import StackStatus
    from localstack.services.cloudformation.stores import cloudformation_stores

    for _, _, store in cloudformation_stores.iter_stores():
        for stack in store.stacks_v2.values():
            if is_in_progress(stack.status):
                status = str(stack.status).removesuffix("_CLEANUP_IN_PROGRESS")
                ended = StackStatus(status.replace("_IN_PROGRESS", "_FAILED"))
                stack.set_stack_status(ended, "LocalStack has ended meanwhile")
