"""Try the gentle way, measure it on the same folds as the frozen one, and keep it only where it wins."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart._optional import require
from headstart.encoders.encoder import EMBEDDING
from headstart.errors import Cancelled, ParameterError
from headstart.evaluation.comparison import mcnemar_exact
from headstart.evaluation.judging import gains, verdict
from headstart.evaluation.measure import evaluate
from headstart.evaluation.refitting import frozen_answers, make_task, open_best
from headstart.evaluation.uncertainty import doubt_of_tuned
from headstart.execution import Phase, Progress
from headstart.features import Block
from headstart.finetune.open import has_network
from headstart.heads.folds import stratified_group_folds
from headstart.provenance import timestamp
from headstart.reports import GentleReport
from headstart.wording import reason
from headstart.workflows.keeping import Working, lasting_folder

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice, Option
    from headstart.execution import ProgressCallback
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable
    from headstart.finetune.tuning import Tuned
    from headstart.heads.linear import LinearHead
    from headstart.preparing import Prepared
    from headstart.reasons import Reason
    from headstart.reports import Evaluation, Interval
    from headstart.types import EncoderSpec, Float32Array
    from headstart.workflows.config import TrainConfig
    from headstart.workflows.result import TrainingResult

PER_CLASS = 20
"""Examples per class from which on tuning may pay; see METHODS 4.1 in the design notes."""
FEWEST_MISTAKES = 6
"""With fewer mistakes of the frozen model not even a faultless one would be better beyond doubt, and minutes
of tuning are not worth so little."""
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
    wanted: TrainConfig,
    *,
    folder: Path | None,
    progress: ProgressCallback,
) -> Attempt:
    """Tune the best base that can be tuned, where that is asked for or may help.

    Parameters
    ----------
    wanted
        How to train. The method ``gentle`` tries in any case and keeps what is better; ``auto`` tries where
        it may help and keeps what is better by a point or beyond doubt.
    folder
        Where checkpoints go and stay until the model is saved; a passing folder where None.

    Raises
    ------
    MissingExtraError
        When the libraries are missing and ``gentle`` was asked for.
    ParameterError
        When no base can be tuned and ``gentle`` was asked for.
    """
    doubts = _why_not(prepared, choice, wanted.method)
    if doubts is not None:
        found = GentleReport(False, False, doubts.text, doubts.code, figures=doubts.figures)
        return Attempt(found)
    config = wanted.finetune.resolved(prepared.dataset.modality, len(prepared.y))
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
            tuned = tune(tunable, task, config, place, facts=facts, resume=wanted.resume, progress=progress)
        except (KeyboardInterrupt, Cancelled):
            if not wanted.resume:  # there is nothing to keep: nothing half-done stays behind
                shutil.rmtree(place, ignore_errors=True)
            raise
        tried = _judge(prepared, choice, option, tunable, tuned, (frozen, floor), wanted.method, config)
        if tried.spec is None:
            return tried
        progress(Progress("measuring what was forgotten", 0, phase=Phase.ADAPTING))
        lost = measure_forgetting(tunable, before, tuned.state_dict, task.inputs).to_dict()
        return replace(tried, report=replace(tried.report, forgetting=lost))


def with_attempt(result: TrainingResult, prepared: Prepared, tried: Attempt) -> TrainingResult:
    """Return the frozen model with the attempt in its report, or the tuned one where that was kept.

    Trying takes long: either is a model of the moment at which it ended.
    """
    report = replace(result.report, gentle=tried.report)
    if tried.spec is None or tried.head is None or tried.evaluation is None or tried.proba is None:
        return result.with_report(report, created=timestamp())
    name = tried.spec.name
    doubt, doubts = doubt_of_tuned(prepared, tried.proba)
    report = replace(
        report, method="gentle", base=name, evaluation=tried.evaluation, floor=tried.floor, doubt=doubts
    )
    card = prepared.cards[tried.base].to_dict()
    return result.with_report(
        report,
        encoders=(tried.spec,),
        blocks=tried.blocks,
        head=tried.head,
        doubt=doubt,
        cards={name: {**card, "name": name, "title": f"{card['title']}, tuned on these examples"}},
        created=timestamp(),
    )


def _why_not(prepared: Prepared, choice: Choice, method: str) -> Reason | None:
    """Return why tuning is not worth trying; None where it is."""
    if not prepared.outputs:
        none = reason("gentle-why", "no-base", kind=str(prepared.dataset.modality))
        if method == "gentle":
            raise ParameterError(f"Nothing can be tuned: {none.text}.", "Train with --method frozen.")
        return none
    if len(np.unique(prepared.groups)) < 2:
        return reason("gentle-why", "one-group")
    if method == "gentle":
        for library in ("torch", "accelerate"):
            require(library, "finetune", "tune a base model")
        return None
    proba = choice.taken.fitted.loo_proba_
    if proba is None:
        return reason("gentle-why", "unmeasured")
    mistakes = int((proba.argmax(1) != prepared.y[choice.taken.fitted.rows]).sum())
    if mistakes < FEWEST_MISTAKES:
        return reason("gentle-why", "few-mistakes", mistakes=mistakes)
    typical = int(np.median(np.bincount(prepared.y)))
    earlier = any(block.output not in ("", EMBEDDING) for block in choice.taken.used)
    if typical < PER_CLASS and not earlier:
        return reason("gentle-why", "few-examples", typical=typical, needed=PER_CLASS)
    return _unable(prepared)


def _unable(prepared: Prepared) -> Reason | None:
    """Return what is lacking to tune any of the bases; None where nothing is."""
    from importlib.util import find_spec

    if prepared.cards and not any(map(has_network, prepared.cards.values())):
        return reason("gentle-why", "no-network")
    if find_spec("torch") is None or find_spec("accelerate") is None:
        return reason("gentle-why", "libraries")
    return None


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
    gain, surer = gains(gentle, frozen, y, groups, seed=config.seed)
    kept, decided = verdict(tuned, gain, surer, method)
    folds = len(tuned.chosen.by_fold)
    evaluation = _measured(prepared, choice, gentle, folds, [frozen, gentle])
    simple = None if floor is None else _measured(prepared, choice, floor, folds).accuracy
    report = GentleReport(
        tried=True,
        kept=kept,
        code=decided.code,
        why=decided.text,
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


def _identity(prepared: Prepared) -> str:
    """Identify the examples in their order, with labels and groups."""
    state = hashlib.sha256(b"".join(prepared.contents))
    state.update(prepared.y.tobytes())
    state.update(np.unique(prepared.groups, return_inverse=True)[1].astype(np.int64).tobytes())
    return state.hexdigest()
