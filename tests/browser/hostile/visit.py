"""One visit of a hostile page: opens it in Chromium, follows its requests, judges the effect."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Response

from tests.speed import limit

from .attack import Aim, Case, Evidence, Outcome, Sent
from .origins import PUBLIC_ADDRESS, Origin, Pages
from .stage import Stage

SECONDS = limit(45)
"""What a page has for its requests, at most; a little more than page.js gives its script."""

UNSENT_SECONDS = limit(8)
"""After which a page that leaves has sent nothing: the browser has stopped it."""

TURN = 50
"""Milliseconds between two looks at what the page is doing."""


@dataclass(frozen=True, slots=True)
class Browsers:
    """Chromium in two ways."""

    careless: Browser
    """Lets any page reach this machine, as other browsers and older Chromium do."""
    careful: Browser
    """Asks before a page of a public address does (Local Network Access)."""


class Visits:
    """Runs cases, each in a browser profile of its own."""

    def __init__(self, browsers: Browsers, stage: Stage, pages: Pages) -> None:
        self._browsers = browsers
        self._stage = stage
        self._pages = pages
        self._numbers = itertools.count()

    def run(self, case: Case) -> Outcome:
        """Run a case."""
        attack, stage = case.attack, self._stage
        if attack.ends and not stage.is_own:
            return Outcome(case, "", skipped="it would end an emulator that is not ours")
        if attack.needs_runtime and not stage.runtime_ports():
            return Outcome(case, "", skipped="no Runtime API on this loopback interface")
        mark = f"{stage.run}-{next(self._numbers)}"
        aim = Aim(stage, mark, case.origin.base(stage.port))
        if attack.prepare:
            attack.prepare(aim)
        with self._context(case.origin) as context:
            loot: list[str] = []
            context.expose_binding("loot", lambda _, text: loot.append(str(text)))
            url = self._pages.publish(context, case.origin, attack.script(aim), stage.port)
            page = context.new_page()
            watch = Watch(page, {stage.port, *stage.runtime_ports()}, url)
            page.goto(url)
            watch.settle(leaves=attack.leaves)
            effect = attack.effect(Evidence(stage, mark, tuple(loot)))
            return Outcome(case, effect, watch.sent())

    @contextmanager
    def _context(self, origin: Origin) -> Iterator[BrowserContext]:
        is_public = origin is PUBLIC_ADDRESS
        browser = self._browsers.careful if is_public else self._browsers.careless
        context = browser.new_context()
        context.set_default_timeout(SECONDS * 1000)
        yield context
        context.close()


class Watch:
    """Follows the requests of a page, and of those that it opens, to the emulator.

    Of the page itself the network stack's own view is known, of which a page learns nothing: the
    headers as sent, preflights, and the status of answers that the page may not have.
    """

    def __init__(self, page: Page, ports: set[int], url: str) -> None:
        self._context = page.context
        self._url = url
        self._ports = ports
        self._requests: list[Request] = []
        self._ended: dict[Request, str] = {}
        self._sockets: list[str] = []
        self._network: dict[str, dict[str, Any]] = {}
        self._context.on("request", self._begun)
        self._context.on("requestfinished", self._finished)
        self._context.on("requestfailed", self._failed)
        self._context.on("response", self._answered)
        self._sandboxed: set[str] = set()
        page.on("websocket", lambda socket: self._sockets.append(socket.url))
        session = self._context.new_cdp_session(page)
        session.on(
            "Network.requestWillBeSent",
            lambda it: self._note(it, request=it["request"], type=it["type"]),
        )
        session.on(
            "Network.requestWillBeSentExtraInfo", lambda it: self._note(it, headers=it["headers"])
        )
        session.on(
            "Network.responseReceivedExtraInfo", lambda it: self._note(it, status=it["statusCode"])
        )
        session.send("Network.enable")

    def settle(self, *, leaves: bool) -> None:
        """Return when the scripts have ended and, of a page that leaves, its requests."""
        started = time.monotonic()
        while time.monotonic() < started + SECONDS:
            self._context.pages[0].wait_for_timeout(TURN)
            if not all(self._is_at_end(page) for page in self._context.pages):
                continue
            if not leaves:
                return
            late = time.monotonic() > started + UNSENT_SECONDS
            if (self._requests or late) and all(each in self._ended for each in self._requests):
                return

    def sent(self) -> tuple[Sent, ...]:
        """Return what was sent, with what came of it."""
        preflights = [
            Sent("OPTIONS", each["request"]["url"], {}, str(each.get("status", "failed")))
            for each in self._network.values()
            if each.get("type") == "Preflight" and self._is_aimed(each["request"]["url"])
        ]
        requests = [self._sent(each) for each in self._requests]
        sockets = [Sent("WebSocket", url, {}, "") for url in self._sockets]
        return (*preflights, *requests, *sockets)

    def _sent(self, request: Request) -> Sent:
        known = [
            each
            for each in self._network.values()
            if each.get("type") != "Preflight"
            and each.get("request", {}).get("url") == request.url
            and each["request"]["method"] == request.method
        ]
        network: dict[str, Any] = known[-1] if known else {}
        # Playwright's all_headers() waits for ever for a request that is never sent.
        headers = network.get("headers") or request.headers
        status = network.get("status")
        result = self._result(request)
        if status and result != str(status):
            result = f"{status} ({result.removeprefix('net::')})"
        return Sent(request.method, request.url, {k.lower(): v for k, v in headers.items()}, result)

    def _note(self, event: dict[str, Any], **facts: Any) -> None:
        self._network.setdefault(event["requestId"], {}).update(facts)

    def _is_aimed(self, url: str) -> bool:
        return urlsplit(url).port in self._ports and url != self._url

    def _begun(self, request: Request) -> None:
        if self._is_aimed(request.url):
            self._requests.append(request)

    def _finished(self, request: Request) -> None:
        self._ended.setdefault(request, "answered")

    def _failed(self, request: Request) -> None:
        self._ended.setdefault(request, request.failure or "failed")

    def _answered(self, response: Response) -> None:
        if "sandbox" in response.headers.get("content-security-policy", ""):
            self._sandboxed.add(response.url)

    def _is_at_end(self, page: Page) -> bool:
        """Whether the scripts of all frames have ended; a sandboxed document has none."""
        for frame in page.frames:
            if frame.url in self._sandboxed:
                continue
            try:
                frame.evaluate("window.done ?? null")
            except Error:
                return False  # it is being navigated
        return True

    def _result(self, request: Request) -> str:
        if request not in self._ended:
            return "no answer yet"
        with suppress(Error):
            if response := request.response():
                return str(response.status)
        return self._ended[request]
