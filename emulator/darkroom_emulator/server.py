"""The server that LocalStack's gateway listens with."""

import logging
import socket
from typing import Any, NoReturn

from localstack import config
from localstack.aws.serving.twisted import TLSMultiplexerFactory
from localstack.runtime.exceptions import LocalstackExit
from localstack.runtime.server.core import RuntimeServer, RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.gateway import Gateway
from rolo.gateway.wsgi import WsgiGateway
from rolo.serving.twisted import HeaderPreservingWSGIResource, TwistedGateway
from twisted.internet import reactor as twisted_reactor
from twisted.internet import ssl
from twisted.internet.error import CannotListenError

LOG = logging.getLogger(__name__)
REACHED_BY_LOCALSTACK = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104
reactor: Any = twisted_reactor  # a module that becomes an object when it is installed


class NamedAddressesServer(TwistedRuntimeServer):
    """LocalStack's server, listening on the addresses in ``GATEWAY_LISTEN`` and on no others.

    The original takes the ports alone and listens on every interface, which offers whoever shares
    the network an emulator that runs any code it is given. A host name stands for all its
    addresses. An address that can't be had ends LocalStack instead of leaving it waiting. A request
    for a WebSocket is a plain request.
    """

    def register(
        self,
        gateway: Gateway,
        listen: list[config.HostAndPort],
        ssl_creds: tuple[str, str] | None = None,
    ) -> None:
        """Start listening."""
        factory: Any = TwistedGateway(gateway)
        # Without rolo's WebSockets, which nothing here serves: what refuses one writes to it from
        # another thread than Twisted's, and leaves later connections without an answer.
        resource: Any = HeaderPreservingWSGIResource
        factory.resource = resource(reactor, reactor.getThreadPool(), WsgiGateway(gateway))
        if ssl_creds:
            certificate, key = ssl_creds
            context = ssl.DefaultOpenSSLContextFactory(key, certificate)
            context.getContext().use_certificate_chain_file(certificate)
            factory = TLSMultiplexerFactory(context, False, factory)  # noqa: FBT003
        places = addresses(listen)
        if not any((host, listen[0].port) in places for host in REACHED_BY_LOCALSTACK):
            fail(
                f"GATEWAY_LISTEN={','.join(map(str, listen))} does not name 127.0.0.1 with its"
                " first port. LocalStack calls itself there: add it."
            )
        for host, port in places:
            try:
                reactor.listenTCP(port, factory, interface=host)
            except CannotListenError as error:
                fail(f"Can't listen on {host} port {port}: {error.socketError}")


def fail(reason: str) -> NoReturn:
    """End LocalStack with a message."""
    LOG.error("%s", reason)
    raise LocalstackExit(reason, code=1)


def addresses(listen: list[config.HostAndPort]) -> list[tuple[str, int]]:
    """Return the addresses and ports that hosts and ports stand for, each once."""
    found: dict[tuple[str, int], None] = {}
    for place in listen:
        try:
            answers = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError as error:
            fail(f"Can't find the address of {place.host} in GATEWAY_LISTEN: {error}")
        for *_, address in answers:
            found[str(address[0]), place.port] = None
    return list(found)


class NamedAddressesPlugin(RuntimeServerPlugin):
    """``GATEWAY_SERVER=named-addresses``."""

    name = "named-addresses"

    def load(self, *_args: Any, **_kwargs: Any) -> RuntimeServer:
        """Return the server."""
        return NamedAddressesServer()  # type: ignore[no-untyped-call]
