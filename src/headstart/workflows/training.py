"""Train a model: examples in, a measured model out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.advice.group_search import suspected_groups
from headstart.bases.catalogue import load_catalogue
from headstart.bundle.replaced import note_of_replaced
from headstart.bundle.save import check_target
from headstart.data.mixed.deciding import SEVERAL
from headstart.data.name_like import look_of
from headstart.evaluation.chosen import measure, measure_floor
from headstart.evaluation.options import Choice
from headstart.evaluation.preferring import advantage
from headstart.evaluation.uncertainty import make_doubt
from headstart.execution import Executor, Phase, Progress, ProgressCallback, silent
from headstart.features import content_keys
from headstart.kinds import has_columns, kind_of
from headstart.model import Model
from headstart.preparing import Prepared
from headstart.reports import TrainingReport
from headstart.types import Dataset
from headstart.workflows.config import TrainConfig, checked_head, finetune_settings
from headstart.workflows.gentle import attempt, with_attempt
from headstart.workflows.keeping import forget_run, is_helper, require_resumable, run_folder
from headstart.workflows.reading import load
from headstart.workflows.result import TrainingResult

if TYPE_CHECKING:
    from headstart.finetune.config import FinetuneConfig


def train(
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    target: str | None = None,
    columns: str | Mapping[str, str] | None = None,
    base: str | Sequence[str] = "auto",
    method: str = "frozen",
    head: str = "auto",
    blend: bool = True,
    use_cache: bool = True,
    save_to: str | Path | None = None,
    link_base: bool = False,
    seed: int = 0,
    advise: bool = False,
    finetune: FinetuneConfig | Mapping[str, Any] | None = None,
    resume: bool = False,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> TrainingResult:
    """Train a model on examples and measure it honestly.

    Parameters
    ----------
    data
        A `Dataset`, or what `headstart.load` takes: a path, a table in memory, inputs with `labels`.
    target
        ``classes`` takes the labels of a path or a sequence as they are; see `headstart.load`.
    columns
        What the columns of a table with several are; see `headstart.load`.
    base
        ``auto`` measures every base of this kind of data that is on this machine (and fetches the default
        one where there is none); or one name; or several, which are measured against each other.
    method
        ``frozen``: the base stays as it is and a new head is trained. ``gentle``: the base is then tuned and
        kept so where it is better on the same held-out examples. ``auto``: as ``gentle``, but only tried
        where it may help, and only kept where it is better by a point or beyond doubt.
    head
        ``auto``, ``ridge``, ``logistic``, ``lda`` or ``prototypes``.
    blend
        Whether the head may also see simple features of the raw input, earlier layers of the base, and two
        bases at once, where held-out examples show that it helps.
    use_cache
        Whether embeddings are looked up and kept.
    save_to
        Folder to save the model in; checked before any work is done.
    link_base
        Save a reference to the base instead of a copy.
    seed
        Deals the folds where folds are needed.
    advise
        Whether to answer the three questions too, in ``result.advice``, from what was embedded anyway.
    finetune
        Settings of gentle fine-tuning, as a `FinetuneConfig` or by name.
    resume
        Continue a gentle run that was interrupted; its checkpoints stand beside `save_to`, in ``NAME.run``.
    progress
        Called as work goes on; may raise `Cancelled`.
    executor
        What runs the encoding; threads of this process where not given. See `headstart.execution`.

    Returns
    -------
    TrainingResult
        The `Model`, the training report, and the advice where it was asked for. It predicts and saves, too:
        ``result.predict`` is ``result.model.predict``.

    Raises
    ------
    HeadstartError
        Naming the cause and the mend; nothing is written then.

    Examples
    --------
    >>> result = train("photos/", save_to="pastries")  # doctest: +SKIP
    >>> result.report.evaluation.accuracy.low  # doctest: +SKIP
    0.91
    """
    clock = _Clock()
    config = TrainConfig(
        base=base,
        method=method,
        head=checked_head(head),
        blend=blend,
        use_cache=use_cache,
        save_to=None if save_to is None else Path(save_to),
        link_base=link_base,
        seed=seed,
        advise=advise,
        finetune=finetune_settings(finetune, seed),
        resume=resume,
    )
    folder = None if config.save_to is None else run_folder(check_target(config.save_to))
    if config.tunes:
        require_resumable(folder, resume)
    dataset = data if isinstance(data, Dataset) else _load(data, labels, target, columns, progress)
    clock.lap("read")
    return _saved(
        _trained(dataset, config, folder, clock, progress, executor), config, folder, clock, progress
    )


def _load(
    data: Any,
    labels: Sequence[Any] | None,
    target: str | None,
    columns: str | Mapping[str, str] | None,
    progress: ProgressCallback,
) -> Dataset:
    return load(
        data, labels, target=target, columns=SEVERAL if columns is None else columns, progress=progress
    )


class _Clock:
    """Tells what each part of the work took."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._parts: dict[str, float] = {}

    def lap(self, part: str) -> None:
        """End a part."""
        now = time.perf_counter()
        self._parts[part], self._last = now - self._last, now

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each part and of all until now."""
        total = time.perf_counter() - self._start
        return {part: round(spent, 4) for part, spent in {**self._parts, "total": total}.items()}


def _trained(
    dataset: Dataset,
    config: TrainConfig,
    folder: Path | None,
    clock: _Clock,
    progress: ProgressCallback,
    executor: Executor | None,
) -> TrainingResult:
    """Do what `train` promises, short of saving."""
    prepared = _embedded(dataset, config, progress, executor)
    clock.lap("embed")
    learning = kind_of(dataset.modality).learning
    choice: Choice = learning.choose(
        prepared, head=config.head, blend=config.blend, seed=config.seed, progress=progress
    )
    doubt, doubts = make_doubt(prepared, choice)
    suspected = suspected_groups(prepared, choice, config.seed)
    report = replace(
        _report(prepared, choice, dataset, config.seed), doubt=doubts, suspected_groups=suspected
    )
    old = "" if config.save_to is None else note_of_replaced(config.save_to.expanduser())
    report = replace(report, notes=(*([old] if old else []), *report.notes))
    result = TrainingResult(replace(_model(prepared, choice, report), doubt=doubt), report)
    clock.lap("fit")
    if config.tunes:
        tried = attempt(prepared, choice, config, folder=folder, progress=progress)
        result = with_attempt(result, prepared, tried)
        clock.lap("tune")
    if config.advise:
        found = learning.advise(prepared, choice, dataset, seed=config.seed, known=report, progress=progress)
        result = replace(result, advice=replace(found, suspected_groups=suspected))
    return result


def _saved(
    result: TrainingResult,
    config: TrainConfig,
    folder: Path | None,
    clock: _Clock,
    progress: ProgressCallback,
) -> TrainingResult:
    """Put the times into the report, and save where that is asked for."""
    if config.save_to is None or is_helper():
        return result.with_report(replace(result.report, seconds=clock.seconds(), model=None))
    progress(Progress("saving", 0, phase=Phase.SAVING))
    # The times are part of what is saved, so they end where saving begins.
    told = replace(result.report, seconds=clock.seconds(), model=str(config.save_to))
    result = result.with_report(told)
    # A tuned base is nowhere else than in the model.
    result.save(config.save_to, link_base=config.link_base and told.method != "gentle")
    if folder is not None and config.tunes:
        forget_run(folder, told)
    return replace(result, model=replace(result.model, name=config.save_to.name))


def _embedded(
    dataset: Dataset, config: TrainConfig, progress: ProgressCallback, executor: Executor | None
) -> Prepared:
    learning = kind_of(dataset.modality).learning
    if learning.require is not None:
        learning.require(config.method, config.link_base)
    prepared: Prepared = learning.prepare(
        dataset, config.base, use_cache=config.use_cache, progress=progress, executor=executor
    )
    return prepared


def _report(prepared: Prepared, choice: Choice, dataset: Dataset, seed: int) -> TrainingReport:
    report = TrainingReport(
        modality=str(dataset.modality),
        base=choice.taken.base,
        method="frozen",
        classes=prepared.dataset.counts,
        used=len(prepared.y),
        problems=prepared.problems,
        evaluation=measure(prepared, choice),
        seconds={},
        embedded=prepared.embedded,
        from_cache=prepared.from_cache,
        floor=measure_floor(prepared, choice.floor),
        candidates=choice.candidates(),
        ignored=dict(dataset.ignored),
        duplicates=prepared.duplicates,
        groups=len(np.unique(prepared.groups)),
        notes=(*dataset.notes, *prepared.notes, *_advice(prepared, choice)),
        inputs_look_like=look_of([one for one in dataset.sources if isinstance(one, str)]) or "",
    )
    more = kind_of(dataset.modality).learning.report
    return report if more is None else cast(TrainingReport, more(report, prepared, choice, seed))


def _advice(prepared: Prepared, choice: Choice) -> list[str]:
    """Say what a person would want to know about the choice itself."""
    said = []
    for card in {
        card.name: card for name, card in prepared.cards.items() if name in choice.taken.bases
    }.values():
        name = card.name
        if "-NC" in card.licence:
            said.append(
                f"Licence of {name}: {card.licence}. {card.licence_note} Name other bases with --base."
            )
    said += _without_base(prepared, choice)
    if len(prepared.specs) == 1 and not has_columns(prepared.dataset.modality):
        (only,) = prepared.specs
        others = [
            card.name
            for card in load_catalogue().list(prepared.dataset.modality)
            if card.verified and card.name != only
        ]
        if others:
            said.append(f"Only {only} was measured. To compare: headstart bases get {' '.join(others[:2])}")
    return said


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


def _model(prepared: Prepared, choice: Choice, report: TrainingReport) -> Model:
    used = choice.taken.bases
    return Model(
        modality=prepared.dataset.modality,
        classes=prepared.classes,
        encoders=tuple(prepared.specs[name] for name in used),
        blocks=choice.taken.used,
        head=choice.taken.fitted.head,
        quality=report.to_dict(),
        data_fingerprint=prepared.fingerprint,
        cards={name: prepared.cards[name].to_dict() for name in used if name in prepared.cards},
        seen=content_keys(prepared.seen[used[0]] if used else prepared.contents),
    )
