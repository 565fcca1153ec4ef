"""Writing shards: each file under a new name, and at the end the manifest in one step."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from learnedidx._formats.rows import RowForm
from learnedidx._formats.scalars import shown
from learnedidx._state import without_zone
from learnedidx.index import LearnedIndex
from learnedidx.shards._manifest import Manifest, Shard, both_ends, joined, read
from learnedidx.shards._places import MOST_FILES, SHARD_NAME, Folder, Store
from learnedidx.shards._sources import disorder, is_parquet, pieces

Seen = Callable[[], list[Manifest]]

MOST_ROWS = 2**32


def checked_rows(rows: Any) -> int:
    """Return how many keys a shard gets at most."""
    if isinstance(rows, bool) or not hasattr(rows, "__index__"):
        raise TypeError(f"rows_per_shard: must be an int, got {type(rows).__name__}")
    number = int(rows.__index__())
    if not 0 < number <= MOST_ROWS:
        raise ValueError(f"rows_per_shard: must be 1 to {MOST_ROWS}, got {number}")
    return number


class Writer:
    """New shards behind those of a manifest, or in their place.

    Until the manifest is written nobody sees them; a failure takes them back.
    """

    def __init__(self, place: Folder | Store, old: str, rows: int, model: Any, name: str) -> None:
        self.place, self.rows, self.model, self.name = place, rows, model, name
        self.manifest_name = place.next_after(old)
        self.shards: list[Shard] = []
        self.ends: list[Any] = []
        self.last: LearnedIndex | None = None
        self.written: list[str] = []
        self.advice = "leave out what is below it, or build the shards again from all keys, sorted"
        taken = [int(name[6:14]) for name in place.names() if SHARD_NAME.fullmatch(name)]
        self.number = max(taken, default=-1) + 1

    def keep(self, manifest: Manifest, first: int, stop: int) -> None:
        """Take over shards of a manifest as they are."""
        self.shards += manifest.shards[first:stop]
        keys, slots = manifest.ends._state.checked.array, manifest.slots
        self.ends.append(keys[2 * int(slots[first]) : 2 * int(slots[stop])])
        self.last = manifest.ends

    def add(self, keys: Any) -> None:
        """Write keys as the next shard; ValueError if they are not sorted or begin too low."""
        count = sum(shard.count for shard in self.shards)
        try:
            index = LearnedIndex(keys, self.model)
        except (TypeError, ValueError) as error:
            where = f"{self.name}: from position {count} on" if count else self.name
            raise type(error)(f"{where}: {error}") from None
        if isinstance(index._state.checked.dtype, RowForm):
            raise TypeError(
                f"{self.name}: rows of several columns have no shards; pass one column, or make "
                "one lx.LearnedIndex"
            )
        if self.last is not None:
            self._check_behind(index, count)
        self.put(index)

    def _check_behind(self, index: LearnedIndex, count: int) -> None:
        last = self.last
        assert last is not None
        before, dtype = last._state.checked.dtype, index._state.checked.dtype
        if dtype != before:
            raise TypeError(
                f"{self.name}: keys of dtype {dtype} from position {count} on, the shards have "
                f"{before}; convert them"
            )
        keys, end = without_zone(index), without_zone(last)
        if len(end) and keys.searchsorted(end[-1]):
            raise ValueError(
                f"{self.name}: not sorted: the key {shown(keys[0])} at position {count} comes "
                f"after {shown(end[-1])}, the last one before; {self.advice}"
            )

    def put(self, index: LearnedIndex) -> None:
        """Write an index as the next shard."""
        if self.number >= MOST_FILES:
            raise ValueError(f"{self.place.path}: has no names left for shards; build elsewhere")
        name = f"shard-{self.number:08}.lidx"
        self.number += 1
        self.written.append(name)
        try:
            fingerprint = self.place.put(name, index)
        except BaseException:
            if not self.place.has_lock:  # it may be that of another writer
                self.written.pop()
            raise
        self.shards.append(Shard(name, len(index), fingerprint, repr(index.model)[:200]))
        self.ends.append(both_ends(index._state.checked.array))
        if len(index) or self.last is None:
            ends = [both_ends(index._state.checked.array)]
            self.last = joined(ends, index._state.checked.aware)

    def finished(self) -> Manifest:
        """Write the manifest: from now on these are the shards."""
        assert self.last is not None
        ends = joined([part for part in self.ends if part.size] or self.ends[:1], self._aware)
        shards = tuple(self.shards)
        manifest = Manifest(self.place, self.manifest_name, self.rows, shards, ends)
        try:
            self.place.put_manifest(manifest.name, manifest.text)
        except BaseException as error:
            if self.place.may_have(manifest.name, manifest.text, error):
                self.written = []
            raise
        self.written = []
        return manifest

    @property
    def _aware(self) -> bool:
        return self.last is not None and self.last._state.checked.aware

    def take_back(self) -> None:
        """Remove the shards that were written for nothing."""
        self.place.remove(self.written)


@contextlib.contextmanager
def _taken_back(writer: Writer) -> Iterator[Writer]:
    try:
        yield writer
    except BaseException:
        writer.take_back()
        raise


def build(source: Any, place: Folder | Store, column: str | None, rows: int, model: Any) -> None:
    """Write shards of a source; those that were there stay until all new ones are."""
    with place.writing(), contextlib.closing(place.reading()) as reading:
        name = place.newest()
        old = read(place, name) if place.has(name) else None
        place.sweep(_named(old), reading)
        with _taken_back(Writer(place, name, rows, model, "source")) as writer:
            _add_all(writer, source, column)
            writer.finished()


def _named(*manifests: Manifest | None) -> set[str]:
    return {shard.name for manifest in manifests if manifest for shard in manifest.shards}


def _add_all(writer: Writer, source: Any, column: str | None) -> None:
    """Write all keys of a source; of none one empty shard, if there is no other."""
    options = writer.place.options
    try:
        for keys in pieces(source, column, writer.rows, options):
            if len(keys) or not writer.shards:
                writer.add(keys)
    except ValueError as error:
        if column is None or not is_parquet(source, column):
            raise
        raise disorder(source, column, options) or error from None


def append(place: Any, seen: Seen, keys: Any, column: Any, model: Any, reading: Any) -> Manifest:
    """Write keys behind the last one and return the new manifest.

    `seen`: what the writer itself reads, asked for when nobody else writes any more.
    """
    with place.writing():
        old = read(place)
        old.require_files()
        place.sweep(_named(old, *seen()), reading)
        with _taken_back(Writer(place, old.name, old.rows, model, "keys")) as writer:
            writer.keep(old, 0, len(old.shards))
            _add_all(writer, keys, column)
            return writer.finished() if writer.written else old


def compact(place: Any, seen: Seen, model: Any, reading: Any) -> Manifest:
    """Join neighbours that fit into one shard and return the new manifest."""
    with place.writing():
        old = read(place)
        old.require_files()
        place.sweep(_named(old, *seen()), reading)
        runs = _runs([shard.count for shard in old.shards], old.rows)
        if len(runs) == len(old.shards):
            return old
        with _taken_back(Writer(place, old.name, old.rows, model, "shards")) as writer:
            for first, stop in runs:
                if stop - first == 1:
                    writer.keep(old, first, stop)
                    continue
                parts = [old.opened(k) for k in range(first, stop)]
                arrays = [part._state.checked.array for part in parts if len(part)]
                aware = parts[0]._state.checked.aware
                arrays = arrays or [parts[0]._state.checked.array]
                writer.put(joined(arrays, aware, model))
            return writer.finished()


def _runs(counts: list[int], rows: int) -> list[tuple[int, int]]:
    """Return neighbours that are at most `rows` keys together, as first and stop."""
    runs: list[tuple[int, int]] = []
    total = 0
    for k, count in enumerate(counts):
        if runs and total + count <= rows:
            runs[-1], total = (runs[-1][0], k + 1), total + count
        else:
            runs.append((k, k + 1))
            total = count
    return runs
