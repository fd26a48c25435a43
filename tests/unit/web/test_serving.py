"""Binding: what is told where it cannot be done, and how the sockets are made."""

from __future__ import annotations

import asyncio
import socket

import pytest

from coroutines import complete
from headstart.errors import ParameterError
from headstart.web.serving import bind, is_loopback, url_of


def test_answers_are_sent_without_delay() -> None:
    """Nagle's algorithm with delayed acknowledgement would cost 40 ms a request on a kept connection."""
    found: list[int] = []

    class Asking(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            found.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def once() -> None:
        [listener] = bind("127.0.0.1", 0)
        server = await asyncio.get_running_loop().create_server(Asking, sock=listener)
        async with server:
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()

    complete(once())
    assert found == [1]


def test_a_port_that_is_taken_is_told() -> None:
    [listener] = bind("127.0.0.1", 0)
    with listener:
        with pytest.raises(ParameterError, match="in use by another program"):
            bind("127.0.0.1", listener.getsockname()[1])
        assert url_of([listener]).startswith("http://127.0.0.1:")


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ParameterError, match="Nothing can be served at"):
        bind("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("models.example", False),
        ("", False),
    ],
)
def test_who_can_connect(host: str, own: bool) -> None:
    assert is_loopback(host) is own
