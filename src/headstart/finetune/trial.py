"""Find out, before tuning begins, what this machine allows: where to run, how precisely, how much at once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from headstart.errors import StorageError
from headstart.files import write_whole
from headstart.finetune import processes
from headstart.finetune.cache import to_device
from headstart.finetune.config import PRECISIONS
from headstart.finetune.held import sizes_of
from headstart.finetune.memory import graph_bytes, micro_batch
from headstart.settings import current

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable

_TRIED = 8
WORTH = 0.8
"""Half precision must take less than this share of the time: it costs digits."""


@dataclass(frozen=True)
class Found:
    """What was found; kept with a run, so that resuming it does the same.

    Attributes
    ----------
    precision
        How precisely the network runs.
    micro
        Examples whose graph is held at once.
    kept
        Variations whose activations are kept beside the plain ones; None until that is known.
    """

    precision: str
    micro: int
    kept: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def find_out(
    tunable: Tunable, inputs: Sequence[Any], start: int, config: FinetuneConfig, *, allowed: int
) -> Found:
    """Try the tuned part on a few examples.

    Parameters
    ----------
    allowed
        Bytes that may be taken.
    """
    device = processes.device()
    tunable.module.to(device).eval()
    longest = [inputs[place] for place in np.argsort(sizes_of(inputs), kind="stable")[-_TRIED:].tolist()]

    def forward(some: Sequence[Any], low: bool) -> Tensor:
        batch = to_device(tunable.collate(some, rng=None, flip=False), device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=low):
            with torch.no_grad():
                entered = tunable.run(batch, 0, start) if start else batch
            return sum(value.float().square().mean() for value in tunable.run(entered, start).values())

    each = graph_bytes(lambda: forward(longest[-1:], False))
    micro = micro_batch(config.batch, each, allowed // 2)
    precision = config.precision
    if precision == "auto":
        # Measured anew, a close call could go either way, and the same seed give other numbers.
        precision = _remembered(tunable, start, device, partial(forward, longest[-micro:]))
    tunable.module.zero_grad(set_to_none=True)
    return Found(precision, micro)


def _remembered(tunable: Tunable, start: int, device: Any, forward: Callable[[bool], Tensor]) -> str:
    """Return what was found quicker at first on this machine for this base; measure where nothing was."""
    base = [tunable.spec.fingerprint, tunable.fresh, start]
    machine = [torch.__version__, str(device), torch.get_num_threads(), platform.node(), platform.machine()]
    path = current().cache / "precision" / hashlib.sha256(json.dumps([*base, *machine]).encode()).hexdigest()
    with contextlib.suppress(OSError, ValueError):
        kept = path.read_text(encoding="utf-8")
        if kept in PRECISIONS[1:]:
            return kept
    precision = "bfloat16" if _low_is_worth_it(forward, device) else "float32"
    with contextlib.suppress(OSError, StorageError):  # else it is measured again next time
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, precision.encode())
    return precision


def _low_is_worth_it(forward: Callable[[bool], Tensor], device: Any) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return _seconds(forward, True) < WORTH * _seconds(forward, False)


def _seconds(forward: Callable[[bool], Tensor], low: bool) -> float:
    """Return the least processor time of a forward and backward pass in three tries."""
    times = []
    for _ in range(3):
        began = time.process_time()
        forward(low).backward()
        times.append(time.process_time() - began)
    return min(times)
