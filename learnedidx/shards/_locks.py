"""Locks of a folder of shards, which end with the process that holds them."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import weakref
from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl

WRITER, READERS = "writer.lock", "readers.lock"
_MODE = 0o666  # less the umask


@contextlib.contextmanager
def writing(folder: str) -> Iterator[None]:
    """Be the only writer of a folder; BlockingIOError if there is one."""
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "shards are written on Linux and macOS alone", folder)
    handle = os.open(os.path.join(folder, WRITER), os.O_RDWR | os.O_CREAT, _MODE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = "another writer is at work in this folder of shards; wait until it is done"
            raise BlockingIOError(errno.EAGAIN, text, folder) from None
        yield
    finally:
        os.close(handle)


class Reading:
    """A share in a folder: while somebody has one, no shard is removed.

    Where the lock file cannot be made, as in a folder that is read-only, there is no lock.
    """

    def __init__(self, folder: str) -> None:
        self._handle = _shared(os.path.join(folder, READERS))
        self._close = weakref.finalize(self, _close, self._handle)

    def close(self) -> None:
        """Give the share back."""
        self._close()
        self._handle = None

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Tell whether nobody else has a share, and keep others out meanwhile; writers only."""
        if sys.platform == "win32" or self._handle is None:
            yield False
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_alone = True
        except BlockingIOError:
            is_alone = False
        try:
            yield is_alone
        finally:  # a change that failed gave the share back, too
            fcntl.flock(self._handle, fcntl.LOCK_SH)


def _shared(path: str) -> int | None:
    """Return a handle with a share in a lock file, which is made if it is not there."""
    if sys.platform == "win32":
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NONBLOCK, _MODE)  # if it is a FIFO
    except OSError:
        return None
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def _close(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)
