"""HTTP/1.1 with deadlines: uvicorn's own protocol, for peers that are slow, silent or too many."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from headstart.web.journal import Drain
from headstart.web.limits import Limits

LAME_DUCK_SECONDS = 0.5
"""How long a connection at rest stays open when the server stops, for a request that is on its way."""

_LINGER_SECONDS = 2.0
_WRITE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Manners:
    """What `PatientProtocol` goes by."""

    limits: Limits
    drain: Drain


class PatientProtocol(H11Protocol):
    """Ends connections whose requests or answers do not move; answers in JSON where no request came about.

    Parameters
    ----------
    manners
        Limits and drain; the others are uvicorn's.
    """

    def __init__(self, manners: Manners, **given: Any) -> None:
        super().__init__(**given)
        self._manners = manners
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._discarding = False
        self._began = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or say that there are too many."""
        super().connection_made(cast(asyncio.Transport, _Lingering(transport, self)))
        self._wait_for_head()
        if len(self.connections) > self._manners.limits.connections:
            self._reply(
                503,
                "busy",
                "There are too many connections at the moment.",
                "Try again in a second.",
                {"Retry-After": "1"},
            )

    def data_received(self, data: bytes) -> None:
        """Take bytes; the time for the head of a request runs from its first byte on."""
        if self._discarding:
            return
        self._began = True
        super().data_received(data)
        if self._waits_for_head():
            self._wait_for_head()
        else:
            self._stop(self._head_timer)
            self._head_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._stop(self._head_timer)
        self._stop(self._write_timer)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        self._reply(400, "not_http", "What was sent is not a valid HTTP request.", "Use an HTTP client.")

    def on_response_complete(self) -> None:
        """End a request; the head of the next one may take its time from its first byte."""
        self._began = False
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Note that the peer does not take the answer."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(_WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Note that it does again."""
        super().resume_writing()
        self._stop(self._write_timer)
        self._write_timer = None

    def shutdown(self) -> None:
        """Let a request that is being answered, or is on its way, be answered first."""
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LAME_DUCK_SECONDS, self._close_if_at_rest)
        else:
            self.cycle.keep_alive = False

    def lingers(self) -> bool:
        """Return whether the peer may still be sending, so that closing at once would lose the answer."""
        return self._discarding or self.conn.their_state is h11.SEND_BODY

    def discard(self) -> None:
        """Take whatever still comes to nowhere."""
        self._discarding = True
        self.flow.resume_reading()

    def _waits_for_head(self) -> bool:
        return self.conn.their_state is h11.IDLE and not self.transport.is_closing()

    def _wait_for_head(self) -> None:
        if self._head_timer is None and (self._began or self.cycle is None):
            seconds = self._manners.limits.header_seconds
            self._head_timer = self.loop.call_later(seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing() or not self._waits_for_head():
            return
        if not self._began:  # browsers open connections ahead and may never use them
            self.transport.close()
            return
        seconds = self._manners.limits.header_seconds
        self._reply(408, "slow", f"The head of the request did not arrive within {seconds:g} seconds.", None)

    def _close_if_at_rest(self) -> None:
        at_rest = self.cycle is None or self.cycle.response_complete
        if at_rest and not self.transport.is_closing() and not self.conn.trailing_data[0]:
            self.transport.close()

    def _reply(
        self,
        status: int,
        code: str,
        message: str,
        hint: str | None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer without an application, and end the connection."""
        body = json.dumps({"code": code, "message": message, "hint": hint}).encode()
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
            "X-Content-Type-Options: nosniff",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        self._discarding = True
        self.transport.close()

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()


class _Lingering:
    """A transport that, where the peer is still sending, closes only its own half at first.

    Closing both at once makes the system answer what still arrives with a reset, and the peer loses the
    answer that says why: 413, 408 and 503 would look like a broken line.
    """

    def __init__(self, transport: asyncio.Transport, protocol: PatientProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._half_closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._half_closed or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        if not self._half_closed:
            self._transport.write(data)

    def close(self) -> None:
        if self._half_closed:
            return
        if (
            self._transport.is_closing()
            or not self._protocol.lingers()
            or not self._transport.can_write_eof()
        ):
            self._transport.close()
            return
        self._half_closed = True
        self._protocol.discard()
        with suppress(OSError):  # the peer is gone already
            self._transport.write_eof()
        self._protocol.loop.call_later(_LINGER_SECONDS, self._transport.close)
