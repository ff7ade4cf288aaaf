"""Deployments of stacks: creations, updates and deletions, with their events and rollbacks.

AWS CloudFormation User Guide, "Update behaviors of stack resources", "Stack events", "Choose how to
handle failures when provisioning resources".
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api.cloudformation import ExecutionStatus
from localstack.utils.objects import get_value_from_path

from localstack_native.access.credentials import Key
from localstack_native.cloudformation import rollback_triggers, stack_policies
from localstack_native.cloudformation.intrinsics import Template
from localstack_native.cloudformation.planning import (
    changed_properties,
    deletion_order,
    order,
    rules_for,
    specified,
)
from localstack_native.cloudformation.replacement import Rules
from localstack_native.cloudformation.resources import Properties, Record, StackResources
from localstack_native.cloudformation.tags import with_stack_tags

LOG = logging.getLogger(__name__)

RETAINED = ("Retain", "RetainExceptOnCreate")
"""Deletion policies of resources that stay. When the operation that created a resource is rolled
back, only the first of them retains it."""


@dataclass(slots=True)
class _Step:
    """One resource that a deployment changed, or tried to."""

    name: str
    before: Record | None
    after: Record | None = None
    properties: Properties | None = None
    """What an update that failed may have set."""

    @property
    def is_replacement(self) -> bool:
        return (
            bool(self.before and self.after)
            and self.before is not self.after
            and (
                self.before["PhysicalResourceId"] != self.after["PhysicalResourceId"]  # type: ignore[index]
            )
        )


class DeploymentError(Exception):
    """A resource could not be changed."""

    def __init__(self, verb: str, names: Iterable[str]) -> None:
        super().__init__(f"The following resource(s) failed to {verb}: [{', '.join(names)}]. ")


class Deployment:
    """One creation or update of a stack by a change set."""

    def __init__(
        self,
        stack: Any,
        change_set: Any,
        caller: Key,
        *,
        is_creation: bool,
        policy: str | None = None,
        deletes_new: bool = False,
    ) -> None:
        """Prepare the deployment of a change set.

        ``policy`` is the body of the stack policy that applies. With ``deletes_new``, a rollback
        deletes also new resources whose policy is to retain them.
        """
        self._stack = stack
        self._policy = policy
        self._deletes_new = deletes_new
        self._change_set = change_set
        self._is_creation = is_creation
        self._resources = StackResources(stack, caller)
        self._records: dict[str, Record] = dict(stack.resolved_resources)
        self._before = dict(stack.resolved_resources)
        body = change_set.processed_template or change_set.template
        parameters = change_set.resolved_parameters or {}
        self._template = Template(body, parameters, stack, self)
        self._steps: list[_Step] = []
        self.left: list[_Step] = []
        """What a failed rollback could not undo."""
        self._triggers = rollback_triggers.effective(stack, change_set)
        self.monitor = rollback_triggers.Monitor(stack.account_id, self._triggers)

    def ref(self, name: str) -> Any:
        """Return the physical id of a resource."""
        return self._records.get(name, {}).get("PhysicalResourceId")

    def attribute(self, name: str, path: str) -> Any:
        """Return an attribute of a resource."""
        return get_value_from_path(self._records.get(name, {}).get("Properties", {}), path)

    def run(self, *, rolls_back: bool = True) -> None:
        """Deploy the change set; roll back if a resource fails."""
        verb = "CREATE" if self._is_creation else "UPDATE"
        tags = self._stack.tags
        try:
            definitions = self._template.definitions()
            self._check_removals(definitions)
            for name in order(definitions):
                self.monitor.check()
                self._apply(name, definitions[name])
            outputs = list(self._template.outputs())
            self.monitor.watch()
        except Exception as error:  # noqa: BLE001 (any of them is rolled back)
            LOG.info("Deployment of stack %s failed: %s", self._stack.stack_name, error)
            reason = str(error)
            if rolls_back:
                self._roll_back(reason)
            else:
                self._stack.resolved_resources = self._records
                if self._is_creation:
                    self._record_template()
                self._stack.set_stack_status(f"{verb}_FAILED", reason)
            self._stack.tags = tags
            self._change_set.set_execution_status(ExecutionStatus.EXECUTE_FAILED)
            return
        if not self._is_creation:
            self._stack.set_stack_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            self._clean_up(definitions)
        self._record(outputs)
        self._stack.set_stack_status(f"{verb}_COMPLETE")
        self._change_set.set_execution_status(ExecutionStatus.EXECUTE_COMPLETE)

    def _apply(self, name: str, definition: Any) -> None:
        kind = definition["Type"]
        before = self._records.get(name)
        is_change = False
        try:
            properties = with_stack_tags(
                kind, self._template.properties(name), self._change_set.tags
            )
            if before is None:
                is_change = True
                self._event(name, kind, "CREATE_IN_PROGRESS")
                record = self._resources.create(name, kind, properties)
                self._finish(_Step(name, None, record), "CREATE_COMPLETE")
                return
            known = specified(before)
            changed = changed_properties(known, properties)
            if not changed:
                return
            is_change = True
            rules = rules_for(kind)
            _check_changes(rules, known, properties, changed)
            is_replaced = bool(rules.replaced_by.intersection(changed))
            action = "Replace" if is_replaced else "Modify"
            stack_policies.check(self._policy, action, name, kind)
            if is_replaced:
                why = "Requested update requires the creation of a new physical resource."
                self._event(name, kind, "UPDATE_IN_PROGRESS", why)
                record = self._resources.create(name, kind, properties)
                record["ResourceStatus"] = "UPDATE_COMPLETE"
                self._finish(_Step(name, before, record), "UPDATE_COMPLETE")
                return
            self._resources.check(kind, known, properties)
            self._event(name, kind, "UPDATE_IN_PROGRESS")
            step = _Step(name, before, properties=properties)
            self._steps.append(step)
            step.after = self._resources.update(name, before, properties)
            self._records[name] = step.after
            self._event(name, kind, "UPDATE_COMPLETE")
        except Exception as error:
            verb = "create" if before is None else "update"
            if not is_change:
                self._event(name, kind, f"{verb.upper()}_IN_PROGRESS")
            self._event(name, kind, f"{verb.upper()}_FAILED", str(error))
            raise DeploymentError(verb, [name]) from error

    def _check_removals(self, definitions: Mapping[str, Any]) -> None:
        """Refuse an update that removes resources which the stack policy protects."""
        for name in self._before.keys() - definitions.keys():
            kind = self._before[name]["Type"]
            try:
                stack_policies.check(self._policy, "Delete", name, kind)
            except stack_policies.DeniedError as error:
                self._event(name, kind, "DELETE_FAILED", str(error))
                raise DeploymentError("delete", [name]) from error

    def _finish(self, step: _Step, status: str) -> None:
        assert step.after
        self._steps.append(step)
        self._records[step.name] = step.after
        self._event(step.name, step.after["Type"], status)

    def _clean_up(self, definitions: dict[str, Any]) -> None:
        """Delete what the update replaced and removed, dependents first."""
        replaced = {each.name: each.before for each in self._steps if each.is_replacement}
        old = (self._stack.processed_template or self._stack.template or {}).get("Resources") or {}
        for name in deletion_order(self._before, old):
            if name not in definitions:
                policy = old.get(name, {}).get("DeletionPolicy")
                self._delete(name, self._before[name], is_retained=policy in RETAINED)
                self._records.pop(name)
                self._stack.resource_states.pop(name, None)
            elif record := replaced.get(name):
                policy = definitions[name].get("UpdateReplacePolicy")
                self._delete(name, record, is_retained=policy == "Retain")

    def _delete(self, name: str, record: Record, *, is_retained: bool) -> bool:
        """Delete a resource that the stack no longer has; return whether it is gone."""
        kind, physical_id = record["Type"], record.get("PhysicalResourceId")

        def event(status: str, reason: str = "") -> None:
            self._stack._store_event(name, kind, physical_id, status, reason)  # noqa: SLF001

        if is_retained:
            event("DELETE_SKIPPED")
            return True
        event("DELETE_IN_PROGRESS")
        try:
            self._resources.delete(name, record)
        except Exception as error:  # noqa: BLE001 (AWS continues the cleanup, too)
            event("DELETE_FAILED", str(error))
            return False
        event("DELETE_COMPLETE")
        return True

    def _roll_back(self, reason: str) -> None:
        prefix = "" if self._is_creation else "UPDATE_"
        self._stack.set_stack_status(f"{prefix}ROLLBACK_IN_PROGRESS", reason)
        self._undo_all(list(reversed(self._steps)))

    def continue_rollback(self, skipped: Iterable[str] = ()) -> None:
        """Retry a rollback that failed, without some resources."""
        self._stack.set_stack_status("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
        self._undo_all([each for each in self.left if each.name not in skipped])

    def _undo_all(self, steps: list[_Step]) -> None:
        prefix = "" if self._is_creation else "UPDATE_"
        self.left = [each for each in steps if not self._undo(each)]
        if self.left:
            self._stack.resolved_resources = self._records
            why = str(DeploymentError("update", [each.name for each in self.left]))
            self._stack.set_stack_status("UPDATE_ROLLBACK_FAILED", why)
            return
        if not self._is_creation:
            self._stack.set_stack_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        definitions = self._template.body.get("Resources") or {}
        created = [each for each in reversed(self._steps) if each.after is not None]
        left = []
        for each in created:
            if each.before is not None and not each.is_replacement:
                continue
            assert each.after
            policy = definitions[each.name].get("DeletionPolicy")
            is_retained = policy == "Retain" and each.before is None and not self._deletes_new
            if not self._delete(each.name, each.after, is_retained=is_retained):
                left.append(each.name)
            elif each.before is None:
                self._records.pop(each.name)
                self._stack.resource_states.pop(each.name, None)
        self._stack.resolved_resources = self._records
        if self._is_creation:
            self._record_template()
            setattr(self._stack, rollback_triggers.CONFIGURATION, self._triggers)
            if left:
                why = str(DeploymentError("delete", left))
                self._stack.set_stack_status("ROLLBACK_FAILED", why)
                return
        self._stack.set_stack_status(f"{prefix}ROLLBACK_COMPLETE")

    def _undo(self, step: _Step) -> bool:
        """Return an existing resource to its state before; return whether it is."""
        if step.before is None:
            return True
        name, kind = step.name, step.before["Type"]
        if step.is_replacement:
            self._records[name] = step.before
            self._event(name, kind, "UPDATE_COMPLETE")
            return True
        self._event(name, kind, "UPDATE_IN_PROGRESS")
        current = step.after or {
            **step.before,
            "Properties": {**(step.before.get("Properties") or {}), **(step.properties or {})},
        }
        try:
            self._records[name] = self._resources.update(name, current, specified(step.before))
        except Exception as error:  # noqa: BLE001 (each resource is tried)
            self._event(name, kind, "UPDATE_FAILED", str(error))
            return False
        self._event(name, kind, "UPDATE_COMPLETE")
        return True

    def _event(self, name: str, kind: str, status: str, reason: str = "") -> None:
        self._stack.set_resource_status(
            logical_resource_id=name,
            physical_resource_id=self.ref(name),
            resource_type=kind,
            status=status,
            resource_status_reason=reason or None,
        )

    def _record(self, outputs: list[dict[str, Any]]) -> None:
        """Record what was deployed."""
        stack, change_set = self._stack, self._change_set
        stack.resolved_resources = self._records
        self._record_template()
        setattr(stack, rollback_triggers.CONFIGURATION, self._triggers)
        stack.description = change_set.template.get("Description")
        stack.tags = change_set.tags
        stack.change_set_id = change_set.change_set_id
        stack.resolved_outputs = outputs
        stack.resolved_exports = {
            each["ExportName"]: each["OutputValue"] for each in outputs if "ExportName" in each
        }

    def _record_template(self) -> None:
        stack, change_set = self._stack, self._change_set
        stack.resolved_parameters = change_set.resolved_parameters
        stack.template = change_set.template
        stack.template_body = change_set.template_body
        stack.processed_template = change_set.processed_template


def _check_changes(
    rules: Rules, before: Properties, after: Properties, changed: Iterable[str]
) -> None:
    """Refuse changes that AWS refuses, as of a resource whose name is taken by itself."""
    if fixed := rules.fixed.intersection(changed):
        raise ValueError(f"Updates are not supported for property: {', '.join(sorted(fixed))}")
    name = rules.name
    if not name or name not in after or before.get(name) != after[name]:
        return
    if rules.replaced_by.intersection(changed):
        raise ValueError(
            "CloudFormation cannot update a stack when a custom-named resource requires "
            f"replacing. Rename {after[name]} and update the stack again."
        )


def delete(stack: Any, caller: Key, retained: Iterable[str] = ()) -> None:
    """Delete the resources of a stack, dependents first, and the stack."""
    resources = StackResources(stack, caller)
    records = stack.resolved_resources
    definitions = (stack.processed_template or stack.template or {}).get("Resources") or {}
    failed = []
    for name in deletion_order(records, definitions):
        record = records[name]
        report: Callable[..., None] = _reporter(stack, name, record)
        policy = definitions.get(name, {}).get("DeletionPolicy")
        if policy in RETAINED or name in retained:
            report("DELETE_SKIPPED")
        else:
            report("DELETE_IN_PROGRESS")
            try:
                resources.delete(name, record)
            except Exception as error:  # noqa: BLE001 (the others are deleted)
                report("DELETE_FAILED", str(error))
                failed.append(name)
                continue
            report("DELETE_COMPLETE")
        del records[name]
    if failed:
        stack.set_stack_status("DELETE_FAILED", str(DeploymentError("delete", failed)))
        return
    stack.set_stack_status("DELETE_COMPLETE")
    stack.deletion_time = datetime.now(tz=UTC)


def _reporter(stack: Any, name: str, record: Record) -> Callable[..., None]:
    def report(status: str, reason: str | None = None) -> None:
        stack.resource_states.setdefault(name, {})
        stack.set_resource_status(
            logical_resource_id=name,
            physical_resource_id=record.get("PhysicalResourceId"),
            resource_type=record["Type"],
            status=status,
            resource_status_reason=reason,
        )

    return report
