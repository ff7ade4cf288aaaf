"""CloudFormation resource type ``AWS::CloudWatch::Dashboard``, which LocalStack ignores."""

from typing import Any

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from localstack_native import features

type Properties = dict[str, Any]

TYPE = "AWS::CloudWatch::Dashboard"


class DashboardResource(ResourceProvider[Properties]):
    """``AWS::CloudWatch::Dashboard``; Ref is its name."""

    TYPE = TYPE
    SCHEMA = {  # noqa: RUF012 (LocalStack's shape)
        "typeName": TYPE,
        "primaryIdentifier": ["/properties/DashboardName"],
        "createOnlyProperties": ["/properties/DashboardName"],
    }

    def create(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Create the dashboard."""
        model = dict(request.desired_state)
        model.setdefault("DashboardName", f"{request.stack_name}-{request.logical_resource_id}")
        request.aws_client_factory.cloudwatch.put_dashboard(
            DashboardName=model["DashboardName"], DashboardBody=model["DashboardBody"]
        )
        return _done(model)

    def update(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Replace the dashboard."""
        known = request.previous_state or {}
        request.desired_state.setdefault("DashboardName", known.get("DashboardName"))
        return self.create(request)

    def delete(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Delete the dashboard."""
        known = request.previous_state or request.desired_state
        request.aws_client_factory.cloudwatch.delete_dashboards(
            DashboardNames=[known["DashboardName"]]
        )
        return _done({})


class DashboardPlugin(CloudFormationResourceProviderPlugin):
    """The plugin that registers the resource type."""

    name = TYPE
    factory: type[ResourceProvider[Any]] | None = None

    def should_load(self) -> bool:
        """Return whether CloudFormation is extended."""
        return features.is_enabled("cloudformation")

    def load(self, *_args: Any, **_named: Any) -> None:
        """Set the class; LocalStack creates its instances."""
        self.factory = DashboardResource


def _done(model: Properties) -> ProgressEvent[Properties]:
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)
