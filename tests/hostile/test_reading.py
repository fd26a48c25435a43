"""Folders and names that nobody tests for: loops, pipes, odd bytes, hidden directions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headstart.data.names import class_name, safe_name
from headstart.data.read import gather, load
from headstart.errors import DataError

posix = pytest.mark.skipif(sys.platform == "win32", reason="names and links of POSIX")


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path, "PNG")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    photo(tmp_path / "data" / "cat" / "1.png")
    photo(tmp_path / "data" / "dog" / "2.png")
    return tmp_path / "data"


@posix
def test_links_in_a_circle_end(root: Path) -> None:
    (root / "cat" / "up").symlink_to(root)
    (root / "cat" / "self").symlink_to(root / "cat")
    (root / "dog" / "cats").symlink_to(root / "cat")
    data = load(root)
    assert data.counts == {"cat": 1, "dog": 1}
    assert data.ignored == {"links to folders already read": 3}


@posix
def test_links_to_elsewhere_are_followed(root: Path, tmp_path: Path) -> None:
    photo(tmp_path / "elsewhere" / "3.png")
    (root / "bird").symlink_to(tmp_path / "elsewhere")
    (root / "cat" / "4.png").symlink_to(tmp_path / "elsewhere" / "3.png")
    assert load(root).counts == {"bird": 1, "cat": 2, "dog": 1}


@posix
def test_broken_links_are_listed(root: Path) -> None:
    (root / "cat" / "gone.png").symlink_to("nowhere.png")
    (root / "cat" / "me.png").symlink_to("me.png")
    data = load(root)
    assert {problem.source: problem.code for problem in data.problems} == {
        "cat/gone.png": "broken_link",
        "cat/me.png": "broken_link",
    }


@posix
def test_pipes_are_never_waited_for(root: Path) -> None:
    os.mkfifo(root / "cat" / "pipe.png")
    data = load(root)
    assert len(data) == 2
    assert data.ignored == {"pipes and devices": 1}
    _, problems, _ = gather([root / "cat" / "pipe.png"], "image")
    assert "pipe or device" in problems[0].reason


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_listed(root: Path) -> None:
    (root / "cat" / "1.png").chmod(0)
    (root / "dog").chmod(0)
    try:
        codes = {
            problem.source: problem.code for problem in load(root, labelled=False, modality="image").problems
        }
    finally:
        (root / "dog").chmod(0o700)
    assert codes == {"cat/1.png": "forbidden", "dog": "forbidden"}


NAMES = {
    "🥐 croissant": "🥐 croissant",
    "שלום": "שלום",
    "کتاب‌خانه": "کتاب‌خانه",  # a zero-width non-joiner belongs to the word
    "two\nlines": "two\\nlines",
    "tab\tbed": "tab\\tbed",
    "evil\u202egpj.exe": "evil\\u202egpj.exe",
    "\x1b[31mred": "\\x1b[31mred",
    "e\u0301clair": "éclair",
    "a\u2028b": "a\\u2028b",
}


@posix
@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind(root: Path, name: str) -> None:
    photo(root / name / f"{name}.png")
    data = load(root)
    assert NAMES[name] in data.classes
    example = next(example for example in data.examples if example.label == NAMES[name])
    assert "\n" not in example.name
    assert json.loads(json.dumps(example.name)) == example.name
    assert Path(str(example.source)).is_file()


@posix
def test_names_that_are_no_utf8(root: Path) -> None:
    photo(root / os.fsdecode(b"caf\xe9") / os.fsdecode(b"pain\xff.png"))
    data = load(root)
    assert "caf\\xe9" in data.classes
    example = next(example for example in data.examples if example.label == "caf\\xe9")
    assert example.name == "caf\\xe9/pain\\xff.png"
    example.name.encode("utf-8")
    assert Path(str(example.source)).is_file()
    (root / "cat" / "empty.png").touch()
    json.dumps([problem.to_dict() for problem in load(root).problems]).encode("utf-8")


@given(st.text(alphabet=st.characters()))
def test_safe_names_are_printable_everywhere(name: str) -> None:
    safe = safe_name(name)
    safe.encode("utf-8")
    assert "\n" not in safe
    assert "\r" not in safe
    assert "\x1b" not in safe
    assert not set(safe) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
    assert safe_name(safe) == safe
    assert class_name(class_name(name)) == class_name(name)


@posix
def test_a_very_deep_folder_ends(root: Path) -> None:
    place = root / "cat"
    for _ in range(60):
        place = place / "in"
    photo(place / "deep.png")
    data = load(root)
    assert len(data) == 2
    assert sum(data.ignored.values()) == 1


def test_a_thousand_to_one(tmp_path: Path) -> None:
    rows = [f"text number {n},common" for n in range(1000)] + ["something else,rare"]
    (tmp_path / "r.csv").write_text("text,label\n" + "\n".join(rows))
    assert load(tmp_path / "r.csv").counts == {"common": 1000, "rare": 1}


def test_column_of_texts_that_are_no_file_names_whatever_they_hold(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text('text,label\n"/etc/passwd is a file",x\n"' + "a/" * 5000 + '",y\n')
    assert len(load(tmp_path / "r.csv")) == 2


def test_a_file_where_a_folder_was_meant(root: Path) -> None:
    with pytest.raises(DataError, match=r"found one file: 1\.png is a PNG picture"):
        load(root / "cat" / "1.png")
