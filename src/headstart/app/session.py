"""Who is at the screen: the token in the opened address becomes a cookie that only this app's pages send."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headstart.files import write_whole
from headstart.web.body import BodyLimit
from headstart.web.guard import same_token
from headstart.web.limits import Limits

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

OPEN = ("/static/", "/strings/")
HEALTH = "/healthz"
_STREAMED = ("/examples", "/table", "/predict", "/documents", "/questions")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}


def secret_of(workspace: Workspace) -> str:
    """Return what the cookie of this workspace holds: the same after a restart, so that open tabs go on."""
    path = workspace.inside / "session"
    try:
        found = path.read_text(encoding="ascii").strip()
        if len(found) >= 32:
            return found
    except (OSError, UnicodeDecodeError):
        pass
    made = secrets.token_urlsafe(32)
    write_whole(path, made.encode("ascii"), private=True)
    return made


class Session:
    """Let in who has the cookie, or brings the token.

    Parameters
    ----------
    app
        What is guarded.
    token
        What the opened address brings.
    secret
        What the cookie holds.
    port
        Part of the cookie's name: browsers send the cookies of one host to all its ports.
    refuse
        Makes the answer to a request of a stranger.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        secret: str,
        port: int,
        refuse: Callable[[Scope], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._token, self._secret, self._refuse = token, secret, refuse
        self.cookie = f"headstart_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, turn its token into a cookie, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path == HEALTH or path.startswith(OPEN):
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" and self._brings_token(scope):
            await self._welcome(path)(scope, receive, send)
        elif self._knows(Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            answer = await self._refuse(scope)
            await answer(scope, receive, send)

    def _knows(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        given = cookies.get(self.cookie)
        return given is not None and same_token(given.value, self._secret)

    def _brings_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        return len(given) == 1 and same_token(given[0], self._token)

    def _welcome(self, path: str) -> Response:
        # The address without the token: it shall not stay in the browser's history or on a shared screen.
        answer = RedirectResponse(path if path.startswith("/projects/") else "/", status_code=303)
        answer.set_cookie(
            self.cookie, self._secret, httponly=True, samesite="strict", path="/", max_age=30 * 86400
        )
        return answer


class Bodies:
    """Bound the bodies of requests, except where files are sent: those go to the disk, and are bounded there.

    Parameters
    ----------
    app
        What is guarded.
    limits
        For every other body; it is held in memory.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limited = app, BodyLimit(app, limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        streamed = scope["type"] == "http" and scope["path"].endswith(_STREAMED)
        await (self._app if streamed else self._limited)(scope, receive, send)


class SafeHeaders:
    """Give every answer the headers that keep a browser from doing what it should not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, safe if scope["type"] == "http" else send)
