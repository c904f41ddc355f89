"""Who may talk to the server: this page only, whatever else the browser has open, and whoever else is logged in.

A web page anywhere can make a browser send requests to 127.0.0.1, and a host name of an attacker
can be made to mean 127.0.0.1 (DNS rebinding). Both are told apart from the page by what the
browser says truthfully about a request: its Host and its Origin. Programs of other accounts of the
machine can say what they like there, but do not know the token that every path begins with. It is no
cookie, as those go to every server of this machine, whoever runs it.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
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
    """Refuses what does not come from the page itself (403) or lies not below ``/token/`` (401); hardens every answer.

    ``hosts`` are the Host headers that are this server, port included: ``{"127.0.0.1:8537"}``.
    Anything but a GET or HEAD must name its Origin, and it must be the very host it talks to; a
    missing one and ``null`` (sandboxed frames, local files) are refused. Where ``programs`` may ask, too, which know
    the token and no Origin, a missing one is not: browsers name it whenever another site asks.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], token: str, programs: bool = False) -> None:
        self.app = app
        self.hosts = hosts
        self.token = token
        self.programs = programs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":  # web sockets are not served at all
                await self.app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        token, slash, path = scope["path"].removeprefix("/").partition("/")
        if reason := self._refusal(scope["method"], not path, Headers(scope=scope)):
            await JSONResponse({"error": reason}, 403)(scope, receive, hardened)
        elif not secrets.compare_digest(token.encode(), self.token.encode()):
            reason = "open the page by the address that reexpose serve printed"
            if self.programs:
                reason = "the token is missing or wrong; every path begins with the one that reexpose serve printed"
            await JSONResponse({"error": reason}, 401)(scope, receive, hardened)
        elif not slash:  # without the slash, no link of the page would be right
            await RedirectResponse(f"/{token}/")(scope, receive, hardened)
        else:
            await self.app({**scope, "path": f"/{path}"}, receive, hardened)

    def _refusal(self, method: str, is_page: bool, headers: Headers) -> str | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return "this server answers only under its own name"
        own = [f"http://{hosts[0].lower()}"]
        if method not in READING and origins != own and not (self.programs and not origins):
            return "only the page itself may ask for this"
        going_there = method == "GET" and is_page and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not going_there:
            return "other sites may not read from here"
        return None
