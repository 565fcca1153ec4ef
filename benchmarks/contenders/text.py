"""Contenders over text: ours, and what else Python looks strings up in.

Keys of text are positions of those that were kept, in a whole set. Positions sort as the strings at
them do. So what draws queries from numbers and what checks answers against `np.searchsorted` work
on positions, and contenders fetch the strings at them.
"""

import bisect
import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

import numpy as np

import datasets
from benchmarks.contenders.contender import Answer, Array, Contender, load
from benchmarks.contenders.numbers import Loop, NumPy, Pandas, Polars
from benchmarks.contenders.ours import Ours
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
    if isinstance(keys, Pairs):
        return False
    try:
        str(keys.data.data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


class OverText(Contender):
    """A way of looking strings up: keys and queries come as positions in a set of text.

    Before another contender in the bases of a class, it hands strings to that one.
    """

    form: ClassVar[Callable[[Strings], Any]]  # of both keys and queries
    pairs: ClassVar[bool] = False  # whether it takes those too
    binary: ClassVar[bool] = True  # whether it takes strings that are not UTF-8
    one_by_one: ClassVar[bool] = False  # whether single calls are timed

    def refuses(self, keys: Array) -> str | None:
        if not isinstance(keys, TextKeys):
            return f"takes text only, not {keys.dtype}"
        if isinstance(keys.whole, Pairs):
            return None if self.pairs else "takes no pairs"
        return None if self.binary or is_utf8(keys.whole) else "takes UTF-8 only"

    def build(self, keys: Array) -> None:
        assert isinstance(keys, TextKeys)
        self.whole = keys.whole
        self.keys = keys.form(type(self).form)
        self.make(self.keys)

    def make(self, keys: Any) -> None:
        """Make the structure; without one, the keys are all there is."""

    def prepare(self, queries: Array) -> Any:
        return super().prepare(type(self).form(self.whole.take(np.asarray(queries))))

    def prepare_scalars(self, queries: Array) -> list[Any]:
        return listed(self.whole.take(np.asarray(queries)))

    def nbytes(self) -> int | None:
        return None


class OursOverText(OverText, Ours):
    """A `LearnedIndex` over text, borrowed in the layout of Arrow."""

    name = "text"
    label = "learnedidx"
    needs = "pyarrow"  # which hands that layout over
    pairs = one_by_one = True
    form = borrowed
    scalar_answer = Answer.PRESENT
    nbytes = Ours.nbytes

    def make(self, keys: Any) -> None:
        Ours.build(self, keys)
        self.scalar = functools.partial(operator.contains, self.index)

    def batch(self, prepared: Any) -> Any:
        return self.index.searchsorted(prepared)


class OursLargeOverText(OursOverText):
    """The same with a hash table of positions beside the layers, asked for equal strings only."""

    name = "text_large"
    label = "learnedidx, size large"
    size = "large"
    answer = Answer.MATCH

    def batch(self, prepared: Any) -> Any:
        return self.index.find(prepared)


class OursOverNumbers(OverText, Ours):
    """A `LearnedIndex` over as many random numbers, asked for the numbers at the same positions."""

    name = "uint64"
    label = "learnedidx over uint64"
    ours = False  # beside the one over text
    pairs = True
    nbytes = Ours.nbytes

    def build(self, keys: Array) -> None:
        assert isinstance(keys, TextKeys)
        self.numbers = datasets.load("uniform", len(keys.whole))
        Ours.build(self, self.numbers[np.asarray(keys)])

    def prepare(self, queries: Array) -> Any:
        return self.numbers[np.asarray(queries)]


class NumPyFixed(OverText, NumPy):
    name = "numpy_s"
    label = "np.searchsorted S"
    form = fixed

    def make(self, keys: Any) -> None:
        # As wide as the longest query, or NumPy would widen them in each call.
        self.dtype = np.dtype(f"S{np.diff(arrays(self.whole)[0]).max(initial=1)}")
        NumPy.build(self, keys.astype(self.dtype, copy=False))

    def prepare(self, queries: Array) -> Any:
        return super().prepare(queries).astype(self.dtype, copy=False)


class NumPyVariable(OverText, NumPy):
    name = "numpy_strings"
    label = "np.searchsorted StringDType"
    binary = False
    form = variable
    make = NumPy.build

    def missing(self) -> str | None:
        """Leave out a NumPy that reads strings of two arrays with the memory of one."""
        return "not installed: pip install 'numpy>=2.5'" if self.note() else None


class PolarsText(OverText, Polars):
    """`polars.Series.search_sorted` on one thread."""

    name = "polars_text"
    form = listed
    make = Polars.build


class DictOfText(OverText):
    """A dict from strings to positions: `map(d.get, queries)`, and `in` for one."""

    name = "dict_text"
    label = "dict"
    answer = Answer.MATCH
    scalar_answer = Answer.PRESENT
    one_by_one = True
    form = listed

    def make(self, keys: Any) -> None:
        self.dict = dict(zip(keys, itertools.count()))
        self.scalar = functools.partial(operator.contains, self.dict)

    def batch(self, prepared: Any) -> Any:
        return list(map(self.dict.get, prepared, itertools.repeat(-1)))


class PandasText(OverText, Pandas):
    """`pandas.Index.get_indexer` over its own strings: a hash table."""

    name = "pandas_text"
    binary = False
    form = listed
    make = Pandas.build

    def indexed(self, keys: Any) -> Any:
        return load("pandas").Index(keys, dtype="str")

    def prepare(self, queries: Array) -> Any:
        return self.indexed(super().prepare(queries))


class BisectText(OverText):
    name = "bisect_text"
    label = "bisect over a list"
    loops = one_by_one = True
    form = listed
    batch = Loop.batch

    def make(self, keys: Any) -> None:
        self.scalar = functools.partial(bisect.bisect_left, keys)


TEXT: tuple[type[Contender], ...] = (
    *(OursOverText, OursLargeOverText, OursOverNumbers, NumPyFixed, NumPyVariable),
    *(PolarsText, DictOfText, PandasText, BisectText),
)
