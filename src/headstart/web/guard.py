"""Who may ask: the Host, Origin and Sec-Fetch-Site of a request, and its token.

A page of another site that is open in the same browser can send requests to a server on this machine, and by
DNS rebinding even read the answers. Names of hosts that are not ours, and origins that are not ours, are
refused before anything is read; addresses in digits cannot be rebound.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headstart.errors import Refused
from headstart.web.answers import answer

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")
_LOCAL = {"localhost"}
_SAME = {"same-origin", "none"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}


def bearer(headers: Headers) -> str | None:
    """Return the token of an ``Authorization: Bearer`` header."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def same_token(given: str | None, wanted: str) -> bool:
    """Compare in a time that tells nothing about the right token, its length included."""
    digests = [
        hashlib.sha256((text or "").encode("utf-8", "surrogateescape")).digest() for text in (given, wanted)
    ]
    return hmac.compare_digest(*digests)


class Guard:
    """Refuse requests that do not come from where they should.

    Parameters
    ----------
    app
        What is guarded.
    hosts
        Names, beside ``localhost``, by which the server is called. ``*`` allows any.
    loopback
        Whether only this machine can connect: then of the addresses in digits only loopback ones are right.
    origins
        Origins (``https://example.org``) of other sites whose pages may ask; they get CORS headers.
    token
        What a request must bring; None asks for none.
    open_paths
        Paths that need no token.
    asking_token, asking
        A token that stands in pages for everybody to read, and which paths it opens.
    token_of
        How a request brings its token.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] = (),
        loopback: bool = True,
        origins: Collection[str] = (),
        token: str | None = None,
        open_paths: Collection[str] = (),
        asking_token: str | None = None,
        asking: Callable[[str], bool] = lambda path: False,
        token_of: Callable[[Headers], str | None] = bearer,
    ) -> None:
        self._app = app
        self._hosts = {host.lower().rstrip(".") for host in hosts}
        self._loopback = loopback
        self._origins = {origin.lower().rstrip("/") for origin in origins}
        self._token = token
        self._open = frozenset(open_paths)
        self._asking_token, self._asking = asking_token, asking
        self._token_of = token_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and pass it on, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "").lower()
        shared = origin if origin in self._origins else None
        try:
            self._check_framing(headers)
            self._check_host(headers)
            self._check_origin(scope, headers, shared)
            preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
            if not (shared and preflight):
                self._check_token(scope, headers)
        except Refused as refused:
            wanted = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
            await answer(refused, wanted)(scope, receive, _sharing(send, shared))
            return
        if shared and preflight:
            await Response(None, 204, _PREFLIGHT)(scope, receive, _sharing(send, shared))
            return
        await self._app(scope, receive, _sharing(send, shared))

    @staticmethod
    def _check_framing(headers: Headers) -> None:
        """Refuse what a proxy in front and we could read as two different requests."""
        if "transfer-encoding" in headers and "content-length" in headers:
            raise Refused(
                400, "framing", "A request has either Content-Length or Transfer-Encoding, not both."
            )

    def _check_host(self, headers: Headers) -> None:
        given = headers.getlist("host")
        match = _HOST.fullmatch(given[0]) if len(given) == 1 else None
        if match is None or not self._is_ours(match["name"].lower().rstrip(".")):
            raise Refused(
                421,
                "host",
                "The Host of this request is not one that this server is called by.",
                "Call it localhost or by its address; the option --allow-host allows another name.",
            )

    def _is_ours(self, name: str) -> bool:
        if name in _LOCAL or name in self._hosts or "*" in self._hosts:
            return True
        try:
            address = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return address.is_loopback or not self._loopback

    def _check_origin(self, scope: Scope, headers: Headers, shared: str | None) -> None:
        site = headers.get("sec-fetch-site")
        follows_link = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        origins = headers.getlist("origin")
        foreign = bool(origins) and not (len(origins) == 1 and _is_same(origins[0], headers["host"]))
        if site is not None and site not in _SAME and not follows_link:
            foreign = True
        if foreign and shared is None:
            raise Refused(
                403,
                "origin",
                "This request was sent by a page of another site.",
                "The option --allow-origin allows a site whose pages may ask.",
            )

    def _check_token(self, scope: Scope, headers: Headers) -> None:
        if self._token is None or scope["path"] in self._open:
            return
        given = self._token_of(headers)
        may_ask = self._asking_token is not None and self._asking(scope["path"])
        if may_ask and same_token(given, self._asking_token or ""):
            return
        if not same_token(given, self._token):
            raise Refused(
                401,
                "token",
                "This server asks for a token, and the request brings none or a wrong one.",
                "Send it as the header  Authorization: Bearer TOKEN.",
            )


def _is_same(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _sharing(send: Send, origin: str | None) -> Send:
    """Let the page of an allowed origin read the answer."""
    if origin is None:
        return send

    async def shared(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "X-Request-ID, Retry-After"
            headers.add_vary_header("Origin")
        await send(message)

    return shared
