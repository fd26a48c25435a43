"""A folder of documents is read in processes that may die: all is kept, told, and known again."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from pathlib import Path

import pytest
from written import packed, pdf, posix, word

from headstart.documents import Document, ReadingLimits, read_documents
from headstart.documents.pool import ReadingPool
from headstart.errors import Cancelled, DataError, MissingExtraError, ParameterError, SourceError
from headstart.execution import Progress

KETTLE = "# Kettle\n\nFill it with fresh water.\n\n## Cleaning\n\nUse vinegar.\n\n## Data\n\n2200 W"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    (made / "kitchen" / "old").mkdir(parents=True)
    (made / "kitchen" / "kettle.md").write_text(KETTLE)
    (made / "kitchen" / "old" / "pan.docx").write_bytes(
        word(("Heading 1", "Pan"), ("Normal", "Use it on gas."))
    )
    (made / "faq.csv").write_text("question,answer\nIs it loud?,A little.\n")
    (made / "style.css").write_text("p {}")
    (made / ".hidden.txt").write_text("no")
    (made / "photo.jpg").write_bytes(b"\xff\xd8")
    return made


def test_documents_with_their_place(folder: Path) -> None:
    steps: list[Progress] = []
    read = read_documents(folder, progress=steps.append, workers=2)
    assert [(one.name, one.format, one.title, one.group) for one in read.documents] == [
        ("faq.csv", "answers", "faq.csv", ""),
        ("kitchen/kettle.md", "markdown", "Kettle", "kitchen"),
        ("kitchen/old/pan.docx", "docx", "Pan", "kitchen"),
    ]
    kettle = read.documents[1]
    assert [section.headings for section in kettle.sections] == [(), ("Cleaning",), ("Data",)]
    whole = "\n\n".join(section.text for section in kettle.sections)
    assert all(whole[s.start : s.start + len(s.text)] == s.text for s in kettle.sections)
    assert kettle.content == hashlib.sha256(KETTLE.encode()).hexdigest()
    assert read.documents[0].pairs[0].place == "faq.csv:2"
    assert read.problems == ()
    assert read.ignored == {".css": 1, ".jpg": 1, "hidden": 1}
    assert [(step.done, step.total) for step in steps] == [(1, 3), (2, 3), (3, 3)]


def test_what_is_known_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_documents(folder, workers=1)
    known = {document.name: document.content for document in first.documents}
    (folder / "faq.csv").write_text("question,answer\nIs it loud?,Not at all.\n")
    (folder / "kitchen" / "old" / "pan.docx").unlink()
    (folder / "new.txt").write_text("A new text.")
    again = read_documents(folder, known=known, workers=1)
    assert [document.name for document in again.documents] == ["faq.csv", "new.txt"]
    assert again.unchanged == ("kitchen/kettle.md",)
    known |= {document.name: document.content for document in again.documents}
    monkeypatch.setattr(ReadingPool, "read", None)  # and no process is needed for that
    assert len(read_documents(folder, known=known).unchanged) == 3


def test_copies_and_what_says_the_same_are_read_once(folder: Path) -> None:
    (folder / "copy.md").write_text(KETTLE)
    words = " ".join(
        f"Step {word} of the manual is done by hand." for word in ("one", "two", "three", "four")
    )
    (folder / "manual.txt").write_text(f"{words}\n\nIt is made of steel, and of brass where it is hot.")
    (folder / "manual.html").write_text(
        f"<p>{words}</p><p>It is made of steel, and of brass where it is HOT!</p>"
    )
    read = read_documents(folder, workers=1)
    names = [document.name for document in read.documents]
    assert names == ["copy.md", "faq.csv", "kitchen/old/pan.docx", "manual.html"]
    assert [(problem.source, problem.reason, problem.code) for problem in read.problems] == [
        ("kitchen/kettle.md", "It is a copy of copy.md; only that is used.", "duplicate"),
        ("manual.txt", "It says the same as manual.html; only that is used.", "duplicate"),
    ]
    held = [document for document in read.documents if document.name == "manual.html"]
    known = {document.name: document.content for document in read.documents}
    later = read_documents(folder, known=known, held=held, workers=1)
    assert [problem.source for problem in later.problems] == ["kitchen/kettle.md", "manual.txt"]
    (folder / "manual.html").unlink()
    last = read_documents(folder, known=known, held=held, workers=1)
    assert [document.name for document in last.documents] == ["manual.txt"]


def test_files_may_be_given_one_by_one(folder: Path) -> None:
    single = read_documents(folder / "faq.csv", workers=1)
    assert [document.name for document in single.documents] == ["faq.csv"]
    several = read_documents([folder / "kitchen", str(folder / "faq.csv")], workers=1)
    assert [document.name for document in several.documents] == [
        "kitchen/kettle.md",
        "kitchen/old/pan.docx",
        "faq.csv",
    ]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere is not there\.\nGive a folder of documents, or files\."):
        read_documents(tmp_path / "nowhere")
    assert read_documents(tmp_path).documents == ()
    with pytest.raises(ParameterError, match="The limit pages must be larger than 0, got 0"):
        ReadingLimits(pages=0)


def test_documents_of_other_formats_are_named_with_a_way(tmp_path: Path) -> None:
    for name in ("a.odt", "b.pptx", "c.msg"):
        (tmp_path / name).write_bytes(b"x")
    assert [problem.reason for problem in read_documents(tmp_path).problems] == [
        "Documents that end in .odt are not read; save it as Word (with LibreOffice: "
        "soffice --convert-to docx FILE).",
        "Documents that end in .pptx are not read; save it as PDF (with LibreOffice: "
        "soffice --convert-to pdf FILE).",
        "Documents that end in .msg are not read; export the mails as .eml or .mbox.",
    ]


def test_cancelling_ends_the_processes(folder: Path) -> None:
    def cancel(_: Progress) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read_documents(folder, progress=cancel, workers=2)
    assert [thread for thread in threading.enumerate() if thread.name == "documents-watch"] == []


@posix
def test_a_process_that_is_killed_or_hangs_costs_one_document() -> None:
    with ReadingPool(ReadingLimits(seconds=1), 1) as pool:
        assert pool.read("a.md", b"text", "").title == "a.md"
        process = pool._processes[0]
        os.kill(process.process.pid, signal.SIGKILL)
        assert pool.read("b.md", b"text", "").sections[0].text == "text"
        os.kill(process.process.pid, signal.SIGSTOP)
        with pytest.raises(SourceError, match="longer than 1 seconds; split it") as caught:
            pool.read("c.md", b"text", "")
        assert caught.value.kind == "timeout"
        assert pool.read("d.md", b"text", "").sections[0].text == "text"


@posix
def test_a_process_has_no_secrets_and_few_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    with ReadingPool(ReadingLimits(memory_bytes=300 << 20), 1) as pool:
        pool.read("a.md", b"text", "")
        pid = pool._processes[0].process.pid
        assert b"very-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        limits = Path(f"/proc/{pid}/limits").read_text()
        for name in ("Max file size", "Max core file size", "Max processes"):
            line = next(line for line in limits.splitlines() if line.startswith(name))
            assert line.removeprefix(name).split()[:2] == ["0", "0"], line
        with pytest.raises(SourceError, match=r"(needs more than 300 MB of memory|ended \(out of memory)"):
            pool.read("a.html", b"<p>x" * 12_000_000, "")
        assert pool.read("b.md", b"text", "").sections


def test_an_answer_that_is_none_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with ReadingPool(ReadingLimits(), 1) as pool:
        for described in (
            b"{}",
            b"[1]",
            b'{"title": "", "sections": [[1]], "pairs": [], "notes": []}',
            b"\xff",
        ):
            monkeypatch.setattr(
                pool, "_ask", lambda *_, said=described: ({"format": "html"}, memoryview(said))
            )
            with pytest.raises(SourceError, match="The process that read it ended"):
                pool.read("a.html", b"x", "")


def test_a_missing_library_is_said_with_the_way_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: ReadingPool, name: str, content: bytes, sha256: str) -> Document:
        reason = (
            "docx is needed to read Word documents and is not installed. Install it with: pip install 'x'"
        )
        raise SourceError(reason, kind="missing_extra")

    monkeypatch.setattr(ReadingPool, "read", read)
    with pytest.raises(MissingExtraError, match=r"is not installed\.\nInstall it with: pip install 'x'"):
        read_documents(folder, workers=1)


def test_many_documents_share_a_process(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02d}.md").write_text(f"# Part {number}\n\nText of part {number}, and no other.")
    (tmp_path / "book.pdf").write_bytes(pdf([["A page of text, as it stands."]] * 3))
    (tmp_path / "odd.docx").write_bytes(packed({"a": "b"}))
    read = read_documents(tmp_path, workers=1)
    assert len(read.documents) == 31
    assert [problem.code for problem in read.problems] == ["archive"]
