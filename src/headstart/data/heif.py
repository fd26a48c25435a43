"""Open HEIC and HEIF photos, as iPhones and many Android phones make them."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from headstart.data.phone import phone_library

if TYPE_CHECKING:
    from PIL import Image


class HeifPhoto:
    """A photo whose size is known and whose pixels are not decoded yet.

    Of several pictures in a file (a burst, a sequence, a depth map beside the photo) it is the one that the
    file calls its primary. The library turns and mirrors it as the file says, so its EXIF data, which may say
    the same once more, are not looked at.
    """

    def __init__(self, handle: IO[bytes]) -> None:
        library = phone_library("heic")
        handle_file = library.HeifFile(handle)
        self._photo = handle_file[handle_file.primary_index]

    @property
    def width(self) -> int:
        """Pixels across, upright."""
        return int(self._photo.size[0])

    @property
    def height(self) -> int:
        """Pixels down, upright."""
        return int(self._photo.size[1])

    def decoded(self) -> Image.Image:
        """Decode it, 10 and 12 bits scaled to 8."""
        picture: Image.Image = self._photo.to_pillow()
        picture.info = {}
        return picture
