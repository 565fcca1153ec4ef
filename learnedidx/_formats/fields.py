"""One column of keys that are rows: how its items are written into the bytes of a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx._formats.family import Meaning
from learnedidx._formats.forms import IN_FILES, Form, bytes_of
from learnedidx._formats.known import KINDS, dtype_in_file, family_of
from learnedidx._formats.scalars import EXACT, NAN, PAST, ROUNDED

END = b"\0\0"  # of a string, in which other NULs are followed by 0xFF


class Field:
    """A column of a dtype, or of strings of a form.

    Attributes
    ----------
    core : numpy.dtype or None
        Of numbers and times as the core takes them; None of strings.
    width : int
        Bytes of a number; 0 of strings.
    aware : bool
        They are instants, given with a time zone.
    """

    def __init__(self, dtype: Any) -> None:
        self.dtype, self.family = dtype, family_of(dtype)
        self.core, self.width, self.aware = None, 0, self.family.is_aware
        if isinstance(dtype, Form):
            return
        self.core = self.family.core_dtype
        self.width = self.core.itemsize
        native = self.family.native_dtype
        self._is_real, self._is_time = native.kind == "f", self.dtype.kind in "mM"
        self._sign = 1 << (8 * self.width - 1)
        self._offset = (self._sign if native.kind == "i" else 0) - self._is_time
        is_integer = not (self._is_real or self._is_time)
        self._plain = (self.family.lowest, self.family.highest) if is_integer else (1, 0)
        has_nan = self._is_real or self._is_time  # what is past all numbers is below NaN
        self._fit_of_last = {NAN: EXACT, PAST: ROUNDED} if has_nan else {NAN: PAST, PAST: PAST}

    def fixed(self, item: Any, name: str) -> tuple[Any, int]:
        """Return the code of a number that is not below an item, and how it fits; or its bytes."""
        if self.core is None:
            return _escaped(bytes_of(item, self.dtype, name)), EXACT
        if type(item) is int and self._plain[0] <= item <= self._plain[1]:
            return item + self._offset, EXACT  # most queries, in a tenth of the time
        value, fit = self.family.fixed(item, name)
        if fit in (NAN, PAST):
            return 2 * self._sign - 1, self._fit_of_last[fit]
        if not self._is_real:
            return int(value) + self._offset, fit
        bits = int(np.array(value, self.core).view(f"u{self.width}"))
        return (2 * self._sign - bits if bits & self._sign else bits | self._sign), fit

    def raw(self, code: int) -> bytes:
        """Return the bytes of a number's code."""
        return code.to_bytes(self.width, "big")

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


def _escaped(raw: bytes) -> bytes:
    """Write a string so that its end stands before what may follow, and none begins with FF."""
    raw = raw.replace(b"\xfe", b"\xfe\xfe").replace(b"\xff", b"\xfe\xff")
    return raw.replace(b"\0", b"\0\xff") + END
