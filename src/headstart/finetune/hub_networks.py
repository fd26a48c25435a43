"""Networks of transformers from a folder: safetensors only, no code of the folder, nothing missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from headstart._optional import require
from headstart.errors import CorruptBaseError, ParameterError

_UNUSED = ("pooler.", "masked_spec_embed")  # what one vector per text or sound does not need


def open_network(folder: Path, name: str, seed: int | None = None) -> Any:
    """Return the encoder in a folder, with its weights or, where a seed is given, with random ones.

    Raises
    ------
    ParameterError
        When transformers does not know this kind of network, or it is no encoder.
    CorruptBaseError
        When the weights do not fit.
    """
    transformers: Any = require("transformers", "finetune", f"open the network of {name}")
    from transformers.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # what is missing is told below, once
    logging.disable_progress_bar()
    try:
        config = transformers.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        _refuse_others(config, name)
        _without_chance(config)
        if seed is None:
            net = _load(transformers, folder, config, name)
        else:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                net = transformers.AutoModel.from_config(config, attn_implementation="eager")
    except (ValueError, KeyError, OSError, ImportError, RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ParameterError(
            f"transformers {transformers.__version__} cannot open {name}: {reason}",
            "Check config.json, or upgrade: pip install -U transformers",
        ) from error
    finally:
        logging.set_verbosity(verbosity)
        logging.enable_progress_bar()
    if getattr(net, "pooler", None) is not None:
        net.pooler = None
    return net.float().eval()


def layer_names(net: nn.Module) -> list[str]:
    """Return the paths of the layers: of the lists of parts that attend, that with most of the weights."""
    lists = [
        (sum(value.numel() for value in part.parameters()), path, len(part))
        for path, part in net.named_modules()
        if isinstance(part, nn.ModuleList) and len(part) > 1 and _attends(part[0])
    ]
    if not lists:
        return []
    _, path, count = max(lists)
    return [f"{path}.{number}" for number in range(count)]


def _attends(part: nn.Module) -> bool:
    return any("attention" in name.lower() or "attn" in name.lower() for name, _ in part.named_modules())


def _refuse_others(config: Any, name: str) -> None:
    if getattr(config, "is_encoder_decoder", False):
        raise ParameterError(
            f"{name} ({config.model_type}) writes texts: it is no encoder.",
            "Take an encoder: bert, distilbert, mpnet, roberta, wav2vec2, hubert and the like.",
        )


def _without_chance(config: Any) -> None:
    """Switch off what is random in training: networks are always run as they are used."""
    for key, value in config.to_dict().items():
        if isinstance(value, float) and ("dropout" in key or key in ("layerdrop", "drop_path_rate")):
            setattr(config, key, 0.0)
    if getattr(config, "use_cache", None):
        config.use_cache = False


def _load(transformers: Any, folder: Path, config: Any, name: str) -> Any:
    net, loading = transformers.AutoModel.from_pretrained(
        folder,
        config=config,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,
        attn_implementation="eager",
        output_loading_info=True,
    )
    missing = sorted(key for key in loading["missing_keys"] if not key.startswith(_UNUSED))
    wrong = [*missing, *(str(key) for key in loading.get("mismatched_keys", ()))]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise CorruptBaseError(
            f"The weights of {name} do not fit its config.json: {', '.join(wrong[:3])}{more} missing or of "
            "another shape.",
            "config.json and model.safetensors must be of one model; fetch both again.",
        )
    return net
