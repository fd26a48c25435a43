"""Tell cells that list label words with spaces between them from names of several words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice

_RECURRING = 0.9
_FREE = 0.65
_MOVED = 0.75
_CHANGING = 0.3  # where longer lists are made of shorter ones
_MOST_LISTS = 500


def are_lists_of_words(counts: Mapping[str, int]) -> bool:
    """Tell whether cells list words that recombine: ``clear primary``, ``agriculture clear primary water``.

    Nearly every word of a list stands in other cells too, and most of them stand alone, or at the beginning
    of one list and at the end of another. The words of a name keep their places: a colour comes first in
    ``black cat`` and ``white cat``, an adverb before its adjective in ``good`` and ``very good``.

    Parameters
    ----------
    counts
        Examples of each label.
    """
    split = {name: tuple(name.split()) for name in counts}
    lists = {name: words for name, words in split.items() if len(words) > 1}
    if not lists or any(len(set(words)) < len(words) for words in lists.values()):
        return False
    alone = {words[0] for words in split.values() if len(words) == 1}
    if len({frozenset(words) for words in lists.values()}) == 1:
        only = set(next(iter(lists.values())))
        return alone == only or len(lists) > 1  # two labels in all their combinations, or in either order
    if 2 * _in_several_orders(lists, counts) >= sum(counts[name] for name in lists):
        return True
    used = Counter[str]()
    for name, words in lists.items():
        used.update(dict.fromkeys(words, counts[name]))
    cells_with = Counter(word for words in split.values() for word in words)
    if _share(used, {word for word in used if cells_with[word] > 1}) < _RECURRING:
        return False
    changing = _changing_places(list(lists.values()))
    if _share(used, alone | changing) >= _FREE:
        return True
    moved = alone | _first_and_later(list(lists.values()))
    if len(lists) > max(2, len(used) // 2) and _share(used, moved) >= _MOVED:
        return True
    joins = _is_join(set(map(frozenset, islice(lists.values(), _MOST_LISTS))))
    return joins and _share(used, changing) >= _CHANGING


def _share(used: Counter[str], words: set[str]) -> float:
    return sum(count for word, count in used.items() if word in words) / used.total()


def _in_several_orders(lists: Mapping[str, tuple[str, ...]], counts: Mapping[str, int]) -> int:
    """Count the examples whose words stand in another order elsewhere."""
    orders = Counter(frozenset(words) for words in lists.values())
    return sum(counts[name] for name, words in lists.items() if orders[frozenset(words)] > 1)


def _is_join(lists: set[frozenset[str]]) -> bool:
    """Tell whether one list is what two shorter ones make together."""
    for whole in lists:
        parts = [part for part in lists if part < whole]
        if any(part | other == whole for part in parts for other in parts):
            return True
    return False


def _first_and_later(lists: Sequence[tuple[str, ...]]) -> set[str]:
    """Return the words that begin one list and stand further on in another."""
    return {words[0] for words in lists} & {word for words in lists for word in words[1:]}


def _changing_places(lists: Sequence[tuple[str, ...]]) -> set[str]:
    """Return the words that keep no place, neither from the beginning nor from the end."""
    from_start, from_end = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for words in lists:
        for place, word in enumerate(words):
            from_start[word].add(place)
            from_end[word].add(len(words) - place)
    return {word for word in from_start if len(from_start[word]) > 1 and len(from_end[word]) > 1}
