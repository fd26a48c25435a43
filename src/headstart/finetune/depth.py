"""Which parameters are tuned, and which stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from headstart.finetune.tunable import Tunable


def tuned_parameters(tunable: Tunable, start: int) -> tuple[dict[str, Tensor], dict[str, int]]:
    """Freeze what lies below stage `start`; return what is tuned, and how far below the top each stands."""
    top = len(tunable.stages) - 1
    tuned, below = {}, {}
    for name, value in tunable.module.named_parameters():
        stage = tunable.stage_of(name)
        if stage < max(start, 0) or not value.requires_grad:
            value.requires_grad_(False)
            continue
        tuned[name], below[name] = value, top - stage
    tunable.module.eval()
    return tuned, below
