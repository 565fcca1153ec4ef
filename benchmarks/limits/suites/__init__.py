"""The suites by name: each measures one key set and gives figures."""

from collections.abc import Callable

from benchmarks.keysets import KeySet
from benchmarks.limits.measured import Measured, Plan
from benchmarks.limits.suites import batches, builds, lookups, singles, traps

Suite = Callable[[KeySet, Plan], Measured]

SUITES: dict[str, Suite] = {
    "lookups": lookups.lookups,
    "merges": lookups.merges,
    "builds": builds.builds,
    "singles": singles.singles,
    "published": batches.published,
    "formats": batches.formats,
    "rows": batches.rows,
    "threads": batches.threads,
    "small_batches": batches.small_batches,
    "traps": traps.traps,
}
