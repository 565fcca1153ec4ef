"""Indexes whose keys stay where they are: a model in memory, and a ranged read for each lookup."""

from __future__ import annotations

import io
import operator
import os
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from learnedidx._formats.keys import Keys, in_order
from learnedidx._formats.queries import as_batch, checked_side, is_array
from learnedidx._state import State, index_of
from learnedidx.files._head import MAGIC, Section, bounds_alone, for_bounds, sections_in
from learnedidx.files._stored import FormatError, Stored
from learnedidx.index import LearnedIndex
from learnedidx.interop._ranges import Ranges
from learnedidx.interop._row_groups import whole_path
from learnedidx.models.choose import core_of

__all__ = ["RemoteIndex", "open"]

FIRST_READ = 1 << 16  # bytes: header, table and a small model
MODEL_AT, MODELS = 34, (3, 4)  # in a header: RadixSpline and PGM, whose bounds are narrow
N_AT = slice(40, 48)  # in a header: the number of keys
JOINED = 4096  # bytes between two windows that are read along
AT_ONCE = 8192  # queries whose windows are in memory together
Side = Literal["left", "right"]


def open(
    url: str | os.PathLike[str],
    keys: str | os.PathLike[str] | None = None,
    *,
    in_flight: int = 64,
    retries: int = 3,
    timeout: float = 30.0,
    storage_options: dict[str, Any] | None = None,
) -> RemoteIndex:
    """Open an index over keys that are not here: a lookup is one ranged read.

    Parameters
    ----------
    url : str or os.PathLike
        A ``.lidx`` file with a PGM or a RadixSpline, anywhere that fsspec reaches. Its model is
        read into memory, its keys are not.
    keys : str or os.PathLike, optional
        Where the keys are, if not in that file: a ``.lidx`` file, a ``.npy`` file, or one of
        nothing but keys, little-endian.
    in_flight : int
        Reads at a time.
    retries : int
        How often a read is tried again that timed out, broke off or met a busy server (408, 425,
        429, 5xx), after 0.1 s, 0.2 s and so on.
    timeout : float
        Seconds for one read, over HTTP. Others are limited by ``storage_options``.
    storage_options : dict, optional
        For fsspec's file system: credentials, headers.

    Raises
    ------
    ImportError
        fsspec, or what it needs for the protocol, is not installed.
    FormatError
        No whole ``.lidx`` file, another model, or keys of another index.
    OSError
        No such file, no connection, or a server that does not answer a request for a range with
        that range (206).

    Notes
    -----
    Three or four reads: of header and model, and of both ends of the keys.

    Examples
    --------
    >>> import fsspec, numpy as np, learnedidx as lx
    >>> index = lx.LearnedIndex(np.arange(0, 3_000_000, 3), lx.PGM(epsilon=256))
    >>> with fsspec.open("memory://keys.lidx", "wb") as file:
    ...     index.save(file)
    >>> remote = lx.remote.open("memory://keys.lidx")
    >>> before = remote.requests
    >>> remote.find([300, 301, 303]), remote.requests - before
    (array([100,  -1, 101]), 1)
    """
    for name, number, least in (("in_flight", in_flight, 1), ("retries", retries, 0)):
        if operator.index(number) < least:
            raise ValueError(f"{name}: must be at least {least}, got {number}")
    if not timeout > 0:
        raise ValueError(f"timeout: must be more than 0 seconds, got {timeout}")
    options = in_flight, retries, timeout, dict(storage_options or {})
    url, keys = _whole(url), None if keys is None else _whole(keys)
    file = Ranges(url, *options)
    blob, begin = _model_of(file)
    stored = Stored(np.frombuffer(blob, np.uint8), url)
    stored.file.verify(True)
    checked = Keys(stored.empty(), 0, None, stored.aware)
    made = stored.model(None if stored.header["n"] else checked)
    index = index_of(LearnedIndex, State(checked, *made, stored, False))
    if keys is not None:
        file = Ranges(keys, *options)
        begin = _keys_in(file, stored)
    elif begin is None:
        raise FormatError(f"{url}: does not hold its keys; pass their URL: open(url, keys=...)")
    found = RemoteIndex(index, file, begin, (url, keys, *options))
    found._require_ends(stored)
    return found


def _whole(url: Any) -> str:
    if not isinstance(url, (str, os.PathLike)):
        raise TypeError(f"url, keys: must be URLs or paths, got {type(url).__name__}")
    return whole_path(url)


def _model_of(file: Ranges) -> tuple[bytes, int | None]:
    """Return the file of what bounds need, and where the keys begin, if the file has them."""
    head = file.head(FIRST_READ)
    sections = sections_in(head, file.size, file.url)
    if head[MODEL_AT] not in MODELS:
        raise FormatError(f"{file.url}: {_unfit(head, [kind for kind, _, _ in sections])}")
    own = for_bounds(sections)
    end = max((offset + size for _, offset, size in own), default=0)
    if end > len(head):
        head += file.read([len(head)], [end])[0]
    return bounds_alone(head, own, file.url), _keys_among(sections)


def _unfit(head: bytes, kinds: list[bytes]) -> str:
    """Say what a file without a PGM or a RadixSpline holds, and what to do."""
    if b"FLTR" in kinds and not any(head[N_AT]):
        return "is a filter, which is asked in memory; download it and use lx.open"
    if b"STRS" in kinds:
        return (
            "has keys of text, bytes, UUIDs, addresses or rows, and here keys must be numbers or "
            "times; download it and use lx.open"
        )
    return (
        "has no model with narrow bounds; save it again, made by "
        "lx.LearnedIndex(keys, lx.PGM(epsilon=256)) or with a RadixSpline"
    )


def _keys_among(sections: list[Section]) -> int | None:
    return next((offset for kind, offset, _ in sections if kind == b"KEYS"), None)


def _keys_in(file: Ranges, stored: Stored) -> int:
    """Return where the keys begin in a file of keys; raise FormatError if it has others."""
    head, dtype, n = file.head(FIRST_READ), stored.empty().dtype, stored.header["n"]
    begin: int | None = 0
    shape: tuple[int, ...] = (file.size // dtype.itemsize,)
    given = dtype.str
    if head[:8] == MAGIC:
        begin = _keys_among(sections_in(head, file.size, file.url))
        shape = (n,)  # where these are others, their ends are
    elif head[:6] == b"\x93NUMPY":
        begin, shape, given = _of_numpy(head, file.url)
    end = file.size + 1 if begin is None else begin + n * dtype.itemsize
    if begin is None or shape != (n,) or given != dtype.str or end > file.size:
        raise FormatError(
            f"{file.url}: has keys of dtype {given} and shape {shape}, or none; {stored.name} was "
            f"made over {n} of {dtype.str}"
        )
    return begin


def _of_numpy(head: bytes, name: str) -> tuple[int, tuple[int, ...], str]:
    """Return where the array of a .npy file begins, its shape and its dtype."""
    file = io.BytesIO(head)
    try:
        major, _ = np.lib.format.read_magic(file)
        read = getattr(np.lib.format, f"read_array_header_{major}_0")
        shape, _, dtype = read(file)
    except (ValueError, AttributeError, EOFError) as error:
        raise FormatError(f"{name}: is no .npy file that can be read: {error}") from None
    return file.tell(), shape, dtype.str


class RemoteIndex:
    """A model in memory over keys that are elsewhere; ``learnedidx.remote.open`` makes it.

    The bounds of its model are certified, so a lookup reads the keys between them, in one range.
    Windows that overlap or lie near each other are one range; others are read side by side.
    Answers are those of ``LearnedIndex``, proved by the keys that were read. Pickles hold the URLs
    and the options.

    Examples
    --------
    >>> import fsspec, numpy as np, learnedidx as lx
    >>> keys = np.array([2, 3, 5, 5, 9])
    >>> with fsspec.open("memory://five.npy", "wb") as file:
    ...     np.save(file, keys)
    >>> with fsspec.open("memory://five.lidx", "wb") as file:
    ...     lx.LearnedIndex(keys, "pgm").save(file, keys=False)
    >>> remote = lx.remote.open("memory://five.lidx", keys="memory://five.npy")
    >>> remote.searchsorted([5, 6]), remote.rank(5), 4 in remote, remote.count(3, 9)
    (array([2, 4]), 4, False, 3)
    """

    def __init__(self, index: LearnedIndex, file: Ranges, begin: int, how: Any) -> None:
        self._index, self._file, self._begin, self._how = index, file, begin, how
        self._keys = index._state.checked

    def searchsorted(self, v: Any, side: Side = "left") -> Any:
        """Return where v belongs, as LearnedIndex.searchsorted."""
        return self._search(v, checked_side(side))[0]

    def rank(self, v: Any) -> Any:
        """Return how many keys are not above v, as LearnedIndex.rank."""
        return self._search(v, True)[0]

    def find(self, v: Any) -> Any:
        """Return the position of the first key equal to v, or -1, as LearnedIndex.find."""
        positions, hits = self._search(v, False)
        found = np.where(hits, positions, -1)
        return found if found.ndim else int(found)

    def contains(self, v: Any) -> Any:
        """Return whether v is a key, as LearnedIndex.contains."""
        return self._search(v, False)[1]

    def count(self, lo: Any, hi: Any) -> Any:
        """Return how many keys lie in [lo, hi), as LearnedIndex.count, by two lookups."""
        starts, stops = self._search(lo, False)[0], self._search(hi, False)[0]
        counts = np.maximum(np.subtract(stops, starts), 0)
        return counts if counts.ndim else int(counts)

    def _search(self, v: Any, right: bool) -> tuple[Any, Any]:
        """Return positions, and whether there are keys equal to v."""
        bounds = self._index.bounds(v, "right" if right else "left")
        lows, highs = (np.asarray(each) for each in bounds)
        if not is_array(v, self._keys.family):
            aware = self._keys.aware
            found, hit = self._within(v, lows.ravel(), highs.ravel(), right, aware)
            return int(found[0]), bool(hit)
        batch, shape = as_batch(v, self._keys.family).ravel(), lows.shape
        lows, highs = lows.ravel(), highs.ravel()
        positions, hits = np.empty(lows.size, np.intp), np.empty(lows.size, np.bool_)
        order = np.argsort(lows, kind="stable")
        for start in range(0, order.size, AT_ONCE):
            some = order[start : start + AT_ONCE]
            both = self._within(batch[some], lows[some], highs[some], right, False)
            positions[some], hits[some] = both
        return positions.reshape(shape), hits.reshape(shape)

    def _within(self, v: Any, lows: Any, highs: Any, right: bool, aware: bool) -> tuple[Any, Any]:
        """Search between bounds, of which lows ascend, and prove what is found.

        `aware`: v is an instant with its zone, not an array in UTC.
        """
        n, itemsize = len(self), self._keys.array.dtype.itemsize
        # One key before the bounds and one behind them prove that the answer is between.
        starts, ends = np.maximum(lows - 1, 0), np.minimum(highs + 1, n)
        reach = np.maximum.accumulate(ends)
        is_first = np.append(True, starts[1:] > reach[:-1] + JOINED // itemsize)
        spans, firsts = np.cumsum(is_first) - 1, np.flatnonzero(is_first)
        begins, stops = starts[firsts], reach[np.append(firsts[1:], starts.size) - 1]
        index = self._index_of(begins, stops, aware)
        # What a position among the keys that were read is among all keys.
        moved = (begins - np.cumsum(stops - begins) + (stops - begins))[spans]
        found = np.asarray(index.searchsorted(v, "right" if right else "left")) + moved
        is_proven = ((found > starts) | (starts == 0)) & ((found < ends) | (ends == n))
        if not is_proven.all():
            raise self._other_keys("they lie outside certified bounds")
        return found, index.contains(v)

    def _index_of(self, begins: Any, ends: Any, aware: bool) -> LearnedIndex:
        """Read ranges of keys and return an index over them, one after the other."""
        dtype = self._keys.array.dtype
        at = [(self._begin + each * dtype.itemsize).tolist() for each in (begins, ends)]
        keys = np.frombuffer(b"".join(self._file.read(*at)), dtype)
        try:
            checked = replace(in_order(keys, "keys"), aware=aware)
        except ValueError as error:
            raise self._other_keys(f"their order: {error}") from None
        return index_of(LearnedIndex, State(checked, None, core_of(None)))

    def _require_ends(self, stored: Stored) -> None:
        """Raise FormatError if the first key and the last number are not those of the model."""
        numbers = stored.header["numbers"]
        if numbers == 0:
            return
        size, bits = self._keys.array.dtype.itemsize, f"<u{self._keys.array.dtype.itemsize}"
        at = [self._begin, self._begin + (numbers - 1) * size]
        read = self._file.read(at, [each + size for each in at])
        ends = [int(np.frombuffer(each, bits)[0]) for each in read]
        if ends != [stored.header["first"], stored.header["last"]]:
            raise self._other_keys("their first or last one differs")

    def _other_keys(self, why: str) -> FormatError:
        return FormatError(
            f"{self._file.url}: has other keys than {self._how[0]} was made over ({why}); save the "
            "model again, over these"
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the model, all that is in memory between two calls."""
        return self._index.nbytes

    @property
    def requests(self) -> int:
        """Ranges of keys that were asked for, those at opening and later tries included."""
        return self._file.requests

    @property
    def bytes_read(self) -> int:
        """Bytes that these brought."""
        return self._file.bytes_read

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, v: Any) -> bool:
        if is_array(v, self._keys.family):
            raise TypeError("v: `in` takes one query; use contains(v) for an array")
        return bool(self._search(v, False)[1])

    def __repr__(self) -> str:
        return f"RemoteIndex({len(self)} keys of {self._keys.dtype} in {self._file.url})"

    def __reduce__(self) -> Any:
        return _reopened, self._how


def _reopened(
    url: str, keys: str | None, in_flight: int, retries: int, timeout: float, options: Any
) -> RemoteIndex:
    return open(
        url,
        keys,
        in_flight=in_flight,
        retries=retries,
        timeout=timeout,
        storage_options=options,
    )
