"""Batches that must be converted need their answers and one mebibyte, whatever their size."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import Array

N = 2_000_000
MEBIBYTE = 1 << 20
NUMBERS = lx.LearnedIndex(np.arange(0, 300_000, 3, dtype=np.uint64))
TIMES = lx.LearnedIndex(np.arange(0, 300_000, 3).astype("M8[s]"))
RAMP = np.arange(N) % 300_000
QUERIES: dict[str, tuple[lx.LearnedIndex, Array]] = {
    "floats": (NUMBERS, RAMP.astype(np.float32)),
    "half floats": (NUMBERS, (RAMP % 2_000).astype(np.float16)),
    "signed": (NUMBERS, RAMP),
    "strided": (NUMBERS, np.repeat(RAMP.astype(np.uint64), 2)[::2]),
    "byte-swapped": (NUMBERS, RAMP.astype(">u8")),
    "two dimensions, turned": (NUMBERS, RAMP.astype(np.int32).reshape(1000, -1).T),
    "milliseconds": (TIMES, RAMP.astype("M8[ms]")),
}
VERBS: dict[str, Callable[[lx.LearnedIndex, Array], Any]] = {
    "searchsorted": lambda index, v: index.searchsorted(v),
    "right": lambda index, v: index.searchsorted(v, "right"),
    "contains": lambda index, v: index.contains(v),
    "find": lambda index, v: index.find(v),
    "pad": lambda index, v: index.find(v, "pad"),
    "bounds": lambda index, v: index.bounds(v),
    "range": lambda index, v: index.range(v, None),
}


@pytest.mark.parametrize("queries", QUERIES)
@pytest.mark.parametrize("verb", VERBS)
def test_peak_memory(verb: str, queries: str) -> None:
    index, v = QUERIES[queries]
    call = VERBS[verb]
    call(index, v[:10])
    tracemalloc.start()
    try:
        answers = call(index, v)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    answers = answers if isinstance(answers, tuple) else (answers,)
    assert peak <= sum(answer.nbytes for answer in answers) + MEBIBYTE
