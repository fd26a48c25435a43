"""What the loop needs to know of a model that can be tuned, whatever it listens to or looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from headstart.types import EncoderSpec

    Activations: TypeAlias = Tensor | tuple[Tensor, ...]
    """What stands between two stages; the first axis of every tensor counts examples."""


class Tunable(Protocol):
    """A base as a torch module, cut into stages.

    Attributes
    ----------
    spec
        The prepared base that it starts from.
    module
        Gives the numbers of the spec's graph to 1e-4. Always run in eval mode: batch normalisation keeps its
        statistics (or is folded into the convolutions, which saves passes over memory), nothing is dropped.
    stages
        Names, input side first: the unit of depth, of learning-rate decay, of caching and of comparison.
    width
        Length of one embedding.
    fresh
        Whether it starts from random weights: then its normalisation is trained too, in train mode.
    at_once
        With how many examples together a processor runs the lower stages quickest without gradients. Pictures
        are large there and keep to the processor's cache only few at a time: the lower half of
        efficientnet_lite0 takes 2.0 ms a picture two by two and 6.6 ms in batches of 32.
    """

    spec: EncoderSpec
    module: nn.Module
    stages: tuple[str, ...]
    width: int
    fresh: bool
    at_once: int

    def stage_of(self, parameter_name: str) -> int:
        """Return to which stage a parameter of `module` belongs; parameters outside all stages give -1."""
        ...

    def collate(self, inputs: Sequence[Any], *, rng: np.random.Generator | None, flip: bool = True) -> Any:
        """Make a batch of decoded inputs (see `headstart.finetune.inputs`).

        Parameters
        ----------
        rng
            None prepares exactly as the encoder does. Otherwise the inputs are varied a little, as fits their
            kind, and the same generator state gives the same variation.
        flip
            Whether pictures may be mirrored when varied.
        """
        ...

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run the stages from `start` to before `stop`.

        ``run(batch, 0, k)`` gives `Activations` that ``run(activations, k)`` takes. With `stop` None the
        result is a dict of the outputs that a head may see, one row per example: ``embedding`` and whatever
        ``layer_*`` outputs the spec has. An output that is ready before `start` travels with the activations.
        """
        ...

    def pooled(self, activations: Any) -> Tensor:
        """Return one row per example: the mean over places of what stands between two stages."""
        ...

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return what the base's own classifier says of embeddings; None where it has none."""
        ...

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph (and tokenizer) with these weights into `folder`, with all outputs of the spec.

        The new spec has a fingerprint of its own and the name ``<base>-tuned``.
        """
        ...
