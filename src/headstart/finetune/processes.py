"""Where to run, and how several processes share the runs of one tuning, through accelerate.

Started alone, nothing of it is needed. Started by ``accelerate launch`` or ``torchrun``, the processes see
one folder of checkpoints; each takes the turns of its own runs and waits for the others after every epoch.
"""

from __future__ import annotations

import os
from typing import Any

import torch


def rank() -> int:
    """Return which of the processes this is; 0 does what only one may do."""
    return int(os.environ.get("RANK", "0"))


def count() -> int:
    """Return how many processes work together."""
    return max(1, int(os.environ.get("WORLD_SIZE", "1")))


def device() -> Any:
    """Return where to run: on the processor, or where accelerate says when there is anything else."""
    if count() == 1 and not torch.accelerator.is_available():
        return torch.device("cpu")  # accelerate would say the same, two seconds later
    return _state().device


def wait() -> None:
    """Wait until all processes are here."""
    if count() > 1:
        _state().wait_for_everyone()


def _state() -> Any:
    from accelerate import PartialState

    return PartialState(cpu=not torch.accelerator.is_available())
