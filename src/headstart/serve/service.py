"""What answers: the models, their queues, and the processes that decode for them."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from headstart.data.mixed.values import is_absent
from headstart.encoders.encoder import Predecoded
from headstart.errors import Refused, SourceError
from headstart.kinds import has_columns, is_of_files
from headstart.row import Row
from headstart.serve.batcher import Batcher
from headstart.serve.decoding import Decoding, weight_of
from headstart.serve.heat import require_heat, where
from headstart.serve.inputs import Asked, Input, check_row, check_text
from headstart.serve.metrics import Metrics
from headstart.serve.models import Served
from headstart.serve.settings import ServeSettings
from headstart.settings import current
from headstart.targets import target_of
from headstart.types import Modality, Prediction
from headstart.web.sandbox import Sandbox

_USUAL_CHARACTERS = 2000
_SHARE_OF_TIMEOUT = 0.5  # who would wait longer than this is told at once, not after the whole time-out


class Service:
    """Answers requests for the models that are served.

    Parameters
    ----------
    served
        The models by name.
    settings
        What it goes by.
    sandboxes
        The running decoders of each modality that needs them.
    """

    def __init__(
        self,
        served: Mapping[str, Served],
        settings: ServeSettings,
        sandboxes: Mapping[Modality, Sandbox],
        metrics: Metrics,
    ) -> None:
        self.served = dict(served)
        self.settings = settings
        self.metrics = metrics
        self._sandboxes = dict(sandboxes)
        self._keys: dict[str, tuple[Hashable, ...]] = {
            name: entry.model.decode_keys() for name, entry in served.items()
        }
        self._cells = {name: entry.model.cell_keys() for name, entry in served.items()}
        self._drift = {
            name: test(entry.model)
            for name, entry in served.items()
            if (test := target_of(entry.model.target).drift) is not None
        }
        self._batchers: dict[str, Batcher] = {}
        self._decoding: dict[Modality, Decoding] = {}

    def start(self) -> None:
        """Begin to answer; called in the loop that will ask."""
        self._batchers = {
            name: Batcher(
                entry.model,
                batch=self.settings.batch,
                window=self.settings.window_ms / 1000,
                queue=self.settings.queue,
                longest=self.settings.timeout * _SHARE_OF_TIMEOUT,
                observer=self.metrics.batch(name),
            )
            for name, entry in self.served.items()
        }
        for batcher in self._batchers.values():
            batcher.start()
        self._decoding = {
            kind: Decoding(sandbox, self.settings.limits.held_bytes, workers_of(self.settings))
            for kind, sandbox in self._sandboxes.items()
        }

    async def stop(self) -> None:
        """End; what was admitted has been answered by now."""
        await asyncio.gather(*(batcher.stop() for batcher in self._batchers.values()))

    def find(self, name: str) -> Served:
        """Return a model by its name.

        Raises
        ------
        Refused
            404 where there is none.
        """
        if name not in self.served:
            raise Refused(
                404, "no_model", "There is no model of that name.", "GET /v1/models lists those there are."
            )
        return self.served[name]

    def check_room(self, name: str) -> None:
        """Refuse, before a body is read, where the queue is full already."""
        self._batchers[name].check()

    def unready(self) -> list[str]:
        """Return what is not ready, in words."""
        return [f"{kind} decoders" for kind, sandbox in self._sandboxes.items() if not sandbox.ready]

    def waiting(self) -> dict[str, float]:
        """Return how many inputs wait for each model."""
        return {name: batcher.waiting for name, batcher in self._batchers.items()}

    def restarts(self) -> dict[str, float]:
        """Return how often a decoder of each kind was replaced."""
        return {str(kind): sandbox.restarts for kind, sandbox in self._sandboxes.items()}

    def drift(self, figure: str) -> dict[str, float]:
        """Return a figure of the test for drift of each model that has one; 0 where it is not known."""
        return {name: float(test.report().to_dict()[figure] or 0) for name, test in self._drift.items()}

    async def predict(self, served: Served, asked: Asked) -> list[dict[str, Any]]:
        """Answer each input of a request, in order.

        Raises
        ------
        Refused
            503 where there is no room, 504 where it takes too long.
        ParameterError, DoubtUnavailableError
            Where the model cannot promise the confidence that is asked for.
        """
        served.model.check_confidence(asked.options.confidence)
        require_heat(served.model, asked.options.heatmap)
        with self._batchers[served.name].admit(len(asked.inputs)):
            tasks = [
                asyncio.create_task(self._predict_input(served, asked, source)) for source in asked.inputs
            ]
            try:
                async with asyncio.timeout(self.settings.timeout):
                    answers = await asyncio.gather(*tasks)
            except TimeoutError as error:
                raise Refused(
                    504,
                    "timeout",
                    f"There was no answer within {self.settings.timeout:g} seconds.",
                    "Send fewer inputs at a time, or try again later.",
                ) from error
            finally:
                for task in tasks:
                    task.cancel()
        bad = sum("error" in answer for answer in answers)
        self.metrics.inputs(served.name, len(answers) - bad, bad)
        if served.name in self._drift:
            self._drift[served.name].add(one["score"] for one in answers if "score" in one)
        return answers

    async def _predict_input(self, served: Served, asked: Asked, given: Input) -> dict[str, Any]:
        try:
            predicted = await self._answer(served, asked, given)
        except SourceError as error:
            return {"source": given.name, "error": error.message, "code": error.kind}
        return {**_told(predicted, asked.options.top), **where(predicted, asked.options.heatmap)}

    async def _answer(self, served: Served, asked: Asked, given: Input) -> Prediction:
        """Check a text, or let the bytes be decoded, and queue it for the model."""
        if given.error is not None:
            raise given.error
        content = given.content
        assert content is not None
        top = asked.options.top
        options = asked.options.model_dump(exclude={"top", "inputs", "heatmap"}, exclude_none=True)
        batcher = self._batchers[served.name]
        decoding = self._decoding.get(served.model.modality)
        if isinstance(content, Row):
            with ExitStack() as held:
                row, weight = await self._decoded(served, content, held)
                return await batcher.put(row, given.name, top, options, weight)
        if decoding is None or isinstance(content, str):
            check_text(content, self.settings.limits)
            weight = max(1.0, len(content) / _USUAL_CHARACTERS)
            return await batcher.put(content, given.name, top, options, weight)
        decoded = await decoding.decode(content, self._keys[served.name])
        with decoding.released(decoded):
            return await batcher.put(Predecoded(decoded), given.name, top, options, weight_of(decoded))

    async def _decoded(self, served: Served, row: Row, held: ExitStack) -> tuple[Row, float]:
        """Let the photos and sounds of a row be decoded; return it with its weight.

        Raises
        ------
        SourceError
            When a cell cannot be used; a text where a photo or a sound belongs would name a file of ours.
        """
        cells = dict(row.cells)
        weight = max(1.0, check_row(row, self.settings.limits) / _USUAL_CHARACTERS)
        holding = False
        for column, (kind, keys) in self._cells[served.name].items():
            content = cells.get(column)
            if is_absent(content):
                continue
            if not isinstance(content, bytes):
                raise SourceError(
                    f"The column {column!r} holds files; send the file itself.", kind="not_a_file"
                )
            try:
                decoded = await self._decoding[kind].decode(content, keys, holding=holding)
            except SourceError as error:
                raise SourceError(f"{column}: {error.message}", kind=error.kind) from error
            held.enter_context(self._decoding[kind].released(decoded))
            holding, cells[column] = True, Predecoded(decoded)
            weight += weight_of(decoded) - 1.0
        return Row(cells, row.name), weight


def workers_of(settings: ServeSettings) -> int:
    """Return how many processes decode inputs of one kind."""
    return settings.decoders or current().threads


def make_sandboxes(served: Sequence[Served], settings: ServeSettings) -> dict[Modality, Sandbox]:
    """Return decoders, not started yet, where they are needed; texts and rows are read by Python itself."""
    kinds = {entry.model.modality for entry in served if not has_columns(entry.model.modality)}
    kinds |= {kind for entry in served for kind, _ in entry.model.cell_keys().values()}
    needed = {kind for kind in kinds if is_of_files(kind)}
    return {
        modality: Sandbox(settings.limits, kind=str(modality), workers=workers_of(settings))
        for modality in sorted(needed)
    }


def _told(predicted: Prediction, top: int) -> dict[str, Any]:
    answer = predicted.to_dict()
    if predicted.error is not None:
        return {**answer, "code": "unreadable"}
    if "top" in answer:  # a target without a list of the likeliest has none
        answer["top"] = answer["top"][:top]
    return answer
