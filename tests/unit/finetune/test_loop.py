"""The loop: turns, resuming, memory, and the way back to the frozen model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small import SmallTunable, small_task

from headstart.finetune.cache import Activations
from headstart.finetune.checkpoint import State, read_state, write_state
from headstart.finetune.config import FinetuneConfig
from headstart.finetune.depth import tuned_parameters
from headstart.finetune.head import constant_scores
from headstart.finetune.loop import NET, Loop, Run, between, pull_back
from headstart.finetune.memory import graph_bytes, micro_batch
from headstart.finetune.tuning import Task, runs_of
from headstart.types import Modality

CONFIG = replace(
    FinetuneConfig(epochs=3, rate=0.02, batch=16).resolved(Modality.IMAGE, 90), precision="float32"
)


def _loop(task: Task, tunable: SmallTunable, *, start: int = 0, micro: int = 16, config=CONFIG) -> Loop:
    activations = Activations(tunable, task.inputs, start=start, variations=2, room=2**30, flip=False, seed=0)
    return Loop(tunable, activations, task.y, task.n_classes, config, micro=micro)


def _same(one: State, other: State) -> bool:
    pairs = [(one.weights, other.weights), (one.first, other.first), (one.answers, other.answers)]
    return all(a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a) for a, b in pairs)


def test_a_run_begins_as_the_frozen_model() -> None:
    """WiSE's 0 is the frozen model: the same scores, whatever tuning did."""
    tunable = SmallTunable()
    task = small_task(tunable)
    loop, run = _loop(task, tunable), runs_of(task)[0]
    state = loop.turn(run, loop.begin(run))
    frozen = run.head.start.logits({name: rows[run.held_out] for name, rows in task.rows.items()})
    assert np.allclose(loop.answers(run, state, run.held_out, 0.0), frozen, atol=1e-4)
    assert not np.allclose(loop.answers(run, state, run.held_out, 1.0), frozen, atol=1e-2)


def test_between_is_exact_at_both_ends() -> None:
    start, end = {"a": torch.randn(5), "n": torch.tensor(1)}, {"a": torch.randn(5), "n": torch.tensor(7)}
    assert between(start, end, 0) == start
    assert between(start, end, 1) == end
    assert torch.allclose(between(start, end, 0.25)["a"], 0.75 * start["a"] + 0.25 * end["a"])


def test_the_pull_back_is_the_gradient_of_the_squared_distance() -> None:
    start = {NET + "w": torch.randn(4), "head.w": torch.randn(4)}
    weights = {name: (value + torch.randn(4)).requires_grad_() for name, value in start.items()}
    for value in weights.values():
        value.grad = torch.zeros(4)
    pull_back(weights, start, 0.3)
    twin = weights[NET + "w"].detach().clone().requires_grad_()
    (0.3 / 2 * (twin - start[NET + "w"]).square().sum()).backward()
    assert torch.allclose(weights[NET + "w"].grad, twin.grad)
    assert torch.equal(weights["head.w"].grad, torch.zeros(4))


def test_training_begins_at_the_leave_one_out_loss() -> None:
    tunable = SmallTunable()
    task = small_task(tunable)
    fitted, every = task.heads[-1], np.arange(len(task.y))
    constant = constant_scores(fitted, task.outputs, task.rows, every)
    scores = torch.from_numpy(fitted.linear.logits(task.rows) + constant)
    loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(task.y))
    honest = -np.log(fitted.loo_proba_[every, task.y]).mean()
    assert float(loss) == pytest.approx(honest, rel=1e-3)


def test_tuning_lowers_the_loss_and_leaves_lower_stages_alone() -> None:
    tunable = SmallTunable()
    task = small_task(tunable)
    before = {name: value.clone() for name, value in tunable.module.state_dict().items()}
    loop, run = _loop(task, tunable, start=1), runs_of(task)[-1]
    state = loop.begin(run)
    for _ in range(3):
        state = loop.turn(run, state)
    losses = [record["loss"] for record in state.history]
    assert losses[-1] < losses[0]
    after = tunable.module.state_dict()
    assert torch.equal(after["first.weight"], before["first.weight"])
    assert not torch.equal(after["second.weight"], before["second.weight"])
    assert set(tuned_parameters(tunable, 1)[0]) == {
        f"{stage}.{kind}" for stage in ("second", "third") for kind in ("weight", "bias")
    }


def test_a_network_gone_astray_answers_nothing() -> None:
    tunable = SmallTunable()
    task = small_task(tunable)
    loop, run = _loop(task, tunable, start=1), runs_of(task)[0]
    state = loop.begin(run)
    state.weights["net.second.bias"] = state.weights["net.second.bias"] * torch.nan
    assert bool(loop.answers(run, state, run.held_out, 1.0).isnan().all())
    assert bool(loop.answers(run, state, run.held_out, 0.0).isfinite().all())


def test_kept_activations_give_what_fresh_ones_give() -> None:
    tunable = SmallTunable()
    task = small_task(tunable)
    rows = np.array([5, 3, 80])
    kept = Activations(tunable, task.inputs, start=2, variations=1, room=2**30, flip=False, seed=0)
    fresh = Activations(tunable, task.inputs, start=2, variations=1, room=1, flip=False, seed=0)
    assert kept.kept
    assert not fresh.kept
    for one, other in zip(kept.plain(rows), fresh.plain(rows), strict=True):
        assert torch.allclose(one, other, atol=1e-3)
    varied = kept.varied(rows, np.random.default_rng(0))
    assert not torch.equal(varied[0], kept.plain(rows)[0])


def test_short_memory_keeps_fewer_variations() -> None:
    tunable = SmallTunable()
    task = small_task(tunable)
    each = len(task.inputs) * (12 + 12) * 2  # two halved vectors of the second stage
    few = Activations(tunable, task.inputs, start=2, variations=4, room=int(2.5 * each), flip=False, seed=0)
    assert few.variations == 1


def test_a_resumed_run_is_the_unbroken_one(tmp_path: Path) -> None:
    task = small_task(SmallTunable())
    unbroken_loop = _loop(task, SmallTunable())
    run = runs_of(task)[1]
    unbroken = unbroken_loop.begin(run)
    for _ in range(3):
        unbroken = unbroken_loop.turn(run, unbroken)
    state = _loop(task, SmallTunable()).begin(run)
    for _ in range(3):  # each turn by a process that knows nothing but the file
        write_state(tmp_path / "run.safetensors", state)
        state = _loop(task, SmallTunable()).turn(run, read_state(tmp_path / "run.safetensors"))
    assert _same(state, unbroken)
    assert state.history == unbroken.history
    assert [path.name for path in tmp_path.iterdir()] == ["run.safetensors"]


def test_a_batch_in_parts_gives_the_same_step() -> None:
    task = small_task(SmallTunable())
    run = runs_of(task)[0]
    states = []
    for micro in (16, 3):
        loop = _loop(task, SmallTunable(), start=1, micro=micro)
        states.append(loop.turn(run, loop.begin(run)))
    for name, value in states[0].weights.items():
        assert torch.allclose(value, states[1].weights[name], atol=1e-5), name


def test_running_statistics_of_a_fresh_network_move_with_it() -> None:
    tunable = SmallTunable(fresh=True)
    tunable.module.eval()
    task = small_task(tunable)
    loop, run = _loop(task, tunable), runs_of(task)[0]
    begun = loop.begin(run)
    state = loop.turn(run, begun)
    name = "buffer.norm.running_mean"
    assert not torch.equal(state.weights[name], begun.weights[name])
    assert name not in state.first
    again = loop.turn(run, begun)
    assert torch.equal(state.weights[name], again.weights[name])


def test_the_graph_of_more_examples_is_larger_and_batches_are_halved_to_fit() -> None:
    net = torch.nn.Linear(100, 100)
    sizes = [
        graph_bytes(lambda n=n: net(torch.ones(n, 100, requires_grad=True)).tanh().sum()) for n in (1, 64)
    ]
    assert sizes[1] > sizes[0]
    assert micro_batch(32, each=10, allowed=640) == 32
    assert micro_batch(32, each=10, allowed=639) == 16
    assert micro_batch(32, each=10**9, allowed=1) == 1


def test_runs_hold_out_their_fold_and_the_last_one_nothing() -> None:
    task = small_task(SmallTunable())
    runs: list[Run] = runs_of(task)
    assert len(runs) == 4
    for number, run in enumerate(runs[:-1]):
        assert (task.folds[run.held_out] == number).all()
        assert not set(run.held_out) & set(run.train)
    assert len(runs[-1].train) == len(task.y)
    assert not len(runs[-1].held_out)
