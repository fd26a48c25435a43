"""How large a picture is, without decoding it."""

from __future__ import annotations

import os
from typing import IO

from PIL.Image import Transpose

from headstart.data import exif
from headstart.data.heif import HeifPhoto
from headstart.data.image import OPENERS
from headstart.data.metadata import without_metadata
from headstart.data.quiet import quietly
from headstart.data.sniff import IMAGE_KINDS, open_regular, rejection, sniff_handle
from headstart.errors import SourceError
from headstart.types import Modality

_SIDEWAYS = (Transpose.ROTATE_90, Transpose.ROTATE_270, Transpose.TRANSPOSE, Transpose.TRANSVERSE)


def picture_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return width and height of a picture as a person sees it: upright.

    Raises
    ------
    SourceError
        When it is no picture or cannot be opened.
    """
    with open_regular(path) as handle:
        kind = sniff_handle(handle)
        if kind not in IMAGE_KINDS:
            raise rejection(kind, Modality.IMAGE)
        try:
            return _size(handle, kind)
        except SourceError:
            raise
        except Exception as error:  # as in `headstart.data.image`: whatever the bytes provoke
            bare = without_metadata(handle, kind)
            if bare is None:
                raise SourceError("It is damaged; save or download it again.") from error
            return _size(bare, kind)


def _size(handle: IO[bytes], kind: str) -> tuple[int, int]:
    if kind == "heic":
        photo = HeifPhoto(handle)
        return photo.width, photo.height
    with quietly(), OPENERS[kind](handle) as image:
        turned = exif.transposition(image.info.get("exif")) in _SIDEWAYS
        return (image.height, image.width) if turned else (image.width, image.height)
