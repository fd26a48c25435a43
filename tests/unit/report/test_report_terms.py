from __future__ import annotations

import re
from pathlib import Path

import pytest

import headstart.report
from headstart import glossary
from headstart.glossary import explain
from headstart.report.terms import Terms

TEMPLATES = sorted(Path(headstart.report.__file__).parent.glob("*.html.j2"))


def test_every_term_that_a_template_names_is_in_the_glossary():
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"\b(?:term|aside)\('([^']+)'", path.read_text("utf-8"))
    }
    assert named <= set(glossary.terms())


def test_prose_marks_a_term_once_and_escapes_the_rest():
    marked = str(Terms().prose("Base models & <b>base model</b>: the log-loss of a log-losses"))
    assert marked.count("<button") == 2
    assert (
        'popovertarget="word-base-model">Base models</button> &amp; &lt;b&gt;base model&lt;/b&gt;' in marked
    )


def test_a_term_that_is_not_there_never_ships():
    with pytest.raises(KeyError):
        Terms().term("no such word")


def test_terms_inside_other_words_stay_unmarked():
    assert "<button" not in str(Terms().prose("intervals_of_mine and sub-interval recalling"))


def test_a_term_with_capitals_is_marked_and_explained() -> None:
    terms = Terms()
    said = str(terms.prose("A Wilson interval, as ONNX has none."))
    assert said.count('class="term"') == 2
    assert set(terms.used) == {"Wilson interval", "ONNX"}
    assert "open file format" in explain("onnx")
    assert "interval for a share" in explain("wilson Interval")
