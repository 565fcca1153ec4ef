"""Growth of a fresh process."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import memory

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory growth is read from /proc (Linux)"
)


def test_a_list_of_a_million_integers_grows_by_what_python_needs_for_it() -> None:
    keys = np.arange(2**40, 2**40 + 1_000_000, dtype=np.uint64)
    growth = memory.growth("bisect", keys)
    assert growth is not None
    assert 38e6 < growth < 50e6  # a pointer of 8 bytes and an int of 32 for each key


def test_borrowed_keys_do_not_grow_the_process() -> None:
    growth = memory.growth("numpy", np.arange(1_000_000, dtype=np.uint64))
    assert growth is not None
    assert growth < 1e6
