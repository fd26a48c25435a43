from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import bert_base, difference, graph_rows, padded, sentences, static_base

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.open import open_encoder
from headstart.errors import CorruptBaseError, ParameterError
from headstart.finetune.adapters import add_lora
from headstart.finetune.augment import augment_tokens
from headstart.finetune.open import open_tunable

torch = pytest.importorskip("torch")


def run(tunable: Any, rows: list[np.ndarray]) -> dict[str, Any]:
    with torch.no_grad():
        found: dict[str, Any] = tunable.run(tunable.collate(rows))
        return found


def nudged(tunable: Any) -> Any:
    with torch.no_grad():
        for parameter in tunable.module.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.02)
    return tunable


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_the_network_equals_the_float_graph_alone_and_in_company(tmp_path: Path, pooling: str) -> None:
    spec, card = bert_base(tmp_path, int8=False, pooling=pooling)
    tunable = open_tunable(spec, card)
    for count in (1, 2, 5):
        rows = sentences(count)
        assert difference(run(tunable, rows), graph_rows(spec, padded(rows))) < 1e-5


def test_an_int8_graph_gives_the_network_of_its_weights(tmp_path: Path) -> None:
    spec, card = bert_base(tmp_path / "a", int8=True)
    tunable = open_tunable(spec, card)
    rows = sentences(5)
    ours, theirs = run(tunable, rows)["embedding"].numpy(), graph_rows(spec, padded(rows))["embedding"]
    assert (ours * theirs).sum(1).min() > 0.995  # the graph rounds its activations too
    exported = tunable.export(tunable.module.state_dict(), tmp_path / "b")
    assert difference({"embedding": ours}, graph_rows(exported, padded(rows))) < 1e-5
    exact, _ = bert_base(tmp_path / "c", int8=False)
    original = graph_rows(exact, padded(rows))["embedding"]
    assert (ours * original).sum(1).min() > 0.999


def test_changed_weights_are_exported_with_the_tokenizer(tmp_path: Path) -> None:
    spec, card = bert_base(tmp_path / "a", int8=True)
    tunable = nudged(open_tunable(spec, card))
    exported = tunable.export(tunable.module.state_dict(), tmp_path / "b")
    assert (exported.name, exported.width) == ("minilm_l6-tuned", 32)
    assert exported.files["tokenizer"].read_text() == "{}"
    for count in (1, 2, 5):
        rows = sentences(count, seed=count)
        assert difference(run(tunable, rows), graph_rows(exported, padded(rows))) < 1e-4
    again = open_tunable(exported, card)
    assert difference(run(again, rows), graph_rows(exported, padded(rows))) < 1e-5


def test_stages_can_be_run_one_after_another(tmp_path: Path) -> None:
    tunable = open_tunable(*bert_base(tmp_path, int8=False))
    batch = tunable.collate(sentences(3))
    whole = run(tunable, sentences(3))["embedding"].numpy()
    with torch.no_grad():
        for cut in range(1, len(tunable.stages)):
            halfway = tunable.run(batch, 0, cut)
            assert {len(part) for part in halfway} == {3}
            assert difference(tunable.run(halfway, cut), {"embedding": whole}) < 1e-6
    stages = [tunable.stage_of(name) for name, _ in tunable.module.named_parameters()]
    assert set(stages) == set(range(len(tunable.stages)))
    assert tunable.logits(torch.zeros(1, 32)) is None


def test_from_scratch_has_the_shape_and_nothing_of_the_weights(tmp_path: Path) -> None:
    spec, card = bert_base(tmp_path / "a", int8=False)
    fresh, same = (open_tunable(spec, card, random_start=True, seed=1) for _ in range(2))
    tuned = open_tunable(spec, card)
    assert fresh.fresh
    assert not tuned.fresh
    theirs = tuned.module.state_dict()
    for name, value in fresh.module.state_dict().items():
        assert value.shape == theirs[name].shape
        assert torch.equal(value, same.module.state_dict()[name])
    exported = fresh.export(fresh.module.state_dict(), tmp_path / "b")
    rows = sentences(4)
    assert difference(run(fresh, rows), graph_rows(exported, padded(rows))) < 1e-5


def test_lora_tunes_little_and_is_exported_within_the_layers(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    spec, card = bert_base(tmp_path / "a", int8=False)
    tunable = open_tunable(spec, card)
    rows = sentences(4)
    before = run(tunable, rows)["embedding"].numpy()
    names = add_lora(tunable.module, rank=4)
    assert len(names) == 8  # two matrices beside queries and values of two layers
    assert {tunable.stage_of(name) for name in names} == {1, 2}
    assert difference(run(tunable, rows), {"embedding": before}) < 1e-6  # it starts from nothing
    tuned = [p for p in tunable.module.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(tuned, 1.0)
    for _ in range(3):
        optimiser.zero_grad()
        tunable.run(tunable.collate(rows))["embedding"][:, 0].sum().backward()
        optimiser.step()
    exported = tunable.export(tunable.module.state_dict(), tmp_path / "b")
    found = graph_rows(exported, padded(rows))
    assert difference({"embedding": before}, found) > 1e-2
    assert difference(run(tunable, rows), found) < 1e-5


def test_a_static_table_is_tuned_and_exported_in_32_bits(tmp_path: Path) -> None:
    spec, card = static_base(tmp_path / "a")
    tunable = open_tunable(spec, card)
    for count in (1, 2, 5):
        rows = sentences(count)
        assert difference(run(tunable, rows), graph_rows(spec, padded(rows))) < 1e-6
    with torch.no_grad():
        tunable.module.weight.add_(1e-5 * torch.randn(50, 16))  # less than 16 bits can tell
    exported = tunable.export(tunable.module.state_dict(), tmp_path / "b")
    assert difference(run(tunable, rows), graph_rows(exported, padded(rows))) < 1e-6
    assert difference(run(open_tunable(exported, card), rows), graph_rows(exported, padded(rows))) < 1e-6
    fresh = open_tunable(spec, card, random_start=True, seed=1)
    sizes = [one.module.weight.detach().std().item() for one in (fresh, tunable)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)
    fresh.run(fresh.collate(rows, rng=np.random.default_rng(0)))["embedding"].sum().backward()
    assert fresh.module.weight.grad is not None
    with pytest.raises(CorruptBaseError, match="one table of token vectors"):
        open_tunable(bert_base(tmp_path / "c", int8=False)[0], card)


def test_lora_needs_a_transformer() -> None:
    with pytest.raises(ParameterError, match="LoRA needs a transformer"):
        add_lora(torch.nn.Sequential(torch.nn.Linear(2, 2)))


def test_words_are_dropped_rarely_and_never_the_marks() -> None:
    ids = list(range(100, 140))
    drawn = [augment_tokens(ids, np.random.default_rng(seed)) for seed in range(200)]
    assert drawn[5] == augment_tokens(ids, np.random.default_rng(5))
    assert all(one[0] == 100 and one[-1] == 139 and one == sorted(one) for one in drawn)
    assert 0.05 < 1 - np.mean([len(one) for one in drawn]) / 40 < 0.15
    short = list(range(9))
    assert all(augment_tokens(short, np.random.default_rng(seed)) == short for seed in range(20))


def test_another_graph_is_refused(tmp_path: Path) -> None:
    from nets import lite_base

    spec, card = bert_base(tmp_path / "a", int8=False)
    other, _ = lite_base(tmp_path / "b")
    spec.files["encoder"].write_bytes(other.files["encoder"].read_bytes())
    with pytest.raises(CorruptBaseError, match="should hold a BERT-like encoder"):
        open_tunable(spec, card)


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.usefixtures("bases_cache")
def test_the_real_base_equals_its_export_on_real_texts(data_root: Path, tmp_path: Path) -> None:
    card = load_catalogue().get("minilm_l6")
    spec = store.installed(card)
    assert spec is not None, "not prepared: headstart bases get minilm_l6"
    tunable = open_tunable(spec, card)
    encoder = open_encoder(tunable.export(tunable.module.state_dict(), tmp_path))
    with (data_root / "text" / "news_topic.csv").open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)][:200]
    rows = [encoder.cut(encoder.decode(text)) for text in texts]
    ours = np.concatenate([run(tunable, rows[i : i + 10])["embedding"] for i in range(0, 200, 10)])
    np.testing.assert_allclose(encoder.encode(texts).vectors, ours, atol=1e-4)
    cosines = (open_encoder(spec).encode(texts).vectors * ours).sum(1)
    assert cosines.min() > 0.99
