"""Texts of every encoding come out as clean strings, or with a reason."""

from __future__ import annotations

import codecs
import contextlib
import pickle
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headstart.data.text import MAX_CHARACTERS, TextTooLong, clean, decode_text, read_text
from headstart.errors import SourceError

WORDS = "Crème brûlée kostet 5 € – naïve façade"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "cp1252"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_encodings(tmp_path: Path, mark: bytes, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(mark + WORDS.encode(encoding))
    text, note = read_text(tmp_path / "a.txt")
    assert text == WORDS
    guessed = not mark and encoding != "utf-8"
    assert bool(note) == guessed
    if guessed:
        assert "UTF-8" in note


def test_a_few_bad_bytes_do_not_change_the_encoding() -> None:
    text, note = read_text("Ärger über Öl, größer".encode() + b" \xff ende")
    assert text == "Ärger über Öl, größer � ende"
    assert "1 damaged" in note


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "\x00\x00", b"\xef\xbb\xbf", " \u00a0\u2003"])
def test_blank_texts_are_refused(blank: str | bytes) -> None:
    with pytest.raises(SourceError, match="empty") as caught:
        decode_text(blank)
    assert caught.value.kind in ("empty_text", "empty")


def test_nul_is_removed() -> None:
    assert decode_text("a\x00b") == "ab"
    assert decode_text(b"some words with one \x00 in them, which is damage").count("\x00") == 0


def test_ten_megabytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"word " * 2_000_000)
    for source in (tmp_path / "a.txt", "x" * (MAX_CHARACTERS + 1), b"x " * 3_000_000):
        with pytest.raises(SourceError, match="split it into parts") as caught:
            decode_text(source)
        assert caught.value.kind == "too_long"
    assert pickle.loads(pickle.dumps(TextTooLong(5))).kind == "too_long"


def test_pictures_are_no_texts() -> None:
    for data in (b"\x89PNG\r\n\x1a\n" + bytes(50), bytes(range(256)) * 4, b"PK\x03\x04 docx"):
        with pytest.raises(SourceError, match="not plain text") as caught:
            decode_text(data)
        assert caught.value.kind == "not_text"
    with pytest.raises(SourceError, match="give a string"):
        decode_text(5)  # type: ignore[arg-type]


@given(st.text())
def test_clean_is_idempotent_and_printable_as_utf8(text: str) -> None:
    once = clean(text)
    assert clean(once) == once or once.startswith("\ufeff")
    once.encode("utf-8")
    assert "\x00" not in once
    assert "\r" not in once


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\x00\ufeff"), min_size=1))
def test_utf8_comes_back(text: str) -> None:
    assume(not text.isspace())
    assert decode_text(text) == text
    assume(all(ord(letter) >= 32 or letter in "\t\n" for letter in text))  # else it looks binary
    assert decode_text(b"words first " + text.encode()) == "words first " + text


@given(st.binary())
def test_any_bytes_give_text_or_a_reason(data: bytes) -> None:
    with contextlib.suppress(SourceError):  # anything else fails the test
        decode_text(data).encode("utf-8")
