"""The real server in a real process, with models that were trained on real data."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

REPO = Path(__file__).resolve().parents[1]
SHARED_CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))
DATA = SHARED_CACHE / "data"
TRAINED = {
    "photos": ("image/stamp_photos", ("bird", "coin", "flower"), 16, "efficientnet_lite0"),
    "voice": ("audio/spoken_commands", ("yes", "no", "left"), 16, "speech_embedding"),
}


class Server:
    """``headstart serve`` in a process of its own.

    Attributes
    ----------
    process, port, said
        The process, where it listens, and what it printed.
    """

    def __init__(self, models: Sequence[object], *options: object, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "headstart",
                "serve",
                *map(str, models),
                "--port",
                "0",
                *map(str, options),
            ],
            env=environment() | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._log: list[str] = []
        self.said = ""
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        for line in self.process.stdout:
            self.said += line
            found = re.search(r"http://[^ ]*:(\d+)/docs", line)
            if found:
                self.port = int(found[1])
                break
        else:
            raise AssertionError(f"It did not start: {self.process.wait()}\n{self.said}\n{self._log}")

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self._log.extend(self.process.stderr)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log so far; each must be JSON."""
        return [json.loads(line) for line in list(self._log)]

    def log_text(self) -> str:
        return "".join(self._log)

    def client(self, **given: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False, **given)

    def predict(self, model: str, files: Sequence[bytes], **given: Any) -> httpx.Response:
        parts = [("files", (f"{number}.bin", content)) for number, content in enumerate(files)]
        with self.client() as client:
            return client.post(f"/v1/models/{model}:predict", files=parts, **given)

    def raw(self, content: bytes, *, seconds: float = 20.0, finish: bool = True) -> bytes:
        """Send bytes as they are; return all that comes back until the server ends the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            line.sendall(content)
            if finish:
                line.shutdown(socket.SHUT_WR)
            return drained(line)

    def decoders(self) -> list[int]:
        """Return the process ids of its decoders."""
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
                command = (status.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if f"PPid:\t{self.process.pid}\n" in text and b"headstart.web.decoder" in command:
                found.append(int(status.parent.name))
        return sorted(found)

    def is_well(self) -> bool:
        """Return whether the server still lives and answers."""
        with self.client() as client:
            return self.process.poll() is None and client.get("/healthz").status_code == 200

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join(10)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code


def drained(line: socket.socket) -> bytes:
    got = b""
    try:
        while piece := line.recv(65536):
            got += piece
    except ConnectionResetError:
        return got
    return got


def one_answer(line: socket.socket) -> bytes:
    """Read one whole answer from a connection that stays open."""
    got = b""
    while b"\r\n\r\n" not in got or len(got) < _end_of(got):
        piece = line.recv(65536)
        if not piece:
            return got
        got += piece
    return got


def _end_of(answer: bytes) -> int:
    head, _, _ = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return len(head) + 4 + (int(length[1]) if length else 0)


def status_of(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer[9:12])


def body_of(answer: bytes) -> Any:
    head, _, rest = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    assert length is not None
    return json.loads(rest[: int(length[1])])


def environment() -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HEADSTART_")}
    return {
        **clean,
        "HEADSTART_CACHE": str(SHARED_CACHE / "headstart"),
        "HEADSTART_OFFLINE": "1",
        "HEADSTART_NO_CACHE": "1",
    }


def wait_until(true: Any, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come true")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of each kind, trained by the real program on a few real examples."""
    root = tmp_path_factory.mktemp("trained")
    for name, (source, classes, count, base) in TRAINED.items():
        for kind in classes:
            (root / f"{name}-data" / kind).mkdir(parents=True)
            for file in sorted((DATA / source / kind).iterdir())[:count]:
                shutil.copy2(file, root / f"{name}-data" / kind)
        _train(root, f"{name}-data", name, base)
    lines = (DATA / "text" / "news_topic.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (root / "news.csv").write_text("".join(lines[:150]), encoding="utf-8")
    _train(root, "news.csv", "news", "wordllama_256")
    return {name: root / name for name in ("photos", "voice", "news")}


def _train(root: Path, source: str, name: str, base: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "headstart", "train", source, "-o", name, "--base", base, "--json"],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def server(trained: dict[str, Path]) -> Iterator[Server]:
    """One server of three models, for all tests that leave it as it was."""
    running = Server(list(trained.values()), "--body-timeout", "2", "--header-timeout", "1")
    yield running
    assert running.process.poll() is None, "a test ended the server"
    assert running.stop() == 0
