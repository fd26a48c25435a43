"""An assistant on disk: whole or not at all, and the same after it was read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart.assistant.assistant import Assistant, load_assistant
from headstart.assistant.store import INDEX, MANIFEST, OURS, PASSAGES, is_assistant
from headstart.errors import (
    BundleError,
    BundleVersionError,
    CorruptBundleError,
    HeadstartError,
    ParameterError,
)

pytestmark = pytest.mark.bases
QUESTIONS = ("How do I get rid of limescale?", "Who won the world cup?", "Can I make coffee in it?")


@pytest.fixture
def saved(assistant: Assistant, tmp_path: Path) -> Path:
    return assistant.save(tmp_path / "support")


def test_it_answers_the_same_after_it_was_read(assistant: Assistant, saved: Path) -> None:
    again = load_assistant(saved)
    assert again.facts.name == "support"
    assert again.documents == assistant.documents
    for question in QUESTIONS:
        first, second = assistant.ask(question, keep=False), again.ask(question, keep=False)
        assert (first.status, first.quotes, first.also) == (second.status, second.quotes, second.also)
        assert second.score == pytest.approx(first.score, abs=1e-4)
    assert "4711" not in str(again.ask("What is the code of the warehouse door?").to_dict())


def test_it_needs_no_base_in_the_cache(saved: Path, tmp_cache: Path) -> None:
    assert not (tmp_cache / "bases").exists()
    assert load_assistant(saved).ask(QUESTIONS[0]).quotes


def test_its_folder_holds_what_the_manifest_lists_and_is_known(saved: Path) -> None:
    listed = set(json.loads((saved / MANIFEST).read_bytes())["files"])
    assert {path.name for path in saved.iterdir()} == listed | {MANIFEST, "assistant.sha256"}
    assert listed <= OURS
    assert is_assistant(saved)
    assert not is_assistant(saved.parent)


def test_saving_again_leaves_what_people_said(saved: Path) -> None:
    first = load_assistant(saved)
    first.feedback("Is there a kettle for camping?", answer="No.")
    (saved / "notes.txt").write_text("mine")
    first.save(saved)
    assert load_assistant(saved).ask("Is there a kettle for camping?").text == "No."
    assert (saved / "notes.txt").read_text() == "mine"
    elsewhere = first.save(saved.parent / "copy")
    assert load_assistant(elsewhere).ask("Is there a kettle for camping?").text == "No."


@pytest.mark.parametrize("name", sorted(OURS - {"README.md"}))
def test_a_changed_file_is_named(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    with pytest.raises(CorruptBundleError, match=r"assistant\.json|" + name.replace(".", r"\.")):
        load_assistant(saved)


@pytest.mark.parametrize("name", [PASSAGES, INDEX])
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(CorruptBundleError, match=f"{name} is missing"):
        load_assistant(saved)


def test_a_newer_format_is_said_to_be_newer(saved: Path) -> None:
    manifest = json.loads((saved / MANIFEST).read_bytes())
    (saved / MANIFEST).write_text(json.dumps({**manifest, "assistant_format": 2}))
    with pytest.raises(BundleVersionError, match="has format 2; this is headstart"):
        load_assistant(saved)


def test_what_is_no_assistant_is_said(tmp_path: Path, assistant: Assistant) -> None:
    with pytest.raises(BundleError, match=r"There is no assistant at .*: it holds no assistant\.json"):
        load_assistant(tmp_path)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ParameterError, match=r"holds other things than an assistant \(thesis\.txt\)"):
        assistant.save(tmp_path)
    with pytest.raises(ParameterError, match="is a file; an assistant is saved as a folder"):
        assistant.save(tmp_path / "thesis.txt")


def test_a_save_that_fails_leaves_the_older_one(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_assistant(saved)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("headstart.assistant.store.shutil.copyfile", full)
    with pytest.raises(HeadstartError, match="there is no room left"):
        loaded.save(saved)
    monkeypatch.undo()
    assert load_assistant(saved).ask(QUESTIONS[0], keep=False).quotes
    assert [path.name for path in saved.parent.iterdir() if path.name.startswith(".")] == []
