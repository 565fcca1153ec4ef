"""What is required: suites give what figures are made of, and tables say what is met."""

import dataclasses
import itertools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import record
from benchmarks.contenders.library import library
from benchmarks.plan import JUDGED, REQUIRED, TINY, TRAPS, Cell, Place
from benchmarks.report.measured import Measured
from benchmarks.required import tables
from benchmarks.required.figures import NOT_MEASURED, Figure, beside, beside_latency, worst
from benchmarks.required.floors import FIGURES, MIXED, Required
from benchmarks.rounds import Ratio
from benchmarks.suite import Bound, Subject
from benchmarks.suites import GROUPS, SUITES, variants
from datasets import text
from tests.benchmarks.fakes import line

PLAN = dataclasses.replace(REQUIRED, queries=2_000, rounds=1)
KEYS = variants.trap("uniform", 20_000, 1)
CELL = Cell("some")

pytestmark = pytest.mark.skipif(
    shutil.which("g++") is None, reason="no C++ compiler: apt-get install g++"
)


def cells_of(**times: list[float]) -> dict[Cell, Measured]:
    return {CELL: Measured(line(times=times, missing={"trie": "not installed"}))}


COMPILED = pytest.param("latency", marks=pytest.mark.whole)  # which takes most of a minute
MEASURED = [  # text has tests of its own
    COMPILED if name == "latency" else name for name in GROUPS["required"] if name != "text"
]


@pytest.mark.parametrize("name", MEASURED)
def test_a_suite_measures_what_its_figures_are_made_of(name: str) -> None:
    keyset = variants.trap("fb", 2_000, 1) if name == "traps" else KEYS
    subject = Subject(keyset, SUITES[name].contenders or REQUIRED.contenders)
    cells: dict[Cell, Measured] = {}
    for cell in SUITES[name].cells(REQUIRED):
        fewer = cell._replace(batch=min(cell.batch, 1_000))
        timed = SUITES[name].measure(subject, fewer, PLAN)
        one = line(n=len(keyset.keys), times=timed.times, missing=timed.missing, **timed.facts)
        cells[cell] = Measured(one | cell._asdict())
    missing = {why for each in cells.values() for why in each.missing.values()}
    if absent := {why for why in missing if why.startswith("not installed: pip")}:
        pytest.skip("; ".join(absent))
    found = [one.find(cells) for one in FIGURES]
    figures = [one for one in found if isinstance(one, Figure)]
    assert all(np.isfinite(one.ratio.median) for one in figures)
    wanted = {"singles": 0, "sorted": 1, "builds": 3, "lookups": 7, "published": 4, "traps": 3}
    wanted |= {"latency": 5, "threads": 5, "merges": 1, "formats": 8, "batches": 8}
    rows = set(library()._core.kernels.available())
    assert len(figures) == wanted.get(name, 2 * len(rows - {"avx512"}) * ("avx512" in rows))


def test_places_and_bounds_are_those_of_the_plan() -> None:
    places = {place for name in GROUPS["required"] for place in SUITES[name].places(REQUIRED)}
    assert {place.keys for place in places} == {*JUDGED, *TRAPS, *text.names()}
    assert all(one.bounds and places >= one.bounds.keys() for one in FIGURES)
    few = dataclasses.replace(REQUIRED, sets=("uniform",), sizes=(10**6,))
    assert list(few.places()) == list(SUITES["merges"].places(few)) == [Place("uniform", 10**6)]
    assert list(SUITES["traps"].places(few)) == []
    assert len(list(SUITES["traps"].places(TINY))) == len(TRAPS)
    best = FIGURES[0].bounds
    assert best[Place("lognormal", 10**7)] == Bound(9, 12)
    assert best[Place("osm", 5 * 10**7)] == best[Place("gshhg_coast", None)] == Bound(6)
    assert best[Place("geonames_morton", None)] == Bound(3)
    assert Place("fb", 10**7) not in best


@pytest.mark.parametrize(
    ("faster", "median", "verdict"),
    [(True, 3.9, "NOT MET"), (True, 4, "met"), (True, 6, "aim"), (False, 4, "aim")],
)
def test_a_median_meets_the_floor_or_the_aim(faster: bool, median: float, verdict: str) -> None:
    place = Place("uniform", 10**6)
    required = Required("times faster" * faster, worst([]), {place: Bound(4, 6)})
    assert tables.Line(required, place, Figure(Ratio(median, 1, 9), "")).verdict == verdict


def test_ratios_point_the_way_their_names_say_and_what_is_missing_says_why() -> None:
    cells = cells_of(ours=[10.0, 20.0, 40.0], rival=[20.0, 80.0, 80.0])
    found = beside(("ours", "none"), "rival", CELL)
    text = "ours 20.0, rival 80.0"
    for faster, wanted in ((False, Ratio(0.5, 0.25, 0.5)), (True, Ratio(2.0, 2.0, 4.0))):
        assert Required("times faster" * faster, found, {}).figure(cells) == Figure(wanted, text)
    cells[CELL].nbytes = {"ours": 9, "none": 1, "rival": 10}
    assert (
        beside(("ours", "none"), "rival", CELL, light=True)(cells) == "no none there"
    )  # half of the bytes
    assert beside("trie", "rival", CELL)(cells) == "not installed"
    assert beside("ours", "tire", CELL)(cells) == "no tire there"
    assert found({}) == worst([found])({}) == NOT_MEASURED


def test_a_call_may_take_the_latency_and_four_empty_calls() -> None:
    times = {"loop int": [2.0], "empty int": [7.0], "in int": [62.0], "rmi": [100.0]}
    for loop, ratio in ((2.0, 0.5), (32.0, 0.3)):  # (62 - 2) / (100 + 4 * (7 - 2)); 30 / 100
        figure = beside_latency("in", "int", CELL)(cells_of(**times | {"loop int": [loop]}))
        assert figure[0] == (ratio, ratio, ratio)  # no empty call takes less than nothing


def test_another_row_of_kernels_is_in_use_only_meanwhile() -> None:
    kernels = library()._core.kernels
    before = kernels.active()
    try:
        kernels.use("scalar")
        SUITES["rows"].measure(Subject(KEYS, variants.MODELS), Cell("rows"), PLAN)
        assert kernels.active() == "scalar"
    finally:
        kernels.use(before)


def test_the_newest_card_of_a_processor_counts_and_what_none_measured_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.jsonl"
    one: dict[str, Any] = {"set": "uniform", "n": 10**7, "length": 10**7, **MIXED._asdict()}
    for card, cpu, ours in (("a", "x", 5.0), ("b", "y", 1.0), ("c", "x", 10.0)):
        record.append({"card": card, "machine": {"cpu": cpu, "commit": "c"}}, file)
        times = {"btree8": [ours], "numpy": [100.0]}
        record.append({"card": card, **one, "times": times, "missing": {}}, file)
    best = [line for line in tables.lines(record.read(file)) if line.required is FIGURES[0]]
    assert {line.card: line.verdict for line in best} == {"c": "met", "b": "aim", "-": "missing"}
    assert command.main(["report", "--required", "--file", str(file)]) == 0
    assert "4 of" in (shown := capsys.readouterr().out)
    assert "card c: x · commit c" in shown
    assert command.main(["report", "--required", "--markdown", "--file", str(file)]) == 0
    page = capsys.readouterr().out
    row = "| uniform 10 M | 10 | (10-10) | ≥ 9 | ≥ 12 | met | btree8 10.0, numpy 100 | c |"
    assert row in page
    assert "| osm 50 M | missing | - | ≥ 6 | - | missing | not measured | - |" in page


@pytest.mark.whole
@pytest.mark.parametrize("loop", ["merge", "merge_branchless"])
def test_the_merges_in_cpp_answer_as_numpy_does(loop: str) -> None:
    edges = np.array([0, 5, 5, 9, 2**64 - 1], np.uint64)
    for n, count in itertools.product(range(6), range(6)):
        variants.merged(loop, edges[:n], edges[5 - count :]).action()


def test_outliers_are_where_they_are_said_to_be() -> None:
    one, many = (variants.trap(name, 1_000, 1).keys for name in ("one_outlier", "many_outliers"))
    assert [np.count_nonzero(drawn >= 2**40) for drawn in (one, many)] == [1, 10]
    assert all(bool((drawn[1:] >= drawn[:-1]).all()) for drawn in (one, many))
