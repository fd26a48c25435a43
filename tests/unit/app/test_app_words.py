"""The words on the screens: every one in one file for each language, and none anywhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import headstart.app
from headstart.app.meter import STAGES
from headstart.app.strings import languages as app_languages
from headstart.app.strings import spoken
from headstart.glossary import terms
from headstart.wording import languages

APP = Path(headstart.app.__file__).parent
STRINGS = {path.stem: json.loads(path.read_text("utf-8")) for path in (APP / "strings").glob("*.json")}
ENGLISH = STRINGS["en"]
SPOKEN = spoken("en")  # with what comes from results
SOURCES = {
    path.name: path.read_text("utf-8")
    for path in [*(APP / "static").glob("*.js"), *(APP / "templates").glob("*.html")]
}
# What English takes from elsewhere: the glossary, and the messages of the program.
TAKEN = ("gloss.", "term.", "code.", "problem.")
# What may stand where a key is put together.
FILLS = {
    "kind": ("image", "text", "audio", "any"),
    "screen": ("start", "examples", "check", "train", "try", "improve", "error", "signed_out"),
    "stage": ("waiting", *STAGES),
}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_app_speaks_the_languages_that_results_speak():
    assert app_languages() == languages()


@pytest.mark.parametrize("code", sorted(STRINGS))
def test_what_comes_from_results_does_not_stand_among_the_words_of_screens(code: str):
    from_results = {*spoken(code)} - {key for key in spoken(code) if key in STRINGS[code]}
    assert {"stage.reading", "expect.after", "expect.before.image"} <= from_results


def test_english_and_another_language_are_shipped():
    assert set(STRINGS) >= {"en", "de"}
    assert len(ENGLISH) > 250


@pytest.mark.parametrize("code", sorted(set(STRINGS) - {"en"}))
def test_each_language_has_the_same_keys(code: str):
    other = {key for key in STRINGS[code] if not key.startswith(TAKEN)}
    assert other == set(ENGLISH)


@pytest.mark.parametrize("code", sorted(set(STRINGS) - {"en"}))
def test_each_language_has_the_same_values_to_fill_in_and_terms_to_explain(code: str):
    for key, text in ENGLISH.items():
        said = STRINGS[code][key]
        assert said.strip(), key
        assert placeholders(said) == placeholders(text), key
        assert marked(said) <= marked(text), key


def marked(text: str) -> set[str]:
    """The glossary's terms that a sentence marks."""
    return {word.split("|")[-1] for word in re.findall(r"\[([^\]]+)\]", text)}


def test_every_marked_term_is_in_the_glossary_in_every_language():
    used = set().union(*(marked(text) for text in ENGLISH.values()))
    assert len(used) >= 8
    assert used <= set(terms())
    for code in set(STRINGS) - {"en"}:
        assert {f"{topic}.{term}" for term in used for topic in ("gloss", "term")} <= set(spoken(code))


def asked() -> Iterator[tuple[str, str]]:
    """Every key that a template or a module asks for; what is put together becomes a pattern."""
    call = re.compile(r"\b(t|tn|rich|has)\(\s*(?:one \? )?([\"'`])((?:(?!\2).)*)\2(\s*~\s*)?")
    for name, source in SOURCES.items():
        for function, _, key, joined in call.findall(source):
            if function == "has" or key.startswith(TAKEN):
                continue
            pattern = re.sub(r"\\\$\\\{.*?\\\}", ".+", re.escape(key)) + (".+" if joined else "")
            yield f"{name}: {key}", pattern + (r"\.(one|other)" if function == "tn" else "")


def test_every_key_that_is_asked_for_exists():
    wanted = dict(asked())
    assert len(wanted) > 150
    missing = [where for where, p in wanted.items() if not any(re.fullmatch(p, key) for key in SPOKEN)]
    assert missing == []


def test_keys_for_each_kind_of_data_are_whole():
    stems = {key.rsplit(".", 1)[0] for key in ENGLISH if key.endswith(".audio")}
    assert len(stems) > 15
    only_sounds = {"why.audio"}
    for stem, kind in product(stems - only_sounds, FILLS["kind"]):
        if f"{stem}.{kind}" not in ENGLISH:
            assert stem in ("try.drop", "try.file", "live", "add", "rows.role"), f"{stem}.{kind}"
    assert {f"screen.{name}" for name in FILLS["screen"]} <= set(SPOKEN)
    assert {f"stage.{name}" for name in FILLS["stage"]} <= set(SPOKEN)


def test_no_key_is_left_over():
    patterns = [re.compile(pattern) for _, pattern in asked()]
    plain = "\n".join(SOURCES.values())
    known = {"language.name"}
    unused = {
        key for key in ENGLISH if f'"{key}"' not in plain and not any(p.fullmatch(key) for p in patterns)
    }
    assert unused <= known


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.endswith(".html")))
def test_a_template_holds_no_words_of_its_own(name: str):
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", SOURCES[name], flags=re.S)
    text = re.sub(r"<[^>]*>", " ", text)
    words = set(re.findall(r"[A-Za-z]{2,}", text)) - {"headstart", "app"}
    assert words == set()


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.endswith(".js")))
def test_a_module_holds_no_words_of_its_own(name: str):
    code = re.sub(r"//.*|/\*.*?\*/", " ", SOURCES[name])
    sentences = [text for _, text in re.findall(r"([\"'`])([A-Z][a-z]+ [^\"'`]*)\1", code)]
    assert sentences == []
    assert "innerHTML" not in code
    assert "insertAdjacentHTML" not in code
    assert "eval(" not in code


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.endswith(".html")))
def test_a_template_needs_nothing_that_the_policy_forbids(name: str):
    source = SOURCES[name]
    assert not re.search(r"\sstyle\s*=|\son\w+\s*=|javascript:|https?://", source)
    scripts = re.findall(r"<script\b[^>]*>", source)
    assert all("src=" in one or 'type="application/json"' in one for one in scripts)


def test_modules_stay_short():
    long = {name: source.count("\n") for name, source in SOURCES.items() if source.count("\n") > 300}
    assert long == {}
