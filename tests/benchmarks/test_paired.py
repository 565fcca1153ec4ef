"""The command line, the table and the line of JSON of a paired run."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import keysets, paired
from benchmarks.checks import WrongAnswerError
from benchmarks.contenders import make
from benchmarks.keysets import KeySet
from benchmarks.session import LOOP_SAMPLE, Entry, enter, time_batches, time_scalars
from benchmarks.tables import Table, bytes_text, seconds_text, three_digits
from tests.benchmarks.fakes import Absent, OneOff, Right

TimeVerb = Callable[[list[Entry], KeySet, keysets.Array, int], None]
KEYS = KeySet("evens", np.arange(0, 2_000, 2, dtype=np.uint64))
SMALL = ["--n", "2000", "--queries", "500", "--rounds", "2", "--no-memory"]


def entry(nanoseconds: list[float]) -> Entry:
    contender = Right()
    return Entry(contender, build_seconds=0.25, nbytes=1_600_000, nanoseconds=nanoseconds)


def test_the_table_divides_by_the_baseline_of_the_same_round() -> None:
    table = paired.make_table("t", "ns/query", [entry([10.0, 40.0, 90.0])], [10.0, 20.0, 30.0])
    assert table.rows[0].cells[1:] == ["40.0", "2.00", "(1.00-3.00)", "1.60 MB", "250 ms"]


def test_the_table_marks_a_missing_rival_and_says_why() -> None:
    table = paired.make_table("t", "ns/query", [entry([1.0]), enter(Absent(), KEYS)], [1.0])
    assert table.rows[1].missing
    assert table.rows[1].cells[:2] == ["absent", "missing"]
    assert table.notes == ["absent: not installed: pip install absent"]


def test_the_table_is_shown_with_and_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    table = paired.make_table("t", "ns/query", [entry([10.0]), enter(Absent(), KEYS)], [10.0])
    for missing in (None, "not installed"):
        stream = io.StringIO()
        monkeypatch.setattr("benchmarks.tables.not_installed", lambda *_: missing)  # noqa: B023
        if missing is None:
            pytest.importorskip("rich")
        table.show(stream)
        for text in ("right", "10.0", "1.60 MB", "absent", "missing", "pip install absent"):
            assert text in stream.getvalue()


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
        *("?", "12 B", "1.60 kB", "81.7 MB", "2.00 GB"),
    ]
    assert [seconds_text(v) for v in (2.5, 0.0123, 4e-6, 2e-9)] == [
        *("2.50 s", "12.3 ms", "4.00 µs", "2.00 ns"),
    ]


@pytest.mark.parametrize("time_verb", [time_batches, time_scalars])
def test_a_wrong_rival_is_not_timed_and_says_so(time_verb: TimeVerb) -> None:
    wrong, right = enter(OneOff(), KEYS), enter(make("bisect"), KEYS)
    time_verb([wrong, right], KEYS, KEYS.keys, 1)
    assert wrong.nanoseconds == []
    assert "answers are wrong" in str(wrong.why_not)
    assert len(right.nanoseconds) == 1


@pytest.mark.parametrize("time_verb", [time_batches, time_scalars])
def test_a_wrong_answer_of_ours_ends_the_run(time_verb: TimeVerb) -> None:
    class Ours(OneOff):
        ours = True

    with pytest.raises(WrongAnswerError):
        time_verb([enter(Ours(), KEYS)], KEYS, KEYS.keys, 1)


def test_a_loop_gets_another_sample_each_round() -> None:
    class Loop(Right):
        loops = True
        seen: list[int] = []  # noqa: RUF012

        def prepare(self, queries: keysets.Array) -> keysets.Array:
            self.seen.append(int(queries[0]))
            return queries

    queries = np.repeat(np.arange(4, dtype=np.uint64), LOOP_SAMPLE)
    loop = enter(Loop(), KEYS)
    time_batches([loop], KEYS, queries, 2)
    assert Loop.seen == [0, 1, 2]
    assert len(loop.nanoseconds) == 2


@pytest.mark.parametrize("verb", ["batch", "scalar", "build"])
def test_a_run_prints_a_table_and_writes_a_line(
    verb: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paired, "RESULTS", tmp_path)
    arguments = [*SMALL, "--verb", verb, "--contenders", "numpy", "bisect", "--write", "here"]
    assert paired.main(arguments) == 0
    assert "np.searchsorted" in capsys.readouterr().out
    record = json.loads((tmp_path / "here.jsonl").read_text(encoding="utf-8"))
    assert [one["name"] for one in record["contenders"]] == ["numpy", "bisect"]
    assert all(len(one["rounds"]) == 2 for one in record["contenders"])
    assert record["keys"] == {"name": "uniform", "n": 2000, "dtype": "uint64"}
    assert record["machine"]["numpy"] == np.__version__


def test_anyones_keys_are_sorted_and_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.npy"
    np.save(path, np.array([5.5, -1.0, 2.0]))
    assert keysets.from_file(path).keys.tolist() == [-1.0, 2.0, 5.5]
    options = ["--keys", str(path), "--queries", "10", "--rounds", "1", "--contenders", "numpy"]
    assert paired.main(options) == 0
    assert "mine · 3 float64" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("array", "message"), [(np.zeros((2, 2)), "got (2, 2)"), (np.zeros(0), "got (0,)")]
)
def test_other_arrays_are_refused_in_one_line(
    array: keysets.Array, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "bad.npy", array)
    assert paired.main(["--keys", str(tmp_path / "bad.npy")]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_an_unknown_data_set_or_a_missing_baseline_ends_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert paired.main(["--dataset", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert paired.main([*SMALL, "--contenders", "numpy", "--baseline", "absl"]) == 2
    assert "baseline: absl did not run" in capsys.readouterr().err


def test_a_stop_leaves_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(paired, "load_keys", stop)
    assert paired.main([]) == 130
    assert capsys.readouterr().err == "stopped: nothing was written\n"


def test_thinned_real_keys_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.load", lambda name: np.arange(100, dtype=np.uint64))
    keyset = keysets.from_name("gaia_source_id", 5)
    assert keyset.label == "gaia_source_id (thinned) · 5 uint64"
    assert keyset.keys.tolist() == [0, 24, 49, 74, 99]
