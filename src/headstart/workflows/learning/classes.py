"""Learn which class each example is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.group_search import suspected_groups
from headstart.data.inspected import suggestion
from headstart.data.spellings import respelled
from headstart.evaluation.chosen import measure, measure_floor
from headstart.evaluation.measure import evaluate
from headstart.evaluation.preferring import advantage
from headstart.evaluation.uncertainty import make_doubt
from headstart.kinds import kind_of
from headstart.types import Modality, Problem
from headstart.workflows.learning.learned import Learned

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice
    from headstart.execution import ProgressCallback
    from headstart.features import FeatureSet
    from headstart.model import Model
    from headstart.preparing import Prepared
    from headstart.reports import Evaluation
    from headstart.types import Dataset, Example
    from headstart.workflows.config import TrainConfig


def learn(prepared: Prepared, config: TrainConfig, *, progress: ProgressCallback) -> Learned:
    """Fit the head that does best on held-out examples, and measure it."""
    choice: Choice = kind_of(prepared.dataset.modality).learning.choose(
        prepared, head=config.head, blend=config.blend, seed=config.seed, progress=progress
    )
    doubt, doubts = make_doubt(prepared, choice)
    return Learned(
        base=choice.taken.base,
        bases=choice.taken.bases,
        blocks=choice.taken.used,
        head=choice.taken.fitted.head,
        evaluation=measure(prepared, choice),
        floor=measure_floor(prepared, choice.floor),
        candidates=choice.candidates(),
        doubt=doubt,
        doubts=doubts,
        suspected=suspected_groups(prepared, choice, config.seed),
        # With advice asked for, it is the first of the next steps.
        notes=(*(() if config.advise else _few_defects(prepared)), *_without_base(prepared, choice)),
        choice=choice,
    )


def _few_defects(prepared: Prepared) -> list[str]:
    """Say where many good parts and a few defective ones are better learned otherwise."""
    if prepared.dataset.modality != Modality.IMAGE:
        return []
    return list(filter(None, [suggestion(prepared.dataset.counts)]))


def _without_base(prepared: Prepared, choice: Choice) -> list[str]:
    """Say where no base is better than the bases, be it taken or not."""
    if not prepared.outputs:
        things = kind_of(prepared.dataset.modality).words.many
        return [f"There is no base model for {things}: the model learns from simple features alone."]
    if not choice.taken.bases:
        return ["No base model is used: simple features of the input alone did better here."]
    if choice.floor is None:
        return []
    gain, error = advantage(prepared, choice.taken, choice.floor)
    if gain <= error:
        return []
    # Better, and yet not taken: only where something else was asked for.
    return [
        "Simple features without any base did better here, but another head, or a head on the base alone, "
        "was asked for. To let them be taken, leave --head and --no-blend away."
    ]


def of_known_classes(model: Model, dataset: Dataset) -> tuple[list[Example], list[Problem], list[str]]:
    """Return the examples of classes that a model knows, problems of the others, and what was read how.

    A label that spells a class by another type (1.0 for 1, True for true) counts as it.
    """
    examples = dataset.examples
    spelled = respelled({str(example.label) for example in examples}, model.classes)
    known, problems = [], []
    for example in examples:
        label = spelled.get(str(example.label), example.label)
        if label in model.classes:
            known.append(replace(example, label=label))
        else:
            known_names = ", ".join(model.classes[:8])
            reason = f"its class {example.label!r} is not one that this model knows ({known_names})"
            problems.append(Problem(example.name, reason, "unknown_class"))
    read = ", ".join(f"{name!r} as {to!r}" for name, to in sorted(spelled.items()))
    notes = [f"Labels that spell a class of the model by another type were read so: {read}."] if read else []
    return known, problems, notes


def measure_fresh(
    model: Model, features: FeatureSet, examples: Sequence[Example], groups: Sequence[str] | None
) -> Evaluation:
    """Measure a saved model on examples that it has not seen; row i of `features` is example i."""
    return evaluate(
        model.proba_of(features),
        np.array([model.classes.index(str(example.label)) for example in examples], dtype=np.int64),
        groups,
        model.classes,
        how=f"{len(examples)} labelled examples that the model was not trained on",
        fresh=True,
    )
