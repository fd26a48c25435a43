"""Reports as one self-contained page: opens offline, reads on a phone, asks the network for nothing.

Names are loaded when first used, so that nobody pays for templates who does not render one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.report.compared import render_comparison
    from headstart.report.pages import render_advice, render_training

__all__ = ["render_advice", "render_comparison", "render_training"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'headstart.report' has no attribute {name!r}")
    import importlib

    home = "compared" if name == "render_comparison" else "pages"
    return getattr(importlib.import_module(f"headstart.report.{home}"), name)
