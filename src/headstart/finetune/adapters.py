"""LoRA: small matrices beside the linear layers of a transformer are tuned, the layers themselves stay.

Hu et al., "LoRA" (2021), through peft. Before export they are added into the layers that they stand beside,
so that a tuned encoder is the same graph and costs the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from headstart._optional import require
from headstart.errors import ParameterError

QUERIES_AND_VALUES = ("query", "value", "q_proj", "v_proj", "q_lin", "v_lin")
_A, _B, _BASE = ".lora_A.default.weight", ".lora_B.default.weight", ".base_layer."
_SCALE = 2.0  # alpha is always twice the rank


def add_lora(module: nn.Module, rank: int = 8) -> list[str]:
    """Put LoRA beside the queries and values of a transformer and freeze all else.

    Returns
    -------
    list
        The names of the parameters that may now be tuned.

    Raises
    ------
    ParameterError
        When the network has no such layers.
    """
    peft: Any = require("peft", "finetune", "tune with LoRA")
    linear = (name for name, layer in module.named_modules() if isinstance(layer, nn.Linear))
    present = {name.rpartition(".")[2] for name in linear}
    targets = sorted(present & set(QUERIES_AND_VALUES))
    if not targets:
        raise ParameterError(
            "LoRA needs a transformer with queries and values, and this network has none.",
            "Tune this base without --lora.",
        )
    config = peft.LoraConfig(r=rank, lora_alpha=int(_SCALE * rank), target_modules=targets)
    peft.inject_adapter_in_model(config, module)
    return [name for name, parameter in module.named_parameters() if parameter.requires_grad]


def merged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Add the small matrices of a state dict into the layers that they stand beside."""
    weights: dict[str, Tensor] = {}
    for name, value in state.items():
        if name.endswith((_A, _B)):
            continue
        plain = name.replace(_BASE, ".")
        weights[plain] = value
        stem = plain.removesuffix(".weight")
        if _BASE in name and stem + _A in state:
            weights[plain] = value + _SCALE * (state[stem + _B] @ state[stem + _A])
    return weights
