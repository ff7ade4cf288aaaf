"""Operations of CloudWatch.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from localstack_native.access.operations.table import Table, arn, given, pass_role

_alarm = arn("cloudwatch", "alarm:{}")
_dashboard = arn("cloudwatch", "dashboard/{}", place=":{account}")
_rule = arn("cloudwatch", "insight-rule/{}")
_stream = arn("cloudwatch", "metric-stream/{}")

TABLE = Table(
    "cloudwatch",
    resources={
        "AlarmName": _alarm,
        "AlarmNames": _alarm,
        "DashboardName": _dashboard,
        "DashboardNames": _dashboard,
        "RuleName": _rule,
        "RuleNames": _rule,
        "GetMetricStream.Name": _stream,
        "PutMetricStream.Name": _stream,
        "DeleteMetricStream.Name": _stream,
        "StartMetricStreams.Names": _stream,
        "StopMetricStreams.Names": _stream,
        "ListTagsForResource.ResourceARN": given,
        "TagResource.ResourceARN": given,
        "UntagResource.ResourceARN": given,
    },
    keys={
        "PutMetricData.Namespace": "cloudwatch:namespace",
        "AlarmActions": "cloudwatch:AlarmActions",
    },
    more={"PutMetricStream": pass_role("RoleArn", "streams.metrics.cloudwatch.amazonaws.com")},
)
