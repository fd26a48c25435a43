"""Files arrive whole or not at all."""

import errno
import hashlib
import os
import stat

import pytest

from headstart.errors import DataError, StorageError
from headstart.files import sha256_of, storage_errors, whole_file, write_whole


def test_a_file_is_written_and_replaced(tmp_path):
    target = tmp_path / "page.html"
    write_whole(target, b"one")
    write_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), DataError("x")])
def test_an_older_file_stays_where_writing_ends_early(tmp_path, error):
    target = tmp_path / "page.html"
    target.write_bytes(b"old")

    def write_half() -> None:
        with whole_file(target) as passing:
            passing.write_bytes(b"hal")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_place_and_the_mend_are_told(tmp_path):
    target = tmp_path / "none" / "page.html"
    with pytest.raises(StorageError, match=r"page\.html could not be written: No such file") as caught:
        write_whole(target, b"x", mend="Make the folder.")
    assert caught.value.hint == "Make the folder."


def test_a_full_disk_is_said_to_be_full(tmp_path):
    with pytest.raises(StorageError, match="there is no room left"), storage_errors(tmp_path / "x"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    target = tmp_path / "x"
    with whole_file(target) as one, whole_file(target) as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert target.read_bytes() == b"one"  # the last to end
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_private_file_is_its_owners_alone(tmp_path):
    write_whole(tmp_path / "secret", b"x", private=True)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_hash_is_the_known_one(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc" * 100_000)
    assert sha256_of(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()
