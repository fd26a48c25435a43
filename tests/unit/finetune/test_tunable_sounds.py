from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import difference, sounds, whisper_base, yamnet_base

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.audio import Windows
from headstart.encoders.open import open_encoder
from headstart.errors import CorruptBaseError
from headstart.finetune.augment import augment_sound
from headstart.finetune.open import open_tunable
from headstart.finetune.sound_features import hide_parts
from headstart.types import EncoderSpec

torch = pytest.importorskip("torch")
MAKERS: dict[str, Callable[[Path], tuple[EncoderSpec, Any]]] = {
    "yamnet": yamnet_base,
    "whisper_tiny_en": whisper_base,
}
both = pytest.mark.parametrize("name", list(MAKERS))


def windows(spec: EncoderSpec, clips: list[np.ndarray]) -> list[np.ndarray]:
    cut = Windows.of(spec.recipe)
    return [cut.cut(clip) for clip in clips]


def encoded(spec: EncoderSpec, clips: list[np.ndarray]) -> dict[str, np.ndarray]:
    found = open_encoder(spec).encode(clips, extras=tuple(spec.outputs))
    return {"embedding": found.vectors, **found.extras}


def run(tunable: Any, clips: list[np.ndarray]) -> dict[str, Any]:
    with torch.no_grad():
        found = tunable.run(tunable.collate(windows(tunable.spec, clips)))
        logits = tunable.logits(found["embedding"])
    return {**found, **({} if logits is None else {"logits": logits})}


@both
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_network_equals_the_encoder_on_clips_of_any_length(tmp_path: Path, name: str, count: int) -> None:
    spec, card = MAKERS[name](tmp_path)
    tunable = open_tunable(spec, card)
    clips = sounds(count)
    assert len({part.shape for part in windows(spec, clips)}) >= min(count, 3)  # not alike
    found, expected = run(tunable, clips), encoded(spec, clips)
    assert set(found) == set(expected)
    assert difference(found, expected) < 1e-4


@both
def test_changed_weights_are_exported(tmp_path: Path, name: str) -> None:
    spec, card = MAKERS[name](tmp_path / "a")
    tunable = open_tunable(spec, card)
    untouched = tunable.export(tunable.module.state_dict(), tmp_path / "b")
    clips = sounds(5, seed=1)
    assert difference(encoded(untouched, clips), encoded(spec, clips)) < 1e-4
    with torch.no_grad():
        for parameter in tunable.module.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.05)
    exported = tunable.export(tunable.module.state_dict(), tmp_path / "c")
    assert exported.outputs == spec.outputs
    assert exported.class_names == spec.class_names
    assert difference(encoded(exported, clips), encoded(spec, clips)) > 1e-3
    for count in (1, 2, 5):
        assert difference(run(tunable, clips[:count]), encoded(exported, clips[:count])) < 1e-4
    again = open_tunable(exported, card)
    assert difference(run(again, clips), encoded(exported, clips)) < 1e-4


@both
def test_stages_can_be_run_one_after_another(tmp_path: Path, name: str) -> None:
    tunable = open_tunable(*MAKERS[name](tmp_path))
    clips = sounds(4)
    batch = tunable.collate(windows(tunable.spec, clips))
    with torch.no_grad():
        whole = {k: v.numpy() for k, v in tunable.run(batch).items()}
        for cut in range(1, len(tunable.stages)):
            halfway = tunable.run(batch, 0, cut)
            assert {len(part) for part in halfway} == {4}
            assert difference(tunable.run(halfway, cut), whole) < 1e-5
    stages = [tunable.stage_of(n) for n, p in tunable.module.named_parameters()]
    assert set(stages) == set(range(len(tunable.stages)))


@both
def test_from_scratch_learns_and_is_exported(tmp_path: Path, name: str) -> None:
    spec, card = MAKERS[name](tmp_path / "a")
    fresh = open_tunable(spec, card, random_start=True, seed=1)
    assert fresh.fresh
    clips = sounds(4)
    fresh.module.train()
    fresh.run(fresh.collate(windows(spec, clips)))["embedding"].sum().backward()
    assert all(p.grad is not None for p in fresh.module.parameters() if p.requires_grad)
    fresh.module.eval()
    assert fresh.logits(torch.zeros(1, fresh.width)) is None
    exported = fresh.export(fresh.module.state_dict(), tmp_path / "b")
    assert "logits" not in exported.outputs
    assert difference(run(fresh, clips), encoded(exported, clips)) < 1e-4


@both
def test_sounds_are_varied_by_the_seed_alone(tmp_path: Path, name: str) -> None:
    tunable = open_tunable(*MAKERS[name](tmp_path))
    cut = windows(tunable.spec, sounds(3))
    one, two, other = (tunable.collate(cut, rng=np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    plain = tunable.collate(cut)[0]
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert one.shape == plain.shape


def test_a_sound_stays_what_it_is() -> None:
    (clip,) = sounds(1)
    for seed in range(20):
        heard = augment_sound(clip, np.random.default_rng(seed), 16000)
        assert heard.shape == clip.shape
        assert heard.dtype == np.float32
        assert abs(20 * np.log10(heard.std() / clip.std())) < 7
        lags = np.correlate(heard[4000:20000], clip[8000:16000], mode="valid")
        alike = lags.max() / np.linalg.norm(clip[8000:16000]) / np.linalg.norm(heard[8000:16000])
        assert alike > 0.85


def test_masks_hide_a_part_and_leave_the_rest() -> None:
    mel = np.arange(100 * 40, dtype=np.float32).reshape(100, 40)
    kept = [np.mean(hide_parts(mel, np.random.default_rng(s), bands=1, time=0) == mel) for s in range(50)]
    assert 0.7 < min(kept) < max(kept) <= 1.0
    assert np.mean(kept) < 0.95


def test_graphs_of_other_networks_are_refused(tmp_path: Path) -> None:
    sound, card = yamnet_base(tmp_path / "a")
    speech, other = whisper_base(tmp_path / "b")
    with pytest.raises(CorruptBaseError, match="the encoder of a whisper model"):
        open_tunable(sound, other)
    with pytest.raises(CorruptBaseError, match="YAMNet"):
        open_tunable(speech, card)


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("yamnet", 6),
        pytest.param("yamnet", 200, marks=pytest.mark.slow),
        pytest.param("whisper_tiny_en", 200, marks=pytest.mark.slow),
    ],
)
def test_the_real_base_equals_its_network_and_its_export_on_recordings(
    data_root: Path, tmp_path: Path, name: str, count: int
) -> None:
    import soundfile

    card = load_catalogue().get(name)
    spec = store.installed(card)
    assert spec is not None, f"not prepared: headstart bases get {name}"
    tunable = open_tunable(spec, card)
    exported = tunable.export(tunable.module.state_dict(), tmp_path)
    files = sorted((data_root / "audio").rglob("*.wav"))
    files = files[:: max(1, len(files) // count)][:count]
    for start in range(0, count, 10):
        clips = [soundfile.read(path, dtype="float32")[0] for path in files[start : start + 10]]
        found = run(tunable, clips)
        for one in (spec, exported):
            expected = encoded(one, clips)
            assert difference(found, expected) < 1e-4
            if "logits" in expected:
                np.testing.assert_array_equal(found["logits"].argmax(1), expected["logits"].argmax(1))
