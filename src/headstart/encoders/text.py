"""Encode texts: tokens, batches of about equal length, no padding that could be spared."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.text import read_text
from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.graph import Graph
from headstart.errors import CorruptBaseError
from headstart.types import Signature

if TYPE_CHECKING:
    from headstart.types import EncoderSpec, Source

_BATCH_TOKENS = 320
"""Tokens that are run at once, padding included."""


class TextEncoder(Encoder):
    """Runs a base on texts.

    The recipe: ``max_tokens`` (longer texts are cut, and their signature says so) and ``pad_id``.
    """

    stage = "reading texts"
    chunk = 128
    pipeline = "text-1"
    _graph: Graph

    def __init__(self, spec: EncoderSpec, *, threads: int | None = None) -> None:
        super().__init__(spec, threads=threads)
        self._graph = Graph(spec.files["encoder"], spec.outputs)
        self._tokens = Tokens(spec)

    @property
    def decode_key(self) -> Hashable:
        """All text bases read texts alike."""
        return ("text",)

    def decode(self, source: Source) -> Decoded:
        """Read and normalise a text."""
        text, note = read_text(source)
        return Decoded(text, note)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Cut into tokens, sort by length and run."""
        tokens, signatures = [], []
        for decoded, (ids, note) in zip(batch, self._tokens.of([d.value for d in batch]), strict=True):
            tokens.append(ids)
            notes = "; ".join(part for part in (decoded.note, note) if part)
            signatures.append(Signature(content_of(decoded.value.encode()), note=notes))
        values = np.empty((len(batch), self._graph.width), dtype=np.float32)
        for rows in _batches([len(ids) for ids in tokens]):
            values[rows] = self._graph.run(self._padded([tokens[i] for i in rows]))
        return Rows(values, signatures)

    def cut(self, decoded: Decoded) -> Any:
        """Cut one text into tokens; ``(tokens,)``."""
        return np.asarray(self._tokens.of([decoded.value])[0][0], dtype=np.int64)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, before anything is cut."""
        return self._tokens.count(texts)

    def _padded(self, tokens: Sequence[Sequence[int]]) -> dict[str, Any]:
        shape = len(tokens), max(len(ids) for ids in tokens)
        ids = np.full(shape, int(self.spec.recipe.get("pad_id", 0)), dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for i, line in enumerate(tokens):
            ids[i, : len(line)] = line
            mask[i, : len(line)] = 1
        return {"input_ids": ids, "attention_mask": mask}


class Tokens:
    """A tokenizer, read when it is first used."""

    def __init__(self, spec: EncoderSpec) -> None:
        self._spec = spec
        self._lock = threading.Lock()
        self._tokenizer: Any = None
        self._most = int(spec.recipe["max_tokens"])

    def __getstate__(self) -> dict[str, Any]:
        return {"_spec": self._spec}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_spec"])  # type: ignore[misc]

    def of(self, texts: Sequence[str]) -> list[tuple[Sequence[int], str]]:
        """Return the token ids of each text, and a note where it was cut."""
        tokenizer = self._open()
        room, blank = self._most - self._special, [int(self._spec.recipe.get("pad_id", 0))]
        cuts: list[tuple[Sequence[int], str]] = []
        # Without offsets, and for the whole batch while other threads go on: less than half of the time.
        for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False):
            length = len(encoding)
            if length > room:
                encoding.truncate(room)
            ids = tokenizer.post_process(encoding).ids
            cuts.append((ids or blank, f"text cut at {room} of {length} tokens" if length > room else ""))
        return cuts

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without those that mark its ends."""
        readable = [text.encode("utf-8", "replace").decode() for text in texts]  # lone surrogates are no text
        encodings = self._open().encode_batch_fast(readable, add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def _open(self) -> Any:
        with self._lock:
            if self._tokenizer is None:
                path = self._spec.files["tokenizer"]
                # Ours are the threads; its own beside them would only get in the way, and complain at a fork.
                os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
                import tokenizers

                try:
                    tokenizer = tokenizers.Tokenizer.from_file(str(path))
                except Exception as error:
                    raise CorruptBaseError(
                        f"{path} is not a tokenizer: {error}.",
                        f"Prepare the base again: headstart bases get {self._spec.name}",
                    ) from error
                tokenizer.no_truncation()
                tokenizer.no_padding()
                self._special = int(tokenizer.num_special_tokens_to_add(False))
                self._tokenizer = tokenizer
            return self._tokenizer


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group positions by length, so that each batch holds at most `_BATCH_TOKENS` with its padding."""
    batch: list[int] = []
    for position in np.argsort(lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * lengths[position] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
