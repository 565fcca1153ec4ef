"""Bytes of a file that fsspec reaches: ranges, many in flight, checked, tried again; all of it."""

from __future__ import annotations

import contextlib
import errno
import io
import mmap
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, BinaryIO, TypeVar

from learnedidx.files._stored import FormatError, Stored

HTTP = ("http", "https")
TRIES_WITHIN = (408, 425, 429)  # and from 500 on: statuses after which to ask again
PIECE = 1 << 22  # bytes of one read of a file that is fetched whole
OF_WHOLE = 8, 3, 30.0  # such reads in flight, later tries, seconds for one over HTTP
NOT_THERE = (404, 410)
VERSIONS = ("ETag", "Last-Modified")  # headers that tell one version of a file from another
PAUSE = 0.1  # seconds before the second try; twice as long before each later one
T = TypeVar("T")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_url(path: Any) -> bool:
    """Tell whether a path is one of fsspec."""
    return isinstance(path, str) and "://" in path


def reached(url: str, options: dict[str, Any]) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ImportError(
            f"{url}: needs fsspec, and aiohttp for HTTP; install them with "
            "pip install 'learnedidx[remote]'"
        ) from None
    system, path = url_to_fs(url, **options)
    return system, path


def names_in(url: str, options: dict[str, Any]) -> list[str] | None:
    """Return the names of what lies in a folder; None if the URL leads to no folder."""
    system, path = reached(url, options)
    system.invalidate_cache()
    if not system.isdir(path):
        return None
    return [each.rstrip("/").rpartition("/")[2] for each in system.ls(path, detail=False)]


def tries(retries: int) -> Iterator[None]:
    """Yield for each try, after a pause before the later ones."""
    yield
    for turn in range(retries):
        time.sleep(PAUSE * 2**turn)
        yield


@contextlib.contextmanager
def scratch(folder: str | None, other: str) -> Iterator[BinaryIO]:
    """Give a file without a name: it is gone when it is closed, or its process ends.

    If it cannot be written, OSError names its folder; `other`: by what to choose another one.
    """
    place = folder or tempfile.gettempdir()
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            yield file
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        text = f"{error.strerror}; make room in this folder, or choose another one by {other}"
        raise OSError(error.errno, text, place) from None


def of_process(kept: dict[int, T], make: Callable[[], T]) -> T:
    """Return what this process made and keeps; a process that is forked makes its own."""
    found = kept.get(os.getpid())
    return kept.setdefault(os.getpid(), make()) if found is None else found


class AgainError(OSError):
    """A read that may succeed if it is tried again."""


class Reached:
    """What a URL leads to: a file system of fsspec, and a path in it.

    These serve one process. One that is forked reaches them again, and keeps those of its parent,
    since to let go of them would close its parent's connections.
    """

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._how = url, options
        self._of_process: dict[int, tuple[Any, str]] = {}
        self._found()

    def _found(self) -> tuple[Any, str]:
        return of_process(self._of_process, lambda: reached(*self._how))

    @property
    def _system(self) -> Any:
        return self._found()[0]

    @property
    def _path(self) -> str:
        return self._found()[1]


class Ranges(Reached):
    """A file somewhere, of which ranges are read.

    Attributes
    ----------
    size : int
        Of the file.
    requests, bytes_read : int
        Ranges that were asked for, tries included, and bytes that came.
    """

    def __init__(
        self, url: str, in_flight: int, retries: int, timeout: float, options: dict[str, Any]
    ) -> None:
        self.url = url
        self._tag: Any = None  # the first of VERSIONS that the first response had, and its value
        self._in_flight, self._retries = in_flight, retries
        self.requests = self.bytes_read = 0
        if url.startswith(tuple(f"{each}://" for each in HTTP)):
            options = self._checked_client(timeout, options)
        super().__init__(url, options)
        self.size = self._size()

    def _size(self) -> int:
        size = self._info().get("size")
        if not isinstance(size, int):
            raise OSError(f"{self.url}: the server does not say how long it is")
        return size

    def _info(self) -> dict[str, Any]:
        lost: Exception | None = None
        for _ in tries(self._retries):
            try:
                found: dict[str, Any] = self._system.info(self._path)
                return found
            except FileNotFoundError as error:  # what fsspec makes of every failure
                lost = self._lost(error.__cause__)
            if not isinstance(lost, (AgainError, ConnectionError)):
                break
        assert lost is not None
        raise lost

    def _lost(self, cause: Any) -> OSError:
        """Return what it means that the file system says that there is no file."""
        status = getattr(cause, "status", None)
        if status in TRIES_WITHIN or (status or 0) >= 500:
            return AgainError(f"{self.url}: the server answered {status}")
        if status not in (None, *NOT_THERE):
            return OSError(f"{self.url}: the server answered {status}")
        if status is None and isinstance(cause, Exception) and may_pass(cause):
            return ConnectionError(f"{self.url}: {cause or type(cause).__name__}")
        return self._not_there(status)

    def stamp(self) -> str:
        """Return what is said of the file, which one that was written again does not share."""
        self._system.invalidate_cache()
        return repr(sorted(self._info().items(), key=str))

    def _not_there(self, status: int | None = None) -> FileNotFoundError:
        said = "" if status is None else f" (the server answered {status})"
        return FileNotFoundError(f"{self.url}: there is no such file{said}; check the URL")

    def _checked_client(self, timeout: float, options: dict[str, Any]) -> dict[str, Any]:
        """Return options with a client whose responses are checked before their bodies are read."""

        async def client(**arguments: Any) -> Any:
            import aiohttp

            return aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._in_flight),
                timeout=aiohttp.ClientTimeout(total=timeout),
                raise_for_status=self._check,
                **arguments,
            )

        return {"get_client": client, "skip_instance_cache": True, **options}

    async def _check(self, response: Any) -> None:
        """Raise unless a response to a request for a range is that range of the same file."""
        asked = response.request_info.headers.get("Range")
        if asked is None or response.status == 404:
            return
        try:
            self._require_range(asked, response.status, response.headers)
        except Exception:
            response.close()
            raise

    def _require_range(self, asked: str, status: int, headers: Any) -> None:
        if status in TRIES_WITHIN or status >= 500:
            raise AgainError(f"the server answered {status}")
        if status == 200:
            raise OSError(
                f"{self.url}: the server ignores Range and sends the whole file; put it on "
                "one that answers 206, or download it and use lx.open"
            )
        if status >= 400:
            raise OSError(f"{self.url}: asked for {asked}, the server answered {status}")
        span = headers.get("Content-Range", "")
        wanted = f"bytes {asked.removeprefix('bytes=')}/"
        if status != 206 or span not in (f"{wanted}{self.size}", f"{wanted}*"):
            raise OSError(
                f"{self.url}: asked for {asked}, the server answered {status} with "
                f"Content-Range {span!r}; the file may have changed, open it again"
            )
        tag = next(((name, headers[name]) for name in VERSIONS if headers.get(name)), None)
        if self._tag not in (None, tag):
            name, was = self._tag
            raise FormatError(
                f"{self.url}: was replaced while it was open: its {name} was {was}, now it is "
                f"{headers.get(name, 'missing')}; open it again"
            )
        self._tag = tag

    def head(self, most: int) -> bytes:
        """Return the first bytes, all of a short file."""
        return self.read([0], [min(most, self.size)])[0]

    def read(self, starts: list[int], ends: list[int]) -> list[bytes]:
        """Return these ranges; empty ones are not asked for.

        Raises OSError if a range cannot be read, FormatError if the file was replaced.
        """
        found: dict[int, bytes] = {}
        left = [i for i, (start, end) in enumerate(zip(starts, ends, strict=True)) if start < end]
        for _ in tries(self._retries):
            error = None
            for i, got in zip(left, self._all(left, starts, ends), strict=True):
                if isinstance(got, bytes) and len(got) == ends[i] - starts[i]:
                    found[i] = got
                    continue
                if isinstance(got, FileNotFoundError):
                    raise self._not_there() from None
                if isinstance(got, Exception) and not may_pass(got):
                    raise got
                error = got if isinstance(got, Exception) else AgainError(f"{len(got)} bytes came")
            left = [i for i in left if i not in found]
            if not left:
                return [found.get(i, b"") for i in range(len(starts))]
        raise OSError(
            f"{self.url}: bytes {starts[left[0]]} to {ends[left[0]]} were not read in "
            f"{self._retries + 1} tries: {type(error).__name__} {error}"
        )

    def _all(self, which: list[int], starts: list[int], ends: list[int]) -> list[Any]:
        """Return bytes or an exception for each range."""
        if not which:
            return []
        own: dict[str, Any] = {}
        if self._system.async_impl:
            own["batch_size"] = self._in_flight
        got: list[Any] = self._system.cat_ranges(
            [self._path] * len(which),
            [starts[i] for i in which],
            [ends[i] for i in which],
            on_error="return",
            **own,
        )
        self.requests += len(which)
        self.bytes_read += sum(len(each) for each in got if isinstance(each, bytes))
        return got


class RangedFile(io.RawIOBase):
    """A file that is read range by range, each when it is asked for."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges, self._at = ranges, 0

    def seekable(self) -> bool:
        """Tell that it is."""
        return True

    def readable(self) -> bool:
        """Tell that it is."""
        return True

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to where the next read begins."""
        self._at = max(0, offset + (0, self._at, self._ranges.size)[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or those that are left, in one request."""
        rest = max(0, self._ranges.size - self._at)
        end = self._at + (rest if size is None or size < 0 else min(size, rest))
        (data,) = self._ranges.read([self._at], [end])
        self._at = end
        return data


def whole(url: str, options: dict[str, Any]) -> bytes:
    """Return a small file."""
    file = Ranges(url, *OF_WHOLE, options)
    return file.head(file.size)


def fetched(url: str, options: dict[str, Any]) -> Stored:
    """Return a .lidx file: all of it, in a file without a name, that is mapped.

    That is gone when nobody uses it any more, or its process ends.
    """
    file = Ranges(url, *OF_WHOLE, options)
    if file.size == 0:
        raise FormatError(f"{url}: is empty; write it again")
    cuts = [*range(0, file.size, PIECE), file.size]
    with scratch(None, "TMPDIR") as file_here:
        for first in range(0, len(cuts) - 1, OF_WHOLE[0]):
            some = list(pairwise(cuts[first : first + OF_WHOLE[0] + 1]))
            for part in file.read([start for start, _ in some], [end for _, end in some]):
                file_here.write(part)
        file_here.flush()
        buffer = mmap.mmap(file_here.fileno(), 0, access=mmap.ACCESS_READ)
    return Stored(buffer, url, None, False)


def may_pass(error: Exception) -> bool:
    """Tell whether an error may go away by itself."""
    of_client = any(kind.__name__ == "ClientError" for kind in type(error).__mro__)
    return of_client or isinstance(error, (AgainError, TimeoutError, ConnectionError))
