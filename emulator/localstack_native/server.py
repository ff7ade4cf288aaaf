"""Gateway server that listens on the addresses in ``GATEWAY_LISTEN`` only."""

import logging
import socket
from contextlib import closing
from functools import partial
from typing import Any, NoReturn

from localstack import config
from localstack.aws.serving.twisted import TLSMultiplexerFactory
from localstack.runtime.exceptions import LocalstackExit
from localstack.runtime.server.core import RuntimeServer, RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo import Response
from rolo.gateway import Gateway
from rolo.gateway.wsgi import WsgiGateway
from rolo.serving.twisted import (
    HeaderPreservingWSGIResource,
    HeaderPreservingWSGIResponse,
    TwistedGateway,
)
from twisted.internet import reactor as twisted_reactor
from twisted.internet import ssl
from twisted.internet.error import CannotListenError
from twisted.web.server import NOT_DONE_YET
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

LOG = logging.getLogger(__name__)
REACHED_BY_LOCALSTACK = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104
reactor: Any = twisted_reactor  # a module that becomes an object when it is installed


class NamedAddressesServer(TwistedRuntimeServer):
    """LocalStack's server, listening only on the addresses in ``GATEWAY_LISTEN``.

    LocalStack's own server uses only the ports and listens on every interface, which lets everyone
    on the network run code. A host name stands for all of its addresses. LocalStack exits if an
    address is unavailable. WebSocket requests are handled as plain requests.
    """

    def register(
        self,
        gateway: Gateway,
        listen: list[config.HostAndPort],
        ssl_creds: tuple[str, str] | None = None,
    ) -> None:
        """Start listening."""
        factory: Any = TwistedGateway(gateway)
        # Neither is read by anyone: the fields of a form, which Twisted would parse, and its log.
        factory._parsePOSTFormSubmission = False  # noqa: SLF001 (an argument of Site)
        factory.log = lambda _: None
        # Without rolo's WebSockets, which nothing serves: their refusal writes from a thread other
        # than Twisted's, after which later connections get no response.
        resource: Any = _Resource
        factory.resource = resource(reactor, reactor.getThreadPool(), _Application(gateway))
        if ssl_creds:
            certificate, key = ssl_creds
            context: Any = ssl.DefaultOpenSSLContextFactory(key, certificate)
            context.getContext().use_certificate_chain_file(certificate)
            factory = TLSMultiplexerFactory(context, False, factory)  # noqa: FBT003
        found = addresses(listen)
        if not any((host, listen[0].port) in found for host in REACHED_BY_LOCALSTACK):
            fail(
                f"GATEWAY_LISTEN={','.join(map(str, listen))} does not name 127.0.0.1 with its"
                " first port. LocalStack sends requests to itself there. Add it."
            )
        for host, port in found:
            try:
                reactor.listenTCP(port, factory, interface=host)
            except CannotListenError as error:
                fail(f"Can't listen on {host} port {port}: {error.socketError}")


class _Application(WsgiGateway):
    """The gateway, which returns a body that is complete as a list of one item."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request: Any = Request(environ)
        # With their case and hyphens as sent.
        request.headers = Headers(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in environ["rolo.headers"]
        )
        response = Response()
        self.gateway.process(request, response)
        parts: Any = response(environ, start_response)
        if not response.is_sequence:
            return parts
        with closing(parts):
            return [b"".join(parts)]


class _Response(HeaderPreservingWSGIResponse):
    """A response whose body, if it is complete, is sent by one call of Twisted's thread.

    Twisted waits until each part is sent, and then for another call that ends the response.
    """

    def run(self) -> None:
        """Call the application, in a thread of its own, and send its response."""
        run: Any = super().run
        try:
            parts = self.application(self.environ, self.startResponse)
        except BaseException as error:  # noqa: BLE001 (raised again where Twisted responds to it)
            self.application = partial(_raised, error)
        else:
            if isinstance(parts, list):
                self.reactor.callFromThread(self._send, parts[0])
                return
            self.application = lambda *_: parts
        run()

    def _send(self, body: bytes) -> None:
        send_headers: Any = self._sendResponseHeaders
        if self._requestFinished:
            return
        send_headers()
        self.request.write(body)
        self.request.finish()


class _Resource(HeaderPreservingWSGIResource):
    def render(self, request: Any) -> Any:
        new: Any = _Response
        new(self._reactor, self._threadpool, self._application, request).start()
        return NOT_DONE_YET


def _raised(error: BaseException, *_: object) -> NoReturn:
    raise error


def fail(reason: str) -> NoReturn:
    """Log an error and exit LocalStack."""
    LOG.error("%s", reason)
    raise LocalstackExit(reason, code=1)


def addresses(listen: list[config.HostAndPort]) -> list[tuple[str, int]]:
    """Return the distinct addresses of hosts, with their ports."""
    found: dict[tuple[str, int], None] = {}
    for each in listen:
        try:
            found_addresses = socket.getaddrinfo(each.host, each.port, type=socket.SOCK_STREAM)
        except OSError as error:
            fail(f"Can't resolve the host {each.host} in GATEWAY_LISTEN: {error}")
        for *_, address in found_addresses:
            found[str(address[0]), each.port] = None
    return list(found)


class NamedAddressesPlugin(RuntimeServerPlugin):
    """``GATEWAY_SERVER=named-addresses``."""

    name = "named-addresses"

    def load(self, *_args: Any, **_kwargs: Any) -> RuntimeServer:
        """Return the server."""
        return NamedAddressesServer()  # type: ignore[no-untyped-call]
