"""The threshold of a saved model is set anew, and every file of it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

import headstart
from headstart.errors import ParameterError
from headstart.types import Modality
from headstart.workflows import set_false_alarms, threshold_settings, verify_bundle
from parts import write_parts
from tiny import tiny_model

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


def test_another_rate_is_kept_and_can_be_taken_back(
    tmp_path: Path, data_root: Path, bases_cache: Path
) -> None:
    gate = tmp_path / "gate"
    headstart.train(write_parts(tmp_path / "parts", data_root, good=40)).save(gate)
    before = headstart.load_model(gate)
    settings, at = threshold_settings(before)
    assert settings[at].threshold == pytest.approx(before.head.detector.standard.threshold)

    changed = set_false_alarms(gate, 0.1)

    assert changed.head.detector.standard.threshold < before.head.detector.standard.threshold
    again = headstart.load_model(gate)
    assert again.head.detector.standard == changed.head.detector.standard
    assert again.quality["false_alarms"] != before.quality["false_alarms"]
    verify_bundle(gate)
    back = set_false_alarms(gate, 0.05)
    assert back.head.detector.standard.threshold == before.head.detector.standard.threshold


def test_only_detectors_have_one(tmp_path: Path) -> None:
    model = tiny_model(tmp_path, Modality.IMAGE)
    with pytest.raises(ParameterError, match="False alarms are of defects; this model learned classes"):
        threshold_settings(model)
