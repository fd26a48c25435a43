"""Count modules that name a kind of data outside `kinds/`, or classes outside of targets, and lines.

python scripts/count_seams.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
SOURCES = REPO / "src" / "headstart"
KINDS = {"image", "text", "audio"}
OF_CLASSES = re.compile(r"\bargmax\b|\bclasses\b")


def code_lines(path: Path) -> int:
    """Return how many lines of a file are code: neither empty, nor a comment, nor documentation."""
    text = path.read_text("utf-8")
    documented = {
        line
        for node in ast.walk(ast.parse(text))
        for statement in _body(node)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
    lines = enumerate(text.splitlines(), start=1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and n not in documented for n, line in lines
    )


def _body(node: ast.AST) -> list[ast.stmt]:
    body = getattr(node, "body", None)
    return body if isinstance(body, list) else []


def names_a_kind(path: Path) -> bool:
    """Tell whether a string of a module's code is the name of a kind of data, or its member of `Modality`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in KINDS:
            return True
        if isinstance(node, ast.Attribute) and node.attr in {"IMAGE", "TEXT", "AUDIO"}:
            return getattr(node.value, "id", "") == "Modality"
    return False


def outside(rooms: tuple[str, ...], holds: Callable[[Path], bool]) -> int:
    """Return how many modules outside of some packages hold something."""
    paths = (path for path in SOURCES.rglob("*.py") if path.relative_to(SOURCES).parts[0] not in rooms)
    return sum(map(holds, paths))


def main() -> None:
    """Print the counts."""
    source = sum(map(code_lines, SOURCES.rglob("*.py")))
    tests = sum(map(code_lines, (REPO / "tests").rglob("*.py")))
    of_classes = outside(
        ("heads", "evaluation", "targets"), lambda path: bool(OF_CLASSES.search(path.read_text("utf-8")))
    )
    print(f"modules that name a kind of data outside kinds/: {outside(('kinds',), names_a_kind)}")
    print(f"modules that mention argmax or classes outside heads/, evaluation/ and targets/: {of_classes}")
    print(
        f"lines of code without documentation: {source:,}, of tests {tests:,} ({tests / source:.2f} a line)"
    )


if __name__ == "__main__":
    main()
