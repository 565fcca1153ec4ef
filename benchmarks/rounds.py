"""Interleaved rounds and what is said of them: medians, ratios and their spread.

A machine has slow phases. So every round times every contender once, one after the other, and
what is compared are times of the same round.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

Action = Callable[[], object]


class Ratio(NamedTuple):
    """The median of the ratios of every round, and the smallest and largest of them."""

    median: float
    low: float
    high: float


def time_rounds(
    actions: Mapping[str, Action],
    rounds: int,
    *,
    clock: Callable[[], int] = time.perf_counter_ns,
    undo: Mapping[str, Action] = MappingProxyType({}),
    shuffle: random.Random | None = None,
) -> dict[str, list[int]]:
    """Time every action once a round; give the nanoseconds of each, in the order of the rounds.

    One more round goes first and is not counted: it warms the caches. Each round starts one
    action further on, so that none is always the first. It still follows the same neighbour, whose
    caches it finds: where neighbours differ much, `shuffle` gives each round an order of its own.
    What an action changed its `undo` puts back, off the clock.
    """
    if rounds < 1:
        raise ValueError(f"rounds: expected 1 or more, got {rounds}")
    taken: dict[str, list[int]] = {name: [] for name in actions}
    order = list(actions)
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for number in range(-1, rounds):
            shift = number % len(order) if order else 0
            turn = order[shift:] + order[:shift]
            if shuffle is not None:
                shuffle.shuffle(turn)
            for name in turn:
                nanoseconds = _time_once(actions[name], clock)
                if number >= 0:
                    taken[name].append(nanoseconds)
                if name in undo:
                    undo[name]()
    finally:
        if was_enabled:
            gc.enable()
    return taken


def _time_once(action: Action, clock: Callable[[], int]) -> int:
    start = clock()
    result = action()
    elapsed = clock() - start
    del result  # freed after the clock has stopped: giving memory back is not part of a lookup
    return elapsed


def ratio(times: Sequence[float], baseline: Sequence[float]) -> Ratio:
    """Compare two contenders round by round: how many times longer the first one takes."""
    each = [mine / base for mine, base in zip(times, baseline, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))
