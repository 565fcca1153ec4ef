"""Interleaved rounds and ratios, on a clock that a test controls."""

import gc
import random

import pytest

from benchmarks.rounds import ratio, time_rounds
from tests.benchmarks.fakes import Clock


def test_the_first_round_warms_up_and_is_not_counted() -> None:
    clock = Clock()
    actions = {"a": clock.action("a", 900, 10, 20), "b": clock.action("b", 900, 1, 2)}
    assert time_rounds(actions, 2, clock=clock) == {"a": [10, 20], "b": [1, 2]}


def test_rounds_interleave_and_start_with_another_action_each_time() -> None:
    clock = Clock()
    actions = {name: clock.action(name, *[1] * 4) for name in "abc"}
    time_rounds(actions, 3, clock=clock)
    rounds = ["".join(clock.log[i : i + 3]) for i in range(0, 12, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert {one[0] for one in rounds[1:]} == {"a", "b", "c"}


def test_shuffled_rounds_give_everyone_other_neighbours() -> None:
    clock = Clock()
    actions = {name: clock.action(name, *[1] * 12) for name in "abcdef"}
    time_rounds(actions, 11, clock=clock, shuffle=random.Random(1))
    rounds = ["".join(clock.log[i : i + 6]) for i in range(0, 72, 6)]
    assert all(sorted(one) == list("abcdef") for one in rounds)
    before_b = {one[one.index("b") - 1] for one in rounds if one[0] != "b"}
    assert len(before_b) >= 4


def test_a_slow_phase_of_the_machine_does_not_change_the_ratio() -> None:
    clock = Clock()
    slow = clock.action("slow", 0, 20, 2_000, 22, 18, 20)
    fast = clock.action("fast", 0, 10, 1_000, 11, 9, 10)
    taken = time_rounds({"slow": slow, "fast": fast}, 5, clock=clock)
    assert ratio(taken["slow"], taken["fast"]) == (2.0, 2.0, 2.0)


def test_ratio_gives_the_median_and_the_extremes_of_the_rounds() -> None:
    assert ratio([10.0, 30.0, 90.0], [10.0, 10.0, 10.0]) == (3.0, 1.0, 9.0)
    assert ratio([10.0, 30.0, 20.0], [1.0, 10.0, 20.0]) == (3.0, 1.0, 10.0)  # not 20 / 10


def test_ratio_needs_equally_many_rounds() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


def test_no_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="rounds: expected 1 or more, got 0"):
        time_rounds({}, 0)


def test_garbage_collection_is_back_after_an_error() -> None:
    def fail() -> None:
        assert not gc.isenabled()
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        time_rounds({"fail": fail}, 1)
    assert gc.isenabled()
