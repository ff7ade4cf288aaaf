"""The policies of a CloudFormation template, resolved as in a deployment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cfnlint.decode import cfn_yaml

Kind = Literal["identity", "resource", "trust"]
"""Kinds of policies: of an identity, of a resource, and trust policies of roles."""

_PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/darkroom/1",
    "AWS::StackName": "darkroom",
    "AWS::URLSuffix": "amazonaws.com",
}
# ARN formats for ``Fn::GetAtt: Arn``, and the property with the resource's name.
_ARNS = {
    "AWS::CloudFormation::Stack": ("cloudformation:{region}:{account}:stack/{name}/1", ""),
    "AWS::DynamoDB::Table": ("dynamodb:{region}:{account}:table/{name}", "TableName"),
    "AWS::Events::EventBus": ("events:{region}:{account}:event-bus/{name}", "Name"),
    "AWS::Events::Rule": ("events:{region}:{account}:rule/{name}", "Name"),
    "AWS::IAM::ManagedPolicy": ("iam::{account}:policy/{name}", "ManagedPolicyName"),
    "AWS::IAM::OIDCProvider": ("iam::{account}:oidc-provider/{name}", ""),
    "AWS::IAM::Role": ("iam::{account}:role/{name}", "RoleName"),
    "AWS::Lambda::Function": ("lambda:{region}:{account}:function:{name}", "FunctionName"),
    "AWS::Logs::LogGroup": ("logs:{region}:{account}:log-group:{name}:*", "LogGroupName"),
    "AWS::S3::Bucket": ("s3:::{name}", "BucketName"),
    "AWS::SNS::Topic": ("sns:{region}:{account}:{name}", "TopicName"),
    "AWS::StepFunctions::StateMachine": (
        "states:{region}:{account}:stateMachine:{name}",
        "StateMachineName",
    ),
    "AWS::SQS::Queue": ("sqs:{region}:{account}:{name}", "QueueName"),
}
# Types with their ARN as ``Ref``.
_REF_IS_ARN = {"AWS::IAM::ManagedPolicy", "AWS::IAM::OIDCProvider", "AWS::SNS::Topic"}
_NOTHING = object()


class UnresolvedError(Exception):
    """A policy has an intrinsic function or ARN that this module cannot resolve."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy document of a template."""

    resource: str
    """Logical id of the resource with the policy."""
    kind: Kind
    document: dict[str, Any]


def policies(path: Path) -> Iterator[Policy]:
    """Yield all policies of a template, with example values of names that a deployment sets.

    Yields each policy twice: with all conditions true, and with all false. Raises
    ``UnresolvedError``.
    """
    template = cfn_yaml.load(str(path))
    for conditions in (True, False):
        resolver = _Resolver(template, conditions=conditions)
        for name, resource in template["Resources"].items():
            yield from _inside(name, resource["Type"], resource.get("Properties", {}), resolver)


def _inside(
    name: str, of_type: str, value: Any, resolver: "_Resolver", key: str = ""
) -> Iterator[Policy]:
    if isinstance(value, dict) and "Statement" in value:
        document = resolver.resolve(value)
        yield Policy(name, _kind(of_type, key), document)
        return
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _inside(name, of_type, each, resolver, inner)
    if isinstance(value, list):
        for each in value:
            yield from _inside(name, of_type, each, resolver, key)


def _kind(of_type: str, key: str) -> Kind:
    if key == "AssumeRolePolicyDocument":
        return "trust"
    return "identity" if of_type.startswith("AWS::IAM::") else "resource"


class _Resolver:
    def __init__(self, template: dict[str, Any], *, conditions: bool) -> None:
        self._resources = template["Resources"]
        self._parameters = template.get("Parameters", {})
        self._conditions = conditions

    def resolve(self, value: Any) -> Any:
        """Return a value without intrinsic functions."""
        if isinstance(value, dict):
            if len(value) == 1:
                [(name, argument)] = value.items()
                if name == "Ref" or name.startswith("Fn::"):
                    return self._call(name.removeprefix("Fn::"), argument)
            resolved = {key: self.resolve(each) for key, each in value.items()}
            return {key: each for key, each in resolved.items() if each is not _NOTHING}
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not _NOTHING]
        return value

    def _call(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self._ref(argument)
            case "GetAtt":
                parts = argument.split(".", 1) if isinstance(argument, str) else argument
                return self._attribute(*parts)
            case "Sub":
                text, names = argument if isinstance(argument, list) else (argument, {})
                return self._substitute(text, names)
            case "Join":
                separator, parts = argument
                return separator.join(map(str, self.resolve(parts)))
            case "If":
                return self.resolve(argument[1 if self._conditions else 2])
        raise UnresolvedError(f"{__name__} cannot resolve Fn::{function}. Add it.")

    def _substitute(self, text: str, names: dict[str, Any]) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in names:
                return str(self.resolve(names[name]))
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return str(self._parameters[name].get("Default") or name.lower())
        if self._resources[name]["Type"] in _REF_IS_ARN:
            return self._attribute(name, "Arn")
        return self._name(name)

    def _attribute(self, name: str, attribute: str) -> str:
        if attribute == "StreamArn":
            return f"{self._attribute(name, 'Arn')}/stream/label"
        if attribute != "Arn":
            return f"{name}-{attribute}".lower()
        of_type = self._resources[name]["Type"]
        if of_type not in _ARNS:
            raise UnresolvedError(f"{__name__} has no ARN format for {name} ({of_type}). Add it.")
        form, _ = _ARNS[of_type]
        region, account = _PSEUDO["AWS::Region"], _PSEUDO["AWS::AccountId"]
        return "arn:aws:" + form.format(region=region, account=account, name=self._name(name))

    def _name(self, name: str) -> str:
        resource = self._resources[name]
        _, key = _ARNS.get(resource["Type"], ("", ""))
        given = resource.get("Properties", {}).get(key)
        return str(self.resolve(given)) if given else name.lower()
