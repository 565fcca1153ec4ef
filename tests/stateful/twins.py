"""Two containers that must not differ: ours, and one of sortedcontainers."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

INTS = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([-(2**63), 2**63 - 1, 2**53, 2**53 + 1, 2**62]),
)
FLOATS = st.one_of(
    st.integers(-40, 40).map(lambda i: i / 2 if i else 0.0),
    st.floats(allow_nan=False).map(lambda f: f if f else 0.0),
    st.sampled_from([float("inf"), -float("inf"), 5e-324, 2.0**63, -(2.0**63)]),
)
MIXED = st.one_of(
    INTS,
    FLOATS,
    st.booleans(),
    st.sampled_from([-0.0, 2**63, -(2**63) - 1, 2**200, Fraction(1, 3), Fraction(4)]),
)
KEYS = {"int": INTS, "float": FLOATS, "mixed": MIXED}
# What is asked for is of any type that compares with numbers.
ASKED = st.one_of(MIXED, st.integers(-20, 20).map(np.int32), st.integers(-9, 9).map(np.float64))


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call gives, iterators as lists, or the type of what it raises."""
    try:
        result = call()
    except Exception as error:
        return type(error)
    return shown(result)


def shown(result: Any) -> Any:
    """Return a result in a form in which equal numbers of different types differ."""
    if isinstance(result, Iterator | np.ndarray):
        result = list(result)
    if isinstance(result, list | tuple):
        return [shown(item) for item in result]
    if hasattr(result, "_check"):
        return [type(result).__name__, *map(repr, result)]
    return repr(result.item() if isinstance(result, np.generic) else result)


class Twins:
    """Ours and theirs, called together."""

    def __init__(self, ours: Any, theirs: Any) -> None:
        self.ours, self.theirs = ours, theirs

    def both(self, call: Callable[[Any], Any]) -> None:
        """Make a call to both, and compare what comes back and what is left."""
        expected, got = outcome(lambda: call(self.theirs)), outcome(lambda: call(self.ours))
        assert got == expected, f"{got} where sortedcontainers says {expected}"
        self.check()

    def check(self) -> None:
        """Compare all that both hold, and recompute the invariants of ours."""
        self.ours._check()
        assert len(self.ours) == len(self.theirs)
        assert shown(list(self.ours)) == shown(list(self.theirs))
