"""Small Lambda functions of tests, from a string of Python."""

import io
import json
import textwrap
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/any"
"""A role that Lambda may assume and that may do everything; ``create_role`` creates it."""


def create_role(iam: Any) -> None:
    """Create the role, unless it exists."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    name = ROLE.rpartition("/")[2]
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=_policy(allow))


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def archive(files: dict[str, str]) -> bytes:
    """Return a zip file with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in files.items():
            file.writestr(name, textwrap.dedent(text))
    return buffer.getvalue()
