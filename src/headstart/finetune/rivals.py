"""Tune on every outer fold for a comparison: no checkpoints, no finished model, only honest answers and cost.

The gentle run is the one that training does. The run from scratch is the same loop on the same architecture
with random weights: everything is learnt, nothing is held back towards the start, and it takes more epochs
and a step size that is chosen for it on a part of the examples that its first fold learns from.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from headstart.execution import Progress, ProgressCallback, silent
from headstart.finetune import processes
from headstart.finetune.cache import Activations
from headstart.finetune.head import TorchHead
from headstart.finetune.loop import Loop, Run
from headstart.finetune.memory import allowance, keeping_freed_memory, room_to_keep
from headstart.finetune.rotation import START, Chosen, Setting, rotate, since_gain
from headstart.finetune.schedule import first_stage
from headstart.finetune.trial import find_out
from headstart.finetune.tuning import Task, runs_of
from headstart.heads.calibration import fit_temperature, log_loss_rows, softmax
from headstart.heads.folds import stratified_group_folds
from headstart.heads.linear import DenseMap, LinearHead
from headstart.heads.sparse import take_rows
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.finetune.checkpoint import State
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable
    from headstart.types import Float64Array, IntArray

SCRATCH_RATES = (0.01, 0.03)
SCRATCH_EPOCHS = 3  # times as many as a gentle run
_TRIAL_SHARE = 4  # a step size is tried for one epoch in so many
EMBEDDING = "embedding"


@dataclass(frozen=True)
class Outcome:
    """What tuning on every fold gave.

    Attributes
    ----------
    chosen
        Settings by rotation and the held-out answers.
    seconds, cpu_seconds
        What all folds together cost, by the clock and of all processors, the choice of a step size included.
    epochs
        Epochs that were run.
    config
        The settings, resolved.
    """

    chosen: Chosen
    seconds: float
    cpu_seconds: float
    epochs: int
    config: FinetuneConfig


def tune_folds(
    tunable: Tunable,
    task: Task,
    config: FinetuneConfig,
    *,
    stage: str = "tuning gently",
    progress: ProgressCallback = silent,
) -> Outcome:
    """Tune a base without each outer fold in turn and let each run answer for what it did not see.

    Parameters
    ----------
    config
        Resolved settings.
    stage
        What progress calls it.
    """
    began, busy = time.perf_counter(), time.process_time()
    torch.set_num_threads(current().threads)
    loop, config = _loop(tunable, task, config)
    runs = [run for run in runs_of(task) if len(run.held_out)]
    chosen, epochs = _advance(loop, runs, task, config, stage, progress)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    return Outcome(chosen, seconds, cpu, epochs, config)


def from_scratch(
    open_fresh: Callable[[], Tunable],
    inputs: Sequence[Any],
    y: IntArray,
    groups: IntArray,
    folds: IntArray,
    config: FinetuneConfig,
    *,
    progress: ProgressCallback = silent,
) -> Outcome:
    """Learn the same architecture from random weights, as well as the examples allow.

    Parameters
    ----------
    open_fresh
        Returns the network with its random start, the same every time.
    y, groups, folds
        ``(n,)`` class, group and outer fold of each example.
    config
        Resolved settings of the gentle run; its step size, depth and epochs are replaced.
    """
    began, busy = time.perf_counter(), time.process_time()
    epochs = SCRATCH_EPOCHS * int(config.epochs)
    own = replace(
        config, depth="all", decay=1.0, anchor=0.0, weights=(1.0,), epochs=epochs, patience=epochs, lora=0
    )
    rate = _choose_rate(open_fresh, inputs, y, groups, folds != 0, own, progress)
    own = replace(own, rate=rate)
    tunable = open_fresh()
    done = tune_folds(
        tunable, _blank_task(tunable, inputs, y, folds), own, stage="learning from scratch", progress=progress
    )
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    return replace(done, seconds=seconds, cpu_seconds=cpu)


def _choose_rate(
    open_fresh: Callable[[], Tunable],
    inputs: Sequence[Any],
    y: IntArray,
    groups: IntArray,
    train: Any,
    config: FinetuneConfig,
    progress: ProgressCallback,
) -> float:
    """Try each step size on the examples of one training part, a third of which is held out."""
    rows = np.flatnonzero(train)
    inner = stratified_group_folds(y[rows], groups[rows], 3, config.seed)
    losses = []
    short = replace(config, epochs=max(2, int(config.epochs) // _TRIAL_SHARE))
    for rate in SCRATCH_RATES:
        tunable = open_fresh()
        task = _blank_task(
            tunable, [inputs[row] for row in rows.tolist()], y[rows], np.where(inner == 0, 0, 1)
        )
        loop, ready = _loop(tunable, task, replace(short, rate=rate))
        run = runs_of(task)[0]
        state = loop.begin(run)
        for epoch in range(int(ready.epochs)):
            state = loop.turn(run, state)
            progress(Progress("choosing a step size for scratch", epoch + 1, int(ready.epochs)))
        scores = loop.answers(run, state, run.held_out, 1.0).double().numpy()
        labels = task.y[run.held_out]
        scaled = fit_temperature(scores, labels) * scores
        losses.append(float(log_loss_rows(softmax(scaled), labels).mean()))
    return SCRATCH_RATES[int(np.argmin(losses))]


@dataclass(frozen=True)
class _Blank:
    """A head that knows nothing, in the place of a fitted one."""

    linear: LinearHead
    loo_proba_: None = None
    rows: None = None


def _blank_task(tunable: Tunable, inputs: Sequence[Any], y: IntArray, folds: IntArray) -> Task:
    classes = int(y.max()) + 1
    zeros = np.zeros((tunable.width, classes), np.float32)
    head = LinearHead({EMBEDDING: DenseMap(zeros, 1.0)}, np.zeros(classes, np.float32), {"head": "scratch"})
    heads: Sequence[Any] = [_Blank(head)] * (int(folds.max()) + 2)
    nothing = np.zeros((len(y), tunable.width), np.float32)
    return Task(inputs, y, classes, folds, heads, {EMBEDDING: EMBEDDING}, {EMBEDDING: nothing})


def _loop(tunable: Tunable, task: Task, config: FinetuneConfig) -> tuple[Loop, FinetuneConfig]:
    """Make the loop as training does, as precise and as large as this machine allows."""
    start = first_stage(config.depth, len(tunable.stages))
    trial = find_out(tunable, task.inputs, start, config, allowed=allowance(config.memory))
    config = replace(config, precision=trial.precision)
    device = processes.device()
    tunable.module.to(device)
    activations = Activations(
        tunable,
        task.inputs,
        start=start,
        variations=int(config.variations),
        room=room_to_keep(allowance(config.memory)),
        flip=config.flip,
        seed=config.seed,
        device=device,
    )
    # statistics of a batch want the whole batch: it is parted only where memory is too short for it
    micro = 2 * config.batch if tunable.fresh and trial.micro >= config.batch else trial.micro
    loop = Loop(tunable, activations, task.y, task.n_classes, config, micro=micro, device=device)
    return loop, config


@keeping_freed_memory()
def _advance(
    loop: Loop,
    runs: Sequence[Run],
    task: Task,
    config: FinetuneConfig,
    stage: str,
    progress: ProgressCallback,
) -> tuple[Chosen, int]:
    """Take all runs through their epochs side by side, until held-out answers gain nothing more."""
    states: list[State] = [loop.begin(run) for run in runs]
    total = int(config.epochs)
    scores = _scores(task, runs, states)
    done = 0
    while done < total and since_gain(scores, task.y) < config.patience:
        for place, run in enumerate(runs):
            progress(Progress(stage, done * len(runs) + place, total * len(runs)))
            states[place] = loop.turn(run, states[place])
        done += 1
        scores = _scores(task, runs, states)
    progress(Progress(stage, total * len(runs), total * len(runs)))
    return rotate(scores, task.y, task.folds), done


def _scores(task: Task, runs: Sequence[Run], states: Sequence[State]) -> Mapping[Setting, Float64Array]:
    shape = len(task.y), task.n_classes
    scores: dict[Setting, Float64Array] = {START: np.zeros(shape)}
    for run, state in zip(runs, states, strict=True):
        rows = run.held_out
        scores[START][rows] = _start(run.head, task, rows)
        for key, value in state.answers.items():
            epoch, _, part = key.partition("/")
            scores.setdefault((int(epoch), float(part)), np.zeros(shape))[rows] = value.numpy()
    return scores


def _start(head: TorchHead, task: Task, rows: IntArray) -> Float64Array:
    return head.start.logits({name: take_rows(block, rows) for name, block in task.rows.items()})
