"""Tell names of folders that say how files are kept (``train_images``, ``labels``) from names of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
    "holdout": "test",
}
"""Names of folders, files and cells that mean a split, to what they mean."""

NO_LABEL = "no label"
"""What `part_of` says of a folder whose name tells that its files have no label."""

_UNLABELLED = frozenset("unlabeled unlabelled unsup".split())
_ANSWERS = frozenset("pred predict prediction predictions inference submission submissions".split())
_WAITING = frozenset("unsorted tolabel".split())
_FILLERS = frozenset(
    "set sets data dataset datasets split splits folder dir images image imgs img pics pictures photos "
    "photo jpgs jpg jpeg jpegs png pngs files file audio audios wav wavs clips sounds text texts txt seg "
    "cls".split()
)
_STORES = frozenset(
    "images image imgs img pics pictures photos photo jpegimages jpgs jpg jpeg jpegs png pngs audio "
    "audios wav wavs clips sounds texts text txt files file data dataset datasets raw raws original "
    "originals orig full processed preprocessed resized cropped thumbnails thumbnail thumbs thumb "
    "augmented samples frames".split()
)
_COMPANIONS = frozenset(
    "labels label annotations annotation masks mask segmentations segmentation gt groundtruth metadata "
    "meta imagesets bboxes boxes xml xmls attributes".split()
)
# Beside a folder of classes these hold something else; alone they could be classes.
_BESIDE = frozenset(
    "parts docs scripts notebooks logs results outputs models weights checkpoints csv json lists src code "
    "lib bin tests config configs assets".split()
)
_FOLDS = frozenset({"fold", "folds"})
_NUMBERED = _FOLDS | frozenset("part batch chunk shard volume vol".split())
_KEPT = _STORES | _COMPANIONS | frozenset(SPLITS)
# Hardly ever a class, even among classes.
_NEVER_A_CLASS = frozenset("images imgs img jpegimages data dataset datasets annotations".split())
_GLUED = re.compile(rf"({'|'.join(SPLITS)})(set|data|dataset|images|imgs)")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: of ``Train-Images2`` ``train`` and ``images``."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name).lower()
    joined = (
        spaced.replace("hold-out", "holdout").replace("hold_out", "holdout").replace("ground_truth", "gt")
    )
    words_found: list[str] = []
    for word in re.findall(r"[^\W\d_]+", joined):
        glued = _GLUED.fullmatch(word)
        words_found += glued.groups() if glued else [word]
    return tuple(words_found)


def part_of(name: str) -> str | None:
    """Return the split that a folder's name means (``test set``, ``train2017``), `NO_LABEL`, or None."""
    part, rest = _part_and_rest(name)
    return part if not rest else None


def part_of_table(stem: str) -> str | None:
    """Return the split that a table's name means: ``train``, ``test_labels``, ``trainLabels``."""
    part, rest = _part_and_rest(stem)
    return part if part != NO_LABEL and set(rest) <= _COMPANIONS | {"df", "info", "list"} else None


def parts_of(names: Iterable[str]) -> dict[str, str]:
    """Return what each of some sibling folders means where all name a split, or files without labels.

    Words that all of them share tell nothing: ``asl_alphabet_train`` beside ``asl_alphabet_test``.
    """
    split_names = {name: _part_and_rest(name) for name in names}
    rests = {rest for _, rest in split_names.values()}
    shared = rests == {()} or (len(rests) == 1 and len(split_names) > 1)
    parts = {name: part for name, (part, _) in split_names.items() if part is not None}
    whole = shared and len(parts) == len(split_names) and set(parts.values()) != {NO_LABEL}
    return parts if whole else {}


def are_stores(names: Iterable[str]) -> bool:
    """Tell whether all of some sibling folders are named for how files are kept, and none for a class."""
    store_rests = [_store_rest(name) for name in names]
    rests = set(store_rests)
    return (
        bool(store_rests)
        and None not in rests
        and (rests == {()} or (len(rests) == 1 and len(store_rests) > 1))
    )


def is_companion(name: str) -> bool:
    """Tell whether a folder beside one of classes would hold something else: labels, masks, documentation."""
    words = words_of(name)
    return bool(words) and set(words) <= _COMPANIONS | _BESIDE | _FILLERS and not set(words) <= _FILLERS


def is_companion_of_files(name: str) -> bool:
    """Tell whether a folder's name says that it describes the files of another one."""
    words = words_of(name)
    return bool(set(words) & _COMPANIONS) and set(words) <= _COMPANIONS | _FILLERS | set(SPLITS)


def is_never_a_class(name: str) -> bool:
    """Tell whether a folder among class folders is named for something that is hardly ever a class."""
    words = words_of(name)
    if not words:
        return False
    if len(words) == 1:
        return words[0] in _NEVER_A_CLASS | _WAITING | {"test", "prediction", "predictions", "predict"}
    return part_of(name) not in (None, NO_LABEL) or words in (("to", "label"), ("not", "sorted"))


def is_unlabelled(name: str) -> bool:
    """Tell whether a folder's name says that what is in it has no label."""
    words = words_of(name)
    return bool(set(words) & _UNLABELLED) and set(words) <= _UNLABELLED | _FILLERS


def is_submission(name: str) -> bool:
    """Tell whether a table's name says that it is for handing in answers, not for learning."""
    return bool(set(words_of(name)) & {"submission", "submissions"})


def _part_and_rest(name: str) -> tuple[str | None, tuple[str, ...]]:
    words = words_of(name)
    splits = {SPLITS[word] for word in words if word in SPLITS}
    rest = tuple(word for word in words if word not in SPLITS and word not in _FILLERS)
    if len(splits) == 1:
        return splits.pop(), rest
    unlabelled = _UNLABELLED | _ANSWERS
    if not splits and set(words) & unlabelled:
        return NO_LABEL, tuple(word for word in rest if word not in unlabelled)
    return None, rest


def _store_rest(name: str) -> tuple[str, ...] | None:
    """Return the words that do not say how files are kept; None where no word does."""
    words = words_of(name)
    numbered = _NUMBERED if any(letter.isdigit() for letter in name) else frozenset[str]()
    if not any(word in _KEPT or (word in _FOLDS and numbered) for word in words):
        return None  # "part 1" alone may well be a class
    return tuple(word for word in words if word not in _KEPT | _FILLERS | numbered)
