"""What an as-of join was asked for, checked: columns of both sides, direction, tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

DIRECTIONS = ("backward", "forward", "nearest")


class Side(NamedTuple):
    """One table of a join.

    Attributes
    ----------
    name : str
        "left" or "right", as messages say it.
    table : table
        Of the library's own type.
    on : label, array or None
        The column that is compared by order; None stands for the index of pandas.
    by : list
        Labels or arrays of the columns that must be equal.
    """

    name: str
    table: Any
    on: Any
    by: list[Any]

    def called(self, key: Any) -> str:
        """Return how messages call a column."""
        if key is None:
            return f"{self.name}.index"
        return f"{self.name}_on" if is_column(key) else f"{self.name}[{key!r}]"

    def lacks(self, key: Any, columns: Iterable[Any]) -> KeyError:
        """Say that there is no such column."""
        return KeyError(
            f"{self.called(key)}: no such column; pass one that {self.name} has: {list(columns)}"
        )

    def unequal(self, key: Any, dtype: Any, other: Any, other_name: str) -> TypeError:
        """Say that columns of by hold values that never equal each other."""
        return TypeError(
            f"{self.called(key)}: {dtype} cannot equal {other} of {other_name}; convert one of them"
        )

    def not_unique(self, key: Any) -> ValueError:
        """Say that there are several such columns."""
        return ValueError(
            f"{self.called(key)}: the column label {key!r} is not unique; rename one of them"
        )

    def no_groups(self, key: Any, dtype: Any) -> TypeError:
        """Say that values of a column of by have no groups here."""
        return TypeError(
            f"{self.called(key)}: {dtype} makes no groups of equal rows; pass columns of numbers, "
            "times or text in by, such as its parts"
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Which row of right a row of left takes."""

    direction: str
    exact: bool
    tolerance: Any


def checked_rule(direction: Any, tolerance: Any, allow_exact_matches: Any) -> Rule:
    """Return the rule, or raise ValueError or TypeError."""
    if not isinstance(direction, str) or direction not in DIRECTIONS:
        raise ValueError(f"direction: must be one of {DIRECTIONS}, got {direction!r}")
    if not isinstance(allow_exact_matches, (bool, np.bool_)):
        raise TypeError(
            f"allow_exact_matches: must be boolean, passed {allow_exact_matches!r}; "
            "pass True or False"
        )
    return Rule(direction, bool(allow_exact_matches), tolerance)


def checked_on(
    on: Any, left_on: Any, right_on: Any, left_index: Any, right_index: Any
) -> tuple[Any, Any]:
    """Return the keys of left and right that are compared by order; None: the index."""
    for name, value in (("left_index", left_index), ("right_index", right_index)):
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{name}: must be True or False, got {value!r}")
    if on is not None:
        if left_on is not None or right_on is not None or left_index or right_index:
            raise ValueError(
                "on: names the column of both tables; pass it alone, or left_on or left_index "
                "and right_on or right_index"
            )
        left_on = right_on = on
    both = ("left", left_on, left_index), ("right", right_on, right_index)
    return tuple(_one_key(*side) for side in both)


def _one_key(side: str, key: Any, of_index: bool) -> Any:
    if of_index and key is not None:
        raise ValueError(
            f'Can only pass argument "{side}_on" OR "{side}_index" not both. Keep one of them'
        )
    if not of_index and key is None:
        raise ValueError(f"{side}_on: missing; pass on, {side}_on or {side}_index=True")
    if isinstance(key, list):
        if len(key) != 1:
            raise ValueError(
                f"can only asof on a key for {side}: {side}_on has {len(key)} columns; pass one, "
                "and those that must be equal in by"
            )
        key = key[0]
    return key


def checked_by(by: Any, left_by: Any, right_by: Any) -> tuple[list[Any], list[Any]]:
    """Return the keys of left and right that must be equal, as many of each."""
    if by is not None:
        if left_by is not None or right_by is not None:
            raise ValueError("by: Can only pass by OR left_by and right_by; keep one of them")
        left_by = right_by = by
    if (left_by is None) != (right_by is None):
        lacking = "left_by" if left_by is None else "right_by"
        raise ValueError(f"missing {lacking}; pass both left_by and right_by, or by")
    left, right = _as_list(left_by), _as_list(right_by)
    if len(left) != len(right):
        raise ValueError(
            f"left_by and right_by must be the same length, got {len(left)} and {len(right)}"
        )
    return left, right


def _as_list(by: Any) -> list[Any]:
    if by is None:
        return []
    return list(by) if isinstance(by, list) else [by]


def is_column(key: Any) -> bool:
    """Tell whether a key is a column itself, in the place of its label."""
    return hasattr(key, "__array__") and not isinstance(key, np.generic)


def require_names(side: Side, columns: Sequence[str], library: str) -> None:
    """Refuse what tables that have names alone, and no index, do not have."""
    if side.on is None:
        raise ValueError(
            f"{side.name}_index: tables of {library} have no index; pass {side.name}_on"
        )
    for key in (side.on, *side.by):
        if is_column(key) or not isinstance(key, str):
            raise TypeError(f"{side.name}: columns of {library} have names; pass one, not {key!r}")
        if key not in columns:
            raise side.lacks(key, columns)
        if columns.count(key) > 1:
            raise side.not_unique(key)


def shared_names(left: Side, right: Side) -> list[str]:
    """Return the columns of right that the result has from left already."""
    pairs = zip((*left.by, left.on), (*right.by, right.on), strict=True)
    return list(dict.fromkeys(theirs for ours, theirs in pairs if _are_one_label(ours, theirs)))


def _are_one_label(ours: Any, theirs: Any) -> bool:
    named = not any(key is None or is_column(key) for key in (ours, theirs))
    return named and bool(ours == theirs)


def require_free(columns: Iterable[Any]) -> None:
    """Refuse to add a column of counts beside one of that name."""
    if "count" in columns:
        raise ValueError("points: has a column 'count' already; give it another name")


def nulls_refused(side: Side, name: str, row: int, dropped: str) -> ValueError:
    """Say that a column which is compared by order has missing values."""
    return ValueError(
        f"{name}: Merge keys contain null values on {side.name} side, the first in row {row}; drop "
        f"these rows first: {dropped}"
    )
