"""What each threshold that could be set is worth."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.settings import setting_for, settings_of
from headstart.defects.threshold import set_threshold

LEFT_OUT = np.linspace(-2, 3, 99).astype(np.float32)
KNOWN = {"dent": [0.5, None], "scratch": [2.9, 5.0, 6.0]}


def test_a_setting_counts_the_known_defects_above_its_threshold():
    found = setting_for(LEFT_OUT, 0.05, KNOWN, None)
    assert found.threshold == set_threshold(LEFT_OUT, 0.05)[0]
    assert {kind: share.found for kind, share in found.caught.items()} == {"dent": 1, "scratch": 3}
    assert (found.all_caught.found, found.all_caught.n) == (4, 5)
    assert setting_for(LEFT_OUT, 0.05, {}, None).all_caught is None


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2, 0.4])
def test_the_setting_that_is_set_is_among_those_to_choose_from(rate: float):
    threshold, promised = set_threshold(LEFT_OUT, rate)
    found, place = settings_of(LEFT_OUT, KNOWN, None, threshold)
    assert found[place].threshold == threshold
    assert found[place].false_alarms.expected == pytest.approx(promised.expected)
    rates = [one.false_alarms.expected for one in found]
    assert rates == sorted(rates)
    caught = [one.all_caught.found for one in found]
    assert caught == sorted(caught)


def test_too_few_good_photos_leave_nothing_to_choose():
    assert settings_of(LEFT_OUT[:19], KNOWN, None, 1.0) == ([], 0)
