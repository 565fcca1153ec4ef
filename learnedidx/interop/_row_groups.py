"""Parquet files as rows with numbers: what their footers say, a column in a stream, and rows."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx.files._stored import FormatError
from learnedidx.interop._pyarrow import rows_of
from learnedidx.interop._ranges import OF_WHOLE, RangedFile, Ranges, is_url, names_in, of_process

MAGIC = b"PAR1"
OPEN_FILES = 64  # of a dataset
ROWS_AT_ONCE = 1 << 18  # of row groups in memory, where single rows of many are read
BATCH_ROWS = 1 << 16  # of a column that is read in a stream
Positions = NDArray[np.intp]
Stamp = tuple[int, int, int, int] | str  # what a file that was written again does not share


def files_of(path: Any, options: dict[str, Any] | None = None) -> list[str]:
    """Return the Parquet files of a file, a folder, a list or a dataset of Arrow, in their order.

    Those of a folder are ordered by name, numbers in names as numbers. `options`: of a URL.
    """
    listed = getattr(path, "files", path)
    if isinstance(listed, (list, tuple)):
        files = [whole_path(each) for each in listed]
    elif not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            "path: must be a path of a Parquet file or of a folder of them, or a list of "
            f"files, got {type(path).__name__}"
        )
    else:
        one = whole_path(path)
        names = _names_in(one, options or {})
        files = [one]
        if names is not None:
            parts = sorted(filter(_is_part, names), key=_in_order)
            files = [f"{one.rstrip('/')}/{name}" for name in parts]
    if not files:
        raise FileNotFoundError(f"{path}: has no files that end in .parquet; name them in a list")
    return files


def whole_path(path: Any) -> str:
    """Return a URL as it is, and a path from the root on."""
    return path if is_url(path) else os.path.abspath(os.fsdecode(path))


def _names_in(path: str, options: dict[str, Any]) -> list[str] | None:
    """Return what lies in a folder, None if it is none."""
    if is_url(path):
        return None if _is_part(path.rpartition("/")[2]) else names_in(path, options)
    return os.listdir(path) if os.path.isdir(path) else None


def _is_part(name: str) -> bool:
    return name.endswith((".parquet", ".parq")) and not name.startswith((".", "_"))


def _in_order(name: str) -> list[Any]:
    parts: list[Any] = re.split(r"(\d+)", name)
    parts[1::2] = map(int, parts[1::2])
    return [*parts, name]


class RowGroups:
    """The row groups of Parquet files, one file after the other; row 0 is the first of the first.

    Threads may share it: reads of one object wait for each other.
    """

    def __init__(self, files: list[str], options: dict[str, Any] | None = None) -> None:
        self.files = files
        self.digest = hashlib.sha256()
        options = dict(options or {})
        self._remote = {
            number: Ranges(name, *OF_WHOLE, options)
            for number, name in enumerate(files)
            if is_url(name)
        }
        self._stamps = [self._add_footer(number) for number in range(len(files))]
        # Open files and their lock, of this process: a child that is forked while a thread reads
        # would find the lock held for ever, and a file in the middle of a read.
        self._of_process: dict[int, tuple[OrderedDict[int, Any], threading.Lock]] = {}
        rows: list[int] = []
        places: list[tuple[int, int]] = []
        for number in range(len(files)):
            meta = self._footer(number)
            rows += [meta.row_group(each).num_rows for each in range(meta.num_row_groups)]
            places += [(number, each) for each in range(meta.num_row_groups)]
        self.starts: NDArray[np.int64] = np.cumsum([0, *rows], dtype=np.int64)
        self._firsts: list[int] = self.starts.tolist()  # which bisect reads sooner
        self.places = places
        for number in range(len(files)):
            self._require_same(number)

    @property
    def _own(self) -> tuple[OrderedDict[int, Any], threading.Lock]:
        return of_process(self._of_process, lambda: (OrderedDict(), threading.Lock()))

    def _add_footer(self, number: int) -> Stamp:
        """Add the length and the footer of a file to the digest."""
        stamp, name = self._stamp(number), self.files[number]
        with self._bytes_of(number) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 8))
            tail = file.read(8)
            length = int.from_bytes(tail[:4], "little")
            if tail[4:] != MAGIC or length > size - 12:
                raise FormatError(f"{name}: is no whole Parquet file with a footer in the clear")
            file.seek(size - 8 - length)
            footer = file.read(length)
        self.digest.update(size.to_bytes(8, "little") + hashlib.sha256(footer).digest())
        return stamp

    def _bytes_of(self, number: int) -> Any:
        """Return a file that is open for reading."""
        if number in self._remote:
            return RangedFile(self._remote[number])
        return open(self.files[number], "rb")

    def _stamp(self, number: int) -> Stamp:
        if number in self._remote:
            return self._remote[number].stamp()
        found = os.stat(self.files[number])
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def _footer(self, number: int) -> Any:
        file = self._file(number)
        if number == 0:
            self.schema = file.schema_arrow
            self.names: list[str] = list(self.schema.names)
        elif not file.schema_arrow.equals(self.schema):
            raise ValueError(
                f"{self.files[number]}: has other columns or types than {self.files[0]}; "
                "write the files of a dataset with one schema"
            )
        return file.metadata

    def _file(self, number: int, in_stream: bool = False) -> Any:
        """Return an open file; of many, those that were used last stay open."""
        from pyarrow.parquet import ParquetFile

        kept, _ = self._own
        file = None if in_stream else kept.pop(number, None)
        if file is None:
            try:
                is_here = number not in self._remote
                source = _source(self.files[number]) if is_here else self._bytes_of(number)
                file = ParquetFile(source, pre_buffer=not in_stream)
            except Exception as error:
                raise self._meant(error, number) from None
        if not in_stream:
            kept[number] = file
            if len(kept) > OPEN_FILES:
                kept.popitem(last=False)[1].close()
        return file

    def __enter__(self) -> RowGroups:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _meant(self, error: Exception, number: int) -> Exception:
        """Return what to raise for an error of Arrow: that a file was changed, or is damaged."""
        from pyarrow import ArrowException

        is_of_arrow = isinstance(error, ArrowException)
        is_of_file = isinstance(error, OSError) and error.errno is None
        # What fails to be read from afar says of which file it is.
        if not is_of_arrow and (not is_of_file or str(error).startswith(self.files[number])):
            return error
        self._require_same(number)
        return FormatError(f"{self.files[number]}: is damaged: {error}")

    def close(self) -> None:
        """Close the files; those that are read later are opened again."""
        kept, lock = self._own
        with lock:
            while kept:
                kept.popitem()[1].close()

    def __str__(self) -> str:
        others = len(self.files) - 1
        return f"{self.files[0]} and {others} more" if others else self.files[0]

    @property
    def rows(self) -> int:
        return int(self.starts[-1])

    def require_same(self) -> None:
        """Raise FormatError if a file of this machine was written again since this was made.

        Others are asked when they were read, for that takes as long as a read.
        """
        for number in range(len(self.files)):
            if number not in self._remote:
                self._require_same(number)

    def _require_same(self, number: int) -> None:
        try:
            is_same = self._stamp(number) == self._stamps[number]
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise FormatError(
                f"{self.files[number]}: was replaced or written again while it was open; build its "
                "sidecar again with learnedidx.parquet.build, then open it"
            )

    def require_columns(self, columns: Any, called: str = "columns") -> list[str]:
        """Return names of columns, all for None."""
        if columns is None:
            return self.names
        names = [] if isinstance(columns, str) else list(columns)
        if isinstance(columns, str) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"columns: must be a list of names, got {columns!r}")
        if not names:
            raise ValueError("columns: must name one at least; count says how many rows there are")
        for name in names:
            if self.names.count(name) != 1:
                where = "; ".join(self.names[:20])
                raise ValueError(
                    f"{called}: {self.files[0]} has no column {name!r}; it has {where}"
                )
        return names

    def plain_type(self, column: str) -> Any:
        """Return the type of a column, of one that is encoded that of its items."""
        kind = self.schema.field(column).type
        return getattr(kind, "value_type", kind) if str(kind).startswith("dictionary") else kind

    def stream(self, column: str) -> Iterator[Any]:
        """Yield a column in arrays of Arrow, some pages in memory at a time."""
        for number in range(len(self.files)):
            with self._file(number, in_stream=True) as file:
                batches = file.iter_batches(BATCH_ROWS, columns=[column], use_threads=False)
                try:
                    yield from (batch.column(column) for batch in batches)
                except Exception as error:
                    raise self._meant(error, number) from None

    def keys(self, column: str) -> Iterator[Any]:
        """Yield a column in pieces without nulls, not encoded; TypeError names a null."""
        row = 0
        for chunk in self.stream(column):
            if chunk.null_count:
                at = row + chunk.is_null().to_numpy(zero_copy_only=False).argmax()
                raise TypeError(
                    f"column: {column}[{at}] of {self} is null; write only the rows that have a key"
                )
            row += len(chunk)
            yield chunk if not hasattr(chunk, "dictionary_decode") else chunk.dictionary_decode()

    def spans(self) -> Iterator[tuple[str, int, int]]:
        """Yield each file with its first row and the row behind its last."""
        of_files = np.searchsorted([file for file, _ in self.places], range(len(self.files) + 1))
        yield from zip(self.files, self.starts[of_files], self.starts[of_files[1:]], strict=False)

    def none(self, columns: list[str]) -> Any:
        """Return a table without rows."""
        return self.schema.empty_table().select(columns)

    def between(self, start: int, stop: int, columns: list[str]) -> Any:
        """Return rows [start, stop) as a table: of row groups that hold them, and of no others."""
        if start >= stop:
            return self.none(columns)
        first = bisect_right(self._firsts, start) - 1
        last = bisect_left(self._firsts, stop)
        table = self._groups(range(first, last), columns)
        self.require_same()
        return table.slice(start - self._firsts[first], stop - start)

    def at(self, rows: Positions, columns: list[str]) -> Any:
        """Return rows in the order of their numbers, which may repeat; of -1 nulls."""
        import pyarrow as pa

        known = rows >= 0
        wanted, places = np.unique(rows[known], return_inverse=True)
        found = pa.concat_tables([*self._parts(wanted, columns)] or [self.none(columns)])
        self.require_same()
        if known.all():
            return rows_of(found, places)
        order = np.full(rows.size, -1)
        order[known] = places
        table = rows_of(found, pa.array(order, mask=~known))
        return table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))

    def _parts(self, wanted: Positions, columns: list[str]) -> Iterator[Any]:
        """Yield ascending rows from row groups, some of which are in memory at a time."""
        of_rows = np.searchsorted(self.starts, wanted, "right") - 1
        groups, firsts = np.unique(of_rows, return_index=True)
        sizes = self.starts[groups + 1] - self.starts[groups]
        turns = (np.cumsum(sizes) - 1) // ROWS_AT_ONCE
        cuts = [0, *np.flatnonzero(np.diff(turns)) + 1, groups.size]
        firsts = np.append(firsts, wanted.size)
        for begin, end in pairwise(cuts):
            if begin == end:
                continue
            # Where the rows of a group lie in the table of this turn.
            moved = np.cumsum(sizes[begin:end]) - sizes[begin:end] - self.starts[groups[begin:end]]
            each = slice(firsts[begin], firsts[end])
            places = wanted[each] + np.repeat(moved, np.diff(firsts[begin : end + 1]))
            yield rows_of(self._groups(groups[begin:end].tolist(), columns), places)

    def _groups(self, numbers: Any, columns: list[str]) -> Any:
        """Return row groups, in ascending order, as a table."""
        import pyarrow as pa

        wanted: dict[int, list[int]] = {}
        for number in numbers:
            file, group = self.places[number]
            wanted.setdefault(file, []).append(group)
        tables = [self._read(file, which, columns) for file, which in wanted.items()]
        rows = sum([self._firsts[number + 1] - self._firsts[number] for number in numbers])
        table = tables[0] if len(tables) == 1 else pa.concat_tables(tables)
        if len(table) != rows:
            raise FormatError(f"{self}: is damaged: row groups are not as long as the footer says")
        # Arrow takes the name of a column for a part of another one, too.
        return table if table.column_names == columns else table.select(columns)

    def _read(self, number: int, which: list[int], columns: list[str]) -> Any:
        """Return row groups of one file as a table of these columns."""
        try:
            with self._own[1]:
                file = self._file(number)
                table = file.read_row_groups(which, columns, use_threads=len(which) > 1)
        except Exception as error:
            raise self._meant(error, number) from None
        if number in self._remote:
            self._require_same(number)
        return table


def _source(name: str) -> Any:
    """Return what Arrow reads a file from."""
    return name
