from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_models import sound_folder, text_folder, timm_folder, token_rows
from nets import difference, graph_rows, padded, sounds

from headstart.bases import store
from headstart.bases.card import Base
from headstart.encoders.open import open_encoder
from headstart.errors import BaseUnavailableError, CorruptBaseError, ParameterError
from headstart.finetune.adapters import add_lora
from headstart.finetune.depth import tuned_parameters
from headstart.finetune.open import open_tunable
from headstart.finetune.schedule import first_stage
from headstart.types import EncoderSpec
from headstart.workflows import add_base, get_base

torch = pytest.importorskip("torch")
from safetensors.torch import load_file  # noqa: E402

PICTURES = ["test_vit", "test_resnet", "test_convnext", "test_efficientnet"]
TEXTS = ["bert", "distilbert", "mpnet", "roberta", "deberta-v2", "modernbert", "albert"]
SOUNDS = ["wav2vec2", "hubert", "wavlm", "data2vec-audio"]


def opened(folder: Path, **start: Any) -> tuple[EncoderSpec, Base, Any]:
    card = add_base(folder, name="mine")
    spec = get_base("mine")
    return spec, card, open_tunable(spec, card, **start)


def run(tunable: Any, rows: Any, *cuts: int) -> dict[str, Any]:
    with torch.no_grad():
        value = tunable.collate(rows)
        for start, stop in zip((0, *cuts), (*cuts, None), strict=True):
            value = tunable.run(value, start, stop)
        return dict(value)


def nudged(tunable: Any) -> Any:
    with torch.no_grad():
        for parameter in tunable.module.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.02)
    return tunable


def pictures(count: int, size: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return list(rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8))


def check_stages(tunable: Any, rows: Any, *, least: int) -> None:
    """Every cut gives what the whole gives, activations count examples, and all stages have weights."""
    whole = run(tunable, rows)["embedding"].numpy()
    count = len(tunable.stages)
    assert count >= least
    for cut in range(1, count):
        assert difference(run(tunable, rows, cut), {"embedding": whole}) < 1e-4
        with torch.no_grad():
            between = tunable.run(tunable.collate(rows), 0, cut)
            assert len(tunable.pooled(between)) == len(rows)
        parts = between if isinstance(between, tuple) else (between,)
        assert {len(part) for part in parts} == {len(rows)}
    if count > 1:
        assert difference(run(tunable, rows, *range(1, count)), {"embedding": whole}) < 1e-4
    stages = {tunable.stage_of(name) for name, _ in tunable.module.named_parameters()}
    assert stages == set(range(count))


def check_gradients(tunable: Any, rows: Any) -> None:
    """What is tuned in the upper half has a gradient, and nothing below has."""
    start = first_stage("half", len(tunable.stages))
    tuned, _ = tuned_parameters(tunable, start)
    with torch.no_grad():
        entered = tunable.run(tunable.collate(rows), 0, start) if start else tunable.collate(rows)
    tunable.run(entered, start)["embedding"].square().sum().backward()
    moved = {name for name, value in tunable.module.named_parameters() if value.grad is not None}
    assert moved <= set(tuned)
    assert {tunable.stage_of(name) for name in moved} >= set(range(max(start, 1), len(tunable.stages)))


@pytest.mark.parametrize("name", PICTURES)
def test_a_network_of_timm_is_used_cut_tuned_and_written_back(tmp_path: Path, name: str) -> None:
    size = 160 if name == "test_vit" else 64  # its table of places is made for one size
    spec, card, tunable = opened(timm_folder(tmp_path / "model", name, size=size))
    assert (card.builder, card.modality, spec.recipe["size"]) == ("timm", "image", size)
    for count in (1, 2, 5):
        rows = pictures(count, size, seed=count)
        assert difference(run(tunable, rows), graph_rows(spec, {"pixels": np.stack(rows)})) < 1e-4
    check_stages(tunable, pictures(3, size), least=4)
    check_gradients(tunable, pictures(3, size))
    nudged(tunable)
    tuned = tunable.export(tunable.module.state_dict(), tmp_path / "tuned")
    assert tuned.name == "mine-tuned"
    for count in (1, 2, 5):
        rows = pictures(count, size, seed=count)
        assert difference(run(tunable, rows), graph_rows(tuned, {"pixels": np.stack(rows)})) < 1e-4
    before = graph_rows(spec, {"pixels": np.stack(rows)})
    assert difference(run(tunable, rows), before) > 1e-3


def test_the_recipe_of_a_picture_base_is_that_of_its_makers(tmp_path: Path) -> None:
    import timm

    folder = timm_folder(tmp_path / "model", "test_resnet")
    config = json.loads((folder / "config.json").read_text())
    config["pretrained_cfg"] |= {"mean": [0.4, 0.5, 0.6], "interpolation": "bilinear", "crop_pct": 0.9}
    (folder / "config.json").write_text(json.dumps(config))
    _, card, tunable = opened(folder)
    assert card.recipe == {"size": 64, "crop": 0.9, "interpolation": "bilinear"}
    assert card.options["mean"] == [0.4, 0.5, 0.6]
    net = timm.create_model("test_resnet", num_classes=7)
    net.load_state_dict(load_file(folder / "model.safetensors"))
    (row,) = pictures(1, 64)
    normal = (row / 255 - card.options["mean"]) / card.options["std"]
    with torch.no_grad():
        features = net.eval().forward_features(torch.from_numpy(normal).permute(2, 0, 1)[None].float())
        due = net.forward_head(features, pre_logits=True)
        answers = net.forward_head(features)
    assert difference(run(tunable, [row]), {"embedding": due.numpy()}) < 1e-4
    said = tunable.logits(run(tunable, [row])["embedding"])
    assert difference({"logits": said}, {"logits": answers.numpy()}) < 1e-4


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_encoder_is_used_cut_tuned_and_written_back(tmp_path: Path, kind: str) -> None:
    spec, card, tunable = opened(text_folder(tmp_path / "model", kind))
    assert (card.builder, card.modality, card.options["pooling"]) == ("transformers_text", "text", "mean")
    for count in (1, 2, 5):
        rows = token_rows(count, seed=count)
        assert difference(run(tunable, rows), graph_rows(spec, padded(rows))) < 1e-4
    check_stages(
        tunable, token_rows(4), least=1 if kind == "albert" else 4
    )  # albert has one layer, run thrice
    check_gradients(tunable, token_rows(4))
    nudged(tunable)
    tuned = tunable.export(tunable.module.state_dict(), tmp_path / "tuned")
    assert tuned.files["tokenizer"].read_bytes() == spec.files["tokenizer"].read_bytes()
    for count in (1, 2, 5):
        rows = token_rows(count, seed=count)
        assert difference(run(tunable, rows), graph_rows(tuned, padded(rows))) < 1e-4


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_sound_encoder_is_used_cut_tuned_and_written_back(tmp_path: Path, kind: str) -> None:
    spec, card, tunable = opened(sound_folder(tmp_path / "model", kind))
    assert (card.builder, card.recipe["rate"], card.recipe["multiple"]) == ("transformers_audio", 16000, 320)
    encoder = open_encoder(spec)
    waves = sounds(5, longest=200_000)
    cut = [encoder._windows.cut(wave) for wave in waves]  # the longest clip has two windows
    assert len(cut[0]) == 2
    assert difference(run(tunable, cut), {"embedding": encoder.encode(waves).vectors}) < 1e-4
    check_stages(tunable, cut[1:4], least=1 if kind == "wavlm" else 4)  # wavlm's layers lean on the first
    check_gradients(tunable, cut[1:4])
    nudged(tunable)
    tuned = tunable.export(tunable.module.state_dict(), tmp_path / "tuned")
    assert difference(run(tunable, cut), {"embedding": open_encoder(tuned).encode(waves).vectors}) < 1e-4


def test_a_whisper_of_transformers_needs_no_torch_to_become_a_base(tmp_path: Path) -> None:
    folder = sound_folder(tmp_path / "model", "whisper")
    spec, card, tunable = opened(folder)
    assert (card.builder, spec.width) == ("whisper_hub", 64)
    waves = sounds(3, longest=30_000)
    encoder = open_encoder(spec)
    cut = [encoder._windows.cut(wave) for wave in waves]
    assert difference(run(tunable, cut), {"embedding": encoder.encode(waves).vectors}) < 1e-4
    import transformers

    whole = transformers.WhisperModel.from_pretrained(folder).encoder.eval()
    for name, value in tunable.module.state_dict().items():
        assert torch.allclose(value, whole.state_dict()[name], atol=1e-6), name


def test_random_weights_are_others_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    spec, card, tunable = opened(text_folder(tmp_path / "model", "bert"))
    rows = token_rows(2)
    one, again, other = (run(open_tunable(spec, card, random_start=True, seed=s), rows) for s in (1, 1, 2))
    assert difference(one, {"embedding": again["embedding"].numpy()}) == 0
    assert difference(one, {"embedding": other["embedding"].numpy()}) > 0.01
    assert difference(one, {"embedding": run(tunable, rows)["embedding"].numpy()}) > 0.01


@pytest.mark.parametrize("kind", ["distilbert", "roberta"])
def test_low_rank_changes_are_written_into_the_graph(tmp_path: Path, kind: str) -> None:
    spec, _, tunable = opened(text_folder(tmp_path / "model", kind))
    added = add_lora(tunable.module, 2)
    assert {tunable.stage_of(name) for name in added} == {1, 2, 3}
    rows = token_rows(4)
    with torch.no_grad():
        for name, value in tunable.module.named_parameters():
            if name in added:
                value.add_(torch.randn(value.shape) * 0.3)
    tuned = tunable.export(tunable.module.state_dict(), tmp_path / "tuned")
    assert difference(run(tunable, rows), graph_rows(tuned, padded(rows))) < 1e-4
    assert difference(run(tunable, rows), graph_rows(spec, padded(rows))) > 1e-3


def in_hub_cache(cache: Path, folder: Path, repo: str) -> None:
    """Put a model where huggingface_hub keeps what it has fetched."""
    revision = "0123456789abcdef0123456789abcdef01234567"
    home = cache / f"models--{repo.replace('/', '--')}"
    shutil.copytree(folder, home / "snapshots" / revision)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(revision)


def test_a_model_that_the_hub_has_fetched_becomes_a_base_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HEADSTART_OFFLINE", "1")
    folder = timm_folder(tmp_path / "model", "test_resnet")
    in_hub_cache(tmp_path / "hub", folder, "someone/Small-ResNet")
    card = add_base("hf:someone/Small-ResNet")
    assert (card.name, card.builder, card.sources[0].kind) == ("small_resnet", "timm", "hf")
    assert str(card.sources[0]) == "hf:someone/Small-ResNet@main"
    spec = get_base("small_resnet")
    rows = pictures(2, 64)
    found = run(open_tunable(spec, card), rows)
    assert difference(found, graph_rows(spec, {"pixels": np.stack(rows)})) < 1e-4
    with pytest.raises(BaseUnavailableError, match="someone/other could not be read on the Hugging Face Hub"):
        add_base("hf:someone/other")


def test_what_a_sentence_encoder_says_of_its_pooling_is_heeded(tmp_path: Path) -> None:
    folder = text_folder(tmp_path / "model", "bert")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    (folder / "modules.json").write_text(json.dumps([{"type": "sentence_transformers.models.Normalize"}]))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 17}))
    (folder / "README.md").write_text("---\nlicense: mit\nlanguage:\n- en\n- de\n---\n# It\n")
    card = add_base(folder)
    assert card.name == "model"
    assert card.parameters == sum(value.numel() for value in load_file(folder / "model.safetensors").values())
    assert card.options == {"pooling": "first", "unit_length": True}
    assert (card.recipe["max_tokens"], card.licence, card.language) == (17, "mit", "en, de")
    (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_max_tokens": True}))
    with pytest.raises(ParameterError, match="pools by pooling_mode_max_tokens"):
        add_base(folder, name="other")


def test_only_safetensors_are_read_and_the_rest_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"it has no config\.json"):
        add_base(tmp_path)
    folder = text_folder(tmp_path / "model", "bert")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ParameterError, match=r"pytorch_model\.bin is not read: such files can hold code"):
        add_base(folder)
    for config, told in (
        ({"model_type": "t5", "is_encoder_decoder": True}, "t5 reads and writes texts"),
        ({"model_type": "vit", "image_size": 224}, "vit is a picture model of transformers"),
    ):
        (folder / "config.json").write_text(json.dumps(config))
        with pytest.raises(ParameterError, match=told):
            add_base(folder)
    (folder / "config.json").write_text(json.dumps({"hello": 1}))
    with pytest.raises(ParameterError, match="neither an architecture of timm nor a model_type"):
        add_base(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(ParameterError, match="cannot be read"):
        add_base(folder)


def test_sound_models_that_cannot_be_fed_are_told_apart(tmp_path: Path) -> None:
    folder = sound_folder(tmp_path / "model", "whisper", num_mel_bins=128)
    with pytest.raises(ParameterError, match="hears in 128 bands"):
        add_base(folder)
    config = {"model_type": "audio-spectrogram-transformer", "hidden_size": 32}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ParameterError, match="audio-spectrogram-transformer does not take a wave"):
        add_base(folder)


def test_code_that_a_folder_brings_along_is_never_run(tmp_path: Path) -> None:
    folder = text_folder(tmp_path / "model", "bert")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "own.Mine", "AutoModel": "own.Mine"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Mine: pass\n")
    add_base(folder, name="mine")
    with pytest.raises(ParameterError, match=r"transformers .* cannot open mine"):
        get_base("mine")
    assert not (tmp_path / "ran").exists()


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    first = text_folder(tmp_path / "a", "bert")
    other = tmp_path / "b"
    shutil.copytree(first, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 4}))
    add_base(other, name="mine")
    with pytest.raises(CorruptBaseError, match=r"do not fit its config\.json: .*layer\.3.* missing"):
        get_base("mine")
    pictures_folder = timm_folder(tmp_path / "c", "test_resnet")
    config = json.loads((pictures_folder / "config.json").read_text())
    (pictures_folder / "config.json").write_text(json.dumps({**config, "architecture": "test_vit"}))
    add_base(pictures_folder, name="pictured")
    with pytest.raises(CorruptBaseError, match="The weights of pictured do not fit test_vit"):
        get_base("pictured")


def test_a_network_that_timm_does_not_know_is_named(tmp_path: Path) -> None:
    folder = timm_folder(tmp_path / "c", "test_resnet")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architecture": "resnet_of_mine"}))
    with pytest.raises(ParameterError, match="knows no architecture called 'resnet_of_mine'"):
        add_base(folder)


def test_weights_stay_beside_the_prepared_base_and_out_of_saved_models(tmp_path: Path) -> None:
    spec, card, _ = opened(text_folder(tmp_path / "model", "bert"))
    home = spec.files["encoder"].parent
    assert {"model.safetensors", "config.json"} <= {path.name for path in home.iterdir()}
    assert set(spec.files) == {"encoder", "tokenizer"}
    (home / "model.safetensors").write_bytes(b"x")
    with pytest.raises(CorruptBaseError, match=r"model\.safetensors is not the file that was prepared"):
        store.installed(card)
    (home / "model.safetensors").unlink()
    with pytest.raises(ParameterError, match="not the weights that it was made from"):
        open_tunable(spec, card)
