"""The gentle way as a job of the app: told as it goes, killed, resumed, cancelled, and what came of it."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from speaking import Client

from headstart.app import jobs, running
from headstart.app.meter import Meter
from headstart.app.supervisor import Supervisor
from headstart.app.tuned import tuned
from headstart.app.workspace import MODEL, Workspace
from headstart.execution import Phase, Progress
from headstart.workflows.keeping import run_folder

BASE = "wordllama_256"  # the smallest that can be tuned
CLASSES = ("graphics", "database", "mail")
TURN = 100
"""What a turn of one run through one epoch counts in the progress of tuning."""


@pytest.fixture
def one_base(tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache with one prepared base, and one thread, so that jobs last long enough to be killed."""
    prepared = next((data_root.parent / "headstart" / "bases").glob(f"{BASE}-*"), None)
    if prepared is None:
        pytest.fail(f"No prepared {BASE}. Run: make bases")
    cache = tmp_path / "one-base"
    (cache / "bases").mkdir(parents=True)
    (cache / "bases" / prepared.name).symlink_to(prepared, target_is_directory=True)
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    monkeypatch.setenv("HEADSTART_THREADS", "1")


@pytest.fixture
def texts(client: Client, data_root: Path) -> str:
    """A project of real texts: 25 of each of three classes."""
    project = client.project("text", "Sections")
    with (data_root / "text" / "package_section.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values())[:2] for row in csv.DictReader(file)]
    for name in CLASSES:
        owner = client.post(f"/api/projects/{project}/classes", {"name": name}, 201)["id"]
        lines = "\n".join([" ".join(text.split()) for text, label in rows if label == name][:25])
        client.post(f"/api/projects/{project}/texts", {"class_id": owner, "text": lines, "split": "lines"})
    return project


@pytest.fixture
def supervisor(workspace: Workspace) -> Iterator[Supervisor]:
    made = Supervisor(workspace)
    made.start()
    yield made
    made.stop()


def _follow(client: Client, job: str, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Watch a job until something is true of it; return all that was seen."""
    seen, end = [], time.monotonic() + 240
    while not seen or not until(seen[-1]):
        assert time.monotonic() < end, seen[-1]
        seen.append(client.get(f"/api/jobs/{job}"))
        assert seen[-1]["state"] != "failed", seen[-1]["error"]
        time.sleep(0.05)
    return seen


def _turns(said: dict[str, Any]) -> int:
    """How many whole turns of tuning are told; -1 where none is tuned."""
    progress = said["progress"]
    return progress["done"] // TURN if progress["figures"] else -1


@pytest.mark.bases
@pytest.mark.realdata
def test_a_killed_gentle_job_goes_on_from_its_checkpoints(
    client: Client, workspace: Workspace, one_base: None, texts: str, supervisor: Supervisor
) -> None:
    body = {"kind": "train", "method": "gentle"}
    job = client.post(f"/api/projects/{texts}/jobs", body, 202)["id"]
    before = _follow(client, job, lambda said: _turns(said) >= 8)
    pid = supervisor.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    after = _follow(client, job, lambda said: said["state"] == "done")
    assert (after[-1]["attempt"], after[-1]["progress"]["resumed"]) == (2, True)
    told = [one for one in after if one["attempt"] == 2 and _turns(one) >= 0]
    # The last turn that was told may not have been on the disk yet.
    assert min(_turns(one) for one in told) >= _turns(before[-1]) - 1
    assert told[0]["progress"]["figures"]["epoch"] >= 2
    shares = [one["progress"]["fraction"] for one in told]
    assert shares == sorted(shares)
    model = client.get(f"/api/projects/{texts}/model")
    assert model["gentle"]["folds"] == 5
    assert model["gentle"]["code"] in ("surely", "surer", "maybe", "nothing", "chance", "worse")
    assert not run_folder(workspace.root / "Sections" / MODEL).exists()
    answer = client.post(f"/api/projects/{texts}/predict", {"text": "A library to draw vector pictures"})
    assert answer["label"] in CLASSES


@pytest.mark.bases
@pytest.mark.realdata
def test_a_cancelled_gentle_job_leaves_no_model_and_no_checkpoints(
    client: Client, workspace: Workspace, one_base: None, texts: str, supervisor: Supervisor
) -> None:
    job = client.post(f"/api/projects/{texts}/jobs", {"kind": "train", "method": "gentle"}, 202)["id"]
    _follow(client, job, lambda said: _turns(said) >= 1)
    unfinished = run_folder(workspace.root / "Sections" / MODEL)
    assert unfinished.is_dir()
    client.post(f"/api/jobs/{job}/cancel")
    _follow(client, job, lambda said: said["state"] == "cancelled")
    end = time.monotonic() + 60
    while unfinished.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert client.get(f"/api/projects/{texts}")["model"] is None


@pytest.mark.realdata
def test_checkpoints_stay_for_whoever_may_go_on_with_them(
    client: Client, workspace: Workspace, texts: str
) -> None:
    unfinished = run_folder(workspace.root / "Sections" / MODEL)
    unfinished.mkdir(parents=True)
    job = client.post(f"/api/projects/{texts}/jobs", {"kind": "train"}, 202)["id"]
    for state, stays in (("queued", True), ("running", True), ("failed", True), ("cancelled", False)):
        with workspace.database.writing() as connection:
            connection.execute("UPDATE jobs SET state = ? WHERE id = ?", (state, job))
        running.forget_unfinished(workspace)
        assert unfinished.exists() is stays, state
    unfinished.mkdir()
    with workspace.database.writing() as connection:
        connection.execute("DELETE FROM jobs WHERE id = ?", (job,))
    running.forget_unfinished(workspace)
    assert not unfinished.exists()


def _metered(steps: list[tuple[float, Progress]], expected: dict[str, float]) -> list[dict[str, Any]]:
    now, told = 0.0, list[dict[str, Any]]()
    gauge = Meter(expected, told.append, clock=lambda: now, rough=not expected)
    for seconds, step in steps:
        now += seconds
        gauge(step)
    return told


def test_the_time_left_is_known_once_the_first_turn_was_tuned() -> None:
    told = _metered(
        [
            (0.0, Progress("reading texts", 30, 30, phase=Phase.EMBEDDING)),
            (2.0, Progress("reading again, to vary", 30, 30, phase=Phase.ADAPTING)),
            (4.0, Progress("finding out what this machine allows", 0, phase=Phase.ADAPTING)),
            (4.0, Progress("tuning", 0, 1000, figures={"epoch": 1.0}, phase=Phase.ADAPTING)),
            (
                3.0,
                Progress(
                    "tuning", 100, 1000, "1/2, loss 0.51", {"epoch": 1.0, "loss": 0.51234}, Phase.ADAPTING
                ),
            ),
            (3.0, Progress("tuning", 200, 1000, phase=Phase.ADAPTING)),
        ],
        {},
    )
    left = [one["seconds_left"] for one in told]
    assert left[:-2] == [None] * (len(told) - 2)
    assert left[-2:] == pytest.approx(
        [27 + 2.0, 24 + 2.0], abs=0.5
    )  # what is left of tuning, and little more
    assert told[-2]["figures"] == {"epoch": 1.0, "loss": 0.5123}
    shares = [one["fraction"] for one in told]
    assert shares == sorted(shares)
    assert shares[-1] < 0.5


def test_what_was_tuned_before_an_interruption_counts_in_the_whole_but_not_in_the_time_left() -> None:
    told = _metered(
        [
            (0.0, Progress("reading texts", 30, 30, phase=Phase.EMBEDDING)),
            (1.0, Progress("tuning", 600, 1000, phase=Phase.ADAPTING)),
            (4.0, Progress("tuning", 700, 1000, phase=Phase.ADAPTING)),
        ],
        {"adapting": 40.0},
    )
    assert told[-1]["seconds_left"] == pytest.approx(12.0)
    assert told[-1]["fraction"] == pytest.approx((24 + 5) / (24 + 5 + 12), abs=0.01)


@pytest.mark.parametrize("code", ["surely", "surer", "maybe", "nothing", "chance", "worse"])
def test_the_reason_is_told_by_a_code(code: str) -> None:
    gentle = {"tried": True, "kept": False, "code": code, "frozen_accuracy": 0.8, "gentle_accuracy": 0.9}
    found = tuned({"gentle": {**gentle, "folds": 5}})
    assert found == {"kept": False, "code": code, "frozen": 0.8, "gentle": 0.9, "folds": 5}
    assert tuned({"gentle": {**gentle, "folds": None}}) is None


def test_a_code_that_nobody_knows_is_not_told() -> None:
    found = tuned({"gentle": {"tried": False, "kept": False, "code": "../x"}})
    assert found is not None
    assert found["code"] == ""


def test_nothing_is_told_of_what_was_not_asked_for() -> None:
    assert tuned({}) is None
    assert tuned({"gentle": None}) is None
    found = tuned({"gentle": {"tried": False, "kept": False, "code": "one-group"}})
    assert found is not None
    assert (found["code"], found["frozen"]) == ("one-group", None)


@pytest.mark.bases
@pytest.mark.realdata
def test_a_job_that_was_resumed_says_so_as_it_goes(
    client: Client, workspace: Workspace, texts: str, one_base: None
) -> None:
    client.post(f"/api/projects/{texts}/jobs", {"kind": "check"}, 202)
    assert jobs.take(workspace, "dead") is not None
    jobs.take_back(workspace)
    told: list[dict[str, Any]] = []
    job = jobs.take(workspace, "me")
    assert job is not None
    running.run(workspace, job, told.append, lambda: None)
    assert told
    assert all(one["resumed"] for one in told)
