"""What a body may weigh, and how long it may take to arrive."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headstart.errors import Refused
from headstart.web.answers import answer
from headstart.web.limits import Limits

CLOSING = {"Connection": "close"}  # what is left of the body will not be read


class BodyLimit:
    """Refuse bodies that are too large, too slow, or more than there is memory for.

    A size that is announced is judged before anything is read; one that is not, as it arrives.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._held = 0

    @property
    def held(self) -> int:
        """Bytes of all bodies that are promised or here."""
        return self._held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _Watched(self, receive, self._limits)
        try:
            try:
                watched.announce(Headers(scope=scope).get("content-length"))
            except Refused as refused:
                await answer(refused, CLOSING)(scope, receive, send)
                return
            await self._app(scope, watched.receive, watched.closing(send))
        finally:
            self._held -= watched.reserved

    def reserve(self, count: int) -> None:
        """Count bytes as held, or refuse them."""
        if self._held + count > self._limits.held_bytes:
            raise Refused(
                503,
                "busy",
                "Too much is being received at the moment.",
                "Try again in a second.",
                retry_after=1,
            )
        self._held += count


class _Watched:
    """The body of one request."""

    def __init__(self, owner: BodyLimit, receive: Receive, limits: Limits) -> None:
        self.reserved = 0
        self._owner = owner
        self._receive = receive
        self._limits = limits
        self._got = 0
        self._whole = False
        self._deadline = asyncio.get_running_loop().time() + limits.body_seconds

    def announce(self, length: str | None) -> None:
        """Judge the size that the head promises."""
        if length is not None and length.isascii() and length.isdigit():
            self._count(int(length))

    async def receive(self) -> Message:
        """Receive the next piece, within the limits."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise Refused(
                408,
                "slow",
                f"The body did not arrive within {self._limits.body_seconds:g} seconds.",
                "Send less at a time, or over a faster line.",
            ) from error
        if message["type"] == "http.request":
            self._got += len(message.get("body", b""))
            self._count(self._got)
            self._whole = not message.get("more_body", False)
        return message

    def closing(self, send: Send) -> Send:
        """Say that the connection ends where an answer comes before the body has."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not self._whole and self._expects_more():
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        return closing

    def _expects_more(self) -> bool:
        return self.reserved > self._got or self._got > 0

    def _count(self, total: int) -> None:
        if total > self._limits.body_bytes:
            raise Refused(
                413,
                "too_large",
                f"The body has more than {self._limits.body_bytes:,} bytes, which is the most that is taken.",
                "Send fewer or smaller inputs at a time.",
            )
        if total > self.reserved:
            self._owner.reserve(total - self.reserved)
            self.reserved = total
