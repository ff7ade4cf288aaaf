"""Operations of Rekognition.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
"""

from localstack_native.access.operations.table import Table, arn, given

_processor = arn("rekognition", "streamprocessor/{}")
_collection = arn("rekognition", "collection/{}")

TABLE = Table(
    "rekognition",
    resources={
        "CollectionId": _collection,
        "ProjectVersionArn": given,
        "ProjectArn": given,
        "DatasetArn": given,
        "ResourceArn": given,
        "CopyProjectVersion.DestinationProjectArn": given,
        "DeleteStreamProcessor.Name": _processor,
        "DescribeStreamProcessor.Name": _processor,
        "StartStreamProcessor.Name": _processor,
        "StopStreamProcessor.Name": _processor,
        "UpdateStreamProcessor.Name": _processor,
    },
    on_all=frozenset({"CreateCollection", "CreateStreamProcessor"}),
)
