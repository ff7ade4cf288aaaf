"""What attacks have done, looked up by boto3 beside the browser, or told by what the page read."""

import urllib.request
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from tests.integration.waiting import wait_for

from .attack import Effect, Evidence

GONE = frozenset({"404", "NoSuchKey", "NoSuchEntity", "ValidationError", "NotFound"})


def ran(e: Evidence) -> str:
    """Whether a function ran that left the mark."""
    try:
        loot = e.stage.client("s3").get_object(Bucket=e.stage.loot_bucket, Key=e.mark)
    except ClientError as error:
        _check_missing(error)
        return ""
    return f"a function {loot['Body'].read().decode()}"


def stack_ran(e: Evidence) -> str:
    """Whether a stack is there whose function ran; the message for it may be on its way."""
    status = stack_exists(e)
    return status and (wait_for(lambda: ran(e)))


def stack_exists(e: Evidence) -> str:
    """Whether a stack of that name is there, once it is complete."""
    client = e.stage.client("cloudformation")

    def status() -> str:
        try:
            return str(client.describe_stacks(StackName=e.mark)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            _check_missing(error)
            return ""

    wait_for(lambda: not status().endswith("IN_PROGRESS"))
    return f"a stack is {status()}" if status() else ""


def stack_gone(e: Evidence) -> str:
    """Whether the planted stack was deleted."""
    status = stack_exists(e)
    return "" if "CREATE_COMPLETE" in status else f"the stack was deleted ({status or 'gone'})"


def queue_exists(e: Evidence) -> str:
    """Whether a queue of that name is there."""
    found = e.stage.client("sqs").list_queues(QueueNamePrefix=e.mark).get("QueueUrls", [])
    exact = [url for url in found if url.endswith(f"/{e.mark}")]
    return "a queue was created" if exact else ""


def queue_gone(e: Evidence) -> str:
    """Whether the planted queue was deleted."""
    return "" if queue_exists(e) else "the queue was deleted"


def message_arrived(e: Evidence) -> str:
    """Whether the planted queue has a message."""
    sqs = e.stage.client("sqs")
    url = sqs.get_queue_url(QueueName=e.mark)["QueueUrl"]
    count = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])[
        "Attributes"
    ]["ApproximateNumberOfMessages"]
    return "a message was sent" if int(count) else ""


def topic_exists(e: Evidence) -> str:
    """Whether a topic of that name is there."""
    topics = e.stage.client("sns").list_topics()["Topics"]
    exact = [each for each in topics if each["TopicArn"].endswith(f":{e.mark}")]
    return "a topic was created" if exact else ""


def user_exists(e: Evidence) -> str:
    """Whether a user of that name is there."""
    try:
        e.stage.client("iam").get_user(UserName=e.mark)
    except ClientError as error:
        _check_missing(error)
        return ""
    return "an IAM user was created"


def bucket_exists(e: Evidence) -> str:
    """Whether a bucket of that name is there."""
    names = [each["Name"] for each in e.stage.client("s3").list_buckets()["Buckets"]]
    return "a bucket was created" if e.mark in names else ""


def uploaded(e: Evidence) -> str:
    """Whether the raw bucket has an object of that name."""
    return "an object was uploaded" if _is_in_raw_bucket(e, f"{e.mark}.html") else ""


def image_gone(e: Evidence) -> str:
    """Whether the planted image's original was deleted."""
    return "" if _is_in_raw_bucket(e, f"{e.mark}.jpg") else "the image was deleted"


def image_processed(e: Evidence) -> str:
    """Whether the planted image was processed again, by another recipe."""
    e.stage.wait_until_drained()
    entry = e.stage.cloud.catalog.get(f"{e.mark}.jpg")
    return "the image was processed again" if entry and entry["recipe"] == "avatar" else ""


def confidence(mark: str) -> float:
    """Return the confidence by which a moderation override is recognized as an attack's."""
    return 50 + int(mark.rpartition("-")[2]) / 10


def moderation_overridden(e: Evidence) -> str:
    """Whether the page has set a moderation override."""
    url = f"{e.stage.endpoint}/_emulator/rekognition/moderation"
    with urllib.request.urlopen(url) as response:
        is_set = str(confidence(e.mark)) in response.read().decode()
    return "a moderation override was set" if is_set else ""


def emulator_gone(e: Evidence) -> str:
    """Whether the emulator has ended."""
    try:
        e.stage.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError):
        return "the emulator has ended"
    return ""


def function_disturbed(before: dict[str, int]) -> Effect:
    """An effect: the planted function does not work as it did, or in another process."""

    def effect(e: Evidence) -> str:
        try:
            after = e.stage.process()
        except (ClientError, KeyError, TypeError) as error:
            return f"invocations fail: {error!r}"
        return "" if after == before[e.mark] else "the function's process was replaced"

    return effect


def read(*needles: str) -> Effect:
    """An effect: the page read one of these texts."""
    return read_each(dict.fromkeys([""], needles))


def read_each(needles: Mapping[str, tuple[str, ...]]) -> Effect:
    """An effect: the page read texts, each by its name with words that it must have."""

    def effect(e: Evidence) -> str:
        found: dict[str, None] = {}
        for each in e.loot:
            name, _, text = each.partition("\n")
            if any(needle in text for needle in needles.get(name, ())):
                found[name or text[:60]] = None
        return f"the page read {', '.join(found)}" if found else ""

    return effect


def noticed(word: str) -> Effect:
    """An effect: the page's script said that something succeeded."""

    def effect(e: Evidence) -> str:
        found = [text for text in e.loot if text.startswith(word)]
        return found[0] if found else ""

    return effect


def either(*effects: Effect) -> Effect:
    """An effect: any of these."""
    return lambda e: "; ".join(filter(None, (effect(e) for effect in effects)))


def _is_in_raw_bucket(e: Evidence, key: str) -> bool:
    try:
        e.stage.client("s3").head_object(Bucket=e.stage.cloud.outputs["RawBucket"], Key=key)
    except ClientError as error:
        _check_missing(error)
        return False
    return True


def _check_missing(error: ClientError) -> None:
    """Raise an error that does not say that something is missing."""
    if error.response["Error"]["Code"] not in GONE:
        raise error
