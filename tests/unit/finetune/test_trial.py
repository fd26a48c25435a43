"""How precisely a network runs is measured once on a machine: the same seed then gives the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small import IN, SmallTunable

from headstart.finetune import trial
from headstart.finetune.config import FinetuneConfig
from headstart.types import Modality


def found(precision: str = "auto") -> str:
    inputs = list(np.zeros((8, IN), np.float32))
    config = FinetuneConfig(precision=precision).resolved(Modality.IMAGE, 100)
    return trial.find_out(SmallTunable(), inputs, 1, config, allowed=2**30).precision


def test_the_first_measurement_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    times = iter([1.0, 2.0])  # half precision, single precision
    monkeypatch.setattr(trial, "_seconds", lambda *_: next(times))
    assert found() == "bfloat16"
    assert found() == "bfloat16", "measured no more"
    assert found("float32") == "float32", "what a person says counts"
    (kept,) = (tmp_path / "precision").iterdir()
    kept.write_text("float16")
    times = iter([2.0, 2.0])
    assert found() == "float32", "what nobody wrote is measured anew"


def test_a_cache_that_cannot_be_written_to_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "precision").write_text("a file where the folder should be")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    monkeypatch.setattr(trial, "_seconds", lambda _, low: 1.0 if low else 2.0)
    assert found() == "bfloat16"
    assert (tmp_path / "precision").is_file()
