"""ShardedIndex: the verbs of LearnedIndex over the shards of a folder."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from learnedidx._formats import queries
from learnedidx.shards import _writing
from learnedidx.shards._manifest import Manifest, Shard, parsed, read
from learnedidx.shards._places import place_of
from learnedidx.shards._view import Ask, View

MOST_OPEN = 64


class ShardedIndex:
    """An index over the shards of a folder, with the positions of all keys together.

    ``lx.shards.open`` makes it. It takes the queries of ``lx.LearnedIndex`` and gives its answers:
    those of one index over all keys. It reads the shards that it was opened with, whatever writers
    do meanwhile; any number of threads may ask it.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lx.shards.build(np.arange(0, 3000, 3), folder, rows_per_shard=400)
    >>> index = lx.shards.open(folder)
    >>> index.searchsorted([0, 1, 2700]), 2700 in index, int(index[-1])
    (array([  0,   1, 900]), True, 2997)
    """

    def __init__(self, view: View, reading: Any) -> None:
        self.folder: str = view.manifest.place.path
        self._view, self._reading = view, reading
        # All that somebody still reads: iterators, and verbs in other threads.
        self._views = weakref.WeakValueDictionary({id(view): view})

    def searchsorted(self, v: Any, side: str = "left", *, out: Any = None, threads: int = 1) -> Any:
        """Return the positions of v, as ``np.searchsorted`` does over all keys."""
        return self._search(v, Ask("position", queries.checked_side(side)), out, threads)

    def rank(self, v: Any, *, out: Any = None, threads: int = 1) -> Any:
        """Return the numbers of keys <= v."""
        return self._search(v, Ask("position", True), out, threads)

    def contains(self, v: Any, *, out: Any = None, threads: int = 1) -> Any:
        """Return whether each of v is a key."""
        return self._search(v, Ask("contains"), out, threads)

    def __contains__(self, v: object) -> bool:
        if queries.is_array(v, self._view.family):
            raise TypeError("v: `in` takes one query; use index.contains(v) for an array")
        return bool(self._view.one(v, Ask("contains")))

    def find(
        self,
        v: Any,
        method: str | None = None,
        tolerance: Any = None,
        *,
        out: Any = None,
        threads: int = 1,
    ) -> Any:
        """Return the positions of the first keys equal to v, -1 if absent.

        ``method`` and ``tolerance`` are those of ``LearnedIndex.find``: "pad", "backfill",
        "nearest".
        """
        if method is not None or tolerance is not None:
            self._view.ends._find([], method, tolerance)  # which checks both before the queries
        return self._search(v, Ask("find", False, method, tolerance), out, threads)

    def range(
        self, lo: Any, hi: Any, inclusive: str = "left", *, out: Any = None, threads: int = 1
    ) -> Any:
        """Return the slice of keys between lo and hi, or two arrays; None is an open end."""
        starts, stops = self._between(lo, hi, inclusive, threads)
        if out is not None:
            return queries.filled_pair(out, (starts, stops), lo, hi)
        return (starts, stops) if starts.ndim else slice(int(starts), int(stops))

    def count(
        self, lo: Any, hi: Any, inclusive: str = "left", *, out: Any = None, threads: int = 1
    ) -> Any:
        """Return the number of keys between lo and hi; opens two shards at most a range."""
        starts, stops = self._between(lo, hi, inclusive, threads)
        np.subtract(stops, starts, out=stops)
        if out is None:
            return stops if stops.ndim else int(stops)
        checked = queries.checked_out(out, starts.shape, np.intp, lo, hi)
        checked[...] = stops
        return checked

    def bounds(self, v: Any, side: str = "left", *, out: Any = None, threads: int = 1) -> Any:
        """Return the lowest and highest possible position of v, certified by the models."""
        view, number = self._view, queries.checked_threads(threads)
        right = queries.checked_side(side)
        if not queries.is_array(v, view.family):
            both = view.bounds_one(v, side, right)
            return both if out is None else queries.filled_pair(out, both, v)
        batch = queries.as_batch(v, view.family)
        view.family.missing(batch, True, "v")
        outs = queries.checked_pair(out, batch.shape, v, batch)
        flat = (np.empty(batch.size, np.intp), np.empty(batch.size, np.intp))
        view.bounds_many(_flat(batch), side, right, flat, number)
        for each, answers in zip(outs, flat, strict=True):
            each[...] = answers.reshape(batch.shape)
        return outs

    def prefix(self, p: Any, *, out: Any = None, threads: int = 1) -> Any:
        """Return where the keys lie that begin with p: of text and bytes alone."""
        view, number = self._view, queries.checked_threads(threads)
        is_array = queries.is_array(p, view.family)
        found = []
        for batch in view.family.prefixes(p, is_array):
            found.append(np.empty(batch.size, np.intp))
            view.many(batch, Ask("position", name="p"), found[-1], number)
        starts, stops = found
        if out is not None:
            shape = starts.shape if is_array else ()
            return queries.filled_pair(out, (starts.reshape(shape), stops.reshape(shape)), p)
        return (starts, stops) if is_array else slice(int(starts[0]), int(stops[0]))

    def _search(self, v: Any, ask: Ask, out: Any, threads: Any) -> Any:
        view, number = self._view, queries.checked_threads(threads)
        if not queries.is_array(v, view.family):
            answer = view.one(v, ask)
            return answer if out is None else queries.filled(out, answer, ask.dtype, v)
        batch = queries.as_batch(v, view.family, ask.name)
        view.family.missing(batch, ask.verb == "position", ask.name)
        out = queries.checked_out(out, batch.shape, ask.dtype, v, batch)
        flat = out.reshape(-1) if out.flags.c_contiguous else np.empty(batch.size, ask.dtype)
        view.many(_flat(batch), ask, flat, number)
        if not out.flags.c_contiguous:
            out[...] = flat.reshape(out.shape)
        return out

    def _between(self, lo: Any, hi: Any, inclusive: Any, threads: Any) -> tuple[Any, Any]:
        """Return starts and stops in one shape."""
        rights = queries.checked_inclusive(inclusive)
        at: list[Any] = [0, len(self)]
        for i, (v, name, right) in enumerate(zip((lo, hi), ("lo", "hi"), rights, strict=True)):
            if v is not None:
                at[i] = self._search(v, Ask("position", right, name=name), None, threads)
        starts, stops = queries.broadcast(*at)
        np.maximum(starts, stops, out=stops)
        return starts, stops

    def __len__(self) -> int:
        return self._view.total

    def __getitem__(self, i: Any) -> Any:
        try:
            at = operator.index(i)
        except TypeError:
            raise TypeError(
                f"index: must be one position, got {type(i).__name__}; the keys of a range lie in "
                "several files, so take [index[i] for i in range(start, stop)]"
            ) from None
        total = len(self)
        if not -total <= at < total:
            raise IndexError(f"index {at} is out of bounds for {total} keys")
        return self._view.key(at % total)

    def __iter__(self) -> Iterator[Any]:
        view = self._view
        for slot in range(view.numbers.size):
            yield from view.shard(slot)

    @property
    def dtype(self) -> Any:
        """The dtype of the keys, or what strings they are."""
        return self._view.ends._state.checked.dtype

    @property
    def shards(self) -> tuple[Shard, ...]:
        """What the manifest says of each shard: name, count, fingerprint, model."""
        return self._view.manifest.shards

    def verify(self) -> None:
        """Read and check all bytes of all shards; FormatError or OSError names the bad one."""
        for k in range(len(self.shards)):
            self._view.manifest.opened(k, full=True)

    def append(self, keys: Any, column: str | None = None, model: Any = "auto") -> None:
        """Write keys behind the last one, as new shards, and read them from now on.

        Parameters
        ----------
        keys : array_like, path or stream
            As ``build`` takes them; none lies below the last key, which may come again.
        column : str, optional
            Of a table.
        model : str or estimator
            Of each new shard.

        Raises
        ------
        ValueError, TypeError
            Keys that are not sorted, lie below the last one or are of another dtype.
        BlockingIOError
            Somebody else is writing, or was first in an object store.
        OSError, FormatError
            Nothing was changed. FileNotFoundError names a shard that is missing.
        """
        self._change(_writing.append, keys, column, model)

    def compact(self, model: Any = "auto") -> None:
        """Join neighbours which are at most ``rows_per_shard`` keys together.

        Other readers go on with the files that they know. Those which no manifest names any more
        are removed by the next writer that finds no reader of the folder but itself. Raises as
        ``append`` does.
        """
        self._change(_writing.compact, model)

    def _seen(self) -> list[Manifest]:
        """Return the manifests whose shards are read here, the last one first."""
        views = (each() for each in self._views.valuerefs())
        return [self._view.manifest, *(view.manifest for view in views if view is not None)]

    def _change(self, write: Callable[..., Manifest], *given: Any) -> None:
        """Write, and read what was written from now on."""
        made = write(self._view.manifest.place, self._seen, *given, self._reading)
        view = View(made, self._view.most_open)
        self._views[id(view)] = self._view = view

    def close(self) -> None:
        """Let writers remove what this reads; a garbage-collected one is closed too.

        It frees no memory, and shards that are mapped still answer. One that is needed later may
        be gone by then, and raises FileNotFoundError. Appending still works.
        """
        self._reading.close()

    def __enter__(self) -> ShardedIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        manifest = self._view.manifest
        how = manifest.text, self._view.most_open, manifest.name, manifest.place.options
        return _reopened, (self.folder, *how)

    def __repr__(self) -> str:
        count = len(self.shards)
        return f"ShardedIndex(<{len(self)} keys of {self.dtype} in {count} shards>)"


def _flat(batch: Any) -> Any:
    return batch.reshape(-1) if isinstance(batch, np.ndarray) else batch


def opened(folder: Any, most_open: Any, options: Any = None) -> ShardedIndex:
    """Open a folder; see lx.shards.open."""
    if isinstance(most_open, bool) or not hasattr(most_open, "__index__") or most_open < 1:
        raise ValueError(f"most_open: must be an int from 1 on, got {most_open!r}")
    place = place_of(folder, options)
    # The manifest is read behind the lock: from then on its shards stay.
    reading = place.reading()
    return ShardedIndex(View(read(place), int(most_open)), reading)


# What pickles reopened: one view for all of them, as long as an index uses it.
_reopened_views: weakref.WeakValueDictionary[tuple[Any, ...], View] = weakref.WeakValueDictionary()


def _reopened(folder: str, text: bytes, most_open: int, name: str, options: Any) -> ShardedIndex:
    place, key = place_of(folder, options), (folder, text, most_open, name, repr(options))
    reading = place.reading()
    view = _reopened_views.get(key)
    if view is None:
        view = _reopened_views[key] = View(parsed(place, name, text), most_open)
    return ShardedIndex(view, reading)


_reopened.__module__ = "learnedidx.shards"  # pickles name what is public
