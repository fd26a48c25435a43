"""From sources to decoded inputs, exactly as the encoders prepare them before their graph runs.

| modality | one decoded input |
| --- | --- |
| image | ``(size, size, 3)`` uint8 |
| text | ``(tokens,)`` int64, with the special tokens |
| audio | ``(windows, samples)`` float32 |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.encoders.open import open_encoder
from headstart.execution import Phase, Progress, ProgressCallback, ThreadExecutor, silent
from headstart.finetune.held import Held
from headstart.finetune.memory import allowance, room_for_inputs
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.types import EncoderSpec, Source


def decode_inputs(
    spec: EncoderSpec,
    sources: Sequence[Source],
    *,
    memory: int | None = None,
    progress: ProgressCallback = silent,
) -> Sequence[Any]:
    """Decode inputs for a base, in threads; what there is no room for waits in a passing file.

    Parameters
    ----------
    memory
        Bytes that tuning may take in all; None for most of what is free. A share of them is for the inputs.

    Raises
    ------
    SourceError
        When an input cannot be read. Training has dropped those before.
    StorageError
        When memory is too small for the inputs and the disk of the cache too.
    """
    decode = input_decoder(spec)
    decoded = Held(room_for_inputs(allowance(memory)), current().cache)
    for value in ThreadExecutor(current().threads, ahead=current().threads).map(decode, sources):
        decoded.append(value)
        progress(Progress("reading again, to vary", len(decoded), len(sources), phase=Phase.ADAPTING))
    return decoded


def input_decoder(spec: EncoderSpec) -> Callable[[Source], Any]:
    """Return what decodes one input for a base."""
    encoder = open_encoder(spec)

    def decode(source: Source) -> Any:
        return np.asarray(encoder.cut(encoder.decode(source)))

    return decode
