"""A contender in a run: built over keys, or with the reason why it is not there."""

import dataclasses
import time

from benchmarks.contenders import Contender, make
from benchmarks.keysets import KeySet

LOOP_SAMPLE = 100_000  # queries a round for rivals that need one Python call each: about 0.1 s


@dataclasses.dataclass
class Entry:
    """A contender, built, or why it is not; and what building it took."""

    contender: Contender
    why_not: str | None = None
    build_seconds: float | None = None
    nanoseconds: list[float] = dataclasses.field(default_factory=list)  # per query, by round

    @property
    def name(self) -> str:
        """The contender's name."""
        return self.contender.name


def enter(contender: Contender, keyset: KeySet) -> Entry:
    """Build a contender over the keys and note what that took."""
    entry = Entry(contender, contender.missing() or contender.refuses(keyset.keys))
    if entry.why_not is not None:
        return entry
    try:
        make(contender.name).build(keyset.keys[:1000])  # imports are no part of building
        start = time.perf_counter()
        contender.build(keyset.keys)
        entry.build_seconds = time.perf_counter() - start
    except Exception as error:
        if contender.ours:
            raise
        entry.why_not = f"build raises {error!r}"
    return entry
