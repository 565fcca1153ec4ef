"""Where shards lie: a folder of files, or a prefix in an object store, which fsspec reaches.

A folder has locks, and its manifest is replaced in one step. In a store nothing is ever replaced or
removed: each state is a manifest of its own, whose number is one more than that of the last one,
and a file is created only if it is not there. So of two writers one is first, and the other is
told.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from learnedidx.files import FormatError
from learnedidx.files._building import stored_in
from learnedidx.files._saving import put
from learnedidx.files._stored import Stored
from learnedidx.index import LearnedIndex
from learnedidx.interop._ranges import (
    HTTP,
    OF_WHOLE,
    Reached,
    fetched,
    is_url,
    may_pass,
    reached,
    tries,
    whole,
)
from learnedidx.shards._locks import Reading, writing

NAME = "manifest.json"
NUMBERED = re.compile(r"manifest-[0-9]{8}\.json", re.ASCII)
SHARD_NAME = re.compile(r"shard-[0-9]{8}\.lidx", re.ASCII)  # no path leads out of the folder
LEFT_OVER = re.compile(r"\.(shard-[0-9]{8}\.lidx|manifest\.json)\.[0-9a-f]{16}\.tmp", re.ASCII)
MOST_FILES = 10**8  # what eight digits number
# Protocols of fsspec whose files appear whole, and which can refuse to write over one.
CREATE_WHOLE = {"memory", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"}
NO_LISTING = (403, 404, 405)  # of a web server


class Folder:
    """A folder of this machine."""

    has_lock = True

    def __init__(self, path: str, options: dict[str, Any] | None = None) -> None:
        self.path, self.options = path, options or {}

    def at(self, name: str) -> str:
        """Return the path of a file."""
        return os.path.join(self.path, name)

    def names(self) -> list[str]:
        """Return the names of all files."""
        return os.listdir(self.path)

    def newest(self) -> str:
        """Return the name of the manifest, whether it is there or not."""
        return NAME

    def next_after(self, name: str) -> str:
        """Return the name of the manifest that follows one."""
        return NAME

    def has(self, name: str) -> bool:
        """Tell whether something has this name."""
        return os.path.lexists(self.at(name))

    def read(self, name: str) -> bytes:
        """Return a small file."""
        path = self.at(name)
        try:
            with open(path, "rb", opener=_without_waiting) as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return file.read()
        except NotADirectoryError as error:
            raise FileNotFoundError(errno.ENOENT, error.strerror, path) from None
        raise FormatError(f"{path}: is no regular file; build the shards again")

    def stored(self, name: str) -> Stored:
        """Return a file of an index, mapped."""
        return stored_in(self.at(name), True)

    def put(self, name: str, index: LearnedIndex) -> tuple[int, ...]:
        """Write the file of an index and return its fingerprint."""
        index.save(self.at(name))
        return self.stored(name).fingerprint

    def put_manifest(self, name: str, text: bytes) -> None:
        """Put a manifest into the place of the one that is there, atomically and durably."""
        put([np.frombuffer(text, np.uint8)], self.at(name))

    def may_have(self, name: str, text: bytes, error: BaseException) -> bool:
        """Tell whether a manifest may be in force, though writing it ended with an error."""
        try:
            return self.read(name) == text
        except OSError:
            return False

    def remove(self, names: list[str]) -> None:
        """Remove files, as far as they can be."""
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(self.at(name))

    def sweep(self, named: set[str], reading: Any) -> None:
        """Remove what killed writers left, and shards that are not named, if nobody reads."""
        names = self.names()
        old = [name for name in names if SHARD_NAME.fullmatch(name) and name not in named]
        self.remove([name for name in names if LEFT_OVER.fullmatch(name)])
        if old:
            with reading.alone() as is_alone:
                self.remove(old if is_alone else [])

    def writing(self) -> AbstractContextManager[None]:
        """Be the only writer; BlockingIOError if there is one."""
        os.makedirs(self.path, exist_ok=True)
        return writing(self.path)

    def reading(self) -> Reading:
        """Have a share: what is named stays."""
        return Reading(self.path)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # for who writes to a FIFO


class Store(Reached):
    """A prefix in an object store, or a folder of a web server, which can be read alone."""

    has_lock = False

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self.path, self.options = url.rstrip("/"), options
        super().__init__(self.path, options)
        self._is_proven = False  # that files which are there are not written over

    @property
    def _protocols(self) -> set[str]:
        found = self._system.protocol
        return {found} if isinstance(found, str) else set(found)

    def at(self, name: str) -> str:
        """Return the URL of a file."""
        return f"{self.path}/{name}"

    def names(self) -> list[str]:
        """Return the names of all files; none of a web server that does not list them."""
        self._system.invalidate_cache()
        lost: Exception | None = None
        for _ in tries(OF_WHOLE[1]):
            try:
                found = self._system.ls(self._path, detail=False)
            except FileNotFoundError:
                return []
            except Exception as error:
                if not self._protocols & set(HTTP) or not may_pass(error):
                    raise
                if getattr(error, "status", None) in NO_LISTING:
                    return []
                lost = error
            else:
                return [each.rpartition("/")[2] for each in found]
        raise OSError(f"{self.path}: cannot be listed: {type(lost).__name__} {lost}")

    def newest(self) -> str:
        """Return the name of the manifest with the highest number; of none, that of a folder."""
        return max(filter(NUMBERED.fullmatch, self.names()), default=NAME)

    def next_after(self, name: str) -> str:
        """Return the name of the manifest that follows one."""
        number = int(name[9:17]) + 1 if NUMBERED.fullmatch(name) else 1
        if number >= MOST_FILES:
            raise ValueError(f"{self.path}: has no names left for manifests; build elsewhere")
        return f"manifest-{number:08}.json"

    def has(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return bool(self._system.exists(f"{self._path}/{name}"))

    def read(self, name: str) -> bytes:
        """Return a small file."""
        return whole(self.at(name), self.options)

    def stored(self, name: str) -> Stored:
        """Return a file of an index: it is fetched whole into one without a name, and mapped."""
        return fetched(self.at(name), self.options)

    def put(self, name: str, index: LearnedIndex) -> tuple[int, ...]:
        """Create the file of an index, return its fingerprint; BlockingIOError if it is there."""
        data = index.save(bytes)
        try:
            self._create(name, data)
        except FileExistsError:
            raise self._second(name) from None
        return stored_in(data, False).fingerprint

    def put_manifest(self, name: str, text: bytes) -> None:
        """Create a manifest; BlockingIOError if there is one of this number."""
        try:
            self._create(name, text)
        except FileExistsError:
            if self.read(name) != text:  # else it was this one, and the answer to it got lost
                raise self._second(name) from None

    def _second(self, name: str) -> BlockingIOError:
        text = (
            "another writer was first; open these shards again, and append your keys again if they "
            "are not there"
        )
        return BlockingIOError(errno.EAGAIN, text, self.at(name))

    def _create(self, name: str, data: bytes) -> None:
        """Create a file; FileExistsError if it is there."""
        self._system.pipe_file(f"{self._path}/{name}", data, mode="create")

    def _prove(self) -> None:
        """Raise OSError unless a file that is there is not written over, as some servers do."""
        name = f"probe-{os.urandom(8).hex()}"
        try:
            self._create(name, b"")
            self._create(name, b"")
        except FileExistsError:
            self._is_proven = True
            return
        except (TypeError, ValueError) as error:  # of a client that does not know the condition
            raise self._cannot(f"{type(error).__name__}: {error}") from None
        finally:
            self.remove([name])
        raise self._cannot("this one writes over files that are there")

    def _cannot(self, why: str) -> OSError:
        text = (
            "shards are written where a file can be created only if it is absent, as on S3, Google "
            f"Cloud Storage or Azure: {why}; build them in a folder, and copy it"
        )
        return OSError(errno.ENOTSUP, text, self.path)

    def may_have(self, name: str, text: bytes, error: BaseException) -> bool:
        """Tell whether a manifest may come into force, though writing it ended with an error."""
        return not isinstance(error, BlockingIOError)

    def remove(self, names: list[str]) -> None:
        """Remove files that this wrote, as far as they can be."""
        for name in names:
            with contextlib.suppress(Exception):
                self._system.rm_file(f"{self._path}/{name}")

    def sweep(self, named: set[str], reading: Any) -> None:
        """Remove nothing: nobody knows who reads."""

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Be a writer; whether the only one, the end shows."""
        if not self._protocols & CREATE_WHOLE:
            raise self._cannot(f"{min(self._protocols)} is not known for it")
        if not self._is_proven:
            self._prove()
        yield

    def reading(self) -> contextlib.ExitStack:
        """Return what has nothing to close: nothing is removed."""
        return contextlib.ExitStack()


def place_of(folder: Any, options: dict[str, Any] | None = None) -> Folder | Store:
    """Return where a path or URL leads."""
    options = dict(options or {})
    if is_url(folder):
        system, path = reached(folder, options)
        if "file" not in system.protocol:
            return Store(folder, options)
        folder = path
    return Folder(os.path.abspath(os.fsdecode(folder)), options)
