"""Read mail (.mbox, .eml): each message a section under the subject of its thread."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

from headstart.data.text import decode_bytes
from headstart.documents.blocks import Block, Draft
from headstart.documents.parted_words import mended
from headstart.documents.plain import paragraphs
from headstart.documents.plain_text import normal, one_line
from headstart.documents.web_page import read_markup
from headstart.documents.wrapped import unwrapped
from headstart.errors import SourceError

_FROM = re.compile(rb"^From [^\n]*\b\d{4}\b[^\n]*\r?\n", re.MULTILINE)
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_REPLY = re.compile(
    r"^\s*((re|aw|antw|sv|fw|fwd|wg|tr|rv|r)(\[\d+\])?\s*:\s*|\[[\w .-]{1,30}\]\s+)+", re.IGNORECASE
)
_QUOTED = re.compile(r"^\s*(>|\|\s)")
_WROTE = re.compile(
    r"^\s*(on|am|le|el|il|op|em|den)\b.{4,200}\b(wrote|writes|schrieb|écrit|escribió|ha scritto|schreef|"
    r"escreveu|skrev)[^\n]{0,80}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_OLD_WROTE = re.compile(r"^.{1,120}\b(wrote|writes|schrieb|writes in message)\b.{0,60}:$", re.IGNORECASE)
_FORWARDED = re.compile(
    r"^\s*(-{2,}\s*(original message|ursprüngliche nachricht|message d'origine)\s*-{2,}|_{20,})\s*$", re.I
)
_SIGNATURE = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(
    r"^(sent from my|von meinem .{2,30} gesendet|get outlook for|envoyé de mon)\b", re.IGNORECASE
)
_FAULTS = (ValueError, IndexError, AttributeError, TypeError, KeyError)
"""What the library's parser of headers raises for those that are damaged."""

_OLDEST = datetime(1, 1, 1, tzinfo=UTC)


def read_mailbox(content: bytes) -> Draft:
    """Read the bytes of a mailbox: the threads in the order in which they began.

    Raises
    ------
    SourceError
        When there is no message in it.
    """
    starts = [found for found in _FROM.finditer(content) if _is_start(content, found.start())]
    if not starts:
        raise SourceError(
            "It is no mailbox: no line in it begins a message (From …); export it again.",
            kind="not_a_document",
        )
    ends = [*(found.start() for found in starts[1:]), len(content)]
    raw = [content[found.end() : end] for found, end in zip(starts, ends, strict=True)]
    return _threads([_message(_ESCAPED_FROM.sub(rb"\1", one)) for one in raw])


def read_message(content: bytes) -> Draft:
    """Read the bytes of one message.

    Raises
    ------
    SourceError
        When it is none.
    """
    message = _message(content)
    if not any(_header(message, name) for name in ("From", "Subject", "Date", "Message-ID", "To")):
        raise SourceError(
            "It is no mail message: it has no sender, subject or date; give it the ending of what it is.",
            kind="not_a_document",
        )
    return _threads([message])


def _is_start(content: bytes, place: int) -> bool:
    return place == 0 or content[max(0, place - 3) : place].replace(b"\r", b"").endswith(b"\n\n")


def _message(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _threads(messages: Sequence[EmailMessage]) -> Draft:
    draft, attached, damaged = Draft(), 0, 0
    threads: dict[str, list[EmailMessage]] = {}
    belongs: dict[str, str] = {}
    for message in sorted(messages, key=_date):
        known = (belongs.get(one) for one in _references(message))
        subject = _subject(message)
        thread = next(filter(None, known), None) or subject.lower()
        belongs[_header(message, "Message-ID").strip()] = thread
        threads.setdefault(thread, []).append(message)
    for held in threads.values():
        subject = _subject(held[0]) or "(no subject)"
        for message in held:
            try:
                blocks = list(_blocks(message, draft.notes))
                attached += sum(1 for _ in message.iter_attachments()) if message.is_multipart() else 0
            except _FAULTS:
                damaged += 1
                continue
            if blocks:
                anchor = _header(message, "Message-ID").strip("<> \t\n")
                draft.blocks += [Block(subject, 2, anchor=normal(anchor)), *blocks]
    if len(threads) == 1:
        draft.title = _subject(messages[0])
    if damaged:
        mails = "1 damaged mail was" if damaged == 1 else f"{damaged} damaged mails were"
        draft.notes.append(f"{mails} not read; export the mailbox again.")
    if attached:
        files = "1 attached file was" if attached == 1 else f"{attached} attached files were"
        draft.notes.append(f"{files} not read; save what matters beside the mails.")
    return draft


def _header(message: EmailMessage, name: str) -> str:
    """Return a header, whatever a hostile sender wrote into it."""
    try:
        return str(message.get(name) or "")
    except _FAULTS:
        return ""


def _subject(message: EmailMessage) -> str:
    return _REPLY.sub("", one_line(normal(_header(message, "Subject")))).strip()


def _references(message: EmailMessage) -> list[str]:
    named = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    return re.findall(r"<[^<>\s]+>", named)


def _date(message: EmailMessage) -> datetime:
    try:
        date = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError, OverflowError):
        return _OLDEST
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _blocks(message: EmailMessage, notes: list[str]) -> Iterator[Block]:
    """Yield what the sender wrote in this message, without what is quoted and signed."""
    body = _body(message)
    if body is None and isinstance(message.get_payload(), str):
        body = message  # it says that it has parts, and has none
    if body is None:
        return
    text = _text(body)
    if body.get_content_type() == "text/html":
        page = read_markup(text)
        notes += page.notes
        text = "\n\n".join(block.text for block in page.blocks)
    runs = paragraphs(_own_lines(normal(text).split("\n")))
    texts = ["\n".join(unwrapped(lines)).strip("\n") for _, lines in runs]
    yield from (Block(one) for one in mended(texts, broken=False))


def _body(message: EmailMessage) -> Any:
    try:
        return message.get_body(preferencelist=("plain", "html"))
    except _FAULTS:
        return None


def _text(body: Any) -> str:
    raw = body.get_payload(decode=True) or b""
    try:
        return str(raw.decode(body.get_content_charset() or "utf-8"))
    except (LookupError, UnicodeDecodeError, ValueError):
        return decode_bytes(raw)[0]


def _own_lines(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for place, line in enumerate(lines):
        if _SIGNATURE.match(line) or _FORWARDED.match(line) or _SENT_FROM.match(line):
            break
        if _QUOTED.match(line):
            _drop_introduction(kept)
        elif not _WROTE.match("\n".join(lines[place : place + 2])) or not _quote_follows(lines, place):
            kept.append(line)
    return kept


def _drop_introduction(kept: list[str]) -> None:
    """Take off the line before a quote that says who wrote it."""
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and (_WROTE.match(kept[-1]) or _OLD_WROTE.match(kept[-1])):
        kept.pop()
    elif len(kept) > 1 and _WROTE.match("\n".join(kept[-2:])):
        del kept[-2:]
    kept.append("")


def _quote_follows(lines: Sequence[str], place: int) -> bool:
    return any(_QUOTED.match(line) for line in lines[place + 1 : place + 4])
