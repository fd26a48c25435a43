"""Recognise the predictions of tags, numbers and defects that headstart wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_NUMBER = ["value"], ["value", "low", "high"]
_DEFECT = ["answer", "defect", "score", "threshold", "p_value", "kind", "box"]
_DIGITS = 6


def is_other_header(names: Sequence[str]) -> bool:
    """Tell the first line of a table of such predictions; see `headstart.data.own` for those of classes."""
    if len(names) < 3 or names[0] != "source" or names[-1] != "error":
        return False
    between = list(names[1:-1])
    between = between[1:] if between[0] == "id" else between
    if not between:
        return False
    return between in _NUMBER or between == _DEFECT or (between[0] == "tags" and len(between) > 1)


def is_other_row(row: Mapping[str, Any]) -> bool:
    """Tell one such prediction in JSON: as a line of ``--out``, or of what ``--json`` prints."""
    names = list(row)
    if names[:1] != ["source"]:
        return False
    said = [name for name in names[1:] if name != "id"]
    if said == ["value"]:  # anybody may call a number so, but nobody writes it with all the digits of a float
        value = row["value"]
        return isinstance(value, float) and round(value, _DIGITS) != value
    return said in _NUMBER or said == _DEFECT or _is_tags(row, said)


def _is_tags(row: Mapping[str, Any], said: Sequence[str]) -> bool:
    if said[:1] != ["tags"] or not isinstance(row["tags"], list) or len(said) < 2:
        return False
    inner = row.get("probabilities")
    shares = list(inner.values()) if isinstance(inner, Mapping) else [row[name] for name in said[1:]]
    return all(isinstance(share, float) and 0 <= share <= 1 for share in shares)
