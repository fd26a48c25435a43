"""Compare the ways to a model on the same outer folds: no base, from scratch, frozen, gently tuned."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart._optional import require
from headstart.comparison_report import WAYS, Comparison, Pair, Way
from headstart.encoders.open import open_encoder
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.evaluation.comparison import mcnemar_exact, paired_difference
from headstart.evaluation.judging import gains, verdict
from headstart.evaluation.measure import evaluate
from headstart.evaluation.refitting import frozen_answers, make_task, open_best
from headstart.execution import Executor, Progress, ProgressCallback, silent
from headstart.finetune.config import FinetuneConfig
from headstart.heads.calibration import log_loss_rows
from headstart.heads.folds import stratified_group_folds
from headstart.kinds import kind_of
from headstart.targets import target_of
from headstart.types import Dataset
from headstart.workflows.reading import load

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice, Option
    from headstart.preparing import Prepared
    from headstart.types import Float32Array, IntArray

PAIRS = (
    ("frozen", "floor"),
    ("gentle", "frozen"),
    ("scratch", "frozen"),
    ("gentle", "scratch"),
)
SAVED = "compare.json"


@dataclass(frozen=True)
class _Answers:
    """What one way says of examples that it has not seen, and what that cost."""

    proba: Float32Array
    seconds: float
    cpu_seconds: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    outcome: Any = None


def compare(
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    target: str | None = None,
    base: str | Sequence[str] = "auto",
    ways: Sequence[str] = WAYS,
    folds: int = 5,
    finetune: FinetuneConfig | Mapping[str, Any] | None = None,
    use_cache: bool = True,
    seed: int = 0,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> Comparison:
    """Measure ways to a model side by side, on the same examples held out in the same folds.

    Parameters
    ----------
    data
        A `Dataset`, or what `headstart.load` takes: a path, a table in memory, inputs with `labels`.
    target
        ``classes`` takes the labels of a path or a sequence as they are; see `headstart.load`.
    base
        As for training: ``auto`` takes the best of those on this machine.
    ways
        Any of ``floor`` (simple features, no base), ``scratch`` (the base's network from random weights),
        ``frozen`` and ``gentle``.
    folds
        Outer folds; groups stay whole and classes balanced.
    finetune
        Settings of the gentle run; the one from scratch takes its batch and precision from them.
    use_cache
        Whether embeddings are looked up and kept; what embedding costs is measured anew in any case.
    seed
        Deals the folds and draws the random start.
    progress
        Called as work goes on; may raise `Cancelled`.
    executor
        What runs the encoding that all ways share; threads of this process where not given. What embedding
        costs is measured in threads of this process in any case.

    Raises
    ------
    MissingExtraError
        When a network is to be trained and the libraries for it are missing.
    ParameterError
        When a way is not known, or no base can be tuned.
    HeadstartError
        As training does.

    Examples
    --------
    >>> found = compare("photos/", ways=["floor", "frozen"])  # doctest: +SKIP
    >>> print(found.verdict[0])  # doctest: +SKIP
    The base model efficientnet_lite0 is worth +24.0 of 100, at 95% between +18.1 and +29.8.
    """
    wanted = _checked(ways, folds)
    config = replace(FinetuneConfig.of(finetune), folds=folds, seed=seed)
    dataset = data if isinstance(data, Dataset) else load(data, labels, target=target, progress=progress)
    target_of(dataset.target).require_advised("compare ways")
    wanted, left_out = _possible(wanted, dataset.modality)
    learning = kind_of(dataset.modality).learning
    prepared: Prepared = learning.prepare(
        dataset, base, use_cache=use_cache, progress=progress, executor=executor
    )
    if not prepared.outputs:
        things = kind_of(dataset.modality).words.many
        raise ParameterError(
            f"There is no base model for {things}, so there is nothing to compare.",
            "Train without one: headstart train DATA -o NAME",
        )
    groups = len(np.unique(prepared.groups))
    if groups < folds:
        raise NotEnoughDataError(
            f"{folds} folds need {folds} independent groups of examples, and there are {groups}.",
            "Bring more examples that do not belong together, or ask for fewer folds.",
        )
    choice = learning.choose(prepared, head="auto", blend=True, seed=seed, progress=progress, pairs=False)
    config = config.resolved(dataset.modality, len(prepared.y))
    dealt = stratified_group_folds(prepared.y, prepared.groups, folds, seed)
    task = _Task(prepared, choice, dealt, config, progress)
    answers = {}
    for name in wanted:
        found = _measured(task, name)
        if found is None:
            left_out[name] = "simple features could not be measured on these examples"
        else:
            answers[name] = found
    return _report(task, answers, left_out)


def _checked(ways: Sequence[str], folds: int) -> list[str]:
    unknown = [way for way in ways if way not in WAYS]
    if unknown or not ways:
        found = ", ".join(repr(way) for way in unknown) or "none"
        raise ParameterError(
            f"Ways must be some of {', '.join(WAYS)}; found {found}.", "Name them with --ways."
        )
    if not 2 <= folds <= 20:
        raise ParameterError(f"folds must be from 2 to 20, got {folds}.", "5 is usual.")
    return [way for way in WAYS if way in ways]


def _possible(wanted: list[str], modality: str) -> tuple[list[str], dict[str, str]]:
    """Leave out the ways that a kind of data does not have, and require what the others take."""
    kind = kind_of(modality)
    can = WAYS if kind.learning.ways is None else tuple(kind.learning.ways)
    others = [way for way in wanted if way not in can]
    if others and wanted != list(WAYS):  # they were asked for by name
        raise ParameterError(
            f"{kind.words.many.capitalize()} cannot be compared by {', '.join(others)}: no network takes "
            "them whole.",
            f"Name {' and '.join(can)} with --ways.",
        )
    wanted = [way for way in wanted if way in can]
    if {"scratch", "gentle"} & set(wanted):
        for library in ("torch", "accelerate"):
            require(library, "finetune", "train networks; without it compare --ways floor,frozen")
    return wanted, dict.fromkeys(others, f"no network takes {kind.words.many} whole")


class _Task:
    """What all ways share; what several of them need is made once."""

    def __init__(
        self,
        prepared: Prepared,
        choice: Choice,
        folds: IntArray,
        config: FinetuneConfig,
        progress: ProgressCallback,
    ) -> None:
        self.prepared, self.choice, self.folds, self.config = prepared, choice, folds, config
        self.progress = progress
        self._inputs: Sequence[Any] | None = None

    @property
    def frozen(self) -> Option:
        """The frozen model that is compared: the best on one base."""
        return self.choice.best_single or self.choice.taken

    def inputs(self, spec: Any) -> Sequence[Any]:
        """Decode the examples for a network, once."""
        from headstart.finetune.inputs import decode_inputs

        if self._inputs is None:
            sources = self.prepared.dataset.sources
            self._inputs = decode_inputs(spec, sources, memory=self.config.memory, progress=self.progress)
        return self._inputs


def _measured(task: _Task, name: str) -> _Answers | None:
    """Measure one way, as the kind of data has it; None where there is nothing to measure it by."""
    own = (kind_of(task.prepared.dataset.modality).learning.ways or {}).get(name)
    if own is None:
        return _RUN[name](task)
    began, busy = time.perf_counter(), time.process_time()
    proba = own(task.prepared, task.folds, task.config.seed)
    if proba is None:
        return None
    return _Answers(proba, time.perf_counter() - began, time.process_time() - busy)


def _floor(task: _Task) -> _Answers | None:
    option = task.choice.floor
    return None if option is None else _timed(task, option, 0.0, 0.0)


def _frozen(task: _Task) -> _Answers:
    """Embed anew, to know what it costs, and fit a head without each fold."""
    sources = task.prepared.dataset.sources
    began, busy = time.perf_counter(), time.process_time()
    for name in task.frozen.bases:
        open_encoder(task.prepared.specs[name]).encode(sources, progress=task.progress)
    return _timed(task, task.frozen, time.perf_counter() - began, time.process_time() - busy)


def _timed(task: _Task, option: Option, seconds: float, cpu: float) -> _Answers:
    began, busy = time.perf_counter(), time.process_time()
    proba = frozen_answers(task.prepared, option, task.folds)
    head = str(option.fitted.head.meta.get("head", ""))
    return _Answers(
        proba,
        seconds + time.perf_counter() - began,
        cpu + time.process_time() - busy,
        {"head": head, "features": list(option.fitted.head.blocks)},
    )


def _gentle(task: _Task) -> _Answers:
    from headstart.finetune.rivals import tune_folds

    option, tunable = open_best(task.prepared, task.choice, task.config)
    job = make_task(task.prepared, option, tunable, task.folds, task.progress, memory=task.config.memory)
    found = tune_folds(tunable, job, task.config, progress=task.progress)
    return _answers(found)


def _scratch(task: _Task) -> _Answers:
    from headstart.finetune.rivals import from_scratch

    _, tunable = open_best(task.prepared, task.choice, replace(task.config, lora=0))
    card = task.prepared.cards[tunable.spec.name]
    found = from_scratch(
        _fresh(tunable.spec, card, task.config.seed),
        task.inputs(tunable.spec),
        task.prepared.y,
        task.prepared.groups,
        task.folds,
        task.config,
        progress=task.progress,
    )
    return _answers(found)


def _fresh(spec: Any, card: Any, seed: int) -> Callable[[], Any]:
    from headstart.finetune.open import open_tunable

    return lambda: open_tunable(spec, card, random_start=True, seed=seed)


def _answers(found: Any) -> _Answers:
    settings = {**found.config.to_dict(), "epochs_run": found.epochs, "chosen": list(found.chosen.by_fold)}
    return _Answers(found.chosen.proba, found.seconds, found.cpu_seconds, settings, found)


_RUN: Mapping[str, Callable[[_Task], _Answers | None]] = {
    "floor": _floor,
    "scratch": _scratch,
    "frozen": _frozen,
    "gentle": _gentle,
}


def _report(task: _Task, answers: Mapping[str, _Answers], left_out: Mapping[str, str]) -> Comparison:
    prepared = task.prepared
    task.progress(Progress("comparing", 0))
    return Comparison(
        modality=str(prepared.dataset.modality),
        base=_bases(task),
        classes=prepared.dataset.counts,
        used=len(prepared.y),
        groups=len(np.unique(prepared.groups)),
        folds=int(task.folds.max()) + 1,
        ways=[_way(task, name, found) for name, found in answers.items()],
        pairs=[_pair(task, answers, *pair) for pair in PAIRS if set(pair) <= set(answers)],
        auto=_auto(task, answers),
        left_out=left_out,
        notes=prepared.notes,
    )


def _bases(task: _Task) -> str:
    """Return the names of the bases that the frozen model runs, or what it has in their place."""
    cards = task.prepared.cards
    names = dict.fromkeys(cards[name].name for name in task.frozen.bases if name in cards)
    return "+".join(names) or task.frozen.base


def _way(task: _Task, name: str, found: _Answers) -> Way:
    y, folds = task.prepared.y, task.folds
    right = found.proba.argmax(1) == y
    how = f"{int(folds.max()) + 1} folds, each answered for by a model that had not seen it"
    measured = evaluate(found.proba, y, task.prepared.groups, task.prepared.classes, how=how).accuracy
    return Way(
        name=name,
        accuracy=float(right.mean()),
        low=measured.low,
        high=measured.high,
        log_loss=float(log_loss_rows(found.proba, y).mean()),
        by_fold=[float(right[folds == fold].mean()) for fold in range(int(folds.max()) + 1)],
        seconds=round(found.seconds, 2),
        cpu_seconds=round(found.cpu_seconds, 2),
        settings=found.settings,
        title=kind_of(task.prepared.dataset.modality).learning.titles.get(name, ""),
    )


def _pair(task: _Task, answers: Mapping[str, _Answers], first: str, second: str) -> Pair:
    one, other = (answers[name].proba.argmax(1) == task.prepared.y for name in (first, second))
    gap = paired_difference(one, other, task.prepared.groups, seed=task.config.seed).to_dict()
    return Pair(first, second, gap["estimate"], gap["low"], gap["high"], mcnemar_exact(one, other))


def _auto(task: _Task, answers: Mapping[str, _Answers]) -> str:
    """Return what training would keep, by the same rule on the same answers."""
    if "gentle" not in answers or "frozen" not in answers:
        return next((name for name in ("frozen", "gentle") if name in answers), "")
    tuned, frozen = answers["gentle"], answers["frozen"]
    prepared = task.prepared
    gain, surer = gains(tuned.proba, frozen.proba, prepared.y, prepared.groups, seed=task.config.seed)
    kept, _ = verdict(tuned.outcome, gain, surer, "auto")
    return "gentle" if kept else "frozen"
