"""Bring examples in, change them, undo: through the API, with the files looked at."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image
from speaking import Client, on_disk, pictures

from headstart.app import history, projects, settle
from headstart.app.rescan import rescan
from headstart.app.workspace import Workspace
from headstart.errors import StorageError


def test_a_folder_of_folders_makes_the_classes_and_keeps_the_names(
    client: Client, workspace: Workspace
) -> None:
    project = client.project()
    one, two, three = pictures(3)
    files = [("set/croissant/IMG_1.png", one), ("set/scone/ö x.png", two), ("set/scone/a.PNG", three)]
    said = client.upload(project, files)
    assert said["added_count"] == 3
    assert said["rejected"] == []
    assert {name: c["count"] for name, c in client.classes(project).items()} == {"croissant": 1, "scone": 2}
    assert [e["name"] for e in client.listed(project)] == ["IMG_1.png", "ö x.png", "a.PNG"]
    assert on_disk(workspace) == {"croissant": 1, "scone": 2}
    (file,) = (workspace.root / "Pastries/examples/croissant").iterdir()
    assert file.stem == client.listed(project)[0]["id"]
    assert file.read_bytes() == one


def test_one_bad_file_never_fails_the_rest(client: Client, photo: bytes) -> None:
    project = client.project()
    files = [
        ("a/good.jpg", photo),
        ("a/cut.jpg", photo[: len(photo) // 2]),
        ("a/words.jpg", b"not a picture at all"),
        ("a/empty.png", b""),
        ("loose.jpg", photo),
        ("a/.DS_Store", b"\0\0\0\1Bud1"),
    ]
    said = client.upload(project, files)
    assert [e["name"] for e in said["added"]] == ["good.jpg"]
    assert {r["name"]: r["code"] for r in said["rejected"]} == {
        "cut.jpg": "truncated",
        "words.jpg": "not_an_image",
        "empty.png": "empty",
        "loose.jpg": "not_in_class",
    }
    assert said["ignored"] == {".DS_Store": 1}
    problems = client.get(f"/api/projects/{project}/problems")
    assert problems["total"] == 4
    assert all(one["reason"].endswith(".") for one in problems["items"])
    left = client.post(f"/api/projects/{project}/problems/dismiss", {"all": True})
    assert left["total"] == 0


@pytest.mark.skipif(shutil.which("heif-enc") is None, reason="heif-enc is not installed")
def test_a_live_photo_is_one_example_and_its_video_is_passed_over(
    client: Client, photo: bytes, tmp_path: Path
) -> None:
    (tmp_path / "in.jpg").write_bytes(photo)
    subprocess.run(["heif-enc", "in.jpg", "-o", "out.heic"], cwd=tmp_path, check=True, capture_output=True)
    live = (tmp_path / "out.heic").read_bytes()
    film = b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  "
    said = client.upload(client.project(), [("a/IMG_1.HEIC", live), ("a/IMG_1.MOV", film), ("a/x.MOV", film)])
    assert [(e["name"], e["width"], e["height"]) for e in said["added"]] == [("IMG_1.HEIC", 40, 30)]
    assert said["ignored"] == {"videos of live photos": 1}
    assert [r["name"] for r in said["rejected"]] == ["x.MOV"]


def test_what_is_larger_than_is_taken_is_rejected_and_the_rest_taken(
    client: Client, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.app.routes import examples
    from headstart.kinds import kind_of

    smaller = replace(kind_of("image"), most_bytes=len(photo))
    monkeypatch.setattr(examples, "kind_of", lambda _: smaller)
    project = client.project()
    said = client.upload(project, [("a/large.jpg", photo + b"x"), ("a/good.jpg", photo)])
    assert [e["name"] for e in said["added"]] == ["good.jpg"]
    assert [r["code"] for r in said["rejected"]] == ["too_large"]


def test_nothing_is_left_of_uploads_that_were_turned_down(client: Client, workspace: Workspace) -> None:
    project = client.project()
    client.upload(project, [("a/x.png", b"nothing")])
    client.http.post(
        f"/api/projects/{project}/examples",
        content=b"--b\r\nContent-Disposition: form-data; name=files; filename=a/x.png\r\n\r\nhalf",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert list(workspace.incoming.iterdir()) == []


def test_the_same_file_twice_is_a_duplicate_and_in_two_classes_a_conflict(client: Client) -> None:
    project = client.project()
    one, two = pictures(2)
    client.upload(project, [("a/1.png", one), ("a/2.png", one), ("a/3.png", two), ("b/4.png", two)])
    found = client.get(f"/api/projects/{project}/problems")["items"]
    assert [(p["kind"], p["name"]) for p in found] == [
        ("conflict", "3.png"),
        ("conflict", "4.png"),
        ("duplicate", "2.png"),
    ]
    assert found[0]["others"] == [found[1]["example_id"]]
    client.post(f"/api/projects/{project}/examples/delete", {"ids": [p["example_id"] for p in found[1:]]})
    assert client.get(f"/api/projects/{project}/problems")["total"] == 0


def test_every_change_can_be_undone_and_done_again_with_its_files(
    client: Client, workspace: Workspace
) -> None:
    project = client.project()
    client.upload(project, [(f"{'ab'[i % 2]}/{i}.png", p) for i, p in enumerate(pictures(6))], batch="x")
    ids = [e["id"] for e in client.listed(project)]
    classes = client.classes(project)
    a, b = classes["a"]["id"], classes["b"]["id"]
    base = f"/api/projects/{project}"
    states = [on_disk(workspace)]
    for act in (
        lambda: client.post(f"{base}/examples/move", {"ids": ids[:1], "class_id": b}),
        lambda: client.post(f"{base}/examples/delete", {"ids": ids[1:3]}),
        lambda: client.patch(f"/api/classes/{a}", {"name": "A/1: new?"}),
        lambda: client.post(f"/api/classes/{b}/merge", {"into": a}),
        lambda: client.delete(f"/api/classes/{a}"),
    ):
        act()
        states.append(on_disk(workspace))
    assert states == [
        {"a": 3, "b": 3},
        {"a": 2, "b": 4},
        {"a": 1, "b": 3},
        {"A_1_ new_": 1, "b": 3},
        {"A_1_ new_": 4},
        {},
    ]
    for wanted in states[-2::-1]:
        client.post(f"{base}/undo")
        assert on_disk(workspace) == wanted
    said = client.get(f"{base}/history")
    assert (said["undo"]["kind"], said["redo"]["kind"], said["steps"]) == ("add", "move", 1)
    for wanted in states[1:]:
        client.post(f"{base}/redo")
        assert on_disk(workspace) == wanted
    for _ in states:
        client.post(f"{base}/undo")
    assert on_disk(workspace) == {}
    assert client.post(f"{base}/undo", status=409)["code"] == "nothing_to_undo"


def test_fifty_steps_and_more_can_be_undone(client: Client, workspace: Workspace) -> None:
    project = client.project()
    ident = client.post(f"/api/projects/{project}/classes", {"name": "0"}, 201)["id"]
    for number in range(1, 60):
        client.patch(f"/api/classes/{ident}", {"name": str(number)})
    for number in range(58, 8, -1):
        client.post(f"/api/projects/{project}/undo")
        assert list(client.classes(project)) == [str(number)]
    assert list(on_disk(workspace)) == ["9"]


def test_uploads_of_one_batch_are_one_step_and_a_new_change_ends_what_could_be_redone(client: Client) -> None:
    project = client.project()
    for number, picture in enumerate(pictures(3)):
        client.upload(project, [(f"a/{number}.png", picture)], batch="drop")
    assert client.get(f"/api/projects/{project}/history")["undo"]["count"] == 3
    client.post(f"/api/projects/{project}/undo")
    assert client.listed(project) == []
    client.post(f"/api/projects/{project}/classes", {"name": "new"}, 201)
    assert client.get(f"/api/projects/{project}/history")["redo"] is None


def test_a_class_is_not_called_like_another(client: Client) -> None:
    project = client.project()
    first = client.post(f"/api/projects/{project}/classes", {"name": " Scone "}, 201)
    assert first["name"] == "Scone"
    second = client.post(f"/api/projects/{project}/classes", {"name": "scone"}, 201)
    said = client.patch(f"/api/classes/{second['id']}", {"name": "Scone"}, 409)
    assert (said["code"], said["class_id"]) == ("exists", first["id"])
    assert client.post(f"/api/projects/{project}/classes", {"name": "  "}, 422)["code"] == "parameter"


def test_the_list_comes_in_parts(client: Client) -> None:
    project = client.project()
    client.upload(project, [(f"{'ab'[i % 2]}/{i:02}.png", p) for i, p in enumerate(pictures(9))])
    b = client.classes(project)["b"]["id"]
    part = client.get(f"/api/projects/{project}/examples?class={b}&offset=1&limit=2")
    assert (part["total"], [e["name"] for e in part["items"]]) == (4, ["03.png", "05.png"])
    assert client.get(f"/api/projects/{project}/examples?limit=501", 422)["code"] == "parameter"


def test_it_is_told_which_examples_are_still_in_a_class(client: Client) -> None:
    project = client.project()
    client.upload(project, [(f"a/{n}.png", one) for n, one in enumerate(pictures(3))])
    client.upload(project, [("b/0.png", pictures(1, seed=1)[0])])
    first, second, third, other = (e["id"] for e in client.listed(project))
    a, b = (client.classes(project)[name]["id"] for name in "ab")
    path = f"/api/projects/{project}/examples"
    client.post(f"{path}/delete", {"ids": [first]})
    client.post(f"{path}/move", {"ids": [second], "class_id": b})
    asked = [other, third, second, first, "nobody"]
    assert client.post(f"{path}/still", {"ids": asked, "class_id": a}) == {"ids": [third]}
    assert client.post(f"{path}/still", {"ids": asked, "class_id": b}) == {"ids": [other, second]}
    client.post("/api/projects/none/examples/still", {"ids": asked, "class_id": a}, 404)


def test_small_pictures_are_made_once_and_upright(client: Client, workspace: Workspace) -> None:
    held = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200), "red").save(held, "JPEG", exif=exif)
    project = client.project()
    (example,) = client.upload(project, [("a/x.jpg", held.getvalue())])["added"]
    assert (example["width"], example["height"]) == (200, 400)
    answer = client.http.get(example["thumb"])
    image = Image.open(io.BytesIO(answer.content))
    assert (answer.headers["content-type"], image.size) == ("image/webp", (128, 256))
    (kept,) = workspace.thumbs.iterdir()
    before = kept.stat().st_mtime_ns
    client.http.get(example["thumb"])
    assert kept.stat().st_mtime_ns == before
    assert client.http.get(example["url"]).content == held.getvalue()


def test_sounds_are_taken_and_played_in_parts(client: Client) -> None:
    held = io.BytesIO()
    soundfile.write(held, np.sin(np.arange(16000) / 20).astype(np.float32), 16000, format="WAV")
    project = client.project("audio", "Sounds")
    (example,) = client.upload(project, [("yes/recording.wav", held.getvalue())])["added"]
    assert (example["kind"], example["seconds"], example["thumb"]) == ("wav", 1.0, None)
    part = client.http.get(example["url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content, part.headers["content-type"]) == (206, b"RIFF", "audio/wav")


def test_labels_of_a_table_are_read_as_elsewhere(client: Client) -> None:
    project = client.project("text", "Mood")
    columns = {"text_column": "text", "label_column": "label"}

    def add(table: str, code: int = 200) -> Any:
        path = f"/api/projects/{project}/table"
        looked = client._said(client.http.post(f"{path}?name=r.csv", content=table.encode()), 200)
        return client.post(f"{path}/{looked['upload_id']}", columns, code)

    said = add("text,label\none,1\ntwo,1.0\nthree,0\nfour,NA\n")
    assert [(r["name"], r["code"]) for r in said["rejected"]] == [("line 5", "no_label")]
    assert said["rejected"][0]["reason"].startswith("Its class says 'NA', which is read as none")
    assert {name: one["count"] for name, one in client.classes(project).items()} == {"0": 1, "1": 2}
    prices = "\n".join(f"text {i},{2 + i:.2f}" for i in range(30))
    assert "found numbers with many values" in add(f"text,label\n{prices}\n", 422)["message"]


def test_texts_are_typed_pasted_and_read_from_tables(client: Client) -> None:
    project = client.project("text", "Mood")
    good = client.post(f"/api/projects/{project}/classes", {"name": "good"}, 201)["id"]
    said = client.post(
        f"/api/projects/{project}/texts", {"class_id": good, "text": "one\n\n two \n", "split": "lines"}
    )
    assert [e["text"] for e in said["added"]] == ["one", "two"]
    table = b"text,label\nlovely/soup,good\n,good\nawful,bad/worse\nno label,\n"
    looked = client._said(client.http.post(f"/api/projects/{project}/table?name=r.csv", content=table), 200)
    assert (looked["text_column"], looked["label_column"], looked["count"]) == ("text", "label", 4)
    columns = {"text_column": "text", "label_column": "label"}
    said = client.post(f"/api/projects/{project}/table/{looked['upload_id']}", columns)
    assert said["added_count"] == 2
    assert [(r["name"], r["code"]) for r in said["rejected"]] == [
        ("line 3", "empty_text"),
        ("line 5", "no_label"),
    ]
    assert {n: c["count"] for n, c in client.classes(project).items()} == {"good": 3, "bad∕worse": 1}
    assert (
        client.post(f"/api/projects/{project}/table/{looked['upload_id']}", columns, 404)["code"]
        == "not_found"
    )


def test_files_put_in_moved_and_removed_by_hand_are_noticed(
    client: Client, workspace: Workspace, photo: bytes
) -> None:
    project = client.project()
    client.upload(project, [(f"a/{i}.png", p) for i, p in enumerate(pictures(3))])
    home = workspace.root / "Pastries" / "examples"
    files = sorted((home / "a").iterdir())
    (home / "by hand").mkdir()
    (home / "by hand" / "IMG 7.jpg").write_bytes(photo)
    (home / "by hand" / "bad.jpg").write_bytes(b"no picture")
    (home / "by hand" / ".hidden").write_bytes(b"x")
    files[0].rename(home / "by hand" / files[0].name)
    files[1].unlink()
    said = client.post(f"/api/projects/{project}/rescan")
    assert said == {"added": 2, "missing": 1, "moved": 1, "changed": 0, "classes_added": 1}
    assert {n: c["count"] for n, c in client.classes(project).items()} == {"a": 1, "by hand": 3}
    problem = client.get(f"/api/projects/{project}/problems")["items"]
    assert [(p["kind"], p["name"]) for p in problem] == [("unusable", "bad.jpg")]
    assert client.post(f"/api/projects/{project}/rescan")["added"] == 0
    (home / "by hand" / "bad.jpg").write_bytes(photo[::-1] + b"?")
    assert client.post(f"/api/projects/{project}/rescan")["changed"] == 1


def test_what_was_done_by_hand_is_told_once_and_undone_as_one_step(
    client: Client, workspace: Workspace, photo: bytes
) -> None:
    project = client.project()
    client.upload(project, [(f"a/{i}.png", p) for i, p in enumerate(pictures(3))])
    home = workspace.root / "Pastries" / "examples"
    files = sorted((home / "a").iterdir())
    (home / "new").mkdir()
    (home / "new" / "IMG 7.jpg").write_bytes(photo)
    files[0].rename(home / "new" / files[0].name)
    files[1].unlink()
    page = client.http.get(f"/projects/{project}/examples").text
    assert "In the project&#39;s folder: 1 added, 1 moved, 1 removed." in page
    assert (
        "What was removed there cannot be brought back here. Undo takes back what was added or moved." in page
    )
    assert "In the project&#39;s folder" not in client.http.get(f"/projects/{project}/examples").text
    undo = client.get(f"/api/projects/{project}/history")["undo"]
    assert (undo["kind"], undo["count"]) == ("hand_both", 2)

    client.post(f"/api/projects/{project}/undo")
    assert on_disk(workspace) == {"a": 2}
    assert {n: c["count"] for n, c in client.classes(project).items()} == {"a": 2}
    assert client.post(f"/api/projects/{project}/rescan")["added"] == 0

    client.post(f"/api/projects/{project}/redo")
    assert on_disk(workspace) == {"a": 1, "new": 2}
    client.post(f"/api/projects/{project}/undo")
    client.post(f"/api/projects/{project}/undo")
    assert on_disk(workspace) == {}


def test_files_that_were_only_taken_away_by_hand_are_told_and_are_no_step(
    client: Client, workspace: Workspace
) -> None:
    project = client.project()
    client.upload(project, [(f"a/{i}.png", p) for i, p in enumerate(pictures(3))])
    next(iter((workspace.root / "Pastries" / "examples" / "a").iterdir())).unlink()
    page = client.http.get(f"/projects/{project}/examples").text
    assert "In the project&#39;s folder: 1 removed. What was removed there cannot be brought back" in page
    assert client.get(f"/api/projects/{project}/history")["undo"]["kind"] == "add"


def test_a_class_folder_renamed_by_hand_is_a_renamed_class(client: Client, workspace: Workspace) -> None:
    project = client.project()
    client.upload(project, [(f"a/{i}.png", p) for i, p in enumerate(pictures(3))])
    ids = [e["id"] for e in client.listed(project)]
    home = workspace.root / "Pastries" / "examples"
    (home / "a").rename(home / "Renamed")
    client.post(f"/api/projects/{project}/rescan")
    assert {n: c["count"] for n, c in client.classes(project).items()} == {"Renamed": 3}
    assert [e["id"] for e in client.listed(project)] == ids
    assert sorted(on_disk(workspace)) == ["Renamed"]


def test_a_file_of_a_persons_own_keeps_its_name_until_the_app_moves_it(
    client: Client, workspace: Workspace, photo: bytes
) -> None:
    project = client.project()
    home = workspace.root / "Pastries" / "examples"
    for name in "ab":
        (home / name).mkdir()
        (home / name / "same.jpg").write_bytes(photo + name.encode())
    client.post(f"/api/projects/{project}/rescan")
    first, _ = client.listed(project)
    b = client.classes(project)["b"]["id"]
    client.post(f"/api/projects/{project}/examples/move", {"ids": [first["id"]], "class_id": b})
    assert sorted(p.name for p in (home / "b").iterdir()) == sorted([f"{first['id']}.jpg", "same.jpg"])
    assert client.get(f"/api/examples/{first['id']}")["name"] == "same.jpg"


@pytest.mark.parametrize("killed_after", range(4))
def test_whoever_opens_the_workspace_lets_the_files_follow(
    client: Client, workspace: Workspace, killed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = client.project()
    client.upload(project, [(f"a/{i}.png", p) for i, p in enumerate(pictures(3))])
    b = client.post(f"/api/projects/{project}/classes", {"name": "b"}, 201)["id"]
    ids = [e["id"] for e in client.listed(project)]
    moves = 0

    def move(source: object, target: object) -> None:
        nonlocal moves
        if moves == killed_after:
            raise KeyboardInterrupt
        moves += 1
        real(source, target)  # type: ignore[arg-type]

    real = settle.move
    monkeypatch.setattr(settle, "move", move)
    from headstart.app import changes

    try:
        changes.move_examples(workspace, project, ids, b)
    except KeyboardInterrupt:
        assert moves < 3
    monkeypatch.setattr(settle, "move", real)
    rescan(workspace, project)
    assert on_disk(workspace) == {"a": 0, "b": 3}
    assert {e["class_id"] for e in client.listed(project)} == {b}


def test_a_deleted_project_comes_back(client: Client, workspace: Workspace) -> None:
    project = client.project()
    client.upload(project, [("a/1.png", pictures(1)[0])])
    client.delete(f"/api/projects/{project}")
    assert not (workspace.root / "Pastries").exists()
    assert client.get(f"/api/projects/{project}", 404)["code"] == "not_found"
    assert [p["id"] for p in client.get("/api/projects")["deleted"]] == [project]
    other = client.project()
    assert client.get(f"/api/projects/{other}")["folder"].endswith("Pastries (2)")
    client.post(f"/api/projects/{project}/restore")
    assert on_disk(workspace) == {"a": 1}


def test_steps_that_are_too_old_go(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT_STEPS", 3)
    project = client.project()
    for name in "abcdef":
        client.post(f"/api/projects/{project}/classes", {"name": name}, 201)
    assert client.get(f"/api/projects/{project}/history")["steps"] == 3


def test_what_no_undo_can_bring_back_leaves_the_disk(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = client.project()
    client.upload(project, [(f"a/{i}.png", p) for i, p in enumerate(pictures(3))])
    ids = [e["id"] for e in client.listed(project)]
    client.post(f"/api/projects/{project}/examples/delete", {"ids": ids[:1]})
    binned = workspace.root / "Pastries" / ".deleted"
    projects.recover(workspace)
    assert [p.stem for p in binned.iterdir()] == ids[:1]
    monkeypatch.setattr(history, "KEPT_STEPS", 1)
    client.post(f"/api/projects/{project}/classes", {"name": "new"}, 201)
    projects.recover(workspace)
    assert list(binned.iterdir()) == []
    assert on_disk(workspace) == {"a": 2, "new": 0}
    assert len(list(workspace.thumbs.iterdir())) == 2


def test_a_workspace_of_a_newer_version_is_left_alone(workspace: Workspace) -> None:
    with workspace.database.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match="newer headstart"):
        Workspace(workspace.root)


def test_a_damaged_database_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "headstart.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match="cannot be used"):
        Workspace(tmp_path)
    assert (tmp_path / "headstart.sqlite").read_bytes() == b"no database at all" * 100
