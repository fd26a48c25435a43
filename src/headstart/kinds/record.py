"""What a kind of data is: one record that the rest of the house asks instead of the kind's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Part:
    """A function or class of this kind, named by its place and imported when it is first used.

    A record stands below the modules that it points to, and a model for texts must not pay for the decoders
    of pictures.

    Parameters
    ----------
    place
        ``package.module:name``.
    """

    place: str

    def load(self) -> Any:
        """Import it."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(module), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Import it and call it."""
        return self.load()(*arguments, **options)


@dataclass(frozen=True, slots=True)
class Words:
    """What a person calls examples of a kind.

    Attributes
    ----------
    one, many
        ``photo``, ``photos``.
    inputs
        What a model of this kind takes, said more widely: ``photos and other pictures``.
    new
        What to type for a new one on the command line.
    example
        One in the code of a model's card.
    field
        A new one as a field of an HTTP form, as curl takes it.
    explained
        How the parts that decided an answer were found.
    probe
        What the probe set is that forgetting is measured on.
    """

    one: str
    many: str
    inputs: str
    new: str
    example: str
    field: str
    explained: str
    probe: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data.

    Attributes
    ----------
    name
        As it stands in manifests, cards and options.
    words
        What a person calls it.
    task
        The name that model hubs have for telling classes of it apart.
    encoder
        Called with a spec and ``threads=``: makes a prepared base runnable.
    simple_features
        Called with ``threads=``: the encoder of simple features, without any base.
    explain
        Called with a model, an input and a class or None: where in the input the answer comes from. What it
        returns has a ``to_dict``.
    probe
        Called with ``rate=``: the inputs of the probe set.
    made_inputs
        Called without arguments: inputs of many sizes, to compare a model with what was exported from it.
    sample
        A small input, to run a model once before the first real one.
    trial
        Called with a card and a random generator: what to feed the graph of a base to see whether it runs.
    file_suffix
        The ending of an example file; empty where an input is given as it is.
    most_bytes
        The largest file that the app and the server take.
    usual_seconds
        What reading and embedding one example takes on a usual computer: a first guess of how long it lasts.
    finetuning
        Defaults of `FinetuneConfig` for this kind.
    mirrored
        Whether an example seen in a mirror is still one.
    """

    name: str
    words: Words
    task: str
    encoder: Part
    simple_features: Part
    explain: Part
    probe: Part
    made_inputs: Part
    sample: Part
    trial: Part
    file_suffix: str
    most_bytes: int
    usual_seconds: float
    finetuning: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    mirrored: bool = False
