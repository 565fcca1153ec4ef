"""The frame of the bench_*.py suites: which keys, and which contenders.

``--keys FILE.npy`` runs every suite on anyone's own keys.
"""

from pathlib import Path

import pytest

from benchmarks import keysets
from benchmarks.contenders import defaults
from benchmarks.keysets import KeySet
from benchmarks.suite import Subject


def pytest_addoption(parser: pytest.Parser) -> None:
    add = parser.getgroup("learnedidx benchmarks").addoption
    add("--keys", metavar="FILE.npy", help="run on these keys instead of data sets")
    add("--datasets", default="uniform,lognormal,osm", help="data sets, with commas between")
    add("--sizes", default="1000000", help="numbers of keys, with commas between")
    add("--queries", type=int, default=200_000, help="queries in a batch")
    add("--contenders", default=",".join(defaults()), help="names, commas between")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every suite the chosen key sets and contenders, key sets outermost."""

    def listed(option: str) -> list[str]:
        return [part for part in str(metafunc.config.getoption(option)).split(",") if part]

    if "keyset" in metafunc.fixturenames:
        names = [f"{name}-{n}" for name in listed("--datasets") for n in listed("--sizes")]
        own = metafunc.config.getoption("--keys")
        ids, each = ([Path(own).stem], [own]) if own else (names, names)
        metafunc.parametrize("keyset", each, ids=ids, indirect=True, scope="session")
    if "subject" in metafunc.fixturenames:
        metafunc.parametrize("subject", listed("--contenders"), indirect=True, scope="session")


@pytest.fixture(scope="session")
def keyset(request: pytest.FixtureRequest) -> KeySet:
    if request.config.getoption("--keys"):
        return keysets.from_file(request.param)
    name, _, size = request.param.rpartition("-")
    return keysets.from_name(name, int(size))


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest, keyset: KeySet) -> Subject:
    """Build one contender that can hold the keys, or skip and say why."""
    made = Subject(keyset, [request.param])
    if made.reasons:
        pytest.skip(str(made.reasons))
    return made
