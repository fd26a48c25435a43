"""Would more examples help? The learning curve in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.learning_curve import Curve, Forecast, forecast
from headstart.advice_types import Amount, ClassGain, CurvePoint, TargetForecast
from headstart.reasons import Reason
from headstart.reports import Interval
from headstart.wording import reason

if TYPE_CHECKING:
    from headstart.types import Float64Array

ENOUGH = 40
AHEAD = (1.5, 2.0, 3.0)
"""How far the forecast goes, in multiples of what there is; nobody can see further."""
BEYOND = 20.0
"""More than so many times what there is counts as never."""
WORTH_A_POINT = 0.01
COLLECT = 20
"""So many examples are worth checking again with; so many of each class are worth learning from."""


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
        why = _too_few(used)
        nothing = None if target is None else _target(target, None, None, "uncertain", why)
        return Amount(for_target=nothing, in_words=why.text, reason=why)
    ahead = forecast(curve, seed=seed)
    each = 1.0 / len(classes)
    known = 1.0 - float(curve.mean[-1])
    if accuracy is None or accuracy.estimate is None:
        accuracy = Interval(known, known, known)
    said = growth_reason(ahead, len(classes))
    return Amount(
        curve=[
            CurvePoint(round(float(size) * each, 2), 1.0 - float(mean), 1.0 - float(high), 1.0 - float(low))
            for size, mean, (low, high) in zip(curve.sizes, curve.mean, ahead.measured(), strict=True)
        ],
        forecast=[_ahead(ahead, factor * len(curve.y), each) for factor in AHEAD],
        for_target=None if target is None else answer_target(ahead, target, accuracy, len(classes)),
        classes=class_gains(curve, classes),
        in_words=said.text,
        verdict=said.code,
        reason=said,
    )


def _too_few(used: int) -> Reason:
    if used < ENOUGH:
        return reason("amount", "too-few", each=COLLECT)
    return reason("amount", "too-few-groups")


def _target(wanted: float, low: float | None, high: float | None, reach: str, said: Reason) -> TargetForecast:
    return TargetForecast(wanted, low, high, reach, said.text, said)


def _ahead(ahead: Forecast, n: float, each: float) -> CurvePoint:
    low, high = ahead.band(n)
    return CurvePoint(round(n * each, 2), None, 1.0 - high, 1.0 - low)


def answer_target(ahead: Forecast, target: float, accuracy: Interval, n_classes: int) -> TargetForecast:
    """Say how many examples of each class a wanted accuracy takes, from 5 % to 95 % of the fits."""
    n = len(ahead.curve.y)
    estimate = accuracy.estimate or 0.0
    if estimate >= target:
        here = n / n_classes
        said = reason("target", "reached", wanted=target)
        if accuracy.low < target:
            said = reason("target", "about-reached", estimate=estimate, low=accuracy.low)
        return _target(target, here, here, "reached", said)
    needed = np.maximum(ahead.needed(target), n)
    never = float((needed > BEYOND * n).mean())
    if never > 0.5:
        return _target(target, None, None, "no", reason("target", "no", wanted=target))
    low, high = (float(v) / n_classes for v in np.quantile(needed, [0.05, 0.95], method="lower"))
    if never > 0.05:
        said = reason("target", "uncertain", wanted=target, least=_round(low))
        return _target(target, low, None, "uncertain", said)
    code = "far" if high * n_classes > AHEAD[-1] * n else "yes"
    said = reason("target", code, wanted=target, least=_round(low), most=_round(high))
    return _target(target, low, high, "yes", said)


def class_gains(curve: Curve, classes: Sequence[str]) -> list[ClassGain]:
    """Order classes by what more of their examples would bring.

    That is where mistakes are left, more so where the last doubling of examples has brought them down.
    """
    counts = np.bincount(curve.y, minlength=len(classes))
    last = np.nan_to_num(np.array([curve.of_class(c)[-1] for c in range(len(classes))]))
    mistakes = last * counts
    total = max(float(mistakes.sum()), 1e-12)
    gains = []
    for number, label in enumerate(classes):
        gain = _last_doubling(curve.sizes, curve.of_class(number))
        gains.append(ClassGain(label, float(mistakes[number] / total), gain))
    return sorted(gains, key=lambda gain: -gain.share * (1.0 if (gain.gain or 0.0) > 0 else 0.5))


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


def growth_reason(ahead: Forecast, n_classes: int) -> Reason:
    """Return what twice as many examples would bring."""
    n = len(ahead.curve.y)
    low, high = ahead.band(2.0 * n)
    return reason(
        "amount",
        growth(ahead),
        twice=_round(2.0 * n / n_classes),
        low=1.0 - high,
        high=1.0 - low,
        now=1.0 - float(ahead.curve.mean[-1]),
    )


def _round(n: float) -> int:
    """Return a count as a person would say it: two digits are all that is known."""
    if n < 20:
        return int(np.ceil(n))
    scale = 10 ** max(int(np.floor(np.log10(n))) - 1, 0)
    return int(np.ceil(n / scale) * scale)
