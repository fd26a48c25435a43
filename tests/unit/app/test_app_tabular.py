"""Tables that are brought to a project: taken, or refused in words that help on the screen."""

from __future__ import annotations

import io
import random
import zipfile
from typing import Any

import pytest
from declared import differences
from speaking import Client, pictures

from headstart.app import tabular
from headstart.app.workspace import Workspace

GOOD = "size,kind,label\n" + "".join(f"{20 + 60 * (i % 2)}.{i},k{i % 3},{'sb'[i % 2]}\n" for i in range(60))


@pytest.fixture
def project(client: Client) -> str:
    return client.project("table", "Parcels")


def bring(client: Client, project: str, name: str, content: bytes | str, status: int = 200) -> Any:
    answer = client.http.put(f"/api/projects/{project}/rows", params={"name": name}, content=content)
    assert answer.status_code == status, answer.text
    return answer.json()


def settle(client: Client, project: str, **setup: Any) -> Any:
    return client.patch(f"/api/projects/{project}/rows", setup)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty.csv is empty (0 bytes)."),
        ("twice.csv", b"a,a,label\n1,2,x\n", "twice.csv has more than one column 'a'"),
        ("old.xlsx", b"PK\3\4no", "old.xlsx is a damaged spreadsheet"),
        ("photos.zip", b"no", "'photos.zip' is no archive, though its name ends in .zip."),
        ("table.exe", b"a,b\n", "'table.exe' is no table: its name must end in"),
    ],
)
def test_a_file_that_is_no_table_is_told_by_its_name_and_leaves_the_one_before(
    client: Client, project: str, workspace: Workspace, name: str, content: bytes, message: str
) -> None:
    bring(client, project, "good.csv", GOOD)
    assert message in bring(client, project, name, content, 422)["message"]
    assert client.get(f"/api/projects/{project}/rows")["file"] == "good.csv"
    assert list(workspace.incoming.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "called"), [("../../evil.csv", "evil.csv"), ("con.csv", "_con.csv"), ("parcels", "parcels.csv")]
)
def test_a_table_is_kept_in_its_project_under_a_safe_name(
    client: Client, project: str, workspace: Workspace, name: str, called: str
) -> None:
    assert bring(client, project, name, GOOD)["file"] == called
    assert [path.name for path in (workspace.root / "Parcels" / "table").iterdir()] == [called]


def test_a_table_packed_with_its_photos_is_learned_from(client: Client, project: str) -> None:
    held, chance = io.BytesIO(), random.Random(0)
    with zipfile.ZipFile(held, "w") as archive:
        lines = ["image,size,label"]
        for number, picture in enumerate(pictures(30)):
            archive.writestr(f"img/{number}.png", picture)
            lines.append(f"img/{number}.png,{chance.random()},{'ab'[number % 2]}")
        archive.writestr("table.csv", "\n".join(lines))
    found = bring(client, project, "photos.zip", held.getvalue())
    assert found["error"] is None
    assert {one["name"]: one["role"] for one in found["columns"]} == {"image": "image", "size": "number"}
    assert found["usable"] == 30


def test_what_cannot_be_learned_is_told_without_flags_of_the_command_line(
    client: Client, project: str
) -> None:
    bring(client, project, "good.csv", GOOD)
    told = [
        settle(client, project, label="label", target="number"),
        settle(client, project, target="defects"),
        settle(client, project, target="", roles={"size": "ignore", "kind": "ignore"}),
    ]
    for found in told:
        assert found["error"]["message"]
        assert "--" not in found["error"]["hint"], found["error"]
        assert "on the page of the table" in found["error"]["hint"]


def test_a_table_is_not_checked_on_its_own(client: Client, project: str) -> None:
    bring(client, project, "good.csv", GOOD)
    refused = client.post(f"/api/projects/{project}/jobs", {"kind": "check"}, 422)
    assert refused["message"].startswith("A table is not checked on its own")


@pytest.mark.parametrize("name", ["new.csv", "new.exe", "new.zip"])
def test_new_rows_that_are_no_table_are_refused(
    client: Client, project: str, workspace: Workspace, name: str
) -> None:
    answer = client.http.post(f"/api/projects/{project}/rows/predict-table", params={"name": name})
    assert answer.status_code == 422
    assert name in answer.json()["message"]
    assert str(workspace.root) not in answer.text
    assert list(workspace.incoming.iterdir()) == []


def test_a_project_of_a_table_takes_no_single_files(client: Client, project: str, photo: bytes) -> None:
    refused = client.upload(project, [("cat/a.jpg", photo)], 422)
    assert refused["message"] == "This project learns from a table, and takes no single files."


def test_a_column_may_have_any_name(client: Client, project: str) -> None:
    found = bring(client, project, "odd.csv", GOOD.replace("size,kind", "__proto__,constructor"))
    assert [one["name"] for one in found["columns"]] == ["__proto__", "constructor"]


def test_a_table_is_read_once_until_it_or_what_was_settled_changes(
    client: Client, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []
    load = tabular.load
    monkeypatch.setattr(
        tabular, "load", lambda *given, **more: readings.append(given) or load(*given, **more)
    )
    bring(client, project, "parcels.csv", GOOD)
    first = client.get(f"/api/projects/{project}/rows")
    assert client.get(f"/api/projects/{project}/rows") == first
    assert client.http.get(f"/projects/{project}/table").status_code == 200
    assert len(readings) == 1
    settle(client, project, roles={"kind": "ignore"})
    assert client.get(f"/api/projects/{project}/rows")["columns"] != first["columns"]
    bring(client, project, "parcels.csv", GOOD + "31.5,k1,s\n")
    assert client.get(f"/api/projects/{project}/rows")["count"] == first["count"] + 1


def packed(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def test_photos_in_a_folder_for_each_tag_stand_where_a_table_does(client: Client, project: str) -> None:
    files = {}
    for number, picture in enumerate(pictures(20)):
        for tag in ("round", "brown")[: 1 + number % 2]:
            files[f"{tag}/{number}.png"] = picture
    assert bring(client, project, "tags.zip", packed(**files))["learned"]["target"] == "classes"
    found = settle(client, project, target="tags")
    assert found["learned"] == {"target": "tags", "classes": ["brown", "round"], "more": 0}
    assert [(one["name"], one["role"]) for one in found["columns"]] == [("photo", "image")]
    assert found["usable"] == 20


def test_a_row_opens_with_its_photo(client: Client, project: str) -> None:
    files = {f"img/{number}.png": picture for number, picture in enumerate(pictures(30))}
    lines = ["image,size,price", *(f"img/{n}.png,{n % 7},{n * 1.37:.2f}" for n in range(30))]
    held = packed(**files, **{"table.csv": "\n".join(lines).encode()})
    bring(client, project, "photos.zip", held)
    refused = client.patch(f"/api/projects/{project}/rows", {"label": "prize"}, 422)
    assert refused["message"] == "The table has no column 'prize'."
    found = settle(client, project, label="price")
    assert (found["learned"]["target"], found["label"]) == ("number", "price")
    assert found["names"] == ["image", "size", "price"]
    assert found["notes"][0].startswith(
        "A number is learned: there are 30 different ones in the column 'price'"
    )
    opened = client.get(f"/api/projects/{project}/rows/example?name=table.csv:4")
    assert differences("OpenedRow", opened) == []
    assert (opened["label"], opened["kind"]) == ("2.74", "picture")
    assert dict(opened["cells"])["image"] == "img/2.png"
    assert opened["uri"].startswith("data:image/webp;base64,")
    gone = client.http.get(f"/api/projects/{project}/rows/example", params={"name": "table.csv:99"})
    assert gone.status_code == 404
    assert gone.json()["message"] == "table.csv:99 is not in the table any more."
