"""A client that costs little: requests made once, sent again and again over loopback, answers counted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

PATIENCE = 120.0
"""Seconds after which a request counts as hanging."""


@dataclass
class Seen:
    """What came back."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    hung: int = 0
    broken: int = 0
    retry_after: int = 0

    def count(self, status: int) -> int:
        return len(self.seconds.get(status, ()))

    def percentile(self, status: int, share: float) -> float:
        found = sorted(self.seconds.get(status, ())) or [float("nan")]
        return found[min(len(found) - 1, int(share * len(found)))]


def form_request(path: str, files: Sequence[bytes]) -> bytes:
    parts = [
        b'--xyz\r\nContent-Disposition: form-data; name="files"; filename="%d.bin"\r\n\r\n' % number
        + content
        + b"\r\n"
        for number, content in enumerate(files)
    ]
    return _request(path, b"multipart/form-data; boundary=xyz", b"".join(parts) + b"--xyz--\r\n")


def json_request(path: str, texts: Sequence[str]) -> bytes:
    return _request(path, b"application/json", json.dumps({"inputs": list(texts)}).encode())


def _request(path: str, kind: bytes, body: bytes) -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (path.encode(), kind, len(body)) + body


async def closed_loop(port: int, requests: Sequence[bytes], connections: int, total: int) -> Seen:
    """Send `total` requests over `connections`, each waiting for its answer before the next."""
    seen, numbers = Seen(), iter(range(total))

    async def one() -> None:
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for number in numbers:
            line = await _send(port, requests[number % len(requests)], seen, line)
        if line is not None:
            line[1].close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return seen


async def open_loop(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Seen:
    """Send requests at a fixed rate, whether or not answers come."""
    seen, tasks = Seen(), []
    start = time.perf_counter()
    number = 0
    while (due := start + number / rate) < start + seconds:
        pause = due - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.create_task(_alone(port, requests[number % len(requests)], seen)))
        number += 1
    await asyncio.gather(*tasks)
    return seen


async def _alone(port: int, request: bytes, seen: Seen) -> None:
    line = await _send(port, request, seen, None)
    if line is not None:
        line[1].close()


async def _send(
    port: int, request: bytes, seen: Seen, line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """Send one request; return the connection where it can be used again."""
    start = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            if line is None:
                line = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = line
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            fields = head.lower()
            length = int(fields.partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
    except TimeoutError:
        seen.hung += 1
        return None
    except (OSError, asyncio.IncompleteReadError):
        seen.broken += 1
        return None
    seen.seconds.setdefault(status, []).append(time.perf_counter() - start)
    seen.retry_after += b"retry-after:" in fields
    if b"connection: close" in fields:
        writer.close()
        return None
    return line
