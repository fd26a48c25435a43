"""Runs a freshly built graph once, so that a base that cannot work is refused before it is installed."""

from __future__ import annotations

from pathlib import Path

from headstart._onnxruntime import onnxruntime
from headstart.bases.card import Base
from headstart.errors import CorruptBaseError
from headstart.kinds import kind_of


def try_graph(base: Base, encoder: Path) -> None:
    """Feed the graph two small made-up examples and check what comes out.

    Raises
    ------
    CorruptBaseError
        When it does not run, or its outputs are not those of the card.
    """
    import numpy as np

    runtime = onnxruntime()  # like NumPy not at the top, so that listing bases needs neither
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # its errors are told by the exception
    try:
        session = runtime.InferenceSession(str(encoder), options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        fed = kind_of(base.modality).require("trial", "try a base")(base, np.random.default_rng(0))
        values = session.run(list(base.outputs), fed)
    except Exception as error:  # ONNX Runtime raises a class of its own for each of its states
        reason = " ".join(str(error).split())[:300]
        raise CorruptBaseError(f"The graph of {base.name} does not run: {reason}", _HINT) from error
    shapes = {name: value.shape for name, value in zip(base.outputs, values, strict=True)}
    wanted = {name: (2, width) for name, width in base.outputs.items()}
    if shapes != wanted or names != list(wanted):
        raise CorruptBaseError(
            f"The graph of {base.name} should give {wanted} for two examples, and gives {shapes}.", _HINT
        )
    if not all(np.isfinite(value).all() for value in values):
        raise CorruptBaseError(f"The graph of {base.name} gives values that are no numbers.", _HINT)


_HINT = "The card and the weights do not belong together: mend the outputs, options or recipe of the card."
