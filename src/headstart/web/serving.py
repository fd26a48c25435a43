"""Run an application: bind, say where, serve, and drain on SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from headstart.errors import ParameterError
from headstart.web.journal import Drain
from headstart.web.limits import Limits
from headstart.web.protocol import Manners, PatientProtocol

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 15
_MOST_HEAD_BYTES = 64 << 10


def bind(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets; port 0 takes any that is free.

    Raises
    ------
    ParameterError
        When the address is taken, forbidden or not one of this machine's.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = addresses[0]
        # Named in full: asyncio sends answers without delay only on sockets that say that they are TCP.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        raise _not_bound(host, port, error) from error
    return [listener]


def url_of(sockets: Sequence[socket.socket]) -> str:
    """Return the address under which bound sockets are reached from this machine."""
    host, port = sockets[0].getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1" if ":" not in host else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what is bound to `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    app: ASGIApp,
    sockets: list[socket.socket],
    *,
    limits: Limits,
    drain: Drain,
    drain_seconds: float = 30.0,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT; what was accepted by then is answered first.

    Parameters
    ----------
    drain
        Marked as begun when the server is told to stop.
    drain_seconds
        How long what is under way may take then; a second SIGINT stops at once.
    started
        Called when requests are taken.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=cast(Any, partial(PatientProtocol, Manners(limits, drain))),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=cast(int, drain_seconds),
        h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
    )
    _Server(config, drain, started).run(sockets)


class _Server(uvicorn.Server):
    """uvicorn's server, ending without a loss and with exit code 0."""

    def __init__(self, config: uvicorn.Config, drain: Drain, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain = drain
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._drain.begun = True
        super().handle_exit(sig, frame)
        self._captured_signals.clear()  # asked to end, and ended as asked: no signal is raised again

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain.begun = True
        await asyncio.sleep(0.02)  # connections that the system has accepted for us are taken over first
        await super().shutdown(sockets)


def _not_bound(host: str, port: int, error: Exception) -> ParameterError:
    number = getattr(error, "errno", None)
    where = f"{host}:{port}"
    if number == errno.EADDRINUSE:
        return ParameterError(f"{where} is in use by another program.", "Choose another one with --port.")
    if number == errno.EACCES:
        return ParameterError(f"{where} may not be used.", "Choose a --port from 1024 up.")
    return ParameterError(
        f"Nothing can be served at {where}: {getattr(error, 'strerror', None) or error}.",
        "Give an address of this machine with --host, and a --port up to 65535.",
    )
