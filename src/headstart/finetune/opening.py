"""Open a base for a gentle run, as its settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.finetune.open import open_tunable

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable
    from headstart.types import EncoderSpec


def open_for(spec: EncoderSpec, card: Base, config: FinetuneConfig) -> Tunable:
    """Return the base as a torch module, with low-rank matrices beside its layers where they are wanted.

    Raises
    ------
    ParameterError
        When this base cannot be tuned, or not so.
    """
    tunable: Tunable = open_tunable(spec, card)
    if config.lora:
        import torch

        from headstart.finetune.adapters import add_lora

        with torch.random.fork_rng(devices=[]):  # one of the two matrices starts at random
            torch.manual_seed(config.seed)
            add_lora(tunable.module, config.lora)
    return tunable
