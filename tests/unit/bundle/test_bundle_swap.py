"""One folder takes the place of another in one step."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from headstart.bundle import swap
from headstart.bundle.swap import find_folder, replacing


def ours(name: str) -> bool:
    return name.startswith("part")


def fill(target: Path, word: str) -> None:
    with replacing(target, ours) as folder:
        for number in range(3):
            (folder / f"part{number}").write_text(word)


def fail(target: Path) -> None:
    with replacing(target, ours) as folder:
        (folder / "part0").write_text("broken")
        raise RuntimeError


def words(target: Path) -> set[str]:
    return {path.read_text() for path in target.glob("part*")}


@pytest.fixture(params=["exchange", "two steps"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two steps":
        monkeypatch.setattr(swap, "_exchange", lambda one, other: False)


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.mark.usefixtures("_way")
def test_new_then_replaced_and_nothing_left_over(tmp_path: Path):
    target = tmp_path / "deep" / "model"
    fill(target, "one")
    assert words(target) == {"one"}
    fill(target, "two")
    assert words(target) == {"two"}
    assert hidden(target.parent) == []


@pytest.mark.usefixtures("_way")
def test_the_persons_own_files_are_carried_over(tmp_path: Path):
    target = tmp_path / "model"
    fill(target, "one")
    (target / "NOTES.md").write_text("mine")
    (target / ".git").mkdir()
    (target / ".git" / "config").write_text("mine too")
    fill(target, "two")
    assert (target / "NOTES.md").read_text() == "mine"
    assert (target / ".git" / "config").read_text() == "mine too"


@pytest.mark.usefixtures("_way")
def test_an_error_leaves_the_old_folder(tmp_path: Path):
    target = tmp_path / "model"
    fill(target, "one")
    with pytest.raises(RuntimeError):
        fail(target)
    assert words(target) == {"one"}
    assert hidden(tmp_path) == []


def test_an_old_folder_left_aside_is_found_and_put_back(tmp_path: Path):
    aside = tmp_path / ".model.headstart-old-0a"  # killed between the two renames
    aside.mkdir()
    (aside / "part0").write_text("one")
    assert find_folder(tmp_path / "model") == aside
    with pytest.raises(RuntimeError):
        fail(tmp_path / "model")
    assert words(tmp_path / "model") == {"one"}


def test_waste_of_a_killed_save_is_removed_and_own_files_in_it_kept(tmp_path: Path):
    target = tmp_path / "model"
    fill(target, "one")
    stale = tmp_path / ".model.headstart-new-0a"  # killed after the exchange: this is the older folder
    stale.mkdir()
    (stale / "part0").write_text("zero")
    (stale / "NOTES.md").write_text("mine")
    fill(target, "two")
    assert hidden(tmp_path) == []
    assert words(target) == {"two"}
    assert (target / "NOTES.md").read_text() == "mine"


def test_a_neighbour_with_a_longer_name_is_left_alone(tmp_path: Path):
    neighbour = tmp_path / ".model2.headstart-new-0a"
    neighbour.mkdir()
    fill(tmp_path / "model", "one")
    assert neighbour.is_dir()


@pytest.mark.usefixtures("_way")
def test_many_at_once_end_with_one_whole_folder(tmp_path: Path):
    target = tmp_path / "model"
    threads = [threading.Thread(target=fill, args=(target, f"w{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(words(target)) == 1
    assert len(list(target.iterdir())) == 3
    assert hidden(tmp_path) == []
