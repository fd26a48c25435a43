"""What the machine or the account lacks is told as that, and work that needs no cache does without one."""

import errno
import tempfile

import pytest

from headstart import settings
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.environment import environment_error
from headstart.errors import BaseUnavailableError, HeadstartError, ParameterError, StorageError


@pytest.fixture
def homeless(monkeypatch):
    """A bare user id: no HOME, no line in /etc/passwd."""
    import pwd

    def unknown(_):
        raise KeyError("getpwuid(): uid not found: 23456")

    for name in ("HEADSTART_CACHE", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


def test_no_home_folder_is_no_cache(homeless):
    now = settings.current()
    assert now.cache_folder is None
    assert not now.use_embedding_cache
    with pytest.raises(StorageError, match="no home folder") as caught:
        _ = now.bases
    assert "HEADSTART_CACHE=" in caught.value.hint


def test_bases_are_listed_without_a_home(homeless):
    cards = load_catalogue().list()
    assert len(cards) > 5
    assert store.installed_names(cards) == []
    assert store.installed(cards[0]) is None


def test_a_base_is_not_fetched_without_a_place(homeless):
    with pytest.raises(StorageError) as caught:
        store.prepare(load_catalogue().get("minilm_l6"))
    assert not isinstance(caught.value, BaseUnavailableError)
    assert "HEADSTART_CACHE=" in caught.value.hint


def test_a_cache_below_a_home_that_is_not_there(homeless, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", "~/cache")
    with pytest.raises(ParameterError, match="HEADSTART_CACHE is '~/cache', and this user has no home"):
        settings.current()


def test_a_named_cache_needs_no_home(homeless, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    assert settings.current().cache == tmp_path


@pytest.mark.parametrize(
    ("error", "says", "mend"),
    [
        (
            OSError(errno.EROFS, "Read-only file system", "/models/m"),
            "read-only: /models/m",
            "another folder",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/root/x"),
            "denied: /root/x",
            "folder of your own",
        ),
        (OSError(errno.EMFILE, "Too many open files"), "Too many files are open", "ulimit -n"),
        (OSError(errno.ENOSPC, "No space left", "/tmp/x"), "disk is full: /tmp/x", "Free some space"),
        (MemoryError(), "Memory is used up", "fewer or smaller"),
        (RuntimeError("can't start new thread"), "No further thread", "HEADSTART_THREADS=1"),
        (RuntimeError("Could not determine home directory."), "no home folder", "path in full"),
    ],
)
def test_faults_of_the_place(error, says, mend):
    told = environment_error(error)
    assert isinstance(told, HeadstartError)
    assert says in told.message
    assert mend in told.hint


@pytest.mark.parametrize(
    "error", [ValueError("x"), RuntimeError("x"), OSError(errno.EINVAL, "x"), KeyError("x")]
)
def test_our_own_faults_stay_ours(error):
    assert environment_error(error) is None


def test_no_temporary_folder(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/nowhere"])
    with pytest.raises(FileNotFoundError) as caught:
        tempfile.gettempdir()
    told = environment_error(caught.value)
    assert "temporary files" in told.message
    assert "TMPDIR" in told.hint
