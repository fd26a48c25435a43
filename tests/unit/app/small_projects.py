"""Projects that train in a second, and the worker's part of it."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from speaking import Client

from headstart.app import jobs, running
from headstart.app.workspace import Workspace
from tiny import tiny_sources


def texts_project(client: Client, count: int = 24) -> str:
    project = client.project("text", "Mood")
    texts, labels = tiny_sources("text", count)
    for name in sorted(set(labels)):
        owner = client.post(f"/api/projects/{project}/classes", {"name": name}, 201)["id"]
        lines = "\n".join(
            f"{t} {i}" for i, (t, label) in enumerate(zip(texts, labels, strict=True)) if label == name
        )
        client.post(f"/api/projects/{project}/texts", {"class_id": owner, "text": lines, "split": "lines"})
    return project


def photos_project(client: Client, count: int = 24) -> str:
    project = client.project("image", "Photos")
    pictures, labels = tiny_sources("image", count)
    files = []
    for number, (pixels, label) in enumerate(zip(pictures, labels, strict=True)):
        held = io.BytesIO()
        Image.fromarray(pixels).resize((64, 48)).save(held, "PNG")
        files.append((f"{label}/IMG_{number}.png", held.getvalue()))
    client.upload(project, files)
    return project


def work(workspace: Workspace, told: list[dict[str, Any]] | None = None) -> None:
    """Do the job that waits, as a worker does."""
    job = jobs.take(workspace, "me")
    assert job is not None
    running.run(workspace, job, (told if told is not None else []).append, lambda: None)
