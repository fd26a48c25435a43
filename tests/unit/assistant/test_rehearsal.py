"""The first figure of an assistant, from its documents' own headings."""

from __future__ import annotations

import pytest

from headstart.assistant.assistant import Assistant
from headstart.assistant.indexing import index_documents
from headstart.assistant.rehearsal import rehearse
from headstart.execution import silent
from kettle import document

pytestmark = pytest.mark.bases

TEXTS = {
    "Switching the pump on": (
        "Press the green button for three seconds. The lamp lights up, and water begins to flow through the "
        "hose into the basin. Wait until no more air comes out of it."
    ),
    "Cleaning the water filter": (
        "Unscrew the lid below the motor and take the sieve out. Wash it under the tap with a soft brush, "
        "let it dry, and put it back with the arrow to the front."
    ),
    "What the guarantee covers": (
        "Faults of material are mended for two years from the day of purchase. Frost, sand and falls are not "
        "covered. Keep the receipt, and send it with the machine."
    ),
    "Storing it over winter": (
        "Empty the housing before the first frost and keep the machine dry. Ice bursts the housing. In "
        "spring turn the shaft by hand before you switch the current on."
    ),
    "Ordering new hoses": (
        "Hoses of half an inch come in lengths of five and ten metres. The number is on the old one. Shops "
        "have them, and so have we: write to us with the number and your address."
    ),
    "FAQ": "Short.",
}


def test_headings_are_asked_without_being_seen(built: Assistant) -> None:
    made = document("pump.md", {(heading,): text for heading, text in TEXTS.items()}, "The pump")
    content, _ = index_documents([made], (), None, built.encoder, frozenset(), silent)
    assistant = Assistant(content, built.encoder)
    report = rehearse(assistant)
    assert report is not None
    assert report.n == 5  # not the one that says nothing
    assert report.made_from_documents == 0  # none of them could find itself
    assert report.recall_3.estimate is not None
    assert 0.5 < report.recall_3.estimate <= 1
    assert report.recall_3.low < report.recall_3.high
    assert assistant.unanswered() == []
    assert assistant.content.passages[0].headings == ("Switching the pump on",)
    fewer = rehearse(assistant, most=5)
    assert fewer is not None
    assert fewer.n == 5


def test_too_few_headings_are_no_figure(built: Assistant) -> None:
    made = document("pump.md", {("Switching the pump on",): TEXTS["Switching the pump on"]})
    content, _ = index_documents([made], (), None, built.encoder, frozenset(), silent)
    assert rehearse(Assistant(content, built.encoder)) is None
