"""Tiny models of timm and transformers with random weights, saved in the layout in which hubs hold models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "food", "the", "a", "not", "very", "was"]


def timm_folder(folder: Path, name: str, *, size: int = 64, classes: int = 7, **arguments: Any) -> Path:
    """Save a network of timm as ``timm.models.push_to_hf_hub`` would."""
    import timm
    import torch
    from timm.models import save_for_hf

    torch.manual_seed(0)
    net = timm.create_model(name, num_classes=classes, **arguments).eval()
    _shake(net)
    net.pretrained_cfg = {**net.pretrained_cfg, "input_size": (3, size, size), "num_classes": classes}
    save_for_hf(net, folder, model_args=arguments or None, safe_serialization=True)
    return folder


def text_folder(folder: Path, kind: str, **more: Any) -> Path:
    """Save an encoder of transformers with a tokenizer of a few words."""
    import transformers

    words = {"vocab_size": len(WORDS), "pad_token_id": 0, "max_position_embeddings": 40}
    if kind == "distilbert":
        sizes = {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48}
        return _saved_text(folder, transformers.DistilBertModel(
            transformers.DistilBertConfig(**words, **sizes, **more)))  # fmt: skip
    if kind == "modernbert":
        marks = {"bos_token_id": 2, "cls_token_id": 2, "eos_token_id": 3, "sep_token_id": 3}
        more = {**marks, "local_attention": 4, **more}
    if kind == "albert":
        more = {"embedding_size": 16, **more}
    if kind == "deberta-v2":
        more = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8, **more}
    config = transformers.AutoConfig.for_model(kind, **SMALL, **words, **more)
    return _saved_text(folder, transformers.AutoModel.from_config(config))


def sound_folder(folder: Path, kind: str, **more: Any) -> Path:
    """Save a sound encoder of transformers with what it says of its input."""
    import transformers

    sizes: dict[str, Any] = {
        **SMALL, "conv_dim": (16, 16, 16), "conv_stride": (5, 8, 8), "conv_kernel": (10, 8, 8),
        "num_feat_extract_layers": 3, "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2,
    }  # fmt: skip
    if kind == "whisper":
        sizes = {
            "d_model": 32, "encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 128,
            "decoder_layers": 1, "decoder_attention_heads": 4, "decoder_ffn_dim": 64, "vocab_size": 20,
            "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
        }  # fmt: skip
    config = transformers.AutoConfig.for_model(kind, **sizes, **more)
    net = transformers.AutoModel.from_config(config).eval()
    _shake(net)
    net.save_pretrained(folder)
    says = {
        "sampling_rate": 16000,
        "do_normalize": True,
        "feature_extractor_type": "Wav2Vec2FeatureExtractor",
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(says))
    return folder


def _saved_text(folder: Path, net: Any) -> Path:
    import tokenizers
    from tokenizers import models, pre_tokenizers, processors

    _shake(net.eval())
    net.save_pretrained(folder)
    table = {word: place for place, word in enumerate(WORDS)}
    tokenizer = tokenizers.Tokenizer(models.WordLevel(table, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _shake(net: Any) -> None:
    """Move weights that start at zero or one away from there, so that a weight left out is seen."""
    import torch

    torch.manual_seed(1)
    with torch.no_grad():
        for value in net.parameters():
            value.add_(torch.randn_like(value) * 0.02)
        for name, value in net.named_buffers():
            if name.endswith("running_mean"):
                value.add_(torch.randn_like(value) * 0.05)
            if name.endswith("running_var"):
                value.mul_(1 + torch.rand_like(value))


def token_rows(count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        np.concatenate([[2], rng.integers(4, len(WORDS), rng.integers(2, 20)), [3]]) for _ in range(count)
    ]
