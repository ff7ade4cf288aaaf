"""Deliveries that stop before each call to S3 or DynamoDB, so that a test decides what is next.

The buckets, the catalog and the queue are played by memory, the engine by a few lines; all between
them is the pipeline's own code.
"""

import itertools
import json
import threading
from types import SimpleNamespace
from typing import Any, Literal, Self

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from processor.catalog import attributes
from processor.catalog.claims import Claims
from processor.catalog.entries import Catalog
from processor.catalog.metadata import Edit, FocalPoint, OriginalDeletedError, save
from processor.change import SEQUENCER_DIGITS, UNKNOWN_SEQUENCER
from processor.errors import BusyError
from processor.events.outcomes import Event, event_id, outcome_of
from processor.images import Encoded, ImageError, Limits, Source
from processor.images.recipe import Png, Recipe, Rendition
from processor.images.watermark_images import NO_WATERMARK_IMAGES
from processor.moderation.policy import Decision
from processor.pipeline import process
from processor.pipeline.memory_limiter import MemoryLimiter
from processor.pipeline.process import Pipeline
from processor.pipeline.recipe_book import RecipeBook
from processor.sqs.deliveries import Deliveries
from processor.sqs.late_sweeps import LateSweeps
from processor.sqs.message import Delivery
from processor.sqs.refocus import refocused
from processor.sqs.reprocess import message_of, new_request
from processor.sqs.s3_events import read_message
from processor.storage.originals import Original
from processor.storage.variants import Variants, version_of
from processor.telemetry.log import logger
from processor.variants import server
from processor.variants.options import read_target
from processor.variants.problems import VariantError
from processor.variants.server import VariantServer
from tests.unit.processor.clouds import (
    FakeDynamoDB,
    FakeS3,
    FakeSqs,
    Stored,
)
from tests.unit.processor.pipeline.actors import (
    Actor,
    Inline,
    KilledError,
    Message,
)
from tests.unit.processor.pipeline.pipelines import SETTINGS

KEYS = ("a", "a/b")
RECIPES = {name: Recipe([Rendition(name, Png())]) for name in ("default", "other", "impossible")}
"""What ``rendered`` goes by: one makes another rendition besides, and one makes none."""
FUNCTION_SECONDS = 60.0
TIME = "2026-05-01T12:00:00.000Z"
AFTER_PROCESSING: Literal["after-processing"] = "after-processing"


class World:
    """The buckets, the catalog, the queue, and the deliveries under way."""

    def __init__(self, *, is_versioned: bool = False, purges: bool = False) -> None:
        self.is_versioned = is_versioned or purges
        """Whether the raw bucket is."""
        self.purges = purges
        """Whether originals are deleted after processing."""
        self.clock = 1000.0
        self.numbers = itertools.count(1)
        self.version_ids = itertools.count(1)
        self.messages: list[Message] = []
        self.actors: list[Actor] = []
        self.by_thread: dict[int, Actor] = {}
        self.written: dict[str, str] = {}
        """Sequencers of the last changes of the originals."""
        self.versions: dict[str, list[tuple[str, bytes | None]]] = {}
        """IDs and bytes of the originals' versions, the oldest first; delete markers have none."""
        self.latest: dict[str, tuple[str, bytes | None]] = {}
        """The last version or delete marker of each key that was written."""
        self.published: set[str] = set()
        """Keys that were done since then."""
        self.unpublished: set[str] = set()
        """Renditions that a request has removed, though published from the present original.

        Except equal files of a newer change, whose ETag is the same: the request's attempt puts
        them back before it ends.
        """
        self.events: list[Event] = []
        """Those of the catalog's stream, in its order."""
        self._entries: dict[str, Any] = {}
        """The catalog before the last call."""
        self._missing: set[str] = set()
        self._sequencers: dict[str, str] = {}
        """Of the stored renditions, before the last call."""
        self.focus: dict[str, set[float | None]] = {}
        """Where the focal points may be: a deletion that is worked on late takes them along."""
        self.ended_reviews: list[str] = []
        """Task tokens of reviews that superseded images had."""
        self.s3 = FakeS3(self)
        self.s3.delete_version = self._purge
        self.s3.versions = self.versions
        self.dynamodb = FakeDynamoDB(self)
        self.sqs = FakeSqs(self)
        self.pipeline = Pipeline(
            settings=structs.replace(SETTINGS, delete_original=AFTER_PROCESSING)
            if purges
            else SETTINGS,
            s3=self.s3,  # type: ignore[arg-type]
            claims=Claims(
                Catalog(self.dynamodb, "table"),  # type: ignore[arg-type]
                lambda: self.clock,
                self.ended_reviews.append,
            ),
            recipes=RecipeBook(RECIPES),
            watermark_images=NO_WATERMARK_IMAGES,
            limits=Limits(),
            limiter=MemoryLimiter(8, 1),
            executor=Inline(),
            moderation=Flags(),  # type: ignore[arg-type]
            sweep_later=LateSweeps(self.sqs, "queue", "raw").request,  # type: ignore[arg-type]
        )
        self.deliveries = Deliveries(self.pipeline)
        self.server = VariantServer(
            s3=self.s3,  # type: ignore[arg-type]
            raw_bucket="raw",
            catalog=self.pipeline.claims.catalog,
            variants=Variants(self.s3, "processed"),  # type: ignore[arg-type]
            recipes=self.pipeline.recipes,
            watermark_images=NO_WATERMARK_IMAGES,
            limits=Limits(),
            most=9,
            executor=Inline(),
        )
        self.served: list[tuple[str, bytes]] = []
        """Keys, and the variants that requests got."""

    def before(self, operation: str) -> None:
        """Stop the delivery that makes a call; the test's own calls go through."""
        if actor := self.by_thread.get(threading.get_ident()):
            actor.before(operation)

    def after(self) -> None:
        """The same, once the call has happened."""
        actor = self.by_thread.get(threading.get_ident())
        while self.sqs.sent:
            self.send(*self.sqs.sent.pop())
        self._watch(actor)
        self._follow()
        if actor:
            actor.after()

    def _follow(self) -> None:
        """Note the events of what was written."""
        entries = self.dynamodb.items
        for key in entries.keys() | self._entries.keys():
            old, new = self._entries.get(key), entries.get(key)
            if new is not old and (event := outcome_of(old, new)):  # type: ignore[arg-type]
                self.events.append(event)
        self._entries = {**entries}

    def _watch(self, actor: Actor | None) -> None:
        """Note what is published, and what a request has removed while its original is the same."""
        stored = self.s3.in_bucket("processed")
        missing = set()
        for key, original in self.s3.in_bucket("raw").items():
            entry = self.dynamodb.items.get(key, {})
            is_of_it = entry.get("etag") == original.etag.strip('"')
            is_newest = entry.get("sequencer", "") >= self.written[key]
            if is_of_it and is_newest and entry["status"] == "done":
                self.published.add(key)
            if key in self.published:
                for name in parse(original.data):
                    there = stored.get(target := f"processed/{key}/{name}.x")
                    if there is None or there.data != original.data:
                        missing.add(target)
        if actor and '"Requested"' in actor.message.body:
            (change,) = read_message(actor.message.body, "raw")
            self.unpublished |= {
                target
                for target in missing - self._missing
                if self._sequencers.get(target, "") <= change.sequencer
            }
        self._missing = missing
        self._sequencers = {target: each.sequencer for target, each in stored.items()}

    def __enter__(self) -> Self:
        """Give the pipeline this world's engine."""
        self._patches = pytest.MonkeyPatch()
        for module in (process, server):
            self._patches.setattr(module, "open_source", opened)
        self._patches.setattr(server, "variant_recipe", lambda *_: "variant")
        self._patches.setattr(server, "render", variant)
        self._patches.setattr(process, "render", rendered)
        self._patches.setattr(process, "memory_needed", lambda *_: 0)
        self._patches.setattr(logger._logger, "disabled", True)
        # Most of a schedule's time otherwise: DynamoDB's types, which test_entries.py has tests of.
        plain = SimpleNamespace(serialize=lambda value: value, deserialize=lambda value: value)
        self._patches.setattr(attributes, "_serializer", plain)
        self._patches.setattr(attributes, "_deserializer", plain)
        return self

    def __exit__(self, *_: object) -> None:
        """Back to the real ones."""
        self._patches.undo()

    def upload(self, key: str, data: bytes) -> Message:
        """Write an original, or write over it."""
        if not self.is_versioned:
            self.s3.objects["raw", key] = Stored(data)
        return self._tell("ObjectCreated:Put", key, data, self._add_version(key, data))

    def remove(self, key: str) -> Message:
        """Delete an original; S3 tells of it even if there was none."""
        if self.is_versioned:
            marker = self._add_version(key, None)
            return self._tell("ObjectRemoved:DeleteMarkerCreated", key, version_id=marker)
        self.s3.objects.pop(("raw", key), None)
        return self._tell("ObjectRemoved:Delete", key)

    def restore(self, key: str, number: int = -1) -> Message:
        """Copy a version onto its key: the newest, or another; write a new one if there is none."""
        known = [data for _, data in self.versions.get(key, []) if data is not None]
        data = known[number % len(known)] if known else b"new:thumb"
        return self._tell("ObjectCreated:Copy", key, data, self._add_version(key, data))

    def remove_version(self, key: str, number: int) -> Message:
        """Delete a version or a delete marker for good, or delete a key that has none."""
        versions = self.versions.get(key, [])
        if not versions:
            return self.remove(key)
        before = self.s3.objects.get(("raw", key))
        version_id, _ = versions.pop(number % len(versions))
        self._expose(key)
        was_published = key in self.published
        message = self._tell("ObjectRemoved:Delete", key, version_id=version_id)
        if was_published and before == self.s3.objects.get(("raw", key)):
            self.published.add(key)
        return message

    def _add_version(self, key: str, data: bytes | None) -> str:
        """Give a key a new version or delete marker; return its ID, none without versioning."""
        if not self.is_versioned:
            return ""
        version_id = f"v{next(self.version_ids)}"
        self.latest[key] = (version_id, data)
        self.versions.setdefault(key, []).append(self.latest[key])
        self._expose(key)
        return version_id

    def _purge(self, key: str, version_id: str) -> None:
        """Delete a version for the pipeline; S3 tells of it."""
        self.versions[key] = [each for each in self.versions[key] if each[0] != version_id]
        self._expose(key)
        self.send(self._event("ObjectRemoved:Delete", key, version_id=version_id)[0])

    def _expose(self, key: str) -> None:
        """Make a key's latest version the object."""
        version_id, data = (self.versions[key] or [("", None)])[-1]
        self.s3.objects.pop(("raw", key), None)
        if data is not None:
            self.s3.objects["raw", key] = Stored(data, version_id=version_id)

    def request(self, key: str, recipe: str | None = None) -> Message:
        """Ask for a key to be looked at."""
        entry = self.dynamodb.items.get(key)
        after = entry["sequencer"] if entry else UNKNOWN_SEQUENCER
        return self.send(message_of("raw", new_request(key, TIME, after, recipe)))

    def edit(self, key: str, x: float) -> Message:
        """Set a focal point, if there is an image, and tell of it as the API does."""
        there = self.dynamodb.items.get(key)
        if there and there["status"] != "deleted":
            edit = Edit(focal_point=FocalPoint(x, 0.5))
            try:
                save(self.pipeline.claims.catalog, there, edit, None)  # type: ignore[arg-type]
            except OriginalDeletedError:
                return self.send(message_of("raw", refocused(key, TIME)))
            if ("raw", key) not in self.s3.objects:
                self.focus.setdefault(key, set()).add(None)
            self.focus[key] = {x, *({None} & self.focus.get(key, set()))}
        return self.send(message_of("raw", refocused(key, TIME)))

    def send(self, body: str, seconds: float = 0) -> Message:
        """Put a message into the queue, visible after some seconds."""
        message = Message(f"m{len(self.messages)}", body, hidden_until=self.clock + seconds)
        self.messages.append(message)
        return message

    def _tell(self, kind: str, key: str, data: bytes = b"", version_id: str = "") -> Message:
        """What S3 sends after somebody has changed the raw bucket."""
        body, sequencer = self._event(kind, key, data, version_id)
        if kind.startswith("ObjectRemoved"):
            self.focus.setdefault(key, set()).add(None)
        self.written[key] = sequencer.ljust(SEQUENCER_DIGITS, "0")
        self.published.discard(key)
        return self.send(body)

    def _event(
        self, kind: str, key: str, data: bytes = b"", version_id: str = ""
    ) -> tuple[str, str]:
        """Return S3's message about a change, and its sequencer."""
        sequencer = f"{next(self.numbers):08X}"
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventTime": TIME,
            "eventName": kind,
            "s3": {
                "bucket": {"name": "raw"},
                "object": {
                    "key": key,
                    "size": len(data),
                    "eTag": Stored(data).etag,
                    "sequencer": sequencer,
                    **({"versionId": version_id} if version_id else {}),
                },
            },
        }
        return json.dumps({"Records": [record]}), sequencer

    def receive(self, message: Message) -> Actor:
        """Hand a message to a function."""
        message.received += 1
        message.state = "in flight"
        actor = Actor(message, self.deliver)
        self.actors.append(actor)
        actor.start()
        return actor

    def view(self, key: str, name: str = "w_640.webp") -> Actor:
        """Request a variant."""
        target = read_target(f"/variants/{key}/{name}")

        def work(actor: Actor) -> None:
            self.by_thread[threading.get_ident()] = actor
            try:
                found = self.server.serve(target, lambda: FUNCTION_SECONDS)
                self.served.append((key, found.stored.data))
            except (VariantError, KilledError, ClientError):
                pass
            finally:
                del self.by_thread[threading.get_ident()]

        actor = Actor(Message(f"v{len(self.actors)}", ""), work)
        self.actors.append(actor)
        actor.start()
        return actor

    def deliver(self, actor: Actor) -> None:
        """What the handler does with a message of one change, in the delivery's own thread."""
        self.by_thread[threading.get_ident()] = actor
        message = actor.message
        delivery = Delivery(
            message.id,
            message.received,
            is_last=message.received >= SETTINGS.max_receive_count,
            remaining=lambda: FUNCTION_SECONDS,
        )
        try:
            (change,) = read_message(message.body, "raw")
            job = self.deliveries.claim(change, delivery)
            if job:
                self.deliveries.complete(job, delivery)
        except KilledError:
            # It comes again when the visibility timeout has passed, and so have all leases.
            self._come_again(message, 6 * FUNCTION_SECONDS)
        except BusyError as busy:
            self._come_again(message, busy.seconds + 1)
        except Exception:  # noqa: BLE001 (whatever it is, the message comes again)
            self._come_again(message, 5)
        else:
            message.state = "deleted"
        finally:
            del self.by_thread[threading.get_ident()]

    def _come_again(self, message: Message, seconds: float) -> None:
        message.state = "dead" if message.received >= SETTINGS.max_receive_count else "waiting"
        message.hidden_until = self.clock + seconds

    def ready(self) -> list[Message]:
        """What can be received now."""
        return [
            each
            for each in self.messages
            if each.state == "waiting" and each.hidden_until <= self.clock
        ]

    def at_work(self) -> list[Actor]:
        """Deliveries that have not ended."""
        return [each for each in self.actors if not each.is_over]

    def drain(self) -> None:
        """Let everything end: deliveries, retries, and what a person redrives."""
        for _ in range(1000):
            for actor in self.at_work():
                actor.steps()
            self.clock += 10 * FUNCTION_SECONDS
            for message in self.messages:
                if message.state == "dead":
                    message.state, message.received = "waiting", 0
            ready = self.ready()
            if not ready:
                return
            for message in ready:
                actor = self.receive(message)
                actor.steps()
        pytest.fail("the queue never drains")


class Flags:
    """Moderation that holds originals with ``flagged`` in them."""

    def decide(self, _entry: object, original: Original, *_: object) -> Decision:
        """Decide."""
        return Decision({}, [] if b"flagged" in original.data else None)

    def start_review(self, _change: object) -> str:
        """Start no execution."""
        return "execution"


def opened(data: bytes, _limits: Limits) -> SimpleNamespace:
    """Play the decoder."""
    header = SimpleNamespace(facts={"format": "x", "width": 1, "height": 1, "frames": 1})
    return SimpleNamespace(data=data, header=header)


def variant(source: Source, *_: Any, **_named: Any) -> SimpleNamespace:
    """Play the engine for a variant, which holds its original."""
    encoded = Encoded("variant", b"variant of " + source.data, "x", "image/x", 1, 1, 0)
    return SimpleNamespace(renditions=[encoded])


def parse(data: bytes) -> list[str]:
    """What renditions an original is made into: ``version:name,name``."""
    return data.decode().partition(":")[2].split(",")


def rendered(source: Source, recipe: Recipe, *_: Any, **_named: Any) -> SimpleNamespace:
    """Play the engine: each rendition holds its original."""
    data = source.data
    if b"bad" in data:
        raise ImageError("corrupt", "It is bad.")
    if recipe == RECIPES["impossible"]:
        raise ImageError("too-large-rendition", "It is too large.")
    names = parse(data) + (["more"] if recipe == RECIPES["other"] else [])
    return SimpleNamespace(
        facts={"format": "x", "width": 1, "height": 1, "frames": 1},
        renditions=[Encoded(name, data, "x", "image/x", 1, 1, 0) for name in names],
        analysis=None,
        decode_milliseconds=0,
    )


def check_events(world: World) -> None:
    """The last event of each key is that of its entry; the versions never go back."""
    for key, entry in world.dynamodb.items.items():
        events = [each for each in world.events if each.key == key]
        versions = [each.version for each in events]
        assert versions == sorted(versions)
        if entry["status"] != "review":  # no execution holds it
            status: Any = "failed" if "failed_request" in entry else entry["status"]
            assert events[-1].id == event_id(key, entry["sequencer"], status), entry


def check(world: World) -> None:
    """Nothing is lost, nothing is there twice, nothing is out of date."""
    assert not world.s3.turned_back
    assert not world.unpublished
    raw, processed = world.s3.in_bucket("raw"), world.s3.in_bucket("processed")
    check_events(world)
    expected: dict[str, bytes] = {}
    for key in {*KEYS, *raw, *world.dynamodb.items}:
        entry = world.dynamodb.items.get(key)
        there = raw.get(key)
        if entry is None:
            assert there is None, f"{key} is lost"
            continue
        if there is not None and entry["status"] != "processing":
            assert entry.get("version_id", "") == there.version_id, entry
        if there is None:
            assert entry["status"] == "deleted", entry
        elif b"bad" in there.data:
            assert (entry["status"], entry["error"]["code"]) == ("failed", "corrupt"), entry
        elif entry["status"] == "failed":
            # The request came before anything was published from the original.
            assert entry["error"]["code"] == "too-large-rendition", entry
            assert key not in world.published, entry
        elif b"flagged" in there.data:
            assert entry["status"] == "review", entry
        else:
            assert entry["status"] == "done", entry
            if "failed_request" not in entry:
                assert entry.get("rendered_focal_point") == entry.get("focal_point"), entry
            assert entry.get("focal_point", {}).get("x") in world.focus.get(key, {None}), entry
            assert entry["etag"] == there.etag.strip('"'), entry
            names = {each["name"] for each in entry["renditions"]}
            assert names - {"more"} == set(parse(there.data)), entry
            if "failed_request" in entry:
                assert entry["failed_request"]["code"] == "too-large-rendition", entry
            else:
                assert ("more" in names) == (entry["recipe"] == "other"), entry
            assert {each["etag"] for each in entry["renditions"]} == {there.etag.strip('"')}
            expected |= {f"processed/{key}/{name}.x": there.data for name in names}
            expected |= {
                target: b"variant of " + there.data
                for target, each in processed.items()
                if target.rpartition("/")[0] == f"variants/{key}"
                and each.metadata["version"] == version_of(entry)  # type: ignore[arg-type]
            }
        assert "published" not in entry, entry
        assert "lease" not in entry, entry
    assert {key: each.data for key, each in processed.items()} == expected


def check_purged(world: World, *, may_stay: bool = False) -> None:
    """Each key has the outcome of its last version, whose original is gone, and no other's.

    ``may_stay`` allows originals that are left over.
    """
    assert not world.s3.turned_back
    check_events(world)
    processed = world.s3.in_bucket("processed")
    expected: dict[str, bytes] = {}
    for key, (version_id, data) in world.latest.items():
        entry = world.dynamodb.items[key]
        assert not {"published", "lease"} & entry.keys(), entry
        kept = [each for each in world.versions[key] if each == (version_id, data)]
        if data is None:
            assert entry["status"] == "deleted", entry
            continue
        assert entry["version_id"] == version_id, entry
        if entry["status"] == "failed":
            assert entry["error"]["code"] in {"corrupt", "too-large-rendition"}, entry
            assert kept, "an image that failed keeps its original"
            continue
        failed = entry.get("failed_request", {}).get("code")
        assert (entry["status"], b"bad" in data) == ("done", False), entry
        if "original" in entry:
            assert may_stay or not kept, "the original should be gone"
        elif not (may_stay and kept):
            assert (kept, failed) == ([(version_id, data)], "too-large-rendition"), entry
        assert failed in {None, "too-large-rendition", "original-deleted"}, entry
        if entry.get("focal_point") != entry.get("rendered_focal_point"):
            assert failed, entry
        names = {each["name"] for each in entry["renditions"]}
        assert names - {"more"} == set(parse(data)), entry
        expected |= {f"processed/{key}/{name}.x": data for name in names}
        expected |= {
            target: b"variant of " + data
            for target, each in processed.items()
            if target.rpartition("/")[0] == f"variants/{key}"
            and each.metadata["version"] == version_of(entry)  # type: ignore[arg-type]
        }
    assert {key: each.data for key, each in processed.items()} == expected
