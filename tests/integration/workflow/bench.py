"""A deployed stack whose workflow can be made to fail, and what tests do with it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import boto3
import httpx

from darkroom.cloud import Cloud
from localstack_init.function_code import build_code
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.change import Change, now
from processor.step_functions.client import Executions
from tests.integration.site import Site
from tests.integration.waiting import wait_for

FAULTY = Path(__file__).with_name("faulty.py")


@dataclass
class Bench:
    """A stack, and what its workflow does."""

    cloud: Cloud
    http: httpx.Client

    def prepare(self) -> None:
        """Give the workflow's function the entry point that fails where it is told."""
        client = boto3.client("lambda")
        function = self.cloud.outputs["WorkflowFunction"]
        archive = io.BytesIO(build_code().path.read_bytes())
        with zipfile.ZipFile(archive, "a") as file:
            file.write(FAULTY, "faulty.py")
        updated = client.get_waiter("function_updated_v2")
        client.update_function_code(FunctionName=function, ZipFile=archive.getvalue())
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        configured = client.update_function_configuration(
            FunctionName=function, Handler="faulty.handler"
        )
        self._permit(configured["Role"].rpartition("/")[2])
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})

    def _permit(self, role: str) -> None:
        """Let the function use up faults."""
        faults = f"arn:aws:s3:::{self.cloud.outputs['SiteBucket']}/faults/*"
        statement = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": faults}
        boto3.client("iam").put_role_policy(
            RoleName=role,
            PolicyName="faults",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    @cached_property
    def executions(self) -> Executions:
        """Those of the stack's state machine."""
        return Executions(boto3.client("stepfunctions"), self.cloud.outputs["Workflow"])

    @cached_property
    def site(self) -> Site:
        """The stack's site."""
        return Site(self.cloud.outputs["SiteUrl"], self.http)

    def fail(
        self,
        key: str,
        step: str,
        how: Literal["crash", "error", "hang", "spoil"],
        times: int = 1,
        when: Literal["before", "after"] = "before",
    ) -> None:
        """Let a step of the work on a key fail, so many times."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        for number in range(times):
            self.cloud.s3.put_object(
                Bucket=self.cloud.outputs["SiteBucket"],
                Key=f"faults/{digest}-{step}-{when}-{how}{number}",
            )

    # --- What goes in ----------------------------------------------------------------------------

    def put(self, key: str, data: bytes, recipe: str | None = None) -> None:
        """Upload an original."""
        self.cloud.s3.put_object(
            Bucket=self.cloud.outputs["RawBucket"],
            Key=key,
            Body=data,
            Metadata={"recipe": recipe} if recipe else {},
        )

    def ask(self, key: str, **body: Any) -> dict[str, Any]:
        """Ask for the long way; answers what the API says."""
        said = self.site.api("POST", f"images/{path_of(key)}/process?workflow=full", body)
        assert said.status_code == 202, said.text
        return dict(said.json())

    def decide(self, key: str, decision: str) -> httpx.Response:
        """Decide a review."""
        path = f"images/{path_of(key)}/review"
        return self.site.api("POST", path, {"decision": decision})

    def flag(self, key: str) -> tuple[str, Change]:
        """Hold a picture as the queue's way does that found it unfit; answers the execution."""
        entry = self.done(key)
        change = Change("created", key, entry["timestamp"], entry["sequencer"])
        reasons = [{"name": "Violence", "confidence": 97.5}]
        held: Any = {name: each for name, each in entry.items() if name != "renditions"}
        held |= {"status": "review", "review": {"reasons": reasons, "since": now()}}
        self.cloud.catalog.dynamodb.put_item(
            TableName=self.cloud.catalog.table, Item=serialize(held)
        )
        return self.executions.start(change), change

    # --- What comes out --------------------------------------------------------------------------

    def entry(self, key: str) -> Entry:
        """What the catalog has."""
        entry = self.cloud.catalog.get(key)
        assert entry
        return entry

    def done(self, key: str) -> Entry:
        """Wait for the queue's outcome of an upload."""

        def is_done() -> bool:
            entry = self.cloud.catalog.get(key)
            return entry is not None and entry["status"] == "done"

        wait_for(is_done)
        return self.entry(key)

    def ended(self, execution: str, status: str = "SUCCEEDED") -> dict[str, Any]:
        """Wait until an execution has ended, and see that it did so well; what it did."""

        def has_ended() -> bool:
            found = self.executions.describe(execution)
            return found is not None and found["status"] != "RUNNING"

        wait_for(has_ended)
        found = self.executions.describe(execution)
        assert found
        assert found["status"] == status, self.executions.history(execution)[-6:]
        return dict(found)

    def waits(self, key: str) -> Entry:
        """Wait until a picture can be reviewed."""
        wait_for(lambda: "review_token" in self.entry(key))
        return self.entry(key)

    def states(self, key: str) -> dict[str, str]:
        """What the API says became of each state."""
        said = self.site.api("GET", f"images/{path_of(key)}/workflow")
        assert said.status_code == 200, said.text
        return {each["name"]: each["status"] for each in said.json()["states"]}

    def stored(self, prefix: str) -> Iterator[str]:
        """Keys in the processed bucket."""
        pages = self.cloud.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.cloud.outputs["ProcessedBucket"], Prefix=prefix
        )
        for page in pages:
            for each in page.get("Contents", []):
                yield each["Key"]


def path_of(key: str) -> str:
    """A key in a path."""
    return quote(key, safe="")
