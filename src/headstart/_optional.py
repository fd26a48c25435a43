"""One message for a part that is not installed."""

from __future__ import annotations

import importlib
from types import ModuleType

from headstart.errors import MissingExtraError


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional module, or say exactly how to get it.

    Parameters
    ----------
    module
        Dotted name to import.
    extra
        The extra of headstart that brings it.
    purpose
        What it is needed for, completing "… is needed to".

    Raises
    ------
    MissingExtraError
        When the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{module} is needed to {purpose} and is not installed.",
            f"Install it with: pip install 'headstart[{extra}]'",
        ) from error
