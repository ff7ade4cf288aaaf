"""The steps over services in memory, and the state machine's part played by hand."""

import json
from typing import Any, cast

from processor.settings import WorkflowSettings
from processor.sqs.reprocess import ReprocessQueue
from processor.sqs.s3_events import read_message
from processor.workflow.dispatch import run
from processor.workflow.drafts import Drafts
from processor.workflow.previews import Previews
from processor.workflow.steps import Steps
from tests.unit.processor.pipeline.pipelines import Cloud, created

EXECUTION = "execution"
KEY = "a b/ü.jpg"
LATER = "2"

State = Any


class Queue:
    """SQS: remembers what it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        """SendMessage."""
        assert QueueUrl == "queue"
        (change,) = read_message(MessageBody, "raw")
        self.sent.append(change.key)


class Bench:
    """A pipeline, and the workflow's steps beside it."""

    def __init__(
        self,
        data: bytes,
        analyze: Any = "off",
        *,
        recipe: str | None = None,
    ) -> None:
        self.cloud = Cloud()
        self.cloud.put(KEY, data, **({"recipe": recipe} if recipe else {}))
        self.queue = Queue()
        pipeline = self.cloud.pipeline
        self.steps = Steps(
            settings=WorkflowSettings(
                analyze=analyze,
                moderation_confidence=80,
                raw_bucket="raw",
                processed_bucket="processed",
                site_bucket="site",
                catalog_table="table",
                index_table="index",
                duplicates="allow",
                queue_url="queue",
                aws_lambda_function_memory_size=1769,
                variants="signed",
                undelete_days=0,
                delete_original="off",
                originals_retention=0,
                review_timeout=600,
            ),
            pipeline=pipeline,
            reprocess=ReprocessQueue(
                cast("Any", self.queue),
                "queue",
                "raw",
                pipeline.claims.catalog,
                pipeline.renditions,
            ),
            previews=Previews(pipeline.s3, "processed", pipeline.limits),
            drafts=Drafts(pipeline.s3, "processed"),
        )

    def do(self, step: str, state: State, execution: str = EXECUTION, **more: Any) -> Any:
        """One step, with what is handed over as the JSON that it would be."""
        event = {"step": step, "execution": execution, "state": state, **more}
        return json.loads(json.dumps(run(self.steps, json.loads(json.dumps(event)), lambda: 60.0)))

    def begun(self, sequencer: str = LATER, **more: Any) -> State:
        """The input of an execution."""
        time = "2026-05-01T12:00:00.000Z"
        return {"kind": "requested", "key": KEY, "time": time, "sequencer": sequencer, **more}

    def rendered(self, state: State, execution: str = EXECUTION) -> State:
        """Return the state after the Map has rendered each rendition."""
        names = state["renditions"]
        rendered = [self.do("render", state, execution, rendition=name) for name in names]
        return {**state, "rendered": rendered}

    def by_queue(self, sequencer: str = "1") -> dict[str, Any]:
        """The entry that the queue's way makes."""
        self.cloud.process(created(KEY, sequencer))
        return dict(self.entry)

    @property
    def entry(self) -> dict[str, Any]:
        """The entry as it is."""
        return self.cloud.entries[KEY]

    @property
    def stored(self) -> set[str]:
        """Keys in the processed bucket."""
        return set(self.cloud.renditions)
