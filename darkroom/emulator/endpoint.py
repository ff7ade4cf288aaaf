"""The emulator's endpoint: its URL, its access key, and what it reports of itself."""

import configparser
import os
from dataclasses import dataclass, field

import httpx

HOST = "127.0.0.1"
"""Loopback as an address: S3 clients then put the bucket into the path, which needs no DNS."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key ID and its secret."""

    id: str
    secret: str

    @classmethod
    def read(cls, text: str) -> "AccessKey | None":
        """Parse the emulator's credentials file; None if it holds no key."""
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text)
            profile = parser["default"]
            return cls(profile["aws_access_key_id"], profile["aws_secret_access_key"])
        except (configparser.Error, KeyError):
            return None


LOCAL = f"{HOST},localhost"
"""Hosts that need no proxy; ``localhost`` includes the names below it, as the page's."""

NO_PROXY = ("NO_PROXY", "no_proxy")

DEFAULT_KEY = AccessKey("test", "test")
"""LocalStack's convention. The emulator accepts it in signed headers only, which no browser can
send from another site."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of an emulator."""

    port: int
    key: AccessKey = field(default=DEFAULT_KEY, kw_only=True)
    """The installation's own key, where it is known."""

    @property
    def url(self) -> str:
        """The endpoint URL of every AWS service."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return all ``AWS_`` variables that clients need.

        The AWS configuration files of the user are left out: a profile can name another endpoint,
        or have endpoints ignored.
        """
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.key.id,
            "AWS_SECRET_ACCESS_KEY": self.key.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def use(self) -> None:
        """Point this process and its children at the emulator, past every proxy."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(self.environment())
        for name in NO_PROXY:
            os.environ[name] = ",".join(filter(None, [LOCAL, os.environ.get(name)]))

    def internal(self, path: str) -> httpx.Response | None:
        """Return the response of one of LocalStack's own paths; None if there is none."""
        try:
            return httpx.get(f"{self.url}/_localstack/{path}", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return None

    def snapshot(self) -> dict[str, str | None]:
        """Return what the emulator did with its snapshot; empty if it had none.

        ``restored`` is the time of the snapshot, ``set_aside`` the path of an unusable one.
        """
        try:
            response = httpx.get(f"{self.url}/_emulator/state", timeout=30, trust_env=False)
        except httpx.HTTPError:
            return {}
        return response.json() if response.status_code == httpx.codes.OK else {}

    def health(self) -> httpx.Response | None:
        """Return the response to LocalStack's health check; None if there is none."""
        return self.internal("health")

    def is_healthy(self) -> bool:
        """Whether the emulator responds."""
        response = self.health()
        return response is not None and response.is_success
