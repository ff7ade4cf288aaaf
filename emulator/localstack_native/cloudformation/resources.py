"""Operations on one resource of a stack, by LocalStack's resource providers."""

import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api.cloudformation import ChangeSetType
from localstack.services.cloudformation.engine.v2.unsupported_resource import (
    should_ignore_unsupported_resource_type,
)
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProviderExecutor,
    convert_payload,
)

from localstack_native.access.credentials import Key
from localstack_native.cloudformation.replacement import rules_of
from localstack_native.cloudformation.types import extended

type Properties = dict[str, Any]
type Record = dict[str, Any]

UNSUPPORTED = "unknown"
"""The physical id of a resource whose type is ignored, as in LocalStack."""


class ResourceError(Exception):
    """An operation on a resource failed."""


class _Executor(ResourceProviderExecutor):
    """Executes operations, and reports failed updates.

    LocalStack reports an update as complete if the type has none, or if something is not found.
    """

    def execute_action(self, resource_provider: Any, raw_payload: Any) -> Any:
        if raw_payload["action"] != "Modify":
            return super().execute_action(resource_provider, raw_payload)
        request: Any = convert_payload(
            stack_name=self.stack_name, stack_id=self.stack_id, payload=raw_payload
        )
        known = request.previous_state or {}
        kept = _kept(raw_payload["resourceType"], resource_provider)
        for name in kept & known.keys():
            request.desired_state.setdefault(name, known[name])
        try:
            event = resource_provider.update(request)
        except NotImplementedError as error:
            raise ResourceError(
                f"The emulator cannot update {request.resource_type}. Delete the stack, and create "
                "it again."
            ) from error
        if event.resource_model is not None:
            for name in kept & known.keys():
                event.resource_model.setdefault(name, known[name])
        return event


def _kept(kind: str, provider: Any) -> set[str]:
    """Return the properties that an update keeps: attributes, and names that are generated."""
    schema = getattr(provider, "SCHEMA", {})
    paths = [*schema.get("readOnlyProperties", []), *schema.get("primaryIdentifier", [])]
    name = rules_of(kind, provider).name
    return {each.split("/")[2] for each in paths} | ({name} if name else set())


def _known(record: Record) -> Properties:
    """Return a resource's attributes and properties; LocalStack's creations modify some of them."""
    return {**(record.get("Properties") or {}), **record.get("SpecifiedProperties", {})}


class StackResources:
    """The resources of one stack."""

    def __init__(self, stack: Any, caller: Key) -> None:
        """Operate with the permissions of the caller's access key."""
        self._stack = stack
        self._caller = caller
        self._executor = _Executor(stack_name=stack.stack_name, stack_id=stack.stack_id)

    def create(self, name: str, kind: str, properties: Properties) -> Record:
        """Create a resource; return its record. Raises ``ResourceError``."""
        return self._execute("Add", name, kind, properties, None)

    def check(self, kind: str, before: Properties, after: Properties) -> None:
        """Check whether a resource can be updated. Raises ``ValueError``."""
        if check := getattr(extended(kind), "check", None):
            check(before, after)

    def update(self, name: str, record: Record, properties: Properties) -> Record:
        """Update a resource to other properties. Raises ``ResourceError``."""
        known = _known(record)
        return self._execute("Modify", name, record["Type"], properties, known)

    def delete(self, name: str, record: Record) -> None:
        """Delete a resource. Raises ``ResourceError``."""
        known = _known(record)
        self._execute("Remove", name, record["Type"], known, known)

    def _execute(
        self, action: str, name: str, kind: str, properties: Properties, known: Properties | None
    ) -> Record:
        record: Record = {
            "LogicalResourceId": name,
            "Type": kind,
            "LastUpdatedTimestamp": datetime.now(UTC),
            "ResourceStatus": "UPDATE_COMPLETE" if action == "Modify" else "CREATE_COMPLETE",
        }
        provider = extended(kind) or self._executor.try_load_resource_provider(kind)
        if provider is None:
            if not any(
                should_ignore_unsupported_resource_type(kind, each)
                for each in (ChangeSetType.CREATE, ChangeSetType.UPDATE)
            ):
                raise ResourceError(f"Resource type {kind} not supported")
            ignored = {"Properties": {}, "SpecifiedProperties": properties}
            return {**record, **ignored, "PhysicalResourceId": UNSUPPORTED}
        payload = self._payload(action, name, kind, properties, known)
        try:
            event: ProgressEvent[Properties] = self._executor.deploy_loop(provider, record, payload)
        except ResourceError:
            raise
        except Exception as error:
            raise ResourceError(f"Resource provider operation failed: {error}") from error
        if event.status != OperationStatus.SUCCESS:
            why = event.custom_context.get("exception") or event.message
            raise ResourceError(f"Resource provider operation failed: {why}")
        return record

    def _payload(
        self, action: str, name: str, kind: str, properties: Properties, known: Properties | None
    ) -> Any:
        credentials = {
            "accessKeyId": self._caller.id,
            "secretAccessKey": self._caller.secret,
            "sessionToken": self._caller.token or "",
        }
        return {
            "awsAccountId": self._stack.account_id,
            "callbackContext": {},
            "stackId": self._stack.stack_name,
            "resourceType": kind,
            "resourceTypeVersion": "000000",
            "bearerToken": str(uuid.uuid4()),
            "region": self._stack.region_name,
            "action": action,
            "requestData": {
                "logicalResourceId": name,
                "resourceProperties": properties,
                "previousResourceProperties": known,
                "callerCredentials": credentials,
                "providerCredentials": credentials,
                "systemTags": {},
                "previousSystemTags": {},
                "stackTags": {},
                "previousStackTags": {},
            },
        }
