"""Files go into one folder for each class; nothing is ever written over, whatever names there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.errors import HeadstartError, SourceError
from headstart.workflows import sorting
from headstart.workflows.sorting import Sorter, folder_names

HOSTILE = (
    "../../etc", "/etc/passwd", "..", ".", "", "   ", "a/b", "a\\b", "a:b", "CON", "nul.txt", "unsure",
    "none of these", "UNSURE", "unreadable.csv", ".hidden", "x" * 300, "é" * 200, "a\nb", "a\x00b", "scone",
    "Scone", "scone.", "scone ", "~", "$(rm)", "-rf", "con .jpg",
)  # fmt: skip


def test_hostile_class_names_lead_nowhere_else(tmp_path: Path):
    found = folder_names(HOSTILE)
    assert set(found) == set(HOSTILE)
    folded = [name.casefold() for name in found.values()]
    assert len(set(folded)) == len(folded)
    assert not {"unsure", "none of these", "unreadable.csv"} & set(folded)
    for name in found.values():
        assert Path(name).name == name
        (tmp_path / "root" / name).mkdir(parents=True)
        assert (tmp_path / "root" / name).resolve().parent == (tmp_path / "root").resolve()
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    assert found["scone"] == "scone"


def make(tmp_path: Path, *, link: bool = False) -> Sorter:
    sorter = Sorter(tmp_path / "out", ("scone", "bagel"), link=link)
    sorter.check()
    return sorter


def file(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.mark.parametrize("link", [False, True])
def test_names_that_are_taken_are_numbered_and_again_changes_nothing(tmp_path: Path, link: bool):
    sources = [file(tmp_path, f"{folder}/img.jpg", folder) for folder in "abc"]
    sorter = make(tmp_path, link=link)
    scone = sorter.folder_of("scone", unsure=False, known=None)
    scone.mkdir()
    file(tmp_path, "out/scone/img.jpg", "of somebody else")
    for _ in range(2):
        placed = [sorter.put(source, scone) for source in sources]
        assert [path.name for path in placed] == ["img (2).jpg", "img (3).jpg", "img (4).jpg"]
    assert (scone / "img.jpg").read_text() == "of somebody else"
    assert [(scone / f"img ({n}).jpg").read_text() for n in (2, 3, 4)] == ["a", "b", "c"]
    assert sorted(path.name for path in scone.iterdir()) == [
        "img (2).jpg",
        "img (3).jpg",
        "img (4).jpg",
        "img.jpg",
    ]
    assert (sorter.placed, sorter.there) == (3, 3)
    assert (scone / "img (2).jpg").samefile(sources[0]) is link


def test_a_link_to_another_disk_is_a_symbolic_one(tmp_path: Path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(sorting.os, "link", refuse)
    source = file(tmp_path, "a.jpg", "a")
    sorter = make(tmp_path, link=True)
    for _ in range(2):
        placed = sorter.put(source, tmp_path / "out" / "scone")
        assert placed.is_symlink()
        assert placed.read_text() == "a"
    assert (sorter.placed, sorter.there) == (1, 1)
    copied = make(tmp_path / "copies")
    assert copied.put(source, tmp_path / "copies" / "out" / "scone").read_text() == "a"


def test_half_a_copy_never_has_a_name_of_its_own(tmp_path: Path, monkeypatch):
    def die(source: Path, target: Path) -> None:
        target.write_text("hal")
        raise OSError(28, "No space left on device")

    source = file(tmp_path, "a.jpg", "half")
    with monkeypatch.context() as patch:
        patch.setattr(sorting.shutil, "copy2", die)
        with pytest.raises(HeadstartError, match="No space left"):
            make(tmp_path).put(source, tmp_path / "out" / "scone")
    assert list((tmp_path / "out" / "scone").iterdir()) == []
    (tmp_path / "out" / "scone" / ".headstart-new").write_text("hal")  # as kill -9 leaves it
    assert make(tmp_path).put(source, tmp_path / "out" / "scone").read_text() == "half"
    assert [path.name for path in (tmp_path / "out" / "scone").iterdir()] == ["a.jpg"]


def test_doubt_has_folders_of_its_own(tmp_path: Path):
    sorter = make(tmp_path)
    assert sorter.folder_of("scone", unsure=True, known=True).name == "unsure"
    assert sorter.folder_of("scone", unsure=True, known=False).name == "none of these"
    assert sorter.folder_of("scone", unsure=False, known=True).name == "scone"


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path):
    sorter = make(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "scone").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HeadstartError, match="leads elsewhere"):
        sorter.put(file(tmp_path, "a.jpg", "a"), tmp_path / "out" / "scone")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_that_has_gone_is_its_own_problem(tmp_path: Path):
    with pytest.raises(SourceError, match="gone"):
        make(tmp_path).put(tmp_path / "gone.jpg", tmp_path / "out" / "scone")


def test_very_long_names_are_cut_where_they_must_be(tmp_path: Path):
    sorter = make(tmp_path)
    name = "é" * 120 + ".jpg"
    first, second = file(tmp_path, f"a/{name}", "a"), file(tmp_path, f"b/{name}", "b")
    placed = [sorter.put(path, tmp_path / "out" / "scone") for path in (first, second)]
    assert [path.read_text() for path in placed] == ["a", "b"]
    assert all(path.suffix == ".jpg" for path in placed)
