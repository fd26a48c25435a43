"""How large a step is: when in the run, how deep in the network, how large the weights are. Plain numbers."""

from __future__ import annotations

import math

WARM_UP = 0.1
SMALLEST = 1e-3
"""Weights smaller than this step as if they were this large: a bias that is zero must be able to move."""


def pace(step: int, steps: int) -> float:
    """Return the share of the peak step size at `step` of `steps`: a short climb, then half a cosine to 0."""
    if not 0 <= step < steps:
        raise ValueError(f"step must be from 0 to {steps - 1}, got {step}")
    climb = max(1, round(WARM_UP * steps))
    if step < climb:
        return (step + 1) / climb
    return 0.5 * (1 + math.cos(math.pi * (step - climb) / max(1, steps - climb)))


def peak(rate: float, decay: float, below_top: int, size: float) -> float:
    """Return the peak step size of one tensor.

    Parameters
    ----------
    rate
        Share of a weight's size.
    decay, below_top
        Each of the stages that lie above makes the step smaller by this factor.
    size
        Root mean square of the tensor's values at the start.
    """
    return rate * decay**below_top * max(size, SMALLEST)


def first_stage(depth: str, n_stages: int) -> int:
    """Return the deepest stage that is tuned: the last quarter, the last half, or all of them."""
    if depth == "all":
        return 0
    share = {"top": 0.25, "half": 0.5}[depth]
    return n_stages - max(1, math.ceil(share * n_stages))
