"""Allowed host names, a protection against DNS rebinding.

A page whose name is rebound to 127.0.0.1 is same-origin with the emulator, but its requests have
the page's name in ``Host``.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

LOCALHOST = "localhost"
_HOST = re.compile(r"(?:\[(?P<address>[^]]+)\]|(?P<name>[^:]+))(?::\d+)?")


@dataclass(frozen=True)
class AllowedHosts:
    """Loopback names and addresses, ``*.localhost``, and ``names`` with their subdomains.

    A name may also be a network (``172.16.0.0/12``), which allows all of its addresses.
    """

    names: Iterable[str]
    _suffixes: tuple[str, ...] = field(init=False)
    _networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = field(init=False)

    def __post_init__(self) -> None:
        suffixes, networks = [LOCALHOST], []
        for name in self.names:
            try:
                networks.append(ipaddress.ip_network(name.strip("[]")))
            except ValueError:
                suffixes.append(name.lower())
        object.__setattr__(self, "_suffixes", tuple(suffixes))
        object.__setattr__(self, "_networks", tuple(networks))

    def allow(self, host: str) -> bool:
        """Return whether requests with this ``Host`` header are served."""
        name = name_of(host)
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return any(name == each or name.endswith(f".{each}") for each in self._suffixes)
        return address.is_loopback or any(address in each for each in self._networks)


def name_of(host: str) -> str:
    """Return the name or address in a ``Host`` header, without its port and in lower case."""
    found = _HOST.fullmatch(host)
    return (found["address"] or found["name"].lower().removesuffix(".")) if found else host
