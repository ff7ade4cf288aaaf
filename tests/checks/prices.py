"""The cost model's prices: each has a source, and docs/aws.md names their date and region."""

import tomllib
from collections.abc import Iterator
from urllib.parse import urlsplit

from localstack_init.build import PROJECT

from .markdown import section

FILE = "benchmarks/cost/prices.toml"


def problems() -> Iterator[str]:
    """Yield each price that cannot be looked up, and what the page leaves out."""
    document = tomllib.loads((PROJECT / FILE).read_text())
    listed = document["list"]
    bill = section((PROJECT / "docs" / "aws.md").read_text(), "What it costs")
    for fact in (f"{listed['currency']}, {listed['region']}", listed["taken"]):
        if not fact or fact not in bill:
            yield f'docs/aws.md: "What it costs" does not say {fact!r}. Run make bench-cost.'
    if (listed["currency"], listed["region"]) != ("USD", "us-east-1"):
        yield f"{FILE}: the prices are not those of us-east-1 in USD. Replace them."
    for name, price in document["prices"].items():
        if not price["unit"] or price["per"] < 1:
            yield f"{FILE}: {name} does not say for what and for how many it is. Add unit and per."
        page = urlsplit(price["page"])
        if page.hostname != "aws.amazon.com" or "/pricing/" not in page.path:
            yield f"{FILE}: {name} names none of AWS's pages of prices. Correct its page."
