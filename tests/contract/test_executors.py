"""What every executor promises: in the calling thread, in threads, and in processes of their own."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.chunk import ChunkSpec, encode_chunk
from headstart.encoders.encoder import Encoder
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw
from headstart.errors import (
    Cancelled,
    CorruptBaseError,
    ParameterError,
    SourceError,
    WorkerLostError,
)
from headstart.execution import Executor, ProcessExecutor, Progress, SerialExecutor, ThreadExecutor
from headstart.types import Modality
from tiny import save_tiny_encoder

WORKERS = 2
AHEAD = 2
MOST_IN_FLIGHT = {"serial": 1, "thread": WORKERS + AHEAD, "process": WORKERS + AHEAD}


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessExecutor]:
    """Shared by the tests of this file: starting processes takes a second."""
    with ProcessExecutor(WORKERS, AHEAD) as executor:
        yield executor


@pytest.fixture(params=["serial", "thread", "process"])
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def executor(name: str, processes: ProcessExecutor) -> Executor:
    if name == "process":
        return processes
    return SerialExecutor() if name == "serial" else ThreadExecutor(WORKERS, AHEAD)


def slow_square(number: int) -> int:
    time.sleep(0.02 if number % 2 else 0.0)  # the later ones are done first
    return number * number


def fail_at(bad: int, number: int) -> int:
    if number == bad:
        raise SourceError("Three is broken; save it again.", kind="truncated")
    return number


def touch(folder: Path, number: int) -> int:
    (folder / str(number)).touch()
    time.sleep(0.01)
    return number


def kill_own_process(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def own_id(_: int) -> int:
    return os.getpid()


def test_results_come_in_the_order_of_the_items(executor: Executor) -> None:
    assert list(executor.map(slow_square, range(12))) == [number**2 for number in range(12)]
    assert list(executor.map(slow_square, [])) == []


def test_an_error_keeps_its_type_and_what_came_before_is_given(executor: Executor) -> None:
    results = executor.map(partial(fail_at, 3), range(100))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(SourceError, match="Three is broken") as caught:
        next(results)
    assert caught.value.kind == "truncated"
    with pytest.raises(ZeroDivisionError):
        list(executor.map((1).__truediv__, [1, 0]))
    assert list(executor.map(slow_square, [2])) == [4]  # and it goes on working


def test_an_error_of_the_items_is_raised(executor: Executor) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("no more")

    with pytest.raises(KeyError, match="no more"):
        list(executor.map(slow_square, items()))
    assert list(executor.map(slow_square, [2])) == [4]


def test_only_a_few_items_are_taken_ahead(executor: Executor, name: str) -> None:
    taken, given = 0, 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(40):
            taken += 1
            assert taken - given <= MOST_IN_FLIGHT[name]
            yield number

    for _ in executor.map(slow_square, items()):
        given += 1
    assert (taken, given) == (40, 40)


def test_items_are_read_in_the_calling_thread(executor: Executor) -> None:
    threads: set[int] = set()

    def items() -> Iterator[int]:
        for number in range(9):
            threads.add(threading.get_ident())
            yield number

    list(executor.map(slow_square, items()))
    assert threads == {threading.get_ident()}


def test_closing_stops_the_work(executor: Executor, tmp_path: Path) -> None:
    results = executor.map(partial(touch, tmp_path), range(1000))
    assert next(results) == 0
    results.close()
    done = len(list(tmp_path.iterdir()))
    assert done <= 1 + 2 * (WORKERS + AHEAD)
    time.sleep(0.1)
    assert len(list(tmp_path.iterdir())) == done  # nothing goes on behind the caller's back
    assert list(executor.map(slow_square, [3])) == [9]


def test_one_map_may_feed_another(executor: Executor) -> None:
    """Hashing goes ahead of encoding so."""
    inner = executor.map(slow_square, range(30))
    assert list(executor.map(slow_square, inner)) == [number**4 for number in range(30)]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_killed_worker_is_one_clear_error_and_the_next_call_works() -> None:
    with ProcessExecutor(WORKERS) as executor:
        with pytest.raises(WorkerLostError, match="One of 2 worker processes ended in the middle") as caught:
            list(executor.map(kill_own_process, range(8)))
        assert "fewer workers" in str(caught.value.hint)
        assert caught.value.exit_code == 1
        assert list(executor.map(slow_square, [3])) == [9]


def test_processes_stay_and_are_not_the_caller(processes: ProcessExecutor) -> None:
    first, again = (set(processes.map(own_id, range(20))) for _ in range(2))
    assert os.getpid() not in first | again
    assert len(first | again) <= WORKERS


def test_ctrl_c_is_for_the_caller_alone(processes: ProcessExecutor) -> None:
    """A terminal sends it to every process of the group."""
    before = set(processes.map(own_id, range(20)))
    for process in before:
        os.kill(process, signal.SIGINT)
    assert set(processes.map(own_id, range(20))) <= before


def test_what_cannot_be_sent_is_refused_with_the_reason(processes: ProcessExecutor) -> None:
    with pytest.raises(ParameterError, match=r"must be picklable, and this is not: .*\nGive files, bytes"):
        list(processes.map(slow_square, [threading.Lock()]))  # type: ignore[list-item]
    with pytest.raises(ParameterError, match="must be picklable"):
        list(processes.map(lambda number: number, [1]))


# Encoding


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[Modality, list[Encoder]]:
    """Two bases of each kind, and simple features."""
    folder = tmp_path_factory.mktemp("tiny")
    return {
        kind: [
            *(
                open_encoder(save_tiny_encoder(folder / f"{kind}{seed}", kind, f"base{seed}", seed))
                for seed in range(2)
            ),
            open_raw(kind),
        ]
        for kind in Modality
    }


def real_inputs(kind: Modality, root: Path, broken: Path) -> list[Any]:
    """Real inputs in several forms, with three that cannot be used at 0, 5 and the end."""
    if kind == Modality.TEXT:
        rows = (root / "text" / "news_topic.csv").read_text(encoding="utf-8").splitlines()[1:60]
        return ["", *rows[:4], " \n ", *rows[4:], rows[7], ""]
    folder = "image/stamp_photos" if kind == Modality.IMAGE else "audio/spoken_commands"
    files = sorted(path for path in (root / folder).rglob("*") if path.is_file())[:24]
    cut = broken / f"cut{files[0].suffix}"
    cut.write_bytes(files[0].read_bytes()[:60])
    return [broken / "not-there.xyz", *files[:4], cut, *files[4:], files[3].read_bytes(), b""]


@pytest.mark.parametrize("kind", list(Modality))
@pytest.mark.parametrize("kept", [False, True])
def test_rows_are_the_same_to_the_bit_and_failures_stand_where_they_should(
    executor: Executor,
    tiny: dict[Modality, list[Encoder]],
    kind: Modality,
    kept: bool,
    data_root: Path,
    tmp_path: Path,
) -> None:
    inputs = real_inputs(kind, data_root, tmp_path)
    cache = EmbeddingCache(tmp_path / "cache.sqlite") if kept else None
    made = encode_many(tiny[kind], inputs, cache=cache, threads=2, executor=executor)
    due = encode_many(tiny[kind], inputs, threads=2)
    for base, embeddings in made.items():
        positions = [position for position, _, _ in embeddings.failures]
        assert positions == [0, 5, len(inputs) - 1]
        assert embeddings.failures == due[base].failures
        assert list(embeddings.signatures) == list(due[base].signatures)
        np.testing.assert_array_equal(embeddings.rows, due[base].rows)
        if kept and base != "raw":  # one input is there twice
            assert (embeddings.computed, embeddings.from_cache) == (len(embeddings.rows) - 1, 1)
        if kept:  # a chunk without the twin is another batch, which may round in another way
            np.testing.assert_allclose(dense(embeddings.vectors), dense(due[base].vectors), atol=1e-5)
        else:
            np.testing.assert_array_equal(dense(embeddings.vectors), dense(due[base].vectors))
    if cache is not None:
        again = encode_many(tiny[kind], inputs, cache=cache, executor=executor)
        cache.close()
        assert {base: e.computed for base, e in again.items() if base != "raw"} == {"base0": 0, "base1": 0}


def dense(vectors: Any) -> Any:
    return vectors.toarray() if hasattr(vectors, "toarray") else vectors


def test_progress_comes_from_the_results_in_the_calling_thread(
    executor: Executor, tiny: dict[Modality, list[Encoder]], data_root: Path, tmp_path: Path
) -> None:
    inputs = real_inputs(Modality.IMAGE, data_root, tmp_path)
    steps: list[tuple[int, int]] = []

    def told(step: Progress) -> None:
        steps.append((step.done, threading.get_ident()))

    encode_many(tiny[Modality.IMAGE], inputs, threads=2, progress=told, executor=executor)
    done = [count for count, _ in steps]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(inputs))
    assert {thread for _, thread in steps} == {threading.get_ident()}


def test_cancelling_keeps_what_was_done(
    executor: Executor, tiny: dict[Modality, list[Encoder]], data_root: Path, tmp_path: Path
) -> None:
    inputs = real_inputs(Modality.IMAGE, data_root, tmp_path)

    def cancel(step: Progress) -> None:
        if step.done:
            raise Cancelled("Stopped.")

    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        with pytest.raises(Cancelled, match="Stopped"):
            encode_many(tiny[Modality.IMAGE], inputs, cache=cache, progress=cancel, executor=executor)
        kept = cache.info()["embeddings"]
        rest = encode_many(tiny[Modality.IMAGE], inputs, cache=cache, executor=executor)["base0"]
    assert 0 < kept < 3 * len(inputs)
    assert len(rest.rows) == len(inputs) - 3


def test_a_base_that_cannot_be_run_is_its_own_error(
    executor: Executor, tmp_path: Path, data_root: Path
) -> None:
    broken = open_encoder(save_tiny_encoder(tmp_path / "base", Modality.IMAGE))
    broken.spec.files["encoder"].write_bytes(b"not a graph")
    inputs = real_inputs(Modality.IMAGE, data_root, tmp_path)
    with pytest.raises(CorruptBaseError, match=r"encoder\.onnx could not be opened"):
        encode_many([broken], inputs, executor=executor)


def test_a_chunk_goes_through_pickle_and_opens_its_sessions_once(
    tiny: dict[Modality, list[Encoder]], data_root: Path, tmp_path: Path
) -> None:
    spec = ChunkSpec(tiny[Modality.IMAGE])
    sources = real_inputs(Modality.IMAGE, data_root, tmp_path)[:6]
    here = encode_chunk(spec, sources)
    assert set(here.failures) == {0, 5}
    assert here.failures[0][1] == "missing"
    sent = pickle.dumps((spec, sources))
    there, also = pickle.loads(sent)[0], pickle.loads(sent)[0]
    assert there is also is not spec
    result = pickle.loads(pickle.dumps(encode_chunk(*pickle.loads(sent))))
    assert result.failures == here.failures
    for mine, other in zip(here.rows, result.rows, strict=True):
        assert mine is not None
        assert list(mine[0]) == list(other[0]) == [1, 2, 3, 4]
        np.testing.assert_array_equal(mine[1].values, other[1].values)
    first, second = tiny[Modality.IMAGE][:2]
    some = encode_chunk(ChunkSpec([first, second]), sources, [[], [1, 5]])
    assert some.rows[0] is None
    assert some.rows[1] is not None
    assert list(some.rows[1][0]) == [1]
    assert set(some.failures) == {5}
