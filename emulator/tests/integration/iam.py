"""Roles, users and their clients, for tests of IAM."""

import itertools
import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .localstack import REGION, LocalStack

ACCOUNT = "000000000000"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

type Statement = dict[str, Any]

_numbers = itertools.count()


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> Statement:
    """Return a statement that allows an action."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> Statement:
    """Return a statement that denies an action."""
    return allow(action, resource, **more) | {"Effect": "Deny"}


def document(*statements: Statement) -> str:
    """Return a policy of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **more: Any) -> str:
    """Return a trust policy for a principal."""
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


class Identity:
    """A session of a role, or a user, with its clients."""

    def __init__(self, emulator: LocalStack, arn: str, name: str, key: tuple[str, ...]) -> None:
        self._emulator, self.key = emulator, key
        self.arn, self.name = arn, name

    def client(self, service: str, **config: Any) -> Any:
        """Return a client that signs with its key."""
        id_, secret, *token = self.key
        return boto3.client(
            service,
            endpoint_url=self._emulator.url,
            region_name=REGION,
            aws_access_key_id=id_,
            aws_secret_access_key=secret,
            aws_session_token=token[0] if token else None,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )


class Iam:
    """Creates identities in one emulator."""

    def __init__(self, emulator: LocalStack) -> None:
        self.emulator = emulator
        self.client = emulator.client("iam")

    def unique(self, prefix: str) -> str:
        """Return a new name."""
        return f"{prefix}-{next(_numbers)}"

    def role(
        self, *statements: Statement, trusted: Any = None, boundary: str | None = None
    ) -> tuple[str, str]:
        """Create a role with an inline policy ``own``; return its name and ARN."""
        name = self.unique("iam-role")
        limited = {"PermissionsBoundary": boundary} if boundary else {}
        policy = trusted or trust({"AWS": ROOT})
        made = self.client.create_role(RoleName=name, AssumeRolePolicyDocument=policy, **limited)
        if statements:
            self.client.put_role_policy(
                RoleName=name, PolicyName="own", PolicyDocument=document(*statements)
            )
        return name, str(made["Role"]["Arn"])

    def session(self, *statements: Statement, **options: Any) -> Identity:
        """Create a role and return a session of it; ``assume`` has options of AssumeRole."""
        assume = options.pop("assume", {})
        name, arn = self.role(*statements, **options)
        return self.assume(name, arn, **assume)

    def assume(self, name: str, arn: str, **options: Any) -> Identity:
        """Return a session ``test`` of a role, which the account's root user assumes."""
        sts = self.emulator.client("sts")
        made = sts.assume_role(RoleArn=arn, RoleSessionName="test", **options)
        key = made["Credentials"]
        return Identity(
            self.emulator,
            made["AssumedRoleUser"]["Arn"],
            name,
            (key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"]),
        )

    def user(self, *statements: Statement, boundary: str | None = None) -> Identity:
        """Create a user with an inline policy and an access key."""
        name = self.unique("iam-user")
        limited = {"PermissionsBoundary": boundary} if boundary else {}
        arn = self.client.create_user(UserName=name, **limited)["User"]["Arn"]
        if statements:
            self.client.put_user_policy(
                UserName=name, PolicyName="own", PolicyDocument=document(*statements)
            )
        key = self.client.create_access_key(UserName=name)["AccessKey"]
        return Identity(self.emulator, arn, name, (key["AccessKeyId"], key["SecretAccessKey"]))

    def managed(self, *statements: Statement) -> str:
        """Create a managed policy; return its ARN."""
        made = self.client.create_policy(
            PolicyName=self.unique("policy"), PolicyDocument=document(*statements)
        )
        return str(made["Policy"]["Arn"])


def refusal(call: Any, *arguments: Any, **named: Any) -> ClientError:
    """Return the error of a call, which must fail."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        return error
    raise AssertionError("The call succeeded.")


def message(call: Any, *arguments: Any, **named: Any) -> str:
    """Return the message of a call's error; an empty string if it succeeds."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    return ""
