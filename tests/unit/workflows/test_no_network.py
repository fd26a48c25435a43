from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headstart.bases.catalogue import load_catalogue
from headstart.finetune.open import has_network
from headstart.workflows.gentle import _why_not

CARDS = load_catalogue().cards


def of_base(name: str) -> tuple[Any, Any]:
    """Forty examples of two classes, half of them mistaken, measured with one base."""
    y = np.arange(80) % 2
    prepared = SimpleNamespace(
        outputs={name: {}}, groups=np.arange(80), y=y, cards={name: CARDS[name]}, dataset=None
    )
    fitted = SimpleNamespace(loo_proba_=np.tile([0.6, 0.4], (80, 1)), rows=np.arange(80))
    return prepared, SimpleNamespace(taken=SimpleNamespace(fitted=fitted, used=[]))


def test_auto_leaves_a_base_without_a_network_as_it_is() -> None:
    assert not has_network(CARDS["use_multilingual"])
    why = _why_not(*of_base("use_multilingual"), "auto")
    assert why is not None
    assert why.text == "headstart has the graph of this base, but not its network, so it stays as it is"


def test_auto_tries_a_base_with_one() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("accelerate")
    assert has_network(CARDS["multilingual_e5_small"])
    assert _why_not(*of_base("multilingual_e5_small"), "auto") is None
