"""No module imports, by whatever way, one that imports it: not inside a function, nor for its types alone.

import-linter keeps the layers; this looks within them, and at what it is told to leave out.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import headstart

SRC = Path(headstart.__file__).parents[1]


def imports() -> dict[str, set[str]]:
    """Return which modules of ours each one imports anywhere in its text."""
    paths = {_name(path): path for path in SRC.joinpath("headstart").rglob("*.py")}
    return {name: _imported(path, set(paths)) - {name} for name, path in paths.items()}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, ours: set[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in ours else str(node.module))
    return found & ours


def test_modules_do_not_import_in_circles() -> None:
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        raise AssertionError(f"These import each other: {' -> '.join(error.args[1])}") from None


def test_a_circle_would_be_seen(tmp_path: Path) -> None:
    module = tmp_path / "one.py"
    module.write_text(
        "def late():\n    from headstart.errors import HeadstartError\n    return HeadstartError\n"
    )
    assert _imported(module, {"headstart.errors", "headstart"}) == {"headstart.errors"}
