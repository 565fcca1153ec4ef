"""The frame of the bench_*.py suites: which keys, which contenders, and the memory table.

``--keys FILE.npy`` runs every suite on anyone's own keys.
"""

from pathlib import Path

import pytest

from benchmarks import keysets
from benchmarks.contenders import Contender, defaults, make
from benchmarks.keysets import KeySet
from benchmarks.tables import Table

SIZES = "1000000"
DATASETS = "uniform,lognormal,osm"
QUERIES = 200_000

MEMORY = pytest.StashKey[dict[str, Table]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare where keys come from."""
    group = parser.getgroup("learnedidx benchmarks")
    group.addoption("--keys", metavar="FILE.npy", help="run on these keys instead of data sets")
    group.addoption("--datasets", default=DATASETS, help="names of data sets, with commas between")
    group.addoption("--sizes", default=SIZES, help="numbers of keys, with commas between")
    group.addoption("--queries", type=int, default=QUERIES, help="queries in a batch")
    group.addoption("--contenders", default=",".join(defaults()), help="names, commas between")


def pytest_configure(config: pytest.Config) -> None:
    """Prepare what the summary shows."""
    config.stash[MEMORY] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every suite the chosen key sets and contenders, key sets outermost."""
    config = metafunc.config
    if "keyset" in metafunc.fixturenames:
        specs = _key_specs(config)
        metafunc.parametrize("keyset", specs, ids=_spec_id, indirect=True, scope="session")
    if "contender" in metafunc.fixturenames:
        names = _list(config, "--contenders")
        metafunc.parametrize("contender", names, indirect=True, scope="session")


def _key_specs(config: pytest.Config) -> list[tuple[str, int | None]]:
    if config.getoption("--keys"):
        return [(str(config.getoption("--keys")), None)]
    sizes = [int(size) for size in _list(config, "--sizes")]
    return [(name, size) for name in _list(config, "--datasets") for size in sizes]


def _spec_id(spec: tuple[str, int | None]) -> str:
    name, size = spec
    return Path(name).stem if size is None else f"{name}-{size}"


def _list(config: pytest.Config, option: str) -> list[str]:
    return [part for part in str(config.getoption(option)).split(",") if part]


@pytest.fixture(scope="session")
def keyset(request: pytest.FixtureRequest) -> KeySet:
    """Load one key set."""
    name, size = request.param
    return keysets.from_file(name) if size is None else keysets.from_name(name, size)


@pytest.fixture(scope="session")
def contender(request: pytest.FixtureRequest, keyset: KeySet) -> Contender:
    """Make one contender that can hold the keys, or skip and say why."""
    made = make(request.param)
    if why_not := made.missing() or made.refuses(keyset.keys):
        pytest.skip(f"{made.label}: {why_not}")
    return made


@pytest.fixture(scope="session")
def built(contender: Contender, keyset: KeySet) -> Contender:
    """Build the contender over the key set."""
    contender.build(keyset.keys)
    return contender


@pytest.fixture
def memory_table(request: pytest.FixtureRequest, keyset: KeySet) -> Table:
    """Collect the rows that are shown when all suites have run."""
    tables = request.config.stash[MEMORY]
    columns = ["contender", "its own count", "growth", "peak growth"]
    return tables.setdefault(keyset.label, Table(f"memory · {keyset.label}", columns))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the memory tables."""
    for table in config.stash[MEMORY].values():
        terminalreporter.write_line("")
        terminalreporter.write(table.plain())
