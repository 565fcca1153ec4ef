"""RangeFilter: may a key lie in this range?"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from learnedidx import _core
from learnedidx._formats import queries
from learnedidx._formats.family import Array, Family
from learnedidx._formats.keys import as_keys
from learnedidx._formats.known import family_of
from learnedidx._formats.scalars import shown
from learnedidx._formats.text import column_of
from learnedidx.filters._filter import Filter, checked_seed, truth
from learnedidx.filters._plot import Curve, Trade
from learnedidx.models.estimator import check_no_targets, whole

STRATEGIES = ("auto", "exact", "robust", "learned")  # by their numbers in the core
STORED = ("exact", "robust", "learned")  # in files
LEAST, MOST = 4.0, 50.0  # bits a key
ABOVE = 2.25  # bits of a "robust" key that say its slot, beside those that are stored below it


class RangeFilter(Filter):
    """A summary of sorted keys that tells, in bits, whether one may lie in a range.

    False is certain. For a range without keys, True is wrong with the probability `promise` at
    most. Only worth its bits where keys are cold, remote or not there: with keys in memory,
    ``LearnedIndex`` finds them in less time.

    Parameters
    ----------
    bits_per_key : float
        From 4 to 50. "robust" needs ``2.25 + log2(values / error)`` for ranges of so many values,
        see `promise`. A filter of few keys has some hundred bytes at least.
    strategy : {"auto", "exact", "robust", "learned"}
        "auto" is exact where that fits into the bits, as for dense or clustered keys, else robust.
        "exact" holds every key, in as many bits as that takes. "robust" keeps its promise for every
        query that is chosen without the seed (Grafite: Costa, Ferragina, Vinciguerra, SIGMOD 2024).
        "learned" promises nothing, and says True for most ranges that begin near a key: it is for
        long ranges that have nothing to do with the keys (SNARF: Vaidya et al., PVLDB 2022).
    seed : int or None
        Of what "robust" draws. Who knows it can find queries that are answered wrongly, again and
        again. None draws one for each fit, which `seed_` has. With equal seeds, equal keys give
        equal bytes.

    Attributes
    ----------
    exact_ : bool
        No answer is wrong.
    strategy_ : {"exact", "robust", "learned"}
    seed_ : int

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> keys = np.arange(0, 2**40, 2**20 + 1)
    >>> filter = lx.RangeFilter(bits_per_key=14).fit(keys)
    >>> filter.may_contain(keys).all()
    np.True_
    >>> filter.may_contain_range(5, 100), filter.exact_, round(filter.promise(100), 2)
    (False, False, 0.03)
    """

    def __init__(
        self, bits_per_key: float = 12, strategy: str = "auto", seed: int | None = 0
    ) -> None:
        self.bits_per_key = bits_per_key
        self.strategy = strategy
        self.seed = seed

    def fit(self, keys: Any, y: None = None) -> Self:
        """Build the filter of sorted keys, which it does not keep. O(n) time, 16 bytes a key.

        Parameters
        ----------
        keys : array_like, 1-D, sorted
            Integers, floats, bool or times, as ``LearnedIndex`` takes them; at most 2**32 - 1.
            NaN and NaT are no members. Text and rows are refused.

        Raises
        ------
        TypeError, ValueError
            Bad keys or parameters: the message names which.
        """
        check_no_targets(y)
        bits, choice = checked_bits(self.bits_per_key), checked_strategy(self.strategy)
        seed = checked_seed(self.seed)
        if column_of(keys) is not None:
            raise TypeError(
                "keys: are strings, which have no distances; a RangeFilter takes numbers and "
                "times: pass numbers that have the order of the strings"
            )
        checked = as_keys(keys, zones=True)
        core = _core.RangeFilter(checked.array, checked.numbers, choice, bits, seed)
        self._hold(core, checked.dtype)
        return self

    def may_contain(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        """Tell for each of v whether it may be a key; False is certain.

        Parameters
        ----------
        v : scalar or array_like
            Anything that compares with the keys, by its exact value.
        out : ndarray of bool, optional
        threads : int
            0: all cores.

        Returns
        -------
        bool or ndarray of bool, shape of v
            O(log of the number of segments) each; 20 to 60 ns in a batch.

        Examples
        --------
        >>> import learnedidx as lx
        >>> lx.RangeFilter().fit([3, 4, 5, 800]).may_contain([3, 3.5, 7])
        array([ True, False, False])
        """
        return self._contain(v, out, threads)

    def may_contain_range(
        self, lo: Any, hi: Any, inclusive: str = "left", *, out: Any = None, threads: Any = 1
    ) -> Any:
        """Tell for each range whether a key may lie in it; False is certain.

        Parameters
        ----------
        lo, hi : scalar, array_like or None
            None is an open end. Shapes broadcast. A range with lo above hi is empty: False. NaN and
            NaT lie above all keys.
        inclusive : {"left", "right", "both", "neither"}
            Which ends belong to the range, as in ``LearnedIndex.range``.
        out : ndarray of bool, optional
        threads : int

        Examples
        --------
        >>> import learnedidx as lx
        >>> filter = lx.RangeFilter().fit([3, 4, 5, 800])
        >>> filter.may_contain_range([6, 6], [800, 801]), filter.may_contain_range(None, 3)
        (array([False,  True]), False)
        """
        core, family = self._fitted_core, self._family
        number = queries.checked_threads(threads)
        sides = queries.checked_inclusive(inclusive)
        read = [_End(lo, sides[0], "lo", family), _End(hi, sides[1], "hi", family)]
        shape = queries.common_shape(*(end.shape for end in read))
        scalar = all(end.batch is None for end in read)
        kept, out = out, queries.checked_out(out, shape, np.bool_, lo, hi, *(e.batch for e in read))
        if any(end.goes_one_by_one for end in read):
            items = zip(*(end.items(shape) for end in read), strict=True)
            out.flat[:] = [self.may_contain_range(a, b, inclusive) for a, b in items]
            return out
        plain = queries.is_plain(out) and all(end.is_plain(shape) for end in read)
        step = max(out.size, 1) if plain else queries.BLOCK
        for start in range(0, out.size, step):
            low, high = (end.part(shape, start, start + step, plain) for end in read)
            answers = out.reshape(-1) if plain else np.empty(min(step, out.size - start), np.bool_)
            core.may_contain(low, high, False, answers, number)
            if not plain:
                out.flat[start : start + step] = answers
        return bool(out) if scalar and kept is None else out

    def promise(self, length: Any) -> float | None:
        """Return how often, at most, a range of so many values without a key is answered by True.

        ``min(1, length / 2**p)``, where p bits a key are stored of each; 0.0 where the filter is
        exact; None where it is "learned", which promises nothing. The share is that of all seeds:
        of keys in few dense runs, one seed can be wrong some times as often, others hardly ever.

        Parameters
        ----------
        length : int or timedelta
            How many values of the keys' format lie in the range: 10 minutes are 600 for
            ``datetime64[s]`` and 600,000,000 for ``datetime64[us]``; from 1.0 to 2.0 there are
            2**52 of float64. A timedelta is counted in the unit of keys that are times.

        Examples
        --------
        >>> import learnedidx as lx
        >>> round(lx.RangeFilter(12.2, "robust").fit([1, 10**9, 10**12]).promise(512), 2)
        0.5
        """
        said, family = self._said, self._family
        wanted = f"an int of at least 1, the number of values in a range{family.lengths}"
        values = family.values_in(length, "length")
        if values is None:
            values = whole("length", length, wanted)
        if values < 1:
            raise ValueError(f"length: must be {wanted}, got {shown(length)}")
        if self.strategy_ == "learned":
            return None
        if self.exact_:
            return 0.0
        return min(1.0, values * said["keys"] / said["universe"])

    def stats(self) -> dict[str, Any]:
        """Return the strategy, keys, bits a key and promises.

        ``no_promise_from`` is the number of values in a range from which on `promise` is 1: nearly
        each such range that lies near keys is answered by True. None: the filter is exact, or
        "learned".

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> stats = lx.RangeFilter().fit(np.arange(100_000)).stats()
        >>> stats["strategy"], stats["keys"], stats["bits_per_key"]
        ('exact', 100000, 2.21)
        """
        said = self._said
        keys = said["keys"]
        ends = -(-said["universe"] // keys) if self.strategy_ == "robust" and keys else None
        return {
            "strategy": self.strategy_,
            "keys": keys,
            "segments": said["segments"],
            "nbytes": self.nbytes_,
            "bits_per_key": round(8 * self.nbytes_ / keys, 2) if keys else 0.0,
            "promise": {length: self.promise(length) for length in (1, 16, 1024, 65536)},
            "no_promise_from": ends,
        }

    def _trade(self) -> Trade:
        said = self.stats()
        below = np.linspace(0, MOST - ABOVE, 200)
        bits = (below + ABOVE).tolist()
        curves = [
            Curve(f"robust, ranges of {each:,}", bits, np.minimum(1, each * 0.5**below).tolist())
            for each in said["promise"]
        ]
        notes = {"exact": "this filter: exact", "learned": "this filter: learned, no promise"}
        own = [] if self.strategy_ in notes else list(said["promise"].values())
        about = f"RangeFilter of {said['keys']:,} keys"
        return Trade(about, curves, said["bits_per_key"], own, notes.get(self.strategy_, ""))

    @property
    def _said(self) -> dict[str, int]:
        said: dict[str, int] = self._fitted_core.said
        return said

    @property
    def strategy_(self) -> str:
        return STORED[self._said["strategy"]]

    @property
    def exact_(self) -> bool:
        return self.strategy_ == "exact"

    def _ask(self, part: Any, scale: Any, out: Array, threads: int) -> None:
        self._core.may_contain((part, scale, False), None, True, out, threads)

    def _ask_one(self, v: Any) -> bool:
        end = (*self._family.fixed(v), False)
        return truth(lambda out: self._core.may_contain(end, None, True, out, 1))

    def _restored(self, words: Array, dtype: Any) -> Any:
        return _core.RangeFilter.restore(np.empty(0, family_of(dtype).core_dtype), words)


class _End:
    """One end of ranges, as it was given and as the core takes it."""

    def __init__(self, given: Any, right: bool, name: str, family: Family) -> None:
        self.given, self.right, self.name, self.family = given, right, name, family
        self.batch = self.fixed = None
        if queries.is_array(given, family):
            self.batch = queries.as_batch(given, family, name)
        elif given is not None:
            self.fixed = (*family.fixed(given, name), right)

    @property
    def shape(self) -> tuple[int, ...]:
        return () if self.batch is None else self.batch.shape

    @property
    def goes_one_by_one(self) -> bool:
        return self.batch is not None and self.family.goes_one_by_one(self.batch)

    def items(self, shape: tuple[int, ...]) -> list[Any]:
        """Return scalars, one for each range."""
        if self.batch is None:
            return [self.given] * int(np.prod(shape))
        items = list(self.family.items(np.broadcast_to(self.batch, shape)))
        if any(item is None for item in items):
            self.family.fixed(None, self.name)  # which refuses it: alone it would be an open end
        return items

    def is_plain(self, shape: tuple[int, ...]) -> bool:
        return self.batch is None or (self.batch.shape == shape and queries.is_plain(self.batch))

    def part(self, shape: tuple[int, ...], start: int, stop: int, plain: bool) -> Any:
        """Return what the core takes for the ranges from start to stop."""
        if self.batch is None:
            return self.fixed
        scale = self.family.scale_of(self.batch)
        if plain:
            return self.batch.reshape(-1), scale, self.right
        part = np.broadcast_to(self.batch, shape).flat[start:stop]
        return queries.native(part), scale, self.right


def checked_bits(bits: Any) -> float:
    """Return bits_per_key as the core takes it."""
    wanted = f"bits_per_key: must be a number from {LEAST:g} to {MOST:g}, got {shown(bits)}"
    if isinstance(bits, (bool, np.bool_, str, bytes)):
        raise TypeError(wanted)
    try:
        value = float(bits)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(wanted) from None
    if not LEAST <= value <= MOST:
        raise ValueError(wanted)
    return value


def checked_strategy(strategy: Any) -> int:
    """Return the number of a strategy."""
    if isinstance(strategy, str) and strategy in STRATEGIES:
        return STRATEGIES.index(strategy)
    raise ValueError(f"strategy: must be one of {STRATEGIES}, got {shown(strategy)}")
