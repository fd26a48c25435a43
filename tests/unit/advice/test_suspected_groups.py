"""Groups that nobody named: found where they are, and never where names say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from headstart.advice.suspected_groups import Evidence, find_suspected, merge
from headstart.data.runs import residuals
from headstart.group_report import SuspectedGroups, flag
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.ridge import fit_ridge
from headstart.wording import ENGLISH
from headstart.wording.groups import question, reassurance

CLASSES = 3


def evidence(vectors: np.ndarray, y: np.ndarray, owner: np.ndarray | None = None) -> Evidence:
    """Judge by a ridge head on the vectors themselves, as training does."""
    known = np.arange(len(y)) if owner is None else owner
    examples = Examples.check(y, known, CLASSES)
    fitted = fit_ridge({"e": Block.prepare("e", vectors, CLASSES)}, (("e", 1.0),), examples)
    path = fitted.path
    assert path is not None
    return Evidence(
        rows=residuals(vectors, y),
        y=y,
        owner=known,
        right=fitted.scores.argmax(axis=1) == y,
        held_out=lambda groups, some: path.subset(some, groups).held_out(fitted.lam).argmax(axis=1),
        width=path.spectrum.coordinates.shape[1],
    )


def made(
    seed: int, *, groups: int = 8, each: int = 15, effect: float = 2.0, confound: float = 3.0
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Draw examples whose group moves them, and whose class looks different in every group."""
    rng = np.random.default_rng(seed)
    n = groups * each
    owner, y = np.repeat(np.arange(groups), each), np.tile(np.arange(CLASSES), n // CLASSES)
    vectors = rng.standard_normal((n, 24)) + effect * rng.standard_normal((groups, 24))[owner]
    vectors += confound * rng.standard_normal((groups, CLASSES, 24))[owner, y] / 2
    vectors[:, :CLASSES] += 1.0 * np.eye(CLASSES)[y]
    return vectors, y, [f"kit{g}" for g in owner]


def names_of(found: Sequence[SuspectedGroups]) -> list[str]:
    return [one.source for one in found]


def test_groups_that_flatter_are_found_and_measured() -> None:
    vectors, y, kits = made(0)
    (found,) = find_suspected(evidence(vectors, y), {"name-prefix": kits})
    assert (found.source, found.groups, found.examples) == ("name-prefix", 8, 120)
    assert found.lower
    assert found.reported > found.accuracy + 0.1
    assert found.names == ("kit0", "kit1", "kit2")
    assert found.difference == pytest.approx(found.accuracy - found.reported)


def test_the_accuracy_is_that_of_refitting_without_each_group() -> None:
    vectors, y, kits = made(1)
    known = evidence(vectors, y)
    (found,) = find_suspected(known, {"name-prefix": kits})
    owner = np.unique(kits, return_inverse=True)[1]
    whole = known.held_out(owner, np.arange(len(y)))
    assert found.accuracy == pytest.approx((whole == y).mean())


def test_groups_that_are_real_but_do_not_matter_are_told_without_a_question() -> None:
    rng = np.random.default_rng(3)
    y, owner = np.tile(np.arange(CLASSES), 40), np.repeat(np.arange(8), 15)
    vectors = rng.standard_normal((120, 24)) * 0.3
    vectors[:, :CLASSES] += 6.0 * np.eye(CLASSES)[y]
    vectors[:, CLASSES:] += rng.standard_normal((8, 21))[owner]
    (found,) = find_suspected(evidence(vectors, y), {"folder": [f"g{g}" for g in owner]})
    assert not found.lower
    plain = [found.to_dict()]
    assert question(plain, "image", ENGLISH) == []
    (said,) = reassurance(plain, "image", ENGLISH)
    assert said == (
        "New photos may come from new groups: by their folders there are 8 (g0, g1, g2, …), and 100 of 100 "
        "are right when a whole group is left out."
    )


def alarms(seeds: range, groupings: int) -> int:
    """Count data sets of drum hits whose kits are dealt out at random and still found."""
    count = 0
    for seed in seeds:
        vectors, y, kits = made(seed)
        rng = np.random.default_rng(10_000 + seed)
        dealt: Mapping[str, list[str]] = {f"way {k}": list(rng.permutation(kits)) for k in range(groupings)}
        order = [rng.permutation(len(y))]
        count += bool(find_suspected(evidence(vectors, y), dealt, order, seed=seed))
    return count


def test_shuffled_names_hardly_ever_raise_an_alarm() -> None:
    assert alarms(range(100), 3) <= 5


@pytest.mark.slow
def test_shuffled_names_are_taken_for_groups_once_in_a_hundred() -> None:
    assert alarms(range(100, 1100), 3) <= 18  # ten are expected; two and a half standard errors more


def test_few_large_groups_are_found() -> None:
    vectors, y, kits = made(2, groups=3, each=45)
    (found,) = find_suspected(evidence(vectors, y), {"name-prefix": kits})
    assert (found.groups, found.lower) == (3, True)


def test_groups_that_hold_a_whole_class_each_cannot_be_measured() -> None:
    vectors, y, _ = made(4)
    assert find_suspected(evidence(vectors, y), {"folder": [f"class {c}" for c in y]}) == []


def test_near_duplicates_are_kept_together() -> None:
    vectors, y, kits = made(5)
    owner = np.arange(len(y))
    owner[[0, 15]] = 0  # the same thing in two kits: neither can be left out alone
    (found,) = find_suspected(
        evidence(vectors, y, np.unique(owner, return_inverse=True)[1]), {"name-prefix": kits}
    )
    assert found.groups == 7


def test_runs_of_numbers_are_found() -> None:
    vectors, y, _ = made(6, groups=4, each=30)
    order = [np.arange(len(y))]
    found = find_suspected(evidence(vectors, y), {}, order)
    assert names_of(found) == ["name-order"]
    assert found[0].lower
    assert 3 <= found[0].groups <= 6


def test_many_examples_are_measured_on_some_whole_groups() -> None:
    vectors, y, kits = made(7, groups=120, each=15)
    (found,) = find_suspected(evidence(vectors, y), {"name-prefix": kits})
    assert 1000 <= found.examples <= 1020
    assert found.groups == 120


def test_the_ones_that_matter_come_first() -> None:
    vectors, y, kits = made(8)
    halves = [f"half {int(kit[3:]) // 4}" for kit in kits]
    found = find_suspected(evidence(vectors, y), {"name-prefix": kits, "name-start": halves})
    assert found == sorted(found, key=lambda one: (not one.lower, one.accuracy))


def test_merging_tears_nothing_apart() -> None:
    left, right = np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 1, 2, 3, 3])
    assert merge(left, right).tolist() == [0, 0, 0, 0, 1, 1]
    assert merge(np.arange(3), np.arange(3)).tolist() == [0, 1, 2]


def test_nothing_to_go_by_is_nothing_found() -> None:
    vectors, y, _ = made(9)
    assert find_suspected(evidence(vectors, y), {}) == []


def test_the_question_leads_with_both_figures_and_the_option() -> None:
    kits = SuspectedGroups("name-prefix", 8, 120, 0.602, 0.94, lower=True, names=("kit1", "kit2", "kit3"))
    shops = SuspectedGroups("column shop id", 3, 100, 0.71, 0.94, lower=True)
    assert question([kits.to_dict(), shops.to_dict()], "audio", ENGLISH) == [
        "94 of 100 if new recordings come from the same 8 groups as these; 60 of 100 if they come from new "
        "ones: which do you expect?",
        "The groups are told by how the file names begin (kit1, kit2, kit3, …).",
        "By the column 'shop id' there are 3 groups, and 71 of 100 for new ones (--group-column 'shop id').",
        "If from new ones, add --groups name-prefix: it trains and measures for that. If from the same ones, "
        "add --groups none, and nothing more is asked.",
    ]
    assert flag("column speaker") == "--group-column speaker"
    assert set(kits.to_dict()) >= {"from", "groups", "examples", "accuracy", "difference"}
