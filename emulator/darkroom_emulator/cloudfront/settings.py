"""What a behavior's policies mean: what counts for the cache, and what the origin is sent.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.datastructures import Headers

from darkroom_emulator.cloudfront import policies
from darkroom_emulator.cloudfront.messages import Query
from darkroom_emulator.cloudfront.store import CloudFrontStore
from darkroom_emulator.cloudfront.validation import ttls

type Config = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """Which names count: none, all, those listed, or all but those."""

    behavior: str = "none"
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, behavior: str, names: Iterable[str] = (), *, any_case: bool = False) -> Self:
        """Make one as a policy has it; names of headers count in any case."""
        return cls(behavior, frozenset(name.lower() if any_case else name for name in names))

    def takes(self, name: str) -> bool:
        """Tell whether a name counts."""
        match self.behavior:
            case "whitelist":
                return name in self.names
            case "allExcept":
                return name not in self.names
            case "none":
                return False
        return True


@dataclass(frozen=True)
class Selection:
    """Which headers, cookies and query strings count."""

    headers: Choice = Choice()
    cookies: Choice = Choice()
    query: Choice = Choice()

    @classmethod
    def of(cls, config: Config) -> Self:
        """Read a cache policy's parameters or an origin request policy."""

        def choice(kind: str, plural: str, *, any_case: bool = False) -> Choice:
            part = config.get(f"{plural}Config") or {}
            names = (part.get(plural) or {}).get("Items") or ()
            return Choice.of(part.get(f"{kind}Behavior", "none"), names, any_case=any_case)

        return cls(
            choice("Header", "Headers", any_case=True),
            choice("Cookie", "Cookies"),
            choice("QueryString", "QueryStrings"),
        )

    def cookie(self, headers: Headers) -> str:
        """Return the Cookie header with the cookies that count."""
        parts = [part.strip() for part in ";".join(headers.getlist("Cookie")).split(";")]
        return "; ".join(p for p in parts if p and self.cookies.takes(p.partition("=")[0]))

    def query_of(self, query: Query) -> str:
        """Return the query string with the parts that count."""
        return query.only(self.query.takes).text


@dataclass(frozen=True)
class Settings:
    """A behavior's settings, from policies or from the older ``ForwardedValues``."""

    ttls: tuple[int, int, int]
    """MinTTL, DefaultTTL, MaxTTL in seconds."""
    key: Selection
    """What distinguishes cached objects, and is sent to the origin."""
    sent: Selection = field(default_factory=Selection)
    """What is sent to the origin beside."""
    encodings: tuple[str, ...] = ()
    """The encodings that the cache distinguishes, the best first."""
    compresses: bool = False

    @property
    def caches(self) -> bool:
        """Whether anything is kept: with TTLs of 0, errors alone are."""
        return self.ttls[2] > 0

    def encodings_for(self, headers: Headers) -> str:
        """Return Accept-Encoding with the encodings that count, in a fixed order."""
        accepted = {
            name.strip().lower()
            for name, _, weight in (
                part.partition(";") for part in headers.get("Accept-Encoding", "").split(",")
            )
            if weight.replace(" ", "").rstrip("0.") != "q="
        }
        return ",".join(name for name in self.encodings if name in accepted or "*" in accepted)


def settings_of(store: CloudFrontStore, behavior: Config) -> Settings:
    """Return a behavior's settings."""
    if "CachePolicyId" not in behavior:
        return _forwarded(behavior)
    policy = policies.find(policies.CACHE, store, behavior["CachePolicyId"]).config
    parameters = policy.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
    sent = Selection()
    if request_policy := behavior.get("OriginRequestPolicyId"):
        sent = Selection.of(policies.find(policies.ORIGIN_REQUEST, store, request_policy).config)
    encodings = [
        ("br", parameters.get("EnableAcceptEncodingBrotli")),
        ("gzip", parameters.get("EnableAcceptEncodingGzip")),
    ]
    durations = ttls(policy)
    return Settings(
        durations,
        Selection.of(parameters),
        sent,
        tuple(name for name, enabled in encodings if enabled),
        compresses=bool(behavior.get("Compress")) and durations[2] > 0,
    )


def _forwarded(behavior: Config) -> Settings:
    """Read settings as they were before there were policies."""
    values = behavior["ForwardedValues"]
    headers = (values.get("Headers") or {}).get("Items") or ()
    cookies = values.get("Cookies") or {}
    names = (cookies.get("WhitelistedNames") or {}).get("Items") or ()
    keys = (values.get("QueryStringCacheKeys") or {}).get("Items") or ()
    all_query = Choice("all" if values.get("QueryString") else "none")
    compresses = bool(behavior.get("Compress"))
    return Settings(
        ttls({"MinTTL": 0, **{k: behavior[k] for k in behavior if k.endswith("TTL")}}),
        Selection(
            Choice("all") if "*" in headers else Choice.of("whitelist", headers, any_case=True),
            Choice.of(cookies.get("Forward", "none"), names),
            Choice.of("whitelist", keys) if keys else all_query,
        ),
        Selection(query=all_query),
        ("gzip",) if compresses else (),
        compresses=compresses,
    )
