"""List the English sentences of the sources that a person may read, and those that a language lacks.

Errors, notes and help are written in English where they arise; ``wording/<language>/sentences/*.json`` holds
what each is in another language, by the sentence with ``{}`` for each figure. Run

    python scripts/sentences.py de

to print what is missing there, ready to be filled in, and what no source says any more.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from headstart.cli.main import app
from headstart.wording.sentences import sentences

SOURCES = Path(__file__).resolve().parent.parent / "src" / "headstart"
ENGLISH_ALONE = (
    "app",  # its screens have their own words
    "documents",
    "sklearn",  # what follows is read by programs and those who write them
    "serve/api.py",
    "serve/assistants.py",
    "serve/base_64.py",
    "serve/batcher.py",
    "serve/chat.py",
    "serve/decoding.py",
    "serve/inputs.py",
    "serve/metrics.py",
    "serve/rows.py",
    "serve/run.py",
    "serve/schema.py",
    "serve/service.py",
    "web/answers.py",
    "web/body.py",
    "web/decoder.py",
    "web/guard.py",
    "web/parts.py",
    "web/protocol.py",
    "web/sandbox.py",
    "web/wire.py",
    "web/worker.py",
    "data/dates.py",
    "data/own_printed.py",
    "export/web.py",
    "export/parity.py",
    "arguments.py",
    "_onnxruntime.py",
)
"""Packages and modules whose sentences are not asked for in other languages, from the top of the sources."""

_ERROR = re.compile(r"^_?[A-Z]\w*Error$|^(Refused|Cancelled)$")
_INSIDE = {"AssertionError", "AttributeError", "KeyError", "RuntimeError", "SyntaxError", "TypeError"}
_INSIDE |= {"ValueError", "OSError", "OperationalError", "IndexError", "ImportError", "_ReachedError"}
_SENTENCE = re.compile(r"^[A-Z'\"{].*[.?!:]$", re.DOTALL)
_ADVICE = re.compile(r"^[A-Z].*(--[a-z]|headstart [a-z]|docs/)", re.DOTALL)
_WORDS = 3


def missing(language: str) -> dict[str, dict[str, str]]:
    """Return the sentences that a language lacks: by package, each with nothing behind it."""
    there = sentences(language)
    lacking: dict[str, dict[str, str]] = {}
    for package, sentence in _everywhere():
        if sentence not in there:
            lacking.setdefault(package, {})[sentence] = ""
    return lacking


def unused(language: str) -> list[str]:
    """Return the sentences of a language that no source says any more; parts are not looked for."""
    said = {sentence for _, sentence in _everywhere()}
    return [sentence for sentence in sentences(language, parts=False) if sentence not in said]


@cache
def _everywhere() -> tuple[tuple[str, str], ...]:
    return tuple(_of_all())


def _of_all() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        if not name.startswith(ENGLISH_ALONE):
            package = name.split("/")[0].removesuffix(".py") if "/" in name else "top"
            for sentence in sentences_of(path.read_text(encoding="utf-8")):
                yield package, sentence
    for sentence in help_of(typer.main.get_command(app)):
        yield "cli", sentence


def help_of(command: Any) -> Iterator[str]:
    """Yield the paragraphs of a command's help, of its options and of the commands below it."""
    for text in [command.help, *(getattr(parameter, "help", None) for parameter in command.params)]:
        for paragraph in (text or "").split("\n\n"):
            if paragraph:
                yield " ".join(paragraph.split())
    for each in getattr(command, "commands", {}).values():
        yield from help_of(each)


def sentences_of(source: str) -> list[str]:
    """Return the sentences in a module: what errors are made of, and every string that is one."""
    tree = ast.parse(source)
    module = _Module(tree)
    said = dict.fromkeys(sentence for call in ast.walk(tree) for sentence in module.of_error(call))
    said.update(
        dict.fromkeys(
            sentence for node in module.strings() for sentence in _templates(node) if _reads(sentence)
        )
    )
    return [sentence for sentence in said if " " in sentence and re.search("[A-Za-z]", sentence)]


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def of_error(self, node: ast.AST) -> Iterator[str]:
        if not isinstance(node, ast.Call):
            return
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if not _ERROR.match(name) or name in _INSIDE:
            return
        for argument in [
            *node.args,
            *(each.value for each in node.keywords if each.arg in ("hint", "message")),
        ]:
            value = self._constants.get(argument.id, argument) if isinstance(argument, ast.Name) else argument
            yield from _templates(value)

    def strings(self) -> Iterator[ast.expr]:
        """Yield every string but documentation and the parts of other strings."""
        skipped = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.JoinedStr):
                skipped.update(map(id, node.values))
            body = getattr(node, "body", None)
            for statement in body if isinstance(body, list) else ():
                if isinstance(statement, ast.Expr):
                    skipped.add(id(statement.value))
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
                yield node


def _templates(node: ast.expr) -> list[str]:
    """Return what an expression may say, with ``{}`` for each figure."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return _templates(node.body) + _templates(node.orelse)
    return []


def _reads(text: str) -> bool:
    said = _SENTENCE.match(text) or _ADVICE.match(text)
    return bool(said) and text.count(" ") >= _WORDS - 1 and "SELECT" not in text


def main() -> int:
    """Print what a language lacks, and what nobody says any more."""
    language = sys.argv[1]
    lacking, old = missing(language), unused(language)
    print(json.dumps(lacking, ensure_ascii=False, indent=2))
    for sentence in old:
        print(f"said nowhere: {sentence}", file=sys.stderr)
    return 1 if lacking or old else 0


if __name__ == "__main__":
    sys.exit(main())
