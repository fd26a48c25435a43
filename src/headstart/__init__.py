"""Bring a few hundred of your own examples; get a working, honestly measured model in minutes.

The names below are the public surface; everything else may change without notice. They are loaded when
first used, so that importing headstart costs nothing.
"""

from __future__ import annotations

import sys

from headstart._version import __version__

TYPE_CHECKING = False  # as typing has it; importing typing would double the time that this takes
if TYPE_CHECKING:
    from typing import Any

    from headstart.assistant.assistant import Assistant, load_assistant
    from headstart.assistant.building import assist
    from headstart.defects.drift import DriftTest
    from headstart.errors import HeadstartError
    from headstart.finetune.config import FinetuneConfig
    from headstart.model import Model
    from headstart.sklearn import Encoder, TransferClassifier
    from headstart.sklearn_regressor import TransferRegressor
    from headstart.types import Dataset, Example, Modality, Prediction, Problem
    from headstart.workflows import (
        check,
        compare,
        evaluate,
        export,
        list_bases,
        load,
        load_model,
        predict_many,
        review,
        suggest,
        train,
        watch,
    )
    from headstart.workflows.result import TrainingResult

_HOME = {
    "Assistant": "assistant.assistant",
    "Dataset": "types",
    "DriftTest": "defects.drift",
    "Encoder": "sklearn",
    "Example": "types",
    "FinetuneConfig": "finetune.config",
    "HeadstartError": "errors",
    "Modality": "types",
    "Model": "bundle",  # which gives it the ways to be saved, loaded and pushed
    "Prediction": "types",
    "Problem": "types",
    "TrainingResult": "workflows.result",
    "TransferClassifier": "sklearn",
    "TransferRegressor": "sklearn_regressor",
    "assist": "assistant.building",
    "check": "workflows",
    "compare": "workflows",
    "evaluate": "workflows",
    "export": "workflows",
    "list_bases": "workflows",
    "load": "workflows",
    "load_assistant": "assistant.assistant",
    "load_model": "workflows",
    "predict_many": "workflows",
    "review": "workflows",
    "suggest": "workflows",
    "train": "workflows",
    "watch": "workflows",
}

__all__ = [
    "Assistant",
    "Dataset",
    "DriftTest",
    "Encoder",
    "Example",
    "FinetuneConfig",
    "HeadstartError",
    "Modality",
    "Model",
    "Prediction",
    "Problem",
    "TrainingResult",
    "TransferClassifier",
    "TransferRegressor",
    "__version__",
    "assist",
    "check",
    "compare",
    "evaluate",
    "export",
    "list_bases",
    "load",
    "load_assistant",
    "load_model",
    "predict_many",
    "review",
    "suggest",
    "train",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'headstart' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"headstart.{_HOME[name]}"), name)
    globals()[name] = value
    return value


class _Package(type(sys)):  # type: ignore[misc]  # the type of modules, without importing types
    """Keeps `export` a function: importing the package of that name would put the module in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOME or not isinstance(value, type(sys)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted(__all__)
