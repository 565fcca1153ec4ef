"""Random joins of small tables: their keys, groups, columns and options, from a seed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Rng = np.random.Generator
KEYS: dict[str, tuple[Any, Any]] = {  # columns of whole numbers, and the tolerance that is one
    "int8": (lambda v: (v % 100 - 50).astype("int8"), 1),
    "uint8": (lambda v: v.astype("uint8"), 1),
    "int32": (lambda v: v.astype("int32"), 1),
    "int64": (lambda v: v - 10, 1),
    "uint64": (lambda v: v.astype("uint64") + np.uint64(2**63), 1),
    "near the end of int64": (lambda v: v + (2**63 - 300), 1),
    "float64": (lambda v: v / 7, 1 / 7),
    "float32": (lambda v: (v / 8).astype("float32"), 0.125),
    "datetime": (lambda v: (v + 10**18).astype("M8[ns]"), pd.Timedelta(1, "ns")),
    "instants": (
        lambda v: pd.DatetimeIndex(v.astype("M8[s]")).tz_localize("UTC").tz_convert("Asia/Tokyo"),
        pd.Timedelta(1, "s"),
    ),
    "timedelta": (lambda v: v.astype("m8[ms]"), pd.Timedelta(1, "ms")),
    "Int64": (lambda v: pd.array(v, dtype="Int64"), 1),
    "Float64": (lambda v: pd.array(v / 7, dtype="Float64"), 1 / 7),
}
GROUPS: dict[str, Any] = {  # four values, some of them null
    "int": np.array([0, 1, 2, 3]),
    "far int": np.array([-(2**62), 1, 2, 2**62]),
    "text": np.array(["a", "b", "c", "d"]),
    "object": np.array(["a", None, "c", np.nan], dtype=object),
    "float": np.array([1.5, np.nan, 2, 3]),
    "category": pd.Categorical(["a", "b", "c", None], categories=list("abcd")),
    "time": np.array([0, 1, "NaT", 3], dtype="M8[s]"),
    "Int64": pd.array([1, None, 2, 3], dtype="Int64"),
    "bool": np.array([True, False, True, True]),
}


class Join(NamedTuple):
    """Two tables whose keys ascend, and the options of merge_asof."""

    left: pd.DataFrame
    right: pd.DataFrame
    options: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.options}\n{self.left}\n{self.right}"


def random_join(seed: int, keys: dict[str, tuple[Any, Any]] = KEYS) -> Join:
    """Return the join of a seed: equal ones for equal seeds."""
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(list(keys)))
    span = int(rng.choice([3, 20, 200]))
    left, right = (_table(rng, keys[kind][0], span) for _ in range(2))
    left = left.drop(columns=["flag", "text"]).rename(columns={"value": "own"})
    options = _groups(rng, left, right)
    if rng.random() < 0.3:
        left["value"] = 1.5  # a name that right has too
    if rng.random() < 0.2:
        options["suffixes"] = [("_l", "_r"), (None, "_q"), ("_k", None)][rng.integers(3)]
    options["direction"] = str(rng.choice(["backward", "forward", "nearest"]))
    options["allow_exact_matches"] = bool(rng.random() < 0.6)
    if rng.random() < 0.5:
        options["tolerance"] = int(rng.integers(0, 5)) * keys[kind][1]
    return Join(*_named(rng, left, right, options), options)


def merged(left: pd.DataFrame, right: pd.DataFrame, options: dict[str, Any]) -> Any:
    """Return what pandas says; None where it refuses keys of two widths, which we compare."""
    try:
        return pd.merge_asof(left, right, **options)
    except pd.errors.MergeError as error:
        assert "must be the same type" in str(error), error
        return None


def _table(rng: Rng, make: Any, span: int) -> pd.DataFrame:
    n = int(rng.choice([0, 1, 3, 10, 40]))
    table = pd.DataFrame({"t": make(rng.integers(0, span, n))})
    table["value"] = rng.integers(0, 9, n)
    table["flag"] = rng.random(n) > 0.5
    table["text"] = [str(i) for i in range(n)]
    return table.sort_values("t", kind="stable", ignore_index=True)


def _groups(rng: Rng, left: pd.DataFrame, right: pd.DataFrame) -> dict[str, Any]:
    names = [f"g{i}" for i in range(int(rng.choice([0, 0, 1, 1, 2])))]
    for name in names:
        values = GROUPS[str(rng.choice(list(GROUPS)))]
        for table in (left, right):
            table[name] = values[rng.integers(0, 4, len(table))]
    if not names:
        return {}
    return {"by": names[0] if len(names) == 1 and rng.random() < 0.5 else names}


def _named(
    rng: Rng, left: pd.DataFrame, right: pd.DataFrame, options: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose how the keys are named, or put them into an index."""
    left.index = pd.Index(rng.permutation(len(left)) * 3)
    how = str(rng.choice(["on", "on", "two names", "left index", "right index", "indexes"]))
    if how == "on":
        options["on"] = "t"
    elif how == "two names":
        right = right.rename(columns={"t": "u"})
        options.update(left_on="t", right_on="u")
    if how in ("left index", "indexes"):
        left, options["left_index"] = left.set_index("t"), True
    if how in ("right index", "indexes"):
        right, options["right_index"] = right.set_index("t"), True
    if how == "left index":
        options["right_on"] = "t"
    elif how == "right index":
        options["left_on"] = "t"
    return left, right
