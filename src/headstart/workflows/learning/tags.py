"""Learn which tags each example has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.tag_errors import check_tags
from headstart.errors import ParameterError
from headstart.evaluation.tag_report import DoubtedTag
from headstart.evaluation.tags import evaluate_tags
from headstart.heads.folds import group_index
from headstart.heads.tags.fitting import RIDGE, FittedTags, fit_tags
from headstart.reports import Candidate
from headstart.tag_answers import proba_of_tags
from headstart.types import Problem
from headstart.workflows.learning.growing import growth_of_tags
from headstart.workflows.learning.learned import Learned
from headstart.workflows.learning.offers import Chosen, Option, choose_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.evaluation.growth import Growth
    from headstart.evaluation.tag_report import TagEvaluation
    from headstart.execution import ProgressCallback
    from headstart.features import FeatureSet
    from headstart.heads.features import Block, Rows
    from headstart.heads.tags.head import TagsHead
    from headstart.model import Model
    from headstart.preparing import Prepared
    from headstart.types import Dataset, Example, Float64Array
    from headstart.workflows.config import TrainConfig

_HEADS = ("auto", RIDGE)
MOST_DOUBTED = 100


def learn(prepared: Prepared, config: TrainConfig, *, progress: ProgressCallback) -> Learned:
    """Fit the head of tags that does best on held-out examples, and measure it.

    Raises
    ------
    ParameterError
        When another head than ridge was asked for.
    """
    if config.head not in _HEADS:
        raise ParameterError(
            f"Tags are learned by the ridge head, got head={config.head!r}.", "Leave --head away."
        )
    values = prepared.values
    if values is None:
        raise AssertionError("the target of tags gives values")

    def fit(blocks: Mapping[str, Rows | Block]) -> FittedTags:
        return fit_tags(blocks, values, prepared.groups, measure=config.measure or "f1", seed=config.seed)

    chosen = choose_by(prepared, fit, blend=config.blend, progress=progress)
    taken = chosen.taken
    doubted = _doubted(prepared, values, taken.fitted)
    floor = None if chosen.floor is None else _measured(prepared, values, chosen.floor.fitted).micro_f1
    return Learned(
        base=taken.offer.base,
        bases=taken.bases,
        blocks=taken.used,
        head=taken.fitted.head,
        evaluation=replace(
            _measured(prepared, values, taken.fitted),
            doubted=doubted,
            growth=_growth(prepared, values, taken, config),
        ),
        floor=floor,
        candidates=_candidates(chosen),
        notes=[*_without_base(prepared, chosen), *_notes_on(doubted)],
    )


def _measured(prepared: Prepared, values: Float64Array, fitted: FittedTags) -> TagEvaluation:
    found = evaluate_tags(
        fitted.loo_proba_,
        fitted.loo_said_,
        values,
        prepared.groups,
        prepared.classes,
        how=fitted.how,
        most=fitted.chosen_said_,
        measure=str(fitted.head.meta["measure"]),
    )
    return _with_thresholds(found, fitted.head)


def _with_thresholds(measured: TagEvaluation, head: TagsHead) -> TagEvaluation:
    """Add from which probability on each tag is said; the thresholds are in the order of the tags."""
    scores = zip(measured.per_tag.items(), head.thresholds.tolist(), strict=True)
    return replace(
        measured,
        per_tag={name: replace(score, threshold=round(said_from, 6)) for (name, score), said_from in scores},
    )


def _growth(
    prepared: Prepared, values: Float64Array, taken: Option[FittedTags], config: TrainConfig
) -> Growth | None:
    """Return what more examples would bring; None where that is not asked for."""
    if not config.advise:
        return None
    return growth_of_tags(
        taken.offer.rows,
        taken.fitted.mixture,
        values,
        group_index(prepared.groups, len(values)),
        measure=config.measure or "f1",
        seed=config.seed,
    )


def _candidates(chosen: Chosen[FittedTags]) -> list[Candidate]:
    return [
        Candidate(
            base=option.offer.base,
            head=RIDGE,
            features=str(option.fitted.head.meta["features"]),
            log_loss=float(option.fitted.losses.mean()),
            accuracy=None,
            cost_ms=option.offer.cost_ms,
            chosen=option is chosen.taken,
        )
        for option in chosen.options
    ]


def _doubted(prepared: Prepared, values: Float64Array, fitted: FittedTags) -> tuple[DoubtedTag, ...]:
    """Return the tags that are likely missing or wrong, the likeliest first."""
    found = check_tags(fitted.loo_proba_, values)
    examples, names = prepared.dataset.examples, prepared.classes
    return tuple(
        DoubtedTag(examples[row].name, names[tag], bool(missing), round(float(p), 4))
        for row, tag, missing, p in zip(
            found.rows[:MOST_DOUBTED], found.tags, found.missing, found.probability, strict=False
        )
    )


def _notes_on(doubted: Sequence[DoubtedTag]) -> list[str]:
    if not doubted:
        return []
    missing = [one for one in doubted if one.missing]
    said = []
    if missing:
        said.append(f"{len(missing)} tags may be missing, such as {missing[0].tag!r} of {missing[0].source}")
    wrong = [one for one in doubted if not one.missing]
    if wrong:
        said.append(f"{len(wrong)} may be wrong, such as {wrong[0].tag!r} of {wrong[0].source}")
    return [f"{'; '.join(said)}. --json lists them (doubted)."]


def _without_base(prepared: Prepared, chosen: Chosen[FittedTags]) -> list[str]:
    taken: Option[FittedTags] = chosen.taken
    if prepared.outputs and not taken.bases:
        return ["No base model is used: simple features of the input alone did better here."]
    return []


def measure_fresh(
    model: Model, features: FeatureSet, examples: Sequence[Example], groups: Sequence[str] | None
) -> TagEvaluation:
    """Measure a saved model on examples that it has not seen; row i of `features` is example i."""
    proba = proba_of_tags(model, features)
    head: TagsHead = model.head  # type: ignore[assignment]  # what the target's own `read_head` gave
    found = evaluate_tags(
        proba,
        head.tags(proba),
        np.array([example.value for example in examples], dtype=np.float64),
        groups,
        model.classes,
        how=f"{len(examples)} labelled examples that the model was not trained on",
        fresh=True,
        measure=str(head.meta.get("measure", "f1")),
    )
    return _with_thresholds(found, head)


def of_known_tags(model: Model, dataset: Dataset) -> tuple[list[Example], list[Problem], list[str]]:
    """Return examples with the model's own tags, problems of the others, and what was read how.

    A tag that the data do not name anywhere is one that none of these examples has. Tags that the model does
    not know cannot be measured; they are named in a note.
    """
    place = {name: number for number, name in enumerate(dataset.classes)}
    strange = [name for name in dataset.classes if name not in model.classes]
    known = [
        replace(
            example,
            value=tuple(example.value[place[name]] if name in place else 0.0 for name in model.classes),
        )
        for example in dataset.examples
    ]
    if strange and len(strange) == len(dataset.classes):
        reason = f"its tags are none that this model knows ({', '.join(model.classes[:8])})"
        return [], [Problem(example.name, reason, "unknown_class") for example in dataset.examples], []
    shown = ", ".join(map(repr, strange[:5])) + (f" and {len(strange) - 5} more" if len(strange) > 5 else "")
    return known, [], [f"Tags that the model does not know were passed over: {shown}."] if strange else []
