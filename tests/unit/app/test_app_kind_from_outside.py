"""The app takes a kind of data that another package brings: its project, files, check, training and use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from speaking import Client

from headstart.app import jobs, running
from headstart.app.workspace import Workspace
from headstart.kinds import with_kind

TOY = Path(__file__).parents[2] / "contract" / "toy"
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


@pytest.fixture(autouse=True)
def tune(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(TOY)
    from toy_tunes import TUNE

    with with_kind(TUNE):
        yield


def tunes(per_class: int = 12) -> list[tuple[str, bytes]]:
    random = np.random.default_rng(0)
    return [
        (f"{name}/{number}.notes", b"\n".join([b"notes 1", *(b"%d 1" % pitch for pitch in pitches)]))
        for name, scale in SCALES.items()
        for number in range(per_class)
        for pitches in [60 + random.choice(scale, 16)]
    ]


def work(workspace: Workspace) -> None:
    job = jobs.take(workspace, "me")
    assert job is not None
    running.run(workspace, job, lambda _: None, lambda: None)


def test_a_project_is_filled_checked_trained_and_used(client: Client, workspace: Workspace) -> None:
    project = client.project("tune", "Moods")
    answer = client.upload(project, [*tunes(), ("major/a.txt", b"a text"), ("minor/b.notes", b"no tune")])
    assert answer["added_count"] == 24
    assert {one["code"] for one in answer["rejected"]} == {"not_a_tune"}
    assert client.listed(project)[0]["kind"] == "notes"
    client.post(f"/api/projects/{project}/jobs", {"kind": "check"}, 202)
    work(workspace)
    checked = client.get(f"/api/projects/{project}/check")
    assert "there is none for tunes" in str(checked)
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    content = tunes()[0][1]
    path = f"/api/projects/{project}/predict?name=new.notes&nearest=3"
    told = client.http.post(path, content=content, headers={"content-type": "application/octet-stream"})
    assert told.json()["label"] == "major"
    assert len(told.json()["nearest"]) == 3
    explained = client.post(
        f"/api/projects/{project}/explain", {"upload_id": told.json()["upload_id"], "label": "major"}, 422
    )
    assert "cannot explain an answer for tunes" in explained["message"]


def test_the_screens_speak_of_it(client: Client) -> None:
    start = client.http.get("/").text
    assert 'data-kind="tune"' in start
    assert "<strong>Tunes</strong>" in start
    project = client.project("tune", "Moods")
    for screen, said in (
        ("examples", "Sort your tunes into"),
        ("check", ""),
        ("train", ""),
        ("try", "Best with tunes that are new to it."),
        ("improve", ""),
    ):
        page = client.http.get(f"/projects/{project}/{screen}")
        assert page.status_code == 200, screen
        assert said in page.text
        assert '"accept": ".notes"' in page.text
        assert ".any" not in page.text
    words = client.get("/strings/en.json")
    assert (words["count.tune.one"], words["class.empty.tune"]) == ("{n} tune", "No tunes yet.")
    assert client.get("/strings/de.json")["class.empty.tune"] == "Noch keine tunes."
    assert client.post("/api/projects", {"name": "x", "modality": "smell"}, 422)["message"] == (
        "modality must be one of image, text, audio, tune, got 'smell'."
    )
