"""The rate of false alarms that a person asks for."""

from __future__ import annotations

import math

from headstart.errors import ParameterError


def check_rate(rate: float) -> float:
    """Return a rate of false alarms that may be asked for.

    Raises
    ------
    ParameterError
        When it is no share.
    """
    if not 0 < rate <= 0.5:
        raise ParameterError(
            f"The rate of false alarms must be above 0% and at most 50%, got {rate:.4g} ({100 * rate:.4g}%).",
            "Write it as --false-alarms 0.05 (false_alarms=0.05 in Python).",
        )
    return rate


def parse_rate(text: str) -> float:
    """Read ``5%``, ``5 %`` or ``0.05``.

    Raises
    ------
    ParameterError
        When it is no share.
    """
    bare = text.strip()
    try:
        rate = float(bare.removesuffix("%").replace(",", ".")) / (100 if bare.endswith("%") else 1)
    except ValueError:
        rate = math.nan
    if math.isnan(rate):
        raise ParameterError(
            f"The rate of false alarms must be a share such as 5% or 0.05, got {text!r}.",
            "Write it as --false-alarms 5%.",
        )
    return check_rate(rate)
