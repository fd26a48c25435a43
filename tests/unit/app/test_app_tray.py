"""Examples that have no class yet: brought, suggested, sorted, and never trained on before."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from small_projects import work
from speaking import Client, on_disk, pictures

from headstart.app.dataset import of_project
from headstart.app.workspace import Workspace
from headstart.data.read import load
from tiny import add_tiny_base, tiny_sources


def tiny_files(count: int, seed: int = 0) -> list[tuple[str, bytes]]:
    """Photos called for their class, in no folder."""
    files = []
    for number, (pixels, label) in enumerate(zip(*tiny_sources("image", count, seed=seed), strict=True)):
        held = io.BytesIO()
        Image.fromarray(pixels).resize((64, 48)).save(held, "PNG")
        files.append((f"{label}-{seed}-{number}.png", held.getvalue()))
    return files


def test_what_has_no_class_waits_in_a_tray_and_is_not_trained_on(client: Client, workspace: Workspace):
    project = client.project()
    said = client.upload(
        project, [(f"{n}.png", photo) for n, photo in enumerate(pictures(3))], **{"class": "tray"}
    )
    assert said["tray"]["count"] == 3
    assert said["classes"] == []
    for seed, name in enumerate(("scone", "bagel"), 1):
        client.upload(project, [(f"{name}/{n}.png", photo) for n, photo in enumerate(pictures(2, seed))])
    counts = client.get(f"/api/projects/{project}")["counts"]
    assert counts == {"classes": 2, "examples": 4, "unsorted": 3, "problems": 0}
    dataset, _, _ = of_project(workspace, project)
    assert (len(dataset), dataset.classes) == (4, ("bagel", "scone"))
    # The command line leaves it out of the same folder too.
    assert on_disk(workspace)["unlabelled"] == 3
    assert load(workspace.root / "Pastries" / "examples").classes == ("bagel", "scone")
    client.upload(project, [("again.png", pictures(1, seed=1)[0])], **{"class": "tray"})
    [problem] = client.get(f"/api/projects/{project}/problems")["items"]
    assert (problem["kind"], problem["name"]) == ("duplicate", "again.png")  # and no conflict of two classes
    for _ in range(4):
        client.post(f"/api/projects/{project}/undo")
    assert client.get(f"/api/projects/{project}/sort")["tray"] is None
    assert client.get(f"/api/projects/{project}/sort")["order"] == []


def test_the_order_of_sorting_follows_what_is_sorted_already(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    add_tiny_base(monkeypatch, tmp_path, "image")
    project = client.project()
    assert "Nothing waits" in client.post(f"/api/projects/{project}/jobs", {"kind": "sort"}, 422)["message"]
    client.upload(project, tiny_files(40), **{"class": "tray"})
    client.post(f"/api/projects/{project}/jobs", {"kind": "sort"}, 202)
    work(workspace)
    order = client.get(f"/api/projects/{project}/sort")["order"]
    assert [one["why"] for one in order].count("typical") == 20
    assert {one["guess"] for one in order} == {None}

    names = {one["id"]: one["name"].split("-")[0] for one in client.listed(project)}
    owners = {
        name: client.post(f"/api/projects/{project}/classes", {"name": name}, 201)["id"]
        for name in sorted(set(names.values()))
    }
    for one in order[:12]:
        client.post(
            f"/api/projects/{project}/examples/move",
            {"ids": [one["id"]], "class_id": owners[names[one["id"]]]},
        )
    left = client.get(f"/api/projects/{project}/sort")
    assert left["tray"]["count"] == 28
    assert not {one["id"] for one in left["order"]} & {one["id"] for one in order[:12]}
    client.post(f"/api/projects/{project}/jobs", {"kind": "sort"}, 202)
    work(workspace)
    order = client.get(f"/api/projects/{project}/sort")["order"]
    assert len(order) == 28
    assert [one["why"] for one in order].count("uncertain") > 5  # near-duplicates once
    right = sum(one["guess"] == names[one["id"]] for one in order)
    assert right >= 24
    assert all(one["class_id"] == owners[one["guess"]] for one in order)
    sure = [one["probability"] for one in order if not one["why"]]
    assert sure == sorted(sure, reverse=True)
