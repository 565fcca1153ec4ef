"""Golden files of instants, of version 1.1: python -m tests.format.make_golden_instants

As in make_golden, keys come from integers alone and files that are there stay as they are.
"""

from typing import Any

import numpy as np

import learnedidx as lx
from tests.contract.key_sets import Array
from tests.format import make_golden
from tests.format.make_golden import Case, spread, times, write_new

FOLDER = make_golden.FOLDER / "instants"
MOST_BYTES = 20_000  # of all files together


def zoned(times_in_utc: Array) -> Any:
    """Return times with a zone, in which the order of their hours is not that of the instants."""
    import pandas

    return pandas.DatetimeIndex(times_in_utc).tz_localize("UTC").tz_convert("Europe/Berlin")


def columns() -> Any:
    """Return rows of a number and an instant."""
    users, seconds = np.arange(60) // 7, np.sort(spread(60, 7, 10**9).astype("M8[s]"))
    return lx.Columns(users, zoned(seconds))


def cases() -> dict[str, Case]:
    """Return all golden files by name."""
    return {
        "instants-rmi": Case(zoned(times(150, "M8[us]", 4)), lx.RMI(n_leaves=8)),
        "instants-keyless": Case(zoned(times(90, "M8[ns]", 0)), "none", False),
        "instants-rows": Case(columns(), "auto"),
    }


def plain(keys: Any) -> Any:
    """Return keys as they are in the file, in UTC."""
    if isinstance(keys, lx.Columns):
        return lx.Columns(keys.columns[0], plain(keys.columns[1]))
    return np.asarray(keys.tz_convert(None))


def answers_of(keys: Any) -> Any:
    """Return the keys in UTC, as integers, and how many are below every ninth."""
    numbers = plain(keys.columns[1] if isinstance(keys, lx.Columns) else keys).view(np.int64)
    return {"utc": numbers.tolist()}


if __name__ == "__main__":
    write_new(FOLDER, cases(), lambda path, case: answers_of(case.keys))
