"""Try the gentle way, measure it on the same folds as the frozen one, and keep it only where it wins."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart._optional import require
from headstart.encoders.encoder import EMBEDDING
from headstart.errors import Cancelled, ParameterError
from headstart.evaluation.comparison import Difference, mcnemar_exact, paired_difference
from headstart.evaluation.measure import evaluate
from headstart.execution import Progress
from headstart.features import Block
from headstart.heads.calibration import log_loss_rows
from headstart.heads.folds import stratified_group_folds
from headstart.heads.select import fit_head
from headstart.heads.sparse import Sparse
from headstart.reports import GentleReport
from headstart.workflows.keeping import Working, lasting_folder

if TYPE_CHECKING:
    from headstart.execution import ProgressCallback
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable
    from headstart.finetune.tuning import Tuned
    from headstart.heads.features import Rows
    from headstart.heads.linear import LinearHead
    from headstart.reports import Evaluation, Interval
    from headstart.types import EncoderSpec, Float32Array, IntArray
    from headstart.workflows.choosing import Choice, Option
    from headstart.workflows.preparing import Prepared

PER_CLASS = 20
"""Examples per class from which on tuning may pay; see METHODS 4.1 in the design notes."""
FEWEST_MISTAKES = 6
"""With fewer mistakes of the frozen model not even a faultless one would be better beyond doubt, and minutes
of tuning are not worth so little."""
WORTH = 0.01
"""From this gain on `auto` keeps a tuned model even where few independent examples leave room for chance: the
other choice would be the worse one by what was measured. Not where it gives the right class a lower
probability beyond doubt: that weighs more than a gain that may be chance."""
HOW = "{} folds that neither tuning nor the choice of its settings had seen"


@dataclass(frozen=True)
class Attempt:
    """What trying the gentle way gave.

    Attributes
    ----------
    report
        Whether it was tried and kept, what it gained and cost.
    spec, blocks, head, evaluation, proba
        The tuned encoder, what the head sees, the head, what both are worth, and the held-out answers that
        say so; None where not kept.
    floor
        What the simple classifier without a base is worth, measured in the same way.
    base
        Name of the base that was tuned.
    """

    report: GentleReport
    base: str = ""
    spec: EncoderSpec | None = None
    blocks: tuple[Block, ...] = ()
    head: LinearHead | None = None
    evaluation: Evaluation | None = None
    floor: Interval | None = None
    proba: Float32Array | None = None


def attempt(
    prepared: Prepared,
    choice: Choice,
    *,
    method: str,
    config: FinetuneConfig,
    folder: Path | None,
    resume: bool,
    progress: ProgressCallback,
) -> Attempt:
    """Tune the best base that can be tuned, where that is asked for or may help.

    Parameters
    ----------
    method
        ``gentle`` tries in any case and keeps what is better; ``auto`` tries where it may help and keeps what
        is better by a point or beyond doubt.
    folder
        Where checkpoints go and stay until the model is saved; a passing folder where None.

    Raises
    ------
    MissingExtraError
        When the libraries are missing and ``gentle`` was asked for.
    ParameterError
        When no base can be tuned and ``gentle`` was asked for.
    """
    config = config.resolved(prepared.dataset.modality, len(prepared.y))
    doubts = _why_not(prepared, choice, method)
    if doubts:
        return Attempt(GentleReport(tried=False, kept=False, why=doubts))
    option, tunable = open_best(prepared, choice, config)
    folds = stratified_group_folds(prepared.y, prepared.groups, int(config.folds), config.seed)
    task = make_task(prepared, option, tunable, folds, progress, memory=config.memory)
    frozen = frozen_answers(prepared, choice.taken, folds)
    floor = frozen_answers(prepared, choice.floor, folds) if choice.floor is not None else None
    from headstart.finetune.forgetting import measure_forgetting  # torch comes with these
    from headstart.finetune.tuning import tune

    before = {name: value.detach().clone() for name, value in tunable.module.state_dict().items()}

    facts = {"data": _identity(prepared), "base": tunable.spec.fingerprint}
    with Working(folder) as place:
        try:
            tuned = tune(tunable, task, config, place, facts=facts, resume=resume, progress=progress)
        except (KeyboardInterrupt, Cancelled):
            if not resume:  # there is nothing to keep: nothing half-done stays behind
                shutil.rmtree(place, ignore_errors=True)
            raise
        tried = _judge(prepared, choice, option, tunable, tuned, (frozen, floor), method, config)
        if tried.spec is None:
            return tried
        progress(Progress("measuring what was forgotten", 0))
        lost = measure_forgetting(tunable, before, tuned.state_dict, task.inputs).to_dict()
        return replace(tried, report=replace(tried.report, forgetting=lost))


def _why_not(prepared: Prepared, choice: Choice, method: str) -> str:
    """Say why tuning is not worth trying, or nothing."""
    if len(np.unique(prepared.groups)) < 2:
        return "all examples are of one group, so no gain could be measured"
    if method == "gentle":
        for library in ("torch", "accelerate"):
            require(library, "finetune", "tune a base model")
        return ""
    proba = choice.taken.fitted.loo_proba_
    if proba is None:
        return "how well the frozen model does cannot be measured, so no gain could be either"
    mistakes = int((proba.argmax(1) != prepared.y[choice.taken.fitted.rows]).sum())
    if mistakes < FEWEST_MISTAKES:
        return f"with {mistakes} mistakes of the frozen model no gain could be beyond doubt"
    typical = int(np.median(np.bincount(prepared.y)))
    earlier = any(block.output not in ("", EMBEDDING) for block in choice.taken.used)
    if typical < PER_CLASS and not earlier:
        return f"with {typical} examples in a typical class tuning does not pay; it takes about {PER_CLASS}"
    from importlib.util import find_spec

    if find_spec("torch") is None or find_spec("accelerate") is None:
        return "it may help here, but needs more libraries: pip install 'headstart[finetune]'"
    return ""


def open_best(prepared: Prepared, choice: Choice, config: FinetuneConfig) -> tuple[Option, Tunable]:
    """Open the best base that can be tuned."""
    from headstart.finetune.opening import open_for

    singles = [o for o in choice.ranked if len(o.bases_offered) == 1]
    first: ParameterError | None = None
    for option in singles:
        (name,) = option.bases_offered
        try:
            return option, open_for(prepared.specs[name], prepared.cards[name], config)
        except ParameterError as error:
            first = first or error
    raise first or ParameterError("No base was measured that could be tuned.", "Name one with --base.")


def make_task(
    prepared: Prepared,
    option: Option,
    tunable: Tunable,
    folds: IntArray,
    progress: ProgressCallback,
    *,
    memory: int | None = None,
) -> Any:
    """Return what is to be learnt: inputs, folds, and the exact head that each run starts from."""
    from headstart.finetune.inputs import decode_inputs
    from headstart.finetune.tuning import Task

    rows = _rows(prepared, option.blocks)
    count = int(folds.max()) + 1
    progress(Progress("fitting the heads to start from", 0, count + 1))
    heads = [
        _fit(prepared, rows, folds != fold, "ridge") for fold in range(count + 1)
    ]  # no fold has the last number: that head sees every example
    return Task(
        inputs=decode_inputs(tunable.spec, prepared.dataset.sources, memory=memory, progress=progress),
        y=prepared.y,
        n_classes=len(prepared.classes),
        folds=folds,
        heads=heads,
        outputs={name: block.output for name, block in option.blocks.items() if block.kind == "encoder"},
        rows=rows,
    )


def _rows(prepared: Prepared, blocks: Mapping[str, Block]) -> dict[str, Rows]:
    return {
        name: prepared.outputs[block.encoder][block.output] if block.kind == "encoder" else prepared.raw
        for name, block in blocks.items()
    }


def _fit(prepared: Prepared, rows: Mapping[str, Rows], train: Any, head: Any) -> Any:
    at = np.flatnonzero(train)
    some = {name: _take(block, at) for name, block in rows.items()}
    return fit_head(some, prepared.y[at], prepared.groups[at], n_classes=len(prepared.classes), head=head)


def _take(rows: Rows, at: IntArray) -> Rows:
    return rows.take(at) if isinstance(rows, Sparse) else rows[at]


def frozen_answers(prepared: Prepared, option: Option, folds: IntArray) -> Float32Array:
    """Return the ``(n, C)`` answers of the frozen model, made anew without each fold."""
    rows = _rows(prepared, option.blocks)
    answers = np.empty((len(prepared.y), len(prepared.classes)), dtype=np.float32)
    head = str(option.fitted.head.meta.get("head", "ridge"))
    for fold in range(int(folds.max()) + 1):
        mine = np.flatnonzero(folds == fold)
        fitted = _fit(prepared, rows, folds != fold, head)
        answers[mine] = fitted.head.predict_proba({name: _take(b, mine) for name, b in rows.items()})
    return answers


def _judge(
    prepared: Prepared,
    choice: Choice,
    option: Option,
    tunable: Tunable,
    tuned: Tuned,
    others: tuple[Float32Array, Float32Array | None],
    method: str,
    config: FinetuneConfig,
) -> Attempt:
    """Compare on the same examples; keep the tuned model where it wins."""
    y, groups, gentle = prepared.y, prepared.groups, tuned.chosen.proba
    frozen, floor = others
    right, before = gentle.argmax(1) == y, frozen.argmax(1) == y
    gain = paired_difference(right, before, groups, seed=config.seed)
    surer = paired_difference(-log_loss_rows(gentle, y), -log_loss_rows(frozen, y), groups, seed=config.seed)
    kept, why = verdict(tuned, gain, surer, method)
    folds = len(tuned.chosen.by_fold)
    evaluation = _measured(prepared, choice, gentle, folds, [frozen, gentle])
    simple = None if floor is None else _measured(prepared, choice, floor, folds).accuracy
    report = GentleReport(
        tried=True,
        kept=kept,
        why=why,
        base=tunable.spec.name,
        frozen_accuracy=float(before.mean()),
        gentle_accuracy=float(right.mean()),
        frozen=_measured(prepared, choice, frozen, folds).accuracy.to_dict(),
        gentle=evaluation.accuracy.to_dict(),
        floor={} if simple is None else simple.to_dict(),
        frozen_alone=_alone(prepared, choice.taken),
        difference=gain.to_dict(),
        log_loss_difference=surer.to_dict(),
        p_value=mcnemar_exact(right, before),
        folds=folds,
        setting={"epochs": tuned.chosen.setting[0], "part": tuned.chosen.setting[1]},
        epochs=tuned.epochs,
        stopped=tuned.stopped,
        seconds=round(tuned.seconds, 2),
        cpu_seconds=round(tuned.cpu_seconds, 2),
        config={**config.to_dict(), **tuned.found.to_dict()},
    )
    if not kept:
        return Attempt(report, tunable.spec.name)
    spec = tunable.export(tuned.state_dict, lasting_folder())
    blocks = tuple(
        replace(block, encoder=spec.name) if block.kind == "encoder" else block
        for name, block in option.blocks.items()
        if name in tuned.head.blocks
    )
    return Attempt(report, tunable.spec.name, spec, blocks, tuned.head, evaluation, simple, gentle)


def _measured(
    prepared: Prepared, choice: Choice, proba: Any, folds: int, among: Sequence[Any] = ()
) -> Evaluation:
    """Measure answers on the folds, corrected for having been chosen `among` several."""
    return evaluate(
        proba,
        prepared.y,
        prepared.groups,
        prepared.classes,
        how=HOW.format(folds),
        dependence=choice.taken.fitted.dependence,
        candidates=among,
    )


def _alone(prepared: Prepared, option: Option) -> float | None:
    proba = option.fitted.loo_proba_
    return None if proba is None else float((proba.argmax(1) == prepared.y[option.fitted.rows]).mean())


def verdict(tuned: Tuned, gain: Difference, surer: Difference, method: str) -> tuple[bool, str]:
    """Return whether the tuned model is kept, and why."""
    if tuned.chosen.setting[1] == 0:
        return False, "on held-out examples no step away from the frozen base was better"
    if gain.low > 0:
        return True, "it is right more often, beyond doubt"
    if surer.low > 0 and gain.estimate >= 0:
        return True, "it gives the right class a higher probability, beyond doubt, and is right as often"
    likely = gain.estimate >= WORTH and surer.high >= 0
    if likely or (method == "gentle" and gain.estimate > 0):
        return True, "it is right more often, though that may be chance"
    if gain.estimate > 0:
        return False, "it was right more often, but that may be chance"
    return False, "it was not right more often"


def _identity(prepared: Prepared) -> str:
    """Identify the examples in their order, with labels and groups."""
    state = hashlib.sha256(b"".join(prepared.contents))
    state.update(prepared.y.tobytes())
    state.update(np.unique(prepared.groups, return_inverse=True)[1].astype(np.int64).tobytes())
    return state.hexdigest()
