"""Groups that nobody named: found on real data that have them, and not where names are dealt out anew."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from headstart.advice.group_search import suspected_groups
from headstart.bases.runnable import runnable
from headstart.evaluation.choosing import choose
from headstart.evaluation.options import Choice
from headstart.execution import silent
from headstart.group_report import SuspectedGroups
from headstart.preparing import Prepared, prepare
from headstart.workflows.reading import load

pytestmark = [pytest.mark.realdata, pytest.mark.bases, pytest.mark.usefixtures("bases_cache")]

SETS = {  # a base of few milliseconds each, and what gives the groups away
    "audio/spoken_commands": ("speech_embedding", {"name-prefix"}),
    "audio/spoken_language": ("speech_embedding", {"name-order"}),
    "image/surface_marks": ("efficientnet_lite0", {"name-prefix"}),
}
SHUFFLES = 40


@cache
def measured(folder: Path, base: str, groups: str | None = None) -> tuple[Prepared, Choice]:
    data = load(folder, groups=groups)
    ready = prepare(data, runnable(data.modality, base, silent).bases, use_cache=False, progress=silent)
    return ready, choose(ready, head="auto", blend=True, seed=0, progress=silent)


def shuffled(prepared: Prepared, seed: int) -> Prepared:
    """Deal the files' own names out anew; every example keeps its class."""
    examples = prepared.dataset.examples
    order = np.random.default_rng(seed).permutation(len(examples))
    renamed = tuple(
        replace(example, name=f"{example.label}/{Path(examples[other].name).name}")
        for example, other in zip(examples, order, strict=True)
    )
    return replace(prepared, dataset=replace(prepared.dataset, examples=renamed))


def of(found: tuple[SuspectedGroups, ...]) -> dict[str, SuspectedGroups]:
    return {one.source: one for one in found}


@pytest.mark.parametrize("task", SETS)
def test_speakers_and_photos_are_found(data_root: Path, task: str) -> None:
    base, expected = SETS[task]
    found = of(suspected_groups(*measured(data_root / task, base)))
    assert set(found) >= expected
    if task != "audio/spoken_commands":  # there new voices are understood as well as known ones
        (one,) = expected
        assert found[one].lower
        assert found[one].difference < -0.1


@pytest.mark.parametrize("task", SETS)
def test_of_forty_shuffles_of_names_two_at_most_are_taken_for_groups(data_root: Path, task: str) -> None:
    prepared, choice = measured(data_root / task, SETS[task][0])
    found = [suspected_groups(shuffled(prepared, seed), choice, seed) for seed in range(SHUFFLES)]
    assert sum(any(one.lower for one in listed) for listed in found) <= 2
    assert sum(map(bool, found)) <= 2


def test_the_option_that_is_named_measures_what_was_promised(data_root: Path) -> None:
    task = data_root / "audio/spoken_language"
    base = SETS["audio/spoken_language"][0]
    asked = of(suspected_groups(*measured(task, base)))["name-order"]
    prepared, choice = measured(task, base, "name-order")
    assert len(np.unique(prepared.groups)) == asked.groups
    assert suspected_groups(prepared, choice) == ()
    assert choice.taken.fitted.loo_proba_ is not None
    right = (choice.taken.fitted.loo_proba_.argmax(axis=1) == prepared.y).mean()
    assert right == pytest.approx(asked.accuracy, abs=0.15)


def test_none_silences_the_question(data_root: Path) -> None:
    base = SETS["image/surface_marks"][0]
    assert suspected_groups(*measured(data_root / "image/surface_marks", base, "none")) == ()
