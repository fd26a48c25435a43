"""Processes that are killed or hang, floods, SIGTERM under load: nothing accepted is lost, nothing hangs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_serve_inputs import as_png, photo

from serving import Server, body_of, drained, environment, one_answer, status_of, wait_until

pytestmark = [
    pytest.mark.bases,
    pytest.mark.realdata,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]


@pytest.fixture(scope="module")
def small(trained: dict[str, Path]) -> Iterator[Server]:
    """A server with little room and short times."""
    server = Server(
        [trained["photos"], trained["news"]],
        *("--queue", 8, "--max-inputs", 4, "--decoders", 1, "--decode-timeout", 1.5, "--batch", 2),
        *("--max-pixels", 300_000_000, "--max-connections", 40, "--decode-memory", 1500),
    )
    yield server
    assert server.stop() == 0
    assert server.decoders() == []


def slow() -> bytes:
    """A photo that takes seconds to decode: a block of zeros again and again, in the slowest filter."""
    width, height, rows = 16_000, 12_000, 100
    packer = zlib.compressobj(9)
    lines = (bytes([4]) + bytes(width * 3)) * rows
    block = packer.compress(lines) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(lines) + packer.flush(zlib.Z_FULL_FLUSH)
    return as_png(width, height, block + again * (height // rows - 1) + packer.flush())


def resident(pid: int) -> int:
    """Return the bytes that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def kill_at_work(pid: int) -> None:
    """Kill a decoder as soon as it holds part of a large photo."""
    wait_until(lambda: resident(pid) > 150 << 20)
    os.kill(pid, signal.SIGKILL)


def test_a_decoder_killed_at_rest_is_replaced_and_nobody_notices(small: Server) -> None:
    [pid] = small.decoders()
    os.kill(pid, signal.SIGKILL)
    assert small.predict("photos", [photo()]).status_code == 200
    wait_until(lambda: len(small.decoders()) == 1)
    assert small.decoders() != [pid]


def test_a_decoder_killed_at_work_costs_its_input_and_no_other(small: Server) -> None:
    [pid] = small.decoders()
    files = [slow(), photo(), b"<html>"]
    killer = threading.Thread(target=kill_at_work, args=(pid,))
    killer.start()
    found = small.predict("photos", files)
    killer.join()
    codes = [answer.get("code") for answer in found.json()["predictions"]]
    assert codes == ["decoder_died", None, "not_an_image"]
    assert small.is_well()


def test_a_decoder_that_hangs_is_ended_in_time(small: Server) -> None:
    wait_until(lambda: len(small.decoders()) == 1)
    [pid] = small.decoders()
    os.kill(pid, signal.SIGSTOP)
    answers = small.predict("photos", [photo(), photo()]).json()["predictions"]
    assert [answer.get("code") for answer in answers] == ["decode_timeout", None]
    with small.client() as client:
        numbers = client.get("/metrics").text
        assert client.get("/readyz").status_code == 200
    [restarts] = re.findall(r'headstart_decoder_restarts\{kind="image"\} (\d+)', numbers)
    assert int(restarts) >= 1


@pytest.mark.slow  # a fast machine decodes it in time; a decoder that hangs anywhere is tested above
def test_a_photo_that_takes_too_long_is_given_up(small: Server) -> None:
    answers = small.predict("photos", [slow(), photo()]).json()["predictions"]
    assert answers[0]["code"] == "decode_timeout"
    assert answers[1]["label"]


def test_past_the_queue_the_answer_is_503_at_once(small: Server) -> None:
    """Twenty requests of four photos where eight may wait: the others are told when to try again."""
    files = [photo(size=(1500, 1200))] * 4
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: small.predict("photos", files), range(20)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["code"] == "busy"
            assert 1 <= int(answer.headers["retry-after"]) <= 30
        else:
            assert len(answer.json()["predictions"]) == 4
    assert small.predict("photos", [photo()]).status_code == 200


def test_more_connections_than_there_may_be_are_told_so(small: Server) -> None:
    lines = [socket.create_connection(("127.0.0.1", small.port), timeout=20) for _ in range(45)]
    try:
        lines[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = drained(lines[-1])
        assert (status_of(answer), body_of(answer)["code"]) == (503, "busy")
        assert b"Retry-After: 1" in answer
    finally:
        for line in lines:
            line.close()
    wait_until(small.is_well)


def test_a_model_that_takes_too_long_gets_504(trained: dict[str, Path]) -> None:
    server = Server([trained["photos"]], "--timeout", 0.3, "--max-pixels", 300_000_000)
    try:
        found = server.predict("photos", [slow()])
        assert (found.status_code, found.json()["code"]) == (504, "timeout")
        assert server.is_well()
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_told_to_stop_under_load_it_answers_all_that_it_took(
    trained: dict[str, Path], number: signal.Signals
) -> None:
    server = Server([trained["photos"]])
    content = photo(size=(900, 700), kind="JPEG")
    request = (
        b"POST /v1/models/photos:predict HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n"
    )
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        + content
        + b"\r\n--x--\r\n"
    )
    sent, outcomes = request % len(body) + body, Counter[str]()

    def one() -> None:
        """Ask on one line until the server ends it, and see that no question stays open."""
        while True:
            try:
                line = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            except ConnectionRefusedError:
                return
            with line:
                while True:
                    try:
                        line.sendall(sent)
                        got = one_answer(line)
                    except OSError:
                        got = b""
                    if not got:
                        outcomes["unanswered"] += 1
                        break
                    outcomes[str(status_of(got))] += 1
                    if b"connection: close" in got.lower():
                        break

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    assert server.stop(number) == 0
    for thread in threads:
        thread.join(30)
    assert outcomes["200"] > 12
    # A connection that the system had taken for us, but that the server never saw, may be cut; none it read.
    read = [line for line in server.log() if line.get("route", "").endswith(":predict")]
    assert {line["status"] for line in read} <= {200, 503}
    assert sum(line["status"] == 200 for line in read) == outcomes["200"]
    assert outcomes["unanswered"] == 0, outcomes
    assert server.decoders() == []


def test_a_request_on_its_way_when_it_is_told_to_stop_is_answered(trained: dict[str, Path]) -> None:
    server = Server([trained["news"]])
    body = b'{"inputs": ["stocks fell"]}'
    head = (
        b"POST /v1/models/news:predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as begun,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as idle,
    ):
        begun.sendall(head + body[:5])
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        one_answer(idle)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        idle.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        late = drained(idle)
        assert (status_of(late), body_of(late)["status"]) == (503, "stopping")
        begun.sendall(body[5:])
        answer = drained(begun)
        assert status_of(answer) == 200
        assert b"connection: close" in answer.lower()
    assert server.stop() == 0
    assert "Stopped" not in server.log_text()


def test_killed_outright_it_leaves_no_process_behind(trained: dict[str, Path]) -> None:
    server = Server([trained["photos"]])
    wait_until(lambda: len(server.decoders()) >= 1)
    decoders = server.decoders()
    server.stop(signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in decoders))


def test_a_log_that_nobody_reads_stops_nothing(trained: dict[str, Path]) -> None:
    """The pipe of the log is full after some hundred lines."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "headstart", "serve", str(trained["news"]), "--port", "0"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=writing,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = next(int(m[1]) for line in process.stdout if (m := re.search(r":(\d+)/docs", line)))
        one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            for _ in range(500):
                line.sendall(one)
                assert status_of(one_answer(line)) == 200
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.close(reading)
        os.close(writing)


def test_a_model_whose_files_change_under_it_goes_on(trained: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(trained["photos"], tmp_path / "m")
    server = Server([tmp_path / "m"])
    try:
        for file in (tmp_path / "m").iterdir():
            file.unlink()
        assert server.predict("m", [photo()]).status_code == 200
    finally:
        assert server.stop() == 0


def test_a_damaged_model_is_not_served(trained: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(trained["news"], tmp_path / "m")
    head = tmp_path / "m" / "head.safetensors"
    content = bytearray(head.read_bytes())
    content[len(content) // 2] ^= 1
    head.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "headstart", "serve", str(tmp_path / "m"), "--port", "0"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "head.safetensors" in done.stderr
