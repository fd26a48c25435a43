"""Rows in requests: what a form or an object of JSON gives, and that nobody names a file of ours."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from headstart.errors import Refused, SourceError
from headstart.serve.rows import is_cell, row_of, row_of_form
from headstart.serve.takes import Takes
from headstart.types import Modality
from headstart.web.parts import Memory, Part

TAKES = Takes(
    Modality("table"),
    {"photo": "image", "price": "number", "top": "category", "about": "text"},
    frozenset({"photo"}),
)
PLAIN = Takes(Modality("table"), {"price": "number"})


def part(name: str, content: str | bytes, filename: str | None = None) -> Part:
    raw = content if isinstance(content, bytes) else content.encode()
    return Part(name, filename, Memory(bytearray(raw)))


def cells(*parts: Part, takes: Takes = TAKES) -> Mapping[str, Any]:
    return row_of_form(parts, takes).cells


def test_a_form_holds_a_field_for_each_cell_and_more_as_json() -> None:
    assert cells(
        part("photo", b"\x89PNG", "a.png"), part("row", '{"price": 9.5, "about": null}'), part("other", "x")
    ) == {"photo": b"\x89PNG", "price": 9.5, "about": None, "other": "x"}


def test_a_file_that_was_not_chosen_is_a_missing_cell() -> None:
    assert cells(part("photo", b"", ""), part("price", "")) == {"photo": None, "price": ""}


def test_a_column_named_like_an_option_is_a_cell() -> None:
    assert is_cell(part("top", "1"), TAKES)
    assert not is_cell(part("confidence", "0.9"), TAKES)
    assert not is_cell(part("top", "1"), PLAIN)
    assert is_cell(part("top", b"x", "file"), PLAIN)


def test_a_column_named_row_is_a_cell() -> None:
    takes = Takes(Modality("table"), {"row": "number"})
    assert cells(part("row", "3"), takes=takes) == {"row": "3"}


@pytest.mark.parametrize("name", ["/etc/passwd", "photo.jpg", "../secret.png", "http://here/a.png"])
def test_no_text_names_a_photo(name: str) -> None:
    with pytest.raises(SourceError, match="'photo' holds photos, and a text was sent; send the file itself"):
        cells(part("photo", name))
    for sent in (part("row", f'{{"photo": "{name}"}}'),):
        with pytest.raises(SourceError, match="'photo': It is not base64"):
            cells(sent)
    with pytest.raises(SourceError, match="'photo': It is not base64"):
        row_of("input 1", {"photo": name}, TAKES)


def test_json_holds_photos_as_base64_and_nothing_else() -> None:
    sent = base64.b64encode(b"\x89PNG").decode()
    assert row_of("input 1", {"photo": sent, "about": sent}, TAKES).cells == {
        "photo": b"\x89PNG",
        "about": sent,
    }
    assert row_of("input 1", {"photo": None}, TAKES).cells == {"photo": None}
    with pytest.raises(SourceError, match="'photo' holds photos; send the bytes of the file as base64"):
        row_of("input 1", {"photo": 7}, TAKES)


@pytest.mark.parametrize(
    ("parts", "takes", "message"),
    [
        ([part("price", "1"), part("row", '{"price": 2}')], TAKES, "has the column 'price' twice"),
        ([part("picture", b"x", "a.png")], TAKES, "'picture', which is no column of photos or sounds"),
        ([part("price", b"x", "a.csv")], PLAIN, "'price', and no column of this model holds files"),
        ([part("row", "{")], TAKES, "The field row is not JSON"),
        ([part("row", "[1]")], TAKES, "The field row must be an object of texts, numbers"),
        ([part("row", '{"price": [1]}')], TAKES, "The field row must be an object of texts, numbers"),
    ],
)
def test_what_a_form_cannot_hold_is_refused(parts: list[Part], takes: Takes, message: str) -> None:
    with pytest.raises(Refused, match=message) as caught:
        row_of_form(parts, takes)
    assert caught.value.status == 422
    assert caught.value.hint
