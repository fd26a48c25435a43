"""The page about documents names every format, ending, code and limit."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import headstart.documents
from headstart.documents.formats import READERS
from headstart.documents.limits import ReadingLimits

REPO = Path(__file__).resolve().parents[2]
PAGE = (REPO / "docs" / "documents.md").read_text(encoding="utf-8")
SOURCE = Path(headstart.documents.__file__).parent


def test_every_format_and_limit_is_named() -> None:
    for name in (*READERS, *(field.name for field in fields(ReadingLimits))):
        assert f"`{name}`" in PAGE, name


def test_every_code_is_named() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py"))
    codes = set(re.findall(r'kind="(\w+)"', text)) | set(re.findall(r'Problem\(.*, "(\w+)"\)', text))
    assert len(codes) > 15
    for code in codes - {"missing_extra"}:
        assert f"`{code}`" in PAGE, code


def test_every_name_is_described() -> None:
    for name in set(headstart.documents.__all__) - {"Document", "Section", "QuestionAnswer", "PersonalData"}:
        assert name in PAGE, name
