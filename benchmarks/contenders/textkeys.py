"""Keys of text for the frame of numbers: positions of those that were kept, in a whole set.

Positions sort as the strings at them do. So what draws queries from numbers and what checks answers
against `np.searchsorted` work on positions, and contenders fetch the strings at them.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from benchmarks.contenders.contender import load
from datasets.text.texts import Pairs, Text, held_out

Strings: TypeAlias = Text | Pairs


class TextKeys(np.ndarray[Any, Any]):
    """Positions of keys in ``whole``, a set that holds the absent queries too."""

    whole: Strings

    @classmethod
    def of(cls, whole: Strings) -> "TextKeys":
        """Hold every tenth out, by chance."""
        keys = np.flatnonzero(~held_out(len(whole))).view(cls)
        keys.whole = whole
        return keys

    @property
    def kind(self) -> str:
        return "pairs" if isinstance(self.whole, Pairs) else "strings"

    def __array_finalize__(self, other: Any) -> None:
        """Let slices know what they are positions in."""
        self.whole = getattr(other, "whole", Text.of([]))
        self._forms: dict[Callable[..., Any], Any] = {}

    def form(self, make: Callable[[Strings], Any]) -> Any:
        """Give the keys in some form, which is made once and is no part of a build."""
        if make not in self._forms:
            self._forms[make] = make(self.whole.take(np.asarray(self)))
        return self._forms[make]


def arrays(keys: Strings) -> tuple[Any, Any]:
    first, second = vars(keys).values()
    return first, second


def marks(first: Any, second: Any) -> Any:
    """Give a number for each key that tells it apart, as benchmarks/native/text.hpp does."""
    if second.dtype == np.uint8:
        return first[:-1]
    return (first * np.uint64(0x9E3779B97F4A7C15) ^ second).view(np.int64)


def listed(keys: Strings) -> list[Any]:
    """Make a list of str, or of bytes where some string is not UTF-8."""
    strings: list[Any] = keys.tolist()
    return [one.decode() for one in strings] if is_utf8(keys) else strings


def fixed(keys: Strings) -> Any:
    offsets, data = arrays(keys)
    lengths = np.diff(offsets)
    width = int(lengths.max(initial=1))
    rows = np.zeros((len(lengths), width), np.uint8)
    rows[np.arange(width) < lengths[:, None]] = data
    return rows.view(f"S{width}").ravel()


def variable(keys: Strings) -> Any:
    return np.array(listed(keys), np.dtypes.StringDType())


def borrowed(keys: Strings) -> Any:
    """Wrap the arrays of text as one of Arrow; pairs become an array of two fields."""
    if isinstance(keys, Pairs):
        fields = np.empty(len(keys), [("hi", np.uint64), ("lo", np.uint64)])
        fields["hi"], fields["lo"] = arrays(keys)
        return fields
    arrow = load("pyarrow")
    dtype = arrow.large_string() if is_utf8(keys) else arrow.large_binary()
    buffers = [None, *map(arrow.py_buffer, arrays(keys))]
    return arrow.Array.from_buffers(dtype, len(keys), buffers)


def is_utf8(keys: Strings) -> bool:
    """Tell text from strings of bytes."""
    if isinstance(keys, Pairs):
        return False
    try:
        str(keys.data.data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
