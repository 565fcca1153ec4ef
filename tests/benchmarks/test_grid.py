"""The grid: what it consists of, how it resumes, and what its page says."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from benchmarks import keysets
from benchmarks.checks import WrongAnswerError
from benchmarks.grid import __main__ as command
from benchmarks.grid import cells, records, report, timing
from benchmarks.grid.cells import Place
from benchmarks.keysets import KeySet
from tests.benchmarks.grid_lines import line, times

TINY = ["--sets", "uniform", "--sizes", "8", "100", "--batches", "1", "64"]


def test_the_grid_is_what_was_promised() -> None:
    assert {0, 1, 2, 8, 64, *(10**power for power in range(3, 9))} <= set(cells.SIZES)
    assert set(cells.BATCHES) == {1, 8, 64, 10**3, 10**5, 10**7}
    assert set(datasets.names()) <= set(cells.SETS)
    listed = list(cells.places(cells.SETS, cells.SIZES))
    assert len(listed) == len(set(listed))
    assert {place.keys for place in listed if place.n > 11 * 10**6} == set(cells.LARGE_SETS)
    assert Place("ip4_asn", 10**5) in listed and Place("ip4_asn", 10**6) not in listed
    assert (cells.rounds_of(10**5), cells.rounds_of(10**7)) == (11, 3)


@pytest.mark.parametrize("name", cells.SETS)
@pytest.mark.parametrize("n", [0, 1, 2, 8, 64])
def test_every_set_has_few_keys_too(name: str, n: int) -> None:
    try:
        keys = cells.load(Place(name, n)).keys
    except (FileNotFoundError, ModuleNotFoundError) as error:  # the set, or what reads it
        pytest.skip(str(error))
    assert len(keys) == n
    assert bool((keys[1:] >= keys[:-1]).all())
    assert keys.dtype == (name.partition("@")[2] or keys.dtype)


def test_a_set_that_is_smaller_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    few = KeySet("ip4_asn", np.arange(5))
    monkeypatch.setattr(keysets, "from_name", lambda *_: few)
    with pytest.raises(ValueError, match="the set has 5 keys"):
        cells.load(Place("ip4_asn", 6))


@pytest.mark.parametrize("dtype", ["uint64", "uint16"])
def test_every_structure_is_built_checked_and_timed(dtype: str) -> None:
    keys = KeySet("k", np.sort(np.random.default_rng(1).integers(0, 9999, 500, dtype)))
    built = timing.build(keys.keys)
    expected = {timing.NUMPY, *timing.MODELS} - ({"direct"} if dtype == "uint64" else set())
    assert built.answers.keys() == expected
    assert built.auto in timing.MODELS
    assert set(built.why_not) == ({"direct"} if dtype == "uint64" else set())
    timing.check(built, timing.queries_for(keys, 2_000, 1))
    for batch in (1, 1_000):
        taken = timing.time_cell(built, keys, batch, 1)
        assert taken.keys() == expected
        assert {len(each) for each in taken.values()} == {cells.rounds_of(batch)}
    built.answers["rmi"] = lambda queries: np.zeros(len(queries), np.intp)
    with pytest.raises(WrongAnswerError, match="rmi"):
        timing.check(built, timing.queries_for(keys, 2_000, 1))


def test_a_run_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [*TINY, "--write", "--file", str(tmp_path / "grid.jsonl")]
    asked: list[tuple[str, int]] = []
    time_cell = timing.time_cell

    def stopping(built: Any, keyset: Any, batch: int, seed: int) -> Any:
        asked.append((f"{len(keyset.keys)}", batch))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return time_cell(built, keyset, batch, seed)

    monkeypatch.setattr(timing, "time_cell", stopping)
    assert command.main(options) == 130
    assert "stopped" in capsys.readouterr().err
    cells_there = records.read(tmp_path / "grid.jsonl").cells.values()
    assert [(cell.place, cell.batch) for cell in cells_there] == [(Place("uniform", 8), 1)]
    assert command.main(options) == 0
    assert asked == [("8", 1), ("8", 64), ("8", 64), ("100", 1), ("100", 64)]
    assert command.main(options) == 0
    assert len(asked) == 5
    assert command.main([*options, "--again", "--sizes", "8"]) == 0
    assert len(asked) == 7
    assert command.main([*options, "--again", "--seconds", "1e-9"]) == 0
    assert len(asked) <= 8


def test_another_machine_or_version_is_measured_anew() -> None:
    grid = records.merged([line("uniform", 8, "rmi", numpy=2, rmi=1)])
    card = {"cpu": "a", "numpy": "2", "commit": "d"}
    assert records.done(grid, card) == {(Place("uniform", 8), 1000)}
    assert records.done(grid, card | {"numpy": "3"}) == set()


def test_a_spoiled_line_is_named_and_the_others_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "grid.jsonl"
    good = line("uniform", 8, "rmi", numpy=2, rmi=1)
    uneven = line("uniform", 9, "rmi", numpy=2, rmi=1)
    uneven["cells"]["1000"]["rmi"].pop()
    never = line("uniform", 9, "rmi", numpy=2, rmi=0)
    without = {key: value for key, value in good.items() if key != "auto"}
    spoiled = ['{"machine"', "7", json.dumps(uneven), json.dumps(never), json.dumps(without)]
    file.write_text("\n".join([*spoiled, json.dumps(good)]) + "\n", encoding="utf-8")
    found = records.read(file)
    assert [text.partition(":")[0] for text in found.spoiled] == [
        f"grid.jsonl, line {number}" for number in range(1, 6)
    ]
    assert list(found.cells) == [(Place("uniform", 8), 1000, "a")]
    assert command.main(["--show", "--file", str(file)]) == 0
    assert "grid.jsonl, line 3: ValueError" in capsys.readouterr().out
    assert "spoiled: grid.jsonl, line 1" in report.markdown(found)


def test_a_line_cut_short_does_not_spoil_the_next(tmp_path: Path) -> None:
    file = tmp_path / "grid.jsonl"
    file.write_text('{"mach', encoding="utf-8")
    records.append(line("uniform", 8, "rmi", numpy=2, rmi=1), file)
    found = records.read(file)
    assert (len(found.cells), len(found.spoiled)) == (1, 1)


def test_processors_are_not_mixed() -> None:
    other = line("uniform", 8, "rmi", numpy=8, rmi=9)
    other["machine"] = {"cpu": "b", "commit": "e"}
    grid = records.merged([line("uniform", 8, "rmi", numpy=2, rmi=1), other])
    of = {
        cpu: [c.times["rmi"][1] for c in g.cells.values()] for cpu, g in grid.by_processor().items()
    }
    assert of == {"a": [1], "b": [9]}
    page = report.markdown(grid)
    first, second = page.index("## a\n"), page.index("## b\n")
    assert first < page.index("rmi 1.00 / 0.50") < second < page.index("rmi 1.00 / 1.12")


def test_of_a_processor_the_newest_cell_counts() -> None:
    again = line("uniform", 8, "rmi", numpy=2, rmi=3)
    again["machine"] = {**again["machine"], "commit": "later"}
    grid = records.merged([line("uniform", 8, "rmi", numpy=2, rmi=1), again])
    assert [cell.times["rmi"][1] for cell in grid.cells.values()] == [3]


def test_asking_auto_again_keeps_what_was_measured() -> None:
    again = line("uniform", 8, "btree8")
    again["bytes"] = {}
    grid = records.merged([line("uniform", 8, "rmi", numpy=2, rmi=1, btree8=1), again])
    assert grid.places[Place("uniform", 8)].auto == "btree8"
    assert grid.places[Place("uniform", 8)].nbytes == {"rmi": 7}
    assert len(grid.cells) == 1


def test_auto_is_asked_again_where_it_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "grid.jsonl"
    for n in (64, 1000):
        records.append(line("osm", n, "pgm", numpy=2, pgm=1, btree8=1, btree16=1), file)
    assert command.main(["--choices", "--sizes", "1000", "--file", str(file)]) == 0
    grid = records.read(file)
    assert [grid.places[Place("osm", n)].auto for n in (64, 1000)] == ["pgm", "btree8"]
    assert len(grid.cells) == 2


@pytest.mark.parametrize(
    ("auto", "fastest", "n", "said"),
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
def test_a_loss_has_a_cause(auto: str, fastest: str, n: int, said: str) -> None:
    taken = times(numpy=1, **{auto: 3}) | times(**{fastest: 2})
    one = report.verdict(records.Cell(Place("k", n), 1000, taken, {}), auto)
    assert not one.holds
    assert said in report.cause(one)


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
    cell = records.Cell(Place("k", 9), batch, times(numpy=3, rmi=rmi, btree8=1), {})
    one = report.verdict(cell, "rmi")
    assert one.holds == (not said)
    assert one.why().endswith(said)


def test_the_page_names_what_fails_and_what_is_missing() -> None:
    grid = records.merged(
        [
            line("uniform", 1000, "rmi", numpy=8, rmi=3, btree8=2),
            line("osm", 1000, "btree8", numpy=8, rmi=3, btree8=2),
        ]
    )
    page = report.markdown(grid)
    assert "- uniform 1,000, batches of 1,000: rmi takes 1.50 of btree8, at most 1.15" in page
    assert "| uniform |" in page and "**rmi 1.50 / 0.38**" in page
    assert "btree8 1.00 / 0.25" in page and "**btree8" not in page
    assert "1 of 2 cells hold" in page
    assert "#### Near a border of the rule, or noise: 1" in page
    assert "- 100,000,000 keys: above 10,000,000 keys only uniform, lognormal, osm:" in page
    assert "not measured yet" in page


def test_the_committed_page_is_that_of_the_committed_grid() -> None:
    page = records.FILE.with_suffix(".md").read_text(encoding="utf-8")
    absent = re.compile(r"### Not there\n.*?(?=\n## |\Z)", re.DOTALL)  # grows with the registry
    assert absent.sub("", page) == absent.sub("", report.markdown(records.read(records.FILE)))


@pytest.mark.parametrize("options", [["--sizes", "1.5"], ["--sets", "nothing"], ["--sizes", "-1"]])
def test_what_is_no_cell_is_refused(options: list[str]) -> None:
    with pytest.raises(SystemExit):
        command.parse(options)


def test_a_quick_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "grid.jsonl"
    assert command.main(["--quick", "--write", "--file", str(file)]) == 0
    assert not file.exists()
    assert "mean nothing" in capsys.readouterr().out
