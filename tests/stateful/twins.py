"""Two containers that must not differ: ours, and one of sortedcontainers."""

import operator
from array import array
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
# Text of few letters, NUL among them, behind a prefix that others have too; text of any characters.
STRS = st.one_of(
    st.text("\0\1", max_size=10),
    st.builds("{:.{}}{}".format, st.just("ab" * 35), st.integers(0, 70), st.text("ab", max_size=9)),
    st.text(st.characters(codec=None), max_size=9),  # lone surrogates too
)
BYTES = STRS.map(lambda text: text.encode("utf-8", "surrogatepass"))
KEYS = {"int": INTS, "float": FLOATS, "mixed": MIXED, "str": STRS, "bytes": BYTES}
TEXT = ("str", "bytes")
# What is asked for: a number of any type, and text. A machine takes what compares with its keys.
NUMBERS = st.one_of(MIXED, st.integers(-20, 20).map(np.int32), st.integers(-9, 9).map(np.float64))
ASKED = st.tuples(NUMBERS, STRS)


def picked(kind: str, asked: tuple[Any, str] | None) -> Any:
    """Return what of ASKED compares with keys of a kind."""
    if asked is None or kind not in TEXT:
        return asked and asked[0]
    return asked[1] if kind == "str" else asked[1].encode("utf-8", "surrogatepass")


# How many keys lie that come together: side by side, all over, few of them often, in three gaps.
SHAPES = ("dense", "spread", "equal", "gaps")


def many(kind: str, shape: str, count: int, seed: int) -> list[Any]:
    """Return many keys of a kind of KEYS, in no order unless they are dense."""
    rng = np.random.default_rng(seed)
    if kind in TEXT:
        return [as_text(kind, shape, number) for number in many("int", shape, count, seed)]
    if kind == "mixed":
        return many("int", shape, count // 2, seed) + many("float", shape, count - count // 2, seed)
    if shape == "dense":
        drawn = np.arange(count) + rng.integers(-(2**40), 2**40)
    elif shape == "spread":
        drawn = rng.integers(-(2**63), 2**63 - 1, count)
    elif shape == "equal":
        drawn = rng.integers(-3, 4, count)
    else:
        drawn = rng.choice([-(2**62), 0, 2**50], count) + rng.integers(-count, count, count)
    numbers: list[Any] = drawn.tolist()
    return numbers if kind == "int" else [number / 4 for number in numbers]


def as_text(kind: str, shape: str, number: int) -> str | bytes:
    """Return a number as text: dense ones share a long prefix, spread ones none."""
    text = f"https://www.example.com/{number:+021d}" if shape == "dense" else f"{number:x}"
    text = "é" * 9 + "a" * (number + 3) if shape == "equal" else text
    return text if kind == "str" else text.encode()


def behind(kind: str, held: Any, i: int) -> Any:
    """Return key number i of those that come behind one that is held."""
    if kind in TEXT:
        return held + (f"{i:04}" if kind == "str" else f"{i:04}".encode())
    return int(held) + 1 + i if kind == "int" else held + 1 + i / 512


def beside(text: Any, change: float) -> Any:
    """Return text that is longer or shorter by an end, or a copy of it."""
    nul = "\0" if type(text) is str else b"\0"
    return {-1: text[:-1], 0: (text + nul)[:-1], 1: text + nul, 0.5: text + text[:1]}[change]


def put(container: Any, key: Any) -> None:
    """Insert one key, whatever the container is."""
    if hasattr(container, "add"):
        container.add(key)
    else:
        container[key] = "put"


def negated(value: Any) -> Any:
    """Sort backwards, or text by its end."""
    return value[::-1] if isinstance(value, str | bytes) else -value


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call gives, iterators as lists, or the type of what it raises."""
    try:
        result = call()
    except Exception as error:
        return type(error)
    return shown(result)


def shown(result: Any) -> Any:
    """Return a result in a form in which equal numbers of different types differ."""
    if isinstance(result, np.ndarray | np.generic):
        result = result.tolist()
    if isinstance(result, Iterator):
        result = list(result)
    if isinstance(result, list):
        return shown_list(result)
    if isinstance(result, tuple):
        return [shown(item) for item in result]
    if hasattr(result, "_check"):
        items = result.items() if hasattr(result, "items") else result
        return [type(result).__name__, *shown_list(list(items))]
    return repr(result)


def shown_list(items: list[Any]) -> list[Any]:
    """Do the same for a list, quickly if all of it are numbers or pairs."""
    types = set(map(type, items))
    if types in ({str}, {bytes}):
        return [types.pop(), items]
    if types == {float}:
        return [array("d", items).tobytes()]
    if types <= {int, float, bool, Fraction}:
        return [list(map(type, items)), items, [repr(item) for item in items if item == 0]]
    if types == {tuple} and set(map(len, items)) == {2}:
        return [shown_list(list(part)) for part in zip(*items, strict=True)]
    return list(map(shown, items))


class Twins:
    """Ours and theirs, called together."""

    def __init__(self, ours: Any, theirs: Any) -> None:
        self.ours, self.theirs = ours, theirs

    def both(self, call: Callable[[Any], Any], theirs: Callable[[Any], Any] | None = None) -> None:
        """Make a call to both, and compare what comes back and what is left.

        `theirs` is what the call is in the words of sortedcontainers, if it has other ones.
        """
        expected = outcome(lambda: (theirs or call)(self.theirs))
        got = outcome(lambda: call(self.ours))
        assert got == expected, f"{got} where sortedcontainers says {expected}"
        self.check()

    def each(self, call: Callable[[Any, Any], Any], values: list[Any]) -> None:
        """Make a call with each value to both, recompute the invariants each time, then compare."""
        for value in values:
            call(self.theirs, value)
            call(self.ours, value)
            if self.ours.kind != "object":
                self.ours._check()
        self.check()

    def held(self, place: int) -> Any:
        """Return a key that is held, None if there is none."""
        keys = self.theirs.keys() if hasattr(self.theirs, "keys") else self.theirs
        return keys[place % len(keys)] if len(keys) else None

    def check(self) -> None:
        """Compare all that both hold, and recompute the invariants of ours."""
        self.ours._check()
        assert len(self.ours) == len(self.theirs)
        assert shown(list(self.ours)) == shown(list(self.theirs))
        if self.ours.kind in TEXT:
            assert all(map(operator.is_, self.ours, self.theirs))
