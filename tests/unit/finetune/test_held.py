"""Decoded inputs take no more memory than they may, and are the same from wherever they come."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from small import SmallTunable, small_task

from headstart.errors import ParameterError, StorageError
from headstart.finetune.config import FinetuneConfig
from headstart.finetune.held import Held, sizes_of
from headstart.finetune.inputs import decode_inputs, input_decoder
from headstart.finetune.memory import used_bytes
from headstart.finetune.tuning import tune
from headstart.types import Modality
from tiny import save_tiny_encoder

MEGABYTE = 2**20


def test_what_does_not_fit_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 255, (n, 3), dtype=np.uint8) for n in (50, 40, 30, 1, 0)]
    arrays += [rng.standard_normal((2, n)).astype(np.float32) for n in (7, 1, 30)]
    held = Held(300, tmp_path)
    for array in arrays:
        held.append(array)
    assert len(held) == 8
    assert held.in_file == 5  # 150 and 120 bytes fit; after the first that does not, only an empty one
    for place, array in enumerate(arrays):
        for found in (held[place], held[place - 8]):
            assert found.dtype == array.dtype
            assert np.array_equal(found, array)
    assert [one.shape for one in held[2:5]] == [(30, 3), (1, 3), (0, 3)]
    assert held.sizes == sizes_of(arrays)
    assert held.sizes == sizes_of(held)
    with pytest.raises(IndexError):
        held[8]


def test_threads_may_read_at_the_same_time(tmp_path: Path) -> None:
    held = Held(0, tmp_path)
    for number in range(40):
        held.append(np.full(2000, number))
    wrong: list[int] = []

    def read(seed: int) -> None:
        for place in np.random.default_rng(seed).integers(0, 40, 300).tolist():
            if not (held[place] == place).all():
                wrong.append(place)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_nothing_stays_behind_in_the_folder(tmp_path: Path) -> None:
    held = Held(0, tmp_path / "made")
    held.append(np.zeros(1000))
    file = held._file
    del held
    gc.collect()
    assert file.closed
    assert not list((tmp_path / "made").iterdir())


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file cannot be written to"):
        Held(0, tmp_path / "file").append(np.zeros(10))


def test_the_peak_of_decoding_stays_below_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "2")
    spec = save_tiny_encoder(tmp_path / "base", Modality.AUDIO)
    rng = np.random.default_rng(0)
    sources = []
    for number in range(50):  # a megabyte each, decoded
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, rng.integers(-(2**14), 2**14, 16000 * 16, dtype=np.int16), 16000)
        sources.append(path)
    decode = input_decoder(spec)
    total = 50 * decode(sources[0]).nbytes
    limit = used_bytes() + 50 * MEGABYTE  # ten for the inputs
    gc.collect()
    tracemalloc.start()
    try:
        held = decode_inputs(spec, sources, memory=limit)
        for place in range(len(held)):
            assert held[place].nbytes
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total > 45 * MEGABYTE
    assert peak < 25 * MEGABYTE  # the share, and what four decoders have in hand
    assert isinstance(held, Held)
    assert held.in_file >= 30
    for place in (0, 20, 49):
        assert np.array_equal(held[place], decode(sources[place]))


def test_a_limit_that_is_used_up_before_anything_is_decoded_is_told(tmp_path: Path) -> None:
    spec = save_tiny_encoder(tmp_path / "base", Modality.AUDIO)
    with pytest.raises(ParameterError, match="are in use before tuning begins"):
        decode_inputs(spec, [], memory=1000)


def test_tuning_gives_the_same_numbers_wherever_its_inputs_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "1")
    config = FinetuneConfig(depth="all", epochs=2, rate=0.03, batch=16, variations=1, folds=3)
    config = replace(config.resolved(Modality.IMAGE, 60), precision="float32")
    outcomes = []
    for room in (None, 0):
        tunable = SmallTunable()
        task = small_task(tunable, 60)
        held = Held(room, tmp_path)
        for one in task.inputs:
            held.append(one)
        folder = tmp_path / str(room)
        outcomes.append(tune(tunable, replace(task, inputs=held), config, folder, facts={"data": "d"}))
    first, second = outcomes
    assert np.array_equal(first.chosen.proba, second.chosen.proba)
