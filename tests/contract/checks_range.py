"""Checks of ranges, counts, and of the index as a container of its keys."""

from typing import Literal

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.battery import Case, Check, same, same_scalars

Inclusive = Literal["both", "left", "right", "neither"]
INCLUSIVE: tuple[Inclusive, ...] = ("both", "left", "right", "neither")


def range_(index: lx.LearnedIndex, case: Case) -> None:
    """Filled ranges begin and end where NumPy says; empty ones are empty, wherever they lie."""
    lo, hi = case.pairs
    for inclusive in INCLUSIVE:
        start = case.left if inclusive in ("both", "left") else case.right
        ends = case.right if inclusive in ("both", "right") else case.left
        stop = np.roll(ends, 1)
        starts, stops = index.range(lo, hi, inclusive)
        assert starts.dtype == stops.dtype == np.intp
        filled = start < stop
        np.testing.assert_array_equal(starts[filled], start[filled])
        np.testing.assert_array_equal(stops[filled], stop[filled])
        np.testing.assert_array_equal(starts[~filled], stops[~filled])
        assert ((starts >= 0) & (stops <= len(case.keys))).all()


def range_of_scalars(index: lx.LearnedIndex, case: Case) -> None:
    for lo, hi in zip(*(end[:6] for end in case.pairs), strict=True):
        for inclusive in INCLUSIVE:
            found, expected = index.range(lo, hi, inclusive), case.truth.range(lo, hi, inclusive)
            same_range(found, expected, len(case.keys))


def open_ranges(index: lx.LearnedIndex, case: Case) -> None:
    n = len(case.keys)
    same_range(index.range(None, None), slice(0, n), n)
    for v in case.scalars[:8]:
        same_range(index.range(v, None), case.truth.range(v, None), n)
        same_range(index.range(None, v, "both"), case.truth.range(None, v, "both"), n)
    same(index.count(case.queries, None), n - case.left)
    same(index.count(None, case.queries), case.left)
    same(index.count(None, case.queries, "right"), case.right)


def count(index: lx.LearnedIndex, case: Case) -> None:
    for inclusive in INCLUSIVE:
        start = case.left if inclusive in ("both", "left") else case.right
        stop = case.right if inclusive in ("both", "right") else case.left
        expected = np.maximum(np.roll(stop, 1) - start, 0)
        same(index.count(*case.pairs, inclusive), expected)
        ends = [end[:8] for end in case.pairs]
        scalars = [index.count(lo, hi, inclusive) for lo, hi in zip(*ends, strict=True)]
        same_scalars(scalars, expected[:8].tolist())


def container(index: lx.LearnedIndex, case: Case) -> None:
    """Keys come back bit by bit (float16 as the float32 that the core reads)."""
    held = case.keys.astype(np.float32) if case.keys.dtype == np.float16 else case.keys
    same(index.keys, held)
    assert len(index) == len(held)
    assert np.array(list(index), held.dtype).tobytes() == held.tobytes()
    for position in range(-min(len(held), 20), min(len(held), 20)):
        assert np.asarray(index[position], held.dtype).tobytes() == held[position].tobytes()
    same(np.asarray(index[1:-1]), held[1:-1])
    same(np.asarray(index[::-2]), held[::-2])


def container_edges(index: lx.LearnedIndex, case: Case) -> None:
    n = len(case.keys)
    for outside in (n, -n - 1):
        with pytest.raises(IndexError):
            index[outside]
    for absurd in (2**63, -(2**70)):
        with pytest.raises((IndexError, OverflowError)):
            index[absurd]
    assert not index.keys.flags.writeable
    assert isinstance(index.nbytes, int) and index.nbytes >= 0


def verify(index: lx.LearnedIndex, case: Case) -> None:
    """An index whose keys did not change verifies."""
    index.verify()


def same_range(found: slice, expected: slice, n: int) -> None:
    """Assert one range: the same positions, or empty when the truth is."""
    assert isinstance(found, slice) and found.step is None
    assert 0 <= found.start <= found.stop <= n
    if expected.start < expected.stop:
        assert found == expected
    else:
        assert found.start == found.stop


RANGE_CHECKS: dict[str, Check] = {
    check.__name__.strip("_"): check
    for check in (
        range_,
        range_of_scalars,
        open_ranges,
        count,
        container,
        container_edges,
        verify,
    )
}
