"""Make a prepared base tunable."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.types import EncoderSpec

# Builder on the card -> (module here, class, whether the network is made as the card says). Imported when one
# is opened: a text base does not load timm.
_NETWORKS: Mapping[str, tuple[str, str, bool]] = {
    "efficientnet": ("images", "LiteTunable", False),
    "bert": ("texts", "BertTunable", False),
    "nano_e5": ("texts", "BertTunable", False),
    "wordllama": ("static_texts", "StaticTunable", False),
    "yamnet": ("audio", "YamnetTunable", False),
    "whisper": ("speech", "WhisperTunable", False),
    "whisper_hub": ("speech", "WhisperTunable", False),
    "timm": ("hub_images", "TimmTunable", True),
    "transformers_text": ("hub_texts", "HubTextTunable", True),
    "transformers_audio": ("hub_sounds", "HubSoundTunable", True),
}


def has_network(card: Base) -> bool:
    """Tell whether the network of a base is known here, so that it can be tuned."""
    return card.builder in _NETWORKS


def open_tunable(spec: EncoderSpec, card: Base, *, random_start: bool = False, seed: int = 0) -> Any:
    """Return the network of a prepared base in torch, numerically what its graph computes.

    Parameters
    ----------
    spec, card
        The base as prepared, and its card.
    random_start
        Whether to start from random weights of the same architecture instead of the base's.
    seed
        Decides the random weights.

    Raises
    ------
    ParameterError
        When this kind of base cannot be tuned.
    """
    if not has_network(card):
        raise ParameterError(
            f"{spec.name} cannot be tuned: headstart has its graph, but not its network.",
            "Use --method frozen with it, or name another base: headstart bases",
        )
    module, name, by_card = _NETWORKS[card.builder]
    kind = getattr(importlib.import_module(f"headstart.finetune.{module}"), name)
    return kind(spec, *([card] if by_card else ()), random_start=random_start, seed=seed)
