"""What stands around the text of the pages of a PDF: running titles, page numbers, tables of contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from headstart.documents.pdf_lines import Line

_EDGE = 2  # lines at the top, and at the bottom, that may be running titles
_FEWEST = 3
_CLOSE = 2.0
_LONGEST = 150
_NUMBERS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–— ]*(page |seite |s\. )?(\d{1,4}|[ivxlc]{1,7})( (of|von|/) \d{1,4})?[-–— ]*", re.IGNORECASE
)
_LEADERS = re.compile(r"(\.{4,}|(\. ){3,}\.?|…{2,}|(…\s*){3,})\s*(\d{1,4}|[ivxlc]{1,7})$")


def without_margins(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of pages without what is repeated at their edges, and without lines of contents."""
    seen: Counter[tuple[int, str]] = Counter()
    for page in pages:
        seen.update({(place, _key(page[place].text)) for place in _edges(page)})
    repeated = {key for key, count in seen.items() if count >= _FEWEST}
    heights = _heights(pages, repeated)
    kept = [
        [line for place, line in enumerate(page) if not _is_margin(page, place, repeated, heights)]
        for page in pages
    ]
    return kept if any(kept) else [list(page) for page in pages]  # of pages that are all alike nothing stays


def _edges(page: Sequence[Line]) -> list[int]:
    """Return the places of lines at the edges: 0, 1 from the top, -1, -2 from the bottom."""
    return [place for place in (*range(_EDGE), *range(-_EDGE, 0)) if -len(page) <= place < len(page)]


def _key(text: str) -> str:
    return _NUMBERS.sub("#", text.lower()).strip()


def _heights(pages: Sequence[Sequence[Line]], repeated: set[tuple[int, str]]) -> set[tuple[int, int]]:
    """Return where most pages have something repeated: what else stands there is a running title too."""
    found: Counter[tuple[int, int]] = Counter()
    for page in pages:
        for place in _edges(page):
            if (place, _key(page[place].text)) in repeated and place in (0, -1):
                found[place, round(page[place].top / _CLOSE)] += 1
    return {key for key, count in found.items() if count >= max(_FEWEST, len(pages) / 2)}


def _is_margin(
    page: Sequence[Line], place: int, repeated: set[tuple[int, str]], heights: set[tuple[int, int]]
) -> bool:
    line = page[place]
    if _LEADERS.search(line.text):
        return True
    for at in {place, place - len(page)}.intersection(_edges(page)):
        if len(line.text) > _LONGEST:
            continue
        if (at, _key(line.text)) in repeated or (at in (0, -1) and _PAGE_NUMBER.fullmatch(line.text)):
            return True
        near = {(at, round(line.top / _CLOSE) + step) for step in (-1, 0, 1)}
        if at in (0, -1) and near & heights and _NUMBERS.search(line.text):
            return True
    return False
