from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import SIZE, bert_base, lite_base, pictures, sentences, sounds, whisper_base, yamnet_base

from headstart.encoders.audio import Windows
from headstart.errors import ParameterError
from headstart.finetune.open import open_tunable
from headstart.finetune.probe import COUNT, probe_sources
from headstart.kinds import kind_of
from headstart.types import Modality

torch = pytest.importorskip("torch")
from headstart.finetune.forgetting import cka, divergence, measure_forgetting  # noqa: E402


def iris() -> np.ndarray:
    from sklearn.datasets import load_iris

    return np.asarray(load_iris().data)


def test_known_values_of_cka() -> None:
    table = iris()
    assert cka(table[:, :2], table[:, 2:], debiased=False) == pytest.approx(0.770294, abs=5e-7)
    assert cka(table[:, :2], table[:, 2:]) == pytest.approx(0.769728, abs=5e-7)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    for debiased in (True, False):
        assert cka(table, 3 * table @ turn, debiased=debiased) == pytest.approx(1, abs=1e-12)
        assert cka(table, table, debiased=debiased) == 1.0


def test_independent_views_are_alike_only_to_the_biased_kind() -> None:
    rng = np.random.default_rng(0)
    draws = [(rng.normal(size=(50, 200)), rng.normal(size=(50, 200))) for _ in range(20)]
    assert np.mean([cka(x, y) for x, y in draws]) == pytest.approx(0.0, abs=0.02)
    assert np.mean([cka(x, y, debiased=False) for x, y in draws]) == pytest.approx(0.80, abs=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(4, 30), st.integers(1, 6), st.integers(0, 10_000), st.floats(-5, 5))
def test_moving_and_scaling_a_view_changes_nothing(n: int, width: int, seed: int, move: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, width)), rng.normal(size=(n, 3))
    first, second = cka(x, y), cka(2.5 * x + move, y)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert second == pytest.approx(first, abs=1e-6)


def test_constant_and_few_rows() -> None:
    assert cka(np.ones((8, 3)), np.random.default_rng(0).normal(size=(8, 3))) is None
    with pytest.raises(ParameterError, match="4 or more rows"):
        cka(np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(ParameterError, match=r"\(5, 2\) and \(6, 2\)"):
        cka(np.ones((5, 2)), np.ones((6, 2)))


def test_divergence_is_that_of_the_distributions() -> None:
    old, new = np.log([[0.5, 0.5], [0.9, 0.1]]), np.log([[0.25, 0.75], [0.9, 0.1]])
    expected = (0.5 * np.log(2) + 0.5 * np.log(2 / 3)) / 2
    assert divergence(old, new) == pytest.approx(expected)
    assert divergence(old + 7, old) == pytest.approx(0, abs=1e-12)
    assert divergence(old, old) == 0
    # several at once: each class is a question of its own
    odds = np.log(np.array([[0.5 / 0.5]])), np.log(np.array([[0.25 / 0.75]]))
    assert divergence(*odds, many=True) == pytest.approx(2 * expected)
    assert divergence(np.array([[800.0, -800.0]]), np.array([[800.0, -800.0]]), many=True) == 0


def made(name: str, folder: Path) -> tuple[Any, list[np.ndarray]]:
    if name == "image":
        return open_tunable(*lite_base(folder)), pictures(6)
    if name == "text":
        return open_tunable(*bert_base(folder, int8=False)), sentences(6)
    spec, card = (yamnet_base if name == "sound" else whisper_base)(folder)
    return open_tunable(spec, card), [Windows.of(spec.recipe).cut(clip) for clip in sounds(6)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Every eighth thing of the probe set only, and words that the tokenizer of the made base knows."""
    from headstart.finetune import forgetting

    def decode(spec: Any) -> Any:
        if spec.modality == Modality.TEXT:
            return lambda text: np.array([len(word) for word in text.split()])
        if spec.modality == Modality.AUDIO:
            return Windows.of(spec.recipe).cut
        return lambda picture: np.ascontiguousarray(np.resize(picture, (SIZE, SIZE, 3)))

    monkeypatch.setattr(forgetting, "input_decoder", decode)
    monkeypatch.setattr(
        forgetting, "probe_sources", lambda modality, rate: probe_sources(modality, rate=rate)[::8]
    )
    return str(request.param)


@pytest.mark.parametrize("quick", ["image", "text", "sound", "speech"], indirect=True)
def test_a_frozen_base_has_forgotten_exactly_nothing(quick: str, tmp_path: Path) -> None:
    tunable, inputs = made(quick, tmp_path)
    state = {name: value.clone() for name, value in tunable.module.state_dict().items()}
    found = measure_forgetting(tunable, state, state, inputs)
    for kept in (found.examples, found.probe):
        assert kept.agreement == 1.0
        assert kept.divergence == (0.0 if quick in ("image", "sound") else None)
        assert kept.by == ("classes" if quick in ("image", "sound") else "neighbours")
        assert set(kept.alike) == set(tunable.stages)
        assert set(kept.alike.values()) == {1.0}
    assert (found.examples.n, found.probe.n) == (6, 13)
    assert set(found.moved.values()) == {0.0}
    assert "100" in found.words[0]
    assert found.to_dict()["words"] == list(found.words)


@pytest.mark.parametrize("quick", ["image", "text"], indirect=True)
def test_what_was_changed_shows_where_it_was_changed(quick: str, tmp_path: Path) -> None:
    tunable, inputs = made(quick, tmp_path)
    before = {name: value.clone() for name, value in tunable.module.state_dict().items()}
    last = len(tunable.stages) - 1
    after = {
        name: value + 0.5 * torch.randn(value.shape, generator=torch.Generator().manual_seed(1)) * value.std()
        if tunable.stage_of(name) == last
        else value
        for name, value in before.items()
    }
    found = measure_forgetting(tunable, before, after, inputs)
    *lower, top = found.moved.values()
    assert set(lower) == {0.0}
    assert 0.2 < top < 1
    alike = list(found.probe.alike.values())
    assert set(alike[:-1]) == {1.0}
    assert alike[-1] is not None
    assert alike[-1] < 0.999
    assert found.probe.agreement < 1
    if quick == "image":
        assert found.probe.divergence is not None
        assert found.probe.divergence > 0
        assert found.words[0].startswith("It still recognises")
    else:
        assert found.words[0].startswith("Of 100 things it knew")
    assert torch.equal(next(iter(tunable.module.state_dict().values())), next(iter(after.values())))


@pytest.mark.parametrize("modality", list(Modality))
def test_the_probe_set_is_varied_and_always_the_same(modality: Modality) -> None:
    first, second = probe_sources(modality), probe_sources(modality)
    assert len(first) == COUNT
    assert str(COUNT) in kind_of(modality).words.probe or modality == Modality.IMAGE
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    if modality == Modality.TEXT:
        assert len(set(first)) == COUNT
        assert all(text.endswith(".") and text[0].isupper() for text in first)
        return
    assert len({np.asarray(one).tobytes() for one in first}) == COUNT
    for one in first:
        assert one.dtype == (np.uint8 if modality == Modality.IMAGE else np.float32)
        assert np.ptp(one) > (30 if modality == Modality.IMAGE else 0.1)


@pytest.mark.bases
@pytest.mark.usefixtures("bases_cache")
def test_a_real_base_knows_different_things_in_the_probe_set() -> None:
    from headstart.bases import store
    from headstart.bases.catalogue import load_catalogue
    from headstart.encoders.open import open_encoder

    spec = store.installed(load_catalogue().get("efficientnet_lite0"))
    assert spec is not None, "not prepared: headstart bases get efficientnet_lite0"
    found = open_encoder(spec).encode(probe_sources(Modality.IMAGE)[::4], extras=("logits",))
    assert len(set(found.extras["logits"].argmax(1))) >= 8
