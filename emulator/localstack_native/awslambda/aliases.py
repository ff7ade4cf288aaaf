"""Weights of an alias's versions.

https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
"""

from typing import Any


def routing_config(
    create: Any, self: Any, routing_config_dict: dict[str, float], function_version: Any = None
) -> Any:
    """Return the weights, checked if there is a version; LocalStack's UpdateAlias omits it."""
    if function_version is not None:
        return create(self, routing_config_dict, function_version)
    from localstack.services.lambda_.invocation.lambda_models import AliasRoutingConfig

    return AliasRoutingConfig(version_weights=routing_config_dict)
