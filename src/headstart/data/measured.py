"""Read a number that says what it measures in: 50 kg, $5.00, 12 %, 1h30, 7.5/10, 1.2M."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = (
    r"[-+\u2212]?(?:"
    r"\d{1,3}(?:[' \u00a0\u202f]\d{3})+(?:[.,]\d+)?"  # 1'000.50, 1 000,50
    r"|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}"  # 1.000,50
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?"  # 1,000.50
    r"|\d+,\d+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)"
)
_CURRENCY = r"(?:[$€£¥₹₽₩]|US\$|(?i:USD|EUR|GBP|CHF|JPY|CNY|INR|RUB|SEK|Rs\.?))"
_UNIT = (
    r"(?:m|(?i:%|percent|euros?|dollars?|kg|g|mg|lbs?|oz|t|tons?|km|cm|mm|mi|miles?|ft|feet|inch(?:es)?|l|ml|km/h"
    r"|mph|m/s|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|(?:years?|yrs?)(?: old)?"
    r"|jahre?|stunden?|minuten?|tage?|°\s?[cfk]?|kcal|kj|w|kw|kwh|hz|khz|mhz|ghz|kb|mb|gb|tb|px|db|ppm|ms"
    r"|m2|m²|m³|sq\.? ?ft|/\s?(?:5|10|20|100)|out of (?:5|10|20|100)))\.?"
)
_QUANTITY = re.compile(
    rf"(?P<before>(?:{_CURRENCY}|[~≈]|(?i:ca|approx)\.?)\s?)?(?P<number>{_NUMBER})"
    rf"(?:\s?(?P<after>{_CURRENCY}|{_UNIT})"
    rf"|\s?(?P<scale>k|K|M|B|(?i:mio|mn|bn|million|billion)\.?)(?:\s?{_CURRENCY})?)?"
)
_SCALES = {"k": 1e3, "b": 1e9, "bn": 1e9, "billion": 1e9}
_LASTING = re.compile(r"(\d+)\s?h(?:ours?|rs?)?\s?(\d{1,2})(?:\s?m(?:ins?)?)?", re.IGNORECASE)
_ISO_LASTING = re.compile(r"PT?(?=\d)(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_ENDLESS = re.compile(r"[-+]?inf(?:inity)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, whether it says what it measures in, and that as it is written (empty for 1h30)."""

    number: float
    has_unit: bool
    unit: str = ""


def read_quantity(name: str) -> Quantity | None:
    """Return the number that a label is, None where it is none."""
    text = name.strip()
    lasting = _LASTING.fullmatch(text) or _ISO_LASTING.fullmatch(text)
    if lasting:
        return Quantity(sum(int(part or 0) * 60**-place for place, part in enumerate(lasting.groups())), True)
    matched = _QUANTITY.fullmatch(text)
    if matched is None:
        return Quantity(float(text), False) if is_endless(text) else None
    has_unit = any(matched[part] for part in ("before", "scale", "after"))
    scale = matched["scale"]
    factor = _SCALES.get(scale.rstrip(".").lower(), 1e6) if scale else 1.0
    unit = ((matched["before"] or "").strip(" ~≈") + (matched["after"] or "")).strip()
    return Quantity(_value(matched["number"]) * factor, has_unit, unit)


def is_endless(name: str) -> bool:
    """Tell infinity, as programs write it."""
    return _ENDLESS.fullmatch(name.strip()) is not None


def _value(number: str) -> float:
    plain = re.sub(r"[' \u00a0\u202f]", "", number).replace("\u2212", "-")
    if re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}", plain):
        plain = plain.replace(".", "")
    decimal_comma = "," in plain and "." not in plain and not re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+", plain)
    return float(plain.replace(",", "." if decimal_comma else ""))
