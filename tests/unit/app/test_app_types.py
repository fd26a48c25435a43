"""The scripts of the pages are typed by what the app really answers and takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from declared import differences, interfaces
from small_projects import photos_project, texts_project, work
from speaking import Client, context_of

from headstart.app.server import create
from headstart.app.workspace import Workspace
from headstart.targets.shown import Scatter, Shown, Table
from tiny import add_tiny_base

# Of advice, and of what a page is given, the interfaces hold what the scripts read.
EXCERPTS = frozenset(
    "Interval Advice AdviceData Offer Ranked Similarity Amount CurvePoint ForecastPoint NextStep Evaluation "
    "SuspectedGroups AskedGroups ToldAdvice Suspect Gain TrainingReport ToldReport ClassScore ColumnReport "
    "RowAnswer PageData StartPage "
    "AssistantFigures DocumentsPage ChatPage ReviewPage "
    "ExamplesPage SortPage CheckPage TrainPage TryPage ImprovePage TablePage TrainedPage UsePage "
    "DetectorPage InspectPage".split()
)
TAKEN = [
    *"NewProject Texts Columns Ids Move Keep Dismiss Tried NewJob Explain Setup".split(),
    *"FalseAlarms Asked Judged".split(),
]


def wrong(name: str, value: Any) -> list[str]:
    return differences(name, value, excerpts=EXCERPTS)


def page_data(client: Client, path: str) -> Any:
    found = re.search(
        r'<script type="application/json" id="page-data">(.*?)</script>', client.http.get(path).text
    )
    assert found is not None, path
    return json.loads(found[1])


@pytest.fixture
def trained(client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A project of photos with a model, a file that cannot be used, and the same photo twice."""
    add_tiny_base(monkeypatch, tmp_path, "image")
    project = photos_project(client, 40)
    content = client.http.get(client.listed(project)[0]["url"]).content
    client.upload(project, [("low/bad.png", b"no picture"), ("high/again.png", content)])
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    return project


def test_what_the_app_answers_is_what_the_scripts_think(client: Client, trained: str):
    home = f"/api/projects/{trained}"
    for name, part in (
        ("Project", ""),
        ("Problems", "/problems"),
        ("History", "/history"),
        ("Examples", "/examples"),
        ("Check", "/check"),
        ("Model", "/model"),
        ("Improve", "/improve"),
        ("Share", "/share"),
        ("Looking", "/looking"),
        ("Sorting", "/sort"),
    ):
        assert wrong(name, client.get(f"{home}{part}")) == [], part
    assert wrong("Job", client.get(f"{home}/jobs")["jobs"][0]) == []
    assert wrong("Capabilities", client.get("/api/capabilities")) == []
    example = client.listed(trained)[0]
    assert wrong("Changed", client.post(f"{home}/examples/delete", {"ids": [example["id"]]})) == []
    assert wrong("Changed", client.post(f"{home}/undo")) == []
    assert wrong("Taken", client.upload(trained, [("low/worse.png", b"no")])) == []
    owner = example["class_id"]
    assert (
        wrong("Ids", client.post(f"{home}/examples/still", {"ids": [example["id"]], "class_id": owner})) == []
    )


def test_what_a_model_says_is_what_the_scripts_think(client: Client, trained: str):
    home = f"/api/projects/{trained}"
    content = client.http.get(client.listed(trained)[0]["url"]).content
    prediction = client.http.post(f"{home}/predict?name=x.png", content=content).json()
    assert prediction["nearest"]
    assert wrong("Prediction", prediction) == []
    asked = {"upload_id": prediction["upload_id"], "label": prediction["label"]}
    assert wrong("HeatMap", client.post(f"{home}/explain", asked)) == []


def test_what_a_text_rests_on_is_what_the_scripts_think(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    add_tiny_base(monkeypatch, tmp_path, "text")
    project = texts_project(client)
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    prediction = client.post(f"/api/projects/{project}/predict", {"text": "the very good film"})
    asked = {"upload_id": prediction["upload_id"]}
    assert wrong("Parts", client.post(f"/api/projects/{project}/explain", asked)) == []
    table = client.http.post(f"/api/projects/{project}/table?name=a.csv", content=b"text,label\na b,x\nc,y\n")
    assert wrong("Table", table.json()) == []


@pytest.mark.parametrize(
    ("screen", "name"),
    [
        ("examples", "ExamplesPage"),
        ("sort", "SortPage"),
        ("check", "CheckPage"),
        ("train", "TrainPage"),
        ("try", "TryPage"),
        ("improve", "ImprovePage"),
    ],
)
def test_a_page_is_given_what_its_script_thinks(client: Client, workspace: Workspace, screen: str, name: str):
    project = texts_project(client)
    assert wrong(name, page_data(client, f"/projects/{project}/{screen}")) == []
    assert wrong("StartPage", page_data(client, "/")) == []


def test_what_is_said_of_a_table_is_what_its_scripts_think(client: Client, workspace: Workspace):
    project = client.project("table", "Parcels")
    path = f"/api/projects/{project}/rows"
    rows = "".join(f"{n % 7},{'abc'[n % 3]},{'far' if n % 2 else 'near'}\n" for n in range(60))
    shown = client.http.put(f"{path}?name=parcels.csv", content=f"size,shelf,where\n{rows}".encode()).json()
    assert wrong("Rows", shown) == []
    settled = client.patch(path, {"label": "where"})
    assert settled["learned"] is not None
    assert settled["columns"]
    assert wrong("Rows", settled) == []
    assert wrong("TablePage", page_data(client, f"/projects/{project}/table")) == []
    client.post(f"/api/projects/{project}/jobs", {"kind": "train"}, 202)
    work(workspace)
    trained = page_data(client, f"/projects/{project}/trained")
    assert trained["model"]["report"]["columns"]
    assert wrong("TrainedPage", trained) == []
    use = page_data(client, f"/projects/{project}/use")
    assert len(use["fields"]) == 2
    assert wrong("UsePage", use) == []
    assert wrong("RowAnswer", client.post(f"{path}/predict", {"cells": {"size": "3", "shelf": "a"}})) == []


@pytest.mark.bases
def test_what_is_said_of_documents_is_what_their_scripts_think(
    client: Client, workspace: Workspace, with_real_bases: None
):
    project = client.project("documents", "Support")
    home = f"/api/projects/{project}"
    text = b"# Kettle\n" + b"".join(
        b"## How to clean part %d\nTake it out, wash it under the tap with a soft brush, dry it, and put "
        b"it back with the arrow of number %d to the front, until it clicks. Ask help@kettles.co.uk.\n"
        % (n, n)
        for n in range(6)
    )
    files = [("files", (name, text, "text/plain")) for name in ("manual.md", "photo.jpg")]
    taken = client.http.post(f"{home}/documents", files=files).json()
    assert wrong("Shelf", taken["shelf"]) == []
    client.post(f"{home}/jobs", {"kind": "index"}, 202)
    work(workspace)
    client.post(f"{home}/jobs", {"kind": "index"}, 202)
    work(workspace)
    shelf = client.get(f"{home}/documents")
    assert shelf["synced"] is not None
    assert shelf["figures"] is not None
    assert wrong("Shelf", shelf) == []
    answer = client.post(f"{home}/ask", {"question": "How do I clean part 3?"})
    assert answer["also"]
    assert wrong("Reply", answer) == []
    client.post(f"{home}/ask", {"question": "Who won the world cup in 1998?"})
    key = answer["also"][0]["passage"]
    assert wrong("Around", client.get(f"{home}/passages/{key}")) == []
    assert wrong("Applied", client.post(f"{home}/answers", {"question": "Lids?", "answer": "No."})) == []
    assert wrong("Personal", client.get(f"{home}/personal")) == []
    review = client.get(f"{home}/review")
    assert review["unanswered"]
    assert review["written"]
    assert wrong("Review", review) == []
    for screen, name in (("documents", "DocumentsPage"), ("chat", "ChatPage"), ("review", "ReviewPage")):
        assert wrong(name, page_data(client, f"/projects/{project}/{screen}")) == []


def test_what_a_target_shows_is_what_the_scripts_think():
    shown = Shown(
        "tells the price",
        "Expect little.",
        tables=(Table(("of", "off by"), (("all", "2"),)),),
        scatters=(Scatter("Prices", "truth", "answer", ((1.0, 2.0, "a"),)),),
        metrics=(("mae", 2.0, "2"),),
    )
    assert wrong("Shown", json.loads(json.dumps(shown.to_dict()))) == []


def test_what_the_app_takes_is_what_the_scripts_send(workspace: Workspace):
    described = create(context_of(workspace)).openapi()["components"]["schemas"]
    declared = interfaces()
    for name in TAKEN:
        schema = described[name]
        needed = set(schema.get("required", []))
        assert {field: not kind.optional for field, kind in declared[name].items()} == {
            field: field in needed for field in schema["properties"]
        }, name


def test_a_difference_is_told():
    job = {"stage": "embedding", "done": True, "total": None, "figures": {}, "more": 1}
    assert [line for line in wrong("Progress", job) if "missing" not in line] == [
        "Progress.more is not declared in Progress",
        "Progress.done is True, not a number",
    ]
    assert "Progress.resumed is missing" in wrong("Progress", job)
    assert wrong("Problem", {"kind": "lost"})[-1].startswith("Problem.kind is 'lost', not one of")
