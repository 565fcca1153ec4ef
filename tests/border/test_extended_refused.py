"""What index.extended refuses: every message names the argument, what was wrong and what to do."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import Array


def uniform(n: int = 20_000) -> Array:
    return np.sort(np.random.default_rng(0).integers(0, 2**40, n))


def refused(old: Any, longer: Any, error: type[Exception], *words: str) -> None:
    with pytest.raises(error) as caught:
        lx.LearnedIndex(old).extended(longer)
    message = str(caught.value)
    assert message.startswith("longer_keys:"), message
    for word in words:
        assert word in message, message


def test_a_changed_prefix_is_named() -> None:
    keys = uniform()
    for at in (0, 1, 9_999, 14_999):
        changed = keys.copy()
        changed[at] -= 1
        words = f"position {at} is {changed[at]}", f"but {keys[at]} in the index", "new index"
        refused(keys[:15_000], changed, ValueError, *words)
    days = np.arange("2020-01-01", "2021-01-01", dtype="M8[D]")
    later = days.copy()
    later[5] = later[6]
    refused(days[:99], later, ValueError, "position 5", "2020-01-07", "2020-01-06")


def test_memory_that_was_changed_is_found() -> None:
    keys = uniform()
    index = lx.LearnedIndex(keys[:15_000])
    index.extended(keys)
    keys[7_000] += 1
    with pytest.raises(ValueError, match=r"longer_keys: the first 15000 share memory .* new index"):
        index.extended(keys)
    keys[7_000] = 0
    with pytest.raises(ValueError, match="position 7000 is out of order"):
        index.extended(keys)


def test_wrong_arrays_are_refused() -> None:
    keys = uniform(100)
    refused(keys, keys[:99], ValueError, "99 keys, fewer than the 100", "append")
    refused(keys, keys.astype(float), TypeError, "float64", "int64", "convert")
    refused(keys, keys.astype("M8[s]"), TypeError, "datetime64[s]")
    refused(keys, keys.reshape(2, 50), ValueError, "1-D")
    refused(keys, keys.astype(object), TypeError, "dtype object")
    refused(keys, "keys", TypeError, "one item of text", "pass a sorted list")
    refused(keys, np.ma.masked_array(keys), TypeError, "masked")


def test_a_tail_in_disorder_is_named_by_its_position_among_all_keys() -> None:
    keys = uniform(100)
    refused(keys[:60], np.append(keys[:80], keys[70]), ValueError, "longer_keys[80]", str(keys[70]))
    refused(keys[:60], np.append(keys[:60], keys[50]), ValueError, "longer_keys[60]", str(keys[50]))


def test_numbers_cannot_follow_missing_ones() -> None:
    keys = np.append(np.arange(50.0), [np.nan] * 3)
    index = lx.LearnedIndex(keys)
    more = index.extended(np.append(keys, [np.nan] * 2))
    assert more.rank(np.nan) == 55 and more.searchsorted(np.nan) == 50
    refused(keys, np.append(keys, 99.0), ValueError, "3 keys that are nan", "position 53 (99.0)")
    days = np.array(["2020-01-01", "NaT"], "M8[D]")
    refused(days, np.append(days, days[:1]), ValueError, "1 keys that are NaT", "position 2")
    refused(keys[:50], np.append(keys, 99.0), ValueError, "longer_keys[53]")
