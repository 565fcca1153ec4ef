"""Committed figures whose suite was changed after their commit: they may say what is no more so."""

import inspect
import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks import record
from benchmarks.record import Record
from benchmarks.suites import SUITES
from benchmarks.tables import Table

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = ("rounds.py", "workloads.py", "contenders")  # what every suite measures with


def table(lines: Iterable[Record]) -> Table:
    """List the suites and processors whose newest figures are older than what measures them."""
    newest = {
        (str(one.get("suite", "lookups")), machine["cpu"]): machine.get("commit", "unknown")
        for one in record.measured(lines)
        if (machine := one[record.MACHINE])
    }
    made = Table("figures whose suite changed after them", ["suite", "processor", "commit", "why"])
    for (suite, cpu), commit in sorted(newest.items()):
        if suite in SUITES and (why := _why(commit, suite)):
            made.add(suite, cpu, commit, why)
    return made


def _why(commit: str, suite: str) -> str:
    """Say what is wrong with a commit, or nothing."""
    name = commit.removesuffix("-dirty")
    if name != commit:
        return "measured in a changed tree"
    if _git("merge-base", "--is-ancestor", name, "HEAD") is None:
        return "no commit of this history"
    measure = Path(str(inspect.getsourcefile(inspect.unwrap(SUITES[suite].measure))))
    paths = [str(measure), *(str(ROOT / "benchmarks" / shared) for shared in SHARED)]
    changed = (_git("diff", "--name-only", name, "HEAD", "--", *paths) or "").split()
    return f"{len(changed)} files changed since" if changed else ""


def _git(*words: str) -> str | None:
    """Ask git in the root of the tree; None where it fails or is not there."""
    try:
        run = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout
