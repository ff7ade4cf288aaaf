"""The index: entries by label, tag, word and perceptual hash, in a table of its own.

The ``changes`` function writes it from the catalog's stream, so it follows with a delay. Readers
read the entries as well, and leave out those that don't match any more.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from processor.catalog.attributes import aliases, deserialize, serialize
from processor.catalog.entries import BATCH, Catalog, Entry, Place
from processor.catalog.terms import (
    Member,
    Posting,
    distances,
    members_of,
    neighbors,
    place_of,
    postings_of,
    written,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITES = 25
"""Items that DynamoDB writes in one request, at most."""

MEMBERS = "members"
"""Sort key of a bucket, and its attribute."""

BUCKET_SIZE = 250
"""Members after which a bucket gets no more. So many images have one pattern, such as a plain
background, that it says nothing about them; the other bands find them. It bounds an item's size
and the cost of its writes."""

MAX_QUERIES = 60
"""Queries of one search for several terms; it ends its page there."""

Changed = tuple[Entry | None, Entry | None]
"""An entry before and after a change; None where there was none, or is none any more."""


class FullBucket(NamedTuple):
    """A bucket that gets no more members."""

    bucket: str


class Index:
    """Reads and writes the index's table."""

    def __init__(
        self, dynamodb: "DynamoDBClient", table: str, executor: Executor | None = None
    ) -> None:
        self.dynamodb = dynamodb
        self.table = table
        self._map: Callable[..., Iterable[Any]] = executor.map if executor else map

    def follow(self, changes: Iterable[Changed]) -> None:
        """Write what a number of changes make of the index; repeated, it changes nothing more.

        The changes of each entry are in order. Only what differs is written.
        """
        net: dict[str, Changed] = {}
        for before, after in changes:
            key = (after or before or {})["filename"]
            net[key] = (net[key][0] if key in net else before, after)
        pairs = net.values()
        old, new = (_all(postings_of, (pair[side] for pair in pairs)) for side in (0, 1))
        self.write(new - old, old - new)
        was, now = (_all(members_of, (pair[side] for pair in pairs)) for side in (0, 1))
        self.regroup(now - was, was - now)

    def write(self, new: AbstractSet[Posting], gone: AbstractSet[Posting]) -> None:
        """Add postings and delete others."""
        requests: list[Any] = [{"PutRequest": {"Item": _key(*each)}} for each in new]
        requests += [{"DeleteRequest": {"Key": _key(*each)}} for each in gone]
        for _ in self._map(self._write, batched(requests, WRITES, strict=False)):
            pass

    def regroup(self, new: AbstractSet[Member], gone: AbstractSet[Member]) -> None:
        """Add members to their buckets, and remove others."""
        changes: dict[tuple[str, str], set[str]] = {}
        for action, members in (("ADD", new), ("DELETE", gone)):
            for bucket, text in members:
                changes.setdefault((action, bucket), set()).add(text)

        def change(each: tuple[tuple[str, str], set[str]]) -> None:
            (action, bucket), texts = each
            self._change_bucket(action, bucket, texts)

        for _ in self._map(change, changes.items()):
            pass

    def find(
        self, terms: Sequence[str], after: Place | None, count: int
    ) -> tuple[list[Place], Place | None]:
        """Return the places of up to ``count`` entries with all terms, the latest upload first.

        The second value is the place after which the search continues; None at its end.
        """
        if len(terms) == 1:
            found = self.query(terms[0], written(after) if after else None, count)
            return found, found[-1] if len(found) == count else None
        return _Intersection(self, terms, after, count).run()

    def similar(self, hashes: Sequence[str], most: int) -> dict[str, int]:
        """Return the keys of images within ``most`` bits of a hash, with their distances."""
        buckets = dict.fromkeys(bucket for each in hashes for bucket in neighbors(each))
        batches = batched(buckets, BATCH, strict=False)
        members = [each for found in self._map(self._members, batches) for each in found]
        return distances(hashes, members, most)

    def all(self) -> Iterator[Posting | Member | FullBucket]:
        """Yield every posting and member, in no order; a full bucket comes before its members.

        Scans the whole table.
        """
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True
        )
        for page in pages:
            for item in map(deserialize, page["Items"]):
                if MEMBERS in item:
                    if len(item[MEMBERS]) >= BUCKET_SIZE:
                        yield FullBucket(item["term"])
                    yield from (Member(item["term"], text) for text in item[MEMBERS])
                elif item["term"].startswith(("label#", "tag#", "word#")):
                    yield Posting(item["term"], item["place"])

    def rebuild(self, catalog: Catalog, key: str, known: Collection[Posting | Member]) -> None:
        """Make the index agree with an entry. It has ``known`` of it so far.

        The entry may change meanwhile: it is read again until it has not.
        """
        postings = {each for each in known if isinstance(each, Posting)}
        members = {each for each in known if isinstance(each, Member)}
        entry = catalog.get(key)
        while True:
            new, grouped = _all(postings_of, [entry]), _all(members_of, [entry])
            self.write(new - postings, postings - new)
            self.regroup(grouped - members, members - grouped)
            before, entry = entry, catalog.get(key)
            if before == entry:
                return
            # What the change deleted may have been written after it.
            postings, members = postings | new, members | grouped

    def query(
        self, term: str, below: str | None, count: int, *, including: bool = False
    ) -> list[Place]:
        """Return up to ``count`` places of a term, the latest upload first."""
        expression, values = "#term = :term", {":term": term}
        names = ["term"]
        if below is not None:
            expression += f" AND #place {'<=' if including else '<'} :below"
            values[":below"] = below
            names.append("place")
        response = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression=expression,
            ExpressionAttributeNames=aliases(*names),
            ExpressionAttributeValues=serialize(values),
            ScanIndexForward=False,
            Limit=count,
        )
        return [place_of(item["place"]["S"]) for item in response["Items"]]

    def _members(self, buckets: Iterable[str]) -> list[str]:
        found: list[str] = []
        asked: Any = {"Keys": [_key(bucket, MEMBERS) for bucket in buckets]}
        # DynamoDB leaves keys out of large responses.
        while asked:
            response = self.dynamodb.batch_get_item(RequestItems={self.table: asked})
            for item in response["Responses"].get(self.table, []):
                found += item[MEMBERS]["SS"]
            asked = response.get("UnprocessedKeys", {}).get(self.table)
        return found

    def _write(self, requests: Sequence[Any]) -> None:
        left: Any = {self.table: list(requests)}
        while left:
            left = self.dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")

    def _change_bucket(self, action: str, bucket: str, texts: set[str]) -> None:
        condition: dict[str, Any] = {}
        values: dict[str, Any] = {":texts": {"SS": sorted(texts)}}
        if action == "ADD":
            condition = {
                "ConditionExpression": "attribute_not_exists(#members) OR size(#members) < :most"
            }
            values[":most"] = {"N": str(BUCKET_SIZE)}
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(bucket, MEMBERS),
                UpdateExpression=f"{action} #members :texts",
                ExpressionAttributeNames=aliases(MEMBERS),
                ExpressionAttributeValues=values,
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise


class _Intersection:
    """A search for entries with several terms: their lists are read side by side.

    Each list skips what is newer than the place at which another one is. So a search costs about
    as much as its rarest term has entries, and ends its page after ``MAX_QUERIES``.
    """

    def __init__(self, index: Index, terms: Sequence[str], after: Place | None, count: int) -> None:
        self.index, self.count, self.queries = index, count, 0
        self.after = written(after) if after else None
        self.read: dict[str, list[Place]] = {term: [] for term in terms}
        self.ended: set[str] = set()

    def run(self) -> tuple[list[Place], Place | None]:
        """Return the places, and that after which the search continues."""
        found: list[Place] = []
        bound, including = self.after, False
        while len(found) < self.count:
            places = []
            for term in self.read:
                place = self._seek(term, bound, including=including)
                if place is None:
                    return found, None
                places.append(place)
                bound, including = written(place), True
            if places[0] == places[-1]:
                found.append(places[0])
                including = False
            if self.queries > MAX_QUERIES:
                # The first place is the latest, and another term is not there.
                return found, places[0]
        return found, found[-1]

    def _seek(self, term: str, bound: str | None, *, including: bool) -> Place | None:
        """Return the latest place of a term below a bound, or at it; None at the end."""
        places = self.read[term]
        while True:
            while places:
                at = written(places[0])
                if bound is None or at < bound or (including and at == bound):
                    return places[0]
                del places[0]
            if term in self.ended:
                return None
            self.queries += 1
            places += self.index.query(term, bound, BATCH, including=including)
            if len(places) < BATCH:
                self.ended.add(term)


def _all[T](items_of: Callable[[Entry], set[T]], entries: Iterable[Entry | None]) -> set[T]:
    return {each for entry in entries if entry for each in items_of(entry)}


def _key(term: str, place: str) -> Any:  # noqa: ANN401 (boto3's type)
    return serialize({"term": term, "place": place})
