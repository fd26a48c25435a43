"""Learn what good parts look like, and find what is unlike them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL.Image import Image

from headstart.bases.presets import is_preset
from headstart.bases.runnable import runnable
from headstart.data.deep_pictures import find_scale
from headstart.data.dimensions import picture_size
from headstart.data.duplicates import exact_duplicates
from headstart.data.grouping import ORDER
from headstart.data.inspected import GOOD, good_labels, is_good, require_inspected
from headstart.defects.features import Pictures, layout_of, look, places_of
from headstart.defects.fitting import Fitted, fit
from headstart.defects.fusing import Fused, fuse
from headstart.defects.head import BLOCK, DefectHead
from headstart.defects.kinds import Kinds, enough_of, fit_kinds, unlike
from headstart.defects.measuring import DefectMeasurement, Share, shares_by_kind
from headstart.defects.sizing import SIZE, notes_on_size, size_for
from headstart.defects.taught import Taught
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.contract import EMBEDDING
from headstart.errors import ParameterError, SourceError
from headstart.execution import Executor, Phase, Progress, ProgressCallback
from headstart.features import Block
from headstart.preparing import Prepared
from headstart.settings import current
from headstart.types import Problem
from headstart.workflows.keeping import lasting_folder
from headstart.workflows.learning.learned import Learned
from headstart.workflows.recalling import remember_sources

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.features import FeatureSet
    from headstart.model import Model
    from headstart.types import Dataset, EncoderSpec, Example
    from headstart.workflows.config import TrainConfig

BASE = "efficientnet_lite0"
"""The base that was measured best for its time: the larger ones are not worth 1.5 times as much."""


MOST_GOOD, MOST_CACHED = 3000, 1000
"""Good photos that are learned from, for they are held in memory (0.14 MB each); photos up to which what was
seen is kept for the next time (0.28 MB each). Fewer where they are looked at with more than 640 pixels."""
_MOST_SIZE = 640
_ASKED_SIZE = 50


@dataclass(frozen=True)
class Inspected(Prepared):
    """Photos of parts, as seen at their places; row i is example i of `dataset`."""

    pictures: Pictures | None = None


def prepare(
    dataset: Dataset,
    config: TrainConfig,
    *,
    progress: ProgressCallback,
    executor: Executor | None = None,
) -> Inspected:
    """Look at every picture with the lower half of one base.

    Raises
    ------
    ParameterError
        When something is asked for that this target does not take.
    HeadstartError
        When there are no good parts among the examples, or the base cannot be had.
    """
    _refuse_settings(config, dataset)
    require_inspected(dataset)
    told = len(dataset.notes)
    sizes = _sizes(dataset) if config.smallest_defect is not None else []
    size = _size(config, sizes)
    share = min(1.0, (_MOST_SIZE / size) ** 2)
    dataset = _at_most(_with_labels(dataset), config.seed, int(MOST_GOOD * share))
    card, spec = _one_base(config, progress)
    scale, note = find_scale(dataset.sources)
    spec = places_of(spec, lasting_folder(), size)
    if scale is not None:
        spec = replace(spec, recipe={**spec.recipe, **scale.recipe})
    settings = current()
    kept = config.use_cache and settings.use_embedding_cache and len(dataset) <= MOST_CACHED * share
    cache = EmbeddingCache(settings.embeddings) if kept else None
    pictures = look(spec, dataset.sources, cache=cache, progress=progress, executor=executor)
    notes = [*notes_on_size(size, config.smallest_defect, sizes), *(cache.notes if cache is not None else ())]
    if cache is not None:
        cache.close()
    return _cleaned(dataset, card, spec, pictures, (*dataset.notes[told:], *filter(None, [note]), *notes))


def _sizes(dataset: Dataset) -> list[tuple[int, int]]:
    """Return the widths and heights of some of the pictures, those that can be told without decoding."""
    found = []
    step = max(1, len(dataset) // _ASKED_SIZE)
    for source in dataset.sources[::step]:
        if isinstance(source, str | Path):
            with suppress(SourceError, OSError):
                found.append(picture_size(source))
        elif isinstance(source, Image):
            found.append(source.size)
    return found


def _size(config: TrainConfig, sizes: Sequence[tuple[int, int]]) -> int:
    """Return the pixels a side that were asked for, or that the smallest defect needs."""
    if config.input_size is not None:
        return config.input_size
    if config.smallest_defect is None:
        return SIZE
    if not sizes:
        raise ParameterError(
            "How large the photos are cannot be told, so that the smallest defect does not say how to look "
            "at them.",
            "Name the size: --input-size 640 (input_size=640 in Python).",
        )
    return size_for(config.smallest_defect, max(sizes, key=max))


def _refuse_settings(config: TrainConfig, dataset: Dataset) -> None:
    if config.head != "auto":
        raise ParameterError(
            f"--head {config.head} is for classes; defects have a detector of their own.",
            "Leave --head away.",
        )
    if config.link_base:
        raise ParameterError(
            "--link-base does not go with defects: the model holds but the lower half of its base, 3 MB.",
            "Leave --link-base away.",
        )
    if dataset.grouping == ORDER:
        raise ParameterError(
            f"--groups {ORDER} is for classes: it looks where the contents of a class change.",
            "Use another way, or a CSV file with the columns file and group.",
        )


def _one_base(config: TrainConfig, progress: ProgressCallback) -> tuple[Base, EncoderSpec]:
    named = BASE if is_preset(config.base) else config.base
    found = runnable(cast("Any", "image"), named, progress).bases
    if len(found) > 1:
        raise ParameterError(
            f"Defects are found with one base, got {', '.join(card.name for card, _ in found)}.",
            f"Name one: --base {BASE}",
        )
    return found[0]


def _with_labels(dataset: Dataset) -> Dataset:
    """Call examples without a label good: nobody says of each part that it is not defective."""
    unnamed = sum(example.label is None for example in dataset.examples)
    if not unnamed:
        return dataset
    examples = tuple(replace(e, label=GOOD) if e.label is None else e for e in dataset.examples)
    note = f"None of the {unnamed} photos has a label, so all are taken for good parts."
    return replace(dataset, examples=examples, classes=(GOOD,), notes=(*dataset.notes, note))


def _at_most(dataset: Dataset, seed: int, most: int = MOST_GOOD) -> Dataset:
    """Draw so many of the good photos where there are more; the others would hardly change a thing."""
    good = [place for place, example in enumerate(dataset.examples) if is_good(example.label)]
    if len(good) <= most:
        return dataset
    left = set(good) - set(np.random.default_rng(seed).choice(good, most, replace=False).tolist())
    examples = tuple(example for place, example in enumerate(dataset.examples) if place not in left)
    note = f"{most:,} of the {len(good):,} good photos were drawn to learn from; more would change little."
    return replace(dataset, examples=examples, notes=(*dataset.notes, note))


def _cleaned(
    dataset: Dataset, card: Base, spec: EncoderSpec, pictures: Pictures, notes: Sequence[str]
) -> Inspected:
    """Leave out what cannot be read, is there twice, or is called good and defective at once."""
    unreadable = [Problem(dataset.examples[i].name, *why) for i, why in sorted(pictures.failures.items())]
    readable = replace(dataset, examples=tuple(dataset.examples[i] for i in pictures.rows))
    contents = [signature.content for signature in pictures.signatures]
    once, dropped, conflicts = exact_duplicates(readable, contents)
    pictures = pictures.take(np.array(once, dtype=np.int64))
    clean = replace(
        readable,
        examples=tuple(readable.examples[i] for i in once),
        problems=(*dataset.problems, *unreadable, *conflicts, *dropped),
    )
    contents = [contents[i] for i in once]
    found = inspected(clean, spec, {card.name: card}, pictures, contents)
    return replace(found, problems=clean.problems, duplicates=len(dropped), notes=tuple(notes))


def inspected(
    dataset: Dataset,
    spec: EncoderSpec,
    cards: Mapping[str, Base],
    pictures: Pictures,
    contents: Sequence[bytes],
) -> Inspected:
    """Return photos that can be learned from: readable, each content once, row by row."""
    return Inspected(
        dataset=dataset,
        specs={spec.name: spec},
        cards=cards,
        y=np.array([not is_good(label) for label in dataset.labels], dtype=np.int64),
        groups=_groups(dataset),
        outputs={},
        raw=np.zeros((len(pictures), 0), dtype=np.float32),
        contents=contents,
        seen={spec.name: contents},
        problems=(),
        embedded=pictures.computed,
        from_cache=pictures.from_cache,
        duplicates=0,
        positions=pictures.rows,
        pictures=pictures,
    )


def _groups(dataset: Dataset) -> np.ndarray[Any, np.dtype[np.int64]]:
    named = [example.group or f"\0{place}" for place, example in enumerate(dataset.examples)]
    return np.unique(named, return_inverse=True)[1].astype(np.int64)


def learn(prepared: Prepared, config: TrainConfig, *, progress: ProgressCallback) -> Learned:
    """Fit a detector to the good parts, and look which of the known defects it finds."""
    assert isinstance(prepared, Inspected)
    assert prepared.pictures is not None
    progress(Progress("learning what good parts look like", 0, phase=Phase.FITTING))
    (spec,) = prepared.specs.values()
    good = prepared.y == 0
    seen = prepared.pictures.seen
    fitted = fit(seen[good], layout_of(spec), groups=prepared.groups[good], rate=config.false_alarms)
    groups = np.r_[prepared.groups[good], prepared.groups[~good]]
    fused = fuse(fitted, seen[good], seen[~good], groups, config.false_alarms)
    fitted = fitted if fused is None else fused.fitted
    labels = tuple(good_labels(prepared.classes))
    kinds, named = _kinds(prepared, fitted, good)
    return Learned(
        base=spec.name,
        bases=(spec.name,),
        blocks=(Block(BLOCK, "encoder", spec.name, EMBEDDING),),
        head=DefectHead(fitted.detector, labels, kinds, _taught(prepared, config)),
        evaluation=replace(_measured(prepared, fitted, good, fused), named=named),
        notes=_notes(prepared, good),
    )


def _taught(prepared: Inspected, config: TrainConfig) -> Taught:
    """Return which pictures these are; and remember where they lie, so that others can join them."""
    assert prepared.pictures is not None
    dataset = prepared.dataset
    if config.use_cache:
        remember_sources(prepared.fingerprint, dataset.sources)
    return Taught.of(
        [example.name for example in dataset.examples],
        [str(example.label) for example in dataset.examples],
        [example.group or "" for example in dataset.examples],
        prepared.contents,
        prepared.pictures.seen,
        prepared.fingerprint,
    )


def _kinds(
    prepared: Inspected, fitted: Fitted, good: np.ndarray[Any, Any]
) -> tuple[Kinds | None, Share | None]:
    """Learn to tell the known kinds of defect apart, where there are photos enough of two of them."""
    assert prepared.pictures is not None
    labels = np.array(prepared.dataset.labels)
    names = enough_of([str(label) for label in labels[~good]])
    if not names:
        return None, None
    which = np.flatnonzero(~good & np.isin(labels, names))
    detector, pictures = fitted.detector, prepared.pictures.seen
    total = sum(detector.levels.bring(one) for one in pictures[good])
    sights = (total / good.sum()).astype(np.float16)
    heat = detector.look(pictures[which]).heat.reshape(len(which), -1)
    rows = unlike(detector.levels.bring(pictures[which]), heat, sights)
    kinds, right = fit_kinds(rows, [str(one) for one in labels[which]], prepared.groups[which], sights)
    return kinds, Share.of(right, len(which))


def _measured(
    prepared: Inspected, fitted: Fitted, good: np.ndarray[Any, Any], fused: Fused | None
) -> DefectMeasurement:
    assert prepared.pictures is not None
    examples = prepared.dataset.examples
    names = [examples[i].name for i in np.flatnonzero(good)]
    found = fitted.detector.look(prepared.pictures.seen[~good])
    kinds = [str(examples[i].label) for i in np.flatnonzero(~good)]
    called = found.defective | found.strange if fused is None else fused.defective
    by_kind, caught = shares_by_kind(kinds, called)
    return DefectMeasurement(
        good=len(names),
        false_alarms=fitted.false_alarms.to_dict(),
        threshold=fitted.detector.standard.threshold,
        known=by_kind,
        caught=caught,
        strange=int(found.strange.sum()),
        learned=None if fused is None else (round(fused.before, 3), round(fused.after, 3)),
        suspects=[(names[i], round(float(fitted.scores[i]), 2)) for i in fitted.suspects],
        groups=len(np.unique(prepared.groups[good])),
    )


def _notes(prepared: Inspected, good: np.ndarray[Any, Any]) -> list[str]:
    groups = prepared.groups[good]
    if any(example.group for example in prepared.dataset.examples) and len(np.unique(groups)) == 1:
        return [
            "All good photos are of one group, so each was left out alone: what another group (a lot, a day, "
            "a camera) would change is not measured."
        ]
    return []


def measure_fresh(
    model: Model, features: FeatureSet, examples: Sequence[Example], groups: Sequence[str] | None
) -> DefectMeasurement:
    """Measure a saved model on pictures that it has not seen; row i of `features` is example i."""
    head = cast("DefectHead", model.head)
    found = head.look(features)
    called = found.defective | found.strange
    good = np.array(
        [is_good(example.label) or example.label in head.good for example in examples], dtype=bool
    )
    by_kind, caught = shares_by_kind(
        [str(e.label) for e, ok in zip(examples, good, strict=True) if not ok], called[~good]
    )
    alarms = Share.of(int(called[good].sum()), int(good.sum()))
    return DefectMeasurement(
        good=int(good.sum()),
        false_alarms={"found": alarms.found, "n": alarms.n, "low": alarms.low, "high": alarms.high},
        threshold=head.detector.standard.threshold,
        known=by_kind,
        caught=caught,
        strange=int(found.strange[~good].sum()),
        fresh=True,
        groups=len(examples) if groups is None else len(set(groups)),
    )
