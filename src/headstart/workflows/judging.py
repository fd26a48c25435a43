"""Measure a saved model on labelled examples that it has not seen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.assemble import HELD_OUT
from headstart.data.grouping import ORDER
from headstart.data.spellings import respelled
from headstart.data.target import CLASSES, parse_target
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.evaluation.measure import evaluate as measure
from headstart.execution import Executor, ProgressCallback, silent
from headstart.reports import HoldOutReport
from headstart.types import Dataset, Modality, Problem
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
        ``classes`` or None; the same here, for the model says what its classes are.
    modality
        ``text`` says that cells that look like names of files are the texts themselves.
    executor
        What runs the encoding; threads of this process where not given. See `headstart.execution`.

    Raises
    ------
    ParameterError
        When the examples are of another kind than the model takes.
    NotEnoughDataError
        When no example is left that can be measured.
    """
    model, start = model_of(model), time.perf_counter()
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
            target=parse_target(target) or CLASSES,
            progress=progress,
        )
    )
    _require_fitting(model, dataset)
    read = time.perf_counter() - start
    spelled = respelled({str(label) for label in dataset.labels}, model.classes)
    known, problems = _of_known_classes(model, dataset, spelled)
    features = model.features(
        [e.source for e in known], [e.name for e in known], progress=progress, executor=executor
    )
    problems += [
        Problem(known[i].name, reason, code) for i, (reason, code) in sorted(features.failures.items())
    ]
    seen = model.was_trained_on(features.contents)
    kept = np.flatnonzero(~seen)
    if not len(kept):
        raise NotEnoughDataError(*_nothing_left(dataset, int(seen.sum()), [*dataset.problems, *problems]))
    proba = model.head.predict_proba(features.blocks)[kept]
    rows = features.rows[kept]
    names = [known[i] for i in rows]
    report = measure(
        proba,
        np.array([model.classes.index(str(example.label)) for example in names], dtype=np.int64),
        _groups(names),
        model.classes,
        how=f"{len(kept)} labelled examples that the model was not trained on",
        fresh=True,
    )
    return HoldOutReport(
        model=model.name,
        modality=str(model.modality),
        used=len(kept),
        problems=(*dataset.problems, *problems),
        evaluation=report,
        seconds={"read": read, "total": time.perf_counter() - start},
        seen_in_training=int(seen.sum()),
        notes=(*dataset.notes, *_spelled_notes(spelled), *_seen_note(int(seen.sum()))),
    )


def _require_fitting(model: Model, dataset: Dataset) -> None:
    if dataset.modality != model.modality:
        raise ParameterError(
            f"The model takes {model.modality}, but these examples are {dataset.modality}.",
            "Name examples of the same kind.",
        )
    if dataset.grouping == ORDER:
        raise ParameterError(
            f"--groups {ORDER} is found while training; to evaluate, groups must be told by names or a list.",
            "Use another way, or a CSV file with the columns file and group.",
        )


def _of_known_classes(
    model: Model, dataset: Dataset, spelled: Mapping[str, str]
) -> tuple[list[Example], list[Problem]]:
    known, problems = [], []
    for example in dataset.examples:
        label = spelled.get(str(example.label), example.label)
        if label in model.classes:
            known.append(replace(example, label=label))
        else:
            known_names = ", ".join(model.classes[:8])
            reason = f"its class {example.label!r} is not one that this model knows ({known_names})"
            problems.append(Problem(example.name, reason, "unknown_class"))
    return known, problems


def _groups(examples: Sequence[Example]) -> list[str] | None:
    if not any(example.group for example in examples):
        return None
    return [example.group or f"\0{number}" for number, example in enumerate(examples)]


def _spelled_notes(spelled: Mapping[str, str]) -> list[str]:
    read = ", ".join(f"{name!r} as {to!r}" for name, to in sorted(spelled.items()))
    return [f"Labels that spell a class of the model by another type were read so: {read}."] if read else []


def _seen_note(seen: int) -> list[str]:
    return [f"{seen} examples were left out: the model was trained on the same content."] if seen else []


def _nothing_left(dataset: Dataset, seen: int, problems: Sequence[Problem]) -> tuple[str, str]:
    if seen:
        return (
            f"Nothing to measure with in {dataset.origin}: the model was trained on all {seen} of them.",
            "Name examples that it has not seen; training itself has measured the others honestly.",
        )
    first = f", for instance {problems[0].source}: {problems[0].reason}" if problems else ""
    return (
        f"No example in {dataset.origin} can be measured{first}.",
        "Bring labelled examples of the model's classes.",
    )
