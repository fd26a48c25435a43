"""Say how something is asked for: by a flag on the command line, by an argument in Python.

What an error advises is written once, as the command line has it, with what Python has behind it where the
two differ by more than their form: ``--kind text (modality='text' in Python)``.
"""

from __future__ import annotations

import re

_ARGUMENTS = {
    "kind": "modality",
    **{name.replace("_", "-"): name for name in ("input_column", "label_column", "group_column")},
    "false-alarms": "false_alarms",
    "input-size": "input_size",
    "smallest-defect": "smallest_defect",
    **{
        name: name
        for name in ("heatmaps", "groups", "target", "layout", "split", "base", "head", "method", "measure")
    },
}
"""Flags that say how examples are read and what is trained, and what Python calls them; others stay."""

_SWITCHES = {"no-cache": "use_cache=False"}
# Words of a sentence that goes on after a flag, which are no values.
_NO_VALUES = (
    "away|and|or|is|are|to|in|with|instead|says?|for|on|too|takes|does|can|must|where|as|of|the|a|an|it"
)
_FLAG = rf"""--([a-z][a-z-]*)(?:[ =](?!(?:{_NO_VALUES})\b)('[^']*'|"[^"]*"|[\w/-]+(?:\.[\w/-]+)*))?"""
_FLAGGED = re.compile(_FLAG)
_BOTH = re.compile(rf"{_FLAG} \(([^()]*(?:\([^()]*\))?[^()]*?),? in Python\)")


def in_python(text: str) -> str:
    """Return a sentence with the arguments of Python in place of flags."""
    return _FLAGGED.sub(_argument, _BOTH.sub(lambda found: found[3], text)) if "--" in text else text


def on_command_line(text: str) -> str:
    """Return a sentence with the flags alone."""
    return _BOTH.sub(lambda found: found[0][: found.start(3) - found.start() - 2], text)


def _argument(found: re.Match[str]) -> str:
    flag, value = found[1], found[2]
    if flag in _SWITCHES:
        return _SWITCHES[flag] + (f" {value}" if value else "")
    name = _ARGUMENTS.get(flag)
    if name is None:
        return found[0]
    return name if value is None else f"{name}={value.strip(chr(39) + chr(34))!r}"
