"""Cuts a network of a library into stages without knowing its insides.

The parts that follow one another (the blocks of a picture network, the layers of a transformer) are found by
name. To begin in the middle, the network's own forward pass runs with the parts before that place handing
through what they get, and the value that belongs there is put in; to end in the middle, it is left when the
next part is called. Whether a network bears that is not believed but tried: see `Cut.holds`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

CLOSE = 1e-4


class _ReachedError(Exception):
    """The part to stop before was called."""

    def __init__(self, value: Tensor) -> None:
        super().__init__()
        self.value = value


class Cut:
    """The parts of a network that follow one another.

    Parameters
    ----------
    module
        The network.
    names
        Paths of the parts, in the order in which they run. Stage 0 is all that comes before the first of
        them; what comes after the last belongs to its stage.
    """

    def __init__(self, module: nn.Module, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._parts = [module.get_submodule(name) for name in names]
        self._answers = [0] * len(names)  # how many values a part returns in a tuple; 0 is a bare tensor
        self._same = [False] * len(names)  # whether what a part returns has the shape of what it gets

    @property
    def stages(self) -> int:
        """How many stages there are."""
        return 1 + len(self._parts)

    def learn(self, call: Callable[[], Any]) -> bool:
        """Watch one pass; return whether every part ran once, in order, from a tensor to a tensor."""
        order: list[int] = []
        sound = True

        def watch(number: int) -> Any:
            def hook(_: Any, args: Any, kwargs: Any, result: Any) -> None:
                nonlocal sound
                order.append(number)
                first = result[0] if isinstance(result, tuple) and result else result
                self._answers[number] = len(result) if isinstance(result, tuple) else 0
                given = _first(args, kwargs)
                sound = sound and isinstance(given, Tensor) and isinstance(first, Tensor)
                self._same[number] = sound and given.shape == first.shape

            return hook

        handles = [
            part.register_forward_hook(watch(number), with_kwargs=True)
            for number, part in enumerate(self._parts)
        ]
        try:
            with torch.no_grad():
                call()
        finally:
            for handle in handles:
                handle.remove()
        return sound and order == list(range(len(self._parts)))

    @property
    def keeping_shape(self) -> list[str]:
        """Names of the parts that can be handed through wherever they stand; known once it has learnt."""
        return [name for name, same in zip(self.names, self._same, strict=True) if same]

    def run(self, call: Callable[[], Any], value: Tensor | None, start: int, stop: int | None = None) -> Any:
        """Run the stages from `start` to before `stop`.

        Parameters
        ----------
        call
            Runs the whole network; from a stage above 0 on, only what it does outside of its parts counts.
        value
            What enters stage `start`; None for stage 0, where `call` brings its own.

        Returns
        -------
        What enters stage `stop`, or what `call` returns.
        """
        with ExitStack() as undo:
            for number in range(start - 1):
                undo.enter_context(_handing_through(self._parts[number], self._answers[number]))
            if start:
                handle = self._parts[start - 1].register_forward_pre_hook(_putting(value), with_kwargs=True)
                undo.callback(handle.remove)
            if stop is not None and stop < self.stages:
                handle = self._parts[stop - 1].register_forward_pre_hook(_leave, with_kwargs=True)
                undo.callback(handle.remove)
            try:
                return call()
            except _ReachedError as reached:
                return reached.value

    def holds(self, whole: Any, staged: Callable[[], Any]) -> bool:
        """Return whether running stage after stage gives what the network gives."""
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may be about to fail
            try:
                actual = staged()
            except (RuntimeError, TypeError, ValueError, IndexError, AttributeError):
                return False  # this network does not bear being cut
        return bool(actual.shape == whole.shape) and farthest(actual, whole) <= CLOSE


def farthest(actual: Tensor, due: Tensor) -> float:
    """Return the largest difference, relative to the largest value where that is above 1."""
    return float((actual - due).abs().max() / due.abs().max().clamp(min=1.0))


def _first(args: Any, kwargs: Any) -> Any:
    return args[0] if args else next(iter(kwargs.values()), None)


@contextmanager
def _handing_through(part: nn.Module, answers: int) -> Iterator[None]:
    def forward(*args: Any, **kwargs: Any) -> Any:
        value = _first(args, kwargs)
        return (value, *[None] * (answers - 1)) if answers else value

    part.forward = forward
    try:
        yield
    finally:
        del part.forward


def _putting(value: Tensor | None) -> Any:
    def hook(_: Any, args: Any, kwargs: Any) -> Any:
        if args:
            return (value, *args[1:]), kwargs
        return args, {**kwargs, next(iter(kwargs)): value}

    return hook


def _leave(_: Any, args: Any, kwargs: Any) -> Any:
    raise _ReachedError(_first(args, kwargs))
