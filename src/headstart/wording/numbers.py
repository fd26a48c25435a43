"""Figures as each language writes them."""

from __future__ import annotations

from dataclasses import dataclass

HUNDRED = "100*"
"""What stands before the format of a share that is told of a hundred: ``{low:100*.0f}``."""
_NARROW = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a language writes numbers.

    Attributes
    ----------
    decimal, group
        The marks before decimals and between thousands.
    before_percent
        What stands between a number and its percent sign in running text.
    """

    decimal: str
    group: str
    before_percent: str = ""

    def write(self, value: object, form: str) -> str:
        """Return a value in a format of Python, with the marks of the language."""
        if form.startswith(HUNDRED) and isinstance(value, int | float):
            return self.write(100 * value, form.removeprefix(HUNDRED))
        text = format(value, form)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return text
        text = text.translate({ord(","): self.group, ord("."): self.decimal})
        return text.replace("%", f"{self.before_percent}%")

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share in percent, never rounding a doubt or a chance away."""
        edge = 0.5 * 10.0 ** -(digits + 2)
        if 1 - edge <= share < 1:
            text = f">{self.write(100 - 10.0**-digits, f'.{digits}f')}"
        elif 0 < share < edge:
            text = f"<{self.write(10.0**-digits, f'.{digits}f')}"
        else:
            text = self.write(100 * share, f".{digits}f")
        return f"{text}{_NARROW}%"


_ENGLISH = Numbers(".", ",")
_NUMBERS = {"en": _ENGLISH, "de": Numbers(",", ".", "\N{NO-BREAK SPACE}")}


def numbers_of(language: str) -> Numbers:
    """Return how a language writes numbers; as English where that is not known."""
    return _NUMBERS.get(language, _ENGLISH)
