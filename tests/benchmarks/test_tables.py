"""Records as tables, in plain text and in Markdown; and the numbers in them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import keysets
from benchmarks.record import Record
from benchmarks.report import plain
from benchmarks.tables import Table, bytes_text, seconds_text, three_digits
from tests.benchmarks import fakes


def line(**more: Any) -> Record:
    return {**fakes.line("evens", 9, card="a"), "batch": 9, "dtype": "int64", **more}


def test_the_table_divides_by_the_baseline_of_the_same_round() -> None:
    times = {"rmi": [10.0, 20.0, 30.0], "pgm": [10.0, 40.0, 90.0]}
    facts = {"bytes": {"pgm": 1_600_000}, "grown": ["pgm"], "built": {"pgm": 0.25}}
    (table,) = plain.tables([line(times=times, unit="ns/query", **facts)])
    assert table.rows[1][1:] == ["40.0", "2.00", "(1.00-3.00)", "~1.60 MB", "250 ms"]


def test_a_build_is_compared_with_the_check_of_the_order() -> None:
    times = {"rmi": [30.0], "sorted?": [10.0]}
    (table,) = plain.tables([line(suite="builds", verb="build", times=times)])
    assert table.rows[0][2] == "3.00"


def test_a_floor_is_named_whether_it_is_met_or_missed() -> None:
    def of(verb: str, ours: float) -> Record:
        times = {"ours": [ours], "BTrees": [15.0]}
        return line(suite="containers", verb=verb, batch=0, times=times, length=10**6, unit="ns")

    (table,) = plain.tables([of("SortedList.add", 10.0), of("bisect_left", 10.0)])
    assert [row[-1] for row in table.rows] == ["15.0 · 1.50x of 1.2", "15.0 · 1.50x MISSED 2.8"]


def test_each_cell_is_compared_with_the_first_of_its_own() -> None:
    def of(who: str, **times: list[float]) -> Record:
        named = {name.replace("_", " "): each for name, each in times.items()}
        return line(suite="dask", verb="job", workload=who, times=named, length=10**8)

    cells = [of("one worker", one_worker=[10.0], plain=[6.0])]
    cells += [of("two workers", two_workers=[5.0], one_worker=[10.0])]
    (table,) = plain.tables(cells)
    assert [row[1:] for row in table.rows] == [
        ["10.0", "6.00 · 0.60x of 0.5", "-"],
        ["10.0 · 2.00x of 1.6", "-", "5.00"],
    ]


def test_a_narrow_table_says_what_a_contender_says_of_itself() -> None:
    times, notes = {"rmi": [10.0], "mine": [20.0]}, {"mine": "C++17, -mavx2"}
    cells = [line(workload=name, times=times, notes=notes) for name in ("hits", "misses")]
    (table,) = plain.tables(cells)
    assert table.notes == ["* mine: C++17, -mavx2"]


def test_a_table_names_every_commit_that_its_cells_were_measured_with() -> None:
    def card(commit: str) -> Record:
        return {"card": "a", "machine": {"cpu": "P", "date": "2026-11-25", "commit": commit}}

    cells = [line(workload=name, times={"rmi": [10.0]}) for name in ("hits", "misses")]
    lines = [card("1-dirty"), cells[0], card("2"), cells[1], card("3")]
    (table,) = plain.tables(plain.newest(lines))
    assert table.notes == ["P · 2026-11-25 · commit 1-dirty, 2"]


def test_old_records_of_containers_say_that_a_rival_was_given_arrays() -> None:
    def notes(date: str) -> list[str]:
        card: Record = {"card": "a", "machine": {"cpu": "P", "date": date, "commit": "1"}}
        cell = line(suite="containers", verb="update", times={"ours": [1.0]})
        return plain.tables(plain.newest([card, cell]))[0].notes

    assert "given the NumPy array" in notes("2026-11-25")[-1]
    assert notes("2026-11-30")[-1] == "P · 2026-11-30 · commit 1"


def test_floors_of_times_and_of_bytes_are_counted() -> None:
    of = line(suite="containers", verb="bisect_left", batch=0, length=10**6, unit="ns")
    found, most = {"SortedSet": 11.5, "SortedDict": 20.2}, {"SortedSet": 11.0, "SortedDict": 21.0}
    facts = {"verb": "bytes", "bytes_a_key": found, "required_bytes": most}
    tables = plain.tables(
        [of | {"times": {"ours": [1.0], "BTrees": [1.5]}}, of | facts | {"times": {}}]
    )
    assert "SortedSet: 11.5 bytes a key (MISSED: at most 11)" in tables[0].notes
    assert plain.floors(tables) == "1 of 3 floors met, 2 missed"


def test_the_table_marks_a_missing_rival_and_says_why() -> None:
    missing = {"pygm": "not installed: pip install pygm"}
    (table,) = plain.tables([line(times={"rmi": [1.0]}, missing=missing)])
    assert table.rows[1][:2] == ["PyGM", "missing"]
    assert "PyGM: not installed: pip install pygm" in table.notes


def test_cells_that_nobody_was_timed_in_say_why() -> None:
    lines = [line(times={}, batch=size, missing={"pandas": "refuses"}) for size in (1, 2)]
    for table in plain.tables(lines):
        assert table.notes == ["pandas: refuses"]


def test_markdown_has_a_rule_and_escapes_bars() -> None:
    table = Table("t", ["a", "b"], notes=["n"])
    table.add("x|y", "1")
    assert table.markdown() == "## t\n\n| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n\n- n\n"


def test_plain_columns_line_up() -> None:
    table = Table("title", ["name", "ns"])
    table.add("a", "1")
    table.add("longer", "1,000")
    lines = table.plain().splitlines()
    assert lines[0] == "title"
    assert [line for line in lines if line.startswith(("a ", "longer"))] == [
        "a           1",
        "longer  1,000",
    ]


def test_numbers_have_three_digits_and_a_unit() -> None:
    assert [three_digits(v) for v in (9.876, 98.76, 1234.5)] == ["9.88", "98.8", "1,234"]
    assert [bytes_text(v) for v in (None, 12, 1_600, 81_700_000, 2 * 10**9)] == [
        *("?", "12 B", "1.60 kB", "81.7 MB", "2.00 GB")
    ]
    assert [seconds_text(v) for v in (2.5, 0.0123, 4e-6, 2e-9)] == [
        *("2.50 s", "12.3 ms", "4.00 µs", "2.00 ns")
    ]


def test_files_of_three_kinds_give_the_same_keys(tmp_path: Path) -> None:
    keys = np.array([5, 1, 2**40], np.uint64)
    np.save(tmp_path / "keys.npy", keys)
    (tmp_path / "keys_uint64").write_bytes(np.array([3, *keys], np.uint64).tobytes())
    table = pytest.importorskip("pyarrow").table({"id": keys, "other": [1, 2, 3]})
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "some.parquet")
    for name in ("keys.npy", "keys_uint64", "some.parquet:id"):
        assert keysets.from_file(tmp_path / name).keys.tolist() == [1, 5, 2**40]
    assert keysets.from_file(tmp_path / "some.parquet:id").name == "some.id"
    (tmp_path / "narrow").write_bytes(np.uint64(2).tobytes() + np.array([7, 9], "<u4").tobytes())
    assert keysets.from_file(tmp_path / "narrow").keys.tolist() == [7, 9]
    for content in (b"", b"what is this", np.array([4, 1], np.uint64).tobytes()):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(ValueError, match="neither a .npy file nor a count"):
            keysets.from_file(tmp_path / "bad")


def test_thinned_real_keys_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.load", lambda name: np.arange(100, dtype=np.uint64))
    keyset = keysets.from_name("gaia_source_id", 5)
    assert keyset.label == "gaia_source_id (thinned) · 5 uint64"
    assert keyset.keys.tolist() == [0, 24, 49, 74, 99]
