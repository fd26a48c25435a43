"""When the gentle way is tried, and when it is kept."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.errors import MissingExtraError
from headstart.evaluation.comparison import Difference
from headstart.features import Block
from headstart.workflows import gentle as workflow


def _tuned(part: float = 1.0) -> SimpleNamespace:
    return SimpleNamespace(chosen=SimpleNamespace(setting=(3, part)))


CLEAR, LIKELY, SLIGHT, NONE, DULLER, WORSE = (
    Difference(0.02, 0.01, 0.03),
    Difference(0.02, -0.01, 0.05),
    Difference(0.005, -0.01, 0.02),
    Difference(0.0, -0.01, 0.01),
    Difference(-0.01, -0.02, 0.01),
    Difference(-0.02, -0.03, -0.01),
)


@pytest.mark.parametrize(
    ("gain", "surer", "method", "kept", "why"),
    [
        (CLEAR, NONE, "auto", True, "right more often, beyond doubt"),
        (CLEAR, WORSE, "gentle", True, "right more often, beyond doubt"),
        (NONE, CLEAR, "auto", True, "a higher probability, beyond doubt"),
        (LIKELY, LIKELY, "auto", True, "may be chance"),
        (LIKELY, DULLER, "auto", True, "may be chance"),
        (LIKELY, WORSE, "auto", False, "may be chance"),
        (SLIGHT, LIKELY, "auto", False, "may be chance"),
        (SLIGHT, WORSE, "gentle", True, "may be chance"),
        (LIKELY, LIKELY, "gentle", True, "may be chance"),
        (WORSE, CLEAR, "gentle", False, "not right more often"),
        (NONE, LIKELY, "gentle", False, "not right more often"),
    ],
)
def test_it_is_kept_where_it_wins(
    gain: Difference, surer: Difference, method: str, kept: bool, why: str
) -> None:
    found, reason = workflow.verdict(_tuned(), gain, surer, method)
    assert found is kept
    assert why in reason.text


def test_no_step_from_the_base_is_never_kept() -> None:
    kept, reason = workflow.verdict(_tuned(0.0), CLEAR, CLEAR, "gentle")
    assert not kept
    assert reason.code == "nothing"
    assert "no step away from the frozen base was better" in reason.text


def _case(
    *, n: int = 100, mistakes: int = 20, groups: int = 100, earlier: bool = False, measured: bool = True
):
    y = np.arange(n) % 4
    proba = np.eye(4)[y]
    proba[:mistakes] = np.roll(proba[:mistakes], 1, axis=1)
    fitted = SimpleNamespace(loo_proba_=proba if measured else None, rows=np.arange(n))
    output = "layer_mid" if earlier else "embedding"
    taken = SimpleNamespace(fitted=fitted, used=(Block("b", "encoder", "base", output),))
    prepared = SimpleNamespace(y=y, groups=np.arange(n) % groups, outputs={"base": {}}, cards={})
    return prepared, SimpleNamespace(taken=taken)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ({}, ""),
        ({"mistakes": 5}, "with 5 mistakes of the frozen model no gain could be beyond doubt"),
        ({"n": 40}, "with 10 examples in a typical class tuning does not pay"),
        ({"n": 40, "earlier": True}, ""),
        ({"groups": 1}, "all examples are of one group"),
        ({"measured": False}, "cannot be measured"),
    ],
)
def test_auto_tries_only_where_it_may_help(case: dict, why: str) -> None:
    found = workflow._why_not(*_case(**case), "auto")
    assert (found is not None) is bool(why)
    assert found is None or why in found.text


def test_gentle_tries_wherever_a_gain_could_be_measured() -> None:
    assert workflow._why_not(*_case(n=40, mistakes=0), "gentle") is None
    assert workflow._why_not(*_case(groups=1), "gentle").code == "one-group"


def test_without_torch_auto_says_so_and_gentle_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "accelerate", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'headstart\[finetune\]'"):
        workflow._why_not(*_case(), "gentle")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'headstart[finetune]'" in workflow._why_not(*_case(), "auto").text
