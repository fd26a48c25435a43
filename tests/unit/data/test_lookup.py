"""A cell of a table leads to the file it names, however it names it, or to a refusal that says why."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from headstart.data import lookup
from headstart.data.lookup import FileLookup
from headstart.errors import DataError
from headstart.types import Modality


def tree(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


@pytest.mark.parametrize(
    ("file", "cell"),
    [
        ("a.jpg", "a.jpg"),
        ("a.jpg", " a.jpg "),
        ("a.jpg", "./a.jpg"),
        ("images/a.jpg", "images/a.jpg"),
        ("images/a.jpg", r"images\a.jpg"),
        ("images/a.jpg", r".\images\a.jpg"),
        ("images/a.jpg", "a.jpg"),
        ("images/a.jpg", "A.JPG"),
        ("images/a.JPG", "a.jpg"),
        ("images/a.jpg", "a"),
        ("train_images/0a1b2c.png", "0a1b2c"),
        ("data/photos/a.jpg", r"photos\a.jpg"),
        ("data/photos/a.jpg", "photos/a"),
        ("images/IMG.v2.jpg", "IMG.v2"),
        ("images/my photo.jpg", "my%20photo.jpg"),
        ("images/a.jpg", "/images/a.jpg"),
        ("images/a.jpg", r"C:\Users\me\Desktop\images\a.jpg"),
        ("images/a.jpg", r"\\server\share\a.jpg"),
        ("images/a.jpg", "/home/me/data/a.jpg"),
        ("images/a.jpg", "../input/images/a.jpg"),
        ("train/a.jpg", "data/train/a.jpg"),
        ("images/a.jpg", "https://cdn.example.org/x/a.jpg?w=640&h=480#top"),
        ("images/a b.jpg", "http://example.org/a%20b.jpg"),
        ("images/a.jpg", "s3://bucket/a.jpg"),
        ("images/17.jpg", "17"),
        ("images/00017.jpg", "17"),
        ("images/17.jpg", "00017"),
        ("images/17.jpg", "00017.jpg"),
        ("images/17.jpg", "17.0"),
        ("sounds/VN-0001.opus", "VN-0001"),
        ("sounds/VN-0001.opus", "VN-0001.opus"),
        ("photos/a.heic", "a"),
        ("notes/a.txt", "a"),
    ],
)
def test_every_way_to_name_a_file(tmp_path: Path, file: str, cell: str) -> None:
    tree(tmp_path, file, "images/other.jpg", "table.csv")
    assert FileLookup(tmp_path).find(cell) == tmp_path / Path(cell.strip()) or (
        FileLookup(tmp_path).find(cell) == tmp_path / file
    )


def test_unicode_of_another_system(tmp_path: Path) -> None:
    tree(tmp_path, "bilder/" + unicodedata.normalize("NFD", "Törtchen.jpg"))
    found = FileLookup(tmp_path).find(unicodedata.normalize("NFC", "Törtchen.jpg"))
    assert found is not None
    assert found.is_file()


def test_addresses_of_files_on_this_computer(tmp_path: Path) -> None:
    path = tree(tmp_path, "elsewhere/a b.jpg") / "elsewhere" / "a b.jpg"
    tree(tmp_path, "here/b.jpg")
    assert FileLookup(tmp_path / "here").find(path.as_uri()) == path


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "  ",
        "/",
        "..",
        "gone.jpg",
        "dogs/a.jpg",
        "two\nlines",
        "a\x00b",
        "x" * 5000,
        "https://[broken/gone",
        "1",
    ],
)
def test_what_names_no_file(tmp_path: Path, cell: str) -> None:
    assert FileLookup(tree(tmp_path, "cats/a.jpg", "cats/b.csv", "c.csv")).find(cell) is None


def test_a_number_of_elsewhere_is_no_id(tmp_path: Path) -> None:
    finder = FileLookup(tree(tmp_path, "images/00017.jpg"))
    assert finder.find("https://example.org/17") is None
    assert finder.find("https://example.org/00017") == tmp_path / "images/00017.jpg"


def test_of_two_files_neither_is_taken(tmp_path: Path) -> None:
    tree(tmp_path, "images/a.png", "masks/a.png")
    for cell in ("a.png", "a", "https://example.org/a.png"):
        with pytest.raises(
            DataError, match=r"could be either of two files.*images/a.png or masks/a.png"
        ) as caught:
            FileLookup(tmp_path).find(cell)
        assert "images/a.png" in (caught.value.hint or "")
    assert FileLookup(tmp_path).find("masks/a.png") == tmp_path / "masks/a.png"
    assert FileLookup(tmp_path).find("/old/masks/a.png") == tmp_path / "masks/a.png"


def test_two_cells_never_share_a_file_by_its_name(tmp_path: Path) -> None:
    finder = FileLookup(tree(tmp_path, "images/1.jpg"))
    finder.find("https://example.org/cats/1.jpg?w=1")
    finder.find("https://example.org/cats/1.jpg?w=2")
    with pytest.raises(DataError, match=r"'https://example.org/dogs/1.jpg' and 'cats/1.jpg'.*images/1.jpg"):
        finder.find("https://example.org/dogs/1.jpg")


def test_an_id_means_the_picture_and_not_what_stands_beside_it(tmp_path: Path) -> None:
    tree(tmp_path, "a.jpg", "a.txt", "a.xml", "a.json", "a.csv")
    assert FileLookup(tmp_path).find("a") == tmp_path / "a.jpg"
    assert FileLookup(tmp_path, modality=Modality.TEXT).find("a") == tmp_path / "a.txt"
    tree(tmp_path, "a.wav")
    assert FileLookup(tmp_path, modality=Modality.AUDIO).find("a") == tmp_path / "a.wav"


def test_where_files_were_found_is_said(tmp_path: Path) -> None:
    tree(tmp_path, "images/a.jpg", "b.jpg")
    finder = FileLookup(tmp_path)
    finder.find("b.jpg")
    assert finder.note == ""
    finder.find("a")
    assert finder.note == "the files were found in images/"
    finder.find("https://example.org/a.jpg")
    assert finder.note == "the files were found by name in images/"


def test_the_search_is_bounded_and_loops_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "images/a.jpg", "z/b.jpg", ".hidden/c.jpg")
    (tmp_path / "images" / "round").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "images")
    assert FileLookup(tmp_path).find("a") == tmp_path / "images/a.jpg"
    assert FileLookup(tmp_path).find("c") is None
    monkeypatch.setattr(lookup, "MAX_FILES", 1)
    finder = FileLookup(tmp_path)
    assert finder.find("b") is None
    assert "the first 1 files" in finder.searched
