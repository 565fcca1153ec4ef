"""What all tests share: kernel rows, Hypothesis profiles, long tests, and the path.

`--whole` repeats what a change rarely breaks alone: tests of answers on every kernel row, and 300
Hypothesis examples instead of 50. `.ci/run` does.
`--rows` says on which kernel rows the tests of answers run: "all", "widest" (default without
`--whole`), or names joined by commas. A row that this CPU lacks is reported as not run, never
silently left out; with LEARNEDIDX_REQUIRE_ROWS="scalar,avx2" in the environment the session fails
unless those rows ran.
`--one-in N` runs every N-th case of each test that has more than MOST_CASES, the same ones each
time: for who wants an answer soon, and for environments that repeat what runs whole elsewhere.
`--part K` chooses which of the N parts; `.ci/run` takes another one for each commit.
LEARNEDIDX_HYPOTHESIS chooses the profile: "short" (default), "ci" (default with `--whole`), "long"
or "sanitize".
"""

import importlib
import os
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROWS = ("scalar", "avx2", "avx512")
MOST_CASES = 10  # of a test that runs in all of them with --one-in too
ROOT = str(Path(__file__).resolve().parent.parent)

# The root goes last: `tests` and `datasets` are found there, but the source folder of the package,
# which has no compiled core, must not hide the installed one. It is imported at once, because
# pytest puts the root in front again for every module of tests.
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != ROOT] + [ROOT]
importlib.import_module("learnedidx")

for name, examples in {"short": 50, "ci": 300, "long": 2_000, "sanitize": 30}.items():
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )

# What fails is kept and tried first the next time. Git does not see it; a CI keeps this folder
# between its runs.
KEPT_EXAMPLES = Path(ROOT) / ".hypothesis" / "kept"

rows_run: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="every kernel row, more examples")
    parser.addoption("--rows", help="kernel rows: all, widest, or names")
    parser.addoption("--one-in", type=int, default=1, help="every N-th test of the batteries")
    parser.addoption("--part", type=int, default=0, help="which of N: 0 to N - 1")
    parser.addoption("--long", action="store_true", help="run the long tests too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes minutes; run with --long")
    config.addinivalue_line("markers", "whole: repeats what others cover in part; run with --whole")
    profile = "ci" if config.getoption("--whole") else "short"
    settings.load_profile(os.environ.get("LEARNEDIDX_HYPOTHESIS", profile))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out long tests and repetitions unless asked for, and what --one-in leaves out."""
    asked = config.getoption("-m") or ""
    off = [m for m in ("long", "whole") if not config.getoption(f"--{m}") and m not in asked]
    one_in: int = config.getoption("--one-in")
    part: int = config.getoption("--part")
    cases = Counter(name_of(item) for item in items)
    kept = [
        item
        for item in items
        if not any(map(item.get_closest_marker, off))
        and (cases[name_of(item)] <= MOST_CASES or is_in_part(item.nodeid, one_in, part))
    ]
    left_out = set(items) - set(kept)
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = kept


def name_of(item: pytest.Item) -> str:
    """Return the name of a test without its case."""
    return item.nodeid.partition("[")[0]


def is_in_part(case: str, one_in: int, part: int) -> bool:
    """Tell whether a case is in one of so many parts."""
    return zlib.crc32(case.encode()) % one_in == part


def wanted_rows(config: pytest.Config) -> tuple[str, ...]:
    """Return the kernel rows that --rows names."""
    option = config.getoption("--rows") or ("all" if config.getoption("--whole") else "widest")
    if option == "all":
        return ROWS
    return (available_rows()[-1],) if option == "widest" else tuple(option.split(","))


def available_rows() -> list[str]:
    """Return the kernel rows that this CPU can run, the narrowest first."""
    from learnedidx._core import kernels

    return sorted(kernels.available(), key=ROWS.index)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever asks for `kernel_row` once on every row that is wanted and that this CPU has."""
    if "kernel_row" in metafunc.fixturenames:
        wanted = wanted_rows(metafunc.config)
        there = available_rows()
        metafunc.parametrize("kernel_row", [row for row in wanted if row in there], indirect=True)


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    """Let each test hear of a move to sortedcontainers, which is told once a process."""
    if module := sys.modules.get("learnedidx.containers.objects"):
        module.__dict__["has_warned"] = False


@pytest.fixture
def kernel_row(request: pytest.FixtureRequest) -> Iterator[str]:
    """Switch this process to one kernel row, and back afterwards."""
    from learnedidx._core import kernels

    row: str = request.param
    before = kernels.active()
    request.node.user_properties.append(("kernel row", row))
    kernels.use(row)
    yield row
    kernels.use(before)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the rows from the reports, so that parallel workers are counted too."""
    if report.when != "teardown":
        return
    for name, value in report.user_properties:
        if name == "kernel row":
            rows_run[str(value)] += 1


def missing_rows() -> list[str]:
    """Return the rows that must run according to the environment and did not."""
    required = os.environ.get("LEARNEDIDX_REQUIRE_ROWS", "").split(",")
    return [row for row in required if row and not rows_run[row]]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    is_worker = hasattr(session.config, "workerinput")
    if missing_rows() and not is_worker and not session.config.option.collectonly:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran on each kernel row, and which rows did not run at all."""
    if not (rows_run or missing_rows()):
        return
    terminalreporter.section("kernel rows")
    for row, tests in rows_run.items():
        terminalreporter.write_line(f"{row}: {tests} tests ran")
    there = available_rows()
    for row in wanted_rows(terminalreporter.config):
        if row not in there:
            terminalreporter.write_line(f"{row}: NOT RUN, this CPU lacks it")
    for row in missing_rows():
        terminalreporter.write_line(f"{row}: REQUIRED, but no test ran on it", red=True)


@pytest.fixture
def closed_figures() -> Iterator[None]:
    """Leave no figure behind, and let no warning pass."""
    import matplotlib.pyplot as plt

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


@pytest.fixture
def empty_store() -> Iterator[None]:
    """Let fsspec have no files in memory, before and after."""
    from fsspec.implementations.memory import MemoryFileSystem

    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    yield
    MemoryFileSystem.store.clear()
