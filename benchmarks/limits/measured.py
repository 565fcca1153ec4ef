"""What a suite gives: figures by name, and the times that they come from."""

import dataclasses
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.checks import check
from benchmarks.contenders import CONTENDERS, Array, Contender, make
from benchmarks.rounds import Action, Ratio, ratio, time_rounds
from benchmarks.tables import three_digits


class Plan(NamedTuple):
    """How thoroughly a block is measured, and who is told what happens."""

    queries: int = 2_000_000
    rounds: int = 7
    seed: int = 1
    say: Callable[[str], object] = str


@dataclasses.dataclass(frozen=True)
class Figure:
    """A ratio, and of which times in nanoseconds; or why there is none."""

    ratio: Ratio | None = None
    of: str = ""
    missing: str = ""


Times = dict[str, list[float]]  # nanoseconds per query (or key, or call), by round


@dataclasses.dataclass
class Measured:
    """All that one block gave."""

    figures: dict[str, Figure] = dataclasses.field(default_factory=dict)
    nanoseconds: Times = dataclasses.field(default_factory=dict)
    nbytes: dict[str, int] = dataclasses.field(default_factory=dict)

    def faster(self, figure: str, ours: str, rival: str) -> None:
        """Note how many times faster ours is."""
        self._compare(figure, ours, rival, inverse=True)

    def slower(self, figure: str, ours: str, rival: str) -> None:
        """Note how many times the rival's time ours takes."""
        self._compare(figure, ours, rival, inverse=False)

    def _compare(self, figure: str, ours: str, rival: str, *, inverse: bool) -> None:
        absent = [name for name in (ours, rival) if name not in self.nanoseconds]
        if absent:
            self.figures[figure] = Figure(missing="; ".join(map(why_missing, absent)))
            return
        mine, others = self.nanoseconds[ours], self.nanoseconds[rival]
        found = ratio(others, mine) if inverse else ratio(mine, others)
        middle = [statistics.median(times) for times in (mine, others)]
        text = f"{ours} {three_digits(middle[0])}, {rival} {three_digits(middle[1])}"
        self.figures[figure] = Figure(found, text)

    def fastest(self, names: Iterable[str]) -> str:
        """Name the one with the smallest median among those that ran, else the first."""
        listed = list(names)
        ran = [name for name in listed if name in self.nanoseconds]
        if not ran:
            return next(iter(listed), "none")
        return min(ran, key=lambda name: statistics.median(self.nanoseconds[name]))


class Timed(NamedTuple):
    """An action and how many queries it answers."""

    action: Action
    queries: int


def time_each(actions: Mapping[str, Timed], plan: Plan) -> Times:
    """Time all actions in interleaved rounds; gives nanoseconds a query, by round."""
    plan.say(f"timing {len(actions)} actions, {plan.rounds} interleaved rounds")
    taken = time_rounds({name: timed.action for name, timed in actions.items()}, plan.rounds)
    return {name: [t / actions[name].queries for t in times] for name, times in taken.items()}


def build(names: Sequence[str], keys: Array, plan: Plan) -> dict[str, Contender]:
    """Build those of the contenders that can run here and hold these keys."""
    built = {}
    for name in names:
        if name not in CONTENDERS:
            continue
        contender = make(name)
        if contender.missing() or contender.refuses(keys):
            continue
        plan.say(f"building {contender.label}")
        contender.build(keys)
        built[name] = contender
    return built


def why_missing(name: str) -> str:
    """Say why this one did not run."""
    if name not in CONTENDERS:
        return f"no {name} here"
    return make(name).missing() or f"{name} did not run"


def checked(contender: Contender, keys: Array, queries: Array) -> Action:
    """Make the action that answers these queries, after its answers were found to be right."""
    prepared = contender.prepare(queries)
    check(contender, keys, queries, contender.batch(prepared))
    return lambda: contender.batch(prepared)


def starting_with(*prefixes: str) -> list[str]:
    """Name our contenders of these kinds, as in ``rmi`` or ``pgm8``."""
    return [n for n, kind in CONTENDERS.items() if kind.ours and n.startswith(prefixes)]


def address(array: Any) -> int:
    """Give the address of an array's memory, for C."""
    return int(np.asarray(array).ctypes.data)
