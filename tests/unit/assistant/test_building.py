"""Building, syncing, and what a killed indexing leaves."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.assistant import building
from headstart.assistant.assistant import Assistant
from headstart.assistant.building import assist
from headstart.assistant.language import language_of_texts
from headstart.assistant.outcomes import shipped
from headstart.assistant.questions import Question
from headstart.assistant.syncing import sync
from headstart.bases.card import Base
from headstart.errors import BaseUnavailableError, NotEnoughDataError, ParameterError
from headstart.execution import Progress
from kettle import changed, document, documents

pytestmark = pytest.mark.bases
HERE = Path(__file__).parents[2]


@pytest.fixture
def encoded(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts that are embedded from now on."""
    texts: list[str] = []
    encode = type(assistant.encoder).encode

    def noted(self: object, sources: list[str], **how: object) -> object:
        texts.extend(sources)
        return encode(self, sources, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(type(assistant.encoder), "encode", noted)
    return texts


def test_unchanged_documents_embed_nothing(assistant: Assistant, encoded: list[str]) -> None:
    before = assistant.read.index.vectors
    synced = sync(assistant, documents())
    assert (synced.embedded, synced.kept, synced.unchanged) == (0, 12, 4)
    assert encoded == []
    assert np.array_equal(assistant.read.index.vectors.whole, before.whole)


def test_only_what_is_new_is_embedded(assistant: Assistant, encoded: list[str]) -> None:
    manual, shop, staff, answers = documents()
    new = changed(shop, Returns="You may send goods back within 60 days.")
    synced = sync(assistant, [manual, new, staff, answers, document("new.md", {("Tea",): "Tea is hot."})])
    assert (synced.changed, synced.added, synced.removed) == (("shop.md",), ("new.md",), ())
    assert synced.embedded == 2
    assert not any("limescale" in text for text in encoded)
    assert "60 days" in assistant.ask("How many days do I have to send something back?").text


def test_a_removed_document_leaves_no_passage(assistant: Assistant, tmp_path: Path) -> None:
    kept = [one for one in documents() if one.name != "shop.md"]
    synced = sync(assistant, kept)
    assert synced.removed == ("shop.md",)
    answer = assistant.ask("How long is delivery to Scotland?", keep=False)
    assert "shop.md" not in str(answer.to_dict())
    saved = assistant.save(tmp_path / "support")
    for path in saved.iterdir():
        if path.suffix in (".json", ".jsonl", ".md"):
            assert "Scotland" not in path.read_text(encoding="utf-8"), path.name


def test_a_synced_assistant_is_the_one_that_is_built_anew(assistant: Assistant) -> None:
    now = [documents()[0], document("new.md", {("Tea",): "Tea is hot."}), documents()[2]]
    sync(assistant, now)
    anew = assist(now, restricted=["staff"])
    for question in ("How do I get rid of limescale?", "Is tea hot?", "Can I make coffee in it?"):
        one, other = assistant.search(question), anew.search(question)
        assert {p.key for p, _ in one} == {p.key for p, _ in other}
        assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=2e-3)


@pytest.fixture(autouse=True)
def _prepared(bases_cache: Path) -> None:
    """Every test here may build."""


def test_feedback_follows_a_passage_that_was_rewritten_and_says_what_is_lost(assistant: Assistant) -> None:
    keys = {p.headings[-1]: p.key for p in assistant.content.passages if p.headings}
    assistant.feedback("It screams", passage=keys["Removing limescale"])
    assistant.feedback("Where is my parcel?", passage=keys["Delivery"])
    manual = changed(documents()[0], Removing_limescale="Use vinegar. It takes an hour.")
    synced = sync(assistant, [manual, *documents()[2:]])
    assert synced.lost == ("Where is my parcel?",)
    assert assistant.ask("It screams").quotes[0].text.startswith("Use vinegar.")


def test_questions_that_were_right_and_are_not_any_more_are_listed(assistant: Assistant) -> None:
    question = "How long is the warranty?"
    assistant.feedback(question, right=True)
    better = document("better.md", {("Warranty",): "How long is the warranty? The warranty is long."})
    assert sync(assistant, [*documents(), better]).worse == (question,)


def test_documents_without_text_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="No document could be read"):
        assist([])
    with pytest.raises(NotEnoughDataError, match="The documents hold no text"):
        assist([document("empty.md", {})])


def test_a_group_that_no_document_is_in_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"No document is in the group 'stuff'.*\n.*Groups here: staff"):
        assist(documents(), restricted=["stuff"])


def test_a_base_for_other_things_is_refused() -> None:
    with pytest.raises(ParameterError, match="needs a base for texts; efficientnet_lite0 is one for image"):
        assist(documents(), base="efficientnet_lite0")


GERMAN = "Wie kann ich das Gerät zurücksetzen? Das geht mit dem Knopf auf der Rückseite."


def test_documents_in_another_language_take_the_multilingual_base() -> None:
    assistant = assist([document("de.md", {("Hilfe",): GERMAN})])
    assert assistant.encoder.spec.name == "multilingual_e5_small"
    assert assistant.facts.notes == ()
    assert assistant.outcomes == shipped("multilingual_e5_small")
    assert assistant.facts.language == "de"
    found = assistant.ask("Wie setze ich das Gerät zurück?")
    assert "Das geht mit dem Knopf" in found.quotes[0].text
    assert assistant.ask("Wer hat die Weltmeisterschaft im Fußball gewonnen?").status != "answer"
    [note] = assist([document("de.md", {("Hilfe",): GERMAN})], base="minilm_l6").facts.notes
    assert note.startswith("Many documents are German, and minilm_l6 (English) did not learn that")


def test_a_base_that_the_decision_was_not_fitted_on_is_told() -> None:
    assistant = assist(
        [document("a.md", {("Help",): "Hold the button for ten seconds."})], base="wordllama_256"
    )
    [note] = assistant.facts.notes
    assert note == (
        "When to answer was not fitted on wordllama_256: it may answer too often, or too seldom. Measure it "
        "on questions of your own: headstart evaluate ASSISTANT questions.csv"
    )


def test_where_the_multilingual_base_cannot_be_had_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = building.prepare

    def prepare(card: Base, progress: Any) -> Any:
        if card.name == "multilingual_e5_small":
            raise BaseUnavailableError("Multilingual E5 small is not on this machine.", "Fetch it.")
        return usual(card, progress=progress)

    monkeypatch.setattr(building, "prepare", prepare)
    [note] = assist([document("de.md", {("Hilfe",): GERMAN})]).facts.notes
    assert "Multilingual E5 small is not on this machine." in note
    assert "headstart bases get multilingual_e5_small" in note
    assert language_of_texts(["これは日本語です。 はい いいえ"]) == "other"


def test_where_the_documents_are_must_be_known(assistant: Assistant) -> None:
    with pytest.raises(ParameterError, match="does not say where its documents are"):
        sync(assistant)


def test_cancelling_leaves_the_assistant_as_it_was(assistant: Assistant) -> None:
    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    before = assistant.content
    with pytest.raises(KeyboardInterrupt):
        sync(assistant, [document("new.md", {("Tea",): "Tea is hot."})], progress=stop)
    assert assistant.content is before


PROGRAM = """
import sys
from headstart.assistant import building, indexing
from kettle import document
indexing._AT_ONCE = 8
texts = {(f"Part {n}",): f"The {n}th valve is opened with key {n * 7}. " * 12 for n in range(400)}
print("go", flush=True)
building.assist([document("valves.md", texts)]).save(sys.argv[1])
"""


def embeddings(cache: Path) -> int:
    try:
        with sqlite3.connect(f"file:{cache / 'embeddings.sqlite'}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_a_killed_indexing_loses_nothing_that_was_done(bases_cache: Path, tmp_path: Path) -> None:
    target = tmp_path / "support"
    command = [sys.executable, "-c", PROGRAM, str(target)]
    surroundings = {**os.environ, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}{os.pathsep}{HERE}"}
    process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while embeddings(bases_cache) < 20 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = embeddings(bases_cache)
    assert kept >= 20
    assert not target.exists()
    texts = {(f"Part {n}",): f"The {n}th valve is opened with key {n * 7}. " * 12 for n in range(4)}
    again = assist([document("valves.md", texts)])
    assert len(again) == 4
    assert embeddings(bases_cache) == kept, "what was done before the kill is not done again"


TEA = "The leaves are steeped for three minutes in water of eighty degrees, then the strainer is taken out."


def test_what_stands_in_several_documents_is_shown_once() -> None:
    manuals = [
        document(f"model_{letter}.md", {("Tea",): TEA, ("Size",): f"Model {letter} holds {litres} litres."})
        for letter, litres in zip("abcd", "1234", strict=True)
    ]
    assistant = assist(manuals)
    found = [passage for passage, _ in assistant.search("How long are the leaves of model c steeped?")]
    assert [passage.text for passage in found].count(TEA) == 1
    assert len(found) == 5
    assert found[0].document == "model_c.md", "of those that say the same the one that fits best"
    asked = [Question("How long are the leaves steeped?", file=manual.name) for manual in manuals]
    assert assistant.evaluate(asked).recall_1.estimate == 1


def test_a_section_that_stands_in_a_restricted_document_too_is_still_found() -> None:
    both = [document(name, {("Tea",): TEA}) for name in ("a_staff/tea.md", "public/tea.md")]
    answer = assist(both, restricted=["a_staff"]).ask("How long are the leaves steeped?", keep=False)
    shown = [*answer.quotes, *answer.also]
    assert [quote.document for quote in shown] == ["public/tea.md"]


def test_a_new_copy_of_an_unchanged_document_is_not_read_twice(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "manual.md").write_text(f"# Kettle\n\n{TEA}\n\n## Warranty\n\nIt lasts two years.\n")
    assistant = assist(folder)
    (folder / "a_copy.md").write_text(f"# Kettle\n\n{TEA}\n\n## Warranty\n\nIt lasts two  years.\n")
    synced = sync(assistant)
    assert (synced.added, synced.unchanged) == ((), 1)
    assert synced.problems == (("a_copy.md", "It says the same as manual.md; only that is used."),)


def test_an_assistant_that_lies_among_its_documents_is_none_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "manual.md").write_text(f"# Kettle\n\n{TEA}\n")
    assistant = assist(folder)
    assistant.save(folder / "support")
    synced = sync(assistant)
    assert (synced.added, synced.problems, synced.unchanged) == ((), (), 1)


def test_where_nothing_can_be_read_the_first_reason_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a.pdf", "b.pdf"):
        (folder / name).write_bytes(b"\0\1")
    reason = r"docs: a\.pdf: It is no PDF, .* again\. \(1 more could not be read either\.\)"
    with pytest.raises(NotEnoughDataError, match=reason):
        assist(folder)
