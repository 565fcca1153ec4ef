"""What the columns of a join are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any


def names_of(left: Iterable[Any], right: Iterable[Any], suffixes: Any) -> tuple[list[Any], ...]:
    """Return the names of both tables' columns, those that both have with a suffix.

    Raises ValueError, with the name, if two columns would have one name; TypeError for suffixes
    that are no pair.
    """
    sides = list(left), list(right)
    if not isinstance(suffixes, (tuple, list)) or len(suffixes) != 2:
        raise TypeError(f"suffixes: must be a pair such as ('_x', '_y'), got {suffixes!r}")
    for suffix in suffixes:
        if suffix is not None and not isinstance(suffix, str):
            raise TypeError(f"suffixes: must be text or None, got {suffix!r}")
    shared = set(sides[0]) & set(sides[1])
    if not shared:
        return sides
    if not any(suffixes):
        both = [name for name in sides[0] if name in shared]
        raise ValueError(f"suffixes: columns overlap but no suffix specified: {both}; pass one")
    named = tuple(
        [f"{name}{suffix}" if name in shared and suffix is not None else name for name in side]
        for side, suffix in zip(sides, suffixes, strict=True)
    )
    once = (dict(zip(*pair, strict=True)).values() for pair in zip(sides, named, strict=True))
    for name, many in Counter(chain(*once)).items():
        if many > 1:
            raise ValueError(
                f"suffixes: {tuple(suffixes)} give two columns the name {name!r}; pass others"
            )
    return named
