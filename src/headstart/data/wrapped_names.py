"""Take the name of a file out of what programs write around it: quotes, formulas, Markdown, HTML, records."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

_QUOTED = re.compile(
    r"""(?:"([^"]+)"|'([^']+)'|`([^`]+)`|“([^”]+)”|‘([^’]+)’|«\s*([^»]+?)\s*»|<([^<>\s]+)>)"""
)
_FORMULA = re.compile(r"""=\s*(?:\w+\.)*(?:IMAGE|HYPERLINK)\(\s*"([^"]+)".*\)""", re.IGNORECASE | re.DOTALL)
_MARKDOWN = re.compile(r"""!\[[^\]]*\]\(\s*<?([^)>"]+?)>?(?:\s+"[^"]*")?\s*\)""")
_HTML = re.compile(
    r"""<(?:img|audio|source|a)\s[^>]*?\b(?:src|href)\s*=\s*["']?([^"'>]+)["']?[^>]*>(?:.*</\w+>)?""",
    re.IGNORECASE,
)
_RECORD = re.compile(
    r"""\{\s*(?:['"]bytes['"]\s*:.*|['"]path['"]\s*:\s*(?:'[^']*'|"[^"]*"|None|null)\s*(?:,\s*['"]bytes['"].*)?"""
    r"""|['"]src['"]\s*:[^{}]*['"](?:height|width|type)['"]\s*:[^{}]*)\}""",
    re.DOTALL,
)
_PATH = re.compile(r"""['"](?:path|src)['"]\s*:\s*(?:'([^']+)'|"([^"]+)")""")
_DATA_URI = re.compile(r"data:(?:image|audio)/[\w.+-]+(?:;[\w=.+-]+)*,", re.IGNORECASE)
_LONGEST = 1024
_RECORD_END = 4096


def unwrapped(cell: str) -> str:
    """Return the name within quotes, a formula, Markdown, HTML or a record; else the whole cell."""
    text = cell.strip()
    if text[:1] == "{":
        return _of_record(text)
    if len(text) > _LONGEST or text[:1] not in "\"'`“‘«<=!":
        return text
    for pattern in (_FORMULA, _MARKDOWN, _HTML, _QUOTED):
        matched = pattern.fullmatch(text)
        if matched is not None:
            return next(group for group in matched.groups() if group is not None).strip()
    return text


def is_record(cell: str) -> bool:
    """Tell the ``{'bytes': …, 'path': …}`` that a CSV file of Hugging Face holds for a picture or a sound."""
    return cell[:1] == "{" and _RECORD.fullmatch(cell.strip()) is not None


def data_uri(text: str) -> bytes | None:
    """Return what a ``data:image/png;base64,…`` holds; None where it is none, or damaged."""
    matched = _DATA_URI.match(text.lstrip())
    if matched is None:
        return None
    head, content = matched.group(), text.lstrip()[matched.end() :]
    raw = unquote_to_bytes(content)
    if not head.lower().endswith(";base64,"):
        return raw
    try:
        return base64.b64decode(raw, validate=False) or None
    except (binascii.Error, ValueError):
        return None


def _of_record(text: str) -> str:
    if not is_record(text):
        return text
    # The bytes of a picture may be megabytes, printed; the path stands before or behind them.
    matched = _PATH.search(text[:_LONGEST]) or _PATH.search(text[-_RECORD_END:])
    return text if matched is None else str(matched[1] or matched[2])
