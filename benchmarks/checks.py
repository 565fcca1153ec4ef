"""Answers are checked before anything is timed: a fast wrong answer is not a result."""

from typing import Any

import numpy as np

from benchmarks.contenders import Answer, Array, Contender


class WrongAnswerError(AssertionError):
    """A contender answered otherwise than `np.searchsorted` says."""


def expected(keys: Array, queries: Array, answer: Answer) -> Array:
    """Say what a contender of this kind must answer, from `np.searchsorted` alone."""
    position = np.asarray(np.searchsorted(keys, queries))
    if answer is Answer.POSITION:
        return position
    found: Array = keys[np.minimum(position, len(keys) - 1)]
    if answer is Answer.SUCCESSOR:
        return found
    present: Array = (position < len(keys)) & (found == queries)
    if answer is Answer.PRESENT:
        return present
    return np.where(present, position, -1)


def check(contender: Contender, keys: Array, queries: Array, got: Any) -> None:
    """Raise `WrongAnswerError` at the first batch answer that differs from the expected one."""
    _compare(contender, queries, expected(keys, queries, contender.answer), contender.read(got))


def check_scalars(contender: Contender, keys: Array, queries: Array) -> None:
    """Ask every query one by one and raise `WrongAnswerError` at the first that differs."""
    got = [contender.scalar(query) for query in contender.prepare_scalars(queries)]
    answer = contender.scalar_answer or contender.answer
    _compare(contender, queries, expected(keys, queries, answer), got)


def _compare(contender: Contender, queries: Array, wanted: Array, got: Any) -> None:
    # A list of Python ints around 2**63 would become float64 if the dtype were left to NumPy.
    given = np.asarray(got, dtype=wanted.dtype)
    if given.shape != wanted.shape:
        raise WrongAnswerError(f"{contender.name}: {given.shape} answers to {wanted.shape} queries")
    wrong = np.flatnonzero(given != wanted)
    if len(wrong) > 0:
        i = wrong[0]
        raise WrongAnswerError(
            f"{contender.name}: {len(wrong)} of {len(queries)} answers are wrong; the first is "
            f"query {i} ({queries[i]!r}): got {given[i]!r}, np.searchsorted says {wanted[i]!r}"
        )
