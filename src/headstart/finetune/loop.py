"""The one loop: a turn takes one run through one epoch, from a state to the next, whatever the modality.

A turn depends on the state, the examples and the settings alone: order and variations are drawn from the
seed, the run's number and the epoch's. So runs can take turns, stop anywhere and be resumed exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from headstart.finetune.cache import at_once
from headstart.finetune.checkpoint import State
from headstart.finetune.depth import tuned_parameters
from headstart.finetune.schedule import pace, peak
from headstart.heads.weights import example_weights, resolve_class_weight

if TYPE_CHECKING:
    from headstart.finetune.cache import Activations
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.head import TorchHead
    from headstart.finetune.tunable import Tunable
    from headstart.types import Float32Array, IntArray

NET = "net."
BUFFER = "buffer."
"""Running statistics of a network from scratch: they move with it, but have no gradient."""
BETAS = (0.9, 0.99)
EPSILON = 1e-8
_ANSWER_BATCH = 64
_PER_STEP = 4
"""Examples that answer at once for each whose graph fits: without a graph little is held."""


@dataclass(frozen=True)
class Run:
    """One of the runs that take turns: all examples but a fold, or all of them.

    Attributes
    ----------
    number
        From 0 up; decides the order of examples.
    head
        Where its linear layer starts.
    train, held_out
        Positions of examples; nothing is held out in the run that becomes the finished model.
    fixed
        ``(n, C)`` scores that do not change while tuning; see `headstart.finetune.head.constant_scores`.
    """

    number: int
    head: TorchHead
    train: IntArray
    held_out: IntArray
    fixed: Float32Array


@dataclass(frozen=True)
class Step:
    """What a hook is told after each step of a turn."""

    run: int
    epoch: int
    done: int
    total: int
    loss: float
    accuracy: float


Hook = Callable[[Step], None]


class Loop:
    """Tunes a base on examples, turn by turn.

    Parameters
    ----------
    tunable, activations
        The base, and what enters the part of it that is tuned.
    y, n_classes
        ``(n,)`` class of each example, and how many classes there are.
    config
        Resolved settings.
    micro
        Examples whose graph is held in memory at once; gradients of a batch are added up.
    """

    def __init__(
        self,
        tunable: Tunable,
        activations: Activations,
        y: IntArray,
        n_classes: int,
        config: FinetuneConfig,
        *,
        micro: int,
        device: Any = "cpu",
    ) -> None:
        self._tunable, self._activations, self._config = tunable, activations, config
        self._y, self._classes, self._micro, self._device = y, n_classes, micro, device
        self._low = config.precision == "bfloat16"
        self._fused = torch.device(device).type in ("cpu", "cuda")  # one pass over each tensor, not nine
        self._net, self._below = tuned_parameters(tunable, activations.start)
        module = tunable.module
        self._buffers = dict(module.named_buffers()) if tunable.fresh else {}
        self._start = {NET + name: value.detach().cpu().clone() for name, value in self._net.items()}
        self._start |= {BUFFER + name: value.cpu().clone() for name, value in self._buffers.items()}

    def begin(self, run: Run) -> State:
        """Return the start of a run: the base as it is under the exact head."""
        weights = {**self._start, **run.head.parameters()}
        zeros = {name: torch.zeros_like(v) for name, v in weights.items() if not name.startswith(BUFFER)}
        return State(0, weights, zeros, {name: value.clone() for name, value in zeros.items()})

    def turn(self, run: Run, state: State, hooks: Sequence[Hook] = ()) -> State:
        """Take a run through its next epoch and let it answer for what it holds out."""
        config, epoch = self._config, state.epoch + 1
        rng = np.random.default_rng([config.seed, run.number, epoch])
        batches = np.array_split(rng.permutation(run.train), max(1, round(len(run.train) / config.batch)))
        total = len(batches) * int(config.epochs)
        weights = self._place(run, state.weights)
        optimiser = self._optimiser(run, weights, state)
        start = {**self._start, **run.head.parameters()}
        balance = self._class_weights(run)
        losses, right = 0.0, 0
        self._tunable.module.train(self._tunable.fresh)
        for number, rows in enumerate(batches):
            share = pace(len(batches) * state.epoch + number, total)
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * share
            optimiser.zero_grad(set_to_none=True)
            loss, correct = self._gradients(run, rows, rng, weights, balance)
            pull_back(weights, start, config.anchor)
            optimiser.step()
            losses, right = losses + loss * len(rows), right + correct
            seen = sum(len(part) for part in batches[: number + 1])
            step = Step(run.number, epoch, number + 1, len(batches), losses / seen, right / seen)
            for hook in hooks:
                hook(step)
        after = _after(state, epoch, weights, self._buffers, optimiser)
        after.history.append(
            {"epoch": epoch, "loss": losses / len(run.train), "accuracy": right / len(run.train)}
        )
        if len(run.held_out):
            for part in config.weights:
                after.answers[f"{epoch}/{part}"] = self.answers(run, after, run.held_out, part)
        return after

    def answers(self, run: Run, state: State, rows: IntArray, part: float) -> Tensor:
        """Return the ``(m, C)`` scores of a model `part` of the way from the base to a state."""
        weights = self._place(run, between({**self._start, **run.head.parameters()}, state.weights, part))
        if not all(bool(value.isfinite().all()) for value in weights.values()):
            return torch.full((len(rows), self._classes), torch.nan)  # not all ways of running it would tell
        self._tunable.module.eval()
        scores = []
        with torch.no_grad():
            most = min(_ANSWER_BATCH, _PER_STEP * self._micro)
            # what comes after kept activations is small maps, and those like company
            step = most if self._activations.kept else at_once(self._tunable, self._device, most)
            for first in range(0, len(rows), step):
                some = rows[first : first + step]
                scores.append(self._logits(run, some, self._activations.plain(some), weights).cpu())
        return torch.cat(scores)

    def _place(self, run: Run, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Put values into the network and the head; return the tensors that are then trained."""
        placed: dict[str, Tensor] = {}
        with torch.no_grad():
            for name, value in values.items():
                if name.startswith(BUFFER):
                    self._buffers[name[len(BUFFER) :]].copy_(value)
                    continue
                if name.startswith(NET):
                    own = self._net[name[len(NET) :]]
                    own.copy_(value)
                else:
                    own = value.detach().clone().to(self._device).requires_grad_()
                placed[name] = own
        return placed

    def _optimiser(self, run: Run, weights: Mapping[str, Tensor], state: State) -> Any:
        """Make AdamW with a step size of its own for each tensor, where the state left it."""
        config, start = self._config, {**self._start, **run.head.parameters()}
        groups = []
        for name, value in weights.items():
            size = run.head.sizes.get(name.removeprefix("head."), float(start[name].square().mean().sqrt()))
            below = self._below.get(name.removeprefix(NET), 0) if name.startswith(NET) else 0
            groups.append({"params": [value], "peak": peak(float(config.rate), config.decay, below, size)})
        optimiser = torch.optim.AdamW(
            groups, lr=0.0, betas=BETAS, eps=EPSILON, weight_decay=0.0, fused=self._fused or None
        )
        for name, value in weights.items():
            optimiser.state[value] = {
                "step": torch.tensor(float(state.steps)),
                "exp_avg": state.first[name].clone().to(value.device),
                "exp_avg_sq": state.second[name].clone().to(value.device),
            }
        return optimiser

    def _class_weights(self, run: Run) -> Tensor:
        """Return ``(n,)`` weights of all examples: every class counts the same in a run."""
        labels = self._y[run.train]
        weights = np.zeros(len(self._y))
        balanced = resolve_class_weight("auto", labels, self._classes)
        weights[run.train] = example_weights(balanced, labels, self._classes)
        return torch.from_numpy(weights.astype(np.float32))

    def _gradients(
        self,
        run: Run,
        rows: IntArray,
        rng: np.random.Generator,
        weights: Mapping[str, Tensor],
        balance: Tensor,
    ) -> tuple[float, int]:
        """Add up the gradients of one batch, a part of it at a time; return its loss and what was right."""
        whole = float(balance[rows].sum())
        loss, right = 0.0, 0
        for first in range(0, len(rows), self._micro):
            some = rows[first : first + self._micro]
            scores = self._logits(run, some, self._activations.varied(some, rng), weights)
            labels = torch.from_numpy(self._y[some]).to(scores.device)
            each = functional.cross_entropy(scores, labels, reduction="none")
            part = (each * balance[some].to(scores.device)).sum() / whole
            part.backward()
            loss += float(part.detach())
            right += int((scores.argmax(1) == labels).sum())
        return loss, right

    def _logits(self, run: Run, rows: IntArray, entered: Any, weights: Mapping[str, Tensor]) -> Tensor:
        with self._precision():
            outputs = self._tunable.run(entered, self._activations.start)
        scores = run.head.logits(outputs, weights)
        return scores + torch.from_numpy(run.fixed[rows]).to(scores.device)

    def _precision(self) -> Any:
        return torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16, enabled=self._low)


def pull_back(weights: Mapping[str, Tensor], start: Mapping[str, Tensor], strength: float) -> None:
    """Add to each gradient the pull towards the start (L2-SP: Li and others 2018, arXiv 1802.01483)."""
    for name, value in weights.items():
        if name.startswith(NET) and value.grad is not None:
            value.grad.add_(value.detach() - start[name].to(value.device), alpha=strength)


def between(start: Mapping[str, Tensor], end: Mapping[str, Tensor], part: float) -> dict[str, Tensor]:
    """Return the weights `part` of the way from start to end (WiSE: Wortsman and others, arXiv 2109.01903).

    0 gives the start itself and 1 the end itself, to the last bit.
    """
    if part == 0:
        return dict(start)
    if part == 1:
        return dict(end)
    return {
        name: torch.lerp(start[name], value, part) if value.is_floating_point() else value
        for name, value in end.items()
    }


def _after(
    state: State, epoch: int, weights: Mapping[str, Tensor], buffers: Mapping[str, Tensor], optimiser: Any
) -> State:
    """Copy out where a turn has led; tensors without a gradient have not moved."""
    moved = {name: optimiser.state[value] for name, value in weights.items()}
    steps = max(int(moments["step"]) for moments in moved.values())
    return State(
        epoch,
        {name: value.detach().cpu().clone() for name, value in weights.items()}
        | {BUFFER + name: value.detach().cpu().clone() for name, value in buffers.items()},
        {name: moments["exp_avg"].cpu().clone() for name, moments in moved.items()},
        {name: moments["exp_avg_sq"].cpu().clone() for name, moments in moved.items()},
        steps,
        dict(state.answers),
        [dict(record) for record in state.history],
    )
