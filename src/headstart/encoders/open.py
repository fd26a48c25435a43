"""Make a prepared base runnable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.encoders.encoder import Encoder
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.types import EncoderSpec

__all__ = ["Encoder", "open_encoder"]


def open_encoder(spec: EncoderSpec, *, threads: int | None = None) -> Encoder:
    """Return the encoder of a prepared base. Nothing is read until it is first used.

    Parameters
    ----------
    spec
        From `headstart.bases.store.prepare` or a saved model.
    threads
        Threads to decode and run with; ``HEADSTART_THREADS`` or all cores where not given.

    Examples
    --------
    >>> encoder = open_encoder(spec)  # doctest: +SKIP
    >>> encoder.encode(["a.jpg", "b.jpg"]).vectors.shape  # doctest: +SKIP
    (2, 1280)
    """
    encoder: Encoder = kind_of(spec.modality).require("encoder", "run a base model")(spec, threads=threads)
    return encoder
