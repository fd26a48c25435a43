"""Read a manifest of any format that a headstart ever wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from headstart._version import __version__
from headstart.bundle.formats import v1
from headstart.bundle.manifest import FORMAT_VERSION, Manifest, parse_json
from headstart.errors import BundleError, BundleVersionError, CorruptBundleError

_VERSION = re.compile(r"\d+(\.\w+){0,5}")


def parse(content: bytes, where: str) -> Manifest:
    """Read the bytes of a manifest of any format that this version knows.

    Raises
    ------
    BundleVersionError
        When a newer headstart wrote it.
    CorruptBundleError
        When it is not a manifest; names the field.
    """
    table = parse_json(content, where)
    version = table.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise CorruptBundleError(
            f"{where}: format_version must be a whole number from 1 up, found {version!r}.",
            "The file is not the manifest of a headstart model, or it was changed; restore it from a copy.",
        )
    if version > FORMAT_VERSION:
        raise _from_the_future(table, version, where)
    return v1.read(table, where)


def _from_the_future(table: Mapping[str, Any], version: int, where: str) -> BundleError:
    writer = table.get("headstart")
    known = isinstance(writer, str) and len(writer) < 40 and _VERSION.fullmatch(writer) is not None
    wanted = f"'headstart>={writer}'" if known else "headstart"
    return BundleVersionError(
        f"{where} has format {version}, written by headstart {writer if known else '(unknown version)'}; "
        f"this is headstart {__version__}, which reads formats up to {FORMAT_VERSION}.",
        f"Upgrade with: pip install --upgrade {wanted}",
    )
