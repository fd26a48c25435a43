"""Documents for tests, and reading one of them without a process."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import docx
import pytest

from headstart.documents.document import QuestionAnswer, Section
from headstart.documents.limits import ReadingLimits
from headstart.documents.reader import answer


class Read:
    """What reading gave: title, sections, pairs, notes."""

    def __init__(self, name: str, content: bytes | str, limits: ReadingLimits | None = None) -> None:
        raw = content.encode() if isinstance(content, str) else content
        about, parts = answer(name, raw, limits or ReadingLimits())
        assert "reason" not in about, about
        plain = json.loads(parts[0])
        self.format = about["format"]
        self.title: str = plain["title"]
        self.notes: list[str] = plain["notes"]
        self.sections = [Section(tuple(h), text, page, anchor) for h, text, page, anchor in plain["sections"]]
        self.pairs = [QuestionAnswer(*pair) for pair in plain["pairs"]]

    @property
    def paths(self) -> list[tuple[str, ...]]:
        return [section.headings for section in self.sections]

    @property
    def texts(self) -> list[str]:
        return [section.text for section in self.sections]

    @property
    def text(self) -> str:
        return "\n\n".join(self.texts)


def refused(name: str, content: bytes, limits: ReadingLimits | None = None) -> tuple[str, str]:
    """Return the code and the reason of a document that is not read."""
    about, parts = answer(name, content, limits or ReadingLimits())
    assert "reason" in about, json.loads(parts[0]) if parts else about
    return about["kind"], about["reason"]


def pdf(
    pages: Iterable[Sequence[str | tuple[str, float]]],
    *,
    outline: Mapping[str, int] | None = None,
    font: str = "Helvetica",
) -> bytes:
    """Write a PDF by hand: lines, each with its size where it is not 11."""
    objects: list[bytes] = [b"", b""]

    def add(body: str | bytes) -> int:
        objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(objects)

    shapes = add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>")
    kids = []
    for lines in pages:
        top, shown = 780, []
        for line in lines:
            text, size = line if isinstance(line, tuple) else (line, 11)
            if text:
                escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                shown.append(f"BT /F1 {size} Tf 60 {top} Td ({escaped}) Tj ET")
            top -= size + 4
        stream = "\n".join(shown).encode("cp1252")
        held = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(
            add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {held} 0 R "
                f"/Resources << /Font << /F1 {shapes} 0 R >> >> >>"
            )
        )
    catalogue = "/Type /Catalog /Pages 2 0 R"
    if outline:
        root = len(objects) + 1
        first, last = root + 1, root + len(outline)
        add(f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>")
        for place, (title, page) in enumerate(outline.items()):
            near = f"/Prev {first + place - 1} 0 R " if place else ""
            near += f"/Next {first + place + 1} 0 R " if first + place < last else ""
            add(f"<< /Title ({title}) /Parent {root} 0 R {near}/Dest [{kids[page - 1]} 0 R /Fit] >>")
        catalogue += f" /Outlines {root} 0 R"
    objects[0] = f"<< {catalogue} >>".encode()
    objects[1] = (
        f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>".encode()
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def word(*paragraphs: tuple[str, str]) -> bytes:
    """Write a Word document of paragraphs: style and text."""
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    return saved(document)


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def packed(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def epub(chapters: Mapping[str, str], title: str = "A book", more: Mapping[str, str] | None = None) -> bytes:
    """Write a book of chapters by their file name."""
    items = "".join(
        f'<item id="i{place}" href="{name}" media-type="application/xhtml+xml"'
        + (' properties="nav"' if name == "nav.xhtml" else "")
        + "/>"
        for place, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{place}"/>' for place in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    pages = {f"OPS/{name}": f"<html><body>{body}</body></html>" for name, body in chapters.items()}
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OPS/book.opf": package}
    return packed({**files, **pages, **(more or {})})


posix = pytest.mark.skipif("sys.platform == 'win32'", reason="limits and links of POSIX")
