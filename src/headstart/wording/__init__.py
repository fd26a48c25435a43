"""What results mean, in words: one catalogue a language, for terminal, reports, model cards and the app.

Results carry codes and figures. `Words` turns them into sentences; `reason` makes a finding with its English
text, for JSON and for programs. The sentences stand in ``en/*.json`` and ``de/*.json`` and nowhere else.
Errors, notes and help are written in English where they arise; `Words.translate` puts them into the language,
from ``de/sentences/*.json``.
"""

from headstart.wording.language import choose_language, languages
from headstart.wording.shown import shown_in
from headstart.wording.words import ENGLISH, Words, reason

__all__ = ["ENGLISH", "Words", "choose_language", "languages", "reason", "shown_in"]
