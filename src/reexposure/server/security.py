"""Who may talk to the server: this page only, whatever else the browser has open.

A web page anywhere can make a browser send requests to 127.0.0.1, and a host name of an attacker
can be made to mean 127.0.0.1 (DNS rebinding). Both are told apart from the page by what the
browser says truthfully about a request: its Host and its Origin.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READING = ("GET", "HEAD")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What a photo looks like is nobody's business after the page is closed.
    "Cache-Control": "no-store",
}


class OwnPageOnly:
    """Refuses (403) requests that do not come from the page itself, and hardens every answer.

    ``hosts`` are the Host headers that are this server, port included: ``{"127.0.0.1:8537"}``.
    Anything but a GET or HEAD must name its Origin, and it must be the very host it talks to; a
    missing one and ``null`` (sandboxed frames, local files) are refused.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":  # web sockets are not served at all
                await self.app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        reason = self._refusal(scope["method"], Headers(scope=scope))
        if reason:
            await JSONResponse({"error": reason}, 403)(scope, receive, hardened)
        else:
            await self.app(scope, receive, hardened)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return "this server answers only under its own name"
        if method not in READING and origins != [f"http://{hosts[0].lower()}"]:
            return "only the page itself may ask for this"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return "other sites may not read from here"
        return None
