"""Entries of the key value store for imgproxy-compatible URLs: keys, salts and sources.

https://docs.imgproxy.net/configuration/options#url-signature
"""

import re
from collections.abc import Iterable, Mapping

from darkroom.errors import CommandError

_HEX = re.compile(r"([0-9A-Fa-f]{2})+(,([0-9A-Fa-f]{2})+)*")
_MOST_BYTES = 1024
"""CloudFront's limit for a value."""


def imgproxy_entries(
    environment: Mapping[str, str], raw_bucket: str, sources: Iterable[str] | None
) -> dict[str, str]:
    """Return the entries for the variables of an imgproxy. Raises ``CommandError``."""
    found = {name: _list_of(environment, name) for name in ("IMGPROXY_KEY", "IMGPROXY_SALT")}
    keys, salts = (value.count(",") + 1 for value in found.values())
    if keys != salts:
        raise CommandError(
            f"IMGPROXY_KEY has {keys} keys, and IMGPROXY_SALT {salts} salts. Each key needs a salt."
        )
    prefixes = ["local:///", f"s3://{raw_bucket}/", *(sources or [])]
    for each in prefixes:
        if re.search(r"\s", each) or not each.endswith("/"):
            raise CommandError(
                f"The source {each!r} is not a prefix. It must end with a slash and have no "
                "spaces, such as s3://BUCKET/."
            )
    entries = {
        "imgproxy-key": found["IMGPROXY_KEY"],
        "imgproxy-salt": found["IMGPROXY_SALT"],
        "imgproxy-sources": " ".join(dict.fromkeys(prefixes)),
    }
    for name, value in entries.items():
        if len(value.encode()) > _MOST_BYTES:
            raise CommandError(
                f"The entry {name} has {len(value.encode())} bytes, and CloudFront stores "
                f"{_MOST_BYTES}. Use fewer or shorter values."
            )
    return entries


def _list_of(environment: Mapping[str, str], name: str) -> str:
    value = re.sub(r"\s", "", environment.get(name, ""))
    if not _HEX.fullmatch(value):
        raise CommandError(
            f"The variable {name} must be hexadecimal, several separated by commas. Set it to the "
            "value that your imgproxy has. To create one, run `openssl rand -hex 32`."
        )
    return value
