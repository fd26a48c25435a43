"""One JSON line for each request, with an id that the answer carries too; never anything of what was sent."""

from __future__ import annotations

import itertools
import json
import logging
import os
import queue
import re
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headstart.errors import HeadstartError
from headstart.web.answers import GONE, answer, fault

LOGGER = logging.getLogger("headstart.web")
_RUN = secrets.token_hex(8)
_numbers = itertools.count(1)
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_LINES = 10_000


@dataclass
class Drain:
    """Whether the server is about to stop; set by `headstart.web.serving.serve`."""

    begun: bool = False


@dataclass
class Entry:
    """What is told about one request.

    Attributes
    ----------
    facts
        What the application adds: counts and names of its own, never contents or names of files.
    route
        The pattern of the address, where the application knows it; not what was sent.
    """

    request_id: str
    method: str
    client: str
    route: str = ""
    status: int = 0
    seconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


def entry_of(scope: Scope) -> Entry:
    """Return the entry of a request, for an application to add facts to."""
    entry: Entry = scope["state"]["entry"]
    return entry


class Journal:
    """Give each request an id, write one line about it, and answer where the application fails.

    Parameters
    ----------
    app
        What is wrapped.
    drain
        Once begun, every answer ends its connection.
    observers
        Called with each finished entry, for counting.
    """

    def __init__(
        self, app: ASGIApp, *, drain: Drain | None = None, observers: Sequence[Callable[[Entry], None]] = ()
    ) -> None:
        self._app = app
        self._drain = drain or Drain()
        self._observers = tuple(observers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and write its line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        entry = Entry(_id_of(Headers(scope=scope)), scope["method"][:16], client[0] if client else "")
        scope.setdefault("state", {})["entry"] = entry
        start = time.perf_counter()
        try:
            await self._answered(scope, receive, self._marking(send, entry), entry)
        finally:
            entry.seconds = time.perf_counter() - start
            route = scope.get("route")
            entry.route = entry.route or getattr(route, "path", "")
            for observer in self._observers:
                observer(entry)
            LOGGER.info("request", extra={"fields": _fields(entry)})

    async def _answered(self, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            entry.status = GONE
        except HeadstartError as error:
            if entry.status:
                raise
            await answer(error)(scope, receive, send)
        except Exception as error:
            LOGGER.error("fault", extra={"fields": {"request_id": entry.request_id, **_where(error)}})
            if not entry.status:
                await fault()(scope, receive, send)

    def _marking(self, send: Send, entry: Entry) -> Send:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                own = [
                    (b"x-request-id", entry.request_id.encode("ascii")),
                    (b"x-content-type-options", b"nosniff"),
                ]
                if self._drain.begun:
                    own.append((b"connection", b"close"))
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        return marked


class JsonLines(logging.Handler):
    """Writes each record as one line of JSON, from a thread of its own.

    A terminal or pipe that stands still never stops the server: lines are dropped then, and counted.
    """

    def __init__(self, put: Callable[[str], object]) -> None:
        super().__init__()
        self._put = put
        self._lines: queue.Queue[str | None] = queue.Queue(_MOST_LINES)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one line."""
        try:
            self._lines.put_nowait(_line(record))
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what is queued, for a moment at most."""
        try:
            self._lines.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(timeout=2.0)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                line = f"{_json({'event': 'dropped', 'lines': dropped})}\n{line}"
            try:
                self._put(f"{line}\n")
            except (OSError, ValueError):  # whoever read the log is gone; the server goes on
                continue


def write_json_lines(stream: TextIO | None = None) -> JsonLines:
    """Send the lines of requests, and what uvicorn has to say, to `stream`; return the handler to close.

    Standard error by default, past Python's own buffer: a thread that stands still in it would keep the
    program from ending.
    """
    handler = JsonLines(_to_standard_error if stream is None else stream.write)
    for name in (LOGGER.name, "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO if name == LOGGER.name else logging.WARNING)
    return handler


def _to_standard_error(text: str) -> None:
    rest = memoryview(text.encode("ascii"))
    while rest:
        rest = rest[os.write(2, rest) :]


def _id_of(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else f"{_RUN}-{next(_numbers):x}"


def _fields(entry: Entry) -> dict[str, Any]:
    return {
        "request_id": entry.request_id,
        "client": entry.client,
        "method": entry.method,
        "route": entry.route,
        "status": entry.status,
        "ms": round(entry.seconds * 1000, 2),
        **entry.facts,
    }


def _line(record: logging.LogRecord) -> str:
    line = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": record.getMessage().strip(),
        **getattr(record, "fields", {}),
    }
    if record.exc_info and record.exc_info[1] is not None:
        line |= _where(record.exc_info[1], record.exc_info[2])
    return _json(line)


def _where(error: BaseException, trace: TracebackType | None = None) -> dict[str, Any]:
    """Tell where an error arose, without its words: they may quote what was sent."""
    frames = traceback.extract_tb(trace or error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=True, default=str)
