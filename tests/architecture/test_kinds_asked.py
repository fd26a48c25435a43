"""What a kind of data is stands in its record: nobody asks whether it is the one of rows by its name."""

from __future__ import annotations

import ast
from pathlib import Path

import headstart

SRC = Path(headstart.__file__).parent
MAY = ("kinds/", "row.py", "data/mixed/", "encoders/columns/", "workflows/rows/")
"""Where rows are at home."""


def comparisons(source: str) -> list[int]:
    """Return the lines that compare something with the name of the kind of rows."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare | ast.BinOp | ast.MatchValue)
        and any(_is_table(part) for part in ast.iter_child_nodes(node))
    ]


def _is_table(node: ast.AST) -> bool:
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        return any(map(_is_table, node.elts))
    return (isinstance(node, ast.Name) and node.id == "TABLE") or (
        isinstance(node, ast.Attribute) and node.attr == "TABLE"
    )


def test_nobody_compares_with_the_kind_of_rows() -> None:
    found = [
        f"{path.relative_to(SRC)}:{line}"
        for path in SRC.rglob("*.py")
        if not path.relative_to(SRC).as_posix().startswith(MAY)
        for line in comparisons(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_such_a_comparison_would_be_seen() -> None:
    told = "a = x == TABLE\nb = x - {TABLE}\nc = x in (TABLE, y)\nd = row.TABLE != x\ne = TABLE if y else z"
    assert comparisons(told) == [1, 2, 3, 4]
