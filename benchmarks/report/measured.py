"""One cell of some records: its keys, its machine, and the times of all that took part."""

import statistics
from collections.abc import Iterable

from benchmarks import record
from benchmarks.contenders.ours import MODELS
from benchmarks.plan import OURS, RIVALS
from benchmarks.rounds import Ratio, ratio

# The names that people know contenders by; the others are called as they are on the command line.
NAMES = {name: MODELS[name][0] for name in (*OURS, "direct")}
NAMES |= {"numpy": "NumPy", "polars": "Polars", "pygm": "PyGM", "btrees": "BTrees"}
# These borrow the array or copy it into a list: building is no work for them.
BUILDLESS = ("none", "numpy", "polars", "bisect")


class Measured:
    """A record of a cell, and what is asked of it."""

    def __init__(self, one: record.Record) -> None:
        self.record, self.key = one, record.key(one)
        self.keys, self.n, self.cell = self.key  # n: what was asked for, None for all
        self.length: int = one["length"]
        self.times: dict[str, list[float]] = one["times"]
        self.missing: dict[str, str] = one.get("missing", {})
        self.nbytes: dict[str, int] = one.get("bytes", {})
        self.machine: dict[str, str] = one.get(record.MACHINE, {})

    def middle(self, name: str) -> float:
        """Give the median of the rounds of one that took part, in the unit of its suite."""
        return statistics.median(self.times[name])

    def median(self, name: str) -> float | None:
        return self.middle(name) if self.times.get(name) else None

    def best(self, names: Iterable[str]) -> str | None:
        """Name the fastest of some; what builds nothing does not compete in building."""
        out = BUILDLESS if self.cell.verb == "build" else ()
        there = [name for name in names if self.times.get(name) and name not in out]
        return min(there, key=self.middle, default=None)

    def against(self, name: str, rival: str) -> Ratio:
        """Compare two, round by round: above 1 the first one is slower."""
        return ratio(self.times[name], self.times[rival])

    def ours(self) -> str | None:
        """Name the fastest of our structures; `auto` is one of them over again."""
        return self.best(OURS[1:]) or self.best(OURS)

    def ours_to_rival(self) -> Ratio | None:
        """Compare the fastest of ours with the fastest rival."""
        ours, rival = self.ours(), self.best(RIVALS)
        return self.against(ours, rival) if ours and rival else None

    def auto_to_rival(self) -> Ratio | None:
        """Compare what the library chooses by itself with the fastest rival."""
        rival = self.best(RIVALS)
        return self.against("auto", rival) if rival and self.times.get("auto") else None
