"""The emulator under attack: a deployed pipeline and resources that hold a secret."""

import json
import os
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
from botocore.config import Config

from darkroom.cloud import Cloud
from tests.deployed import SAMPLES
from tests.integration.functions import ROLE, archive, create_role
from tests.integration.waiting import wait_for
from tests.speed import LIMIT

SECRET = "a secret that no page may read"

FUNCTION = """
import json, os, re
import boto3

def handler(event, context):
    mark = re.search(r"hostile-[0-9a-f]+-[0-9]+", json.dumps(event))
    if mark:
        boto3.client("s3").put_object(
            Bucket=os.environ["LOOT"], Key=mark[0], Body=f"ran as uid {os.getuid()}"
        )
    return {"process": os.getpid()}
"""
"""Leaves the mark in its event, and whose process it is, where the harness finds it."""


@dataclass(frozen=True)
class Stage:
    """What attacks are aimed at, and what they are judged by."""

    endpoint: str
    cloud: Cloud
    front_end: str
    """The one origin that the pipeline's ``CorsOrigins`` names."""
    is_own: bool
    """Whether the emulator was started for the attacks alone, so that it may be lost."""
    run: str = field(default_factory=lambda: f"hostile-{uuid.uuid4().hex[:8]}")

    @property
    def port(self) -> int:
        """The emulator's port."""
        return urlsplit(self.endpoint).port or 80

    @property
    def base(self) -> str:
        """The emulator as a browser names it."""
        return f"http://localhost:{self.port}"

    @property
    def private_bucket(self) -> str:
        """A bucket with ``secret.txt``."""
        return f"{self.run}-private"

    @property
    def loot_bucket(self) -> str:
        """Where the functions of attacks leave that they ran."""
        return f"{self.run}-loot"

    @property
    def function(self) -> str:
        """A function that leaves the mark in its event."""
        return self.run

    @property
    def queue_url(self) -> str:
        """A queue with the secret in a message."""
        return str(self.client("sqs").get_queue_url(QueueName=self.run)["QueueUrl"])

    def client(self, service: str, key: tuple[str, str] | None = None) -> Any:
        """Return a client that asks once; with the environment's credentials or with ``key``."""
        return _client(service, self.endpoint, key)

    def plant(self) -> None:
        """Make what pages shall neither read nor change."""
        s3 = self.client("s3")
        for bucket in (self.private_bucket, self.loot_bucket):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=self.private_bucket, Key="secret.txt", Body=SECRET.encode())
        sqs = self.client("sqs")
        queue = sqs.create_queue(QueueName=self.run)["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=SECRET)
        self.client("secretsmanager").create_secret(Name=self.run, SecretString=SECRET)
        self.client("ssm").put_parameter(Name=self.run, Value=SECRET, Type="SecureString")
        create_role(self.client("iam"))
        functions = self.client("lambda")
        functions.create_function(
            FunctionName=self.function,
            Runtime="python3.13",
            Role=ROLE,
            Handler="app.handler",
            Timeout=3,
            Code={"ZipFile": archive({"app.py": FUNCTION})},
            Environment={"Variables": {"LOOT": self.loot_bucket}},
        )
        functions.get_waiter("function_active_v2").wait(
            FunctionName=self.function, WaiterConfig={"Delay": 1}
        )
        functions.create_function_url_config(FunctionName=self.function, AuthType="NONE")
        self.process()

    def process(self) -> int:
        """Invoke the function twice; return the process that ran it the second time."""
        for _ in range(2):
            response = self.client("lambda").invoke(FunctionName=self.function)
            result = json.loads(response["Payload"].read())
        return int(result["process"])

    @property
    def function_url(self) -> str:
        """The function's own URL."""
        config = self.client("lambda").get_function_url_config(FunctionName=self.function)
        return str(config["FunctionUrl"])

    def runtime_ports(self) -> list[int]:
        """The loopback ports that the emulator and its functions listen on, beside its own.

        None where it runs in a container, whose loopback is another one.
        """
        family: set[int] = set()
        listening = [
            each
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN and each.pid
        ]
        for each in listening:
            if each.laddr.port == self.port:  # type: ignore[union-attr]
                children = psutil.Process(each.pid).children(recursive=True)
                family |= {each.pid or 0, *(child.pid for child in children)}
        ports = {each.laddr.port for each in listening if each.pid in family}  # type: ignore[union-attr]
        return sorted(ports - {self.port})

    def upload_image(self, key: str) -> None:
        """Put a photograph through the pipeline, to its end."""
        body = (SAMPLES / "raccoon.jpg").read_bytes()
        self.client("s3").put_object(Bucket=self.cloud.outputs["RawBucket"], Key=key, Body=body)

        def is_done() -> bool:
            entry = self.cloud.catalog.get(key)
            return entry is not None and entry["status"] == "done"

        wait_for(is_done)

    def wait_until_drained(self) -> None:
        """Return when the pipeline has nothing to do."""
        wait_for(lambda: not any(self.cloud.queue_depths().values()))


@cache
def _client(service: str, endpoint: str, key: tuple[str, str] | None) -> Any:
    access, secret = key or (
        os.environ.get("AWS_ACCESS_KEY_ID", "test"),
        os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
    )
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=LIMIT),
    )
