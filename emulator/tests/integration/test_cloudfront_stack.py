"""CloudFront's resources in a CloudFormation stack: create, update, delete."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .edge import Edge, Origin, http_origin, unique

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Comment": {"Type": "String"}, "Value": {"Type": "String"}},
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudfront.amazonaws.com"},
                            "Action": "s3:GetObject",
                            "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                            "Condition": {
                                "StringEquals": {
                                    "AWS:SourceArn": {
                                        "Fn::Sub": "arn:${AWS::Partition}:cloudfront::"
                                        "${AWS::AccountId}:distribution/${Distribution}"
                                    }
                                }
                            },
                        }
                    ],
                },
            },
        },
        "Control": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {
                "OriginAccessControlConfig": {
                    "Name": {"Ref": "AWS::StackName"},
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        },
        "Cache": {
            "Type": "AWS::CloudFront::CachePolicy",
            "Properties": {
                "CachePolicyConfig": {
                    "Name": {"Ref": "AWS::StackName"},
                    "MinTTL": 0,
                    "DefaultTTL": "60",
                    "MaxTTL": 3600,
                    "ParametersInCacheKeyAndForwardedToOrigin": {
                        "EnableAcceptEncodingGzip": "true",
                        "CookiesConfig": {"CookieBehavior": "none"},
                        "HeadersConfig": {"HeaderBehavior": "none"},
                        "QueryStringsConfig": {
                            "QueryStringBehavior": "whitelist",
                            "QueryStrings": ["version"],
                        },
                    },
                }
            },
        },
        "Request": {
            "Type": "AWS::CloudFront::OriginRequestPolicy",
            "Properties": {
                "OriginRequestPolicyConfig": {
                    "Name": {"Ref": "AWS::StackName"},
                    "CookiesConfig": {"CookieBehavior": "none"},
                    "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Origin"]},
                    "QueryStringsConfig": {"QueryStringBehavior": "none"},
                }
            },
        },
        "Headers": {
            "Type": "AWS::CloudFront::ResponseHeadersPolicy",
            "Properties": {
                "ResponseHeadersPolicyConfig": {
                    "Name": {"Ref": "AWS::StackName"},
                    "CustomHeadersConfig": {
                        "Items": [{"Header": "X-Test", "Value": {"Ref": "Value"}, "Override": True}]
                    },
                }
            },
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Comment": {"Ref": "Comment"},
                    "DefaultRootObject": "index.html",
                    "IPV6Enabled": True,
                    "HttpVersion": "http2and3",
                    "Origins": [
                        {
                            "Id": "bucket",
                            "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
                            "OriginAccessControlId": {"Fn::GetAtt": ["Control", "Id"]},
                            "S3OriginConfig": {},
                            "OriginCustomHeaders": [{"HeaderName": "X-A", "HeaderValue": "b"}],
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "bucket",
                        "ViewerProtocolPolicy": "redirect-to-https",
                        "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
                        "CachedMethods": ["GET", "HEAD"],
                        "Compress": True,
                        "CachePolicyId": {"Ref": "Cache"},
                        "OriginRequestPolicyId": {"Ref": "Request"},
                        "ResponseHeadersPolicyId": {"Ref": "Headers"},
                    },
                    "CustomErrorResponses": [
                        {"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html"}
                    ],
                    "Restrictions": {"GeoRestriction": {"RestrictionType": "none"}},
                    "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
                },
                "Tags": [{"Key": "for", "Value": {"Ref": "Comment"}}],
            },
        },
    },
    "Outputs": {
        "Bucket": {"Value": {"Ref": "Bucket"}},
        "Cache": {"Value": {"Ref": "Cache"}},
        "Control": {"Value": {"Ref": "Control"}},
        "Distribution": {"Value": {"Ref": "Distribution"}},
        "DistributionId": {"Value": {"Fn::GetAtt": ["Distribution", "Id"]}},
        "DomainName": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}},
    },
}


class Stack:
    """A stack of the template."""

    def __init__(self, edge: Edge) -> None:
        self.name = unique("cloudfront")
        self._client: Any = edge.emulator.client("cloudformation")

    def deploy(self, verb: str, **parameters: str) -> dict[str, str]:
        """Create or update it; return its outputs."""
        getattr(self._client, f"{verb}_stack")(
            StackName=self.name,
            TemplateBody=json.dumps(TEMPLATE),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        self._wait(verb)
        stack = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def delete(self) -> None:
        """Delete it."""
        self._client.delete_stack(StackName=self.name)
        self._wait("delete")

    def _wait(self, verb: str) -> None:
        waiter = self._client.get_waiter(f"stack_{verb}_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 0.2, "MaxAttempts": 150})


@pytest.fixture
def stack(edge: Edge) -> Iterator[Stack]:
    """Yield a stack that is deleted afterwards."""
    made = Stack(edge)
    yield made
    made.delete()


def test_a_stack_serves_a_bucket(edge: Edge, stack: Stack) -> None:
    """All resources are created, updated in place, and deleted."""
    outputs = stack.deploy("create", Comment="one", Value="first")
    id_ = outputs["Distribution"]
    assert outputs["DistributionId"] == id_
    s3 = edge.emulator.client("s3")
    for key in ("index.html", "404.html"):
        s3.put_object(Bucket=outputs["Bucket"], Key=key, Body=key.encode(), ContentType="text/html")
    host = {"Host": outputs["DomainName"]}
    root = edge.send("/", "GET", b"", host)
    assert (root.status, root.body, root.headers["x-test"]) == (200, b"index.html", "first")
    missing = edge.send("/none", "GET", b"", host)
    assert (missing.status, missing.body) == (404, b"404.html")

    got = edge.api.get_distribution(Id=id_)["Distribution"]
    config = got["DistributionConfig"]
    assert config["IsIPV6Enabled"] is True
    assert config["Origins"]["Items"][0]["CustomHeaders"]["Quantity"] == 1
    assert config["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"]["Quantity"] == 2
    cache = edge.api.get_cache_policy_config(Id=outputs["Cache"])["CachePolicyConfig"]
    assert cache["DefaultTTL"] == 60
    parameters = cache["ParametersInCacheKeyAndForwardedToOrigin"]
    assert parameters["QueryStringsConfig"]["QueryStrings"]["Items"] == ["version"]

    assert stack.deploy("update", Comment="two", Value="second") == outputs
    assert edge.send("/", "GET", b"", host).headers["x-test"] == "second"
    got = edge.api.get_distribution(Id=id_)["Distribution"]
    assert got["DistributionConfig"]["Comment"] == "two"
    tags = edge.api.list_tags_for_resource(Resource=got["ARN"])["Tags"]["Items"]
    named = {each["Key"]: each["Value"] for each in tags}
    assert (named["for"], named["aws:cloudformation:logical-id"]) == ("two", "Distribution")
    assert f":stack/{stack.name}/" in named["aws:cloudformation:stack-id"]

    for key in ("index.html", "404.html"):
        s3.delete_object(Bucket=outputs["Bucket"], Key=key)
    stack.delete()
    with pytest.raises(ClientError, match="NoSuchDistribution"):
        edge.api.get_distribution(Id=id_)
    with pytest.raises(ClientError, match="NoSuchCachePolicy"):
        edge.api.get_cache_policy(Id=outputs["Cache"])
    with pytest.raises(ClientError, match="NoSuchOriginAccessControl"):
        edge.api.get_origin_access_control(Id=outputs["Control"])


def test_a_recreated_stack_has_the_same_identifier(edge: Edge, stack: Stack) -> None:
    """A recreated stack's distribution has the same identifier as before."""
    first = stack.deploy("create", Comment="one", Value="first")
    stack.delete()
    again = stack.deploy("create", Comment="two", Value="second")
    for name in ("Distribution", "DomainName"):
        assert again[name] == first[name]
    assert re.fullmatch(r"E[A-Z0-9]{13}", again["Distribution"])
    assert again["Control"] != first["Control"]
    other = Stack(edge)
    try:
        outputs = other.deploy("create", Comment="one", Value="first")
        assert outputs["Distribution"] != first["Distribution"]
    finally:
        other.delete()


def test_reserved_tags_are_refused(edge: Edge, origin: Origin) -> None:
    """A caller can't choose an identifier with the tags that CloudFormation sets."""
    made = edge.distribution(http_origin(origin.port))
    mark = {"Items": [{"Key": "aws:cloudformation:stack-id", "Value": "arn/1"}]}
    with pytest.raises(ClientError, match="InvalidTagging"):
        edge.api.tag_resource(Resource=made.arn, Tags=mark)
    config = edge.api.get_distribution_config(Id=made.id)["DistributionConfig"]
    wanted = {"DistributionConfig": {**config, "CallerReference": unique("mine")}, "Tags": mark}
    with pytest.raises(ClientError, match="InvalidTagging"):
        edge.api.create_distribution_with_tags(DistributionConfigWithTags=wanted)
