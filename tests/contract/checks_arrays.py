"""Checks of what NumPy users expect of array arguments: shapes, strides, `out=`, `threads=`."""

from collections.abc import Callable
from typing import Any

import numpy as np

import learnedidx as lx
from tests.contract.battery import Case, Check, same
from tests.contract.key_sets import Array

Verb = Callable[..., Any]


def verbs_of(index: lx.LearnedIndex, case: Case) -> list[tuple[Verb, Array]]:
    """Return every verb with one answer array, with what it must answer."""
    found = case.left < case.right
    return [
        (index.searchsorted, case.left),
        (index.rank, case.right),
        (index.contains, found),
        (index.find, np.where(found, case.left, -1)),
        (lambda v, **options: index.find(v, "pad", **options), case.right - 1),
        (lambda v, **options: index.count(v, v, "both", **options), case.right - case.left),
    ]


def layouts(queries: Array) -> dict[str, Array]:
    """Return the same queries, laid out in memory in every other way."""
    wide = np.zeros((len(queries), 3), queries.dtype)
    wide[:, 1] = queries
    unaligned = np.zeros(queries.nbytes + 1, np.uint8)[1:].view(queries.dtype)
    unaligned[:] = queries
    frozen = queries.copy()
    frozen.flags.writeable = False
    return {
        "strided": wide[:, 1],
        "backwards": queries[::-1].copy()[::-1],
        "byte-swapped": queries.astype(queries.dtype.newbyteorder("S")),
        "unaligned": unaligned,
        "read-only": frozen,
    }


def layout(index: lx.LearnedIndex, case: Case) -> None:
    for name, queries in layouts(case.queries).items():
        for verb, expected in verbs_of(index, case):
            try:
                same(verb(queries), expected)
            except AssertionError as error:
                error.add_note(f"queries: {name}")
                raise


def shapes(index: lx.LearnedIndex, case: Case) -> None:
    """Answers take the shape of the queries, also Fortran-ordered, empty and 0-d ones."""
    for shape in ((4, 6), (2, 3, 4), (24, 1), (0,), (3, 0, 2)):
        size = int(np.prod(shape))
        queries = case.queries[:size].reshape(shape)
        for verb, expected in verbs_of(index, case):
            same(verb(queries), expected[:size].reshape(shape))
            same(verb(np.asfortranarray(queries)), expected[:size].reshape(shape))
    for verb, expected in verbs_of(index, case):
        answer = verb(case.queries[0].reshape(()))
        assert np.shape(answer) == () and answer == expected[0]


def broadcast(index: lx.LearnedIndex, case: Case) -> None:
    """The two ends of a range broadcast against each other."""
    column, row = case.queries[:6].reshape(6, 1), case.queries[6:13]
    start, stop = case.left[:6].reshape(6, 1), case.left[6:13]
    expected = np.maximum(stop - start, 0)
    same(index.count(column, row), expected)
    starts, stops = index.range(column, row)
    same(stops - starts, expected)
    same(index.count(case.queries[0], row), expected[0])
    same(index.count(column, case.queries[6]), expected[:, :1])


def out(index: lx.LearnedIndex, case: Case) -> None:
    """`out=` is filled and returned, whether contiguous or not."""
    for verb, expected in verbs_of(index, case):
        given = np.empty_like(expected)
        assert verb(case.queries, out=given) is given
        same(given, expected)
        square = np.empty((5, 4), expected.dtype)
        assert verb(case.queries[:20].reshape(5, 4), out=square) is square
        same(square, expected[:20].reshape(5, 4))


def threads(index: lx.LearnedIndex, case: Case) -> None:
    """Any number of threads gives the answers of one; the batch is large enough to be split."""
    queries, left = np.tile(case.queries, 12), np.tile(case.left, 12)
    for number in (0, 1, 2, 5):
        same(index.searchsorted(queries, threads=number), left)
        for verb, expected in verbs_of(index, case):
            same(verb(case.queries, threads=number), expected)
    given = np.empty_like(left)
    assert index.searchsorted(queries, out=given, threads=3) is given
    same(given, left)


def insight(index: lx.LearnedIndex, case: Case) -> None:
    """What the index tells about itself fits its keys, and what it tells of a lookup its answer."""
    told = index.stats()
    assert (told["n"], told["dtype"]) == (len(case.keys), str(index.keys.dtype))
    assert (told["key_bytes"], told["index_bytes"]) == (index.keys.nbytes, index.nbytes)
    assert sum(told["window_histogram"]) == told["sampled"] <= told["n"]
    for v, left, right in zip(case.scalars[:4], case.left, case.right, strict=False):
        for side, answer in (("left", left), ("right", right)):
            lookup = index.explain(v, side)
            assert lookup.answer == answer and f"answer: {answer};" in str(lookup)


ARRAY_CHECKS: dict[str, Check] = {
    check.__name__: check for check in (layout, shapes, broadcast, out, threads)
}
