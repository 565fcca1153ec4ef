"""The one runner: plans, its file that survives stops, bad contenders, the command line."""

import dataclasses
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from benchmarks import __main__ as command
from benchmarks import memory, native, record, runner
from benchmarks.checks import WrongAnswerError
from benchmarks.contenders import CONTENDERS as CLASSES
from benchmarks.contenders import Contender
from benchmarks.keysets import KeySet
from benchmarks.machine import CLOCK_NAME, identity
from benchmarks.plan import CONTENDERS, FULL, MANY_KEYS, PLANS, SMALL, TINY, Cell, seconds_expected
from benchmarks.report import boards, page
from benchmarks.suite import Entry, Subject
from benchmarks.suites import GROUPS, LEADERBOARD, SUITES, contended
from benchmarks.workloads import WORKLOADS
from tests.benchmarks.fakes import Absent, OneOff, Raising, Right, line

KEYS = KeySet("uniform", datasets.load("uniform", n=3_000, seed=1))
BATCH = Cell("batch", "mixed", 100)
LONGER = ("containers_text", "dask", "extended", "files", "sqlite", "tables")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "board.jsonl"


@pytest.fixture(autouse=True)
def _one_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask the machine once: a card reads all files of the library."""
    known = {"cpu": "a", "numpy": "2", "date": "2026-01-01", "commit": "c"}
    monkeypatch.setattr(runner, "card", lambda: dict(known))
    return iter([None])


def go(file: Path, *more: str) -> int:
    """Run the smallest place with two contenders."""
    which = ["run", "leaderboard", "--plan", "tiny", "--sets", "uniform", "--sizes", "2000"]
    return command.main([*which, "--contenders", "rmi", "numpy", "--file", str(file), *more])


def over(*contenders: Contender) -> Subject:
    """Give the keys of the tests, and contenders that are built over them."""
    subject = Subject(KEYS, ())
    subject.entries = []
    for contender in contenders:
        subject.entries.append(Entry(contender, contender.missing()))
        contender.build(KEYS.keys)
    return subject


def cells(file: Path) -> list[record.Record]:
    return [one for one in record.read(file) if record.is_cell(one)]


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.name)
def test_a_plan_names_what_there_is_and_nothing_twice(plan: Any) -> None:
    blocks = list(plan.places())
    assert len(blocks) == len(set(blocks)) > 0
    assert len(plan.cells()) == len(set(plan.cells()))
    assert {block.keys for block in blocks} == set(plan.sets) <= set(datasets.names())
    assert {cell.workload for cell in plan.cells()} - {""} <= WORKLOADS.keys()
    assert all(seconds_expected(cell, 10**6, plan) > 0 for cell in plan.cells())


def test_the_full_plan_has_every_set_and_few_of_the_largest_sizes() -> None:
    blocks = list(FULL.places())
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
    assert go(file, "--rounds", "3") == 0  # two of them have a round less
    assert go(file, "--rounds", "3") == 0
    assert len(cells(file)) == 3 * done


def test_a_stop_keeps_what_was_measured(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(contended, "_singles", stops)
        assert go(file) == 130
    assert [record.key(one)[2].verb for one in cells(file)] == ["build", "batch"] + ["batch"] * 3
    assert go(file) == 0
    assert sorted(map(record.key, cells(file))) == sorted(
        ("uniform", 2000, cell) for cell in TINY.cells()
    )


def test_the_minutes_end_a_run_between_two_cells(file: Path) -> None:
    assert go(file, "--minutes", "0") == 0
    assert cells(file) == []


def test_another_version_is_another_card(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert go(file) == 0
    known = {"cpu": "a", "numpy": "2", "date": "2026-01-01", "commit": "c"}
    for field, value in {"date": "2027-01-01", "commit": "d"}.items():
        assert identity(known | {field: value}) == identity(known)
    newer = known | {"numpy": "3"}
    monkeypatch.setattr(runner, "card", lambda: newer)
    assert go(file) == 0
    assert len({one["card"] for one in cells(file)}) == 2
    assert len(cells(file)) == 2 * len(TINY.cells())


def test_a_suite_that_cannot_compile_says_so_and_is_measured_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    native.extension.cache_clear()
    native.program.cache_clear()
    monkeypatch.setattr(native, "_compiler", lambda: None)
    words = ["run", "merges", "--plan", "tiny", "--sets", "uniform", "--file", str(file)]
    assert command.main(words) == command.main(words) == 0
    why = {"C++": "not built: no C++ compiler: apt-get install g++"}
    assert [one["missing"] for one in cells(file)] == [why, why]


def test_a_line_cut_short_is_left_out_and_a_spoiled_one_named(file: Path) -> None:
    record.append(line(verb="build", card="a"), file)
    with file.open("a") as stream:
        stream.write('{"card": "a", "ti')
    record.append(line(verb="build", card="b"), file)
    assert [one["card"] for one in record.read(file)] == ["a", "b"]
    with file.open("a") as stream:
        stream.write('["what is this"]\n')
    with pytest.raises(ValueError, match="line 4 is no record"):
        record.read(file)
    assert go(file) == 2


def test_a_rival_that_is_wrong_is_left_out_and_ours_ends_the_run() -> None:
    wrong = OneOff()
    wrong.__class__.name = "pygm"
    subject = over(Right(), wrong, Absent())
    try:
        for cell in (BATCH, Cell("single", "mixed")):
            timed = contended.measure(subject, cell, TINY)
            assert set(timed.times) == {"numpy"}
            assert "answers wrongly" in timed.missing["pygm"]
        OneOff.ours = True
        for cell in (BATCH, Cell("single", "mixed")):
            with pytest.raises(WrongAnswerError):
                contended.measure(subject, cell, TINY)
    finally:
        OneOff.ours = False
        del OneOff.name


@pytest.mark.parametrize("where", ["build", "prepare", "batch", "answer", "scalar"])
def test_a_rival_that_raises_is_left_out_and_says_so(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Raising, "name", "raising")
    monkeypatch.setattr(Raising, "where", where)
    monkeypatch.setitem(CLASSES, "raising", Raising)
    cell = Cell("single", "mixed") if where == "scalar" else BATCH
    timed = contended.measure(Subject(KEYS, ("numpy", "raising")), cell, TINY)
    assert set(timed.times) == {"numpy"}
    assert "raises" in timed.missing["raising"]


def test_what_does_not_fit_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda: 3_000 * 60)
    entries = Subject(KEYS, ["rmi", "numpy", "bisect"]).entries
    assert [entry.why_not is None for entry in entries] == [True, True, False]
    assert str(entries[2].why_not).startswith("too large for memory: takes about 240 kB")
    assert memory.too_large("bisect", 10**12, None) is None


def test_all_real_contenders_are_timed_or_give_a_reason() -> None:
    keyset = KeySet("equal", np.full(500, 42, np.uint64))
    timed = contended.measure(Subject(keyset, CONTENDERS), BATCH, TINY)
    assert timed.times.keys() | timed.missing.keys() == set(CONTENDERS)
    assert timed.facts["chose"]


def test_each_round_asks_other_queries_and_sorted_calls_ascend() -> None:
    first, second, _ = contended._groups(over(), BATCH, TINY)
    assert len(first) == TINY.calls_of(BATCH) == 20
    assert not np.array_equal(first[0], second[0])
    for call in contended._groups(over(), Cell("batch", "sorted", 100), TINY)[1]:
        assert (call[1:] >= call[:-1]).all()
        assert call[0] < KEYS.keys[1500] < call[-1]  # each spans all keys


def test_loops_answer_a_sample_and_are_divided_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Loop(Right):
        loops = True

        def batch(self, prepared: Any) -> Any:
            asked.append(len(prepared))
            return super().batch(prepared)

    def one_round(actions: dict[str, Any], _: int, **__: Any) -> dict[str, list[int]]:
        for act in actions.values():
            act()
        return {name: [600] for name in actions}

    monkeypatch.setattr("benchmarks.suite.time_rounds", one_round)
    timed = contended.measure(over(Loop()), Cell("batch", "mixed", 1_000), TINY)
    assert set(asked) == {TINY.loop_sample}
    assert timed.times["numpy"] == [600 / TINY.loop_sample]


def test_what_is_left_is_corrected_by_how_long_things_took() -> None:
    granted = runner.Progress([100.0], minutes=1.0)
    assert 59 < granted.left() <= 60 and not granted.is_over()  # no more than is granted
    assert runner.Progress([100.0], minutes=0.0).is_over()
    progress = runner.Progress([10.0, 60.0, 30.0])
    progress.finished(30.0)
    assert progress.left() == pytest.approx(270.0)
    progress.finished()  # left out
    assert progress.left() == pytest.approx(90.0)


def test_a_set_that_is_not_here_is_written_down_with_its_reason(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object, **__: object) -> None:
        raise FileNotFoundError("install with: pip install keys")

    monkeypatch.setattr(datasets, "load", load)
    assert go(file) == go(file) == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    absent = [one for one in lines if "absent" in one]
    assert len(absent) == 1
    assert absent[0]["absent"] == "install with: pip install keys"


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="no valgrind")
@pytest.mark.whole
def test_instructions_are_what_a_longer_run_takes_more() -> None:
    suite = SUITES["instructions"]
    timed = suite.measure(Subject(KEYS, ("numpy", "btrees")), Cell("count", "mixed", 1_000), TINY)
    assert 20 < timed.times["numpy"][0] < 2_000


def test_instructions_stand_on_the_page() -> None:
    one = line(verb="count", times={"numpy": [50.0]})
    (board,) = boards.boards([one, line(verb="build")])
    text = page.page([board]).partition('id="counts"')[2].partition("</section>")[0]
    assert ">50.0<" in text


@pytest.mark.skipif(CLOCK_NAME != "processor time", reason="counted coarsely here")
def test_what_others_take_meanwhile_is_not_timed() -> None:
    class Waits(Right):
        def batch(self, prepared: Any) -> Any:
            time.sleep(0.002)
            return super().batch(prepared)

    cell = Cell("batch", "mixed", 1_000)
    timed = contended.measure(over(Waits()), cell, TINY)
    waited = 0.002e9 * TINY.calls_of(cell) / TINY.queries
    assert max(timed.times["numpy"]) < waited / 2


def test_every_suite_says_what_it_is_and_all_of_the_page_is_measured() -> None:
    found = [cell for name in LEADERBOARD for cell in SUITES[name].cells(FULL)]
    assert sorted(found) == sorted(FULL.cells())
    for suite in SUITES.values():
        assert suite.about and suite.unit
        assert all(list(suite.places(plan)) for plan in PLANS.values())
        few = dataclasses.replace(TINY, sizes=(777,))
        is_fixed = suite.name in ("auto", "traps") or suite.name in GROUPS["required"]
        assert is_fixed or {place.n for place in suite.places(few)} <= {777, None}
        assert len(suite.cells(TINY)) > 0


@pytest.mark.parametrize(
    "name", ["containers", *(pytest.param(name, marks=pytest.mark.whole) for name in LONGER)]
)
def test_a_suite_with_keys_of_its_own_runs_and_prints_its_table(
    name: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = SUITES[name]
    assert command.main(["run", name, "--plan", "tiny", "--file", str(file)]) == 0
    assert len(cells(file)) == len(suite.cells(TINY))
    assert name in capsys.readouterr().out
    assert all(len(set(map(len, one["times"].values()))) <= 1 for one in cells(file))
