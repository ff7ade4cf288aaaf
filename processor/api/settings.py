"""What the API's function is told by its environment, read once and checked."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

SWITCH = {"on": True, "off": False}
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?|https?://\[[0-9a-f:.]+\](:[0-9]+)?")
"""A web page's origin, as browsers write it in the header of that name."""

MAY_BE_EMPTY = frozenset({"CORS_ORIGINS", "BROWSER_S3_ENDPOINT"})


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Names of the resources that the template made, and what it allows."""

    raw_bucket: str
    processed_bucket: str
    catalog_table: str
    queue_url: str
    dead_letter_queue_url: str
    workflow: str
    """ARN of the state machine."""
    site_url: str
    """Where renditions are served, without a slash at the end."""
    originals: bool
    """Whether originals are given out."""
    cors_origins: frozenset[str]
    """Pages of other sites that may call the API."""
    browser_s3_endpoint: str
    """URL of the S3 endpoint for the presigned requests of browsers; empty for the regional one."""
    function_memory: int
    """Megabytes of the function that processes: they decide which files are too large."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "ApiSettings":
        """Read the variables that have the names of the fields, in capitals.

        Raises ``LookupError`` that names the variables that are missing, and ``ValueError`` for one
        that cannot be used.
        """
        names = [field.upper() for field in cls.__dataclass_fields__]
        missing = [name for name in names if name not in environment]
        missing += [n for n in names if n not in MAY_BE_EMPTY and environment.get(n) == ""]
        if missing:
            raise LookupError(
                f"The environment lacks {', '.join(missing)}. localstack_init/template.yaml sets "
                "them on the function."
            )
        return cls(
            raw_bucket=environment["RAW_BUCKET"],
            processed_bucket=environment["PROCESSED_BUCKET"],
            catalog_table=environment["CATALOG_TABLE"],
            queue_url=environment["QUEUE_URL"],
            dead_letter_queue_url=environment["DEAD_LETTER_QUEUE_URL"],
            workflow=environment["WORKFLOW"],
            site_url=_site(environment["SITE_URL"]),
            originals=_switch(environment["ORIGINALS"]),
            cors_origins=_origins(environment["CORS_ORIGINS"]),
            browser_s3_endpoint=_endpoint(environment["BROWSER_S3_ENDPOINT"]),
            function_memory=_megabytes(environment["FUNCTION_MEMORY"]),
        )


def _site(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?", url):
        raise ValueError(
            f"SITE_URL is {url!r}; write it as https://example.org, without a slash at the end."
        )
    return url


def _switch(word: str) -> bool:
    if word not in SWITCH:
        raise ValueError(f"ORIGINALS is {word!r}; write on or off.")
    return SWITCH[word]


def _origins(words: str) -> frozenset[str]:
    origins = frozenset(word.strip() for word in words.split(",") if word.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(
                f"CORS_ORIGINS has {origin!r}; write origins as browsers do: https://example.org, "
                "in small letters, with no path and no slash at the end."
            )
    return origins


def _endpoint(url: str) -> str:
    if url and not ORIGIN.fullmatch(url):
        raise ValueError(
            f"BROWSER_S3_ENDPOINT is {url!r}; write it as https://s3.example.org, in small "
            "letters, with no path and no slash at the end."
        )
    return url


def _megabytes(number: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{1,5}", number):
        raise ValueError(f"FUNCTION_MEMORY is {number!r}; write it in megabytes: 1769.")
    return int(number)
