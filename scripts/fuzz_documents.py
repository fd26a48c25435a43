"""Documents for `fuzz.py`, and how they are read: in the process itself, so that every fault shows."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from headstart.documents.blocks import sectioned
from headstart.documents.formats import READERS as BY_FORMAT
from headstart.documents.formats import format_of
from headstart.documents.limits import ReadingLimits

Reader = Callable[[bytes, Path], object]


def pdfs() -> tuple[list[bytes], Reader]:
    """PDF documents, most often changed where their objects stand."""
    from PIL import Image

    corpus = [_written_pdf(pages) for pages in (1, 3)]
    out = io.BytesIO()
    Image.new("L", (60, 80), 200).save(out, "PDF")
    corpus.append(out.getvalue())
    return corpus, _sectioned(lambda content: "pdf")


def packed_documents() -> tuple[list[bytes], Reader]:
    """Word documents, books and spreadsheets, as a whole or with a part changed and packed again."""
    import docx
    import openpyxl

    document = docx.Document()
    document.add_heading("Kettle", 1)
    document.add_paragraph("Fill it with fresh water.", style="List Bullet")
    document.add_table(2, 2).cell(0, 0).text = "Power"
    book = openpyxl.Workbook()
    for row in (("question", "answer"), ("Is it loud?", "A little."), ("How many?", 3)):
        book.active.append(row)
    chapter = "<html><body><h1>Kettle</h1><p>Fill it.</p></body></html>"
    container = '<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'
    package = '<package><metadata><title>A</title></metadata><manifest><item id="a" href="a.xhtml" '
    package += 'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    epub = {"META-INF/container.xml": container, "a.opf": package, "a.xhtml": chapter}
    outs = [io.BytesIO(), io.BytesIO(), io.BytesIO()]
    document.save(outs[0])
    book.save(outs[1])
    with zipfile.ZipFile(outs[2], "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in epub.items():
            archive.writestr(name, text)
    packs = [out.getvalue() for out in outs]
    parts = [_part(number, name, pack) for number, pack in enumerate(packs) for name in _names(pack)]
    read = _sectioned(None)

    def repacked(content: bytes, folder: Path) -> object:
        if not content.startswith(b"PART"):
            return read(content, folder)
        number, length = struct.unpack_from("<BB", content.ljust(6, b"\0"), 4)
        name = content[6 : 6 + length].decode("latin-1")
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(packs[number % 3])) as old, zipfile.ZipFile(out, "w") as new:
            for entry in old.namelist():
                new.writestr(entry, content[6 + length :] if entry == name else old.read(entry))
        return read(out.getvalue(), folder)

    return packs + parts, repacked


def _names(pack: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return [name for name in archive.namelist() if name.endswith((".xml", ".rels", ".opf", ".xhtml"))]


def _part(number: int, name: str, pack: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return b"PART" + struct.pack("<BB", number, len(name)) + name.encode() + archive.read(name)


def written() -> tuple[list[bytes], Reader]:
    """Web pages, Markdown, text, reStructuredText, mails and tables of answers; the first byte says which."""
    formats = ("html", "markdown", "text", "rst", "mailbox", "mail", "answers")
    page = b"<html><style>.x{display:none}</style><h1 id=a>Kettle</h1><p class=x>Hidden<p>Fill <b>it</b>"
    page += b"<pre>a\n b</pre><table><tr><td>Power<td>2200</table><ul><li>one<li style='color:white'>two</ul>"
    page += b"<a name=q></a><h2>B</h2>x"
    marked = b"---\ntitle: Kettle\n---\n# A\n* one\n* two\n\n```\ncode\n```\n|a|b|\n|-|-|\n|1|2|\n\n"
    marked += b"**Bold?**\n\ntext"
    plain = b"Kettle\n======\n\nFill it with fresh water, up to the mark, and let it\nboil.\n\n- one\n- two\n"
    restructured = (
        plain + b"\n.. _x:\n\nB\n--\n.. note:: Hot\n\n.. code-block:: sh\n\n   kettle\n\nOr::\n\n  -b\n"
    )
    mail = b"From: a@b.c\nSubject: =?utf-8?q?Re:_Milk?=\nDate: Mon, 3 Mar 2025 10:00:00 +0000\n"
    mail += b"Message-ID: <a@b>\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
    mail += b"Content-Type: text/plain; charset=utf-8\n\nNo.\n> Yes?\n--x--\n"
    box = b"From a@b Mon Mar  3 10:00:00 2025\n" + mail + b"\nFrom a@b Mon Mar  3 10:00:00 2025\n" + mail
    table = b'question,answer\nIs it loud?,"A\nlittle."\nWhy?,So.\n'
    samples = (page, marked, plain, restructured, box, mail, table)
    corpus = [bytes([number]) + sample for number, sample in enumerate(samples)]

    def read(content: bytes, folder: Path) -> object:
        number = content[0] % len(formats) if content else 0
        return _sectioned(lambda _: formats[number])(content[1:], folder)

    return corpus, read


def _sectioned(named: Callable[[bytes], str] | None) -> Reader:
    limits = ReadingLimits()

    def read(content: bytes, _: Path) -> object:
        found = named(content) if named else format_of(content, "a.docx")
        return sectioned(BY_FORMAT[found](content, "a.csv", limits))

    return read


def _written_pdf(pages: int) -> bytes:
    """Write a small PDF by hand, whose objects stand there as plain text."""
    shown = b"BT /F1 11 Tf 60 700 Td (Fill it with fresh water, up to the) Tj 0 -14 Td (mark.) Tj ET"
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
    ]
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
    bodies += [page + b"/Resources << /Font << /F1 3 0 R >> >> >>"] * pages
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    return bytes(out) + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
