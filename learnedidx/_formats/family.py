"""What a family of keys says of itself, so that verbs, models, files and pictures need not know it.

A family is a subclass of `Family` in a file of its own, named in the list of `known.py`; there is
one object for each dtype. The base holds what is common to keys that are integers in memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.scalars import EXACT, PAST, ROUNDED, Exact, Fixed, nearer, shown, within

Array = NDArray[Any]
Domain = tuple[Any, Any]
Meaning = tuple[int, int, int]
Scale = tuple[int, int, int, int, int]
CoreLimit = tuple[int, float, float, int, int]


class Family:
    """The keys of one dtype.

    Attributes
    ----------
    dtype, core_dtype, native_dtype : numpy.dtype
        Of the keys as they are given; as the core takes them; as models see them: plain numbers.
    lowest, highest : int or float
        The finite values of ``native_dtype`` that are keys.
    """

    is_aware: ClassVar[bool] = False  # keys are instants, given with a time zone
    is_real: ClassVar[bool] = False  # native keys are floats, which lie by their value
    has_exact_items = True  # a dict finds `key.item()` as an index finds the key
    kept_missing: ClassVar[str] = ""  # kinds of dtypes whose missing values are keys, as NaT is
    no_distance = ""  # why keys have no distance, if they have none
    query, queries = "", ""  # what to pass instead, one and many, as messages say it
    lengths = ""  # what a length may be beside a number of values, as messages say it
    lowest: Any
    highest: Any

    def __init__(self, dtype: np.dtype[Any], native_dtype: np.dtype[Any] | None = None) -> None:
        self.dtype, self.core_dtype = dtype, dtype.newbyteorder("=")
        self.native_dtype = native_dtype or self.core_dtype
        self._set_limits()

    def _set_limits(self) -> None:
        limits = np.iinfo(self.native_dtype)
        self.lowest, self.highest = int(limits.min), int(limits.max)

    # What is accepted, and what the core and the models see of it.

    @classmethod
    def accepts(cls, dtype: np.dtype[Any]) -> bool:
        """Tell whether arrays of a dtype are keys of this family."""
        raise NotImplementedError

    def native(self, keys: Array) -> Array:
        """Return keys as models see them, in the same memory."""
        native: Array = keys.view(self.native_dtype)
        return native

    def finite(self, native: Array) -> Array:
        """Return the sorted native keys without infinities."""
        return native

    def domain_like(self, domain: Domain) -> Domain:
        """Return a domain of keys of another format in this one, as near as it can be."""
        number = type(self.lowest)
        low, high = (min(max(number(end), self.lowest), self.highest) for end in domain)
        return low, high

    def middle(self, low: Array, high: Array) -> Array:
        """Return a value between each two keys, which may be one of them."""
        unsigned = np.dtype(f"u{self.native_dtype.itemsize}")
        start, stop = (self.native(end).view(unsigned) for end in (low, high))
        between: Array = start + (stop - start) // np.uint8(2)
        return between.view(low.dtype)

    # How a query compares.

    def is_one(self, v: Any) -> bool:
        """Tell whether v is one query, though it has items."""
        return False

    def end(self, v: Any, right: bool, name: str) -> Any:
        """Return queries of the ends of ranges as they are searched for on a side."""
        return v

    def batch(self, v: Any, name: str) -> Any:
        """Return an array of queries in a form of their own, or None: NumPy reads it."""
        return None

    def missing(self, batch: Any, refused: bool, name: str) -> NDArray[np.bool_] | None:
        """Return which queries are missing, and have no answer; None where NaN is a key."""
        return None

    def is_missing(self, v: Any) -> bool:
        """Tell whether a query is missing."""
        return False

    def check(self, query: np.dtype[Any], name: str = "v") -> None:
        """Raise TypeError unless queries of that dtype, or of any types, compare with the keys."""
        if query.kind != "O" and not self._compares(query, name):
            raise TypeError(
                f"{name}: cannot compare {query} with keys of dtype {self.dtype}; "
                f"pass {self.queries}"
            )

    def _compares(self, query: np.dtype[Any], name: str) -> bool:
        raise NotImplementedError

    def may_round(self, array: Array, kinds: Iterator[Any]) -> bool:
        """Tell whether NumPy may have rounded items of these types when it made this array."""
        raise NotImplementedError

    def goes_one_by_one(self, batch: Array, measures: bool = False) -> bool:
        """Tell whether the core cannot compare a batch exactly, or measure how far keys are."""
        return bool(batch.dtype == object)

    def scale_of(self, batch: Array) -> Scale | None:
        """Return what the core multiplies the queries of a batch with; None for nothing."""
        return None

    def fixed(self, v: Any, name: str = "v") -> Fixed:
        """Return the smallest value of the keys' format that is not below v, and how v fits it.

        Raises TypeError if v cannot be compared with the keys.
        """
        raise NotImplementedError

    def fixed_all(self, batch: Array) -> Array:
        """Return queries of any types as the first keys that are not below them, or the last."""
        found = np.empty(batch.shape, self.native_dtype)
        last = math.inf if self.is_real else self.highest
        for i, item in enumerate(batch.flat):
            value, fit = self.fixed(item)
            found.flat[i] = value if fit in (EXACT, ROUNDED) else last
        return found.astype(self.core_dtype)

    def _fitted(self, value: int, exact: bool) -> Fixed:
        """Return how an integer that is not below the query, or equal to it, fits the keys."""
        if value > self.highest:
            return 0, PAST
        if value < self.lowest:
            return self.lowest, ROUNDED
        return value, EXACT if exact else ROUNDED

    def _refused(self, v: Any, name: str) -> TypeError:
        kind = v.dtype.name if isinstance(v, np.generic) else type(v).__name__
        return TypeError(
            f"{name}: cannot compare {kind} ({shown(v)}) with keys of dtype {self.dtype}; "
            f"pass {self.query}"
        )

    def prefixes(self, p: Any, is_array: bool) -> Any:
        """Return columns of beginnings and of what stands behind all that begin so, or null.

        Raises TypeError for keys that have no beginnings.
        """
        raise TypeError(f"prefix: keys of dtype {self.dtype} are no strings; ask range(lo, hi)")

    def items(self, batch: Array) -> Iterator[Any]:
        """Return the queries of a batch that was read, each as one that is asked alone."""
        return iter(batch.flat)

    # How far two keys lie apart.

    def exact(self, v: Any, name: str = "v") -> Exact:
        """Return the exact value of a scalar; differences of such values are distances."""
        raise NotImplementedError

    def length(self, v: Any, name: str = "v") -> Exact:
        """Return a distance between keys, as `exact` measures it."""
        return self.exact(v, name)

    def distance(self, key: Any, v: Any) -> Fraction | float:
        """Return |key - v|: infinite between a number and NaN, 0 between two NaN."""
        a, b = self.exact(key), nearer(self.exact(v))
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return abs(a - b)
        return 0.0 if a == b or (a != a and b != b) else math.inf

    def is_within(self, key: Any, v: Any, limit: Exact) -> bool:
        """Tell whether a key and a query lie at most a limit apart."""
        a, b = self.exact(key), self.exact(v)
        if isinstance(a, Fraction) and not isinstance(b, float) and not isinstance(limit, float):
            return within(a, b, limit)
        return self.distance(key, v) <= limit

    def core_limit(self, limit: Fraction, batch: Array) -> CoreLimit:
        """Return a distance as the core's Limit for queries such as those of a batch.

        Whole key steps, then the part of a step that is left and one minus it, as doubles and in
        the units of the queries.
        """
        steps = min(self._steps(limit), Fraction(2**64))  # no two keys lie so far apart
        whole = min(math.floor(steps), 2**64 - 1)
        part = steps - whole
        scale = self.scale_of(batch)
        units = 1 if scale is None else scale[1]
        ticks, rest_ticks = math.floor(part * units), math.ceil((1 - part) * units)
        return whole, rounded_down(part), -rounded_down(part - 1), ticks, rest_ticks

    def values_in(self, length: Any, name: str) -> int | None:
        """Return how many values of the format lie in a half-open range of that length.

        None: the family has no lengths such as this one.
        """
        return None

    def _steps(self, limit: Fraction) -> Fraction:
        """Return how many steps of the keys a distance is."""
        return limit

    # How a key is shown.

    def plain(self, key: Any) -> Any:
        """Return a key as Python's own number, or as it is where that would lose its unit."""
        return key.item()

    def shown(self, keys: Any) -> Any:
        """Return keys of a file, or a copy, as users have them."""
        return keys

    def on_axis(self, keys: Array) -> tuple[Array, NDArray[np.bool_], str]:
        """Return keys as matplotlib takes them, which of them can be drawn, and the axis label."""
        raise NotImplementedError

    # What a file says of it.

    @property
    def meaning(self) -> Meaning:
        """The family's code in a file, the unit and how many of it make one step."""
        raise NotImplementedError

    @classmethod
    def dtype_in_file(cls, meaning: Meaning, stored: str) -> np.dtype[Any] | None:
        """Return the dtype of keys of that meaning, stored as that type; None of other families."""
        raise NotImplementedError

    def of_bits(self, bits: Any) -> Any:
        """Return an end of a domain, of which a file has 64 bits, as uint64 in the keys' order."""
        return int(bits) - (2**63 if self.lowest < 0 else 0)


def rounded_down(value: Fraction) -> float:
    """Return the largest double that is not above a small number."""
    near = float(value)
    return near if Fraction(near) <= value else math.nextafter(near, -math.inf)
