"""The CloudWatch Logs provider that ``PROVIDER_OVERRIDE_LOGS=extended`` selects."""

import logging
import time
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.logs import (
    DescribeLogGroupsRequest,
    DescribeLogGroupsResponse,
    FilterLogEventsResponse,
    InvalidParameterException,
    LimitExceededException,
    LogGroup,
    LogGroupClass,
    MetricFilterMatchRecord,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    TestMetricFilterResponse,
)
from localstack.aws.connect import connect_to
from localstack.services.logs.models import get_moto_logs_backend, logs_stores
from localstack.services.logs.provider import LogsProvider
from localstack.services.moto import MotoFallbackDispatcher, call_moto
from localstack.services.plugins import Service
from localstack.utils.aws.arns import log_group_arn
from moto.logs.models import LogStream

from localstack_native.logs import events, metrics
from localstack_native.logs.patterns import InvalidPatternError, Pattern, parse

LOG = logging.getLogger(__name__)

NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."


class ExtendedLogs(LogsProvider):
    """CloudWatch Logs with AWS's filter patterns and metric filters.

    In LocalStack, every pattern matches every event, and a metric filter counts the events of all
    groups.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._metrics = metrics.MetricFilters()

    @handler("DescribeLogGroups", expand=False)
    def describe_log_groups(  # type: ignore[override]  # LocalStack's is decorated, too
        self, context: RequestContext, request: DescribeLogGroupsRequest
    ) -> DescribeLogGroupsResponse:
        """Return all log groups, or some; LocalStack copies their events for it."""
        prefix = request.get("logGroupNamePrefix") or ""
        pattern = request.get("logGroupNamePattern") or ""
        if prefix and pattern:
            raise InvalidParameterException(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
            )
        groups: dict[str, Any] = get_moto_logs_backend(context.account_id, context.region).groups
        return DescribeLogGroupsResponse(
            logGroups=[
                _described(group, _filters(context))
                for name, group in sorted(dict(groups).items())
                if name.startswith(prefix) and pattern in name
            ]
        )

    @handler("TagLogGroup")
    def tag_log_group(
        self, context: RequestContext, log_group_name: str, tags: dict[str, str], **kwargs: Any
    ) -> None:
        """Tag a log group; LocalStack drops the tags of a group that was created without any."""
        arn = log_group_arn(log_group_name, context.account_id, context.region)
        logs_stores[context.account_id][context.region].TAGS.setdefault(arn, {})
        super().tag_log_group(context, log_group_name, tags, **kwargs)

    @handler("TagResource")
    def tag_resource(
        self, context: RequestContext, resource_arn: str, tags: dict[str, str], **kwargs: Any
    ) -> None:
        """Tag a log group by its ARN."""
        logs_stores[context.account_id][context.region].TAGS.setdefault(resource_arn, {})
        super().tag_resource(context, resource_arn, tags, **kwargs)

    def filter_log_events(  # type: ignore[override]  # other arguments have no effect
        self,
        context: RequestContext,
        log_group_name: str | None = None,
        log_group_identifier: str | None = None,
        log_stream_names: list[str] | None = None,
        log_stream_name_prefix: str | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        filter_pattern: str | None = None,
        next_token: str | None = None,
        limit: int | None = None,
        **_: Any,
    ) -> FilterLogEventsResponse:
        """Return events of all streams, or of some, ordered by time."""
        if (log_group_name is None) == (log_group_identifier is None):
            raise InvalidParameterException(
                "Specify either logGroupName or logGroupIdentifier, but not both."
            )
        if log_stream_names and log_stream_name_prefix:
            raise InvalidParameterException(
                "logStreamNames and logStreamNamePrefix are mutually exclusive."
            )
        limit = events.MOST_EVENTS if limit is None else limit
        if not 1 <= limit <= events.MOST_EVENTS:
            raise InvalidParameterException(f"limit must be from 1 to {events.MOST_EVENTS}.")
        if next_token is not None and not events.is_token(next_token):
            raise InvalidParameterException("The specified nextToken is invalid.")
        pattern = _parsed(filter_pattern or "")
        name = log_group_name or _name(log_group_identifier or "")
        streams = dict(_group(context, name).streams)
        if log_stream_names:
            if not streams.keys() >= set(log_stream_names):
                raise ResourceNotFoundException(NO_STREAM)
            streams = {name: streams[name] for name in log_stream_names}
        prefix = log_stream_name_prefix or ""
        page = events.page(
            [stream for name, stream in streams.items() if name.startswith(prefix)],
            pattern,
            start=start_time,
            end=end_time,
            after=next_token,
            limit=limit,
        )
        found: Any = page.events
        response = FilterLogEventsResponse(events=found, searchedLogStreams=[])
        if page.next_token:
            response["nextToken"] = page.next_token
        return response

    def test_metric_filter(
        self,
        context: RequestContext,  # noqa: ARG002 (LocalStack's signature)
        filter_pattern: str,
        log_event_messages: list[str],
        **_: Any,
    ) -> TestMetricFilterResponse:
        """Return the messages that match, with their values."""
        pattern = _parsed(filter_pattern)
        matches = [
            MetricFilterMatchRecord(
                eventNumber=number, eventMessage=message, extractedValues=dict(match.extracted)
            )
            for number, message in enumerate(log_event_messages, 1)
            if (match := pattern.match(message))
        ]
        return TestMetricFilterResponse(matches=matches)

    def put_metric_filter(  # type: ignore[override]  # other arguments have no effect
        self,
        context: RequestContext,
        log_group_name: str,
        filter_name: str,
        filter_pattern: str,
        metric_transformations: list[Any],
        **_: Any,
    ) -> None:
        """Create or replace a metric filter."""
        _group(context, log_group_name)
        _parsed(filter_pattern)
        if len(metric_transformations) != 1:
            raise InvalidParameterException("A metric filter has one metric transformation.")
        try:
            metrics.check(metric_transformations[0])
        except ValueError as error:
            raise InvalidParameterException(str(error)) from error
        filters = _filters(context)
        others = [each for each in filters if each["logGroupName"] == log_group_name]
        metric_filter: metrics.Filter = {
            "filterName": filter_name,
            "filterPattern": filter_pattern,
            "logGroupName": log_group_name,
            "metricTransformations": metric_transformations,
            "creationTime": int(time.time() * 1000),
        }
        for old in others:
            if old["filterName"] == filter_name:
                old.update(
                    {
                        **metric_filter,
                        "creationTime": old.get("creationTime", metric_filter["creationTime"]),
                    }
                )
                return
        if len(others) >= metrics.MOST_FILTERS:
            raise LimitExceededException("Resource limit exceeded.")
        filters.append(metric_filter)

    def delete_metric_filter(
        self, context: RequestContext, log_group_name: str, filter_name: str, **_: Any
    ) -> None:
        """Delete a metric filter."""
        _group(context, log_group_name)
        filters = _filters(context)
        wanted = log_group_name, filter_name
        found = [each for each in filters if (each["logGroupName"], each["filterName"]) == wanted]
        if not found:
            raise ResourceNotFoundException("The specified metric filter does not exist.")
        for each in found:
            filters.remove(each)

    def delete_log_group(self, context: RequestContext, log_group_name: str, **_: Any) -> None:
        """Delete a log group and its metric filters."""
        call_moto(context)
        filters = _filters(context)
        filters[:] = [each for each in filters if each["logGroupName"] != log_group_name]

    def put_log_events(  # type: ignore[override]  # other arguments pass through
        self,
        context: RequestContext,
        log_group_name: str,
        log_stream_name: str,
        log_events: list[Any],
        **others: Any,
    ) -> Any:
        """Store events, and publish metrics of those that match metric filters."""
        response: Any = super().put_log_events(
            context, log_group_name, log_stream_name, log_events, **others
        )
        filters = [each for each in _filters(context) if each["logGroupName"] == log_group_name]
        if filters:
            accepted = [each for each in log_events if _is_taken(each["timestamp"])]
            client: Any = connect_to(
                aws_access_key_id=context.account_id, region_name=context.region
            ).cloudwatch
            for namespace, data in self._metrics.data(filters, accepted).items():
                _put(client, namespace, data)
        return response


def _put(client: Any, namespace: str, data: list[dict[str, Any]]) -> None:
    """Call PutMetricData; log errors and drop the data."""
    for start in range(0, len(data), metrics.AT_ONCE):
        part = data[start : start + metrics.AT_ONCE]
        try:
            client.put_metric_data(Namespace=namespace, MetricData=part)
        except Exception:
            LOG.exception("Metrics of %s can't be published", namespace)


def _is_taken(timestamp: int) -> bool:
    """Return whether PutLogEvents accepts an event's time: 14 days ago to 2 hours ahead.

    moto's response does not contain the events that it rejected.
    """
    now = time.time()
    return now - 14 * 24 * 3600 <= timestamp / 1000 <= now + 2 * 3600


def _parsed(pattern: str) -> Pattern:
    try:
        return parse(pattern)
    except InvalidPatternError as error:
        raise InvalidParameterException(str(error)) from error


def _name(identifier: str) -> str:
    """Return a group's name by its name or ARN."""
    return identifier.rpartition(":log-group:")[2].removesuffix(":*")


def _group(context: RequestContext, name: str) -> Any:
    group = get_moto_logs_backend(context.account_id, context.region).groups.get(name)
    if group is None:
        raise ResourceNotFoundException(NO_GROUP)
    return group


def _described(group: Any, filters: list[metrics.Filter]) -> LogGroup:
    described = LogGroup(
        arn=f"{group.arn}:*",
        logGroupArn=group.arn,
        logGroupName=group.name,
        logGroupClass=LogGroupClass.STANDARD,
        creationTime=group.creation_time,
        metricFilterCount=[each["logGroupName"] for each in filters].count(group.name),
        storedBytes=sum(stream.stored_bytes for stream in list(group.streams.values())),
    )
    if group.retention_in_days:
        described["retentionInDays"] = int(group.retention_in_days)
    if group.kms_key_id:
        described["kmsKeyId"] = group.kms_key_id
    return described


def _filters(context: RequestContext) -> list[metrics.Filter]:
    """Return moto's list of metric filters, which is part of LocalStack's state."""
    backend: Any = get_moto_logs_backend(context.account_id, context.region)
    filters: list[metrics.Filter] = backend.filters.metric_filters
    return filters


def subscription_matcher(_: Any, pattern: str) -> Any:
    """Return LocalStack's matcher of events for a subscription's pattern."""
    try:
        parsed = parse(pattern)
    except InvalidPatternError as error:
        LOG.debug("A subscription's invalid pattern matches nothing: %s", error)
        return lambda _pattern, _event: False
    return lambda _pattern, event: parsed.match(event["message"]) is not None


def create_log_stream(_: Any, group: Any, name: str) -> None:
    """Create a stream; LocalStack's implementation fails in a group with a subscription."""
    if name in group.streams:
        raise ResourceAlreadyExistsException("The specified log stream already exists")
    group.streams[name] = LogStream(group, name)


def no_metric_filters(_: Any, _service: str) -> bool:
    """Disable LocalStack's metric filters, which count all events: CloudWatch seems disabled."""
    return False


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedLogs(), dispatch_table_factory=MotoFallbackDispatcher)
