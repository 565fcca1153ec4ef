"""What can be measured, by name: ``python -m benchmarks run SUITE...``."""

from benchmarks.suite import Suite
from benchmarks.suites.advised import ADVICE, COSTS, TUNING
from benchmarks.suites.auto import AUTO
from benchmarks.suites.containers import CONTAINERS, TEXT_CONTAINERS
from benchmarks.suites.contended import CONTENDED
from benchmarks.suites.dask_jobs import DASK
from benchmarks.suites.filters import FILTERS
from benchmarks.suites.instructions import INSTRUCTIONS
from benchmarks.suites.joins import TABLES
from benchmarks.suites.kept import EXTENDED, FILES
from benchmarks.suites.programs import MEMTABLE, TREE
from benchmarks.suites.robustness import ROBUSTNESS
from benchmarks.suites.sqlite import SQLITE
from benchmarks.suites.text import TEXTS
from benchmarks.suites.variants import VARIANTS

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        *(*CONTENDED, AUTO, CONTAINERS, TEXT_CONTAINERS, EXTENDED, FILES, *VARIANTS),
        *(INSTRUCTIONS, ROBUSTNESS, ADVICE, TUNING, COSTS, TREE, MEMTABLE, TEXTS, SQLITE, FILTERS),
        *(TABLES, DASK),
    )
}
LEADERBOARD = tuple(suite.name for suite in CONTENDED)
# Names for several suites. The floors of `benchmarks.required` are of `required`, by its own plan.
GROUPS = {
    "leaderboard": LEADERBOARD,
    "required": (*LEADERBOARD, *(one.name for one in (*VARIANTS, TEXTS))),
}
