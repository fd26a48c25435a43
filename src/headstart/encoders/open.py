"""Make a prepared base runnable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.encoders.encoder import Encoder
from headstart.types import Modality

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
    # Each modality brings its own decoders; a text model does not pay for those of pictures.
    if spec.modality == Modality.IMAGE:
        from headstart.encoders.image import ImageEncoder

        return ImageEncoder(spec, threads=threads)
    if spec.modality == Modality.TEXT:
        from headstart.encoders.text import TextEncoder

        return TextEncoder(spec, threads=threads)
    from headstart.encoders.audio import AudioEncoder

    return AudioEncoder(spec, threads=threads)
