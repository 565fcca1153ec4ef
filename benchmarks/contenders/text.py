"""Contenders over text: ours, and what else Python looks strings up in."""

import bisect
import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

import datasets
from benchmarks.contenders import textkeys
from benchmarks.contenders.contender import Answer, Array, Contender, load
from benchmarks.contenders.numbers import Loop, NumPy, Pandas, Polars
from benchmarks.contenders.ours import Ours
from benchmarks.contenders.textkeys import Strings, TextKeys
from datasets.text.texts import Pairs


class OverText(Contender):
    """A way of looking strings up: keys and queries come as positions in a set of text.

    Before another contender in the bases of a class, it hands strings to that one.
    """

    form: ClassVar[Callable[[Strings], Any]]  # of both keys and queries
    pairs: ClassVar[bool] = False  # whether it takes those too
    binary: ClassVar[bool] = True  # whether it takes strings that are not UTF-8
    one_by_one: ClassVar[bool] = False  # whether single calls are timed

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
        self.keys = keys.form(type(self).form)
        self.make(self.keys)

    def make(self, keys: Any) -> None:
        """Make the structure; without one, the keys are all there is."""

    def prepare(self, queries: Array) -> Any:
        """Fetch the strings at these positions."""
        return super().prepare(type(self).form(self.whole.take(np.asarray(queries))))

    def prepare_scalars(self, queries: Array) -> list[Any]:
        """Make Python strings, each an object of its own."""
        return textkeys.listed(self.whole.take(np.asarray(queries)))

    def nbytes(self) -> int | None:
        """What number of bytes is beside the strings nobody counts."""
        return None


class OursOverText(OverText, Ours):
    """A `LearnedIndex` over text, borrowed in the layout of Arrow."""

    name = "text"
    label = "learnedidx"
    needs = "pyarrow"  # which hands that layout over
    pairs = one_by_one = True
    form = textkeys.borrowed
    scalar_answer = Answer.PRESENT
    nbytes = Ours.nbytes

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
        Ours.build(self, keys)
        self.scalar = functools.partial(operator.contains, self.index)


class OursOverNumbers(OverText, Ours):
    """A `LearnedIndex` over as many random numbers, asked for the numbers at the same positions."""

    name = "uint64"
    label = "learnedidx over uint64"
    ours = False  # beside the one over text
    pairs = True
    nbytes = Ours.nbytes

    def build(self, keys: Array) -> None:
        """Draw as many numbers as there are strings, and build over those of the keys."""
        assert isinstance(keys, TextKeys)
        self.numbers = datasets.load("uniform", len(keys.whole))
        Ours.build(self, self.numbers[np.asarray(keys)])

    def prepare(self, queries: Array) -> Any:
        """Fetch the numbers at these positions."""
        return self.numbers[np.asarray(queries)]


class NumPyFixed(OverText, NumPy):
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


class NumPyVariable(OverText, NumPy):
    """`np.searchsorted` over strings of any length."""

    name = "numpy_strings"
    label = "np.searchsorted StringDType"
    binary = False
    form = textkeys.variable


class PolarsText(OverText, Polars):
    """`polars.Series.search_sorted` on one thread."""

    name = "polars_text"
    form = textkeys.listed
    make = Polars.build


class DictOfText(OverText):
    """A dict from strings to positions: `map(d.get, queries)`, and `in` for one."""

    name = "dict_text"
    label = "dict"
    answer = Answer.MATCH
    scalar_answer = Answer.PRESENT
    one_by_one = True
    form = textkeys.listed

    def make(self, keys: Any) -> None:
        """Make the dict."""
        self.dict = dict(zip(keys, itertools.count()))
        self.scalar = functools.partial(operator.contains, self.dict)

    def batch(self, prepared: Any) -> Any:
        """Answer with positions, -1 for what is not there."""
        return list(map(self.dict.get, prepared, itertools.repeat(-1)))


class PandasText(OverText, Pandas):
    """`pandas.Index.get_indexer` over its own strings: a hash table."""

    name = "pandas_text"
    binary = False
    form = textkeys.listed
    make = Pandas.build

    def indexed(self, keys: Any) -> Any:
        """Make an index of strings of its own."""
        return load("pandas").Index(keys, dtype="str")

    def prepare(self, queries: Array) -> Any:
        """Make an index of the queries too."""
        return self.indexed(super().prepare(queries))


class BisectText(OverText):
    """`bisect.bisect_left` over a list of strings."""

    name = "bisect_text"
    label = "bisect over a list"
    loops = one_by_one = True
    form = textkeys.listed
    batch = Loop.batch

    def make(self, keys: Any) -> None:
        """Take the list."""
        self.scalar = functools.partial(bisect.bisect_left, keys)


TEXT: tuple[type[Contender], ...] = (
    *(OursOverText, OursOverNumbers, NumPyFixed, NumPyVariable),
    *(PolarsText, DictOfText, PandasText, BisectText),
)
