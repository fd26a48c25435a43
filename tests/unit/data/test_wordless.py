"""Text files that hold no words are listed with the reason, and never read as texts."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest

from headstart.data.read import gather, load, require_trainable
from headstart.data.text import decode_text
from headstart.data.wordless import wordless_kind
from headstart.errors import NotEnoughDataError, SourceError

DICE = random.Random(3)
BYTES = DICE.randbytes(900)


def numbers(lines: int, columns: int, between: str = "\t", before: str = "") -> str:
    rows = (before + between.join(f"{DICE.gauss(0, 9):.4f}" for _ in range(columns)) for _ in range(lines))
    return "\n".join(rows) + "\n"


WORDLESS = {
    "an ECG in columns": (numbers(200, 3), "numbers"),
    "with names above": ("time,ax,ay\n" + numbers(50, 3, ","), "numbers"),
    "with decimal commas": ("zeit;x\n" + numbers(50, 2, ";").replace(".", ","), "numbers"),
    "with remarks": ("# subject 7\n# 360 Hz\n" + numbers(60, 1), "numbers"),
    "one line": (numbers(1, 187, " "), "numbers"),
    "as JSON": ("[" + numbers(1, 60, ", ").strip() + "]", "numbers"),
    "with times": ("".join(f"2020-01-05 12:00:{n:02} {n * 7}\n" for n in range(40)), "numbers"),
    "ARFF": ("@relation x\n@attribute a numeric\n@data\n" + numbers(30, 3, ","), "numbers"),
    "atoms": (numbers(20, 3, " ", "C "), "numbers"),
    "OBJ": ("# Blender\no Cube\n" + numbers(30, 3, " ", "v ") + "f 1/1/1 2/2/2 3/3/3\n" * 40, "model 3d"),
    "STL": (
        "solid cube\n" + "facet normal 0 0 1\n outer loop\n  vertex 0 0 0\n endloop\nendfacet\n",
        "model 3d",
    ),
    "PLY": ("ply\nformat ascii 1.0\nelement vertex 9\nend_header\n" + numbers(9, 3, " "), "model 3d"),
    "OFF": ("OFF\n8 6 12\n" + numbers(9, 3, " "), "model 3d"),
    "base64 in lines": (base64.encodebytes(BYTES).decode(), "encoded"),
    "base64 in one line": (base64.b64encode(BYTES).decode(), "encoded"),
    "hex": (BYTES.hex(), "encoded"),
    "a data address": ("data:image/png;base64," + base64.b64encode(BYTES).decode(), "encoded"),
    "a certificate": ("-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(BYTES).decode(), "encoded"),
    "a mailbox": ("From a@b.c Thu Jan  1 00:00:00 2020\nSubject: x\n\nwords here\n\n" * 3, "mailbox"),
}

TEXTS = {
    "a number": "4170",
    "a telephone number": "+49 30 1234567",
    "a mail": "From: a@b.c\nSubject: offer\n\nBuy 10 for 9.99, 20 for 18.99\n",
    "an old mail": "From a@b.c Thu Jan  1 00:00:00 2020\nSubject: x\n\nwords\n",
    "subtitles": "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\nOh no!\n\n" for n in range(30)),
    "a receipt": "".join(f"Milk {n}.20 {n} 2.40\nTotal\n" for n in range(20)),
    "code": "values = [\n" + "    0x1F, 22, 33,\n" * 40 + "]\ndef f(x):\n    return x\n",
    "a genome": ">seq1 homo\n" + "ACGTTGCA" * 60,
    "a drawing": '<svg><path d="M 1.5 2.5"/></svg>',
    "LaTeX": r"\documentclass{article}\begin{document}words\end{document}",
    "Chinese": "这是一个句子没有空格" * 40,
    "Thai": "ประโยคภาษาไทยไม่มีช่องว่าง" * 20,
    "a long address": "https://example.org/" + "a-page/" * 60,
    "a log": "".join(f"2020-01-05 12:00:{n:02} disk {n} is full\n" for n in range(40)),
    "a calendar": "BEGIN:VCALENDAR\nVERSION:2.0\nSUMMARY:lunch\nEND:VCALENDAR\n",
    "verses": "v one\nv two\nv three four\n",
    "solid ground": "solid ground under our feet\nand nothing else",
}


@pytest.mark.parametrize("name", WORDLESS)
def test_no_words(name: str) -> None:
    content, kind = WORDLESS[name]
    assert wordless_kind(content) == kind


@pytest.mark.parametrize("name", TEXTS)
def test_words(name: str) -> None:
    assert wordless_kind(TEXTS[name]) is None
    assert decode_text(TEXTS[name].encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("normal", "ill"):
        (tmp_path / label).mkdir()
        for place in range(4):
            (tmp_path / label / f"{place}.txt").write_text(f"some words about {label} people {place}")
        (tmp_path / label / "signal.txt").write_text(WORDLESS["an ECG in columns"][0])
        (tmp_path / label / "model.obj").write_text(WORDLESS["OBJ"][0])
    return tmp_path


def test_files_without_words_are_listed(folder: Path) -> None:
    data = load(folder)
    assert len(data) == 8
    reasons = {problem.source: problem.reason for problem in data.problems}
    assert set(reasons) == {
        f"{label}/{name}" for label in data.classes for name in ("signal.txt", "model.obj")
    }
    assert reasons["ill/signal.txt"] == (
        "It is a table of numbers with hardly a word in it, not plain text; draw each as a picture, or save "
        "a signal as WAV; numbers that are texts go into a table: text,label."
    )
    assert reasons["ill/model.obj"] == "It is a 3D model, not plain text; save a picture of it."
    assert len(gather([folder], "text")[0]) == 8


def test_nothing_but_numbers_is_refused(tmp_path: Path) -> None:
    for label in ("normal", "ill"):
        (tmp_path / label).mkdir()
        for place in range(4):
            (tmp_path / label / f"{place}.dat").write_text(numbers(50, 3))
    with pytest.raises(NotEnoughDataError, match="a table of numbers with hardly a word in it"):
        require_trainable(load(tmp_path))


def test_strings_and_cells_are_taken_as_they_are(tmp_path: Path) -> None:
    content = WORDLESS["an ECG in columns"][0]
    assert decode_text(content) == content
    with pytest.raises(SourceError, match="table of numbers"):
        decode_text(content.encode())
    (tmp_path / "rows.csv").write_text("text,label\n" + f'"{content}",a\n"words",b\n')
    data = load(tmp_path / "rows.csv")
    assert [example.source for example in data.examples] == [content, "words"]


@pytest.mark.parametrize("letters", ["a", "fade"])
def test_a_letter_held_down_is_a_text(letters: str) -> None:
    assert wordless_kind(letters * 5_000) is None
