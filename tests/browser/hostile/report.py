"""The log of a run: a line for each attack."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from .attack import Outcome, Sent

WIDTH = 46
"""Characters of a request's path that are shown."""

BROWSER = ("origin", "referer", "sec-fetch-site", "sec-fetch-mode")
"""Headers by which a browser can be recognized."""

HEAD = "| attack | origin | what it sent | answer | effect |\n|---|---|---|---|---|"


def row(outcome: Outcome) -> str:
    """Return an outcome as a line of a Markdown table."""
    case = outcome.case
    sent = "<br>".join(_request(each) for each in outcome.sent[:3]) or "nothing"
    if len(outcome.sent) > 3:
        sent += f"<br>and {len(outcome.sent) - 3} more"
    results = ", ".join(dict.fromkeys(each.result for each in outcome.sent if each.result))
    effect = f"**{outcome.effect}**" if outcome.effect else "none"
    if outcome.skipped:
        effect = f"not run: {outcome.skipped}"
    return f"| {case.attack.name} | {case.origin.name} | {sent} | {results or 'none'} | {effect} |"


def summary(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the lines that a reader wants first."""
    known = list(outcomes)
    had = [each for each in known if each.effect]
    skipped = [each for each in known if each.skipped]
    yield f"{len(known)} attacks: {len(had)} had an effect, {len(skipped)} could not be run."
    yield from (f"  {each.case.id}: not run: {each.skipped}" for each in skipped)


def _request(sent: Sent) -> str:
    parts = urlsplit(sent.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    shown = path if len(path) <= WIDTH else f"{path[:WIDTH]}…"
    headers = "; ".join(f"{name}: {sent.headers[name]}" for name in BROWSER if name in sent.headers)
    return f"`{sent.method} {parts.netloc}{shown}` ({headers or 'no browser header'})"
