"""The jobs a person has: load, train, predict, evaluate, look after base models.

Each surface (command line, Python, later the web app) calls these; they take a progress callback and print
nothing. Names are loaded when first used, so that predicting never pays for training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.workflows.catalogue import (
        BaseStatus,
        add_base,
        describe_base,
        get_base,
        list_bases,
        remove_base,
    )
    from headstart.workflows.checking import check
    from headstart.workflows.judging import evaluate
    from headstart.workflows.predicting import load_model, predict
    from headstart.workflows.reading import load
    from headstart.workflows.storing import cache_info, clear_cache
    from headstart.workflows.training import train

_HOME = {
    "BaseStatus": "catalogue",
    "add_base": "catalogue",
    "cache_info": "storing",
    "check": "checking",
    "clear_cache": "storing",
    "describe_base": "catalogue",
    "evaluate": "judging",
    "get_base": "catalogue",
    "list_bases": "catalogue",
    "load": "reading",
    "load_model": "predicting",
    "predict": "predicting",
    "remove_base": "catalogue",
    "train": "training",
}

__all__ = [
    "BaseStatus",
    "add_base",
    "cache_info",
    "check",
    "clear_cache",
    "describe_base",
    "evaluate",
    "get_base",
    "list_bases",
    "load",
    "load_model",
    "predict",
    "remove_base",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'headstart.workflows' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"headstart.workflows.{_HOME[name]}"), name)
