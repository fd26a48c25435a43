"""Read a web page: headings, paragraphs, lists, tables, code; not what stands around them or is hidden."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from headstart._optional import require
from headstart.data.text import decode_bytes
from headstart.documents.blocks import SEEN_AS_HEADING, Block, Draft
from headstart.documents.boilerplate import NEVER_TEXT, is_around, is_link_sign, main_part
from headstart.documents.hidden import Styles
from headstart.documents.plain_text import lines_kept, normal, one_line, shortened
from headstart.errors import SourceError

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CLOSE = frozenset({"li", "tr", "dt", "dd", "caption", "summary", "figcaption", "thead", "tbody", "tfoot"})
_APART = frozenset(
    "p div pre blockquote ul ol dl table section article main aside figure hr form fieldset address details "
    "center body header math".split()
)
_CELLS = frozenset({"td", "th"})
_IN_CELLS_OF_LAYOUT = ("table", "pre", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "div")
_TAB, _BREAK = "\x1f", "\x1e"  # no text holds them after `normal`
_AROUND_BREAKS = re.compile(rf"[ \t\n]*([{_TAB}{_BREAK}])[ \t\n]*")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w-]{2,20})["']""", re.IGNORECASE)
_PROLOGUE = re.compile(r"^\s*<\?xml[^>]*\?>")
_CAPTION = re.compile(
    r"(table|figure|fig\.|example|listing|tabelle|abbildung|tableau|tabla|figura)\s+[\divx]|(note|warning|tip|caution|"
    r"important|see also|hint|danger|hinweis|achtung|warnung|wichtig)\W*$",
    re.IGNORECASE,
)
_LONGEST_BOLD_LINE = 120
_MOST_SHOWN = 3


def read_web_page(content: bytes) -> Draft:
    """Read a page from the bytes of its file.

    Raises
    ------
    SourceError
        When there is no page in it.
    """
    text, note = decoded_page(content)
    draft = read_markup(text)
    if note:
        draft.notes.append(note)
    return draft


def decoded_page(content: bytes) -> tuple[str, str]:
    """Decode a page as it says itself, or as its letters tell."""
    said = _XML_ENCODING.search(content[:200]) or _META_CHARSET.search(content[:4096])
    if said and not content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode(said[1].decode("ascii")), ""
        except (LookupError, UnicodeDecodeError):
            pass
    return decode_bytes(content)


def read_markup(text: str) -> Draft:
    """Read a page from its markup.

    Raises
    ------
    SourceError
        When there is no page in it.
    """
    etree = require("lxml.etree", "documents", "read web pages")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    markup = _PROLOGUE.sub("", text).replace("\x00", "").encode("utf-8", "replace")
    try:
        root = etree.fromstring(markup, parser) if markup.strip() else None
    except etree.LxmlError as error:
        if not _is_damage(parser):
            raise MemoryError from error
        raise SourceError(f"The web page is damaged ({shortened(str(error))}); save it again.") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise SourceError("Its parts are nested too deeply to be read; save it again.")
    if root is None:
        raise SourceError("It holds no text; fill it in or remove it.", kind="empty_text")
    page = _Page(root, _styles(root))
    page.walk(etree, around=False)
    if not page.draft.blocks:  # all of it stands in what looks like navigation
        page = _Page(root, page.styles)
        page.walk(etree, around=True)
    page.draft.notes += page.hidden.notes()
    titles = [one_line(normal("".join(title.itertext()))) for title in root.iter("title")]
    page.draft.title = next(filter(None, titles), "")
    return page.draft


def _is_damage(parser: Any) -> bool:
    """Tell damage from memory that ran out: of that the library takes no note, or this one."""
    kinds = {entry.type_name for entry in parser.error_log}
    return bool(kinds) and "ERR_NO_MEMORY" not in kinds


class HiddenText:
    """What was found hidden, for the note about it."""

    def __init__(self) -> None:
        self._ways: Counter[str] = Counter()
        self._shown: list[str] = []

    def add(self, text: str, way: str) -> None:
        """Take down a piece that was not read."""
        flat = one_line(normal(text))
        if sum(map(str.isalnum, flat)) > 1:
            self._ways[way] += 1
            if len(self._shown) < _MOST_SHOWN:
                self._shown.append(f"“{shortened(flat)}”")

    def notes(self) -> list[str]:
        """Return the note, where there is something to say."""
        if not self._ways:
            return []
        count = self._ways.total()
        said = f"{count} pieces of hidden text were" if count > 1 else "1 piece of hidden text was"
        return [f"{said} not read ({', '.join(self._ways)}): {', '.join(self._shown)}."]


class _Page:
    """A walk through the elements of a page, in their order and without recursion."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self.root, self.styles = root, styles
        self.draft = Draft()
        self.hidden = HiddenText()
        self._pieces: list[str] = []
        self._bold = 0  # letters of the pieces that stand in bold
        self._in_bold = self._in_code = self._in_cell = 0
        self._level = 0
        self._apart, self._has_text = True, False
        self._anchor = self._own_anchor = ""

    def walk(self, etree: Any, *, around: bool) -> None:
        """Take in all elements; `around` says whether navigation is text too."""
        whole = self.root if around else main_part(self.root)
        walker = etree.iterwalk(whole, events=("start", "end"))
        skipped: Any = None
        for event, element in walker:
            if event == "start":
                if self._is_skipped(element, around=around):
                    skipped = element
                    walker.skip_subtree()
                else:
                    self._start(element)
                    self._add(element.text)
                continue
            if element is skipped:
                skipped = None
                if element.tag not in ("a", "button", "input", "svg", "span"):
                    self._flush()
            else:
                self._end(element)
            if element is not whole:
                self._add(element.tail)
        self._flush()

    def _is_skipped(self, element: Any, *, around: bool) -> bool:
        tag = element.tag
        if not isinstance(tag, str) or tag in NEVER_TEXT or is_link_sign(element):
            return True
        why = self.styles.why_hidden(element)
        if why:
            self.hidden.add(" ".join(element.itertext()), why)
            return True
        return not around and is_around(element)

    def _start(self, element: Any) -> None:
        tag = element.tag
        if tag in _HEADINGS:
            self._flush()
            self._level, self._own_anchor = _HEADINGS[tag], ""
        elif tag == "br":
            self._pieces.append("\n" if self._in_code else _BREAK)
        elif tag in _CELLS and self._is_cell(element):
            self._pieces.append(_TAB)
            self._in_cell += 1
        elif tag in _CLOSE or tag in _APART or tag in _CELLS:
            self._border(tag)
        self._name(element)
        self._in_code += tag == "pre"
        self._in_bold += tag in ("b", "strong")

    def _name(self, element: Any) -> None:
        """Take down by which name an address points here."""
        name = element.get("id") or (element.get("name") if element.tag == "a" else None)
        if name and self._level:
            self._own_anchor = self._own_anchor or name
        elif name and not self._has_text:
            self._anchor = name

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag in _HEADINGS:
            self._flush()
            self._level = 0
        elif tag in _CELLS and self._in_cell and self._is_cell(element):
            self._in_cell -= 1
        elif tag in _CLOSE or tag in _APART or tag in _CELLS:
            self._border(tag)
        self._in_code -= tag == "pre"
        self._in_bold -= tag in ("b", "strong")

    def _border(self, tag: str) -> None:
        """End what stands before; within a cell and a heading text goes on."""
        if self._in_cell or self._level:
            self._pieces.append(" ")
            return
        self._flush()
        self._apart |= tag in _APART

    @staticmethod
    def _is_cell(element: Any) -> bool:
        """Tell a cell of a table from a part of a page that was laid out as a table."""
        return next(element.iterdescendants(*_IN_CELLS_OF_LAYOUT), None) is None

    def _add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            self._has_text |= not text.isspace()
            if self._in_bold:
                self._bold += len(text.strip())

    def _flush(self) -> None:
        """Make a block of the pieces that were gathered."""
        gathered, bold = "".join(self._pieces), self._bold
        self._pieces, self._bold, self._has_text = [], 0, False
        if not gathered.strip(f" \t\n\r\f{_TAB}{_BREAK}"):
            return
        text = _tidy(gathered, code=self._in_code > 0)
        if not text:
            return
        level = self._level or _looks_like_heading(text, bold)
        anchor = (self._own_anchor or self._anchor) if level else ""
        self.draft.blocks.append(Block(text, level, tight=not self._apart, anchor=anchor))
        self._apart = False
        self._own_anchor = ""
        if level or self._anchor:
            self._anchor = ""


def _styles(root: Any) -> Styles:
    sheets = "\n".join("".join(style.itertext()) for style in root.iter("style"))
    linked = any("stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link"))
    return Styles(sheets, linked=linked)


def _tidy(gathered: str, *, code: bool) -> str:
    if code:
        return lines_kept(normal(gathered.replace(_TAB, "\t").replace(_BREAK, "\n")))
    parts = re.split(f"([{_TAB}{_BREAK}])", gathered)
    spaced = "".join(part if part in (_TAB, _BREAK) else re.sub(r"\s+", " ", normal(part)) for part in parts)
    kept = _AROUND_BREAKS.sub(r"\1", spaced).strip(f" {_TAB}{_BREAK}")
    return re.sub("\n{2,}", "\n", kept.replace(_TAB, "\t").replace(_BREAK, "\n"))


def _looks_like_heading(text: str, bold: int) -> int:
    """Return the level of a line that is bold as a whole, or 0."""
    alone = "\n" not in text and "\t" not in text and len(text) <= _LONGEST_BOLD_LINE
    is_bold = bold >= 0.9 * len(text.replace(" ", "")) and not text.endswith((".", ":", ",", ";"))
    is_title = any(map(str.isalpha, text)) and not _CAPTION.match(text)
    return SEEN_AS_HEADING if alone and is_bold and is_title else 0
