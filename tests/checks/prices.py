"""The cost model's prices: each has a source, and the page on cost has their date and region."""

import tomllib
from collections.abc import Iterator
from urllib.parse import urlsplit

from localstack_init.build import PROJECT

FILE = "benchmarks/cost/prices.toml"
PAGE = "docs/explanation/cost.md"


def problems() -> Iterator[str]:
    """Yield each price that cannot be looked up, and what the page leaves out."""
    document = tomllib.loads((PROJECT / FILE).read_text())
    listed = document["list"]
    page = (PROJECT / PAGE).read_text()
    for fact in (f"{listed['currency']}, {listed['region']}", listed["taken"]):
        if not fact or fact not in page:
            yield f"{PAGE} does not say {fact!r}. Run make bench-cost ARGS=--write."
    if (listed["currency"], listed["region"]) != ("USD", "us-east-1"):
        yield f"{FILE}: the prices are not those of us-east-1 in USD. Replace them."
    for name, price in document["prices"].items():
        if not price["unit"] or price["per"] < 1:
            yield f"{FILE}: {name} does not say for what and for how many it is. Add unit and per."
        url = urlsplit(price["page"])
        if url.hostname != "aws.amazon.com" or "/pricing/" not in url.path:
            yield f"{FILE}: {name} names none of AWS's pages of prices. Correct its page."
