"""The CloudFormation provider that ``PROVIDER_OVERRIDE_CLOUDFORMATION=protecting`` chooses."""

from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudformation import GetStackPolicyOutput, StackStatus
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.stores import get_cloudformation_store
from localstack.services.cloudformation.v2.entities import Stack
from localstack.services.cloudformation.v2.provider import (
    CloudformationProviderV2,
    StackNotFoundError,
    find_stack_v2,
)
from localstack.services.plugins import Service, aws_provider
from localstack.utils.patch import patch

POLICY = "stack_policy"
"""Where a stack keeps its policy: on itself, so that it goes with it."""


COMPLETE = (StackStatus.CREATE_COMPLETE, StackStatus.UPDATE_COMPLETE)

OF_UPDATES = {
    StackStatus.ROLLBACK_IN_PROGRESS: StackStatus.UPDATE_ROLLBACK_IN_PROGRESS,
    StackStatus.ROLLBACK_COMPLETE: StackStatus.UPDATE_ROLLBACK_COMPLETE,
}


@patch(Stack.set_stack_status)
def tell_updates_from_creations(
    set_stack_status: Any, self: Any, status: StackStatus, *others: Any, **more: Any
) -> None:
    """Say of an update that failed what AWS says of it.

    LocalStack says what AWS says of a creation: that the stack can only be deleted.
    """
    if status in COMPLETE:
        self.was_complete = True
    elif getattr(self, "was_complete", False):
        status = OF_UPDATES.get(status, status)
    set_stack_status(self, status, *others, **more)


class ProtectingCloudFormation(CloudformationProviderV2):
    """CloudFormation that deletes no protected stack, and keeps stack policies.

    LocalStack notes the protection and deletes all the same; stack policies it does not know. Their
    rules are not held against updates here either.
    """

    @handler("DeleteStack")
    def delete_stack(  # type: ignore[override]  # all else is handed on
        self, context: RequestContext, stack_name: str, **kwargs: Any
    ) -> None:
        """Delete a stack, unless it is protected."""
        state = get_cloudformation_store(context.account_id, context.region)
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
        """Keep a policy."""
        if stack_policy_url or not stack_policy_body:
            raise ValidationError("Here, a stack policy is given by its body")
        setattr(self._stack(context, stack_name), POLICY, stack_policy_body)

    @handler("GetStackPolicy")
    def get_stack_policy(
        self, context: RequestContext, stack_name: str, **_kwargs: Any
    ) -> GetStackPolicyOutput:
        """Answer the policy that is kept, if there is one."""
        policy = getattr(self._stack(context, stack_name), POLICY, None)
        return GetStackPolicyOutput(StackPolicyBody=policy) if policy else GetStackPolicyOutput()

    def _stack(self, context: RequestContext, name: str) -> Any:
        stack = find_stack_v2(get_cloudformation_store(context.account_id, context.region), name)
        if not stack:
            raise StackNotFoundError(name)
        return stack


@aws_provider(api="cloudformation", name="protecting")
def protecting_cloudformation() -> Service:
    """Make the service; LocalStack calls this at the first request."""
    return Service.for_provider(ProtectingCloudFormation())
