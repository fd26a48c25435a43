"""Bytes that are sent as text."""

from __future__ import annotations

import base64
import binascii

from headstart.errors import SourceError


def bytes_of(text: str) -> bytes:
    """Return the bytes that base64 stands for, with or without ``data:…,`` before it.

    Raises
    ------
    SourceError
        When it is no base64: names and addresses of files are never fetched.
    """
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SourceError(
            "It is not base64; encode the bytes of the file, or send the file in a form. Addresses are not "
            "fetched.",
            kind="not_base64",
        ) from error
