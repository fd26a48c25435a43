"""Gentle fine-tuning from beginning to end: folds and the finished model side by side, epoch by epoch.

There is one run for each outer fold and one for all examples. They take turns, so that after any epoch the
best so far is known and measured, and a person may stop there.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.finetune import checkpoint, processes
from headstart.finetune.cache import Activations
from headstart.finetune.head import TorchHead, constant_scores, with_embedding
from headstart.finetune.loop import BUFFER, NET, Loop, Run, Step, between
from headstart.finetune.memory import allowance, keeping_freed_memory, room_to_keep
from headstart.finetune.rotation import START, Chosen, Setting, rotate, since_gain
from headstart.finetune.schedule import first_stage
from headstart.finetune.trial import Found, find_out
from headstart.heads.sparse import take_rows
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable
    from headstart.heads.features import Rows
    from headstart.heads.linear import LinearHead
    from headstart.heads.select import FittedHead
    from headstart.types import Float64Array, IntArray

BEST = "best.safetensors"
STAGE = "tuning"


@dataclass(frozen=True)
class Task:
    """What is to be learnt.

    Attributes
    ----------
    inputs
        Decoded inputs; see `headstart.finetune.inputs`.
    y, folds
        ``(n,)`` class and outer fold of each example; groups lie within folds.
    heads
        The exact ridge head without each fold, and last the one on all examples: where the runs start.
    outputs
        Block of the head to the output of the base that it is, for those that tuning changes.
    rows
        All blocks of the heads, as the frozen base gives them.
    """

    inputs: Sequence[Any]
    y: IntArray
    n_classes: int
    folds: IntArray
    heads: Sequence[FittedHead]
    outputs: Mapping[str, str]
    rows: Mapping[str, Rows]


@dataclass(frozen=True)
class Tuned:
    """What came out.

    Attributes
    ----------
    chosen
        Settings and held-out answers; ``chosen.setting`` (0, 0.0) is the base as it was.
    state_dict
        All weights of the tuned module, as they are in use.
    head
        Its linear layer, temperature included.
    epochs
        Epochs that all runs have behind them.
    stopped
        Why it ended before its last epoch: ``""``, ``"person"`` or ``"no gain"``.
    seconds, cpu_seconds
        What the turns cost, those before a resumption included.
    history
        Record by record of the run on all examples.
    """

    chosen: Chosen
    state_dict: Mapping[str, Any]
    head: LinearHead
    epochs: int
    stopped: str
    seconds: float
    cpu_seconds: float
    history: Sequence[Mapping[str, float]]
    found: Found


def tune(
    tunable: Tunable,
    task: Task,
    config: FinetuneConfig,
    folder: Path,
    *,
    facts: Mapping[str, Any],
    resume: bool = False,
    progress: ProgressCallback = silent,
) -> Tuned:
    """Tune a base on a task; see the module.

    Parameters
    ----------
    config
        Resolved settings.
    folder
        Where checkpoints go.
    facts
        What identifies the task, for resuming.
    resume
        Continue what `folder` holds; where it holds nothing, begin.

    Raises
    ------
    ParameterError
        When the folder holds an unfinished run and `resume` is false, or one of something else.
    KeyboardInterrupt
        When stopped before the first epoch was complete: there is nothing to keep then.
    """
    torch.set_num_threads(current().threads)
    identity = {**facts, "config": config.to_dict()}
    start = first_stage(config.depth, len(tunable.stages))
    runs = runs_of(task)
    if processes.rank() == 0:
        record = checkpoint.open_folder(folder, identity, resume=resume)
        progress(Progress("finding out what this machine allows", 0, phase=Phase.ADAPTING))
        if "found" not in record:
            trial = find_out(tunable, task.inputs, start, config, allowed=allowance(config.memory))
            checkpoint.write_record(folder, {**record, "found": trial.to_dict()})
    processes.wait()
    record = checkpoint.open_folder(folder, identity, resume=True)
    trial = Found(**record["found"])
    config = replace(config, precision=trial.precision)
    device = processes.device()
    tunable.module.to(device)
    room = room_to_keep(allowance(config.memory)) if trial.kept is None else 2**62
    activations = Activations(
        tunable,
        task.inputs,
        start=start,
        variations=int(config.variations) if trial.kept is None else trial.kept,
        room=room,
        flip=config.flip,
        seed=config.seed,
        device=device,
        progress=progress,
    )
    if trial.kept is None and processes.rank() == 0:
        trial = replace(trial, kept=activations.variations)
        checkpoint.write_record(folder, {**record, "found": trial.to_dict()})
    loop = Loop(tunable, activations, task.y, task.n_classes, config, micro=trial.micro, device=device)
    board = Board(task, runs, folder, config)
    stopped = _take_turns(loop, board, progress)
    tuned = _finish(tunable, task, loop, board, stopped, trial)
    processes.wait()  # the first process may now clear the folder
    return tuned


class Board:
    """Where all runs stand, as their checkpoints say."""

    def __init__(self, task: Task, runs: Sequence[Run], folder: Path, config: FinetuneConfig) -> None:
        self.task, self.runs, self.folder, self.config = task, runs, folder, config

    def path(self, run: Run) -> Path:
        """Return the checkpoint of a run."""
        return self.folder / f"run-{run.number}.safetensors"

    @property
    def epochs(self) -> int:
        """Epochs that every run has behind it."""
        return min(checkpoint.epoch_of(self.path(run)) for run in self.runs)

    def scores(self, epochs: int) -> dict[Setting, Float64Array]:
        """Return the scores of all held-out examples, by setting, up to an epoch; the start first."""
        n, width = len(self.task.y), self.task.n_classes
        logits: dict[Setting, Float64Array] = {START: np.zeros((n, width))}
        for run in self.runs[:-1]:
            rows = run.held_out
            logits[START][rows] = run.head.start.logits(
                {name: take_rows(block, rows) for name, block in self.task.rows.items()}
            )
            if not epochs:
                continue
            for key, value in checkpoint.read_state(self.path(run)).answers.items():
                epoch, _, part = key.partition("/")
                if int(epoch) <= epochs:
                    setting = int(epoch), float(part)
                    logits.setdefault(setting, np.zeros((n, width)))[rows] = value.numpy()
        return logits

    def keep_best(self, epochs: int, scores: Mapping[Setting, Float64Array]) -> Chosen:
        """Choose by the scores, and keep the weights of the finished model's run if its epoch is the best."""
        chosen = rotate(scores, self.task.y, self.task.folds)
        best = self.folder / BEST
        mine = processes.rank() == 0
        if mine and epochs and chosen.setting[0] == epochs and checkpoint.epoch_of(best) != epochs:
            state = checkpoint.read_state(self.path(self.runs[-1]))
            if state.epoch == epochs:  # else it went on before it was stopped, and this epoch is not the best
                checkpoint.write_state(best, state)
        processes.wait()
        return chosen


@keeping_freed_memory()
def _take_turns(loop: Loop, board: Board, progress: ProgressCallback) -> str:
    """Advance all runs by an epoch at a time; return why that ended early, if it did."""
    total = int(board.config.epochs)
    losses: dict[int, float] = {}
    try:
        while (done := board.epochs) < total:
            scores = board.scores(done)
            chosen = board.keep_best(done, scores)
            if since_gain(scores, board.task.y) >= board.config.patience:
                return "no gain"
            tell = partial(_tell, progress, board, chosen, done, losses)
            waiting = [
                run
                for run in board.runs[processes.rank() :: processes.count()]
                if checkpoint.epoch_of(board.path(run)) == done
            ]
            if waiting:  # where it stands before the first step: after a resumption, not at nothing
                tell(Step(waiting[0].number, done + 1, 0, 1, math.nan, math.nan))
            for run in waiting:
                _turn(loop, board, run, tell)
            processes.wait()
    except KeyboardInterrupt:
        if not board.epochs:
            raise
        return "person"
    return ""


def _turn(loop: Loop, board: Board, run: Run, hook: Any) -> None:
    path = board.path(run)
    began, busy = time.perf_counter(), time.process_time()
    state = loop.turn(run, checkpoint.read_state(path) if path.is_file() else loop.begin(run), [hook])
    state.history[-1]["seconds"] = time.perf_counter() - began
    state.history[-1]["cpu_seconds"] = time.process_time() - busy
    checkpoint.write_state(path, state)


def _tell(
    progress: ProgressCallback,
    board: Board,
    chosen: Chosen,
    behind: int,
    losses: dict[int, float],
    step: Step,
) -> None:
    """Turn a step into progress over all turns, in hundredths of a turn.

    Parameters
    ----------
    chosen, behind
        What held-out examples said after as many epochs.
    losses
        The newest of each run, brought up to date. Their mean is told: the runs learn from different
        examples, so that from one to the next the loss jumps.
    """
    turns = (step.epoch - 1) * len(board.runs) + step.run
    done = round(100 * (turns + step.done / step.total))
    total = 100 * len(board.runs) * int(board.config.epochs)
    figures = {
        "epoch": float(step.epoch),
        "epochs": float(board.config.epochs),
        "frozen": chosen.accuracies[START],
    }
    # Right by now of what is held out; before the first epoch, by the frozen base.
    latest = chosen.accuracies[max(setting for setting in chosen.accuracies if setting[0] == behind)]
    words = [f"{step.epoch}/{board.config.epochs}", f"{'held out' if behind else 'frozen'} {latest:.1%}"]
    if behind:
        figures["held_out"] = latest
    if step.done:
        losses[step.run] = step.loss
    if losses:
        figures["loss"] = sum(losses.values()) / len(losses)
        words.insert(1, f"loss {figures['loss']:.2f}")
    progress(Progress(STAGE, done, total, ", ".join(words), figures, Phase.ADAPTING))


def _finish(tunable: Tunable, task: Task, loop: Loop, board: Board, stopped: str, trial: Found) -> Tuned:
    """Choose among all epochs that are complete, and put the chosen weights into the module."""
    epochs = board.epochs
    chosen = board.keep_best(epochs, board.scores(epochs))
    last = board.runs[-1]
    states = [checkpoint.read_state(board.path(run)) for run in board.runs]
    history = [record for state in states for record in state.history]
    begun = loop.begin(last).weights
    end = begun if chosen.setting == START else checkpoint.read_state(board.folder / BEST).weights
    weights = between(begun, end, chosen.setting[1])
    full = {name: value.detach().cpu() for name, value in tunable.module.state_dict().items()}
    full |= {
        name.partition(".")[2]: value for name, value in weights.items() if name.startswith((NET, BUFFER))
    }
    tunable.module.load_state_dict(full)
    arrays = {name: value.numpy() for name, value in weights.items() if name.startswith("head.")}
    return Tuned(
        chosen=chosen,
        state_dict=full,
        head=last.head.finished(arrays, chosen.temperature),
        epochs=epochs,
        stopped=stopped,
        seconds=sum(record["seconds"] for record in history),
        cpu_seconds=sum(record["cpu_seconds"] for record in history),
        history=states[-1].history,
        found=trial,
    )


def runs_of(task: Task) -> list[Run]:
    """Return the run of each fold and, last, that of the finished model."""
    every = np.arange(len(task.y))
    runs = []
    for number, fitted in enumerate(task.heads):
        held_out, train = every[task.folds == number], every[task.folds != number]
        fixed = constant_scores(fitted, task.outputs, task.rows, train)
        head = with_embedding(fitted.linear, task.outputs, task.rows)
        runs.append(Run(number, TorchHead(head, task.outputs), train, held_out, fixed))
    return runs
