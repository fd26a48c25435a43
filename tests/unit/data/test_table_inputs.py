"""What the input column of a table holds is told rightly: names of files are never learned as texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from headstart.data.gather import gather
from headstart.data.memory import from_arrays
from headstart.data.read import load
from headstart.data.row_stream import stream_table
from headstart.errors import DataError
from headstart.types import Modality

COUNT = 12


def pictures(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path, "PNG")


def table(root: Path, header: str, row: Callable[[int], str], name: str = "t.csv") -> Path:
    rows = [f"{row(number)},{'ab'[number % 2]}" for number in range(COUNT)]
    (root / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return root / name


@pytest.mark.parametrize(
    ("header", "cell", "file"),
    [
        ("image,label", r"images\{}.png", "images/{}.png"),
        ("id_code,diagnosis", "{:012x}", "train_images/{:012x}.png"),
        ("id,label", "{}", "train/{}.png"),
        ("id,label", "{}", "train/{:05}.png"),
        ("file,label", "VN-{:04}.PNG", "photos/VN-{:04}.png"),
        ("image_url,label", "https://cdn.example.org/{:05}.png?w=640", "images/{:05}.png"),
        ("path,label", r"C:\Users\A B\Desktop\{}.png", "images/{}.png"),
        ("photo,label", "my photo {}.png", "my photo {}.png"),
        ("text,label", "./images/{}.png", "images/{}.png"),
        ("name,label", "rose {}", "flowers/rose {}.png"),
    ],
)
def test_files_are_found(tmp_path: Path, header: str, cell: str, file: str) -> None:
    pictures(tmp_path, *(file.format(number) for number in range(COUNT)))
    path = table(tmp_path, header, cell.format)
    wanted = [tmp_path / file.format(number) for number in range(COUNT)]
    data = load(path)
    assert data.modality is Modality.IMAGE
    assert data.sources == wanted
    examples, problems, _ = gather([path], "image")
    assert [example.source for example in examples] == wanted
    assert problems == []
    assert [item.source for item, _ in stream_table(path, modality=Modality.IMAGE)] == wanted
    (tmp_path / "t.jsonl").write_text(
        "".join(json.dumps({"x": cell.format(n), "label": "ab"[n % 2]}) + "\n" for n in range(COUNT))
    )
    assert load(tmp_path / "t.jsonl").sources == wanted


@pytest.mark.parametrize(
    ("header", "cell", "said"),
    [
        ("image_id,label", "{:08x}ab", "look like names of files or ids"),
        ("sample,label", "IMG_{:04}", "look like names of files or ids"),
        ("image_url,label", "https://cdn.example.org/{:05}?w=640", "look like web addresses"),
        ("photo,label", r"D:\photos\{}", "names files, but none of them is in"),
        ("file,label", "scan{}.dcm", "names files, but none of them is in"),
        ("recording,label", "take{}.dat", "names files, but none of them is in"),
        ("stars,label", "{}.5", "are numbers"),
        ("image,label", "sunset{}", "look like names of files or ids"),
    ],
)
def test_names_of_nothing_are_refused(tmp_path: Path, header: str, cell: str, said: str) -> None:
    path = table(tmp_path, header, cell.format)
    (tmp_path / "pictures").mkdir()
    with pytest.raises(DataError, match=said) as caught:
        load(path)
    assert str(tmp_path) + " and the folder below it" in caught.value.message
    assert "--kind text" in (caught.value.hint or "")
    assert load(path, modality="text").sources[3] == cell.format(3)  # who insists is believed
    with pytest.raises(DataError, match="is in"):
        load(path, modality="image")


def test_names_of_texts_are_refused_even_of_a_text_model(tmp_path: Path) -> None:
    path = table(tmp_path, "file,label", "notes/{}.txt".format)
    with pytest.raises(DataError, match="none of them is in"):
        load(path, modality="text")
    _, problems, _ = gather([path], "text")
    assert "none of them is in" in problems[0].reason


WORDS = "bonjour hallo dog chat maison Haus tree arbre Buch livre Wasser wine".split()


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("word,language", WORDS),
        (
            "domain,malicious",
            [f"site{word}{n}.{'com net org'.split()[n % 3]}" for n, word in enumerate("abcdefghijkl")],
        ),
        ("package,section", "bash vim python3-numpy libc6 emacs gcc-doc nano tar curl wget zsh less".split()),
        ("text,label", [f"这个电影很好看{n}" for n in range(COUNT)]),
        ("text,label", [f"price {n}" for n in range(COUNT)]),
        ("sequence,label", ["ACGT" * (n + 1) for n in range(COUNT)]),
        (
            "review,label",
            ["ok", "no!", "5/5 would buy", "bad", "so-so", "yes", "good", "meh", "10", "hm", "wow", "eh"],
        ),
    ],
)
def test_words_are_texts(tmp_path: Path, header: str, cells: Sequence[str]) -> None:
    data = load(table(tmp_path, header, cells.__getitem__))
    assert data.modality is Modality.TEXT
    assert data.sources == list(cells)


def test_the_column_that_holds_something_is_taken(tmp_path: Path) -> None:
    path = table(tmp_path, "image,caption,label", "{0}.jpg,a few words about {0}".format)
    data = load(path)
    assert data.sources[0] == "a few words about 0"
    assert "inputs are in the column 'caption'" in data.notes[0]
    pictures(tmp_path, *(f"p/{number}.jpg" for number in range(COUNT)))
    assert load(path).modality is Modality.IMAGE
    empty = table(tmp_path, "text,image,label", ",{}.jpg".format)
    assert load(empty).modality is Modality.IMAGE


def test_texts_beside_pictures(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"p/{number}.jpg" for number in range(COUNT)))
    path = table(tmp_path, "image,text,label", "{0}.jpg,a few words about {0}".format)
    data = load(path)
    assert data.modality is Modality.TEXT
    assert "--input-column image takes those instead" in data.notes[0]
    assert load(path, modality="image").sources[0] == tmp_path / "p/0.jpg"


def test_a_column_that_counts_the_rows_is_no_input(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"p/{100 + number}.png" for number in range(COUNT)))
    data = load(table(tmp_path, ",key,kind", lambda n: f"{n},{100 + n}"))
    assert data.sources[0] == tmp_path / "p/100.png"
    data = load(table(tmp_path, "Unnamed: 0,said,kind", lambda n: f"{n + 1},words that say {n}", "u.csv"))
    assert data.sources[0] == "words that say 0"
    assert data.classes == ("a", "b")


def test_of_two_files_of_one_name_neither_is_learned_from(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"train/{number}.png" for number in range(COUNT)), "masks/3.png")
    path = table(tmp_path, "id,label", str)
    with pytest.raises(DataError, match=r"t.csv:5: '3' could be either.*masks/3.png or train/3.png"):
        load(path)
    examples, problems, _ = gather([path], "image")
    assert len(examples) == COUNT - 1
    assert problems[0].code == "ambiguous"


def test_one_missing_file_is_a_problem_of_its_row(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"img/{number}.png" for number in range(COUNT - 1)))
    data = load(table(tmp_path, "image,label", r"img\{}.PNG".format))
    assert len(data) == COUNT - 1
    assert [problem.code for problem in data.problems] == ["missing"]
    assert "t.csv: the files were found in img/." in data.notes


def test_strings_given_to_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path, *(f"img/{number}.png" for number in range(COUNT)))
    monkeypatch.chdir(tmp_path)
    labels = list("ab" * (COUNT // 2))
    for cell in (r"img\{}.png", "img/{}.png", "./img/{}.png"):
        data = from_arrays([cell.format(number) for number in range(COUNT)], labels)
        assert data.modality is Modality.IMAGE, cell
    uris = [(tmp_path / f"img/{number}.png").as_uri() for number in range(COUNT)]
    assert from_arrays(uris, labels).modality is Modality.IMAGE
    gone = [f"gone/{number}.png" for number in range(COUNT)]
    with pytest.raises(DataError, match=r"look like names of files .'gone/0.png' for instance") as caught:
        from_arrays(gone, labels)
    assert "modality='text'" in (caught.value.hint or "")
    assert from_arrays(gone, labels, modality="text").sources == gone
    assert from_arrays(WORDS, labels).sources == WORDS


@pytest.mark.parametrize("cell", [r"img\{}.png", "{}.PNG", "{}", "C:/old/img/{}.png", "./img/{}.png"])
def test_metadata_names_files_as_people_do(tmp_path: Path, cell: str) -> None:
    pictures(tmp_path, *(f"img/{number}.png" for number in range(COUNT)))
    table(tmp_path, "file_name,label", cell.format, "metadata.csv")
    data = load(tmp_path)
    assert data.problems == ()
    assert next(one.source for one in data.examples if one.label == "b") == tmp_path / "img/1.png"


def test_some_files_among_many_that_are_named(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"img/A{number}.png" for number in range(3)))
    data = load(table(tmp_path, "id,label", "A{}".format))
    assert len(data) == 3
    assert {problem.code for problem in data.problems} == {"missing"}


@pytest.mark.parametrize(
    ("header", "cell", "said"),
    [
        ("photo,label", "My Photos of last summer by the sea/IMG {}.jpg", "names files, but none of them"),
        ("x,label", '"""C:\\photos\\{}.jpg"""', "names files, but none of them"),
        ("x,label", "'photos/{}.jpg'", "names files, but none of them"),
        ("x,label", "s3://my bucket/some photos/take {}.jpg", "look like web addresses"),
        ("x,label", "gs://bucket/with a long name/and words/{}", "look like web addresses"),
        ("x,label", "file:///home/me/my photos/{}.png", "look like web addresses"),
        ("x,label", "hf://datasets/org/name/{}.png", "look like web addresses"),
        ("filename,label", "red car seen from the left {}", "look like names of files or ids"),
        ("image_id,label", "red-car-{}-front", "look like names of files or ids"),
        ("day,label", "2024-01-{:02}", "are dates"),
        ("day,label", "{} May 2024 10:30", "are dates"),
        ("day,label", "{}/02/2024", "are dates"),
        ("image,label", "\"{{'bytes': b'\\x89PNG{}', 'path': None}}\"", "are printed objects"),
        ("image,label", "\"{{'bytes': None, 'path': 'a/{}.png'}}\"", "names files, but none of them"),
        (
            "image,label",
            "<PIL.JpegImagePlugin.JpegImageFile image mode=RGB size={}x9 at 0x7F>",
            "are printed objects",
        ),
        ("x,label", '"tensor([[0.1, {}.2]])"', "are printed objects"),
        ("x,label", '"array([1, {}], dtype=uint8)"', "are printed objects"),
        ("x,label", '"[[255 254 {}]\n [1 2 3]]"', "are printed objects"),
        ("x,label", '"=IMAGE(""https://a.example.org/{}.png"")"', "look like web addresses"),
        ("x,label", "![a photo](photos/{}.png)", "names files, but none of them"),
        ("x,label", "<img src='photos/{}.png' width=9>", "names files, but none of them"),
    ],
)
def test_names_in_every_dress_are_refused(tmp_path: Path, header: str, cell: str, said: str) -> None:
    path = table(tmp_path, header, lambda number: cell.format(number + 10))
    with pytest.raises(DataError, match=said) as caught:
        load(path)
    assert "--kind text" in (caught.value.hint or "")
    assert load(path, modality="text").modality is Modality.TEXT


def test_codes_of_letters_alone_are_ids(tmp_path: Path) -> None:
    codes = [f"a{one}cDeF{one}HiJ{one}".replace(one, one.upper()) for one in "bghklmnopqrs"]
    with pytest.raises(DataError, match="look like names of files or ids"):
        load(table(tmp_path, "video,label", codes.__getitem__))


@pytest.mark.parametrize(
    ("cell", "file"),
    [
        ("My Photos of last summer by the sea/IMG {}.png", "My Photos of last summer by the sea/IMG {}.png"),
        ('"""C:\\photos\\{}.png"""', "photos/{}.png"),
        ("'photos/{}.png'", "photos/{}.png"),
        ("s3://my bucket/some photos/take {}.png", "some photos/take {}.png"),
        ("file:///home/me/my photos/{}.png", "my photos/{}.png"),
        ("\"{{'bytes': b'\\x89PNG', 'path': 'a/{}.png'}}\"", "a/{}.png"),
        ("\"{{'path': 'a/{}.png', 'bytes': None}}\"", "a/{}.png"),
        ('"=IMAGE(""https://a.example.org/{}.png"")"', "photos/{}.png"),
        ("![a photo](photos/{}.png)", "photos/{}.png"),
        ("<img src='photos/{}.png' width=9>", "photos/{}.png"),
    ],
)
def test_names_in_every_dress_are_found(tmp_path: Path, cell: str, file: str) -> None:
    pictures(tmp_path, *(file.format(number) for number in range(COUNT)))
    data = load(table(tmp_path, "x,label", cell.format))
    assert data.sources == [tmp_path / file.format(number) for number in range(COUNT)]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("photo,label", "A dog runs on the beach of photo {}."),
        ("text,label", "b'a tweet of number {}'"),
        ("text,label", '"{{""path"": ""/home"", ""method"": ""GET"", ""user"": {}}}"'),
        ("text,label", "On 5 May 2024 we were {} people"),
        ("word,label", "good{}"),
        ("text,label", "'good' said number {}"),
        ("text,label", "<b>bold {}</b>"),
    ],
)
def test_texts_that_are_not_names(tmp_path: Path, header: str, cell: str) -> None:
    words = "one two three four five six seven eight nine ten eleven twelve".split()
    data = load(table(tmp_path, header, lambda number: cell.format(words[number])))
    assert data.modality is Modality.TEXT


@pytest.mark.parametrize(
    "cell",
    ["'photos/{}.png'", "![a photo](photos/{}.png)", "https://a.example.org/photos/{}.png?w=9", "{}.0"],
)
def test_a_table_beside_files_is_read_as_one_that_is_named(tmp_path: Path, cell: str) -> None:
    pictures(tmp_path, *(f"photos/{number}.png" for number in range(COUNT)))
    table(tmp_path, "x,label", cell.format, "labels.csv")
    wanted = [tmp_path / f"photos/{number}.png" for number in range(COUNT)]
    assert load(tmp_path / "labels.csv").sources == wanted
    assert load(tmp_path).sources == wanted
