"""Files that were put into a project's folder by hand: a screen waits a moment, then tells how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from speaking import Client, pictures

from headstart.app import rescan
from headstart.app.looking import Look, Looking
from headstart.app.workspace import Workspace
from headstart.errors import StorageError


@pytest.fixture
def by_hand(client: Client, workspace: Workspace) -> str:
    """A project with four files that the app has not seen."""
    project = client.project()
    folder = workspace.root / "Pastries/examples/scone"
    folder.mkdir(parents=True)
    for number, content in enumerate(pictures(4)):
        (folder / f"{number}.png").write_bytes(content)
    return project


class Gate:
    """Lets files be examined one by one, as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> None:
        monkeypatch.setenv("HEADSTART_THREADS", "1")  # in their order
        self.left, examine = threading.Semaphore(0), rescan.examine

        def slowly(path: Path, *rest: object) -> object:
            assert self.left.acquire(timeout=60)
            if fails:
                raise StorageError("The disk is full.", "Free some space.")
            return examine(path, *rest)

        monkeypatch.setattr(rescan, "examine", slowly)

    def release(self, count: int) -> None:
        for _ in range(count):
            self.left.release()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def _screen(client: Client, project: str) -> str:
    answer = client.http.get(f"/projects/{project}/examples")
    assert answer.status_code == 200
    return answer.text


def test_few_files_are_on_the_first_screen(client: Client, by_hand: str) -> None:
    assert 'id="looking"' not in _screen(client, by_hand)
    assert client.classes(by_hand)["scone"]["count"] == 4
    state = client.get(f"/api/projects/{by_hand}/looking")
    assert state == {"looking": False, "done": 0, "total": None}


def test_of_many_it_is_told_how_many_are_done(
    client: Client, by_hand: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    path = f"/api/projects/{by_hand}/looking"
    assert 'id="looking"' in _screen(client, by_hand)
    assert client.get(path) == {"looking": True, "done": 0, "total": None}
    gate.release(2)
    _until(lambda: client.get(path)["done"] == 2)
    assert client.get(path) == {"looking": True, "done": 2, "total": 4}
    assert 'id="looking"' in _screen(client, by_hand)  # joins the look, begins no other
    gate.release(2)
    _until(lambda: not client.get(path)["looking"])
    assert 'id="looking"' not in _screen(client, by_hand)
    assert client.classes(by_hand)["scone"]["count"] == 4
    client.get("/api/projects/none/looking", 404)


def test_a_look_that_fails_is_told_by_the_screen(
    client: Client, by_hand: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, fails=True)
    assert 'id="looking"' in _screen(client, by_hand)
    gate.release(4)
    _until(lambda: not client.get(f"/api/projects/{by_hand}/looking")["looking"])
    answer = client.http.get(f"/projects/{by_hand}/examples")
    assert answer.status_code >= 500
    assert "The disk is full." in answer.text


def test_what_was_done_after_a_look_is_noticed_by_the_next(
    by_hand: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Looking(workspace)
    assert looking.look(by_hand, 60)
    (workspace.root / "Pastries/examples/scone/0.png").unlink()
    assert looking.look(by_hand, 60)
    with workspace.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM examples WHERE deleted = 0").fetchone()[0] == 3
    look = Look(workspace, by_hand)
    assert look.wait(60)
    assert not look.stale
    monkeypatch.setattr("headstart.app.looking._FRESH", -1.0)
    assert look.stale
