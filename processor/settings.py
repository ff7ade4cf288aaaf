"""Settings: every environment variable of every function, read and checked once.

localstack_init/template.yaml sets them.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

ORIGIN = r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?"
"""A web page's origin, as browsers write it in the header of that name."""

Switch = Annotated[Literal["on", "off"], Meta(description="on or off")]
Duplicates = Annotated[Literal["allow", "refuse"], Meta(description="allow or refuse")]
Wait = Annotated[int, Meta(ge=0, le=20, description="a whole number from 0 to 20")]
Count = Annotated[int, Meta(ge=1, le=99_999_999, description="a whole number above 0")]
Days = Annotated[int, Meta(ge=0, le=9999, description="a whole number from 0 to 9999")]
DeleteOriginal = Annotated[
    Literal["off", "after-processing"], Meta(description="off or after-processing")
]
VariantMode = Annotated[
    Literal["off", "presets", "signed"], Meta(description="off, presets or signed")
]
Percent = Annotated[float, Meta(ge=0, le=100, description="a number from 0 to 100")]
Analyze = Annotated[Literal["off", "labels", "all"], Meta(description="off, labels or all")]
SiteUrl = Annotated[
    str,
    Meta(
        pattern=r"\Ahttps?://[^\s/?#]+(?:/[^\s?#]*[^\s?#/])?\Z",
        description="a URL without a slash at the end, such as https://example.org",
    ),
]
Origins = Annotated[
    str,
    Meta(
        pattern=rf"\A\s*(?:{ORIGIN}(?:\s*,\s*{ORIGIN})*)?[\s,]*\Z",
        description="lowercase origins without a path or a slash at the end, such as "
        "https://example.org, separated by commas",
    ),
]
Endpoint = Annotated[
    str,
    Meta(
        pattern=rf"\A(?:{ORIGIN})?\Z",
        description="a lowercase URL without a path or a slash at the end, such as "
        "https://s3.example.org",
    ),
]


class ModerationSettings(Struct, frozen=True):
    """Which features of Rekognition are used, and from which confidence images are reviewed."""

    analyze: Analyze
    """``labels`` asks for labels; ``all`` asks for faces and moderation labels as well."""
    moderation_confidence: Percent
    """Confidence of a moderation label from which an image is held for review, in percent."""

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions that are asked: ``labels``, ``faces``, ``moderation``."""
        if self.analyze == "off":
            return ()
        return ("labels",) if self.analyze == "labels" else ("labels", "faces", "moderation")


class PipelineSettings(ModerationSettings, frozen=True):
    """Settings of the functions that process images."""

    raw_bucket: str
    """Bucket of the originals."""
    processed_bucket: str
    """Bucket of the renditions."""
    site_bucket: str
    """Bucket of the demo page, which recipes can name as the source of a watermark."""
    catalog_table: str
    """Table of the catalog."""
    queue_url: str
    """URL of the queue with the uploads' events."""
    aws_lambda_function_memory_size: Count
    """Memory of the function in megabytes; Lambda sets it."""
    variants: VariantMode
    """Which variants are served."""
    undelete_days: Days
    """How long deleted originals can be restored; 0 if the bucket is not versioned."""
    index_table: str
    """Table of the index, which has the first image of each file's bytes."""
    duplicates: Duplicates
    """Whether a file that was uploaded before is processed or refused."""
    delete_original: DeleteOriginal
    """Whether an original is deleted once its renditions are published."""
    originals_retention: Days
    """Days after which a lifecycle rule deletes originals; 0: never."""

    @property
    def buckets(self) -> dict[str, str]:
        """The buckets by the names that recipes use."""
        return {
            "raw": self.raw_bucket,
            "processed": self.processed_bucket,
            "site": self.site_bucket,
        }


class ProcessSettings(PipelineSettings, frozen=True):
    """Settings of the function that processes the queue's messages."""

    stack_name: str
    """Name of the stack, a dimension of the metrics."""
    tracing: Switch
    """Whether attempts are sent to X-Ray."""
    workflow: str
    """ARN of the state machine."""
    max_receive_count: Count
    """Receives after which the queue moves a message to the dead-letter queue."""


class WorkflowSettings(PipelineSettings, frozen=True):
    """Settings of the function that runs the workflow's steps."""

    review_timeout: Count
    """Seconds after which an image that nobody reviewed is rejected."""


class VariantSettings(Struct, frozen=True):
    """Settings of the function that renders variants."""

    raw_bucket: str
    """Bucket of the originals."""
    processed_bucket: str
    """Bucket of the renditions and variants."""
    site_bucket: str
    """Bucket of the demo page, of watermark images and of the fallback image."""
    catalog_table: str
    """Table of the catalog."""
    stack_name: str
    """Name of the stack, a dimension of the metrics."""
    variants_per_image: Count
    """Stored variants of an image, at most."""
    aws_lambda_function_memory_size: Count
    """Memory of the function in megabytes; Lambda sets it."""
    variant_fallback: str = ""
    """Key in the site bucket of an image that is shown for an error; empty for none."""

    @property
    def buckets(self) -> dict[str, str]:
        """The buckets by the names that recipes use."""
        return {
            "raw": self.raw_bucket,
            "processed": self.processed_bucket,
            "site": self.site_bucket,
        }


class ChangesSettings(Struct, frozen=True):
    """Settings of the function that receives the catalog's changes."""

    event_bus: str
    """Name of the event bus for outcomes."""
    index_table: str
    """Table of the index."""
    queue_url: str
    """URL of the queue with the uploads' events."""
    raw_bucket: str
    """Bucket of the originals."""
    processed_bucket: str = ""
    """Bucket of the variants that have events; empty if they have none."""


class WebhookSettings(Struct, frozen=True):
    """Settings of the function that sends webhooks."""

    webhook_url: str
    """URL that receives the events."""
    webhook_queue: str
    """URL of the queue with the events to send."""
    webhook_secret: str
    """Name of the SSM parameter with the secret of the signatures."""
    webhook_private: Switch
    """Whether the URL may be HTTP, or of a private network."""


class ApiSettings(Struct, frozen=True):
    """Settings of the API's function."""

    raw_bucket: str
    """Bucket of the originals."""
    processed_bucket: str
    """Bucket of the renditions."""
    catalog_table: str
    """Table of the catalog."""
    index_table: str
    """Table of the index."""
    queue_url: str
    """URL of the queue with the uploads' events."""
    dead_letter_queue_url: str
    """URL of the queue with the messages that failed repeatedly."""
    workflow: str
    """ARN of the state machine."""
    site_url: SiteUrl
    """URL below which renditions are served, without a slash at the end."""
    originals: Switch
    """Whether the API returns URLs of originals."""
    function_memory: Count
    """Memory of the processing function in megabytes, from which its limits follow."""
    undelete_days: Days
    """How long deleted originals can be restored; 0 if the bucket is not versioned."""
    delete_original: DeleteOriginal
    """Whether an original is deleted once its renditions are published."""
    originals_retention: Days
    """Days after which a lifecycle rule deletes originals; 0: never."""
    variants: VariantMode
    """Which variants are served."""
    feed_wait: Wait
    """Seconds that a request for changes may wait for one; 0 if none waits."""
    signing_key: str = ""
    """Name of the SSM parameter with the key that signs URLs of variants; empty to sign none."""
    cors_origins: Origins = ""
    """Origins of other sites' pages that may call the API."""
    browser_s3_endpoint: Endpoint = ""
    """URL of the S3 endpoint for browsers' presigned requests; empty for the regional one."""

    @property
    def trusted_origins(self) -> frozenset[str]:
        """``cors_origins`` as a set."""
        return frozenset(each.strip() for each in self.cors_origins.split(",") if each.strip())


def from_environment[T: Struct](
    settings: type[T], environment: Mapping[str, str] = os.environ
) -> T:
    """Return settings read from the variables named as the fields, in capitals.

    Raises ``LookupError`` that names the missing variables, ``ValueError`` that names one with an
    unusable value.
    """
    fields = {field.name.upper(): field for field in msgspec.structs.fields(settings)}
    missing = [name for name, each in fields.items() if each.required and not environment.get(name)]
    if missing:
        raise LookupError(
            f"Environment variables of the function are missing: {', '.join(missing)}. "
            "localstack_init/template.yaml sets them."
        )
    given = {name: field for name, field in fields.items() if environment.get(name)}
    return settings(
        **{field.name: _value(name, environment[name], field.type) for name, field in given.items()}
    )


def _value(name: str, text: str, kind: Any) -> Any:  # noqa: ANN401 (each field has its own type)
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        how = next(each.description for each in kind.__metadata__)
        raise ValueError(f"The environment variable {name} is {text!r}. Use {how}.") from error
