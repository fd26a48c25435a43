"""Which function makes the graph of which kind of base, found by the name that stands on the card."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol, cast

from headstart._optional import require
from headstart.bases.card import Base
from headstart.errors import ParameterError


class Builder(Protocol):
    """Makes a base ready to run from the files its card names.

    Writes ``encoder.onnx`` (and ``tokenizer.json`` for text; what converts weights keeps them beside, see
    `headstart.bases.store`) into the folder `target`; `members` maps each role of the card to a verified
    file. Returns the names of the classes in the order of the output ``logits``, or None where the base has
    none. Reads nothing else and uses no network.
    """

    def __call__(self, members: Mapping[str, Path], base: Base, target: Path) -> Sequence[str] | None:
        """Build `base` into `target`."""
        ...


# Name on the card -> (module, version). Raise the version when the numbers that come out change, so
# that prepared bases on people's machines are built anew. Every module has one function, `build`.
_GRAPHS = "headstart.bases.graphs."
# These convert the weights of a library with that library, which only the upper room may import: it is
# reached by name, when such a base is made ready, and never to use one.
_TUNED = "headstart.finetune."
CONVERTED: Mapping[str, tuple[str, ...]] = {
    "timm": ("torch", "timm"),
    "transformers_text": ("torch", "transformers"),
    "transformers_audio": ("torch", "transformers"),
}
BUILDERS: Mapping[str, tuple[str, int]] = {
    "efficientnet": (_GRAPHS + "efficientnet", 2),
    "bert": (_GRAPHS + "bert", 2),
    "nano_e5": (_GRAPHS + "nano_e5", 1),
    "use_multilingual": (_GRAPHS + "use_multilingual", 1),
    "wordllama": (_GRAPHS + "wordllama", 1),
    "adapt_image": (_GRAPHS + "adapt_image", 1),
    "adapt_text": (_GRAPHS + "adapt_text", 1),
    "whisper": (_GRAPHS + "whisper", 1),
    "speech_embedding": (_GRAPHS + "speech_embedding", 1),
    "yamnet": (_GRAPHS + "yamnet", 1),
    "adapt_audio": (_GRAPHS + "adapt_audio", 1),
    "whisper_hub": (_GRAPHS + "whisper_hub", 1),
    "timm": (_TUNED + "hub_images", 1),
    "transformers_text": (_TUNED + "hub_texts", 1),
    "transformers_audio": (_TUNED + "hub_sounds", 1),
}


def check_builder(base: Base) -> str | None:
    """Return what is wrong with the card's builder, or None."""
    if base.builder in BUILDERS:
        return None
    near = get_close_matches(base.builder, BUILDERS, n=1, cutoff=0.4)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"builder must be one of {', '.join(BUILDERS)}; found {base.builder!r}{meant}"


def builder_version(base: Base) -> int:
    """Return the version of the builder of `base`."""
    _known(base)
    return BUILDERS[base.builder][1]


def get_builder(base: Base) -> Builder:
    """Import the builder of `base` (this loads the graph library).

    Raises
    ------
    MissingExtraError
        When it converts weights and the libraries for that are missing.
    """
    _known(base)
    for library in CONVERTED.get(base.builder, ()):
        require(library, "finetune", f"convert the weights of {base.name}")
    module = importlib.import_module(BUILDERS[base.builder][0])
    return cast(Builder, module.build)


def _known(base: Base) -> None:
    problem = check_builder(base)
    if problem:
        raise ParameterError(f"The card of {base.name}: {problem}.", "Mend the card.")
