"""A hostile web page in another tab can do nothing, and hostile names stay names."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "app"))
from speaking import ORIGIN, PORT, TOKEN, Client, app_on, on_disk, pictures, stranger_to

from headstart.app.workspace import Workspace

EVIL = "https://evil.example"
NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE examples; --",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "..",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "C:\\Users\\x",
    "CON",
    "a" * 300,
    "‮gpj.exe",
    "name\nwith\rlines",
    "nul\x00byte",
    "-rf",
    "~root",
    ".hidden",
    " ",
    "😀" * 40,
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "ws")


@pytest.fixture
def client(workspace: Workspace) -> Iterator[Client]:
    with app_on(workspace) as client:
        yield client


@pytest.fixture
def stranger(workspace: Workspace) -> TestClient:
    return stranger_to(workspace)


def _routes(client: Client) -> list[tuple[str, str]]:
    found = client.get("/api/openapi.json")["paths"]
    return [(method, path) for path, methods in found.items() for method in methods]


def test_without_the_cookie_no_route_answers(client: Client, stranger: TestClient) -> None:
    routes = _routes(client)
    assert len(routes) > 40
    for method, path in routes:
        ids = {name: "0" * 32 for name in ("pid", "cid", "eid", "jid")}
        address = path.format(**ids, name="x", upload_id="x", key="x")
        answer = stranger.request(method, address)
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), (method, path)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper()])
def test_a_wrong_token_gives_no_cookie(stranger: TestClient, token: str) -> None:
    answer = stranger.get(f"/api/projects?token={token}")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_this_app_alone(stranger: TestClient) -> None:
    answer = stranger.get(f"/?token={TOKEN}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"headstart_{PORT}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


def test_the_token_leads_nowhere_else(stranger: TestClient) -> None:
    answer = stranger.get(f"//evil.example/?token={TOKEN}", follow_redirects=False)
    assert answer.headers.get("location", "/").startswith("/")
    assert "evil" not in answer.headers.get("location", "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Origin": f"https://127.0.0.1:{PORT}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
    ],
)
def test_a_page_of_another_site_changes_nothing_even_with_the_cookie(
    client: Client, headers: dict[str, str]
) -> None:
    project = client.project()
    for method, path, body in (
        ("POST", "/api/projects", {"name": "x", "modality": "image"}),
        ("DELETE", f"/api/projects/{project}", None),
        ("POST", f"/api/projects/{project}/undo", None),
        ("POST", f"/api/projects/{project}/share", {"on": True}),
    ):
        answer = client.http.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin")
    assert [p["id"] for p in client.get("/api/projects")["projects"]] == [project]


def test_a_form_of_another_site_is_no_json(client: Client) -> None:
    """What a page can send without asking first: forms and plain text."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = client.http.post(
            "/api/projects", content=b'{"name": "x", "modality": "image"}', headers={"Content-Type": kind}
        )
        assert answer.status_code in (415, 422)
    assert client.get("/api/projects")["projects"] == []


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.1.7",
        "",
    ],
)
def test_a_name_that_was_rebound_to_this_machine_gets_no_answer(client: Client, host: str) -> None:
    answer = client.http.get("/api/projects", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "host")


def test_every_answer_carries_the_headers_that_bind_the_browser(client: Client, stranger: TestClient) -> None:
    answers = [
        client.http.get("/api/projects"),
        client.http.get("/api/projects/nowhere"),
        client.http.get("/api/projects", headers={"Host": "evil.example"}),
        client.http.get("/healthz"),
        stranger.get("/api/projects"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_any_name_of_a_file_stays_inside(client: Client, workspace: Workspace) -> None:
    for number, name in enumerate(NAMES):
        _stays_inside(client, workspace, f"P{number}", name)


def _stays_inside(client: Client, workspace: Workspace, folder: str, name: str) -> None:
    project = client.project(name=folder)
    (picture,) = pictures(1)
    boundary = "0123456789"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")
    body = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; '
            f'filename="{quoted}/{quoted}.png"\r\n\r\n'
        ).encode()
        + picture
        + f"\r\n--{boundary}--\r\n".encode()
    )
    answer = client.http.post(
        f"/api/projects/{project}/examples",
        content=body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.status_code in (200, 400), answer.text
    root = workspace.root.resolve()
    every = [path.resolve() for path in root.rglob("*")]
    assert all(path.is_relative_to(root) for path in every)
    assert sorted(p.name for p in root.parent.iterdir()) == ["ws"]
    for example in client.listed(project):
        file = client.http.get(example["url"])
        assert file.content == picture
        assert "\n" not in file.headers["content-disposition"]
        assert "sandbox" in file.headers["content-security-policy"]
    assert sum(on_disk(workspace, folder).values()) == len(client.listed(project))


def test_any_name_of_a_class_stays_a_name(client: Client, workspace: Workspace) -> None:
    for name in NAMES:
        _stays_a_name(client, workspace, name)


def _stays_a_name(client: Client, workspace: Workspace, name: str) -> None:
    made = client.http.post("/api/projects", json={"name": name, "modality": "image"})
    assert made.status_code in (201, 422)
    project = made.json()["id"] if made.status_code == 201 else client.project()
    said = client.http.post(f"/api/projects/{project}/classes", json={"name": name})
    assert said.status_code in (201, 422)
    root = workspace.root.resolve()
    assert all(path.resolve().is_relative_to(root) for path in root.rglob("*"))
    assert sorted(p.name for p in root.parent.iterdir()) == ["ws"]
    if said.status_code == 201:
        answer = client.http.get(f"/api/projects/{project}/classes")
        assert answer.headers["content-type"] == "application/json"
        assert client.post(f"/api/projects/{project}/rescan")["classes_added"] == 0


@pytest.mark.parametrize(
    "ident", ["..", "%2e%2e", "..%2f..%2fetc", "....//", "headstart.sqlite", "%00", "a/../../b", "x" * 5000]
)
def test_ids_are_no_paths(client: Client, ident: str, workspace: Workspace) -> None:
    project = client.project()
    for path in (
        f"/api/projects/{ident}",
        f"/api/projects/{ident}/examples",
        f"/api/projects/{ident}/download/model.zip",
        f"/api/examples/{ident}/file",
        f"/api/examples/{ident}/thumb",
        f"/api/jobs/{ident}",
        f"/static/{ident}",
        f"/static/../{ident}",
        f"/strings/{ident}.json",
    ):
        answer = client.http.get(path)
        if answer.request.url.raw_path == b"/":
            continue  # the client itself took the dots away
        assert answer.status_code in (404, 422), path
        assert b"SQLite" not in answer.content
    for path, body in (
        (f"/api/projects/{ident}/rescan", None),
        (f"/api/projects/{ident}/undo", None),
        (f"/api/projects/{project}/explain", {"upload_id": ident}),
        (
            f"/api/projects/{project}/examples/from-try",
            {"upload_id": f"{'0' * 32}/../{ident}", "class_id": "x"},
        ),
        (f"/api/projects/{project}/table/{'0' * 32}%2f..%2fx.csv", {"text_column": "x", "class_id": "y"}),
    ):
        answer = client.http.post(path, json=body)
        assert answer.status_code in (404, 409, 422), (path, answer.text)
    assert sorted(p.name for p in workspace.root.parent.iterdir()) == ["ws"]


def test_a_page_that_is_called_a_photo_is_never_shown_as_a_page(client: Client, workspace: Workspace) -> None:
    project = client.project("text", "Texts")
    html = b"<!doctype html><script>alert(1)</script>"
    (example,) = client.upload(project, [("a/x.html", html)])["added"]
    answer = client.http.get(example["url"])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_example_of_one_project_is_not_moved_into_another(client: Client) -> None:
    one, two = client.project(name="one"), client.project(name="two")
    client.upload(one, [("a/1.png", pictures(1)[0])])
    ident = client.listed(one)[0]["id"]
    other = client.post(f"/api/projects/{two}/classes", {"name": "a"}, 201)["id"]
    client.post(f"/api/projects/{one}/examples/move", {"ids": [ident], "class_id": other}, 404)
    assert client.post(f"/api/projects/{two}/examples/delete", {"ids": [ident]})["changed"] == 0
    mine = client.classes(one)["a"]["id"]
    client.post(f"/api/classes/{mine}/merge", {"into": other}, 422)
    assert (
        client.upload(one, [("b/2.png", pictures(1)[0])], status=404, **{"class": other})["code"]
        == "not_found"
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--c\r\n\r\n--c--"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"A" * 200_000 + b"\r\n"),
        ("application/json", b"{}"),
        ("", b""),
    ],
)
def test_a_malformed_upload_is_an_ordinary_error(
    client: Client, workspace: Workspace, kind: str, body: bytes
) -> None:
    project = client.project()
    answer = client.http.post(
        f"/api/projects/{project}/examples", content=body, headers={"Content-Type": kind}
    )
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"code", "message", "hint"}
    assert list(workspace.incoming.iterdir()) == []


def test_more_files_than_are_taken_are_refused_whole(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.app import receive

    monkeypatch.setattr(receive, "MAX_FILES", 3)
    project = client.project()
    files = [(f"a/{i}.png", p) for i, p in enumerate(pictures(4))]
    assert client.upload(project, files, 413)["code"] == "too_many"
    assert client.listed(project) == []
    assert list(workspace.incoming.iterdir()) == []


def test_a_table_larger_than_is_taken_is_refused(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.app import receive

    monkeypatch.setattr(receive, "MAX_TABLE", 100)
    project = client.project("text")
    answer = client.http.post(f"/api/projects/{project}/table", content=b"text,label\n" * 50)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert list(workspace.incoming.iterdir()) == []


def test_a_fault_of_ours_tells_nothing_of_what_was_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.app import projects

    def fail(*_: object) -> str:
        raise RuntimeError("a secret")

    monkeypatch.setattr(projects, "create", fail)
    answer = client.http.post("/api/projects", json={"name": "x", "modality": "image"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


def test_a_full_disk_is_told_and_leaves_nothing_half_done(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.app import receive

    project = client.project()

    def write(self: receive.Received, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(receive.Received, "write", write)
    assert client.upload(project, [("a/1.png", pictures(1)[0])], 507)["code"] == "storage"
    assert list(workspace.incoming.iterdir()) == []
    assert client.listed(project) == []


def test_a_full_disk_under_the_database_is_told(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.app.database import Database

    project = client.project()
    real = Database.connect

    def connect(self: Database) -> sqlite3.Connection:
        connection = real(self)
        connection.execute("PRAGMA max_page_count = 1")  # what is there stays, and nothing more fits
        return connection

    monkeypatch.setattr(Database, "connect", connect)
    names = [f"{number:03}" + "x" * 70 for number in range(400)]
    told = [client.http.post(f"/api/projects/{project}/classes", json={"name": name}) for name in names[:60]]
    full = [answer for answer in told if answer.status_code != 201]
    assert full
    assert {answer.json()["code"] for answer in full} == {"storage"}
    monkeypatch.setattr(Database, "connect", real)
    assert set(client.classes(project)) == {a.json()["name"] for a in told if a.status_code == 201}


def test_a_body_that_is_held_in_memory_is_bounded(client: Client) -> None:
    project = client.project("text")
    owner = client.post(f"/api/projects/{project}/classes", {"name": "a"}, 201)["id"]
    body = {"class_id": owner, "text": "x" * (33 << 20)}
    assert client.post(f"/api/projects/{project}/texts", body, 413)["code"] == "too_large"


def test_other_users_of_the_machine_cannot_read_what_tabs_are_known_by(
    client: Client, workspace: Workspace
) -> None:
    assert (workspace.inside / "session").stat().st_mode & 0o077 == 0
    assert workspace.inside.stat().st_mode & 0o077 == 0
