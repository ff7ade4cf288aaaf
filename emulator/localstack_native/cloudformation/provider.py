"""The CloudFormation provider that ``PROVIDER_OVERRIDE_CLOUDFORMATION=extended`` selects."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localstack import constants
from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudformation import (
    ChangeSetNotFoundException,
    ChangeSetStatus,
    ContinueUpdateRollbackOutput,
    CreateStackOutput,
    DescribeChangeSetOutput,
    DescribeStacksOutput,
    ExecuteChangeSetOutput,
    ExecutionStatus,
    GetStackPolicyOutput,
    InvalidChangeSetStatusException,
    StackStatus,
    UpdateStackOutput,
)
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.v2.provider import (
    CloudformationProviderV2,
    StackNotFoundError,
    find_change_set_v2,
    find_stack_v2,
)
from localstack.services.plugins import Service
from localstack.utils.threads import start_worker_thread

from localstack_native.access import credentials
from localstack_native.access.callers import caller_of
from localstack_native.access.credentials import Key
from localstack_native.access.enforcement import signer_of
from localstack_native.cloudformation import (
    change_sets,
    rollback_triggers,
    stack_policies,
)
from localstack_native.cloudformation.deployment import Deployment, delete
from localstack_native.cloudformation.intrinsics import Template
from localstack_native.cloudformation.planning import Recorded, plan
from localstack_native.releases import cloudformation_stores

FINAL = (
    StackStatus.DELETE_FAILED,
    StackStatus.ROLLBACK_COMPLETE,
    StackStatus.ROLLBACK_FAILED,
    StackStatus.UPDATE_ROLLBACK_FAILED,
)
"""Statuses in which a stack can't be updated."""

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


class ExtendedCloudFormation(CloudformationProviderV2):
    """CloudFormation with updates in place, rollbacks, stack policies and protected stacks."""

    def __init__(self) -> None:
        super().__init__()
        self._running: dict[str, Deployment] = {}
        """Deployments that are in progress or whose rollback failed, by the stack's id."""

    @handler("CreateStack", expand=False)
    def create_stack(  # type: ignore[override]  # the whole request
        self, context: RequestContext, request: Any
    ) -> CreateStackOutput:
        """Create a stack; roll back if a resource fails, unless the caller disables it."""
        rolls_back = not request.get("DisableRollback")
        rolls_back &= request.get("OnFailure", "ROLLBACK") != "DO_NOTHING"
        change_set = self._internal_change_set(context, request, "CREATE")
        stack = change_set.stack
        stack.capabilities = request.get("Capabilities") or []
        stack.enable_termination_protection = bool(request.get("EnableTerminationProtection"))
        if change_set.status == ChangeSetStatus.FAILED:
            stack.set_stack_status("ROLLBACK_IN_PROGRESS", change_set.status_reason)
            stack.set_stack_status("ROLLBACK_COMPLETE")
            return CreateStackOutput(StackId=stack.stack_id)
        if policy := request.get("StackPolicyBody"):
            stack_policies.parsed(policy)
            setattr(stack, stack_policies.POLICY, policy)
        self._deploy(context, change_set, request, rolls_back=rolls_back)
        return CreateStackOutput(StackId=stack.stack_id)

    @handler("UpdateStack", expand=False)
    def update_stack(  # type: ignore[override]  # the whole request
        self, context: RequestContext, request: Any
    ) -> UpdateStackOutput:
        """Update a stack in place; roll back if a resource fails."""
        stack = self._stack(context, request["StackName"])
        if request.get("UsePreviousTemplate"):
            # By its body, which may be longer than a request's: it came from a URL.
            request = {**request, "TemplateBody": stack.template_body}
        change_set = self._internal_change_set(context, request, "UPDATE")
        if change_set.status == ChangeSetStatus.FAILED:
            if change_set.status_reason == NO_CHANGES:
                raise ValidationError("No updates are to be performed.")
            raise ValidationError(change_set.status_reason)
        if policy := request.get("StackPolicyBody"):
            stack_policies.parsed(policy)
            setattr(stack, stack_policies.POLICY, policy)
        self._deploy(context, change_set, request, rolls_back=not request.get("DisableRollback"))
        return UpdateStackOutput(StackId=stack.stack_id)

    def _internal_change_set(self, context: RequestContext, request: Any, kind: str) -> Any:
        """Return the change set of a call that creates or updates a stack without one."""
        state = cloudformation_stores()[context.account_id][context.region]
        if kind == "CREATE" and find_stack_v2(state, request["StackName"]):
            # LocalStack's error
            super().create_stack(context, request)
        name = f"{kind.lower()}-{uuid.uuid4().hex}"
        made = self.create_change_set(
            context, {**request, "ChangeSetName": name, "ChangeSetType": kind}
        )
        change_set = state.change_sets[made["Id"]]
        change_set.stack.change_set_ids.discard(made["Id"])
        if kind == "CREATE":
            change_set.stack.events.clear()
        return change_set

    @handler("CreateChangeSet", expand=False)
    def create_change_set(  # type: ignore[override]  # the whole request
        self, context: RequestContext, request: Any
    ) -> Any:
        """Create a change set; it fails if it contains no changes."""
        state = cloudformation_stores()[context.account_id][context.region]
        is_update = request.get("ChangeSetType", "UPDATE") == "UPDATE"
        before = find_stack_v2(state, request["StackName"]) if is_update else None
        if before and (before.status in FINAL or before.status.endswith("_IN_PROGRESS")):
            raise ValidationError(
                f"Stack:{before.stack_id} is in {before.status} state and can not be updated."
            )
        configuration = rollback_triggers.requested(context.request.form, request)
        kept = (before.status, list(before.events)) if before else None
        response = super().create_change_set(context, request)
        change_set = state.change_sets[response["Id"]]
        setattr(change_set, rollback_triggers.CONFIGURATION, configuration)
        if before and "Tags" not in request:
            change_set.tags = before.tags
        if before and kept:
            # A change set of an existing stack does not affect it.
            before.status, before.events = kept
        if change_set.status_reason and "didn't contain changes" not in change_set.status_reason:
            return response
        try:
            is_changed = bool(plan(change_set.stack, change_set))
            is_changed = is_changed or _has_new_outputs(change_set)
        except ValidationError as error:
            change_set.set_change_set_status(ChangeSetStatus.FAILED)
            change_set.set_execution_status(ExecutionStatus.UNAVAILABLE)
            change_set.status_reason = str(error)
            return response
        change_set.status_reason = None if is_changed else NO_CHANGES
        change_set.set_change_set_status(
            ChangeSetStatus.CREATE_COMPLETE if is_changed else ChangeSetStatus.FAILED
        )
        change_set.set_execution_status(
            ExecutionStatus.AVAILABLE if is_changed else ExecutionStatus.UNAVAILABLE
        )
        return response

    @handler("DescribeChangeSet")
    def describe_change_set(  # type: ignore[override]  # other arguments pass through
        self,
        context: RequestContext,
        change_set_name: str,
        stack_name: str | None = None,
        include_property_values: bool | None = None,  # noqa: FBT001 (the API's)
        **_kwargs: Any,
    ) -> DescribeChangeSetOutput:
        """Describe what a change set changes, by resource and property."""
        state = cloudformation_stores()[context.account_id][context.region]
        change_set = find_change_set_v2(state, change_set_name, stack_name)
        if not change_set:
            raise ChangeSetNotFoundException(f"ChangeSet [{change_set_name}] does not exist")
        changes: list[Any] = []
        if change_set.execution_status == ExecutionStatus.AVAILABLE:
            body: Any = change_set.processed_template or change_set.template
            changes = [
                change_sets.described(
                    each, body["Resources"], with_values=bool(include_property_values)
                )
                for each in plan(change_set.stack, change_set)
            ]
        response = DescribeChangeSetOutput(
            Status=change_set.status,
            ChangeSetId=change_set.change_set_id,
            ChangeSetName=change_set.change_set_name,
            ExecutionStatus=change_set.execution_status,
            RollbackConfiguration=rollback_triggers.effective(change_set.stack, change_set),
            StackId=change_set.stack.stack_id,
            StackName=change_set.stack.stack_name,
            CreationTime=change_set.creation_time,
            Changes=changes,
            Capabilities=change_set.stack.capabilities,
            StatusReason=change_set.status_reason,
            Description=change_set.description,
            IncludeNestedStacks=False,
            NotificationARNs=[],
            Tags=change_set.tags or None,
        )
        if change_set.resolved_parameters:
            response["Parameters"] = self._render_resolved_parameters(
                change_set.resolved_parameters
            )
        return response

    @handler("ExecuteChangeSet", expand=False)
    def execute_change_set(  # type: ignore[override]  # the whole request
        self, context: RequestContext, request: Any
    ) -> ExecuteChangeSetOutput:
        """Execute a change set; roll back if a resource fails."""
        state = cloudformation_stores()[context.account_id][context.region]
        name = request["ChangeSetName"]
        change_set = find_change_set_v2(state, name, request.get("StackName"))
        if not change_set:
            raise ChangeSetNotFoundException(f"ChangeSet [{name}] does not exist")
        if change_set.execution_status != ExecutionStatus.AVAILABLE:
            raise InvalidChangeSetStatusException(
                f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status "
                f"of [{change_set.status}]"
            )
        self._deploy(context, change_set, request, rolls_back=not request.get("DisableRollback"))
        # The others were made for the stack as it was.
        for other in change_set.stack.change_set_ids - {change_set.change_set_id}:
            state.change_sets[other].set_execution_status(ExecutionStatus.OBSOLETE)
        return ExecuteChangeSetOutput()

    def _deploy(
        self, context: RequestContext, change_set: Any, request: Any, *, rolls_back: bool
    ) -> None:
        """Start the deployment of a change set."""
        stack = change_set.stack
        is_creation = change_set.change_set_type == "CREATE"
        temporary = request.get("StackPolicyDuringUpdateBody")
        if temporary:
            stack_policies.parsed(temporary)
        change_set.set_execution_status(ExecutionStatus.EXECUTE_IN_PROGRESS)
        stack.status_reason = None
        stack.set_stack_status(
            StackStatus.CREATE_IN_PROGRESS if is_creation else StackStatus.UPDATE_IN_PROGRESS,
            "User Initiated",
        )
        deployment = Deployment(
            stack,
            change_set,
            _caller(context),
            is_creation=is_creation,
            policy=temporary or getattr(stack, stack_policies.POLICY, None),
            deletes_new=bool(request.get("RetainExceptOnCreate")),
        )
        self._start(deployment, stack, lambda: deployment.run(rolls_back=rolls_back))

    def _start(self, deployment: Deployment, stack: Any, run: Callable[[], None]) -> None:
        self._running[stack.stack_id] = deployment

        def follow(*_: Any) -> None:
            try:
                run()
            finally:
                if not deployment.left:
                    del self._running[stack.stack_id]

        start_worker_thread(follow)

    @handler("ContinueUpdateRollback")
    def continue_update_rollback(  # type: ignore[override]  # other arguments have no effect
        self,
        context: RequestContext,
        stack_name: str,
        resources_to_skip: list[str] | None = None,
        **_kwargs: Any,
    ) -> ContinueUpdateRollbackOutput:
        """Retry a rollback that failed."""
        stack = self._stack(context, stack_name)
        deployment = self._running.get(stack.stack_id)
        if stack.status != StackStatus.UPDATE_ROLLBACK_FAILED:
            raise ValidationError(
                f"Stack:{stack.stack_id} is in {stack.status} state and can not continue rollback."
            )
        if not deployment:
            raise ValidationError(
                "The emulator has restarted since the rollback failed, and does not know what is "
                "left of it. Delete the stack, and create it again."
            )
        skipped = resources_to_skip or ()
        self._start(deployment, stack, lambda: deployment.continue_rollback(skipped))
        return ContinueUpdateRollbackOutput()

    @handler("CancelUpdateStack")
    def cancel_update_stack(  # type: ignore[override]  # other arguments have no effect
        self, context: RequestContext, stack_name: str, **_kwargs: Any
    ) -> None:
        """Roll a running update back."""
        stack = self._stack(context, stack_name)
        running = self._running.get(stack.stack_id)
        if stack.status != StackStatus.UPDATE_IN_PROGRESS or not running:
            raise ValidationError("CancelUpdateStack cannot be called from current stack status")
        running.monitor.cancel()

    @handler("DescribeStacks")
    def describe_stacks(  # type: ignore[override]  # other arguments pass through
        self, context: RequestContext, **kwargs: Any
    ) -> DescribeStacksOutput:
        """Describe stacks, with their rollback triggers."""
        response = super().describe_stacks(context, **kwargs)
        state = cloudformation_stores()[context.account_id][context.region]
        for each in response.get("Stacks") or ():
            stack = state.stacks_v2[each["StackId"]]
            each["RollbackConfiguration"] = rollback_triggers.of(stack)
        return response

    @handler("DeleteStack")
    def delete_stack(  # type: ignore[override]  # other arguments pass through
        self,
        context: RequestContext,
        stack_name: str,
        retain_resources: list[str] | None = None,
        **_kwargs: Any,
    ) -> None:
        """Delete a stack, unless it is protected."""
        state = cloudformation_stores()[context.account_id][context.region]
        stack = find_stack_v2(state, stack_name)
        if not stack or stack.status == StackStatus.DELETE_COMPLETE:
            return
        if stack.enable_termination_protection:
            raise ValidationError(
                f"Stack [{stack.stack_name}] cannot be deleted while TerminationProtection is "
                "enabled"
            )
        if not stack.resolved_resources:
            stack.set_stack_status(StackStatus.DELETE_COMPLETE)
            stack.deletion_time = datetime.now(tz=UTC)
            return
        stack.set_stack_status(StackStatus.DELETE_IN_PROGRESS, "User Initiated")
        caller = _caller(context)
        start_worker_thread(lambda *_: delete(stack, caller, retain_resources or ()))

    @handler("SetStackPolicy")
    def set_stack_policy(
        self,
        context: RequestContext,
        stack_name: str,
        stack_policy_body: str | None = None,
        stack_policy_url: str | None = None,
        **_kwargs: Any,
    ) -> None:
        """Set the stack policy of the next updates."""
        if stack_policy_url or not stack_policy_body:
            raise ValidationError(
                "The emulator does not support StackPolicyURL. Use StackPolicyBody."
            )
        stack = self._stack(context, stack_name)
        stack_policies.parsed(stack_policy_body)
        setattr(stack, stack_policies.POLICY, stack_policy_body)

    @handler("GetStackPolicy")
    def get_stack_policy(
        self, context: RequestContext, stack_name: str, **_kwargs: Any
    ) -> GetStackPolicyOutput:
        """Return the stored stack policy, if any."""
        policy = getattr(self._stack(context, stack_name), stack_policies.POLICY, None)
        return GetStackPolicyOutput(StackPolicyBody=policy) if policy else GetStackPolicyOutput()

    def _stack(self, context: RequestContext, name: str) -> Any:
        stack = find_stack_v2(cloudformation_stores()[context.account_id][context.region], name)
        if not stack:
            raise StackNotFoundError(name)
        return stack


def _has_new_outputs(change_set: Any) -> bool:
    """Return whether a change set of unchanged resources changes the stack's outputs."""
    stack = change_set.stack
    body = change_set.processed_template or change_set.template
    resources = Recorded(stack.resolved_resources)
    template = Template(body, change_set.resolved_parameters or {}, stack, resources)
    known = {each["OutputKey"]: each["OutputValue"] for each in stack.resolved_outputs}
    return {each["OutputKey"]: each["OutputValue"] for each in template.outputs()} != known


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedCloudFormation())


def _caller(context: RequestContext) -> Key:
    """Return the access key with whose permissions a request changes resources.

    AWS CloudFormation User Guide, "CloudFormation service role": without a service role, it uses a
    session that is generated from the caller's credentials.
    """
    key = signer_of(context)
    if caller_of(key).kind != "root" and (found := credentials.find(key)):
        return found
    return Key(context.account_id, constants.INTERNAL_AWS_SECRET_ACCESS_KEY)
