"""Strings and rows to measure on, and queries over them."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx._core import Column
from learnedidx._formats import queries as of_queries
from learnedidx._formats.forms import Form, form_of
from learnedidx._formats.known import family_of
from learnedidx._formats.rows import RowForm, as_rows, with_other_ends
from learnedidx._formats.text import column_of
from learnedidx.index import LearnedIndex

MAX_KEYS = 2**20  # keys that are looked at as a whole
STRETCHES, STRETCH = 64, 2**14
FEWEST_INSIDE = 256  # queries that must fall into the stretches


@dataclass(frozen=True, slots=True)
class Strings:
    """Strings or rows to measure on, all or stretches, and what is to be said of them."""

    column: Any
    total: int
    given: Any  # as the caller has them
    own: Any  # what they stand for there; zones of instants are left out of what is measured
    notes: list[str] = field(default_factory=list)

    @property
    def scale(self) -> float:
        """How many keys one of these stands for."""
        return self.total / max(len(self.column), 1)

    @property
    def form(self) -> Any:
        """What they stand for."""
        form: Form = form_of(self.column)
        return form

    @property
    def encoded(self) -> int:
        """Bytes of the copy that an index over rows has."""
        return self.column.nbytes if self.are_rows else 0

    def given_as(self, batch: Any) -> Any:
        """Return queries as users have them, which an index over rows encodes first."""
        return self.form.columns(batch) if self.are_rows else batch

    @property
    def are_rows(self) -> bool:
        """Whether they are rows of columns."""
        return isinstance(self.own, RowForm)


def read(keys: Any) -> Strings | None:
    """Return strings or rows; None: they are others."""
    rows = as_rows(keys, None, "keys")
    column = column_of(keys) if rows is None else rows[0]
    if column is None:
        return None
    own = form_of(column)
    column = column if rows is None else column.with_items(own.without_zones)
    return Strings(column, column.size, keys, own)


def taken(keys: Any, random: np.random.Generator) -> Strings | None:
    """Take strings or rows, sorted if they are not, or stretches of many; None: they are others."""
    found = read(keys)
    if found is None:
        return None
    column, total, notes = found.column, found.total, found.notes
    bad, _ = _core.check_strings(column)
    if bad >= 0:
        began, plain = time.perf_counter(), column.with_items(None)
        column = Column.of_list(sorted(plain), "keys", column.kind).with_items(column.make)
        taking = time.perf_counter() - began
        how = "rows in order (np.lexsort)" if found.are_rows else "sorted(keys)"
        notes.append(
            f"The keys are not sorted: keys[{bad}] comes after keys[{bad - 1}]. Sort them first: "
            f"all else holds for {how}, which takes about {taking:.2g} s here."
        )
    if total > MAX_KEYS:
        part = total // STRETCHES
        starts = np.arange(STRETCHES) * part + random.integers(0, part - STRETCH + 1, STRETCHES)
        column = column.take((starts[:, None] + np.arange(STRETCH)).reshape(-1))
        notes.append(
            f"Measured on {column.size:,} keys in {STRETCHES} stretches of the {total:,}: bytes "
            "and seconds are scaled up, lookups among all keys take longer."
        )
    return Strings(column, total, keys, found.own, notes)


def near(key: Any) -> Any:
    """Return text or bytes whose last bit is another."""
    if isinstance(key, str):
        return key[:-1] + chr(ord(key[-1]) ^ 1) if key else "\0"
    return key[:-1] + bytes([key[-1] ^ 1]) if key else b"\0"


def drawn(sample: Strings, size: int, random: np.random.Generator) -> Any:
    """Draw queries: half are keys, half differ from one in the last bit.

    Half of the rows end as another row does.
    """
    at = random.integers(0, sample.column.size, size)
    if sample.are_rows:
        ends = np.where(random.random(size) < 0.5, at, random.permutation(at))
        return with_other_ends(sample.column.take(at), sample.column.take(ends))
    some = sample.column.with_items(None).take(at)
    misses = random.random(size) < 0.5
    items = [near(key) if miss else key for key, miss in zip(some, misses.tolist(), strict=True)]
    return _core.Column.of_list(items, "queries", some.kind).with_items(sample.column.make)


def asked_of(asked: Any, sample: Strings) -> Any:
    """Return the caller's queries as a column; None if there are none to use."""
    if asked is None:
        return None
    family = family_of(sample.own)
    column = family.batch(asked if of_queries.is_array(asked, family) else [asked], "queries")
    family.missing(column, True, "queries")
    column = column.with_items(sample.column.make)
    if sample.scale > 1 and column.size:
        at = LearnedIndex(sample.column, "none").searchsorted(column)
        column = column[at % STRETCH != 0]
        if column.size < FEWEST_INSIDE:
            sample.notes.append(
                "Too few of the queries lie in the stretches: others were drawn, half of them keys."
            )
            return None
    return column if column.size else None


def listed(column: Any) -> list[Any]:
    """Return strings, or rows as tuples, as a list."""
    if not isinstance(column.make, RowForm):
        return list(column.tolist())
    form = column.make
    parts = zip(form.fields, form.columns(column).columns, strict=True)
    items = (part.tolist() if field.has_plain_items else list(part) for field, part in parts)
    return list(zip(*items, strict=True))


def sizes(items: list[Any]) -> float:
    """Return the mean of the bytes of strings, or of tuples and what is in them."""
    parts = [sys.getsizeof(item) for item in items]
    parts += [sys.getsizeof(part) for item in items if isinstance(item, tuple) for part in item]
    return sum(parts) / max(len(items), 1)
