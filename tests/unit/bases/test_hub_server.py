"""Fetching from a hub, played by a small server on this machine; the hub's own client reads its answers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from made_bases import card_table, sha256, tiny_members, to_toml

pytest.importorskip("huggingface_hub")
MEMBERS = tiny_members()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "somebody/tiny"


@dataclass
class Hub:
    """What the server was asked, and how it behaves.

    Attributes
    ----------
    cut
        Whether the first file breaks off half way.
    """

    port: int = 0
    gated: bool = False
    cut: bool = False
    files: dict[str, bytes] = field(default_factory=lambda: dict(MEMBERS))
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)


class Server(ThreadingHTTPServer):
    hub: Hub


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        data, start = self.answer()
        hub = self.server.hub
        if hub.cut and data:
            hub.cut, data = False, data[: 2 * len(data) // 3]
            self.close_connection = True
        self.wfile.write(data[start:])

    def answer(self) -> tuple[bytes, int]:
        """Send the headers; return the file, and from where on it is wanted."""
        hub = self.server.hub
        hub.asked.append(self.path)
        place = urlsplit(self.path).path  # a proxy is asked for whole addresses
        data = hub.files.get(place.partition(f"/{REPO}/resolve/{COMMIT}/")[2])
        if hub.gated or data is None:
            self.refuse(*((403, "GatedRepo") if hub.gated else (404, "EntryNotFound")))
            return b"", 0
        wanted = self.headers.get("Range", "")
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        hub.ranges += [wanted] if start else []
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", f'"{sha256(data)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        return data, start

    def refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Server(("127.0.0.1", 0), Answers)
    server.hub = Hub(port=server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.hub
    server.shutdown()
    server.server_close()
    thread.join()


PROGRAM = """
import sys
from pathlib import Path
from headstart.bases.catalogue import read_card
from headstart.bases.sources import fetch
from headstart.errors import HeadstartError
try:
    found = fetch(read_card(Path(sys.argv[1])), Path(sys.argv[2]))
except HeadstartError as error:
    print(type(error).__name__, error)
else:
    print(*sorted(found), *(path.stat().st_size for path in found.values()))
"""


def get(hub: Hub, folder: Path, *, wrong: bool = False, **settings: str) -> str:
    """Fetch a base in a process of its own: the client reads its settings when it is imported."""
    members = {
        role: {"path": path, "sha256": "0" * 64 if wrong else sha256(hub.files[path])}
        for role, path in (("weights", "tiny/w.safetensors"), ("tokenizer", "tiny/t.json"))
    }
    source = {"kind": "hf", "repo": REPO, "revision": COMMIT, "members": members}
    card = folder / "card.toml"
    card.write_text(to_toml(card_table(source=[source])), encoding="utf-8")
    bare = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = bare | {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.port}",
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HEADSTART_OFFLINE": "0",
        "NO_PROXY": "",
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(card), str(folder)],
        env=environment, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


SIZES = f"{len(MEMBERS['tiny/w.safetensors'])} {len(MEMBERS['tiny/t.json'])}"


def test_files_are_fetched_and_then_found_without_network(hub: Hub, tmp_path: Path) -> None:
    assert get(hub, tmp_path) == f"tokenizer weights {SIZES}"
    assert any(f"/resolve/{COMMIT}/tiny/w.safetensors" in path for path in hub.asked)
    hub.asked.clear()
    assert get(hub, tmp_path, HEADSTART_OFFLINE="1") == f"tokenizer weights {SIZES}"
    assert hub.asked == []


def test_offline_says_what_to_do(hub: Hub, tmp_path: Path) -> None:
    said = get(hub, tmp_path, HEADSTART_OFFLINE="1")
    assert said.startswith(f"BaseUnavailableError Tiny could not be fetched from hf:{REPO}@{COMMIT}: ")
    assert "headstart bases get tiny" in said
    assert hub.asked == []


def test_a_fetch_that_breaks_off_is_taken_up_again(hub: Hub, tmp_path: Path) -> None:
    hub.files["tiny/w.safetensors"] = bytes(24_000_000)  # the client keeps what it has by 10 MB
    hub.cut = True
    assert get(hub, tmp_path).startswith("tokenizer weights 24000000 ")
    assert hub.ranges == ["bytes=10485760-"]


def test_other_bytes_than_the_cards_are_refused(hub: Hub, tmp_path: Path) -> None:
    said = get(hub, tmp_path, wrong=True)
    assert said.startswith("CorruptBaseError tiny/w.safetensors of tiny should have sha256 0000000000000000…")


def test_a_gated_model_is_told_as_such(hub: Hub, tmp_path: Path) -> None:
    hub.gated = True
    said = get(hub, tmp_path)
    assert said.startswith(f"BaseUnavailableError Tiny could not be fetched from hf:{REPO}@{COMMIT}: ")
    assert "gated" in said.lower()


def test_a_proxy_is_used(hub: Hub, tmp_path: Path) -> None:
    proxy = f"http://127.0.0.1:{hub.port}"
    settings = {"HF_ENDPOINT": "http://hub.invalid", "HTTP_PROXY": proxy, "http_proxy": proxy}
    assert get(hub, tmp_path, **settings) == f"tokenizer weights {SIZES}"
    assert all(path.startswith("http://hub.invalid/") for path in hub.asked)
