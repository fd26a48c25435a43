"""Turn one input, as Python programs hold it, into one that the decoders know.

Nothing is decoded and no pixels are copied here: encoded files stay encoded, arrays and tensors are looked at
in place. No library is imported to recognise its objects; they are told by what they can do.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.arrays import upright
from headstart.data.held import is_pillow
from headstart.data.missing import is_missing
from headstart.data.names import safe_name
from headstart.data.wrapped_names import data_uri
from headstart.errors import ParameterError
from headstart.kinds import holds_samples, is_inline, is_of_files
from headstart.types import Held, Modality, Sound, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

    from headstart.types import Source

_ADDRESS = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://")
TAKEN = (
    "Inputs may be paths, texts, encoded bytes, open files, Pillow images, arrays or tensors of pixels or "
    "samples, (samples, rate) pairs for sounds, and {'bytes', 'path'} or {'array', 'sampling_rate'} as "
    "Hugging Face has them; several of them in a list, an array, a Series or a table (DataFrame, Dataset, "
    "dict of columns, list of rows)."
)
"""What is taken, for those whose input is not."""

_LEAST_RATE = 1000
_FILE_KEYS, _SOUND_KEYS = {"bytes", "path"}, {"array", "sampling_rate"}


def as_source(value: Any, place: int | str, modality: Modality | None) -> Source:
    """Return an input in a form that the decoders know.

    Parameters
    ----------
    value
        Anything that a person may hold; see `TAKEN`.
    place
        Where it stands, for messages.
    modality
        What is wanted; None where that is to be found out.

    Returns
    -------
    Source
        An `Unreadable` where the value is missing (None, NaN, an empty name) or cannot be read.

    Raises
    ------
    ParameterError
        When values of this type are not taken, naming those that are.
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    for convert in _CONVERTERS:
        converted = convert(value, modality)
        if converted is not None:
            return converted
    if hasattr(value, "as_py"):  # a scalar of pyarrow
        return as_source(value.as_py(), place, modality)
    if is_missing(value):
        return Unreadable(f"The input is missing ({value!r}); fill it in or leave it out.")
    raise ParameterError(f"Expected an input at {place}, got {_named(value)}.", _advice(value))


def is_one_input(value: Any) -> bool:
    """Tell whether a value is a single input by its type alone, in whatever form; arrays may be several."""
    if isinstance(value, str | bytes | bytearray | memoryview | os.PathLike | Held):
        return True
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return True
    return (
        is_pillow(value)
        or is_stream(value)
        or is_file_record(value)
        or is_sound_record(value)
        or is_sound_pair(value)
        or _is_audio_decoder(value)
    )


def is_stream(value: Any) -> bool:
    """Tell an open file, or what behaves like one."""
    return callable(getattr(value, "read", None)) and not isinstance(value, os.PathLike)


def is_file_record(value: Any) -> bool:
    """Tell the ``{"bytes", "path"}`` that Hugging Face keeps pictures and sounds in."""
    return isinstance(value, Mapping) and bool(value) and set(value) <= _FILE_KEYS and not _holds_lists(value)


def is_sound_record(value: Any) -> bool:
    """Tell the ``{"array", "sampling_rate"}`` of a decoded sound."""
    return isinstance(value, Mapping) and set(value) >= _SOUND_KEYS and np.ndim(value["sampling_rate"]) == 0


def is_sound_pair(value: Any) -> bool:
    """Tell a sound with its rate: ``(samples, rate)``, or ``(rate, samples)`` as scipy has it.

    A rate is a whole number from 1,000 up, so that a pair of features and a class is none.
    """
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    samples, rate = value if is_array(value[0]) else (value[1], value[0])
    return is_array(samples) and _is_rate(rate) and len(samples.shape) in (1, 2)


def is_array(value: Any) -> bool:
    """Tell an array or tensor of at least one axis, of any library."""
    shape = getattr(value, "shape", None)
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return (
        isinstance(shape, tuple) and len(shape) > 0 and hasattr(value, "__array__") and hasattr(value, "ndim")
    )


def is_tensor(value: Any) -> bool:
    """Tell a tensor of PyTorch, whose pictures have their colours first."""
    return is_array(value) and hasattr(value, "detach")


def as_numpy(value: Any) -> np.ndarray[Any, Any]:
    """Return an array or tensor as NumPy sees it, without a copy where that can be."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if not hasattr(np, str(value.dtype).removeprefix("torch.").replace("bool", "bool_")):
            value = value.float()  # bfloat16, which NumPy does not have
    return np.asarray(value)


def _plain(value: Any, modality: Modality | None) -> Source | None:
    if isinstance(value, Held):
        return value
    if isinstance(value, str):
        content = None if is_inline(modality) else data_uri(value)
        if content is not None:
            return content
        # A blank text is told as one by the reader of texts; a blank name would mean the folder one is in.
        if is_of_files(modality):
            return _named_file(value)
        return str(value)
    if isinstance(value, os.PathLike):
        return Path(os.fsdecode(value))
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


def _named_file(name: str) -> Source:
    if not name.strip():
        return Unreadable("The name is empty; name a file.")
    if name.lstrip()[:5].lower() == "data:":
        return Unreadable(
            "The data URI holds no picture or sound that can be read; make it again.", "damaged"
        )
    if _ADDRESS.match(name):
        return Unreadable(
            f"{safe_name(name[:80])!r} is an address in a network, and headstart fetches nothing from there; "
            "save the file and give its path.",
            "missing",
        )
    return Path(name)


def _pillow(value: Any, modality: Modality | None) -> Source | None:
    return _encoded(value) if is_pillow(value) else None


def _encoded(image: Image) -> Source:
    """Return the file behind an image whose pixels were not loaded yet, else the image itself.

    The file is decoded no larger than needed, and the image the person holds stays as small as it is.
    """
    is_untouched = bool(getattr(image, "tile", ())) and image.tell() == 0
    if not is_untouched:
        return image
    name, behind = getattr(image, "filename", ""), getattr(image, "fp", None)
    if name and Path(os.fsdecode(name)).is_file():
        return Path(os.fsdecode(name))
    if behind is None or getattr(behind, "closed", False):
        return Unreadable("The image was closed before it was loaded; call load() first.", "unreadable")
    return _content(behind, Modality.IMAGE)


def _record(value: Any, modality: Modality | None) -> Source | None:
    if is_sound_record(value):
        return Sound(as_numpy(value["array"]), float(value["sampling_rate"]))
    if not is_file_record(value):
        return None
    content, name = value.get("bytes"), value.get("path")
    if content is not None:
        return bytes(content)
    if name is None:
        return Unreadable("The input is missing (neither bytes nor path); fill it in or leave it out.")
    return Path(name)


def _pair(value: Any, modality: Modality | None) -> Source | None:
    if not is_sound_pair(value):
        return None
    samples, rate = value if is_array(value[0]) else (value[1], value[0])
    return Sound(as_numpy(samples), float(rate))


def _decoder(value: Any, modality: Modality | None) -> Source | None:
    """Take the sounds of torchcodec, which Hugging Face hands out."""
    if not _is_audio_decoder(value):
        return None
    samples = value.get_all_samples() if hasattr(value, "get_all_samples") else value
    return Sound(as_numpy(samples.data), float(samples.sample_rate))


def _stream(value: Any, modality: Modality | None) -> Source | None:
    if not is_stream(value):
        return None
    if inspect.iscoroutinefunction(value.read):  # an upload of an asynchronous server
        value = getattr(value, "file", None)
    return None if value is None else _content(value, modality)


def _content(stream: Any, modality: Modality | None) -> Source:
    """Read a whole file wherever it stands, and leave its position as it was."""
    try:
        content = _read(stream)
    except UnicodeDecodeError:
        return Unreadable(
            "The file is opened as text, which it is not; open it with mode 'rb'.", "unreadable"
        )
    except (OSError, ValueError) as error:
        return Unreadable(f"The file cannot be read ({error}); open it again.", "unreadable")
    if not isinstance(content, str):
        return bytes(content)
    if is_of_files(modality):
        return Unreadable("The file is opened as text; open it with mode 'rb'.", "unreadable")
    return content if is_inline(modality) else content.encode("utf-8", errors="surrogatepass")


def _read(stream: Any) -> Any:
    seekable = getattr(stream, "seekable", None)
    if not (seekable() if callable(seekable) else hasattr(stream, "seek")):
        return stream.read()
    here = stream.tell()
    stream.seek(0)
    try:
        return stream.read()
    finally:
        stream.seek(here)


def _array(value: Any, modality: Modality | None) -> Source | None:
    if not is_array(value):
        return None
    array = as_numpy(value)
    if array.dtype.kind not in "biuf" or (array.ndim == 4 and len(array) > 1) or array.ndim > 4:
        return None
    return array if holds_samples(modality) else upright(array)


def _is_audio_decoder(value: Any) -> bool:
    has_samples = hasattr(value, "sample_rate") and is_array(getattr(value, "data", None))
    # A frame may have columns of these names.
    return (has_samples or hasattr(value, "get_all_samples")) and not hasattr(value, "columns")


def _is_rate(value: Any) -> bool:
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and value >= _LEAST_RATE and float(value).is_integer()


def _holds_lists(record: Mapping[Any, Any]) -> bool:
    return any(isinstance(value, list | tuple | np.ndarray) for value in record.values())


def _named(value: Any) -> str:
    if is_array(value):
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    return type(value).__name__


def _advice(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 2 and is_one_input(value[0]):
        return "These are pairs of an input and a label: separate them, as in inputs, labels = zip(*pairs)."
    if is_array(value) and len(value.shape) == 4:
        return "This is a batch of pictures: join the batches to one array, or list the pictures."
    return TAKEN


_CONVERTERS: tuple[Callable[[Any, Modality | None], Source | None], ...] = (
    _plain, _pillow, _record, _pair, _decoder, _stream, _array,
)  # fmt: skip
"""How each form is recognised and taken, in turn; a new form is one function and one entry."""
