"""Local variables are named for what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import headstart

SOURCE = Path(headstart.__file__).parent
EMPTY = {"one", "told", "found", "made", "turn"}
"""Names that say how a thing came about, or how many there are, and not what it is."""
PACKAGES = ("advice", "bundle", "cli", "data", "encoders", "evaluation", "heads")


def bound(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each name that is bound, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def fields(tree: ast.Module) -> set[int]:
    """Return the lines of fields of classes."""
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {line.lineno for each in classes for line in each.body if isinstance(line, ast.AnnAssign)}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_variable_is_named_for_what_it_holds(package: str) -> None:
    empty = []
    for path in sorted((SOURCE / package).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        own = fields(tree)
        empty += [
            f"{path.relative_to(SOURCE)}:{line} {name}"
            for name, line in bound(tree)
            if name in EMPTY and line not in own
        ]
    assert not empty, f"Name these for what they hold: {', '.join(empty)}"
