"""The report of what was learned, whether it is kept as a model or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.bases.catalogue import load_catalogue
from headstart.bases.needs import needs_of, suits
from headstart.bases.presets import usual
from headstart.data.name_like import look_of
from headstart.kinds import has_columns
from headstart.reports import TrainingReport

if TYPE_CHECKING:
    from headstart.preparing import Prepared
    from headstart.types import Dataset
    from headstart.workflows.learning.learned import Learned


def report_of(prepared: Prepared, learned: Learned, dataset: Dataset) -> TrainingReport:
    """Return what is reported of what was learned; how long it took and where it is saved come later."""
    return TrainingReport(
        modality=str(dataset.modality),
        target=dataset.target,
        base=learned.base,
        method="frozen",
        classes=prepared.dataset.counts,
        used=len(prepared.y),
        problems=prepared.problems,
        evaluation=learned.evaluation,
        seconds={},
        embedded=prepared.embedded,
        from_cache=prepared.from_cache,
        floor=learned.floor,
        candidates=learned.candidates,
        ignored=dict(dataset.ignored),
        duplicates=prepared.duplicates,
        groups=len(np.unique(prepared.groups)),
        notes=(*dataset.notes, *prepared.notes, *_notes_on_bases(prepared, learned)),
        doubt=learned.doubts,
        suspected_groups=learned.suspected,
        columns=learned.columns,
        inputs_look_like=look_of([source for source in dataset.sources if isinstance(source, str)]) or "",
    )


def _notes_on_bases(prepared: Prepared, learned: Learned) -> list[str]:
    """Say what a person would want to know about the choice itself."""
    said = []
    used = {
        prepared.cards[name].name: prepared.cards[name] for name in learned.bases if name in prepared.cards
    }
    for name, card in used.items():
        if "-NC" in card.licence:
            said.append(
                f"Licence of {name}: {card.licence}. {card.licence_note} Name other bases with --base."
            )
    said += learned.notes
    if len(prepared.specs) == 1 and learned.candidates and not has_columns(prepared.dataset.modality):
        (only,) = prepared.specs
        needs = needs_of(prepared.dataset.modality, prepared.dataset.sources)
        cards = load_catalogue().list(prepared.dataset.modality)
        fitting = usual([card for card in cards if suits(card, needs)])
        others = [card.name for card in fitting if card.verified and card.name != only]
        if others:
            said.append(f"Only {only} was measured. To compare: headstart bases get {' '.join(others[:2])}")
    return said
