"""Suggest which examples of an unlabelled pile to label next, and keep them in a list to fill in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.suggesting import (
    RANDOM,
    TYPICAL,
    UNCERTAIN,
    draw,
    typical,
    uncertain,
    uncertainty,
    unit_rows,
)
from headstart.bases.needs import needs_of
from headstart.bases.runnable import runnable
from headstart.bundle.load import load as load_bundle
from headstart.data.archives import is_archive
from headstart.data.duplicates import near_groups
from headstart.data.read import load as read
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.encoder import EMBEDDING
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw
from headstart.errors import DataError, NotEnoughDataError, ParameterError
from headstart.execution import Executor, Phase, Progress, ProgressCallback, silent
from headstart.heads.select import fit_head
from headstart.kinds import has_columns
from headstart.model import Model
from headstart.preparing import dense
from headstart.settings import current
from headstart.types import Dataset, Example, Modality, Problem
from headstart.workflows.labels_list import LabelsList
from headstart.workflows.result import AnyModel, model_of
from headstart.workflows.suggestions import Suggestion, Suggestions

if TYPE_CHECKING:
    from headstart.types import BoolArray, Embeddings, Float32Array, IntArray

COUNT = 20
RANDOM_SHARE = 0.2
_FEWEST_CLASSES = 2


def suggest(
    pile: str | Path,
    model: AnyModel | str | Path | None = None,
    *,
    count: int = COUNT,
    random_share: float = RANDOM_SHARE,
    offered: str | Path | None = None,
    base: str = "auto",
    modality: str | Modality | None = None,
    input_column: str | None = None,
    seed: int = 0,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> Suggestions:
    """Suggest which examples of a pile to label next.

    Without a model, those that are typical of many; with one, those that it cannot tell and that differ from
    each other. A share is drawn at random: the accuracy on these says what to expect of the rest of the pile,
    which the accuracy on chosen ones does not. Near-duplicates are suggested once.

    Parameters
    ----------
    pile
        A folder of files, or a table with a column of texts or paths; labels in it are not looked at.
    model
        A model of classes, or the folder of one. What it was trained on is left out.
    count
        How many to suggest.
    random_share
        The share of them that is drawn at random, from 0 to 1.
    offered
        A list that `Suggestions.write` made: what stands in it is not suggested again.
    base
        Without a model: the base whose embeddings say what is alike; by default the first that is installed.
    modality, input_column
        As for `headstart.load`.
    seed
        Draws the random ones, together with how many have been offered.

    Raises
    ------
    NotEnoughDataError
        When nothing is left to suggest.
    ParameterError
        When a number is out of range, or the model learned no classes.

    Examples
    --------
    >>> found = suggest("pile/", count=20)  # doctest: +SKIP
    >>> found.write("labels.csv")  # doctest: +SKIP
    """
    if count < 1 or not 0.0 <= random_share <= 1.0:
        raise ParameterError(
            f"count must be from 1 up and random_share from 0 to 1, got {count} and {random_share:g}.",
            "count=20, random_share=0.2 suggests 20 examples, 4 of them at random.",
        )
    used = _model(model)
    listed = LabelsList.open(Path(offered)) if offered is not None else None
    dataset = _read(pile, used, modality, input_column, progress)
    embedded = _embed(dataset, used, base, progress, executor)
    rows = embedded.rows.tolist()
    examples = [dataset.examples[row] for row in rows]
    failed = [Problem(dataset.examples[row].name, reason, code) for row, reason, code in embedded.failures]
    is_open = _still_open(examples, embedded, used, listed)
    if not is_open.any():
        raise NotEnoughDataError(
            f"All {len(examples)} examples of {pile} have been suggested or trained on already.",
            "Add new ones to the pile, or label those in the list.",
        )
    progress(Progress("choosing examples", 0, phase=Phase.WEIGHING))
    chances = _probabilities(used, examples, progress, executor)
    names = used.classes if used is not None else ()
    chosen = _choose(embedded, chances, is_open, count, random_share, seed + int((~is_open).sum()))
    items = [_suggestion(examples[row], why, names, chances, row) for row, why in chosen]
    return Suggestions(
        tuple(items),
        dataset.modality,
        pile=len(examples),
        left=int(is_open.sum()) - len(items),
        problems=(*dataset.problems, *failed),
    )


def suggest_from(
    pile: Dataset,
    labelled: Dataset | None = None,
    *,
    count: int = COUNT,
    random_share: float = RANDOM_SHARE,
    base: str = "auto",
    seed: int = 0,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> Suggestions:
    """Suggest which examples of a pile to label next, given those that have a label already.

    With labelled examples of two classes or more, a head is fitted to them and says where it is unsure.

    Parameters
    ----------
    pile
        Examples without labels.
    labelled
        Examples with labels; none of them is suggested.
    count, random_share, base, seed
        As in `suggest`.
    """
    known = labelled.examples if labelled is not None else ()
    both = replace(pile, examples=(*pile.examples, *known))
    embedded = _embed(both, None, base, progress, executor)
    is_labelled = embedded.rows >= len(pile.examples)
    examples = [both.examples[row] for row in embedded.rows.tolist()]
    progress(Progress("choosing examples", 0, phase=Phase.WEIGHING))
    names, chances = _fitted(embedded, examples, is_labelled)
    contents = [signature.content for signature in embedded.signatures]
    seen = {content for content, there in zip(contents, is_labelled, strict=True) if there}
    is_open = _first_of_each(contents) & ~np.array([content in seen for content in contents], dtype=np.bool_)
    chosen = _choose(embedded, chances, is_open, count, random_share, seed) if is_open.any() else []
    items = [_suggestion(examples[row], why, names, chances, row) for row, why in chosen]
    failed = [Problem(both.examples[row].name, reason, code) for row, reason, code in embedded.failures]
    left = int(is_open.sum()) - len(items)
    others = _others(examples, is_open, {row for row, _ in chosen}, names, chances)
    return Suggestions(tuple(items), pile.modality, int((~is_labelled).sum()), left, tuple(failed), others)


def _others(
    examples: Sequence[Example],
    is_open: BoolArray,
    chosen: Collection[int],
    classes: Sequence[str],
    chances: Float32Array | None,
) -> tuple[Suggestion, ...]:
    if chances is None:
        return ()
    rows = [row for row in np.flatnonzero(is_open).tolist() if row not in chosen]
    rows.sort(key=lambda row: -float(chances[row].max()))
    return tuple(_suggestion(examples[row], "", classes, chances, row) for row in rows)


def _fitted(
    embedded: Embeddings, examples: Sequence[Example], is_labelled: BoolArray
) -> tuple[Sequence[str], Float32Array | None]:
    """Return classes, and the probabilities that a head fitted to the labelled rows gives to every row."""
    labels = [example.label for example, there in zip(examples, is_labelled, strict=True) if there]
    names = sorted({label for label in labels if label is not None})
    if len(names) < _FEWEST_CLASSES:
        return names, None
    vectors = dense(embedded.vectors)
    y = np.array([names.index(str(label)) for label in labels], dtype=np.int64)
    head = fit_head({EMBEDDING: vectors[is_labelled]}, y, n_classes=len(names), head="ridge").head
    return names, head.predict_proba({EMBEDDING: vectors})


def _model(given: AnyModel | str | Path | None) -> Model | None:
    if given is None:
        return None
    model = load_bundle(given) if isinstance(given, str | Path) else model_of(given)
    model.class_head  # noqa: B018 - says that only models of classes will do
    return model


def _read(
    pile: str | Path,
    model: Model | None,
    modality: str | Modality | None,
    input_column: str | None,
    progress: ProgressCallback,
) -> Dataset:
    if is_archive(pile):
        raise DataError(
            f"Expected a folder or a table, found the archive {Path(pile).name}: the list names files, which "
            "must stay where they are.",
            "Unpack it and name the folder.",
        )
    wanted = modality or (None if model is None else model.modality)
    progress(Progress("reading", 0, phase=Phase.READING))
    dataset = read(Path(pile), modality=wanted, input_column=input_column, labelled=False, progress=progress)
    if has_columns(dataset.modality):
        raise ParameterError(
            f"{pile} has rows with several columns to learn from; single photos, texts or sounds can be "
            "suggested.",
            "Name the column that matters with input_column (--input-column).",
        )
    if model is not None and dataset.modality != model.modality:
        raise ParameterError(f"The model takes {model.modality}, the pile holds {dataset.modality}.")
    return dataset


def _embed(
    dataset: Dataset,
    model: Model | None,
    base: str,
    progress: ProgressCallback,
    executor: Executor | None,
) -> Embeddings:
    specs = list(model.encoders) if model is not None else []
    if model is None:
        needs = needs_of(dataset.modality, dataset.sources)
        ready = runnable(dataset.modality, base, progress, needs).bases
        specs = [spec for card, spec in ready if card.default] or [spec for _, spec in ready]
    encoder = open_encoder(specs[0]) if specs else open_raw(dataset.modality)
    names = [example.name for example in dataset.examples]
    made = encode_many(
        [encoder],
        dataset.sources,
        names=names,
        extras=(),
        cache=_cache(),
        progress=progress,
        executor=executor,
    )
    return made[encoder.name]


def _cache() -> EmbeddingCache | None:
    settings = current()
    return EmbeddingCache(settings.embeddings) if settings.use_embedding_cache else None


def _still_open(
    examples: Sequence[Example], embedded: Embeddings, model: Model | None, listed: LabelsList | None
) -> BoolArray:
    """Return which examples may still be suggested: the same content only once."""
    contents = [signature.content for signature in embedded.signatures]
    is_open = _first_of_each(contents)
    if model is not None and len(contents):
        is_open &= ~model.was_trained_on(contents)
    if listed is not None:
        is_open &= ~np.array([listed.holds(example.source) for example in examples], dtype=np.bool_)
    return is_open


def _first_of_each(contents: Sequence[bytes]) -> BoolArray:
    is_first = np.zeros(len(contents), dtype=np.bool_)
    is_first[np.unique(np.array(contents, dtype=object), return_index=True)[1]] = True
    return is_first


def _probabilities(
    model: Model | None, examples: Sequence[Example], progress: ProgressCallback, executor: Executor | None
) -> Float32Array | None:
    if model is None:
        return None
    names = [example.name for example in examples]
    features = model.features([example.source for example in examples], names, _cache(), progress, executor)
    return model.proba_of(features)


def _choose(
    embedded: Embeddings,
    chances: Float32Array | None,
    is_open: BoolArray,
    count: int,
    random_share: float,
    seed: int,
) -> list[tuple[int, str]]:
    """Return rows with the reason for each, the random ones spread evenly among the others."""
    vectors = dense(embedded.vectors)
    looks = [signature.perceptual for signature in embedded.signatures]
    groups = near_groups(vectors, looks, [None] * len(vectors))
    is_open = is_open & ~np.isin(groups, groups[~is_open])
    at_random = draw(groups, is_open, round(count * random_share), np.random.default_rng(seed))
    is_open &= ~np.isin(groups, groups[at_random])
    unit, wanted = unit_rows(vectors), count - len(at_random)
    if wanted < 1 or not is_open.any():
        chosen, why = np.zeros(0, dtype=np.int64), TYPICAL
    elif chances is None or chances.shape[1] < _FEWEST_CLASSES:
        chosen, why = typical(unit, groups, is_open, wanted, seed), TYPICAL
    else:
        chosen, why = uncertain(unit, uncertainty(chances), groups, is_open, wanted, seed), UNCERTAIN
    return _mixed(chosen, why, at_random)


def _mixed(chosen: IntArray, why: str, at_random: IntArray) -> list[tuple[int, str]]:
    """Spread the random ones, so that a list labelled halfway holds its share of them."""
    total = len(chosen) + len(at_random)
    places = [(i + 0.5) * total / max(len(chosen), 1) for i in range(len(chosen))]
    places += [(i + 0.5) * total / max(len(at_random), 1) for i in range(len(at_random))]
    rows = [(int(row), why) for row in chosen] + [(int(row), RANDOM) for row in at_random]
    return [rows[place] for place in np.argsort(places, kind="stable")]


def _suggestion(
    example: Example, why: str, classes: Sequence[str], chances: Float32Array | None, row: int
) -> Suggestion:
    if not isinstance(example.source, str | Path):  # a pile is a folder or a table
        raise ParameterError(f"{example.name} has no name that a list could hold.")
    found = Suggestion(example.name, example.source, why)
    if chances is None:
        return found
    best = int(np.argmax(chances[row]))
    return replace(found, guess=classes[best], probability=round(float(chances[row, best]), 4))
