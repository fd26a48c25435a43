"""How similar the cells of a column are to what its base learned: of columns that run through one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.availability import Hints, offers
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.data.mixed.roles import MEDIA
from headstart.data.mixed.values import is_absent
from headstart.encoders.columns.content import Lookups, source_of
from headstart.encoders.open import open_encoder
from headstart.evaluation.options import LOGITS
from headstart.features import FeatureSet
from headstart.heads.examples import Examples
from headstart.kinds import kind_of
from headstart.row import Row
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.advice_types import Offer, RankedBase, Similarity
    from headstart.preparing import Prepared
    from headstart.types import EncoderSpec, Source

MOST_ROWS = 300
"""Cells that are looked at: they are run once more, for the base's own names for them."""
_FEWEST = 2


def how_alike(prepared: Prepared, ranking: Sequence[RankedBase]) -> tuple[list[Similarity], list[Offer]]:
    """Judge each column by the base that is taken for it, and list the bases for their kinds of data."""
    similar: list[Similarity] = []
    hints: dict[str, Hints] = {}
    for one in ranking:
        if not one.chosen:
            continue
        spec = next(spec for spec in prepared.specs.values() if _runs(spec, one))
        role = str(spec.recipe["role"])
        resemble, cells = kind_of(role).resemble, _cells(prepared, spec)
        if resemble is not None and cells is not None:
            found, hints[role] = resemble(cells, [prepared.cards[spec.name]])
            similar += [replace(judged, column=one.column) for judged in found]
    return similar, _offers(prepared, hints)


def _runs(spec: EncoderSpec, one: RankedBase) -> bool:
    base = spec.recipe.get("base")
    return base is not None and (spec.recipe["column"], base["name"]) == (one.column, one.base)


def _cells(prepared: Prepared, spec: EncoderSpec) -> Prepared | None:
    """Return some cells of a column as examples of their own kind; None where hardly any are there."""
    sources = _sources(prepared, str(spec.recipe["column"]), str(spec.recipe["role"]))
    if len(sources) < _FEWEST:
        return None
    card = prepared.cards[spec.name]
    base = store.prepare(card)  # as the catalogue has it: with its own names for things
    extras = [LOGITS] if LOGITS in base.outputs else []
    made = FeatureSet.of_embeddings(open_encoder(base).encode(list(sources.values()), extras=extras))
    kept = np.array(list(sources), dtype=np.int64)[made.rows]
    examples = [replace(prepared.dataset.examples[place], source=sources[place]) for place in kept.tolist()]
    return replace(
        prepared,
        dataset=replace(
            prepared.dataset, modality=Modality(str(spec.recipe["role"])), examples=tuple(examples)
        ),
        specs={card.name: base},
        cards={card.name: card},
        outputs={card.name: made.blocks},
        y=prepared.y[kept],
        groups=prepared.groups[kept],
    )


def _sources(prepared: Prepared, column: str, role: str) -> dict[int, Source]:
    """Return what the cells of a column hold, by the place of their rows; of many rows some are drawn."""
    lookups: Lookups = {}
    drawn = Examples.check(prepared.y, prepared.groups, len(prepared.classes)).draw(MOST_ROWS)
    rows = [(place, prepared.dataset.examples[place].source) for place in drawn.tolist()]
    return {
        place: source_of(row, column, role, lookups)
        for place, row in rows
        if isinstance(row, Row) and not is_absent(row.cells[column])
    }


def _offers(prepared: Prepared, hints: Mapping[str, Hints]) -> list[Offer]:
    roles = [role for role in MEDIA if any(column.role == role for column in prepared.dataset.columns)]
    measured = {card.name for card in prepared.cards.values()}
    listed: list[Offer] = []
    for role in roles:
        cards = load_catalogue().list(Modality(role))
        here = {*store.installed_names(cards, Modality(role)), *measured}
        listed += offers([(card, card.name in here) for card in cards], hints.get(role, Hints()))
    return listed
