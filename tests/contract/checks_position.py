"""Checks of the verbs that turn a query into a position."""

from typing import Literal

import numpy as np

import learnedidx as lx
from tests.contract.battery import Case, Check, same, same_scalars
from tests.contract.key_sets import Array


def searchsorted_left(index: lx.LearnedIndex, case: Case) -> None:
    same(index.searchsorted(case.queries), case.left)
    same_scalars([index.searchsorted(v) for v in case.scalars], case.left[:24].tolist())


def searchsorted_right(index: lx.LearnedIndex, case: Case) -> None:
    same(index.searchsorted(case.queries, side="right"), case.right)
    answers = [index.searchsorted(v, "right") for v in case.scalars]
    same_scalars(answers, case.right[:24].tolist())


def searchsorted_sorted(index: lx.LearnedIndex, case: Case) -> None:
    """Sorted and reversed queries, which may take a road of their own."""
    for ordered in (np.sort(case.queries), np.sort(case.queries)[::-1]):
        same(index.searchsorted(ordered), np.searchsorted(case.keys, ordered))
        same(index.searchsorted(ordered, "right"), np.searchsorted(case.keys, ordered, "right"))


def rank(index: lx.LearnedIndex, case: Case) -> None:
    same(index.rank(case.queries), case.right)
    same_scalars([index.rank(v) for v in case.scalars], case.right[:24].tolist())


def contains(index: lx.LearnedIndex, case: Case) -> None:
    expected = case.left < case.right
    same(index.contains(case.queries), expected)
    same_scalars([index.contains(v) for v in case.scalars], expected[:24].tolist())
    same_scalars([v in index for v in case.scalars], expected[:24].tolist())


def find(index: lx.LearnedIndex, case: Case) -> None:
    expected = np.where(case.left < case.right, case.left, -1)
    same(index.find(case.queries), expected)
    same_scalars([index.find(v) for v in case.scalars], expected[:24].tolist())


def find_pad(index: lx.LearnedIndex, case: Case) -> None:
    expected = case.right - 1
    same(index.find(case.queries, "pad"), expected)
    same_scalars([index.find(v, method="pad") for v in case.scalars], expected[:24].tolist())


def find_backfill(index: lx.LearnedIndex, case: Case) -> None:
    expected = np.where(case.left < len(case.keys), case.left, -1)
    same(index.find(case.queries, "backfill"), expected)
    same_scalars([index.find(v, method="backfill") for v in case.scalars], expected[:24].tolist())


def find_nearest(index: lx.LearnedIndex, case: Case) -> None:
    same(index.find(case.queries[:100], "nearest"), case.nearest)
    answers = [index.find(v, "nearest") for v in case.scalars]
    same_scalars(answers, case.nearest[:24].tolist())


def bounds(index: lx.LearnedIndex, case: Case) -> None:
    both_sides: tuple[tuple[Literal["left", "right"], Array], ...]
    both_sides = (("left", case.left), ("right", case.right))
    for side, answers in both_sides:
        low, high = index.bounds(case.queries, side)
        assert low.dtype == high.dtype == np.intp
        assert low.shape == high.shape == answers.shape
        assert (low >= 0).all() and (high <= len(case.keys)).all()
        assert (low <= answers).all() and (answers <= high).all()


def bounds_of_scalars(index: lx.LearnedIndex, case: Case) -> None:
    for v, left, right in zip(case.scalars, case.left.tolist(), case.right.tolist(), strict=False):
        low, high = index.bounds(v)
        assert type(low) is type(high) is int
        assert 0 <= low <= left <= high <= len(case.keys)
        low, high = index.bounds(v, side="right")
        assert 0 <= low <= right <= high <= len(case.keys)


POSITION_CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        searchsorted_left,
        searchsorted_right,
        searchsorted_sorted,
        rank,
        contains,
        find,
        find_pad,
        find_backfill,
        find_nearest,
        bounds,
        bounds_of_scalars,
    )
}
