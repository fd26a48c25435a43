"""Kill the app and its worker at random moments of a walk: nothing that was said to be saved is lost."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "app"))
from speaking import pictures

from headstart.app.workspace import Workspace

TOKEN = "token-of-the-walk"
KINDS = ("croissant", "scone", "bagel")
JOB_STATES = {"queued", "running", "done", "failed", "cancelled"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """The real program on a workspace, to be killed."""

    def __init__(self, root: Path, log: Path) -> None:
        self.port = _free_port()
        self.log = log.open("ab")
        command = [sys.executable, "-m", "headstart", "app", "--workspace", str(root), "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--token", TOKEN], stdout=self.log, stderr=self.log
        )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)
        until = time.monotonic() + 60
        while True:
            try:
                if self.http.get("/api/projects", params={"token": TOKEN}).status_code == 303:
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < until, "the app did not open"
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()  # the client is left to the thread that may be using it

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=30) == 0
        self.http.close()
        self.log.close()


def _worker_pids(root: Path) -> list[int]:
    """Find the worker of this workspace; it may have been started by an app that was killed since."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"headstart.app.worker" in words and os.fsencode(root) in words:
                found.append(int(place.name))
    return found


@dataclass
class Known:
    """What was said to be saved."""

    project: str = ""
    examples: dict[str, str] = field(default_factory=dict)
    """Id to class name."""
    content: dict[str, bytes] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    """Ids about which a question was open when the app was killed: both answers are right."""
    jobs: set[str] = field(default_factory=set)
    done: int = 0


class Walk:
    """Acts like a person in a hurry, and remembers what it was told."""

    def __init__(self, app: App, known: Known, draw: random.Random) -> None:
        self.app, self.known, self.draw = app, known, draw
        self.stopped = threading.Event()
        self.wrong: BaseException | None = None

    def go(self) -> None:
        """Act until the app is gone."""
        try:
            while not self.stopped.is_set():
                self.draw.choice([self._add, self._add, self._move, self._delete, self._undo, self._train])()
                self.known.done += 1
        except httpx.TransportError:
            return
        except BaseException as error:
            self.wrong = error

    def _ask(self, path: str, **more: Any) -> Any:
        answer = self.app.http.post(f"/api/projects/{self.known.project}{path}", **more)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.status_code < 400 else None

    def _classes(self) -> dict[str, str]:
        listed = self.app.http.get(f"/api/projects/{self.known.project}/classes").json()["classes"]
        return {one["name"]: one["id"] for one in listed}

    def _add(self) -> None:
        made = pictures(self.draw.randint(1, 6), seed=self.draw.randrange(1 << 30))
        parts = [("files", (f"{self.draw.choice(KINDS)}/{i}.png", one)) for i, one in enumerate(made)]
        said = self._ask("/examples", files=parts)
        names = {ident: name for name, ident in self._named(said["classes"]).items()}
        assert len(said["added"]) == len(made), said["rejected"]
        for one, content in zip(said["added"], made, strict=True):
            self.known.content[one["id"]] = content
            self.known.examples[one["id"]] = names[one["class_id"]]

    @staticmethod
    def _named(classes: list[dict[str, Any]]) -> dict[str, str]:
        return {one["name"]: one["id"] for one in classes}

    def _some(self) -> list[str]:
        ids = sorted(self.known.examples)
        return self.draw.sample(ids, min(len(ids), self.draw.randint(1, 8)))

    def _move(self) -> None:
        classes, ids = self._classes(), self._some()
        if not classes or not ids:
            return
        name = self.draw.choice(sorted(classes))
        self.known.doubtful |= set(ids)
        said = self._ask("/examples/move", json={"ids": ids, "class_id": classes[name]})
        self.known.doubtful -= set(ids)
        assert said is not None
        self.known.examples |= dict.fromkeys(ids, name)

    def _delete(self) -> None:
        ids = self._some()[:2]
        self.known.doubtful |= set(ids)
        assert self._ask("/examples/delete", json={"ids": ids}) is not None
        self.known.doubtful -= set(ids)
        for ident in ids:
            self.known.examples.pop(ident, None)

    def _undo(self) -> None:
        """Undo, and ask what there is now: only the app knows what the last step was."""
        before = set(self.known.examples)
        self.known.doubtful |= set(self.known.content)
        self._ask("/undo")
        there = _there(self.app, self.known)
        self.known.doubtful -= set(self.known.content)
        assert before - set(there) <= set(self.known.content)
        self.known.examples = {
            ident: name for ident, (name, _) in there.items() if ident in self.known.content
        }

    def _train(self) -> None:
        said = self._ask("/jobs", json={"kind": self.draw.choice(["check", "train"])})
        if said is not None:
            self.known.jobs.add(said["id"])


def _there(app: App, known: Known) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return every example there is: id to the name of its class and itself."""
    path = f"/api/projects/{known.project}"
    names = {c["id"]: c["name"] for c in app.http.get(f"{path}/classes").json()["classes"]}
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    while True:
        page = app.http.get(f"{path}/examples", params={"offset": len(found), "limit": 500}).json()
        found |= {one["id"]: (names[one["class_id"]], one) for one in page["items"]}
        if not page["items"]:
            return found


def _check(app: App, known: Known) -> None:
    """Compare what there is with what was said to be saved."""
    app.http.post(f"/api/projects/{known.project}/rescan")
    there = _there(app, known)
    for ident, name in known.examples.items():
        if ident not in known.doubtful:
            assert ident in there, "an example that was saved is gone"
            assert there[ident][0] == name, "an example that was moved is not where it was said to be"
    for ident, (_, one) in there.items():
        if ident in known.content:
            assert ident in known.examples or ident in known.doubtful, "a deleted example came back"
            assert app.http.get(one["url"]).content == known.content[ident]
    listed = {job["id"]: job for job in app.http.get(f"/api/projects/{known.project}/jobs").json()["jobs"]}
    assert known.jobs <= set(listed)
    assert {job["state"] for job in listed.values()} <= JOB_STATES
    # From here on, what there is counts: the open questions have their answers.
    known.examples = _mine(there, known)
    known.doubtful = set()


def _mine(there: dict[str, tuple[str, dict[str, Any]]], known: Known) -> dict[str, str]:
    """Return the classes of those examples that the walk brought in."""
    return {ident: name for ident, (name, _) in there.items() if ident in known.content}


def _walk(root: Path, log: Path, kills: int, seed: int, *, most: int = 12) -> None:
    draw, known = random.Random(seed), Known()
    app = App(root, log)
    known.project = app.http.post("/api/projects", json={"name": "Walk", "modality": "image"}).json()["id"]
    for _ in range(kills):
        walk = Walk(app, known, draw)
        thread = threading.Thread(target=walk.go)
        thread.start()
        wanted, until = known.done + draw.randint(1, most), time.monotonic() + 60
        while known.done < wanted and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(draw.uniform(0.0, 0.15))  # somewhere in the middle of the next act
        victim = draw.choice(["app", "app", "worker", "both"])
        if victim in ("worker", "both"):
            for pid in _worker_pids(root):
                os.kill(pid, signal.SIGKILL)
        if victim == "worker":
            time.sleep(draw.uniform(0.0, 0.5))
            walk.stopped.set()
        else:
            app.kill()
        thread.join(timeout=60)
        assert not thread.is_alive()
        if walk.wrong is not None:
            raise walk.wrong
        if victim != "worker":
            app = App(root, log)
        _check(app, known)
    _settled(app, known)
    app.close()
    assert known.done >= kills, "the walk went nowhere"
    _check_disk(root, known)


def _settled(app: App, known: Known) -> None:
    """See that no job is left half done: most are cancelled, the oldest is waited for."""
    until = time.monotonic() + 120
    listed = app.http.get(f"/api/projects/{known.project}/jobs").json()["jobs"]
    for job in [job for job in listed if job["state"] in ("queued", "running")][:-1]:
        app.http.post(f"/api/jobs/{job['id']}/cancel")
    while True:
        states = [job for job in app.http.get(f"/api/projects/{known.project}/jobs").json()["jobs"]]
        if not any(job["state"] in ("queued", "running") for job in states):
            break
        assert time.monotonic() < until, states
        time.sleep(0.2)
    for job in states:
        assert job["state"] != "failed" or job["error"]["code"] in ("worker_died", "not_enough_data"), job


def _check_disk(root: Path, known: Known) -> None:
    """Look at the plain files, without the app."""
    for ident, name in known.examples.items():
        assert (root / "Walk" / "examples" / name / f"{ident}.png").read_bytes() == known.content[ident]
    with Workspace(root).database.reading() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.bases
def test_five_kills_lose_nothing(tmp_path: Path, bases_cache: Path) -> None:
    _walk(tmp_path / "ws", tmp_path / "log", kills=5, seed=5, most=3)


@pytest.mark.slow
@pytest.mark.bases
@pytest.mark.parametrize("seed", range(5))
def test_fifty_kills_lose_nothing(tmp_path: Path, bases_cache: Path, seed: int) -> None:
    _walk(tmp_path / "ws", tmp_path / "log", kills=10, seed=100 + seed)


@pytest.mark.bases
def test_two_apps_on_one_workspace_lose_nothing(tmp_path: Path, bases_cache: Path) -> None:
    root, known = tmp_path / "ws", Known()
    one = App(root, tmp_path / "one")
    known.project = one.http.post("/api/projects", json={"name": "Walk", "modality": "image"}).json()["id"]
    other = App(root, tmp_path / "other")
    own = [Known(project=known.project), Known(project=known.project)]
    walks = [
        Walk(app, mine, random.Random(number))
        for number, (app, mine) in enumerate(zip((one, other), own, strict=True))
    ]
    for walk in walks:
        walk._undo = lambda: None  # type: ignore[method-assign]  # each would undo the other's steps
    threads = [threading.Thread(target=walk.go) for walk in walks]
    for thread in threads:
        thread.start()
    time.sleep(2)
    for walk in walks:
        walk.stopped.set()
    for thread in threads:
        thread.join(timeout=60)
    for walk in walks:
        assert walk.wrong is None, walk.wrong
    for mine in own:
        known.examples |= mine.examples
        known.content |= mine.content
        known.jobs |= mine.jobs
    _check(other, known)
    until = time.monotonic() + 30
    while len(_worker_pids(root)) != 1:  # of two that start together one gives way, once it is up
        assert time.monotonic() < until, _worker_pids(root)
        time.sleep(0.05)
    one.close()
    _check(other, known)
    other.close()
    assert _worker_pids(root) == []  # though it may have been the first app that started it
    _check_disk(root, known)
