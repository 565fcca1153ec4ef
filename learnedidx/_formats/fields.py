"""One column of keys that are rows: how the core gets its items, and what a file says of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx._core import Column
from learnedidx._formats.family import Meaning
from learnedidx._formats.forms import IN_FILES, Form, bytes_of
from learnedidx._formats.known import KINDS, dtype_in_file, family_of


class Field:
    """A column of a dtype, or of strings of a form.

    Attributes
    ----------
    core : numpy.dtype or None
        Of numbers and times as the core takes them; None of strings.
    aware : bool
        They are instants, given with a time zone.
    """

    def __init__(self, dtype: Any) -> None:
        self.dtype, self.family = dtype, family_of(dtype)
        self.core, self.aware = None, self.family.is_aware
        if isinstance(dtype, Form):
            return
        self.core = self.family.core_dtype
        self._is_time = self.core.kind in "mM"

    def one(self, item: Any, name: str) -> Any:
        """Return a column of one query as RowCoder.encode takes it."""
        if self.core is None:
            return Column.of_list([bytes_of(item, self.dtype, name)], name, "bytes")
        value, fit = self.family.fixed(item, name)
        native = np.array([value], self.family.native_dtype)
        return native.view(self.core), None, np.array([fit], np.uint8)

    @property
    def in_file(self) -> tuple[int, Meaning]:
        """Its number in a file, of its kind or of what its strings are, and what numbers mean."""
        if self.core is None:
            return len(KINDS) + IN_FILES.index(self.dtype), (0, 0, 0)
        return KINDS.index(self.family.native_dtype.str[1:]), self.family.meaning

    @classmethod
    def of_file(cls, kind: int, meaning: Meaning) -> Field:
        """Return the column that a file describes, or raise ValueError as dtype_in_file does."""
        if kind >= len(KINDS):
            return cls(IN_FILES[kind - len(KINDS)])
        return cls(dtype_in_file(kind, meaning))

    @property
    def has_plain_items(self) -> bool:
        """Whether items of a column are what its tolist() gives."""
        return self.core is None or not self._is_time

    def shown(self, column: Any) -> Any:
        """Return a column that was read out of rows as users have it."""
        if self.core is None:
            return column.with_items(self.dtype.make)
        column.flags.writeable = False  # copies of an index share it
        return column

    def item(self, column: Any) -> Any:
        """Return the only item of a column that was read."""
        if self.core is not None:
            return column.item() if self.has_plain_items else column[0]
        return column[0] if self.dtype.make is None else self.dtype.make(column[0])
