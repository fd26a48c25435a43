"""Read Markdown: it becomes a web page, as everywhere else, and that is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from headstart._optional import require
from headstart.data.text import clean, decode_bytes
from headstart.documents.blocks import Draft
from headstart.documents.web_page import read_markup

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^\w[\w -]*:", re.MULTILINE)
_TITLE = re.compile(r"""^title:[ \t]*["']?(.+?)["']?[ \t]*$""", re.MULTILINE | re.IGNORECASE)
_HEADING_NAME = re.compile(r"[^\w\- ]")


def read_markdown(content: bytes) -> Draft:
    """Read the bytes of a Markdown file; marks of lists stay as they are written.

    Raises
    ------
    SourceError
        When it holds no text.
    """
    text, note = decode_bytes(content)
    text, title = _without_front(clean(text))
    module = require("markdown_it", "documents", "read Markdown")
    parser = module.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    _name_headings(tokens)
    _write_marks(tokens)
    draft = read_markup(parser.renderer.render(tokens, parser.options, {}))
    draft.title = title or draft.title
    if note:
        draft.notes.append(note)
    return draft


def _without_front(text: str) -> tuple[str, str]:
    """Take off the fields between two lines of dashes at the top, and return the title among them."""
    front = _FRONT.match(text)
    if front is None or not _FIELD.search(front[1]):
        return text, ""
    title = _TITLE.search(front[1])
    return text[front.end() :], title[1] if title else ""


def _name_headings(tokens: Sequence[Any]) -> None:
    """Give headings the names by which pages of code hosts and of site generators link to them."""
    seen: Counter[str] = Counter()
    for token, inner in pairwise(tokens):
        if token.type == "heading_open":
            said = "".join(child.content for child in inner.children or ())
            name = _HEADING_NAME.sub("", said.lower()).strip().replace(" ", "-")
            seen[name] += 1
            token.attrSet("id", name if seen[name] == 1 else f"{name}-{seen[name] - 1}")


def _write_marks(tokens: Sequence[Any]) -> None:
    """Put the number or bullet of a list item, as it is written, before its first words."""
    mark = ""
    for token in tokens:
        if token.type == "list_item_open":
            mark = f"{token.info}{token.markup} "
        elif token.type == "inline" and mark:
            first = token.children[0] if token.children else None
            if first is not None and not _is_bold_alone(token):
                first_text = type(first)("text", "", 0, content=mark)
                token.children.insert(0, first_text)
            mark = ""
        elif token.type in ("list_item_close", "fence", "code_block", "html_block"):
            mark = ""


def _is_bold_alone(inline: Any) -> bool:
    """Tell an item that is a heading written as a list item in bold."""
    kinds = [child.type for child in inline.children if child.type != "text" or child.content.strip()]
    return kinds[:1] == ["strong_open"] and kinds[-1:] == ["strong_close"] and kinds.count("strong_open") == 1
