"""Tell a value that stands for "nothing here" from one that says something."""

from __future__ import annotations

from typing import Any

import numpy as np

# Types whose only value is "missing", named so that neither pandas nor pyarrow needs to be imported.
_MISSING_TYPES = frozenset({"NAType", "NaTType", "NullScalar"})


def is_missing(value: Any) -> bool:
    """Tell whether a value from a table or a Python sequence stands for a missing one.

    True for None, NaN (of Python, NumPy and `decimal`), NaT, pandas' NA, a masked element, a null scalar of
    pyarrow, and a text that is empty or blank. Containers and arrays are values, not missing ones.
    """
    if value is None or value is np.ma.masked:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, bytes | bytearray | memoryview | np.ndarray | list | tuple | dict | set):
        return False
    if getattr(value, "shape", ()):  # a tensor, or an array of another library
        return False
    if type(value).__name__ in _MISSING_TYPES or getattr(value, "is_valid", True) is False:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    try:
        return bool(value != value)  # only NaN differs from itself
    except (TypeError, ValueError):
        return False
