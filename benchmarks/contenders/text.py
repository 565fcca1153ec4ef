"""Contenders over text: ours, and what else Python and C++ look strings up in."""

import bisect
import functools
import itertools
import operator
import os
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

import datasets
from benchmarks import rivals
from benchmarks.contenders import textkeys
from benchmarks.contenders.contender import Answer, Array, Contender, load, not_installed
from benchmarks.contenders.library import library, library_missing
from benchmarks.contenders.textkeys import Strings, TextKeys
from datasets.text.texts import Pairs


class OverText(Contender):
    """A way of looking strings up: keys and queries come as positions in a set of text."""

    form: ClassVar[Callable[[Strings], Any]]  # of both keys and queries
    pairs: ClassVar[bool] = False  # whether it takes those too
    binary: ClassVar[bool] = True  # whether it takes strings that are not UTF-8

    def refuses(self, keys: Array) -> str | None:
        """Text only, and what else it says that it takes."""
        if not isinstance(keys, TextKeys):
            return f"takes text only, not {keys.dtype}"
        if isinstance(keys.whole, Pairs):
            return None if self.pairs else "takes no pairs"
        return None if self.binary or textkeys.is_utf8(keys.whole) else "takes UTF-8 only"

    def build(self, keys: Array) -> None:
        """Make the structure over the form that it likes best."""
        assert isinstance(keys, TextKeys)
        self.whole = keys.whole
        self.make(keys.form(type(self).form))

    def make(self, keys: Any) -> None:
        """Make the structure; without one, the keys are all there is."""
        self.keys = keys

    def prepare(self, queries: Array) -> Any:
        """Fetch the strings at these positions."""
        return type(self).form(self.whole.take(np.asarray(queries)))

    def prepare_scalars(self, queries: Array) -> list[Any]:
        """Make Python strings, each an object of its own."""
        return textkeys.listed(self.whole.take(np.asarray(queries)))


class OursOverText(OverText):
    """A `LearnedIndex` over text, borrowed in the layout of Arrow."""

    name = "text"
    label = "learnedidx"
    ours = True
    pairs = True
    form = textkeys.borrowed
    scalar_answer = Answer.PRESENT

    def missing(self) -> str | None:
        """Arrow's layout is handed over by pyarrow."""
        return library_missing() or not_installed("pyarrow", "pyarrow")

    def refuses(self, keys: Array) -> str | None:
        """Ask the library itself whether it takes such keys."""
        if why := super().refuses(keys):
            return why
        try:
            self.build(keys[:2])
        except (TypeError, ValueError) as error:
            return f"the installed library does not take them: {error}"
        return None

    def make(self, keys: Any) -> None:
        """Build the index."""
        self.index = library().LearnedIndex(keys)
        self.scalar = functools.partial(operator.contains, self.index)

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.index.searchsorted(prepared)

    def nbytes(self) -> int | None:
        """Give what the index itself counts."""
        return int(self.index.nbytes)


class OursOverNumbers(OverText):
    """A `LearnedIndex` over as many random numbers, asked for the numbers at the same positions."""

    name = "uint64"
    label = "learnedidx over uint64"
    pairs = True

    def build(self, keys: Array) -> None:
        """Draw as many numbers as there are strings, and build over those of the keys."""
        assert isinstance(keys, TextKeys)
        self.numbers = datasets.load("uniform", len(keys.whole))
        self.index = library().LearnedIndex(self.numbers[np.asarray(keys)])

    def prepare(self, queries: Array) -> Any:
        """Fetch the numbers at these positions."""
        return self.numbers[np.asarray(queries)]

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.index.searchsorted(prepared)

    def nbytes(self) -> int | None:
        """Give what the index itself counts."""
        return int(self.index.nbytes)


class NumPyFixed(OverText):
    """`np.searchsorted` over strings of fixed width."""

    name = "numpy_s"
    label = "np.searchsorted S"
    form = textkeys.fixed

    def make(self, keys: Any) -> None:
        """Widen the keys for the longest query, or NumPy would do so in each call."""
        self.dtype = np.dtype(f"S{np.diff(textkeys.arrays(self.whole)[0]).max(initial=1)}")
        self.keys = keys.astype(self.dtype, copy=False)

    def prepare(self, queries: Array) -> Any:
        """Make them as wide as the keys."""
        return super().prepare(queries).astype(self.dtype, copy=False)

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return np.searchsorted(self.keys, prepared)


class NumPyVariable(OverText):
    """`np.searchsorted` over strings of any length."""

    name = "numpy_strings"
    label = "np.searchsorted StringDType"
    binary = False
    form = textkeys.variable

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return np.searchsorted(self.keys, prepared)


class PolarsText(OverText):
    """`polars.Series.search_sorted` on one thread."""

    name = "polars_text"
    label = "polars search_sorted"
    form = textkeys.listed

    def missing(self) -> str | None:
        """Say how to install Polars."""
        return not_installed("polars", "polars")

    def make(self, keys: Any) -> None:
        """Make the series."""
        os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when Polars is imported
        self.keys = load("polars").Series(keys)

    def prepare(self, queries: Array) -> Any:
        """Make a series of the queries too."""
        return load("polars").Series(super().prepare(queries))

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.keys.search_sorted(prepared, side="left")


class DictOfText(OverText):
    """A dict from strings to positions: `map(d.get, queries)`, and `in` for one."""

    name = "dict_text"
    label = "dict"
    answer = Answer.MATCH
    scalar_answer = Answer.PRESENT
    form = textkeys.listed

    def make(self, keys: Any) -> None:
        """Make the dict."""
        self.dict = dict(zip(keys, itertools.count()))
        self.scalar = functools.partial(operator.contains, self.dict)

    def batch(self, prepared: Any) -> Any:
        """Answer with positions, -1 for what is not there."""
        return list(map(self.dict.get, prepared, itertools.repeat(-1)))


class PandasText(OverText):
    """`pandas.Index.get_indexer` over its own strings: a hash table."""

    name = "pandas_text"
    label = "pandas get_indexer"
    answer = Answer.MATCH
    binary = False
    form = textkeys.listed

    def missing(self) -> str | None:
        """Say how to install pandas."""
        return not_installed("pandas", "pandas")

    def make(self, keys: Any) -> None:
        """Make the index and ask it once: its hash table is made by the first question."""
        self.index = load("pandas").Index(keys, dtype="str")
        self.index.get_indexer(self.index[: len(keys) // 8 + 1])

    def prepare(self, queries: Array) -> Any:
        """Make an index of the queries too."""
        return load("pandas").Index(super().prepare(queries), dtype="str")

    def batch(self, prepared: Any) -> Any:
        """Answer with positions, -1 for what is not there."""
        return self.index.get_indexer(prepared)


class BisectText(OverText):
    """`bisect.bisect_left` over a list of strings."""

    name = "bisect_text"
    label = "bisect over a list"
    loops = True
    form = textkeys.listed

    def make(self, keys: Any) -> None:
        """Take the list."""
        self.scalar = functools.partial(bisect.bisect_left, keys)

    def batch(self, prepared: Any) -> Any:
        """Call once a query."""
        return list(map(self.scalar, prepared))


class NativeText(OverText):
    """An index in C++ over text or pairs, asked in a C++ loop over the queries."""

    adapter: ClassVar[rivals.Adapter]
    form = textkeys.arrays
    pairs = True

    def missing(self) -> str | None:
        """Say how to build the extension."""
        return rivals.not_built(self.adapter)

    def refuses(self, keys: Array) -> str | None:
        """Refuse what the adapter does not take."""
        if why := super().refuses(keys):
            return why
        assert isinstance(keys, TextKeys)
        kind = "pairs" if isinstance(keys.whole, Pairs) else "text"
        module = self.adapter.load()
        return None if kind in module.types else f"takes {', '.join(module.types)} only, no {kind}"

    def build(self, keys: Array) -> None:
        """Hand the arrays over; the extension keeps them for the adapter."""
        super().build(keys)
        self.positions = np.asarray(keys)
        self.index = self.adapter.load().make(*self.keys)

    def batch(self, prepared: Any) -> Any:
        """Answer with what the adapter finds."""
        return self.index.lookups(*prepared)

    def nbytes(self) -> int | None:
        """Give what the adapter counts."""
        return int(self.index.nbytes())

    def read(self, got: Any) -> Any:
        """Find the keys whose marks these are, where it answers with those."""
        if self.answer is not Answer.SUCCESSOR:
            return got
        marks = textkeys.marks(*self.keys)
        order = np.argsort(marks)
        at = order[np.minimum(np.searchsorted(marks, got, sorter=order), len(marks) - 1)]
        return np.where(marks[at] == got, self.positions[at], -1)


class LowerBoundText(NativeText):
    """`std::lower_bound` over the offsets of Arrow, or over the first numbers of pairs."""

    name = "lower_bound_text"
    label = "std::lower_bound"
    adapter = rivals.LOWER_BOUND_TEXT


class AbslText(NativeText):
    """Abseil's B-tree of string views; it has no ranks."""

    name = "absl_text"
    label = "absl::btree_set"
    answer = Answer.SUCCESSOR
    adapter = rivals.ABSL_TEXT


class FlatHashText(NativeText):
    """Abseil's hash table from string views to positions."""

    name = "flat_hash_text"
    label = "absl::flat_hash_map"
    answer = Answer.MATCH
    adapter = rivals.FLAT_HASH_TEXT


TEXT: tuple[type[OverText], ...] = (
    *(OursOverText, OursOverNumbers, NumPyFixed, NumPyVariable, PolarsText, DictOfText),
    *(PandasText, BisectText, LowerBoundText, AbslText, FlatHashText),
)
