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

# What this process holds as a writer. A child that is forked meanwhile would hold it, too, and
# longer; so it lets go at once.
_written: set[int] = set()


def _let_go() -> None:
    while _written:
        os.close(_written.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


@contextlib.contextmanager
def writing(folder: str) -> Iterator[None]:
    """Be the only writer of a folder; BlockingIOError if there is one."""
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "shards are written on Linux and macOS alone", folder)
    handle = os.open(os.path.join(folder, WRITER), os.O_RDWR | os.O_CREAT, _MODE)
    _written.add(handle)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = "another writer is at work in this folder of shards; wait until it is done"
            raise BlockingIOError(errno.EAGAIN, text, folder) from None
        yield
    finally:
        if handle in _written:  # else this is a child that was forked meanwhile
            fcntl.flock(
                handle, fcntl.LOCK_UN
            )  # also for a child that was forked a moment too early
            _written.remove(handle)
            os.close(handle)


class Reading:
    """A share in a folder: while somebody has one, no shard is removed.

    Where the lock file cannot be made, as in a folder that is read-only, or the file system has no
    such locks, there is no lock. A child that is forked has its parent's share: it ends when both
    have closed it.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, READERS)
        self._handles = _shared(self._path)  # one or none
        self._close = weakref.finalize(self, _close, self._handles)

    def close(self) -> None:
        """Give the share back."""
        self._close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Tell whether nobody else has a share, and keep others out meanwhile; writers only."""
        if sys.platform == "win32" or not self._handles:
            yield False
            return
        # A lock of its own: what the share becomes, it becomes in processes that were forked, too.
        # Nothing is removed between the two, for only one writer gets here.
        try:
            handle = _opened(self._path)
        except OSError:
            yield False
            return
        try:
            _close(self._handles)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_alone = True
            except OSError:  # others have a share, or this file system has no such locks
                is_alone = False
            yield is_alone
        finally:
            self._handles.append(handle)
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH)
            if not self._close.alive:  # another thread closed this meanwhile
                _close(self._handles)


def _opened(path: str) -> int:
    """Open a lock file; NFS locks for one what is open for writing alone."""
    flags = os.O_CREAT | os.O_NONBLOCK  # if it is a FIFO
    try:
        return os.open(path, os.O_RDWR | flags, _MODE)
    except OSError:
        return os.open(path, os.O_RDONLY | flags, _MODE)


def _shared(path: str) -> list[int]:
    """Return a handle with a share in a lock file, which is made if it is not there."""
    if sys.platform == "win32":
        return []
    try:
        handle = _opened(path)
    except OSError:
        return []
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError:  # this file system has no such locks
        os.close(handle)
        return []
    except BaseException:
        os.close(handle)
        raise
    return [handle]


def _close(handles: list[int]) -> None:
    with contextlib.suppress(IndexError):  # another thread took the last one
        while handles:
            os.close(handles.pop())
