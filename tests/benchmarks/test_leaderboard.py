"""The leaderboard: its plan, its file that survives stops, and bad contenders."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from benchmarks import keysets
from benchmarks.checks import WrongAnswerError
from benchmarks.keysets import KeySet
from benchmarks.leaderboard import __main__ as command
from benchmarks.leaderboard import counts, energy, measured, records, room, run
from benchmarks.leaderboard.card import card, identity
from benchmarks.leaderboard.clock import Clock
from benchmarks.leaderboard.plan import (
    CONTENDERS,
    FULL,
    MANY_KEYS,
    PLANS,
    SMALL,
    TINY,
    Block,
    Cell,
    seconds_expected,
)
from benchmarks.report import boards, details
from benchmarks.session import Entry
from benchmarks.workloads import WORKLOADS
from tests.benchmarks.fakes import Absent, OneOff, Right

KEYS = KeySet("uniform", datasets.load("uniform", n=3_000, seed=1))
BATCH = Cell("batch", "mixed", 100)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "board.jsonl"


@pytest.fixture(autouse=True)
def _one_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask the machine once: a card reads all files of the library."""
    known = {"cpu": "a", "numpy": "2", "date": "2026-01-01", "commit": "c"}
    monkeypatch.setattr(run, "card", lambda: dict(known))
    return iter([None])


def go(file: Path, *more: str) -> int:
    """Run the smallest block with two contenders."""
    which = ["--plan", "tiny", "--sets", "uniform", "--sizes", "2000"]
    return command.main([*which, "--contenders", "rmi", "numpy", "--file", str(file), *more])


def cell_of(card: str) -> records.Record:
    """Make the line of one cell."""
    keys = {"set": "uniform", "n": 10, "length": 10, "dtype": "uint64"}
    return {"card": card, **keys, "verb": "build", "rounds": 1, "times": {}, "missing": {}}


def cells(file: Path) -> list[records.Record]:
    return [one for one in records.read(file) if records.is_cell(one)]


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.name)
def test_a_plan_names_what_there_is_and_nothing_twice(plan: Any) -> None:
    blocks = list(plan.blocks())
    assert len(blocks) == len(set(blocks)) > 0
    assert len(plan.cells()) == len(set(plan.cells()))
    assert {block.keys for block in blocks} == set(plan.sets) <= set(datasets.names())
    assert {cell.workload for cell in plan.cells()} - {""} <= WORKLOADS.keys()
    assert all(seconds_expected(cell, 10**6, plan) > 0 for cell in plan.cells())


def test_the_full_plan_has_every_set_and_few_of_the_largest_sizes() -> None:
    blocks = list(FULL.blocks())
    assert {block.keys for block in blocks} == set(datasets.names())
    assert {block.keys for block in blocks if (block.n or 0) > 10**7} == set(MANY_KEYS)
    asked = {cell.batch for cell in FULL.cells() if cell.workload == "mixed"}
    assert {0, 1, 8, 64, 1_000, 10**5, 10**7} <= asked
    assert set(SMALL.sets) <= set(FULL.sets)


def test_a_second_run_measures_nothing_again(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(file) == 0
    before = file.read_text()
    assert len(cells(file)) == len(TINY.cells())
    assert set(cells(file)[0]["times"]) == {"rmi", "numpy", "sorted?"}
    assert go(file) == 0
    assert file.read_text() == before
    assert "0 cells to measure" in capsys.readouterr().err


def test_another_contender_or_more_rounds_are_measured(file: Path) -> None:
    assert go(file) == 0
    done = len(cells(file))
    assert go(file, "--contenders", "rmi", "numpy", "btree8") == 0
    assert len(cells(file)) == 2 * done
    found = records.newest_cells(records.read(file), cells(file)[0]["card"])
    assert records.is_done(found, Block("uniform", 2000), Cell("build"), 2)
    assert not records.is_done(found, Block("uniform", 2000), Cell("build"), 3)


def test_a_stop_keeps_what_was_measured(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = measured.measure, []

    def stops(*args: Any) -> Any:
        calls.append(args[2])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(run, "measure", stops)
    assert go(file) == 130
    assert [records.place(one)[2] for one in cells(file)] == calls[:2]
    assert go(file) == 0
    assert sorted(map(records.place, cells(file))) == sorted(
        ("uniform", 2000, cell) for cell in TINY.cells()
    )


def test_the_minutes_end_a_run_between_two_cells(file: Path) -> None:
    assert go(file, "--minutes", "0") == 0
    assert cells(file) == []


def test_another_version_is_another_card(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert go(file) == 0
    known = command.make_run(command.parse([])).card
    for field, value in {"date": "2027-01-01", "commit": "d"}.items():
        assert identity(known | {field: value}) == identity(known)
    newer = known | {"numpy": "3"}
    monkeypatch.setattr(run, "card", lambda: newer)
    assert go(file) == 0
    assert len({one["card"] for one in cells(file)}) == 2
    assert len(cells(file)) == 2 * len(TINY.cells())


def test_the_card_names_all_rivals_and_no_host() -> None:
    found = card()
    for name in ("pandas", "polars", "pygm", "BTrees", "sortedcontainers", "absl"):
        assert name in found["rivals"]
    assert len(found["build"]) == 8
    assert found["energy"] and found["counters"]
    assert "/" not in found["rivals"] + found["build"]


def test_a_line_cut_short_is_left_out_and_a_spoiled_one_named(file: Path) -> None:
    records.append({"card": "a", "times": {}}, file)
    with file.open("a") as stream:
        stream.write('{"card": "a", "ti')
    records.append({"card": "b", "times": {}}, file)
    assert [one["card"] for one in records.read(file)] == ["a", "b"]
    with file.open("a") as stream:
        stream.write('["what is this"]\n')
    with pytest.raises(records.SpoiledError, match="line 4 is no record"):
        records.read(file)
    assert go(file) == 2


def test_a_rival_that_is_wrong_is_left_out_and_ours_ends_the_run() -> None:
    entries = [Entry(Right()), Entry(OneOff()), Entry(Absent(), "not installed: pip install x")]
    entries[1].contender.__class__.name = "pygm"
    for entry in entries[:2]:
        entry.contender.build(KEYS.keys)
    try:
        for cell in (BATCH, Cell("single", "mixed")):
            timed = measured.measure(entries, KEYS, cell, TINY)
            assert set(timed.times) == {"numpy"}
            assert "answers wrongly" in timed.missing["pygm"]
        OneOff.ours = True
        with pytest.raises(WrongAnswerError):
            measured.measure(entries, KEYS, BATCH, TINY)
    finally:
        OneOff.ours = False
        del OneOff.name


def test_what_does_not_fit_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free_bytes", lambda: 3_000 * 60)
    entries = measured.enter_all(["rmi", "numpy", "bisect"], KEYS, str)
    assert [entry.why_not is None for entry in entries] == [True, True, False]
    assert str(entries[2].why_not).startswith("too large for memory: takes about 240 kB")
    assert room.too_large("bisect", 10**12, None) is None


def test_all_real_contenders_are_timed_or_give_a_reason() -> None:
    keyset = KeySet("equal", np.full(500, 42, np.uint64))
    entries = measured.enter_all(CONTENDERS, keyset, str)
    timed = measured.measure(entries, keyset, BATCH, TINY)
    assert timed.times.keys() | timed.missing.keys() == set(CONTENDERS)
    assert timed.extra["chose"]


def test_each_round_asks_other_queries_and_sorted_calls_ascend() -> None:
    first, second = measured._groups(KEYS, BATCH, TINY, 1)
    assert len(first) == TINY.calls_of(BATCH) == 20
    assert not np.array_equal(first[0], second[0])
    for call in measured._groups(KEYS, Cell("batch", "sorted", 100), TINY, 1)[1]:
        assert (call[1:] >= call[:-1]).all()
        assert call[0] < KEYS.keys[1500] < call[-1]  # each spans all keys


def test_loops_answer_a_sample_and_are_divided_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Loop(Right):
        loops = True

        def batch(self, prepared: Any) -> Any:
            asked.append(len(prepared))
            return super().batch(prepared)

    entry = Entry(Loop())
    entry.contender.build(KEYS.keys)

    def one_round(actions: dict[str, Any], _: int, **__: Any) -> dict[str, list[int]]:
        for act in actions.values():
            act()
        return {name: [600] for name in actions}

    monkeypatch.setattr(measured, "time_rounds", one_round)
    timed = measured.measure([entry], KEYS, Cell("batch", "mixed", 1_000), TINY)
    assert set(asked) == {TINY.loop_sample}
    assert timed.times["numpy"] == [600 / TINY.loop_sample]


def test_the_clock_corrects_what_it_expected() -> None:
    now = [0.0]
    clock = Clock(100.0, minutes=1.0, now=lambda: now[0])
    assert clock.text() == "about 60 s left"  # no more than is granted
    clock.finished(10.0, 30.0)
    assert clock.left() == pytest.approx(270.0)
    clock.skipped(90.0)
    assert clock.left() == 0
    assert not clock.is_over()
    now[0] = 60.0
    assert clock.is_over()
    assert Clock(7200.0).text() == "about 2.0 h left"
    assert Clock(600.0).text() == "about 10 min left"


def test_energy_is_summed_over_packages_and_survives_a_wrap(tmp_path: Path) -> None:
    assert "powercap" in str(energy.missing(tmp_path))
    for zone, value in {"intel-rapl:0": 90, "intel-rapl:1": 5, "intel-rapl:0:0": 7}.items():
        (tmp_path / zone).mkdir()
        (tmp_path / zone / "energy_uj").write_text(f"{value}\n")
        (tmp_path / zone / "max_energy_range_uj").write_text("100\n")
    assert energy.missing(tmp_path) is None
    meter = energy.Meter(tmp_path)
    before = meter.read()
    assert before == [90, 5]
    (tmp_path / "intel-rapl:0" / "energy_uj").write_text("10\n")
    (tmp_path / "intel-rapl:1" / "energy_uj").write_text("6\n")
    assert meter.since(before) == 21


def test_your_own_keys_go_into_a_file_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "my keys.npy"
    np.save(own, KEYS.keys[::-1])
    made = command.make_run(command.parse(["--plan", "tiny", "--keys", str(own)]))
    assert made.file == records.RESULTS / "own-my-keys.jsonl"
    (task,) = made.tasks()
    assert task.block == Block("my keys", 3_000)
    assert len(task.cells) == len(TINY.cells())


def test_a_set_that_is_not_here_is_written_down_with_its_reason(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> KeySet:
        raise FileNotFoundError("install with: pip install keys")

    monkeypatch.setattr(keysets, "from_name", load)
    assert go(file) == go(file) == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    absent = [one for one in lines if "absent" in one]
    assert len(absent) == 1
    assert absent[0]["absent"] == "install with: pip install keys"


def test_counts_are_what_a_longer_run_takes_more() -> None:
    few = counts.read_callgrind("==1== Collected : 1000\n")
    many = counts.read_callgrind("==1== Collected : 80001000\n")
    assert counts.per_lookup(few, many) == {"instructions": 100.0}
    perf = (
        "40,,instructions:u,1,100.00,,\n<not counted>,,cache-misses:u,0,0,,\n2,,branch-misses:u,,"
    )
    assert counts.read_perf(perf) == {"instructions": 40, "branch-misses": 2}


def test_counting_goes_on_where_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def count(name: str, *_: object) -> dict[str, float]:
        asked.append(name)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return {"instructions": 50.0}

    monkeypatch.setattr(counts, "meter", lambda: "callgrind")
    monkeypatch.setattr(counts, "count", count)
    assert command.main(["--counts", "--file", str(file)]) == 130
    assert command.main(["--counts", "--file", str(file)]) == 0
    assert len(asked) == 1 + len(counts.SETS) * len(counts.COUNTED)
    (board,) = boards.boards([*records.read(file), cell_of(records.read(file)[0]["card"])])
    assert "callgrind" in details.counted(board)
    assert details.counted(board).count("50.0") == len(counts.SETS) * len(counts.COUNTED)


@pytest.mark.skipif(measured.CLOCK_NAME != "processor time", reason="counted coarsely here")
def test_what_others_take_meanwhile_is_not_timed() -> None:
    class Waits(Right):
        def batch(self, prepared: Any) -> Any:
            time.sleep(0.002)
            return super().batch(prepared)

    entry = Entry(Waits())
    entry.contender.build(KEYS.keys)
    cell = Cell("batch", "mixed", 1_000)
    timed = measured.measure([entry], KEYS, cell, TINY)
    waited = 0.002e9 * TINY.calls_of(cell) / TINY.queries
    assert max(timed.times["numpy"]) < waited / 2
