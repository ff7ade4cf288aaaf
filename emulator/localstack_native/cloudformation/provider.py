"""The CloudFormation provider that ``PROVIDER_OVERRIDE_CLOUDFORMATION=extended`` selects."""

from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudformation import GetStackPolicyOutput, StackStatus
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.v2.provider import (
    CloudformationProviderV2,
    StackNotFoundError,
    find_stack_v2,
)
from localstack.services.plugins import Service

from localstack_native.releases import cloudformation_stores

POLICY = "stack_policy"
"""The attribute of a stack that stores its policy."""


COMPLETE = (StackStatus.CREATE_COMPLETE, StackStatus.UPDATE_COMPLETE)

OF_UPDATES = {
    StackStatus.ROLLBACK_IN_PROGRESS: StackStatus.UPDATE_ROLLBACK_IN_PROGRESS,
    StackStatus.ROLLBACK_COMPLETE: StackStatus.UPDATE_ROLLBACK_COMPLETE,
}


def report_failed_updates(
    set_stack_status: Any, self: Any, status: StackStatus, *others: Any, **more: Any
) -> None:
    """Set AWS's status for a failed update.

    LocalStack sets the status of a failed creation, with which a stack can only be deleted.
    """
    if status in COMPLETE:
        self.was_complete = True
    elif getattr(self, "was_complete", False):
        status = OF_UPDATES.get(status, status)
    set_stack_status(self, status, *others, **more)


class ExtendedCloudFormation(CloudformationProviderV2):
    """CloudFormation with termination protection, and with storage for stack policies.

    LocalStack deletes protected stacks and has no stack policies. Policies are stored, but not
    enforced.
    """

    @handler("DeleteStack")
    def delete_stack(  # type: ignore[override]  # other arguments pass through
        self, context: RequestContext, stack_name: str, **kwargs: Any
    ) -> None:
        """Delete a stack, unless it is protected."""
        state = cloudformation_stores()[context.account_id][context.region]
        stack = find_stack_v2(state, stack_name)
        if stack and stack.enable_termination_protection:
            raise ValidationError(
                f"Stack [{stack.stack_name}] cannot be deleted while TerminationProtection is "
                "enabled"
            )
        super().delete_stack(context, stack_name, **kwargs)

    @handler("SetStackPolicy")
    def set_stack_policy(
        self,
        context: RequestContext,
        stack_name: str,
        stack_policy_body: str | None = None,
        stack_policy_url: str | None = None,
        **_kwargs: Any,
    ) -> None:
        """Store a stack policy."""
        if stack_policy_url or not stack_policy_body:
            raise ValidationError(
                "The emulator does not support StackPolicyURL. Use StackPolicyBody."
            )
        setattr(self._stack(context, stack_name), POLICY, stack_policy_body)

    @handler("GetStackPolicy")
    def get_stack_policy(
        self, context: RequestContext, stack_name: str, **_kwargs: Any
    ) -> GetStackPolicyOutput:
        """Return the stored stack policy, if any."""
        policy = getattr(self._stack(context, stack_name), POLICY, None)
        return GetStackPolicyOutput(StackPolicyBody=policy) if policy else GetStackPolicyOutput()

    def _stack(self, context: RequestContext, name: str) -> Any:
        stack = find_stack_v2(cloudformation_stores()[context.account_id][context.region], name)
        if not stack:
            raise StackNotFoundError(name)
        return stack


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedCloudFormation())
