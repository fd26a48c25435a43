"""Training the frozen and the gentle way on bases made of models of timm and transformers, saved and used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hub_models import WORDS, sound_folder, text_folder, timm_folder
from PIL import Image

import headstart as hs
from headstart.finetune.cache import Activations
from headstart.reasons import Reason
from headstart.workflows import add_base, get_base
from headstart.workflows import gentle as workflow

pytest.importorskip("torch")
EACH = 8
QUICK = {"depth": "half", "epochs": 1, "folds": 2, "variations": 1, "precision": "float32"}


def photos(folder: Path) -> list[str]:
    rng = np.random.default_rng(0)
    paths = []
    for kind, light in (("dark", 60), ("light", 180)):
        (folder / kind).mkdir(parents=True)
        for number in range(EACH):
            coarse = rng.integers(light - 50, light + 50, (6, 6, 3)).astype(np.uint8)
            path = folder / kind / f"{number}.png"
            Image.fromarray(np.kron(coarse, np.ones((16, 16, 1), np.uint8))).save(path)
            paths.append(str(path))
    return paths


def texts(folder: Path) -> list[str]:
    rng = np.random.default_rng(0)
    folder.mkdir()
    told, lines = [], ["text,label"]
    for kind in ("good", "bad"):
        for _ in range(EACH):
            said = f"{' '.join(rng.choice(WORDS[6:], 6))} was {kind}"
            told.append(said)
            lines.append(f"{said},{kind}")
    (folder / "texts.csv").write_text("\n".join(lines))
    return told


def clips(folder: Path) -> list[str]:
    import soundfile

    rng = np.random.default_rng(0)
    paths = []
    for kind, pitch in (("low", 200), ("high", 1500)):
        (folder / kind).mkdir(parents=True)
        for number in range(EACH):
            time = np.arange(8000 + 700 * number) / 16000
            wave = 0.2 * np.sin(2 * np.pi * (pitch + 20 * number) * time) + rng.normal(0, 0.02, len(time))
            path = folder / kind / f"{number}.wav"
            soundfile.write(path, wave, 16000)
            paths.append(str(path))
    return paths


MADE: dict[str, tuple[Callable[[Path], list[str]], Callable[[Path], Path]]] = {
    "image": (photos, lambda folder: timm_folder(folder, "test_resnet")),
    "text": (texts, lambda folder: text_folder(folder, "mpnet")),
    "audio": (clips, lambda folder: sound_folder(folder, "wav2vec2")),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_base_from_a_folder_trains_both_ways(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "1")
    make, save = MADE[kind]
    inputs = make(tmp_path / "data")
    data = tmp_path / "data" if kind != "text" else tmp_path / "data" / "texts.csv"
    add_base(save(tmp_path / "model"), name="mine")
    get_base("mine")
    frozen = hs.train(data, base="mine", blend=False, save_to=tmp_path / "frozen", use_cache=False)
    assert frozen.report.base == "mine"
    kept = {path.name for path in (tmp_path / "frozen").iterdir()}
    assert "encoder.onnx" in kept
    assert not kept & {"model.safetensors", "config.json"}

    monkeypatch.setattr(workflow, "verdict", lambda *_: (True, Reason("surely", text="the test says so")))
    seen = []
    fill = Activations._fill
    monkeypatch.setattr(Activations, "_fill", lambda self, *a: (fill(self, *a), seen.append(self.kept))[0])
    tuned = hs.train(
        data, base="mine", method="gentle", finetune=QUICK, blend=False, save_to=tmp_path / "tuned"
    )
    assert seen == [True]  # what lies below the tuned half ran once and was kept
    assert tuned.report.base == "mine-tuned"
    assert tuned.report.gentle.forgetting["words"]
    again = hs.load_model(tmp_path / "tuned")
    assert np.allclose(again.predict_proba(inputs), tuned.predict_proba(inputs), atol=1e-6)
