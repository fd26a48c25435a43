"""Find out in which of the older encodings a text was written, by the letters that come out.

Each encoding is tried with the letters of the languages that were written in it: the right one gives words of
one language in ordinary case, a wrong one letters that no language has together. charset-normalizer decides
only where none of these fits, because it takes Japanese for Korean and French for Polish in short texts.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

WESTERN = "cp1252"
SAMPLE_BYTES = 1 << 16
"""How much text with letters beyond ASCII is looked at."""

GUESSED = "not UTF-8"
"""How the note begins that tells a guess from damage."""

_CONVINCING = 0.85
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_PLAIN = 0.08  # Chinese tables have few signs of ASCII: commas, digits, line ends
_ALPHABET = 0.5  # frequent letters that make up half of a text: no alphabet mixes with Latin within a word
_NEUTRAL = frozenset("“”„‘’‚–—…€°«»©®™§×·½¼²³•№\xa0、。，！？：；（）「」『』《》【】・ー　～％")
_KANA = frozenset(chr(code) for code in range(0x3041, 0x30FF))
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_FREQUENT_RUSSIAN = "оеаинтсрвл"


@dataclass(frozen=True, slots=True)
class Found:
    """How to decode bytes: the codec, what to do about damage, and a note where it is a guess."""

    codec: str
    errors: str = "strict"
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Script:
    """Letters that stand together in one language, and those of them that make up much of any text."""

    letters: frozenset[str]
    frequent: frozenset[str] = frozenset()
    usual: float = 0.0

    def fit(self, text: str) -> float:
        """Return how far the letters beyond ASCII are those of the language, from 0 to 1."""
        foreign = [
            (before, letter) for before, letter in zip(" " + text, text, strict=False) if letter > "\x7f"
        ]
        telling = [
            (before, letter) for before, letter in foreign if letter not in _NEUTRAL or before.isalpha()
        ]
        telling = [(before, letter) for before, letter in telling if letter != "’"]
        if not telling:
            return 0.0
        right = sum(
            letter.lower() in self.letters
            and not (letter.isupper() and before.islower())
            and not (self.usual >= _ALPHABET and before.isascii() and before.isalpha())
            for before, letter in telling
        )
        fit = right / len(telling)
        if not self.usual:
            return fit
        often = sum(letter.lower() in self.frequent for _, letter in telling) / len(telling)
        return fit * (0.6 + 0.4 * min(1.0, often / self.usual))


def _latin(*languages: str) -> list[_Script]:
    return [_Script(frozenset(letters)) for letters in languages]


def _other(letters: str, frequent: str, usual: float) -> list[_Script]:
    return [_Script(frozenset(letters), frozenset(frequent), usual)]


def _span(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


_WEST = _latin(
    "äöüßéà", "àâæçéèêëîïôœùûüÿ", "áéíóúüñ¿¡ºª", "áâãàçéêíóôõú", "àèéìíòóùú", "éëïöüèá", "æøåéòóôü", "åäöéü",
    "áðéíóúýþæö", "àèéíïòóúüç",
)  # fmt: skip
_CENTRAL = _latin("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ", "čšž")
_CYRILLIC = [
    *_other(_RUSSIAN, _FREQUENT_RUSSIAN, 0.66),
    *_other("абвгдежзийклмнопрстуфхцчшщъьюя", "аоеиторнпв", 0.64),
    *_other("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "оаніивтерс", 0.62),
    *_other("абвгдђежзијклљмнњопрстћуфхцчџш", "аоиенрстј", 0.64),
    *_other("абвгдеёжзійклмнопрстуўфхцчшыьэюя", "аніоерсктя", 0.64),
]
_HANZI = _span(0x4E00, 0x9FFF)
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得着下自之年过发后作里很好没都还"
    "去看多小心用"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得著下自之年過發後作裡很好沒都還"
    "去看多小心用"
)
_KOREAN = "이다는을의에가고하지도은로사기한어인시자그나리대해있스라여서아요"
_CANDIDATES: tuple[tuple[str, str, list[_Script]], ...] = (
    (WESTERN, "Western European", _WEST),
    ("cp1250", "Central European", _CENTRAL),
    ("cp1251", "Cyrillic", _CYRILLIC),
    ("koi8_r", "Cyrillic", _CYRILLIC),
    ("koi8_u", "Cyrillic", _CYRILLIC),
    ("cp932", "Japanese", _other("".join(_KANA) + _HANZI, "".join(_KANA), 0.3)),
    ("euc_jp", "Japanese", _other("".join(_KANA) + _HANZI, "".join(_KANA), 0.3)),
    ("gb18030", "Chinese", _other(_HANZI, _SIMPLIFIED, 0.08)),
    ("big5", "Chinese", _other(_HANZI, _TRADITIONAL, 0.08)),
    ("cp949", "Korean", _other(_span(0xAC00, 0xD7A3), _KOREAN, 0.2)),
    ("cp1254", "Turkish", _latin("çğıöşüâîûi̇")),
    ("iso8859_2", "Central European", _CENTRAL),
    ("cp1257", "Baltic", _latin("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž")),
    ("cp1253", "Greek", _other(_span(0x3AC, 0x3CE), "αοιετσνηυρ", 0.5)),
    ("iso8859_7", "Greek", _other(_span(0x3AC, 0x3CE), "αοιετσνηυρ", 0.5)),
    ("cp1255", "Hebrew", _other(_span(0x5B0, 0x5EA), "יוהלאמרתבש", 0.68)),
    ("cp1256", "Arabic", _other(_span(0x621, 0x652) + "پچژگکی", "اليمونتربع", 0.5)),
    ("cp874", "Thai", _other(_span(0xE01, 0xE5B), "านรกอเงมยลวดทสตะบค่้ี", 0.5)),
    ("mac_roman", "Mac Western", _WEST),
    ("mac_cyrillic", "Mac Cyrillic", _CYRILLIC),
    ("iso8859_5", "Cyrillic", _CYRILLIC),
    ("cp866", "DOS Cyrillic", _CYRILLIC),
    ("cp850", "DOS Western", _WEST),
)  # fmt: skip
_SHOWN = {WESTERN: "Windows-1252", "gb18030": "GB18030", "cp932": "Shift-JIS", "cp949": "EUC-KR"}


def guess(sample: bytes) -> Found:
    """Return the encoding of bytes that are no UTF-8; Windows-1252 where nothing better is known."""
    best, most, codec = "", 0.0, WESTERN
    for candidate, words, scripts in _CANDIDATES:
        text = _decoded(sample, candidate)
        fit = 0.0 if text is None else max(script.fit(text) for script in scripts)
        if fit > most + 1e-9:
            best, most, codec = words, fit, candidate
    if most < _CONVINCING:
        codec, best = _second_opinion(sample)
    shown = _SHOWN.get(codec, codec.replace("_", "-").replace("iso8859", "ISO-8859").upper())
    description = f"{shown} ({best})" if best and codec != WESTERN else shown
    return Found(
        codec, "replace", f"{GUESSED}, read as {description}; if letters look wrong, save it as UTF-8"
    )


def wide_codec(data: bytes) -> str | None:
    """Recognise UTF-16 and UTF-32 without a mark: only the right one gives spaces, digits and line ends."""
    head = data[:4096]
    if len(head) < 4 or b"\x00" not in head:
        return None
    plain = {codec: _plain_share(head, codec) for codec in _WIDE if len(data) % (int(codec[4:6]) // 8) == 0}
    best = max(plain, key=lambda codec: plain[codec], default=None)
    return best if best and plain[best] > _PLAIN else None


def _plain_share(head: bytes, codec: str) -> float:
    """Return how much of what comes out is ASCII; 0 where it is no text at all."""
    size = int(codec[4:6]) // 8
    try:
        text = head[: len(head) // size * size].decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return 0.0
        text = head[: error.start].decode(codec)
    readable = all(letter.isprintable() or letter.isspace() for letter in text)
    return sum("\t" <= letter < "\x7f" for letter in text) / len(text) if text and readable else 0.0


def find(chunks: Iterable[bytes]) -> Found:
    """Return how to decode bytes that come in pieces: UTF-8, UTF-8 with damage, or an older encoding.

    The pieces are looked through once and none is kept, so that a file of any size can be asked about.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    bad = good = 0
    sample = bytearray()
    for chunk in chunks:
        if len(sample) < SAMPLE_BYTES:
            sample += b"".join(_telling_lines(chunk))
        if chunk.isascii():
            continue
        text = decoder.decode(chunk)
        damaged = text.count("�")
        bad += damaged
        good += len(text) - len(text.encode("ascii", "ignore")) - damaged
    bad += decoder.decode(b"", final=True).count("�")
    if not bad:
        return Found("utf-8")
    if good > bad:
        return Found("utf-8", "replace", f"{bad} damaged characters; save it again as UTF-8")
    return guess(bytes(sample[:SAMPLE_BYTES]))


def _telling_lines(chunk: bytes) -> Iterator[bytes]:
    """Yield the lines that hold more than ASCII; no encoding here uses the line feed within a letter."""
    return (line for line in chunk.splitlines(keepends=True) if not line.isascii())


def _decoded(sample: bytes, codec: str) -> str | None:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        # A letter that was cut through where the sample ends is no fault; Windows-1252 leaves bytes open.
        if codec == WESTERN:
            return sample.decode("latin-1")
        if error.start < len(sample) - 3:
            return None
        text = sample[: error.start].decode(codec, "ignore")
    return text


def _second_opinion(sample: bytes) -> tuple[str, str]:
    best = from_bytes(sample).best()
    if best is None or best.chaos > 0.05 or best.language == "Unknown":
        return WESTERN, ""
    return best.encoding, best.language
