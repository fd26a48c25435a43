"""Jobs: what they find is the command line's, they are resumed, cancelled and given up as they should be."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from small_projects import photos_project, texts_project, work
from speaking import Client

import headstart
from headstart import workflows
from headstart.app import jobs, presence, running
from headstart.app.meter import Meter, remember, remembered
from headstart.app.supervisor import Supervisor
from headstart.app.workspace import MODEL, Workspace
from headstart.execution import Phase, Progress
from headstart.workflows.keeping import run_folder
from tiny import add_tiny_base


@pytest.mark.parametrize("modality", ["text", "image"])
def test_training_gives_the_model_of_the_command_line(
    client: Client,
    workspace: Workspace,
    modality: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    add_tiny_base(monkeypatch, tmp_path, modality)
    project = {"text": texts_project, "image": photos_project}[modality](client)
    job = client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    assert client.post(f"/api/projects/{project}/jobs", {"kind": "train"})["id"] == job["id"]
    told: list[dict[str, Any]] = []
    work(workspace, told)
    assert client.get(f"/api/jobs/{job['id']}")["state"] == "done"
    shares = [one["fraction"] for one in told]
    assert shares == sorted(shares)
    home = workspace.root / {"text": "Mood", "image": "Photos"}[modality]
    other = workflows.train(home / "examples", save_to=tmp_path / "other")
    source = ["the very good film"] if modality == "text" else [next((home / "examples/low").iterdir())]
    mine = workflows.load_model(home / "model")
    np.testing.assert_array_equal(mine.predict_proba(source), other.predict_proba(source))
    assert (home / "model" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_frozen_way_takes_the_place_of_a_gentle_training_that_was_cancelled(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_tiny_base(monkeypatch, tmp_path, "image")
    project = photos_project(client)
    # A worker that could not stop in time left it, and the next training was asked for before another came.
    unfinished = run_folder(workspace.root / "Photos" / MODEL)
    unfinished.mkdir(parents=True)
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    assert not unfinished.exists()
    assert client.get(f"/api/projects/{project}")["model"]["method"] == "frozen"


def test_what_was_found_is_told_by_the_ids_of_the_examples(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_tiny_base(monkeypatch, tmp_path, "image")
    project = photos_project(client, 40)
    classes, listed = client.classes(project), client.listed(project)
    wrong = next(e["id"] for e in listed if e["class_id"] == classes["low"]["id"])
    high = classes["high"]["id"]
    client.post(f"/api/projects/{project}/examples/move", {"ids": [wrong], "class_id": high})
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    found = client.get(f"/api/projects/{project}/improve")
    assert found["classes"] == ["high", "low"]
    worth = client.get(f"/api/projects/{project}/model")["accuracy"]
    assert found["evaluation"]["accuracy"] == worth
    assert f"expect {100 * worth['low']:.0f} to {100 * worth['high']:.0f}" in found["verdict"]
    assert not found["stale"]
    (cell,) = (c for c in found["cells"] if (c["label"], c["said"]) == ("high", "low"))
    assert cell["ids"] == [wrong]
    assert wrong in [one["id"] for one in found["suspects"]]
    checked = client.get(f"/api/projects/{project}/check")
    assert {one["id"] for one in checked["examples"].values()} >= {wrong}
    assert "train" in [step["code"] for step in checked["advice"]["steps"]]
    client.post(f"/api/projects/{project}/examples/keep", {"ids": [wrong]})
    found = client.get(f"/api/projects/{project}/improve")
    assert (found["suspects"], found["stale"]) == ([], False)
    client.post(f"/api/projects/{project}/undo")
    low = classes["low"]["id"]
    client.post(f"/api/projects/{project}/examples/move", {"ids": [wrong], "class_id": low})
    found = client.get(f"/api/projects/{project}/improve")
    assert (found["suspects"], found["stale"]) == ([], True)
    assert client.get(f"/api/projects/{project}/model")["stale"]


def test_a_model_is_tried_explained_and_taken_away(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_tiny_base(monkeypatch, tmp_path, "image")
    project = photos_project(client, 40)
    content = client.http.get(client.listed(project)[0]["url"]).content
    path = f"/api/projects/{project}/predict"
    refused = client.http.post(path, content=content)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_model")
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    said = client.http.post(f"{path}?name=x.png", content=content).json()
    home = workspace.root / "Photos"
    (wanted,) = workflows.load_model(home / "model").predict([content])
    assert (said["label"], said["probability"]) == (wanted.label, pytest.approx(wanted.probability))
    assert said["nearest"][0]["id"] == client.listed(project)[0]["id"]
    assert said["nearest"][0]["similarity"] == pytest.approx(1.0, abs=1e-3)
    assert said["sure"] in (True, False)
    heat = client.post(f"/api/projects/{project}/explain", {"upload_id": said["upload_id"]})
    assert (heat["label"], len(heat["values"]), len(heat["values"][0])) == (said["label"], 8, 8)
    assert max(max(row) for row in heat["values"]) in (0.0, 1.0)
    owner = client.classes(project)["low"]["id"]
    taken = client.post(
        f"/api/projects/{project}/examples/from-try", {"upload_id": said["upload_id"], "class_id": owner}
    )
    assert taken["added_count"] == 1
    bad = client.http.post(path, content=b"no picture")
    assert (bad.status_code, bad.json()["code"]) == (422, "unreadable")
    live = client.http.post(f"{path}?nearest=0&keep=0", content=content).json()
    assert (live["nearest"], live["upload_id"]) == ([], None)
    packed = client.http.get(f"/api/projects/{project}/download/model.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        archive.extractall(tmp_path / "away")
    away = workflows.load_model(tmp_path / "away" / "Photos-model")
    np.testing.assert_array_equal(
        away.predict_proba([content]), workflows.load_model(home / "model").predict_proba([content])
    )
    report = client.http.get(f"/api/projects/{project}/download/report.html")
    assert "attachment" in report.headers["content-disposition"]
    assert list(workspace.incoming.iterdir()) == []


def test_a_model_is_shared_only_while_that_is_turned_on_and_with_a_key(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_tiny_base(monkeypatch, tmp_path, "image")
    project = photos_project(client)
    path = f"/api/projects/{project}/share"
    assert client.post(path, {"on": True}, 409)["code"] == "no_model"
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    assert client.get(path) == {
        "on": False, "url": None, "token": None, "command": None, "available": True, "why": None
    }  # fmt: skip
    said = client.post(path, {"on": True})
    try:
        address = f"{said['url']}v1/models/model:predict"
        content = client.http.get(client.listed(project)[0]["url"]).content
        files = {"files": ("photo.png", content)}
        assert httpx.post(address, files=files, timeout=30).status_code == 401
        key = {"Authorization": f"Bearer {said['token']}"}
        answer = httpx.post(address, files=files, headers=key, timeout=60)
        assert answer.status_code == 200, answer.text
        assert address in said["command"]
        assert said["token"] in said["command"]
        assert client.post(path, {"on": True})["url"] == said["url"]
    finally:
        assert not client.post(path, {"on": False})["on"]
    with pytest.raises(httpx.TransportError):
        httpx.get(said["url"], timeout=5)


def test_a_job_needs_two_classes(client: Client) -> None:
    project = client.project("text")
    said = client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 422)
    assert said["code"] == "not_enough_data"
    assert client.post(f"/api/projects/{project}/jobs", {"kind": "bake"}, 422)["code"] == "parameter"
    said = client.post(f"/api/projects/{project}/jobs", {"kind": "train", "method": "magic"}, 422)
    assert said["code"] == "parameter"


def test_a_job_that_fails_says_why_and_can_be_tried_again(client: Client, workspace: Workspace) -> None:
    from headstart.app.worker import Worker

    project = texts_project(client)  # there is no base on this machine, and none may be fetched
    job = client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    taken = jobs.take(workspace, "me")
    Worker(workspace)._do(taken, running)
    said = client.get(f"/api/jobs/{job['id']}")
    assert (said["state"], said["error"]["code"]) == ("failed", "base_unavailable")
    assert said["error"]["hint"]
    again = client.post(f"/api/jobs/{job['id']}/retry", status=202)
    assert (again["state"], again["id"] != job["id"]) == ("queued", True)
    assert client.post(f"/api/jobs/{again['id']}/cancel")["state"] == "cancelled"


def test_what_a_dead_worker_left_is_resumed_once_then_given_up(client: Client, workspace: Workspace) -> None:
    project = texts_project(client)
    job = client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)["id"]
    for state, attempt in (("queued", 2), ("failed", 2)):
        assert jobs.take(workspace, "dead") is not None
        jobs.take_back(workspace)
        said = client.get(f"/api/jobs/{job}")
        assert (said["state"], said["attempt"]) == (state, attempt)
    assert said["error"]["code"] == "worker_died"


STUCK = """
    import sys, time
    from headstart.app import running, worker
    running.warm = lambda: None
    running.run = lambda *_: time.sleep(600)  # does not look whether it shall stop
    sys.argv[1:] = [{root!r}]
    worker.main()
"""


@pytest.fixture
def stuck(workspace: Workspace) -> Any:
    """A worker whose work never looks up."""
    presence.show(workspace, "an app")
    code = textwrap.dedent(STUCK).format(root=str(workspace.root))
    process = subprocess.Popen([sys.executable, "-c", code])
    yield process
    process.kill()
    process.wait()


def _until(true: Callable[[], Any], seconds: float = 90.0) -> float:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "it never came true"
        time.sleep(0.02)
    return time.monotonic() - start


def test_work_that_does_not_stop_by_itself_is_ended_with_its_process(
    client: Client, workspace: Workspace, stuck: subprocess.Popen[bytes]
) -> None:
    project = texts_project(client)
    job = client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)["id"]
    _until(lambda: client.get(f"/api/jobs/{job}")["state"] == "running")
    client.post(f"/api/jobs/{job}/cancel")
    _until(lambda: client.get(f"/api/jobs/{job}")["state"] == "cancelled")
    assert stuck.wait(timeout=60) == 75


def test_when_the_last_app_goes_the_job_waits_for_the_next(
    client: Client, workspace: Workspace, stuck: subprocess.Popen[bytes]
) -> None:
    project = texts_project(client)
    job = client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)["id"]
    _until(lambda: client.get(f"/api/jobs/{job}")["state"] == "running")
    presence.show(workspace, "another app")
    assert not presence.leave(workspace, "an app")
    assert presence.leave(workspace, "another app")
    assert stuck.wait(timeout=60) == 75
    said = client.get(f"/api/jobs/{job}")
    assert (said["state"], said["attempt"]) == ("queued", 1)


def test_a_killed_worker_is_replaced_and_its_job_done(
    client: Client, workspace: Workspace, bases_cache: Path
) -> None:
    project = texts_project(client)
    supervisor = Supervisor(workspace)
    supervisor.start()
    try:
        job = client.post(f"/api/projects/{project}/jobs", {"kind": "check"}, 202)["id"]
        _until(lambda: client.get(f"/api/jobs/{job}")["state"] == "running")
        first = supervisor.worker_pid
        assert first is not None
        supervisor._worker.kill()  # type: ignore[union-attr]
        _until(lambda: client.get(f"/api/jobs/{job}")["state"] == "done", 120)
        assert supervisor.worker_pid != first
        assert client.get(f"/api/jobs/{job}")["attempt"] == 2
        assert client.get(f"/api/projects/{project}/check")["advice"]["learnable"] in ("yes", "no", "unknown")
    finally:
        supervisor.stop()
    assert workspace.worker_lock().acquire()


def test_a_workspace_has_one_worker(workspace: Workspace) -> None:
    lock = workspace.worker_lock()
    assert lock.acquire()
    done = subprocess.run([sys.executable, "-m", "headstart.app.worker", str(workspace.root)], timeout=60)
    assert done.returncode == 0
    lock.release()


def test_progress_tells_the_whole_and_the_time_left(workspace: Workspace) -> None:
    now = 100.0
    told: list[dict[str, Any]] = []
    gauge = Meter({"embedding": 4.0, "fitting": 4.0, "saving": 2.0}, told.append, clock=lambda: now)
    for seconds, step in (
        (0.0, Progress("reading photos", 0, 8, phase=Phase.EMBEDDING)),
        (1.0, Progress("reading photos", 4, 8, phase=Phase.EMBEDDING)),
        (1.0, Progress("reading photos", 8, 8, phase=Phase.EMBEDDING)),
        (3.0, Progress("trying heads", 1, 5, phase=Phase.FITTING)),
        (1.0, Progress("saving", 0, phase=Phase.SAVING)),
    ):
        now += seconds
        gauge(step)
    assert [one["stage"] for one in told] == ["embedding"] * 3 + ["fitting", "saving"]
    assert [one["seconds_left"] for one in told] == [10.0, 7.0, 6.0, 6.0, 2.0]
    shares = [one["fraction"] for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(6 / 8)
    now += 1.5
    gauge.tick()
    assert told[-1]["seconds_left"] == 0.5
    with gauge.ticking():
        pass
    remember(workspace, "image:train:frozen", 8, gauge.spent)
    assert remembered(workspace, "image:train:frozen", 16)["embedding"] == pytest.approx(
        2 * gauge.spent["embedding"]
    )


def test_what_belongs_to_no_phase_leaves_the_stage_as_it_is() -> None:
    told: list[dict[str, Any]] = []
    gauge = Meter({}, told.append)
    gauge(Progress("trying heads", 0, 1, phase=Phase.FITTING))
    gauge(Progress("unheard of", 1, 1))
    assert [one["stage"] for one in told] == ["fitting", "fitting"]


def test_every_step_of_a_check_or_a_training_says_its_phase() -> None:
    root = Path(headstart.__file__).parent
    elsewhere = (
        "workflows/heatmaps",
        "export",
        "workflows/batching",
        "workflows/exporting",
        "workflows/comparing",
        "finetune/rivals",
    )
    for path in sorted(root.rglob("*.py")):
        if str(path.relative_to(root)).startswith(elsewhere):
            continue  # what the app never runs as a job
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Progress" and node.args:
                said = len(node.args) == 6 or any(word.arg == "phase" for word in node.keywords)
                silent = isinstance(node.args[0], ast.Constant) and node.args[0].value == ""
                assert said or silent, f"{path.name}:{node.lineno}"
