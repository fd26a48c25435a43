"""Lists that a text writes out, in the ways of JSON, Python, NumPy, pandas and PostgreSQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headstart.data.written_lists import written_out


@pytest.mark.parametrize(
    "value",
    [
        ["a", "b"], ("a", "b"), {"a", "b"}, frozenset({"a", "b"}), np.array(["a", "b"]),
        np.array(["a", "b"], object),
    ],
    ids=repr,
)  # fmt: skip
def test_what_python_writes(value: Any) -> None:
    assert written_out(str(value)) == ["a", "b"]
    assert written_out(repr(value)) == ["a", "b"]


@pytest.mark.parametrize("text", ['["a","b"]', "{a,b}", "[a, b]", "{a, b}"])
def test_what_others_write(text: str) -> None:
    assert written_out(text) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("array(['a'], dtype=object)", ["a"]), ("('a',)", ["a"]), ("[]", []), ("set()", []), ("array([])", [])],
)
def test_one_and_none(text: str, found: list[str]) -> None:
    assert written_out(text) == found


@pytest.mark.parametrize(
    "text",
    ["a", "(0, 10]", "(0, 10)", "[0, 10)", "(Intercept)", "(a, b)", "{b}", "[other]", "a, b", "f(x)", "()"],
)
def test_what_is_a_name(text: str) -> None:
    assert written_out(text) is None
