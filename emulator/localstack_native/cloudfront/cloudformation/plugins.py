"""CloudFormation plugins that register CloudFront's resource types."""

from typing import Any, ClassVar

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    ResourceProvider,
)

from localstack_native import features


class _Plugin(CloudFormationResourceProviderPlugin):
    """A plugin that loads the class of a resource type when a template uses the type."""

    CLASS: ClassVar[str]
    factory: type[ResourceProvider[Any]] | None = None

    def should_load(self) -> bool:
        """Return whether CloudFront is enabled."""
        return features.is_enabled("cloudfront")

    def load(self, *_args: Any, **_named: Any) -> None:
        """Set the class; LocalStack creates its instances."""
        from localstack_native.cloudfront.cloudformation import functions, resources

        self.factory = getattr(resources, self.CLASS, None) or getattr(functions, self.CLASS)


class DistributionPlugin(_Plugin):
    """``AWS::CloudFront::Distribution``."""

    name = "AWS::CloudFront::Distribution"
    CLASS = "DistributionResource"


class FunctionPlugin(_Plugin):
    """``AWS::CloudFront::Function``."""

    name = "AWS::CloudFront::Function"
    CLASS = "FunctionResource"


class KeyValueStorePlugin(_Plugin):
    """``AWS::CloudFront::KeyValueStore``."""

    name = "AWS::CloudFront::KeyValueStore"
    CLASS = "KeyValueStoreResource"


class KeyGroupPlugin(_Plugin):
    """``AWS::CloudFront::KeyGroup``."""

    name = "AWS::CloudFront::KeyGroup"
    CLASS = "KeyGroupResource"


class PublicKeyPlugin(_Plugin):
    """``AWS::CloudFront::PublicKey``."""

    name = "AWS::CloudFront::PublicKey"
    CLASS = "PublicKeyResource"


class OriginAccessControlPlugin(_Plugin):
    """``AWS::CloudFront::OriginAccessControl``."""

    name = "AWS::CloudFront::OriginAccessControl"
    CLASS = "OriginAccessControlResource"


class CachePolicyPlugin(_Plugin):
    """``AWS::CloudFront::CachePolicy``."""

    name = "AWS::CloudFront::CachePolicy"
    CLASS = "CachePolicyResource"


class OriginRequestPolicyPlugin(_Plugin):
    """``AWS::CloudFront::OriginRequestPolicy``."""

    name = "AWS::CloudFront::OriginRequestPolicy"
    CLASS = "OriginRequestPolicyResource"


class ResponseHeadersPolicyPlugin(_Plugin):
    """``AWS::CloudFront::ResponseHeadersPolicy``."""

    name = "AWS::CloudFront::ResponseHeadersPolicy"
    CLASS = "ResponseHeadersPolicyResource"
