"""Let what a person found out about parts join a model: at once, exactly, and so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.bundle.load import load
from headstart.bundle.manifest import SEAL
from headstart.bundle.save import save
from headstart.data.gather import gather, names_of_files
from headstart.data.inspected import good_labels, is_good
from headstart.defects.features import Pictures, look
from headstart.defects.threshold import FALSE_ALARMS
from headstart.encoders.cache import EmbeddingCache
from headstart.errors import DataError, ParameterError
from headstart.execution import ProgressCallback, silent
from headstart.features import content_keys
from headstart.settings import current
from headstart.targets import DEFECTS, target_of
from headstart.types import Dataset, Example, Problem, Signature
from headstart.workflows.config import TrainConfig
from headstart.workflows.learning.defects import Inspected, inspected, learn
from headstart.workflows.recalling import recall_sources
from headstart.workflows.result import model_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.defects.head import DefectHead
    from headstart.defects.taught import Taught
    from headstart.model import Model
    from headstart.types import Source
    from headstart.workflows.result import AnyModel

_SHOWN = 3


@dataclass(frozen=True)
class ReviewReport:
    """What a review changed.

    Attributes
    ----------
    good
        Good parts that joined.
    defects
        Kind of defect to how many became known.
    known
        How many were known as such already, and changed nothing.
    undone
        How many were taken out again.
    threshold, before
        The score above which a part is called defective, now and before.
    learned
        Good parts that the model has now.
    problems
        What could not be read.
    quality
        What the model is worth now; see `headstart.defects.measuring.DefectMeasurement`.
    model
        The model; saved already where a folder was given.
    """

    good: int
    defects: Mapping[str, int]
    known: int
    undone: int
    threshold: float
    before: float
    learned: int
    problems: tuple[Problem, ...] = ()
    quality: Mapping[str, Any] = field(default_factory=dict)
    model: Model | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        plain = asdict(replace(self, model=None))
        del plain["model"]
        return plain


def review(
    model: AnyModel | str | Path,
    good: Sequence[Source] = (),
    defects: Mapping[str, Sequence[Source]] | None = None,
    *,
    undo: bool = False,
    group: str = "",
    data: str | Path | None = None,
    progress: ProgressCallback = silent,
) -> ReviewReport:
    """Let photos that a person has judged join a model that finds defects.

    The model becomes what training on all photos together would have made of it: the Gaussians of places, the
    memory, the threshold and what it promises. Photos of training are looked at where they lay then, which
    takes no time while the cache knows them; those of reviews are not needed again.

    Parameters
    ----------
    model
        The folder of a saved model, which is replaced in one step; or a model, which stays as it is.
    good
        Photos of good parts: files, folders, or pictures in memory. One that was known as a defect is good
        from then on.
    defects
        Kind of defect to photos of it. One that was taken for good is a defect from then on.
    undo
        Take the photos of the last review out again; the model is to the bit what it was before.
    group
        What the photos have in common (a lot, a day, a camera): they are left out together then.
    data
        Where the photos of training lie, if not where they lay.

    Raises
    ------
    ParameterError
        When the model cannot be taught more, or nothing, or contradictory things are said.
    DataError
        When photos of training are not found.
    """
    folder = Path(model) if isinstance(model, str | Path) else None
    loaded = load(folder) if folder is not None else model_of(cast("AnyModel", model))
    seal = None if folder is None else (folder / SEAL).read_bytes()
    taught = _taught(loaded)
    if undo:
        joined, told = _undone(taught, good, defects), _Told()
    else:
        joined, told = _joined(loaded, taught, _given(loaded, good, defects or {}), group, progress)
    changed = len(joined.names) != len(taught.names)
    made = _relearned(loaded, joined, data, progress) if changed else loaded
    if folder is not None and changed:
        if (folder / SEAL).read_bytes() != seal:
            raise ParameterError(f"{folder} was changed by somebody else meanwhile.", "Do the same again.")
        save(made, folder)
    return ReviewReport(
        good=told.good,
        defects=told.defects,
        known=told.known,
        undone=len(taught.names) - len(joined.names) if undo else 0,
        threshold=_detector(made).standard.threshold,
        before=_detector(loaded).standard.threshold,
        learned=len(_detector(made).left_out),
        problems=told.problems,
        quality=made.quality,
        model=made,
    )


@dataclass(frozen=True)
class _Told:
    """What was said of how many photos."""

    good: int = 0
    defects: Mapping[str, int] = field(default_factory=dict)
    known: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Given:
    """Photos, and what a person says of each."""

    examples: Sequence[Example]
    labels: Sequence[str]
    problems: tuple[Problem, ...]


def _taught(model: Model) -> Taught:
    if model.target != DEFECTS.name:
        raise ParameterError(
            "A review is for models that find defects; this one learned "
            f"{target_of(model.target).words.many}.",
            "Train it again with the new examples among the old ones.",
        )
    found = cast("DefectHead", model.head).taught
    if found is None:
        raise ParameterError(
            "This model was saved by an earlier headstart, which did not keep what it was taught with.",
            "Train it again; from then on it can be reviewed.",
        )
    return found


def _detector(model: Model) -> Any:
    return cast("DefectHead", model.head).detector


def _undone(taught: Taught, good: Sequence[Source], defects: Mapping[str, Sequence[Source]] | None) -> Taught:
    if good or defects:
        raise ParameterError(
            "--undo takes the last review out again; photos cannot join at the same time.",
            "Undo first, then review again.",
        )
    if not taught.last:
        raise ParameterError(
            "Nothing was reviewed since training, so there is nothing to undo.", "Leave --undo away."
        )
    return taught.undone()


def _given(model: Model, good: Sequence[Source], defects: Mapping[str, Sequence[Source]]) -> _Given:
    examples, labels, problems = [], [], []
    said = [(good_labels(model.classes)[0], good), *defects.items()]
    for label, sources in said:
        if sources is not good and is_good(label):
            raise ParameterError(
                f"{label!r} says that a part is good; a defect needs a name of its own.",
                "Name its kind, as in --defect scratch=c.jpg, or use --good.",
            )
        found, bad = _examples(sources)
        examples += found
        labels += [label.strip()] * len(found)
        problems += bad
    if not examples and not problems:
        raise ParameterError(
            "Nothing says which parts are good and which are not.",
            "Name photos: --good a.jpg b.jpg --defect scratch=c.jpg, or --undo.",
        )
    return _Given(examples, labels, tuple(problems))


def _examples(sources: Sequence[Source]) -> tuple[list[Example], list[Problem]]:
    """Return the photos that are named, or given as they are."""
    if isinstance(sources, str | Path):
        sources = [sources]
    paths = [source for source in sources if isinstance(source, str | Path)]
    held = [source for source in sources if not isinstance(source, str | Path)]
    examples, problems, _ = gather(names_of_files(paths), "image") if paths else ([], [], {})
    return [*examples, *(Example(one, None, None, f"photo {i}") for i, one in enumerate(held, 1))], problems


def _joined(
    model: Model, taught: Taught, given: _Given, group: str, progress: ProgressCallback
) -> tuple[Taught, _Told]:
    """Return what is known with what is said now, each photo once."""
    pictures = _look(model, [example.source for example in given.examples], progress)
    unread = [Problem(given.examples[i].name, *why) for i, why in sorted(pictures.failures.items())]
    told = {place: given.labels[i] for place, i in enumerate(pictures.rows.tolist())}
    known, fresh = taught.label_of(), dict[bytes, int]()
    for place, signature in enumerate(pictures.signatures):
        first = fresh.setdefault(signature.content, place)
        if told[first] != told[place]:
            names = [given.examples[pictures.rows[i]].name for i in (first, place)]
            raise ParameterError(
                f"{names[0]} is called {told[first]!r} and {names[1]} {told[place]!r}, but both are the same "
                "photo.",
                "Leave one of them away.",
            )
    new = [place for content, place in fresh.items() if known.get(content) != told[place]]
    if not pictures.signatures:
        bad = (*unread, *given.problems)[0]
        raise DataError(
            f"None of the photos can be read; {bad.source}: {bad.reason}",
            "Name photos, or folders with photos.",
        )
    labels = [told[place] for place in new]
    defects = sorted({label for label in labels if not is_good(label)})
    report = _Told(
        good=sum(map(is_good, labels)),
        defects={kind: labels.count(kind) for kind in defects},
        known=len(pictures) - len(new),
        problems=(*given.problems, *unread),
    )
    names = [given.examples[pictures.rows[place]].name for place in new]
    contents = [pictures.signatures[place].content for place in new]
    return (taught.joined(names, labels, group, contents, pictures.seen[new]) if new else taught), report


def _look(model: Model, sources: Sequence[Source], progress: ProgressCallback) -> Pictures:
    settings = current()
    cache = EmbeddingCache(settings.embeddings) if settings.use_embedding_cache else None
    try:
        return look(model.encoders[0], sources, cache=cache, progress=progress)
    finally:
        if cache is not None:
            cache.close()


def _relearned(model: Model, taught: Taught, data: str | Path | None, progress: ProgressCallback) -> Model:
    """Return what training on the photos that count now would make."""
    prepared = _prepared(model, taught, data, progress)
    asked = model.quality.get("false_alarms", {}).get("asked")
    rate = None if asked in (None, FALSE_ALARMS) else float(asked)
    learned = learn(prepared, TrainConfig(false_alarms=rate, use_cache=False), progress=progress)
    quality = {
        **model.quality,
        "classes": prepared.dataset.counts,
        "used": len(prepared.y),
        "groups": len(np.unique(prepared.groups)),
        **{key: value for key, value in learned.evaluation.to_dict().items() if key != "notes"},
    }
    return replace(
        model,
        classes=prepared.classes,
        blocks=learned.blocks,
        head=replace(cast("DefectHead", learned.head), taught=taught),
        quality=quality,
        data_fingerprint=prepared.fingerprint,
        seen=content_keys(prepared.contents),
    )


def _prepared(model: Model, taught: Taught, data: str | Path | None, progress: ProgressCallback) -> Inspected:
    rows = taught.valid()
    contents = [taught.content(row) for row in rows]
    seen = _seen(model, taught, rows, data, progress)
    labels = [taught.labels[row] for row in rows]
    examples = tuple(
        Example("", label, taught.groups[row] or None, taught.names[row])
        for row, label in zip(rows, labels, strict=True)
    )
    dataset = Dataset(model.modality, examples, tuple(sorted(set(labels))), target=DEFECTS.name)
    places = np.arange(len(rows), dtype=np.int64)
    return inspected(
        dataset, model.encoders[0], {}, Pictures(seen, places, tuple(map(Signature, contents)), {}), contents
    )


def _seen(
    model: Model, taught: Taught, rows: Sequence[int], data: str | Path | None, progress: ProgressCallback
) -> NDArray[np.float16]:
    """Return what is seen in photos: those of training are looked at again, where they lie."""
    known = {taught.content(taught.trained + i): one for i, one in enumerate(taught.seen)}
    if any(taught.content(row) not in known for row in rows):
        sources: Sequence[Source] | None
        if data is not None:
            sources = [example.source for example in gather([data], "image")[0]]
        else:
            sources = recall_sources(taught.origin)
        if sources is None:
            raise DataError(
                "This machine does not know where the photos lie that the model was trained on.",
                "Name them with --data parts/ (data='parts/' in Python).",
            )
        again = _look(model, sources, progress)
        known = {one.content: again.seen[i] for i, one in enumerate(again.signatures)} | known
    lost = [taught.names[row] for row in rows if taught.content(row) not in known]
    if lost:
        raise DataError(
            f"{len(lost)} of the {len(rows)} photos that the model was trained on are not there any more, or "
            f"have changed: {', '.join(lost[:_SHOWN])}{', …' if len(lost) > _SHOWN else ''}.",
            "Name a folder that has them with --data parts/ (data='parts/' in Python), or train again.",
        )
    return np.stack([known[taught.content(row)] for row in rows])
