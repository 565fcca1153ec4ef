"""What an index is saved to: file objects that take less, names, permissions, wrong arguments."""

import codecs
import fcntl
import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, permissions of POSIX")

INDEX = lx.LearnedIndex(np.arange(100_000))
BLOB = INDEX.save(bytes)


class Sink(io.RawIOBase):
    """Takes so many bytes of each write, and says what a test wants it to say."""

    def __init__(self, most: int, says: Any = "taken") -> None:
        self.most, self.says, self.data = most, says, b""

    def write(self, part: Any) -> Any:
        taken = bytes(part[: self.most])
        self.data += taken
        return len(taken) if self.says == "taken" else self.says


class Told(list[bytes]):
    """No file, but with a ``write``, which returns nothing or what a test wants."""

    says: Any = None

    def write(self, part: Any) -> Any:
        self.append(bytes(part))
        return self.says(len(part)) if callable(self.says) else self.says


@pytest.fixture
def full_pipe() -> Iterator[Any]:
    """A pipe that nobody reads and that does not block: raw, it takes 64 KiB, then says None."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 16)
    with io.FileIO(writer, "wb") as file:
        yield file
    os.close(reader)


def test_a_raw_file_that_would_block_is_an_error(full_pipe: Any) -> None:
    with pytest.raises(BlockingIOError, match="path: FileIO.write would block .* save"):
        INDEX.save(full_pipe)
    with pytest.raises(BlockingIOError, match="would block"):
        INDEX.save(Sink(1000, None))


def test_what_wraps_such_a_file_is_an_error_too(full_pipe: Any) -> None:
    wrapper = tempfile._TemporaryFileWrapper(full_pipe, "pipe", delete=False)
    with pytest.raises(BlockingIOError, match="would block"):
        INDEX.save(wrapper)


def test_writes_that_take_less_go_on() -> None:
    for most in (1 << 20, 100_000, 4096):
        sink = Sink(most)
        INDEX.save(sink)
        assert sink.data == BLOB


def test_any_object_with_a_write() -> None:
    for says in (None, int, np.int64, np.array):
        told = Told()
        told.says = says
        INDEX.save(told)
        assert b"".join(told) == BLOB
    halves = Told()
    halves.says = lambda count: np.int64((count + 1) // 2)  # takes half, and says so as NumPy does
    INDEX.save(halves)
    assert len(halves) > len(BLOB).bit_length() - 1


@pytest.mark.parametrize(
    ("says", "error"),
    [("all", TypeError), (1.5, TypeError), (0, OSError), (-3, OSError), (1 << 40, OSError)],
)
def test_nonsense_from_a_write_is_refused(says: Any, error: type[Exception]) -> None:
    told = Told()
    told.says = says
    with pytest.raises(error, match=r"path: Told\.write"):
        INDEX.save(told)


# Names.


NAMES = {"CJK": "索" * 84, "Latin": "é" * 127, "emoji": "\U0001f5c2" * 63, "a letter": "x"}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_as_long_as_the_system_takes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    INDEX.save(path)
    assert path.read_bytes() == BLOB
    INDEX.save(path)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_errors_name_what_was_asked_for(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "index.lidx", tmp_path / ("n" * 256)):
        with pytest.raises(OSError) as caught:
            INDEX.save(path)
        assert caught.value.filename == str(path) and ".tmp" not in str(caught.value)


def test_a_folder_that_may_not_be_written() -> None:
    folder, user = Path(tempfile.mkdtemp()), os.geteuid()
    folder.chmod(0o555)
    try:
        if user == 0:  # who may write everywhere
            os.seteuid(65534)
        with pytest.raises(PermissionError, match="nothing was saved") as caught:
            INDEX.save(folder / "index.lidx")
        assert caught.value.filename == str(folder / "index.lidx")
    finally:
        os.seteuid(user)
        folder.rmdir()


def test_bytes_are_contents_and_no_path() -> None:
    with pytest.raises(TypeError, match=r"path: .* got bytes; .* os\.fsdecode\(path\)"):
        INDEX.save(b"name")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="path: .* got bytearray"):
        INDEX.save(bytearray(b"name"))  # type: ignore[call-overload]


def test_a_file_for_text_is_refused() -> None:
    with pytest.raises(TypeError, match="path: .* binary mode"):
        text: Any = io.StringIO()
        INDEX.save(text)


class Logger:
    """Passes on whole lines of text, as programs give it to sys.stdout; returns nothing."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        self.lines.extend(text.rstrip().splitlines())


class Tee(Logger):
    def write(self, text: str) -> None:
        self.lines += ["> " + text]


def test_what_wraps_a_file_for_text_is_refused() -> None:
    with tempfile.NamedTemporaryFile("w") as file:
        wrappers: list[Any] = [file, codecs.getwriter("utf8")(io.BytesIO()), Logger(), Tee()]
        for wrapper in wrappers:
            name = type(wrapper).__name__
            with pytest.raises(TypeError, match=rf"^path: {name}\.write takes no bytes .*binary m"):
                INDEX.save(wrapper)


# Permissions.


def test_new_files_have_the_umask_and_nobody_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read it is to change it: another thread's files would come out writable by all."""
    umask = os.umask
    before = umask(0o027)
    monkeypatch.setattr(os, "umask", None)
    try:
        INDEX.save(tmp_path / "index.lidx")
        assert stat.S_IMODE((tmp_path / "index.lidx").stat().st_mode) == 0o640
    finally:
        umask(before)


def test_a_private_file_is_never_public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What replaces it is private from its first byte on."""
    path = tmp_path / "index.lidx"
    path.touch(mode=0o600)
    modes = []
    write = io.FileIO.write

    class Watched(io.FileIO):
        def write(self, part: Any) -> Any:
            modes.append(stat.S_IMODE(os.fstat(self.fileno()).st_mode))
            return write(self, part)

    monkeypatch.setattr(io, "FileIO", Watched)
    INDEX.save(path)
    assert set(modes) == {0o600} and stat.S_IMODE(path.stat().st_mode) == 0o600


# Arguments.


def test_keys_says_whether_and_not_which() -> None:
    with pytest.raises(TypeError, match="keys: must be True or False, got ndarray"):
        INDEX.save(bytes, keys=np.arange(100_000))  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="keys: must be True or False, got int"):
        INDEX.save(bytes, keys=1)  # type: ignore[call-overload]
    assert INDEX.save(bytes, keys=np.True_) == BLOB  # type: ignore[call-overload]


def test_values_need_the_keys_that_they_stand_beside() -> None:
    alone = lx.open(INDEX.save(bytes, keys=False))
    with pytest.raises(ValueError, match="values: this index was opened without its keys"):
        alone.save(bytes, keys=False, values=np.arange(100_000))
