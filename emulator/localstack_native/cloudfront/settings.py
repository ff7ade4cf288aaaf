"""Settings of a cache behavior: cache key, forwarded values, TTLs and compression.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.datastructures import Headers

from localstack_native.cloudfront import policies
from localstack_native.cloudfront.messages import Query
from localstack_native.cloudfront.store import CloudFrontStore
from localstack_native.cloudfront.validation import ttls

type Config = Mapping[str, Any]


@dataclass(frozen=True)
class NameFilter:
    """A filter of names: none, all, those listed, or all except those."""

    behavior: str = "none"
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, behavior: str, names: Iterable[str] = (), *, any_case: bool = False) -> Self:
        """Return the filter of a policy; header names are matched in any case."""
        return cls(behavior, frozenset(name.lower() if any_case else name for name in names))

    def takes(self, name: str) -> bool:
        """Return whether the filter accepts a name."""
        match self.behavior:
            case "whitelist":
                return name in self.names
            case "allExcept":
                return name not in self.names
            case "none":
                return False
        return True


@dataclass(frozen=True)
class KeyPolicy:
    """The headers, cookies and query strings in a cache key or an origin request."""

    headers: NameFilter = NameFilter()
    cookies: NameFilter = NameFilter()
    query: NameFilter = NameFilter()

    @classmethod
    def of(cls, config: Config) -> Self:
        """Return the policy of a cache policy's parameters or of an origin request policy."""

        def name_filter(kind: str, plural: str, *, any_case: bool = False) -> NameFilter:
            part = config.get(f"{plural}Config") or {}
            names = (part.get(plural) or {}).get("Items") or ()
            return NameFilter.of(part.get(f"{kind}Behavior", "none"), names, any_case=any_case)

        return cls(
            name_filter("Header", "Headers", any_case=True),
            name_filter("Cookie", "Cookies"),
            name_filter("QueryString", "QueryStrings"),
        )

    def cookie(self, headers: Headers) -> str:
        """Return the Cookie header with the accepted cookies."""
        parts = [part.strip() for part in ";".join(headers.getlist("Cookie")).split(";")]
        return "; ".join(p for p in parts if p and self.cookies.takes(p.partition("=")[0]))

    def query_of(self, query: Query) -> str:
        """Return the query string with the accepted parts."""
        return query.only(self.query.takes).text


@dataclass(frozen=True)
class Settings:
    """A behavior's settings, from policies or from the legacy ``ForwardedValues``."""

    ttls: tuple[int, int, int]
    """MinTTL, DefaultTTL, MaxTTL in seconds."""
    key: KeyPolicy
    """The parts of the cache key, which are forwarded to the origin."""
    sent: KeyPolicy = field(default_factory=KeyPolicy)
    """The parts that are forwarded to the origin in addition."""
    encodings: tuple[str, ...] = ()
    """The encodings in the cache key, the best first."""
    compresses: bool = False

    @property
    def caches(self) -> bool:
        """Whether responses are cached; with TTLs of 0, only errors are."""
        return self.ttls[2] > 0

    @property
    def forwards_cookies(self) -> bool:
        """Whether the origin gets cookies of viewers."""
        return any(each.cookies.behavior != "none" for each in (self.key, self.sent))

    def encodings_for(self, headers: Headers) -> str:
        """Return Accept-Encoding, normalized: the accepted encodings in a fixed order."""
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
    sent = KeyPolicy()
    if request_policy := behavior.get("OriginRequestPolicyId"):
        sent = KeyPolicy.of(policies.find(policies.ORIGIN_REQUEST, store, request_policy).config)
    encodings = [
        ("br", parameters.get("EnableAcceptEncodingBrotli")),
        ("gzip", parameters.get("EnableAcceptEncodingGzip")),
    ]
    durations = ttls(policy)
    return Settings(
        durations,
        KeyPolicy.of(parameters),
        sent,
        tuple(name for name, enabled in encodings if enabled),
        compresses=bool(behavior.get("Compress")) and durations[2] > 0,
    )


def _forwarded(behavior: Config) -> Settings:
    """Return the settings of the legacy ``ForwardedValues``."""
    values = behavior["ForwardedValues"]
    headers = (values.get("Headers") or {}).get("Items") or ()
    cookies = values.get("Cookies") or {}
    names = (cookies.get("WhitelistedNames") or {}).get("Items") or ()
    keys = (values.get("QueryStringCacheKeys") or {}).get("Items") or ()
    all_query = NameFilter("all" if values.get("QueryString") else "none")
    compresses = bool(behavior.get("Compress"))
    return Settings(
        ttls({"MinTTL": 0, **{k: behavior[k] for k in behavior if k.endswith("TTL")}}),
        KeyPolicy(
            NameFilter("all")
            if "*" in headers
            else NameFilter.of("whitelist", headers, any_case=True),
            NameFilter.of(cookies.get("Forward", "none"), names),
            NameFilter.of("whitelist", keys) if keys else all_query,
        ),
        KeyPolicy(query=all_query),
        ("gzip",) if compresses else (),
        compresses=compresses,
    )
