"""The jobs a person has: load, train, predict, evaluate, look after base models.

Each surface (command line, Python, later the web app) calls these; they take a progress callback and print
nothing. Names are loaded when first used, so that predicting never pays for training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.workflows.batching import predict_many
    from headstart.workflows.bundles import bundle_info, pack_bundle, unpack_bundle, verify_bundle
    from headstart.workflows.catalogue import (
        BaseStatus,
        PresetPlan,
        add_base,
        describe_base,
        get_base,
        list_bases,
        list_presets,
        remove_base,
    )
    from headstart.workflows.checking import check
    from headstart.workflows.comparing import compare
    from headstart.workflows.describing import describe_data
    from headstart.workflows.explaining import heat_map, weigh_moments, weigh_words
    from headstart.workflows.exporting import export
    from headstart.workflows.judging import evaluate
    from headstart.workflows.predicting import load_model, predict, require_model_first
    from headstart.workflows.reading import load
    from headstart.workflows.reviewing import review
    from headstart.workflows.storing import cache_info, clear_cache
    from headstart.workflows.suggesting import suggest
    from headstart.workflows.thresholds import set_false_alarms, threshold_settings
    from headstart.workflows.training import train
    from headstart.workflows.watching import watch

_HOME = {
    "BaseStatus": "catalogue",
    "PresetPlan": "catalogue",
    "add_base": "catalogue",
    "bundle_info": "bundles",
    "pack_bundle": "bundles",
    "unpack_bundle": "bundles",
    "verify_bundle": "bundles",
    "cache_info": "storing",
    "check": "checking",
    "clear_cache": "storing",
    "compare": "comparing",
    "describe_base": "catalogue",
    "describe_data": "describing",
    "evaluate": "judging",
    "export": "exporting",
    "get_base": "catalogue",
    "heat_map": "explaining",
    "list_bases": "catalogue",
    "list_presets": "catalogue",
    "load": "reading",
    "load_model": "predicting",
    "predict": "predicting",
    "predict_many": "batching",
    "remove_base": "catalogue",
    "require_model_first": "predicting",
    "review": "reviewing",
    "set_false_alarms": "thresholds",
    "suggest": "suggesting",
    "threshold_settings": "thresholds",
    "train": "training",
    "watch": "watching",
    "weigh_moments": "explaining",
    "weigh_words": "explaining",
}

__all__ = [
    "BaseStatus",
    "PresetPlan",
    "add_base",
    "bundle_info",
    "cache_info",
    "check",
    "clear_cache",
    "compare",
    "describe_base",
    "describe_data",
    "evaluate",
    "export",
    "get_base",
    "heat_map",
    "list_bases",
    "list_presets",
    "load",
    "load_model",
    "pack_bundle",
    "predict",
    "predict_many",
    "remove_base",
    "require_model_first",
    "review",
    "set_false_alarms",
    "suggest",
    "threshold_settings",
    "train",
    "unpack_bundle",
    "verify_bundle",
    "watch",
    "weigh_moments",
    "weigh_words",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'headstart.workflows' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"headstart.workflows.{_HOME[name]}"), name)
