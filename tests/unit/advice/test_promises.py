"""What `headstart check` promises, on real tasks; `benchmarks/advice.py` measures all of it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.bases, pytest.mark.realdata]
BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "advice.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("advice_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("task", ["image/stamp_photos", "text/package_section", "audio/spoken_commands"])
def test_forecasts_hold_what_comes(benchmark, data_root, bases_cache, task):
    held, count = benchmark.run_forecast(data_root, task, 100)
    assert count >= 80
    assert held >= 0.8


def test_planted_label_errors_are_found(benchmark, data_root, bases_cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clean, some, many = benchmark.run_labels(data_root, "text/package_section", 3)
    assert clean[2] >= 0
    for precision, recall, _ in (some, many):
        assert recall >= 0.6
        assert precision >= 0.25


@pytest.mark.parametrize("task", ["audio/spoken_commands", "image/stamp_photos"])
def test_the_chosen_base_is_hardly_behind_the_best(benchmark, data_root, bases_cache, task):
    assert benchmark.run_regret(data_root, task, 20) <= 1.0
