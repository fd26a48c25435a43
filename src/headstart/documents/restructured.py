"""Read reStructuredText: plain text with directives, whose marks are taken off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from headstart.data.text import decode_bytes
from headstart.documents.blocks import SEEN_AS_HEADING, Block, Draft
from headstart.documents.plain import plain_blocks
from headstart.documents.plain_text import lines_kept, normal
from headstart.documents.wrapped import indent

_DIRECTIVE = re.compile(r"(\s*)\.\.[ ]+(?:\|[^|]+\|[ ]+)?([\w:-]+)::[ ]*(.*)")
_TARGET = re.compile(r"\s*\.\. _`?([^:`]+)`?:\s*$")
_LINK_TARGET = re.compile(r"\s*(\.\. _.+?:|__) +\S+")
_COMMENT = re.compile(r"\s*\.\.(?=\s|$)(?! \[)")
_OPTION = re.compile(r"\s*:[\w-]+:(\s|$)")
_SHOWN = frozenset(
    {"code", "code-block", "sourcecode", "parsed-literal", "literalinclude", "prompt", "highlight"}
)
_DROPPED = frozenset(
    "image figure contents toctree include raw index meta highlight only default-role role sectnum "
    "tabularcolumns currentmodule module automodule autoclass autofunction graphviz".split()
)
_BOLD_LINE = re.compile(r"(?:[-*+] +)?\*\*([^*\n]{2,120}[^*\n.:,;])\*\*")
_INLINE = (
    (re.compile(r"^\| ?", re.MULTILINE), ""),
    (re.compile(r":[\w:+-]+:`([^`<]*[^`<\s])\s*<[^`>]*>`"), r"\1"),
    (re.compile(r":[\w:+-]+:`[~!]?([^`]*)`"), r"\1"),
    (re.compile(r"``([^`\n]+(?:\n[^`\n]+)?)``"), r"\1"),
    (re.compile(r"`([^`<]*[^`<\s])\s*<[^`>]*>`__?"), r"\1"),
    (re.compile(r"`([^`]+)`__?"), r"\1"),
    (re.compile(r"(?<![\w*])\*\*(\S(?:[^*]*\S)?)\*\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])"), r"\1"),
    (re.compile(r"\|([\w-]+)\|_?"), r"\1"),
)


def read_restructured(content: bytes) -> Draft:
    """Read the bytes of a reStructuredText file."""
    text, note = decode_bytes(content)
    draft = Draft(list(_blocks(normal(text).expandtabs(8).split("\n"))))
    if note:
        draft.notes.append(note)
    return draft


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Yield blocks of prose and of code; code is what is indented below ``::``."""
    levels: dict[str, int] = {}
    prose: list[str] = []
    anchor = ""
    place = 0
    while place < len(lines):
        line = lines[place]
        directive, target = _DIRECTIVE.fullmatch(line), _TARGET.match(line)
        if target:
            yield from _named(_prose(prose, levels), anchor)
            prose, anchor = [], target[1]
        elif directive and directive[2].lower() in _DROPPED | _SHOWN:
            stop = _end(lines, place)
            if directive[2].lower() in _SHOWN:
                yield from _named(_prose(prose, levels), anchor)
                prose, anchor = [], ""
                yield from _code(lines[place + 1 : stop])
            place = stop - 1
        elif directive:  # a note, a warning: its text is text
            prose += ["", directive[3]] if directive[3] else [""]
        elif _LINK_TARGET.match(line) or (prose and _OPTION.match(line) and not prose[-1].strip()):
            pass
        elif _COMMENT.match(line):
            place = _end(lines, place) - 1
        elif line.rstrip().endswith("::"):
            prose.append(line.rstrip()[:-1] if line.strip() != "::" else "")
            stop = _end(lines, place)
            yield from _named(_prose(prose, levels), anchor)
            prose, anchor = [], ""
            yield from _code(lines[place + 1 : stop])
            place = stop - 1
        else:
            prose.append(line)
        place += 1
    yield from _named(_prose(prose, levels), anchor)


def _end(lines: Sequence[str], place: int) -> int:
    """Return where the lines end that are indented more than the one at `place`."""
    own, stop = indent(lines[place]), place + 1
    while stop < len(lines) and (not lines[stop].strip() or indent(lines[stop]) > own):
        stop += 1
    return stop


def _code(lines: Sequence[str]) -> Iterator[Block]:
    kept = [line for place, line in enumerate(lines) if not (_OPTION.match(line) and not any(lines[:place]))]
    least = min((indent(line) for line in kept if line.strip()), default=0)
    text = lines_kept("\n".join(line[least:] for line in kept))
    if text:
        yield Block(text)


def _prose(lines: Sequence[str], levels: dict[str, int]) -> Iterator[Block]:
    for block in plain_blocks("\n".join(lines), levels):
        bold = _BOLD_LINE.fullmatch(block.text)
        if bold and not block.level:
            block = replace(block, text=bold[1], level=SEEN_AS_HEADING)
        text = block.text
        for pattern, kept in _INLINE:
            text = pattern.sub(kept, text)
        yield replace(block, text=text)


def _named(blocks: Iterator[Block], anchor: str) -> Iterator[Block]:
    """Give the first heading the name that stands before it."""
    for block in blocks:
        if block.level and anchor:
            block, anchor = replace(block, anchor=anchor), ""
        yield block
