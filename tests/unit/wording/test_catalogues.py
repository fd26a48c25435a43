"""The catalogues: every finding has its sentence in each language, once, and none is left over."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import headstart
from headstart import glossary
from headstart.execution import Phase
from headstart.kinds import kinds
from headstart.wording import languages
from headstart.wording.catalogue import BY, Entry, catalogue

SOURCE = Path(headstart.__file__).parent
OTHERS = sorted(set(languages()) - {"en"})
SPOKEN = ("kind.", "term.", "glossary.")  # English takes these from the kinds and the glossary


def sentences(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else [text for name, text in entry.items() if name != BY]


def figures(entry: Entry) -> set[str]:
    """Return what a sentence holds, whichever of its forms is taken."""
    parsed = [field for text in sentences(entry) for _, field, _, _ in string.Formatter().parse(text)]
    return {field for field in parsed if field is not None}


@cache
def trees() -> Mapping[Path, ast.Module]:
    """Return the modules that speak, or that find something to speak of."""
    texts = {path: path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    return {
        path: ast.parse(text)
        for path, text in texts.items()
        if "headstart.wording" in text or "Reason(" in text
    }


def _literals(node: ast.expr) -> Iterator[str]:
    """Yield the strings that an expression may be, with a star for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values]
        yield "".join(parts)
    else:
        yield "*"


@cache
def asked_for() -> frozenset[str]:
    """Return the keys that the package asks for; a star stands for what is put in."""
    found = set()
    speaking = [tree for path, tree in trees().items() if "headstart.wording" in path.read_text("utf-8")]
    for tree in speaking:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.update(_keys(node))
    return frozenset(key for key in found - {"*", "*.*"} if re.fullmatch(r"[\w.*-]+", key))


def _keys(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("say", "has", "_entry") and call.args:
        yield from _literals(call.args[0])
    if name == "reason" and len(call.args) == 2:
        topics, codes = (list(_literals(one)) for one in call.args)
        yield from (f"{topic}.{code}" for topic in topics for code in codes)
    if name == "counted" and len(call.args) == 2:
        yield from (f"noun.{noun}" for noun in _literals(call.args[1]))


def in_templates() -> Iterator[str]:
    for path in (SOURCE / "report").glob("*.j2"):
        yield from re.findall(r"'((?:report|terminal|number)\.[\w-]+)'", path.read_text("utf-8"))


def fits(pattern: str, key: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".+"), key) is not None


def test_every_sentence_that_is_asked_for_is_in_the_catalogue() -> None:
    wanted = asked_for() | set(in_templates())
    assert len(wanted) > 150
    missing = {key for key in wanted if not any(fits(key, known) for known in catalogue("en"))}
    assert missing == set()


def test_no_sentence_is_left_over() -> None:
    nested = {field[1:] for entry in catalogue("en").values() for field in figures(entry) if field[:1] == "@"}
    constants = {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    wanted = [re.compile(re.escape(key).replace(r"\*", ".+")) for key in asked_for()]
    templates = set(in_templates())
    unused = {
        key
        for key in catalogue("en")
        if key not in nested | constants | templates and not any(one.fullmatch(key) for one in wanted)
    }
    assert unused <= {"language.name"}


def test_sentences_that_stand_in_others_exist() -> None:
    for code in languages():
        for key, entry in catalogue(code).items():
            for field in figures(entry):
                assert field[:1] != "@" or field[1:] in catalogue(code), (code, key, field)


@pytest.mark.parametrize("code", OTHERS)
def test_each_language_has_the_same_sentences(code: str) -> None:
    own = {key for key in catalogue(code) if not key.startswith(SPOKEN)}
    assert own == set(catalogue("en"))


@pytest.mark.parametrize("code", OTHERS)
def test_each_language_fills_in_the_same_figures_and_knows_the_same_cases(code: str) -> None:
    for key, entry in catalogue("en").items():
        other = catalogue(code)[key]
        assert figures(other) == figures(entry), key
        assert all(text.strip() or not text for text in sentences(other)), key
        if isinstance(entry, Mapping):
            assert isinstance(other, Mapping), key
            assert other[BY] == entry[BY], key
            assert set(other) - {"dative"} == set(entry), key
            assert "other" in entry, key


@pytest.mark.parametrize("code", OTHERS)
def test_each_language_has_a_noun_for_every_kind_that_comes_with_headstart(code: str) -> None:
    for name in (*kinds(), "table"):
        assert {"one", "other"} <= set(catalogue(code)[f"kind.{name}.noun"]), name


@pytest.mark.parametrize("code", OTHERS)
def test_each_language_explains_every_term_of_the_glossary(code: str) -> None:
    for topic in ("term", "glossary"):
        own = {key.removeprefix(f"{topic}.") for key in catalogue(code) if key.startswith(f"{topic}.")}
        assert own == set(glossary.terms())


def marked(entry: Entry) -> set[str]:
    """Return the terms that a sentence explains."""
    found = {term for text in sentences(entry) for term in re.findall(r"\[([^\]]+)\]", text)}
    return {term.rpartition("|")[2] for term in found}


def test_terms_that_sentences_explain_are_in_the_glossary_and_the_same_in_each_language() -> None:
    for key, entry in catalogue("en").items():
        if not key.startswith("report."):
            continue
        assert marked(entry) <= set(glossary.terms()), key
        for code in OTHERS:
            assert marked(catalogue(code)[key]) == marked(entry), (code, key)


def test_every_phase_of_the_work_has_a_name() -> None:
    named = {key.removeprefix("phase.") for key in catalogue("en") if key.startswith("phase.")}
    assert named == {str(phase) for phase in Phase} - {"other"}


def test_findings_have_no_words_of_their_own() -> None:
    """A finding gets its text from the catalogue, so that it stands there in every language."""
    written = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Reason"
        and path.name != "words.py"
    ]
    assert written == []
