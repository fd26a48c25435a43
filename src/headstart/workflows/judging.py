"""Measure a saved model on labelled examples that it has not seen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.assemble import HELD_OUT
from headstart.data.grouping import ORDER
from headstart.data.target import parse_target
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.reports import HoldOutReport
from headstart.targets import CLASSES, target_of
from headstart.types import Dataset, Modality, Problem
from headstart.workflows.heatmaps import require_heatmaps, write_heatmaps
from headstart.workflows.reading import load_for
from headstart.workflows.result import AnyModel, model_of

if TYPE_CHECKING:
    from headstart.model import Model
    from headstart.types import Example


def evaluate(
    model: AnyModel,
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    target: str | None = None,
    modality: str | Modality | None = None,
    heatmaps: str | Path | None = None,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> HoldOutReport:
    """Measure a model on labelled examples brought later.

    A label that spells a class of the model by another type (1.0 for 1, True for true) counts as it.
    Examples with the same content as one that the model was trained on are left out and counted, for the
    model would be judged on what it has seen.

    Parameters
    ----------
    data
        A `Dataset`, or what `headstart.load` takes: a path, a table in memory, inputs with `labels`.
    target
        What the labels are, or None; only what the model has learned.
    modality
        ``text`` says that cells that look like names of files are the texts themselves.
    heatmaps
        Of a model that finds defects: a folder for the pictures that are measured with heat maps over them,
        masks, and boxes in ``annotations.json`` (COCO).
    executor
        What runs the encoding; threads of this process where not given. See `headstart.execution`.

    Raises
    ------
    ParameterError
        When the examples are of another kind than the model takes, or labelled with another target.
    NotEnoughDataError
        When no example is left that can be measured.
    """
    model, start = model_of(model), time.perf_counter()
    if heatmaps is not None:
        require_heatmaps(model, Path(heatmaps))
    dataset = (
        data
        if isinstance(data, Dataset)
        # The model says what its classes are, so that no label need look like one.
        else load_for(
            data,
            labels,
            modality=model.modality,
            names_as_texts=model.names_as_texts(modality),
            split=HELD_OUT,
            target=_target_of(model, target),
            progress=progress,
        )
    )
    _require_fitting(model, dataset)
    read = time.perf_counter() - start
    learned = target_of(model.target)
    known, problems, notes = list(dataset.examples), [], []
    if learned.known is not None:
        known, problems, notes = learned.known(model, dataset)
    features = model.features(
        [e.source for e in known], [e.name for e in known], progress=progress, executor=executor
    )
    problems += [
        Problem(known[i].name, reason, code) for i, (reason, code) in sorted(features.failures.items())
    ]
    seen = model.was_trained_on(features.contents)
    fresh = np.flatnonzero(~seen)
    if not len(fresh):
        raise NotEnoughDataError(*_nothing_left(dataset, int(seen.sum()), [*dataset.problems, *problems]))
    kept = features.rows[fresh]
    examples = [known[i] for i in kept]
    if heatmaps is not None:
        said = model.answer(features, [example.name for example in known])
        shown = [said[i] for i in kept]
        write_heatmaps(model, [e.source for e in examples], shown, Path(heatmaps), progress=progress)
    return HoldOutReport(
        model=model.name,
        modality=str(model.modality),
        target=model.target,
        used=len(kept),
        problems=(*dataset.problems, *problems),
        evaluation=learned.measure(model, features.align(kept), examples, _groups(examples)),
        seconds={"read": read, "total": time.perf_counter() - start},
        seen_in_training=int(seen.sum()),
        notes=(*dataset.notes, *notes, *_seen_note(int(seen.sum()))),
    )


def _target_of(model: Model, told: str | None) -> str:
    """Return the target of the model, which need not be told."""
    if parse_target(told) not in (None, model.target):
        raise ParameterError(
            f"The model learned {target_of(model.target).words.many}, so labels cannot be read as {told!r}.",
            "Leave --target away.",
        )
    return model.target


def _require_fitting(model: Model, dataset: Dataset) -> None:
    if dataset.modality != model.modality:
        raise ParameterError(
            f"The model takes {model.modality}, but these examples are {dataset.modality}.",
            "Name examples of the same kind.",
        )
    if dataset.target != model.target:
        theirs, ours = target_of(dataset.target).words.many, target_of(model.target).words.many
        raise ParameterError(
            f"The model learned {ours}, but these examples are labelled with {theirs}.",
            f"Name examples that are labelled with {ours}.",
        )
    if dataset.grouping == ORDER:
        raise ParameterError(
            f"--groups {ORDER} is found while training; to evaluate, groups must be told by names or a list.",
            "Use another way, or a CSV file with the columns file and group.",
        )


def _groups(examples: Sequence[Example]) -> list[str] | None:
    if not any(example.group for example in examples):
        return None
    return [example.group or f"\0{number}" for number, example in enumerate(examples)]


def _seen_note(seen: int) -> list[str]:
    return [f"{seen} examples were left out: the model was trained on the same content."] if seen else []


def _nothing_left(dataset: Dataset, seen: int, problems: Sequence[Problem]) -> tuple[str, str]:
    if seen:
        return (
            f"Nothing to measure with in {dataset.origin}: the model was trained on all {seen} of them.",
            "Name examples that it has not seen; training itself has measured the others honestly.",
        )
    first = f", for instance {problems[0].source}: {problems[0].reason.rstrip('.')}" if problems else ""
    words = target_of(dataset.target).words
    wanted = "of the model's classes" if dataset.target == CLASSES.name else f"with their {words.many}"
    return f"No example in {dataset.origin} can be measured{first}.", f"Bring labelled examples {wanted}."
