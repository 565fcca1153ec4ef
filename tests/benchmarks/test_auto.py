"""The suite `auto`: what it consists of, what it measures, and what its report says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from benchmarks import __main__ as command
from benchmarks import keysets, record
from benchmarks.checks import WrongAnswerError
from benchmarks.keysets import KeySet
from benchmarks.plan import FULL, TINY, Cell, Place
from benchmarks.report import auto as report
from benchmarks.suite import Subject
from benchmarks.suites import auto
from tests.benchmarks.fakes import auto_lines, cell, times


def test_all_is_measured_that_was_promised() -> None:
    assert {0, 1, 2, 8, 64, *(10**power for power in range(3, 9))} <= set(auto.SIZES)
    assert [cell.batch for cell in auto.cells(FULL)] == [0, 1, 8, 64, 10**3, 10**5, 10**7]
    assert set(datasets.names()) | report.HELD_OUT <= set(auto.SETS)
    listed = auto.places(FULL)
    assert len(listed) == len(set(listed))
    assert {place.keys for place in listed if (place.n or 0) > 10**7} == set(auto.LARGE_SETS)
    assert {n for name, n in listed if name == "flights_3m"} >= {10**6, None}
    assert Place("flights_3m", 3 * 10**6) not in listed and Place("ip4_asn", 10**6) not in listed
    assert auto.places(TINY) == [Place(name, n) for n in TINY.sizes for name in TINY.sets]


@pytest.mark.parametrize("name", auto.SETS)
@pytest.mark.parametrize("n", [0, 1, 2, 8, 64])
def test_every_set_has_few_keys_too(name: str, n: int) -> None:
    try:
        keys = keysets.from_name(name, n).keys
    except (FileNotFoundError, ModuleNotFoundError) as error:  # the set, or what reads it
        pytest.skip(str(error))
    assert len(keys) == n
    assert bool((keys[1:] >= keys[:-1]).all())
    assert keys.dtype == (name.partition("@")[2] or keys.dtype)


@pytest.mark.parametrize("dtype", ["uint64", "uint16"])
@pytest.mark.parametrize("n", [0, 500])
def test_every_structure_is_built_checked_and_timed(dtype: str, n: int) -> None:
    keys = KeySet("k", np.sort(np.random.default_rng(1).integers(0, 9999, n, dtype)))
    subject = Subject(keys, auto.AUTO.contenders)
    expected = {"numpy", *auto.STRUCTURES} - ({"direct"} if dtype == "uint64" else set())
    chosen = auto.measure(subject, auto.CHOOSE, TINY)
    assert chosen.times.keys() == expected - {"numpy"} | {"auto"}
    assert set(chosen.missing) == ({"direct"} if dtype == "uint64" else set())
    assert chosen.facts["chose"] in auto.STRUCTURES and "stages" in chosen.facts["seen"]
    for batch in (1, 1_000):
        timed = auto.measure(subject, Cell("auto", "mixed", batch), TINY)
        assert timed.times.keys() == expected
        assert {len(each) for each in timed.times.values()} == {TINY.rounds}
    subject.entries[1].contender.scalar = lambda queries: np.full(len(queries), 7, np.intp)
    with pytest.raises(WrongAnswerError, match="rmi"):
        auto.measure(subject, Cell("auto", "mixed", 64), TINY)


def test_the_command_measures_and_asks_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.jsonl"
    asked = ["run", "auto", "--sets", "osm@uint32", "--sizes", "64", "--rounds", "2"]
    asked += ["--file", str(file)]
    for more, cells in ((["8"], 2), (["8"], 2), (["8", "64"], 3), (["--again"], 4)):
        assert command.main([*asked, "--batches", *more]) == 0
        assert sum(map(record.is_cell, record.read(file))) == cells
    assert "auto chose btree16" in capsys.readouterr().out
    assert command.main(["report", "--auto", "--file", str(file)]) == 0
    assert "of 2 cells of narrow keys hold" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        command.main([*asked, "--sizes", "1.5"])
    assert command.main(["run", "auto", "files", "--keep"]) == 2
    assert command.make_run(command.parse(["run", "auto", "--keep"])).file == record.AUTO


def test_of_a_processor_the_newest_cell_counts_and_processors_are_not_mixed() -> None:
    again = auto_lines("uniform", 8, "btree8", numpy=2, rmi=3, btree8=3)
    first = auto_lines("uniform", 8, "rmi", numpy=2, rmi=1)
    other = auto_lines("uniform", 8, "btree8", card="b", numpy=8, rmi=9, btree8=9)
    found = report.merged([*first, *again, *other, *auto_lines("uniform", 8, "rmi")])
    assert [(one.cpu, one.times["rmi"][1]) for one in found] == [("a", 3), ("b", 9)]
    assert {one.auto for one in found} == {"rmi"}  # what was asked last
    page = report.page(found)
    first_part, second = page.index("## a\n"), page.index("## b\n")
    assert first_part < page.index("rmi 1.00 / 1.50") < second < page.index("rmi 1.00 / 1.12")


@pytest.mark.parametrize(
    ("chose", "fastest", "n", "said"),
    [
        ("btree16", "pgm", 10**6, "longer to fit"),
        ("btree16", "radix_spline", 10**6, "longer to fit"),
        ("btree16", "btree8", 10**6, "one size of node"),
        ("btree8", "btree16", 10**6, "one size of node"),
        ("btree16", "direct", 10**6, "memory"),
        ("btree16", "rmi", 10**6, "near a border"),
        ("btree16", "rmi", 10**4, "to build beside so few"),
        ("none", "none", 10**6, "surrounds the search"),
    ],
)
def test_a_loss_has_a_cause(chose: str, fastest: str, n: int, said: str) -> None:
    taken = times(numpy=1, **{chose: 3}) | times(**{fastest: 2})
    one = report.Cell(cell("k", n, 1000) | {"times": taken}, report.Known("uint64", {}, chose))
    assert not one.holds
    assert said in one.cause()


@pytest.mark.parametrize(
    ("rmi", "batch", "said"),
    [
        (1.0, 1000, ""),
        (1.14, 1000, ""),
        (1.2, 1000, "1.20 of btree8, at most 1.15"),
        (1.2, 64, ""),
        (1.5, 64, "1.50 of btree8, at most 1.4"),
        (3.6, 64, "1.20 of np.searchsorted, at most 1.15"),
    ],
)
def test_a_cell_holds_within_both_limits(rmi: float, batch: int, said: str) -> None:
    taken = times(numpy=3, rmi=rmi, btree8=1)
    one = report.Cell(cell("k", 9, batch) | {"times": taken}, report.Known("uint64", {}, "rmi"))
    assert one.holds == (not said)
    assert one.why().endswith(said)


def test_the_page_names_what_fails_and_what_is_missing() -> None:
    taken: Any = {"numpy": 8, "rmi": 3, "btree8": 2}
    lines = auto_lines("uniform", 1000, "rmi", **taken) + auto_lines("two", 1000, "btree8", **taken)
    page = report.page(report.merged(lines))
    assert "- uniform 1,000, batches of 1,000: rmi takes 1.50 of btree8, at most 1.15" in page
    assert "| uniform |" in page and "**rmi 1.50 / 0.38**" in page
    assert "btree8 1.00 / 0.25" in page and "**btree8" not in page
    assert "1 of 2 cells hold" in page and "1 of 1 cells of key sets held out of the fit" in page
    assert "#### Near a border of the rule, or noise: 1" in page
    assert "- 100,000,000 keys: above 10,000,000 keys only uniform, lognormal, osm:" in page
    assert "- 1,000 keys, batches of 1, 8, 64, 100 k, 10 M: not measured yet: uniform, two" in page


def test_the_committed_page_is_that_of_the_committed_records() -> None:
    page = record.AUTO.with_suffix(".md").read_text(encoding="utf-8")
    absent = re.compile(r"### Not there\n.*?(?=\n## |\Z)", re.DOTALL)  # grows with the registry
    assert absent.sub("", page) == absent.sub("", report.page(report.read()))
