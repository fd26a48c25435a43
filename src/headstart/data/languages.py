"""Which languages texts are in: by their letters, and where these are Latin by the smallest words.

One short text may tell nothing. Many together do, and what they tell decides which base models can read them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headstart.data.language_words import WORDS

MOST_TEXTS = 400
MOST_LETTERS = 600
ENGLISH = "en"
FOREIGN = "other"
"""Written in Latin letters, in a language that is not known here."""
UNSPACED = frozenset(("ja", "km", "lo", "my", "th", "zh"))
"""Written without spaces between words."""
MIXED_FROM = 0.2
"""Share of texts from which a second language counts."""

NAMES: Mapping[str, str] = dict(
    part.split("=")
    for part in "am=Amharic ar=Arabic be=Belarusian bg=Bulgarian bn=Bengali ca=Catalan cs=Czech da=Danish "
    "de=German el=Greek en=English es=Spanish et=Estonian fa=Persian fi=Finnish fr=French gu=Gujarati "
    "he=Hebrew hi=Hindi hr=Croatian hu=Hungarian hy=Armenian id=Indonesian it=Italian ja=Japanese "
    "ka=Georgian km=Khmer kn=Kannada ko=Korean lo=Lao lt=Lithuanian lv=Latvian mk=Macedonian ml=Malayalam "
    "my=Burmese nl=Dutch no=Norwegian pa=Punjabi pl=Polish pt=Portuguese ro=Romanian ru=Russian si=Sinhala "
    "sk=Slovak sl=Slovenian sr=Serbian sv=Swedish ta=Tamil te=Telugu th=Thai tr=Turkish uk=Ukrainian "
    "ur=Urdu vi=Vietnamese "
    "zh=Chinese".split()
) | {FOREIGN: "in a language that is not known here"}

_LEAST_TEXTS = 3  # in a second language: one or two may be mistaken
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LEAST_SHARE = 0.05  # of words that must be small ones of the language
_STRANGE_SHARE = 0.03  # of letters with marks, from which Latin text without such words is taken for foreign
_LEAST_JUDGED = 40  # letters with which no small word at all means something
_KANA_SHARE = 0.05  # Chinese has none, and Japanese hardly less than a third
_DENSE = 5  # letters of Latin that one letter stands for where each is a syllable or a word

_RANGES = (
    (0x0370, 0x03FF, "el"), (0x0400, 0x052F, "cyrillic"), (0x0530, 0x058F, "hy"), (0x0590, 0x05FF, "he"),
    (0x0600, 0x077F, "arabic"), (0x0900, 0x097F, "hi"), (0x0980, 0x09FF, "bn"), (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"), (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"), (0x0D80, 0x0DFF, "si"), (0x0E00, 0x0E7F, "th"), (0x0E80, 0x0EFF, "lo"),
    (0x1000, 0x109F, "my"), (0x10A0, 0x10FF, "ka"), (0x1200, 0x139F, "am"), (0x1780, 0x17FF, "km"),
    (0x3040, 0x30FF, "kana"), (0x3400, 0x9FFF, "han"), (0xAC00, 0xD7AF, "ko"),
)  # fmt: skip
_DENSE_SCRIPTS = ("kana", "han", "ko")
_TELLING: Mapping[str, Mapping[str, str]] = {
    "cyrillic": {"uk": "іїєґ", "be": "ўі", "sr": "ђјљњћџ", "mk": "ѓќѕ", "bg": "ъ", "ru": "ыэё"},
    "arabic": {"fa": "پچژگ", "ur": "ٹڈڑے"},
}
_USUAL = {"cyrillic": "ru", "arabic": "ar", "han": "zh", "kana": "ja"}


@dataclass(frozen=True, slots=True)
class Languages:
    """Which languages a set of texts is in.

    Attributes
    ----------
    shares
        ISO code to its share among the texts that tell, the commonest first; empty where none tells.
    texts
        How many of those that were looked at tell.
    """

    shares: Mapping[str, float]
    texts: int = 0

    @property
    def main(self) -> str:
        """The commonest language; empty where no text tells."""
        return next(iter(self.shares), "")

    @property
    def counted(self) -> tuple[str, ...]:
        """The commonest language, and each other that a good share of the texts is in."""
        least = max(MIXED_FROM, _LEAST_TEXTS / max(self.texts, 1))
        return tuple(code for code, share in self.shares.items() if code == self.main or share >= least)

    @property
    def english(self) -> bool:
        """Whether nothing but English is found; so too where no text tells, as with names and codes."""
        return set(self.counted) <= {ENGLISH}


def name_of(code: str) -> str:
    """Return the English name of a language; the code where there is none here."""
    return NAMES.get(code, code)


def languages_of(texts: Sequence[str]) -> Languages:
    """Tell which languages texts are in.

    Parameters
    ----------
    texts
        Looked at are at most `MOST_TEXTS` of them, evenly spread, and the first `MOST_LETTERS` of each.

    Examples
    --------
    >>> languages_of(["Wie kann ich das Gerät zurücksetzen?", "Das ist nicht schwer."]).main
    'de'
    """
    step = max(1, len(texts) // MOST_TEXTS)
    votes: Counter[str] = Counter()
    undecided = []
    for text in texts[::step]:
        language = language_of_text(text)
        if language:
            votes[language] += 1
        else:
            undecided.append(text[:MOST_LETTERS])
    if not votes:  # texts of a few words each: all of them as one
        language = language_of_text(" ".join(undecided), len(undecided) * MOST_LETTERS)
        votes.update([language] if language else [])
    total = votes.total()
    return Languages({code: count / total for code, count in votes.most_common()}, total)


def language_of_text(text: str, most: int = MOST_LETTERS) -> str:
    """Return the ISO code of a text's language, `FOREIGN`, or an empty string where it does not tell."""
    words = _LETTERS.findall(text[:most].casefold())
    scripts = Counter(script_of(letter) for word in words for letter in word)
    for script in _DENSE_SCRIPTS:
        scripts[script] *= _DENSE
    if not words:
        return ""
    script, _ = scripts.most_common(1)[0]
    if script == "latin":
        return _of_latin(words)
    if script in ("han", "kana"):
        japanese = scripts["kana"] >= _KANA_SHARE * (scripts["kana"] + scripts["han"])
        return "ja" if japanese else "zh"
    return _by_letters(script, "".join(words))


def script_of(letter: str) -> str:
    """Return the script of a letter, or the language where the script is that of one alone."""
    code = ord(letter)
    if code < 0x0370 or 0x1E00 <= code < 0x1F00:
        return "latin"
    return next((name for first, last, name in _RANGES if first <= code <= last), "")


def _by_letters(script: str, letters: str) -> str:
    counts = {
        language: sum(map(letters.count, telling)) for language, telling in _TELLING.get(script, {}).items()
    }
    best = max(counts, key=counts.__getitem__, default="")
    return best if best and counts[best] else _USUAL.get(script, script)


def _of_latin(words: Sequence[str]) -> str:
    plain = [word.replace("’", "'") for word in words]
    counts = {code: sum(word in small for word in plain) for code, small in WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    if counts[best] and counts[best] >= _LEAST_SHARE * len(plain):
        second = max((count for code, count in counts.items() if code != best), default=0)
        return best if counts[best] > second else _tie(counts, plain)
    letters = "".join(plain)
    strange = sum(not letter.isascii() for letter in letters)
    if len(letters) >= _LEAST_JUDGED and strange >= _STRANGE_SHARE * len(letters):
        return FOREIGN
    return ""


def _tie(counts: Mapping[str, int], words: Sequence[str]) -> str:
    """Return the language whose matching words are rarest among the others, or none of them."""
    most = max(counts.values())
    alike = [code for code, count in counts.items() if count == most]

    def rare(code: str) -> float:
        rare_words = set(words) & WORDS[code]
        return sum(1 / sum(word in small for small in WORDS.values()) for word in rare_words)

    weights = {code: rare(code) for code in alike}
    best = max(alike, key=weights.__getitem__)
    return best if list(weights.values()).count(weights[best]) == 1 else ""
