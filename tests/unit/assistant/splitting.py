"""A small splitter of real pages into documents, so that the assistant is tested without the readers."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

from headstart.documents.document import Document, Section

_HEADINGS = {f"h{level}" for level in range(1, 7)}
_BLOCKS = {"p", "li", "pre", "div", "dd", "dt", "tr", "table", "ul", "ol", "section", "br", "body", "article"}
_DROPPED = {"script", "style", "nav", "footer", "head"}
_JUNK = {"toc", "contents", "sphinxsidebar", "related", "navheader", "navfooter", "headerlink", "footer"}
_VOID = {"br", "img", "hr", "input", "meta", "link", "col", "area", "base", "wbr"}


class _Splitter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[tuple[tuple[str, ...], str]] = []
        self.headings: list[tuple[int, str]] = []
        self.title = ""
        self._text: list[str] = []
        self._heading: list[str] | None = None
        self._open: list[tuple[str, bool]] = []
        self._in_title = self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self._text.append("\n" if tag == "br" else "")
            return
        classes = set((dict(attrs).get("class") or "").split())
        self._open.append((tag, (tag in _DROPPED and tag != "head") or bool(classes & _JUNK)))
        self._in_title += tag == "title"
        self._pre += tag == "pre"
        if tag in _HEADINGS and not self._dropped:
            self._end_section()
            self._heading = []
        elif tag in _BLOCKS:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _ in self._open]:
            return
        if tag in _HEADINGS and self._heading is not None:
            level, name = int(tag[1]), " ".join("".join(self._heading).split()).rstrip("¶")
            self.headings = [*[h for h in self.headings if h[0] < level], (level, name)]
            self._heading = None
        while self._open.pop()[0] != tag:
            pass
        self._in_title = sum(name == "title" for name, _ in self._open)
        self._pre = sum(name == "pre" for name, _ in self._open)
        if tag in _BLOCKS:
            self._text.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif self._dropped or "head" in [name for name, _ in self._open]:
            return
        elif self._heading is not None:
            self._heading.append(data)
        else:
            self._text.append(data if self._pre else re.sub(r"\s+", " ", data))

    @property
    def _dropped(self) -> bool:
        return any(dropped for _, dropped in self._open)

    def _end_section(self) -> None:
        lines = (line.rstrip() for line in "".join(self._text).split("\n"))
        text = re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()
        self._text = []
        if text:
            self.sections.append((tuple(name for _, name in self.headings), text))

    def finish(self) -> None:
        self.close()
        self._end_section()


def split(path: Path, root: Path) -> Document:
    """Read one page of HTML, or a text with Markdown or no headings, as a document."""
    raw = path.read_bytes()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    title, parts = _split_html(text) if path.suffix == ".html" else ("", _split_text(text))
    name = path.relative_to(root).as_posix()
    sections, start = [], 0
    for headings, body in parts:
        sections.append(Section(headings, body, start=start))
        start += len(body) + 1
    return Document(
        name=name,
        title=" ".join(title.split()) or name,
        sections=tuple(sections),
        content=hashlib.sha256(raw).hexdigest(),
        format=path.suffix[1:],
        group=name.split("/")[0] if "/" in name else "",
    )


def _split_html(text: str) -> tuple[str, list[tuple[tuple[str, ...], str]]]:
    splitter = _Splitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.title, splitter.sections


def _split_text(text: str) -> list[tuple[tuple[str, ...], str]]:
    sections: list[tuple[tuple[str, ...], list[str]]] = [((), [])]
    path: list[tuple[int, str]] = []
    for line in text.split("\n"):
        found = re.match(r"(#{1,6})\s+(.+)|\s*\*\s+\*\*(Section \d+)\*\*|^(Section \d+)$", line)
        if found:
            level = len(found[1]) if found[1] else 7
            path = [*[h for h in path if h[0] < level], (level, found[2] or found[3] or found[4])]
            sections.append((tuple(name for _, name in path), []))
        else:
            sections[-1][1].append(line)
    made = ((headings, "\n".join(lines).strip()) for headings, lines in sections)
    return [(headings, body) for headings, body in made if body]
