"""Providers of services: LocalStack lists them at its first request, and calls the one it needs.

Their modules load with the service.
"""

from localstack.services.plugins import Service, aws_provider


@aws_provider(api="cloudformation", name="extended")
def cloudformation() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_CLOUDFORMATION=extended`` selects."""
    from localstack_native.cloudformation.provider import service

    return service()


@aws_provider(api="cloudfront", name="extended")
def cloudfront() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_CLOUDFRONT=extended`` selects."""
    from localstack_native.cloudfront.provider import service

    return service()


@aws_provider(api="cloudfront-keyvaluestore", name="extended")
def cloudfront_keyvaluestore() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_CLOUDFRONT_KEYVALUESTORE=extended`` selects."""
    from localstack_native.cloudfront.functions.data_plane import service

    return service()


@aws_provider(api="cloudwatch", name="extended")
def cloudwatch() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_CLOUDWATCH=extended`` selects."""
    from localstack_native.cloudwatch.provider import service

    return service()


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_DYNAMODB=moto`` selects."""
    from localstack_native.dynamodb.provider import service

    return service()


@aws_provider(api="dynamodbstreams", name="moto")
def dynamodbstreams() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_DYNAMODBSTREAMS=moto`` selects."""
    from localstack_native.dynamodb.streams_provider import service

    return service()


@aws_provider(api="events", name="extended")
def events() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_EVENTS=extended`` selects."""
    from localstack_native.events.provider import service

    return service()


@aws_provider(api="logs", name="extended")
def logs() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_LOGS=extended`` selects."""
    from localstack_native.logs.provider import service

    return service()


@aws_provider(api="rekognition", name="extended")
def rekognition() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_REKOGNITION=extended`` selects."""
    from localstack_native.rekognition.provider import service

    return service()


@aws_provider(api="s3", name="extended")
def s3() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_S3=extended`` selects."""
    from localstack_native.s3.provider import service

    return service()


@aws_provider(api="sqs", name="extended")
def sqs() -> Service:
    """Return the service that ``PROVIDER_OVERRIDE_SQS=extended`` selects."""
    from localstack_native.sqs.provider import service

    return service()
