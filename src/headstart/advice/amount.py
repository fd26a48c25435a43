"""Would more examples help? The learning curve in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.learning_curve import Curve, Forecast, forecast
from headstart.advice_types import Amount, ClassGain, CurvePoint, TargetForecast
from headstart.reports import Interval

if TYPE_CHECKING:
    from headstart.types import Float64Array

ENOUGH = 40
AHEAD = (1.5, 2.0, 3.0)
"""How far the forecast goes, in multiples of what there is; nobody can see further."""
BEYOND = 20.0
"""More than so many times what there is counts as never."""
WORTH_A_POINT = 0.01
_GROWTH = {
    "hardly": "More of the same would hardly help.",
    "may": "More may help a little.",
    "would": "More would help.",
}
TOO_FEW = (
    "There are too few examples to measure how fast accuracy grows; collect at least 20 and check again."
)
TOO_FEW_GROUPS = (
    "There are too few independent groups to measure how fast accuracy grows; "
    "bring examples from more sources."
)


def judge_amount(
    curve: Curve | None,
    classes: Sequence[str],
    *,
    target: float | None = None,
    accuracy: Interval | None = None,
    used: int = 0,
    seed: int = 0,
) -> Amount:
    """Look ahead from a measured learning curve, and say what it means.

    Parameters
    ----------
    curve
        From `learning_curve.measure_curve`; None where it could not be measured.
    target
        Accuracy that is wanted.
    accuracy
        What was measured with all examples by the chosen head, to judge the target by.
    used
        Examples there are, to say what is missing where there is no curve.
    """
    if curve is None:
        why = TOO_FEW if used < ENOUGH else TOO_FEW_GROUPS
        nothing = None if target is None else TargetForecast(target, None, None, "uncertain", why)
        return Amount(for_target=nothing, in_words=why)
    ahead = forecast(curve, seed=seed)
    each = 1.0 / len(classes)
    known = 1.0 - float(curve.mean[-1])
    if accuracy is None or accuracy.estimate is None:
        accuracy = Interval(known, known, known)
    return Amount(
        curve=[
            CurvePoint(round(float(size) * each, 2), 1.0 - float(mean), 1.0 - float(high), 1.0 - float(low))
            for size, mean, (low, high) in zip(curve.sizes, curve.mean, ahead.measured(), strict=True)
        ],
        forecast=[_ahead(ahead, factor * len(curve.y), each) for factor in AHEAD],
        for_target=None if target is None else answer_target(ahead, target, accuracy, len(classes)),
        classes=class_gains(curve, classes),
        in_words=growth_in_words(ahead, len(classes)),
        verdict=growth(ahead),
    )


def _ahead(ahead: Forecast, n: float, each: float) -> CurvePoint:
    low, high = ahead.band(n)
    return CurvePoint(round(n * each, 2), None, 1.0 - high, 1.0 - low)


def answer_target(ahead: Forecast, target: float, accuracy: Interval, n_classes: int) -> TargetForecast:
    """Say how many examples of each class a wanted accuracy takes, from 5 % to 95 % of the fits."""
    n = len(ahead.curve.y)
    wanted = f"{100 * target:g} right of 100"
    if (accuracy.estimate or 0.0) >= target:
        here = n / n_classes
        words = f"You are there already: {wanted} is reached."
        if accuracy.low < target:
            words = (
                f"You are about there: {100 * (accuracy.estimate or 0.0):.0f} right of 100 were measured, "
            )
            words += f"but with so few examples it may be {100 * accuracy.low:.0f}."
        return TargetForecast(target, here, here, "reached", words)
    needed = np.maximum(ahead.needed(target), n)
    never = float((needed > BEYOND * n).mean())
    if never > 0.5:
        return TargetForecast(
            target,
            None,
            None,
            "no",
            f"Not with this base: more of the same examples will not bring {wanted}.",
        )
    low, high = (float(v) / n_classes for v in np.quantile(needed, [0.05, 0.95], method="lower"))
    if never > 0.05:
        words = f"{wanted} may take {_round(low)} examples of each class, or may never come with this base."
        return TargetForecast(target, low, None, "uncertain", words)
    words = f"{wanted} takes {_round(low)} to {_round(high)} examples of each class."
    if high * n_classes > AHEAD[-1] * n:
        words += " That is more than three times what you have, so take it as a guess."
    return TargetForecast(target, low, high, "yes", words)


def class_gains(curve: Curve, classes: Sequence[str]) -> list[ClassGain]:
    """Order classes by what more of their examples would bring.

    That is where mistakes are left, more so where the last doubling of examples has brought them down.
    """
    counts = np.bincount(curve.y, minlength=len(classes))
    last = np.nan_to_num(np.array([curve.of_class(c)[-1] for c in range(len(classes))]))
    mistakes = last * counts
    total = max(float(mistakes.sum()), 1e-12)
    found = []
    for number, label in enumerate(classes):
        gain = _last_doubling(curve.sizes, curve.of_class(number))
        found.append(ClassGain(label, float(mistakes[number] / total), gain))
    return sorted(found, key=lambda one: -one.share * (1.0 if (one.gain or 0.0) > 0 else 0.5))


def _last_doubling(sizes: Float64Array, errors: Float64Array) -> float | None:
    if not np.isfinite(errors).all():
        return None
    before = float(np.interp(np.log(sizes[-1] / 2), np.log(sizes), errors))
    return before - float(errors[-1])


def growth(ahead: Forecast) -> str:
    """Tell whether twice as many examples would bring a point: ``hardly``, ``may`` or ``would``."""
    now = 1.0 - float(ahead.curve.mean[-1])
    low, high = ahead.band(2.0 * len(ahead.curve.y))
    if 1.0 - low - now <= WORTH_A_POINT:
        return "hardly"
    return "would" if 1.0 - high > now + WORTH_A_POINT else "may"


def growth_in_words(ahead: Forecast, n_classes: int) -> str:
    """Say what twice as many examples would bring."""
    n = len(ahead.curve.y)
    now = 1.0 - float(ahead.curve.mean[-1])
    low, high = ahead.band(2.0 * n)
    best, worst = 1.0 - low, 1.0 - high
    twice = _round(2.0 * n / n_classes)
    expected = f"{100 * worst:.0f} to {100 * best:.0f} right of 100"
    span = f"With twice as many ({twice} of each class) expect {expected}"
    return f"{_GROWTH[growth(ahead)]} {span}, now {100 * now:.0f}."


def _round(n: float) -> str:
    """Return a count as a person would say it: two digits are all that is known."""
    if n < 20:
        return f"{np.ceil(n):.0f}"
    scale = 10 ** max(int(np.floor(np.log10(n))) - 1, 0)
    return f"{np.ceil(n / scale) * scale:.0f}"
