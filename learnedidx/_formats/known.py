"""The families of keys that there are: `family_of` finds the one of a dtype."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from learnedidx._formats.family import Family, Meaning
from learnedidx._formats.instants import Instants
from learnedidx._formats.numbers import Integers, Reals
from learnedidx._formats.strings import Strings
from learnedidx._formats.times import Times

FAMILIES = (Instants, Integers, Reals, Times, Strings)
KINDS = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8")  # by their numbers in files


@functools.lru_cache(256)
def known_family(dtype: Any) -> Family | None:
    """Return the family of keys of a dtype, or None if they are no keys."""
    own: Family | None = getattr(dtype, "family", None)  # of rows, whose types have it
    if own is not None:
        return own
    return next((family(dtype) for family in FAMILIES if family.accepts(dtype)), None)


def family_of(dtype: Any) -> Family:
    """Return the family of a dtype that was accepted."""
    family = known_family(dtype)
    assert family is not None, dtype
    return family


def dtype_in_file(kind: int, meaning: Meaning) -> np.dtype[Any]:
    """Return the dtype of keys of that kind, a number of KINDS, that mean this.

    Raises ValueError, with what a file says wrongly, if there are none.
    """
    found = (family.dtype_in_file(meaning, KINDS[kind]) for family in FAMILIES)
    return next(dtype for dtype in found if dtype is not None)
