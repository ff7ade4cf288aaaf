"""Lambda functions for tests, from a string of Python."""

import base64
import io
import itertools
import json
import re
import textwrap
import zipfile
from dataclasses import dataclass
from typing import Any

from .localstack import LocalStack
from .waiting import wait_for

ROLE = "arn:aws:iam::000000000000:role/any"
"""A role that services may assume, and that may do everything."""


def archive(files: dict[str, str]) -> bytes:
    """Return a zip file with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in files.items():
            file.writestr(name, textwrap.dedent(text))
    return buffer.getvalue()


@dataclass(frozen=True)
class Result:
    """The result of one invocation."""

    payload: Any
    error: str | None
    log: str
    version: str

    def report(self) -> dict[str, str]:
        """Return the fields of the REPORT line."""
        line = re.search(r"^REPORT (.*)$", self.log, re.MULTILINE)
        assert line, self.log
        return dict(field.split(": ", 1) for field in line[1].strip().split("\t"))


class Function:
    """A deployed function."""

    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self.client = client

    def invoke(self, event: Any = None, **options: Any) -> Result:
        """Invoke the function and return the result."""
        response = self.client.invoke(
            FunctionName=self.name, Payload=json.dumps(event), LogType="Tail", **options
        )
        return Result(
            payload=json.loads(response["Payload"].read() or b"null"),
            error=response.get("FunctionError"),
            log=base64.b64decode(response["LogResult"]).decode(),
            version=response["ExecutedVersion"],
        )

    def wait_until_updated(self) -> None:
        """Return when the last change is in effect."""
        wait_for(
            lambda: (
                self.client.get_function_configuration(FunctionName=self.name)["LastUpdateStatus"]
                == "Successful"
            )
        )


class Functions:
    """Creates functions in one LocalStack."""

    def __init__(self, localstack: LocalStack, prefix: str = "f") -> None:
        localstack.create_role("any")
        self._client = localstack.client("lambda")
        self._prefix = prefix
        self._numbers = itertools.count()

    def make(
        self,
        code: str = "",
        *,
        files: dict[str, str] | None = None,
        handler: str = "app.handler",
        runtime: str = "python3.13",
        **options: Any,
    ) -> Function:
        """Create a function of this code with a unique name, and wait until it is active."""
        name = f"{self._prefix}{next(self._numbers)}"
        self._client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Handler=handler,
            Code={"ZipFile": archive(files or {"app.py": code})},
            **{"Timeout": 10, "MemorySize": 256, "Role": ROLE} | options,
        )
        wait_for(
            lambda: self._client.get_function_configuration(FunctionName=name)["State"] == "Active"
        )
        return Function(self._client, name)

    def layer(self, files: dict[str, str]) -> str:
        """Publish a layer; return its version's ARN."""
        response = self._client.publish_layer_version(
            LayerName=f"l{next(self._numbers)}", Content={"ZipFile": archive(files)}
        )
        return str(response["LayerVersionArn"])


def proxy_api(emulator: LocalStack, function: str, *, permitted: bool = True) -> str:
    """Create a REST API whose stage ``v1`` sends POST requests to a function; return its ID.

    With ``permitted``, it may invoke the function.
    """
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"arn:aws:lambda:us-east-1:000000000000:function:{function}/invocations",
    }
    document = {
        "openapi": "3.0.1",
        "info": {"title": function, "version": "1"},
        "paths": {"/": {"post": {"x-amazon-apigateway-integration": integration}}},
    }
    client = emulator.client("apigateway")
    created: str = client.create_rest_api(name=function)["id"]
    client.put_rest_api(restApiId=created, mode="overwrite", body=json.dumps(document).encode())
    client.create_deployment(restApiId=created, stageName="v1")
    if permitted:
        emulator.client("lambda").add_permission(
            FunctionName=function,
            StatementId=created,
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
    return created
