"""Train a model: examples in, a measured model out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.bundle.replaced import note_of_replaced
from headstart.bundle.save import check_target
from headstart.data.mixed.deciding import SEVERAL
from headstart.defects.sizing import check_pixels
from headstart.errors import ParameterError
from headstart.execution import Executor, Phase, Progress, ProgressCallback, silent
from headstart.features import content_keys
from headstart.kinds import kind_of
from headstart.model import Model
from headstart.preparing import Prepared
from headstart.reports import TrainingReport
from headstart.targets import target_of, targets
from headstart.types import Dataset
from headstart.workflows.config import TrainConfig, checked_head, finetune_settings
from headstart.workflows.faces import faces_of
from headstart.workflows.gentle import attempt, with_attempt
from headstart.workflows.keeping import forget_run, is_helper, require_resumable, run_folder
from headstart.workflows.reading import load
from headstart.workflows.reported import report_of
from headstart.workflows.result import TrainingResult

if TYPE_CHECKING:
    from headstart.finetune.config import FinetuneConfig
    from headstart.targets import Target
    from headstart.workflows.learning.learned import Learned


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
    measure: str | None = None,
    false_alarms: float | None = None,
    input_size: int | None = None,
    smallest_defect: float | None = None,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> TrainingResult:
    """Train a model on examples and measure it honestly.

    Parameters
    ----------
    data
        A `Dataset`, or what `headstart.load` takes: a path, a table in memory, inputs with `labels`.
    target
        What the labels are, such as ``classes``, which takes them as they are; found by looking where None.
        See `headstart.load`.
    columns
        What the columns of a table with several are; see `headstart.load`.
    base
        A preset, one name, or several, which are measured against each other. ``auto`` or ``balanced``
        measures the bases on this machine that suit (and fetches the usual one where there is none);
        ``quick`` the cheapest; ``best`` all that can be had.
    method
        ``frozen``: the base stays as it is and a new head is trained. ``gentle``: the base is then tuned and
        kept so where it is better on the same held-out examples. ``auto``: as ``gentle``, but only tried
        where it may help, and only kept where it is better by a point or beyond doubt.
    head
        ``auto``, ``ridge``, ``logistic``, ``lda`` or ``prototypes``; for tags ``auto`` or ``ridge``.
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
    measure
        Of tags: what the threshold of each is chosen for. ``f1``, or ``precision>=0.9`` or ``recall>=0.9``
        with any number.
    false_alarms
        For defects: how often good parts may be called defective; 0.05 where not given.
    input_size
        For defects: pixels a side that photos are resized to, a multiple of 32; 320 where not given. 224
        takes half the time; 640 or 1280 find smaller defects.
    smallest_defect
        For defects: pixels across the smallest one that must be found, in the photos as they are. It chooses
        `input_size`; where that is given too, it is warned of what is too small to be seen.
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
        measure=measure,
        false_alarms=false_alarms,
        input_size=input_size,
        smallest_defect=None if smallest_defect is None else check_pixels(smallest_defect),
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
    target = target_of(dataset.target)
    if config.tunes and not target.tunable:
        raise ParameterError(
            f"--method {config.method} is for classes; what is learned here are {target.words.many}.",
            "Leave --method away: the base stays as it is and a new head is trained.",
        )
    _refuse_settings(config, target)
    prepared = _embedded(dataset, config, progress, executor)
    clock.lap("embed")
    learned: Learned = target.learn(prepared, config, progress=progress)
    learning = kind_of(dataset.modality).learning
    report = report_of(prepared, learned, dataset)
    if learning.report is not None and learned.choice is not None:
        report = learning.report(report, prepared, learned.choice, config.seed)
    old = "" if config.save_to is None else note_of_replaced(config.save_to.expanduser())
    report = replace(report, notes=(*([old] if old else []), *report.notes))
    result = TrainingResult(_model(prepared, learned, report), report, faces=faces_of(prepared.dataset))
    clock.lap("fit")
    if learned.choice is None:
        return result
    if config.tunes:
        tried = attempt(prepared, learned.choice, config, folder=folder, progress=progress)
        result = with_attempt(result, prepared, tried)
        clock.lap("tune")
    if config.advise and target.advised:
        choice, seed = learned.choice, config.seed
        found = learning.advise(prepared, choice, dataset, seed=seed, known=report, progress=progress)
        result = replace(result, advice=replace(found, suspected_groups=tuple(learned.suspected)))
    return result


def _refuse_settings(config: TrainConfig, target: Target) -> None:
    """Refuse a setting of another target, which would change nothing."""
    for other in targets().values():
        for name in other.settings:
            if getattr(config, name) is not None and name not in target.settings:
                raise ParameterError(
                    f"--{name.replace('_', '-')} is for {other.words.many}; what is learned here are "
                    f"{target.words.many}.",
                    f"Leave it away, or say that these are {other.words.many}: --target {other.name}",
                )


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
    target, learning = target_of(dataset.target), kind_of(dataset.modality).learning
    if target.prepare is None and learning.require is not None:
        learning.require(config.method, config.link_base)
    if target.prepare is not None:
        made: Prepared = target.prepare(dataset, config, progress=progress, executor=executor)
        return made
    prepared: Prepared = learning.prepare(
        dataset, config.base, use_cache=config.use_cache, progress=progress, executor=executor
    )
    return prepared


def _model(prepared: Prepared, learned: Learned, report: TrainingReport) -> Model:
    used = learned.bases
    return Model(
        modality=prepared.dataset.modality,
        target=prepared.dataset.target,
        classes=prepared.classes,
        encoders=tuple(prepared.specs[name] for name in used),
        blocks=learned.blocks,
        head=learned.head,
        quality=report.to_dict(),
        data_fingerprint=prepared.fingerprint,
        cards={name: prepared.cards[name].to_dict() for name in used if name in prepared.cards},
        seen=content_keys(prepared.seen[used[0]] if used else prepared.contents),
        doubt=learned.doubt,
    )
