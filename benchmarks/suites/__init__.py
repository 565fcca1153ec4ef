"""What can be measured, by name: ``python -m benchmarks run SUITE...``."""

from benchmarks.suite import Suite
from benchmarks.suites.advised import ADVICE, TUNING
from benchmarks.suites.containers import CONTAINERS
from benchmarks.suites.contended import CONTENDED
from benchmarks.suites.costs import COSTS
from benchmarks.suites.extended import EXTENDED
from benchmarks.suites.files import FILES
from benchmarks.suites.robustness import ROBUSTNESS
from benchmarks.suites.tree import TREE

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (*CONTENDED, CONTAINERS, EXTENDED, FILES, ROBUSTNESS, ADVICE, TUNING, COSTS, TREE)
}
LEADERBOARD = tuple(suite.name for suite in CONTENDED)
