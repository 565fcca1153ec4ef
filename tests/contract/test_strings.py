"""The battery over strings: every verb, every form and kernel row, against Python's bisect."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import learnedidx as lx
from tests.contract.checks_range import INCLUSIVE, same_range
from tests.contract.string_sets import FORMS, MODELS, Case, cases, positions

ESTIMATORS: tuple[Any, ...] = (*MODELS, lx.RMI(n_leaves=8), lx.PGM(4), lx.BTree(8))


def searchsorted(index: Any, case: Case) -> None:
    for side, expected in (("left", case.left), ("right", case.right)):
        positions(index.searchsorted(case.queries, side), expected)
        for v, at in zip(case.queries[:40], expected, strict=False):
            found = index.searchsorted(v, side)
            assert type(found) is int and found == at
    positions(index.rank(case.queries), case.right)
    assert [index.rank(v) for v in case.queries[:20]] == case.right[:20]


def contains(index: Any, case: Case) -> None:
    there = [a < b for a, b in zip(case.left, case.right, strict=True)]
    found = index.contains(case.queries)
    assert found.dtype == np.bool_ and found.tolist() == there
    for v, is_there in zip(case.queries[:40], there, strict=False):
        assert index.contains(v) is is_there
        assert (v in index) is is_there


def find(index: Any, case: Case) -> None:
    n = len(case.keys)
    exact = [a if a < b else -1 for a, b in zip(case.left, case.right, strict=True)]
    pad = [b - 1 for b in case.right]
    backfill = [a if a < n else -1 for a in case.left]
    for method, expected in ((None, exact), ("pad", pad), ("backfill", backfill)):
        positions(index.find(case.queries, method), expected)
        found = [index.find(v, method) for v in case.queries[:40]]
        assert found == expected[:40]
    for v in case.queries[:1]:
        with pytest.raises((TypeError, ValueError), match="distance"):
            index.find(v, "nearest")
        with pytest.raises((TypeError, ValueError), match="distance"):
            index.find(v, "pad", tolerance=1)


def ranges(index: Any, case: Case) -> None:
    n, lo = len(case.keys), case.queries
    hi = [*lo[1:], *lo[:1]]
    for inclusive in INCLUSIVE:
        start = case.left if inclusive in ("both", "left") else case.right
        ends = case.right if inclusive in ("both", "right") else case.left
        stop = [*ends[1:], *ends[:1]]
        starts, stops = index.range(lo, hi, inclusive)
        counts = [max(b - a, 0) for a, b in zip(start, stop, strict=True)]
        assert (stops - starts).tolist() == counts
        filled = np.array(counts) > 0
        assert starts[filled].tolist() == np.array(start)[filled].tolist()
        positions(index.count(lo, hi, inclusive), counts)
        for i, (a, b) in enumerate(zip(lo[:9], hi[:9], strict=True)):
            same_range(index.range(a, b, inclusive), slice(start[i], stop[i]), n)
            assert index.count(a, b, inclusive) == counts[i]
    same_range(index.range(None, None), slice(0, n), n)
    for v, at in zip(lo[:9], case.left, strict=False):
        same_range(index.range(v, None), slice(at, n), n)
        same_range(index.range(None, v), slice(0, at), n)
    positions(index.count(lo, None), [n - at for at in case.left])
    positions(index.count(None, lo, "right"), case.right)


def bounds(index: Any, case: Case) -> None:
    for side, expected in (("left", case.left), ("right", case.right)):
        low, high = index.bounds(case.queries, side)
        truth = np.array(expected, np.intp)
        assert (low <= truth).all() and (truth <= high).all()
        for v, at in zip(case.queries[:9], expected, strict=False):
            below, above = index.bounds(v, side)
            assert below <= at <= above


def prefix(index: Any, case: Case) -> None:
    plain = case.form in ("str", "bytes")
    keys: list[Any] = case.keys if plain else [raw(key) for key in case.keys]
    asked = case.queries if plain else [raw(v)[: i % 17] for i, v in enumerate(case.queries)]
    starts, stops = index.prefix(asked)
    for v, start, stop in zip(asked, starts.tolist(), stops.tolist(), strict=True):
        assert keys[start:stop] == [key for key in keys if key.startswith(v)]
        assert (start == 0 or keys[start - 1] < v) and (stop == len(keys) or keys[stop] > v)
    for v, start, stop in zip(asked[:20], starts.tolist(), stops.tolist(), strict=False):
        assert index.prefix(v) == slice(start, stop)


def raw(v: Any) -> bytes:
    found: bytes = v.bytes if hasattr(v, "bytes") else v.packed
    return found


def container(index: Any, case: Case) -> None:
    keys, n = case.keys, len(case.keys)
    assert len(index) == n and list(index) == keys and np.asarray(index).tolist() == keys
    for at in range(-min(n, 9), min(n, 9)):
        assert index[at] == keys[at] and type(index[at]) is type(keys[at])
    assert list(index[1:-1]) == keys[1:-1] and list(index[::-2]) == keys[::-2]
    if n:
        assert list(index[[n - 1, 0, -1]]) == [keys[n - 1], keys[0], keys[-1]]
    for outside in (n, -n - 1, 2**63, -(2**70)):
        with pytest.raises(IndexError):
            index[outside]
    assert index.nbytes >= 0 and f"{n} keys of {case.form}" in repr(index)


def outs(index: Any, case: Case) -> None:
    """`out` is filled and returned, `threads` change nothing, and a wrong `out` is refused."""
    for threads in (0, 1, 3):
        out = np.full(len(case.queries), -7)
        assert index.searchsorted(case.queries, out=out, threads=threads) is out
        assert out.tolist() == case.left
        pair = np.empty_like(out), np.empty_like(out)
        if case.form in ("str", "bytes"):
            filled = index.prefix(case.queries, out=pair, threads=threads)
            assert filled[0] is pair[0] and filled[1] is pair[1]
            assert pair[1].tolist() == index.prefix(case.queries)[1].tolist()
        index.range(case.queries, None, out=pair, threads=threads)
        assert pair[0].tolist() == case.left
        flags = np.empty(len(case.queries), np.bool_)
        assert index.contains(case.queries, out=flags, threads=threads) is flags
    for wrong in (
        np.empty(len(case.queries), np.int32),
        np.empty(len(case.queries) + 1, np.intp),
        5,
    ):
        with pytest.raises((TypeError, ValueError), match="^out"):
            index.searchsorted(case.queries, out=wrong)
    number: Any
    for number in (-1, 1.5, "2"):
        with pytest.raises((TypeError, ValueError), match="^threads"):
            index.searchsorted(case.queries, threads=number)


def insight(index: Any, case: Case) -> None:
    """What tells of the index agrees with its answers."""
    index.verify()
    found = index.stats()
    assert (found["n"], found["dtype"]) == (len(case.keys), case.form)
    assert found["index_bytes"] == index.nbytes >= sum(one["bytes"] for one in found["layers"])
    model = index.model
    assert isinstance(model, tuple) and len(model) == len(found["layers"])
    for side, expected in (("left", case.left), ("right", case.right)):
        for v, at in zip(case.queries[:12], expected, strict=False):
            trace = index.explain(v, side)
            assert trace.answer == at and f"answer: {at};" in str(trace)
            assert trace.model_lines + trace.key_lines >= sum(step.lines for step in trace.steps)


CHECKS: dict[str, Callable[[Any, Case], None]] = {
    check.__name__: check
    for check in (searchsorted, contains, find, ranges, bounds, prefix, container, outs, insight)
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [None, "small", "large"])
@pytest.mark.parametrize("verb", CHECKS)
def test_strings(kernel_row: str, verb: str, size: str | None, form: str) -> None:
    for case in cases(form):
        try:
            CHECKS[verb](case.build(size=size), case)
        except AssertionError as error:
            error.add_note(f"key set {case.name!r} of {form}, kernels {kernel_row!r}")
            raise


@pytest.mark.parametrize("model", ESTIMATORS, ids=repr)
def test_models(kernel_row: str, model: Any) -> None:
    for case in cases("bytes"):
        index = case.build(model)
        searchsorted(index, case)
        contains(index, case)
        index.verify()


@pytest.mark.parametrize("form", FORMS)
def test_extended(kernel_row: str, form: str) -> None:
    """Answers are those of an index over all keys."""
    for case in cases(form):
        cut = 2 * len(case.keys) // 3
        if cut == 0:
            continue
        index = lx.LearnedIndex(case.keys[:cut], "btree").extended(case.keys)
        assert len(index) == len(case.keys)
        searchsorted(index, case)
        index.verify()
        assert all(model == lx.BTree() or repr(model) == "BTree()" for model in index.model)


ALPHABETS = ("ab", "a\0", "\0", "a\x7f\x80\u0800\uffff\U0010ffff")
texts = st.sampled_from(ALPHABETS).flatmap(lambda some: st.lists(st.text(some, max_size=24)))
byte_strings = st.sampled_from([b"\0\xff", b"ab", b"\xfe\xff"]).flatmap(
    lambda some: st.lists(st.lists(st.sampled_from(some), max_size=24).map(bytes))
)


@given(
    drawn=texts | byte_strings,
    shared=st.integers(0, 70),
    times=st.integers(1, 12),
    model=st.sampled_from(MODELS),
    size=st.sampled_from([None, "small", "large"]),
)
def test_any_strings(
    kernel_row: str, drawn: list[Any], shared: int, times: int, model: str, size: str | None
) -> None:
    begin = "p" * shared if not drawn or isinstance(drawn[0], str) else b"p" * shared
    case = Case.__new__(Case)
    case.form = "str" if isinstance(begin, str) else "bytes"
    case.name = "drawn"
    case.keys = sorted([begin + key for key in drawn] * times)
    index = case.build(model, size)
    searchsorted(index, case)
    contains(index, case)
    prefix(index, case)
    assert all(a <= b for a, b in pairwise(index))
