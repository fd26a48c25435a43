"""What the transformers have in common whose weights are read back out of the prepared graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from headstart.finetune.graph_weights import GraphWeights

if TYPE_CHECKING:
    from headstart.types import EncoderSpec

HIDDEN = -1e9
"""Added to the attention of what is padding."""


class Weights(Protocol):
    """What was read: arrays as the library's network names them."""

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """Name to array."""
        ...


Read = TypeVar("Read", bound=Weights)


class TransformerOfGraph(Generic[Read]):
    """Opens the network of a prepared base; the kinds say how to read it, to make it and to run it.

    Parameters
    ----------
    spec
        The prepared base.
    random_start
        Whether to start from random weights.
    seed
        Decides the random weights.
    """

    at_once = 64

    def __init__(self, spec: EncoderSpec, *, random_start: bool = False, seed: int = 0) -> None:
        self.spec = spec
        self.fresh = random_start
        self.width = spec.width
        self._read = self._read_graph(GraphWeights(spec.files["encoder"]))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = self._network(self._read).eval()
        if not random_start:
            state = {name: torch.from_numpy(array) for name, array in self._read.arrays.items()}
            self.module.load_state_dict(state)

    def _read_graph(self, graph: GraphWeights) -> Read:
        """Read the weights and the shape of the network."""
        raise NotImplementedError

    def _network(self, read: Read) -> Any:
        """Build the library's network; its weights are random."""
        raise NotImplementedError

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return None: these bases name nothing."""
        return None
