"""The app's database is spoken to in one place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import headstart.app

APP = Path(headstart.app.__file__).parent
STATEMENT = re.compile(
    r"^\s*(SELECT\b.*\bFROM|INSERT (OR \w+ )?INTO|UPDATE (OR \w+ )?\w+ SET|DELETE FROM|PRAGMA|BEGIN\b"
    r"|COMMIT\b|CREATE (TABLE|UNIQUE INDEX|INDEX)|ALTER TABLE)",
    re.DOTALL,
)
CALLS = {"execute", "executemany", "executescript"}
OUTSIDE = [
    path
    for path in sorted(APP.rglob("*.py"))
    if path.name != "database.py" and path.parent != APP / "store"  # the schema, and what reads and writes
]


def _spoken(tree: ast.AST) -> list[str]:
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    calls = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in CALLS]
    imports = [
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    ]
    return [text for text in texts if STATEMENT.match(text)] + calls + [n for n in imports if n == "sqlite3"]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(APP)))
def test_no_other_part_of_the_app_speaks_sql(path: Path) -> None:
    assert _spoken(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_store_is_found_to_speak_sql() -> None:
    """Whatever the test above looks for is really in the store."""
    for path in (APP / "store").glob("*.py"):
        if path.name not in ("__init__.py", "rows.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found = _spoken(tree)
            assert any(STATEMENT.match(text) for text in found), path.name
            assert "sqlite3" in found, path.name
