"""Judge whether a tuned base is kept, by its answers and the frozen model's on the same examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.evaluation.comparison import paired_difference
from headstart.heads.calibration import log_loss_rows
from headstart.wording import reason

if TYPE_CHECKING:
    from headstart.evaluation.comparison import Difference
    from headstart.finetune.tuning import Tuned
    from headstart.reasons import Reason
    from headstart.types import Float32Array, IntArray

WORTH = 0.01
"""From this gain on `auto` keeps a tuned model even where few independent examples leave room for chance: the
other choice would be the worse one by what was measured. Not where it gives the right class a lower
probability beyond doubt: that weighs more than a gain that may be chance."""


def gains(
    tuned: Float32Array, frozen: Float32Array, y: IntArray, groups: IntArray, *, seed: int
) -> tuple[Difference, Difference]:
    """Return by how much tuning raises the accuracy, and by how much it lowers the log-loss."""
    gain = paired_difference(tuned.argmax(1) == y, frozen.argmax(1) == y, groups, seed=seed)
    return gain, paired_difference(-log_loss_rows(tuned, y), -log_loss_rows(frozen, y), groups, seed=seed)


def verdict(tuned: Tuned, gain: Difference, surer: Difference, method: str) -> tuple[bool, Reason]:
    """Return whether the tuned model is kept, and why."""
    if tuned.chosen.setting[1] == 0:
        return False, reason("gentle-why", "nothing")
    if gain.low > 0:
        return True, reason("gentle-why", "surely")
    if surer.low > 0 and gain.estimate >= 0:
        return True, reason("gentle-why", "surer")
    likely = gain.estimate >= WORTH and surer.high >= 0
    if likely or (method == "gentle" and gain.estimate > 0):
        return True, reason("gentle-why", "maybe")
    if gain.estimate > 0:
        return False, reason("gentle-why", "chance")
    return False, reason("gentle-why", "worse")
