"""Operations of SNS.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
"""

from localstack_native.access.operations.table import Table, arn

_named = arn("sns", "{}")

TABLE = Table(
    "sns",
    resources={
        "CreateTopic.Name": _named,
        "TopicArn": _named,
        "Publish.TargetArn": _named,
        "ListTagsForResource.ResourceArn": _named,
        "TagResource.ResourceArn": _named,
        "UntagResource.ResourceArn": _named,
        "GetDataProtectionPolicy.ResourceArn": _named,
        "PutDataProtectionPolicy.ResourceArn": _named,
    },
    renamed={"PublishBatch": "Publish"},
    keys={"Protocol": "sns:Protocol", "Endpoint": "sns:Endpoint"},
)
