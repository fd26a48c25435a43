"""The screens as the server makes them: every one renders, in every state, in every language."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from speaking import TOKEN, Client, context_of, pictures, stranger_to

from coroutines import complete
from headstart.app import pages, strings
from headstart.app.database import Database
from headstart.app.routes import jobs as job_routes
from headstart.app.workspace import Workspace

SCREENS = ("examples", "check", "train", "try", "improve")


def _text(client: Client, path: str, **headers: str) -> str:
    answer = client.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return str(answer.text)


@pytest.mark.parametrize("modality", ["image", "text", "audio"])
@pytest.mark.parametrize("lang", list(strings.languages()))
def test_every_screen_of_a_new_project_renders(client: Client, modality: str, lang: str) -> None:
    project = client.project(modality)
    for path in ("/", *(f"/projects/{project}/{screen}" for screen in SCREENS)):
        page = _text(client, path, **{"Accept-Language": f"{lang}-XX,en;q=0.5"})
        assert f'<html lang="{lang}"' in page


def test_pages_have_no_inline_script_or_style(client: Client) -> None:
    project = client.project()
    client.upload(project, [("a/1.png", pictures(1)[0])])
    for path in ("/", *(f"/projects/{project}/{screen}" for screen in SCREENS)):
        page = _text(client, path)
        for tag in re.findall(r"<script[^>]*>", page):
            assert "src=" in tag or 'type="application/json"' in tag, tag
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page)
        assert not re.search(r"(?:src|href)=.?https?://", page)


def test_names_stay_names_on_every_page(client: Client) -> None:
    evil = "</script><script>alert(1)</script><b onclick=x>"
    project = client.post("/api/projects", {"name": evil, "modality": "image"}, 201)["id"]
    client.post(f"/api/projects/{project}/classes", {"name": evil}, 201)
    for path in ("/", *(f"/projects/{project}/{screen}" for screen in SCREENS)):
        page = _text(client, path)
        assert "<script>alert" not in page
        assert "<b onclick" not in page
        (data,) = re.findall(
            r'<script type="application/json" id="page-data">(.*?)</script>', page, re.DOTALL
        )
        assert evil in json.dumps(json.loads(data), ensure_ascii=False).replace('\\"', '"')


def test_errors_are_pages_for_people_and_json_for_programs(client: Client, workspace: Workspace) -> None:
    for path in ("/nowhere", "/projects/nowhere/examples", f"/projects/{client.project()}/nowhere"):
        answer = client.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert client.get("/api/nowhere", 404)["code"] == "not_found"
    stranger = stranger_to(workspace)
    answer = stranger.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert stranger.get("/healthz").json() == {"ok": True}


def test_the_cookie_outlives_a_restart_of_the_app(client: Client, workspace: Workspace) -> None:
    again = stranger_to(workspace, cookies=dict(client.http.cookies))
    assert again.get("/api/projects").status_code == 200
    other = stranger_to(Workspace(workspace.root.parent / "other"), cookies=dict(client.http.cookies))
    assert other.get("/api/projects").status_code == 401


def test_a_person_chooses_the_language(client: Client) -> None:
    assert client.post("/api/language", {"lang": "xx"}, 404)["code"] == "not_found"
    client.post("/api/language", {"lang": "de"})
    assert '<html lang="de"' in _text(client, "/", **{"Accept-Language": "en"})
    words = client.get("/strings/de.json")
    assert set(words) >= set(strings.table("en"))


def test_every_static_file_is_sent_with_its_kind_and_kept_by_its_content(client: Client) -> None:
    root = Path(pages.__file__).parent / "static"
    files = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    assert "app.css" in files
    for name in files:
        answer = client.http.get(f"/static/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["cache-control"] == "no-cache"
        marked = client.http.get(pages.static_url(name))
        assert "immutable" in marked.headers["cache-control"]
        again = client.http.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


def test_what_a_page_of_a_project_opens_notices_files_put_in_by_hand(
    client: Client, workspace: Workspace, photo: bytes
) -> None:
    project = client.project()
    folder = workspace.root / "Pastries" / "examples" / "bun"
    folder.mkdir()
    (folder / "x.jpg").write_bytes(photo)
    assert "bun" in _text(client, f"/projects/{project}/examples")


def test_events_tell_of_jobs_and_changes_and_end_with_the_app(workspace: Workspace, client: Client) -> None:
    project = client.project("text")
    context = context_of(workspace)

    async def listen() -> list[dict[str, Any]]:
        heard = []
        stream = job_routes._events(context, None, project, job_routes._state(context, project))  # type: ignore[arg-type]
        async for event in stream:
            kind, data = re.fullmatch(r"event: (\w+)\ndata: (.*)\n\n", event).groups()  # type: ignore[union-attr]
            heard.append({"kind": kind, **json.loads(data)})
            if len(heard) == 1:
                await asyncio.to_thread(client.post, f"/api/projects/{project}/classes", {"name": "a"}, 201)
            else:
                context.drain.begun = True
        return heard

    first, second = complete(asyncio.wait_for(listen(), 20))
    assert (first["kind"], second["kind"]) == ("project", "project")
    assert second["revision"] == first["revision"] + 1


def test_the_sample_that_is_always_there_is_real_and_whole(client: Client) -> None:
    offered = {one["id"]: one for one in client.get("/api/samples")["samples"]}
    assert set(offered) == {"digits"}  # the data sets of `make data` are not beside this test's cache
    made = client.post("/api/samples/digits", status=201)
    assert made["counts"] == {"classes": 10, "examples": 240, "unsorted": 0, "problems": 0}
    assert offered["digits"]["examples"] == 240
    assert client.post("/api/samples/nothing", status=404)["code"] == "not_found"


def test_a_list_of_ten_thousand_comes_by_the_index(workspace: Workspace, client: Client) -> None:
    """A part of the list must not sort or scan all of them."""
    with Database(workspace.database.path).reading() as connection:
        plan = [
            row["detail"]
            for row in connection.execute(
                "EXPLAIN QUERY PLAN SELECT * FROM examples WHERE project = ? AND deleted = 0 "
                "ORDER BY number LIMIT 200 OFFSET 0",
                ("x",),
            )
        ]
    assert all("SCAN" not in step and "TEMP B-TREE" not in step for step in plan), plan


def test_two_connections_wait_for_each_other(workspace: Workspace) -> None:
    with workspace.database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] >= 10_000
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO rejects VALUES ('1', 'none', 'n', 'c', 'r', 0)")


def test_the_address_with_the_key_keeps_its_place(workspace: Workspace) -> None:
    stranger = stranger_to(workspace)
    answer = stranger.get(f"/projects/abc/try?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"] == "/projects/abc/try"
    assert stranger.get(f"/?token={TOKEN}", follow_redirects=False).status_code == 303  # and is known by now
    assert stranger.get(f"/?token={TOKEN}&token=x", follow_redirects=False).status_code == 200
