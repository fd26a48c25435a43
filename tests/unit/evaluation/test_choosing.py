"""What is taken among bases, mixtures, heads and no base at all."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.evaluation import preferring
from headstart.evaluation.choosing import choose
from headstart.evaluation.chosen import measure
from headstart.evaluation.options import NO_BASE
from headstart.features import Block
from headstart.heads.features import Block as Shared


def prepared(outputs, y, groups=None, raw=None, costs=None):
    """Make what the choice looks at."""
    classes = tuple(str(label) for label in range(int(y.max()) + 1))
    costs = costs or dict.fromkeys(outputs, 1.0)
    names = list(outputs)
    return SimpleNamespace(
        outputs={
            name: {"embedding": rows} if not isinstance(rows, dict) else rows
            for name, rows in outputs.items()
        },
        y=y,
        groups=np.arange(len(y)) if groups is None else groups,
        classes=classes,
        raw=raw,
        raw_block=None if raw is None else Shared.prepare("raw", raw, len(classes)),
        blends_raw=False,
        cards={name: SimpleNamespace(milliseconds=costs[name], default=name == names[0]) for name in names},
    )


take = partial(choose, head="auto", blend=True, seed=0, progress=lambda _: None)


def clouds(y, width=6, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    means = spread * np.random.default_rng(99).normal(size=(int(y.max()) + 1, width))
    return (rng.normal(size=(len(y), width)) + means[y]).astype(np.float32)


def test_no_base_is_taken_where_it_is_clearly_better():
    y = np.arange(90) % 3
    task = prepared({"a": clouds(y, spread=0.0)}, y, raw=clouds(y, spread=2.0))
    choice = take(task)
    assert choice.taken is choice.floor
    assert choice.taken.base == NO_BASE
    assert choice.taken.bases == ()
    assert choice.taken.used == (Block(name="raw", kind="raw"),)
    assert [c.base for c in choice.candidates() if c.chosen] == [NO_BASE]
    assert choice.of_single_bases().taken.base == "a"
    assert measure(task, choice).accuracy.estimate > 0.8


@pytest.mark.parametrize("asked", [{"blend": False}, {"head": "logistic"}])
def test_no_base_is_measured_alone_where_something_else_was_asked_for(asked):
    y = np.arange(90) % 3
    choice = take(prepared({"a": clouds(y, spread=0.0)}, y, raw=clouds(y, spread=2.0)), **asked)
    assert choice.taken.base == "a"
    assert choice.floor.fitted.loo_proba_ is not None


def test_a_base_is_preferred_to_none_within_one_standard_error():
    y = np.arange(90) % 3
    rows = clouds(y)
    assert take(prepared({"a": rows}, y, raw=rows.copy())).taken.base == "a"


def few_groups(groups, seed, per_group=12):
    """Make a default base with two outputs that know the classes equally well, and a second base."""
    owner = np.repeat(np.arange(groups), per_group)
    y = np.tile(np.arange(3), len(owner) // 3)
    last, early = (clouds(y, spread=0.7, seed=seed + more) for more in (0, 1000))
    return prepared({"a": {"embedding": last, "layer": early}, "b": early[:, :5]}, y, owner)


def test_few_groups_ask_for_more_before_the_plain_setting_is_left(monkeypatch):
    def plain():
        taken = [take(few_groups(5, seed, per_group=6)).taken for seed in range(8)]
        return sum((one.base, *one.fitted.linear.blocks) == ("a", "embedding") for one in taken)

    with_bar = plain()
    monkeypatch.setattr(preferring, "MANY_GROUPS", 0)
    assert with_bar > plain()


def test_a_search_that_is_far_better_wins_with_few_groups_too():
    owner = np.repeat(np.arange(6), 15)
    y = np.tile(np.arange(3), 30)
    task = prepared({"a": clouds(y, spread=0.1), "b": clouds(y, spread=3.0, seed=1)}, y, owner)
    choice = take(task)
    assert choice.taken.base == "b"
    assert [c.base for c in choice.candidates() if c.chosen] == ["b"]
    names = [(c.base, c.head, c.features) for c in choice.candidates()]
    assert ("a", "logistic", "embedding") in names
    assert len(names) == len(set(names))


def test_the_plain_setting_is_one_of_its_bases_settings():
    task = few_groups(5, 0)
    choice = take(task)
    chosen = [c for c in choice.candidates() if c.chosen]
    assert len(chosen) == 1
    assert {option.base for option in choice.options} == {"a", "b", "a+b"}
    handicaps = {
        (option.base, trial.name): trial.handicap
        for option in choice.options
        for trial in option.fitted.candidates
    }
    assert handicaps.pop(("a", "logistic · embedding")) == 0
    assert min(handicaps.values()) > 0
    assert measure(task, choice).accuracy.estimate is not None


def test_the_fewer_the_groups_the_higher_the_bar():
    def bar(groups, n=300):
        return preferring._bar(SimpleNamespace(groups=np.arange(n) % groups, y=np.zeros(n)))

    assert bar(10) == 1.0
    assert bar(5) == pytest.approx(np.sqrt(2))
    assert bar(40) == 0.5
    assert bar(100) == 0.0
    assert bar(30, n=40) == 0.0  # hardly any example has another one of its group
