"""What new examples will be like: said once, kept with the project, and heeded when examples are read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from speaking import Client, pictures

from headstart.app import projects, store
from headstart.app.dataset import of_project
from headstart.app.workspace import Workspace


def _project(client: Client) -> str:
    made = client.project()
    drawn = iter(pictures(12))
    for label in ("good", "bad"):
        files = [(f"{label}/{kit}_{n}.png", next(drawn)) for kit in ("red", "blue") for n in range(3)]
        client.upload(made, files)
    return made


def test_an_answer_is_kept_and_heeded(client: Client, workspace: Workspace) -> None:
    made = _project(client)
    assert client.get(f"/api/projects/{made}")["groups"] == ""
    assert {example.group for example in of_project(workspace, made)[0].examples} == {None}
    path = f"/api/projects/{made}/groups"
    assert client._said(client.http.put(path, json={"way": "name-prefix"}), 200)["groups"] == "name-prefix"
    dataset = of_project(workspace, made)[0]
    assert {example.group for example in dataset.examples} == {"red", "blue"}
    client._said(client.http.put(path, json={"way": "none"}), 200)
    assert of_project(workspace, made)[0].grouping == "none"
    client._said(client.http.put(path, json={"way": ""}), 200)
    assert of_project(workspace, made)[0].grouping == ""


def test_groups_that_are_gone_stop_nothing(client: Client, workspace: Workspace) -> None:
    made = _project(client)
    projects.choose_groups(workspace, made, "exif")
    assert len(of_project(workspace, made)[0]) == 12


def test_an_unknown_way_is_refused(client: Client) -> None:
    made = client.project()
    answer = client._said(client.http.put(f"/api/projects/{made}/groups", json={"way": "colour"}), 422)
    assert "no way 'colour' to group" in answer["message"]
    assert "name-prefix" in answer["hint"]


def test_a_workspace_from_before_gets_the_columns(tmp_path: Path) -> None:
    made = projects.create(Workspace(tmp_path), "Pastries", "image")
    with sqlite3.connect(tmp_path / "headstart.sqlite") as connection:
        connection.execute("ALTER TABLE projects DROP COLUMN setup")
        connection.execute("ALTER TABLE projects DROP COLUMN grouping")
        connection.execute("PRAGMA user_version = 1")
    with Workspace(tmp_path).database.reading() as connection:
        assert store.projects.get(connection, made).grouping == ""
