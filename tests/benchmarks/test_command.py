"""The command line: a reader's own keys, what is refused, and two files side by side."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import keysets, record
from benchmarks.plan import TINY
from tests.benchmarks.fakes import line, write

CELL = line(verb="build", card="a", n=10, suite="builds")


def test_your_own_keys_go_into_a_file_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "my keys.npy"
    np.save(own, np.arange(3_000)[::-1])
    asked = ["run", "leaderboard", "--plan", "tiny", "--keys", str(own)]
    made = command.make_run(command.parse(asked))
    assert made.file == record.FILE.with_name("own-my-keys.jsonl")  # which is not committed
    assert {task.place for task in made.tasks()} == {("my keys", 3_000)}
    assert sum(len(task.cells) for task in made.tasks()) == len(TINY.cells())
    for suite in ("containers", "text"):
        assert command.main(["run", suite, "--keys", str(own)]) == 2
        assert f"--keys: {suite} makes its own keys" in capsys.readouterr().err


def test_other_keys_in_a_file_of_the_same_name_are_measured(tmp_path: Path) -> None:
    asked = ["run", "singles", "--plan", "tiny", "--contenders", "numpy", "--rounds", "1"]
    asked += ["--keys", str(tmp_path / "k.npy"), "--file", str(tmp_path / "lines")]
    for start, lines in ((0, 2), (0, 2), (1, 3)):
        np.save(tmp_path / "k.npy", np.arange(start, start + 100).astype("M8[s]"))
        assert command.main(asked) == 0
        assert len(record.read(tmp_path / "lines")) == lines


def test_arrays_that_are_no_keys_end_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objects = np.array([1, None], object)
    for array, message in (
        (np.zeros((2, 2)), "got (2, 2)"),
        (np.zeros(0), "got (0,)"),
        (objects, "bad.npy: Object arrays cannot be loaded"),
        (np.array(["a"]), "bad.npy: expected numbers or times of up to 8 bytes, got <U1"),
        (np.zeros(3, "longdouble"), "bad.npy: expected numbers"),
    ):
        np.save(tmp_path / "bad.npy", array)
        assert command.main(["run", "lookups", "--keys", str(tmp_path / "bad.npy")]) == 2
        error = capsys.readouterr().err
        assert message in error
        assert "Traceback" not in error
    assert command.main(["run", "lookups", "--keys", "nowhere.npy"]) == 2


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("lookups --sizes 0", "0 keys"),
        ("lookups --sets uniform@uint16", "no place of these"),
        ("lookups --sets nowhere --plan tiny", "no set nowhere"),
        ("files --contenders numpy", "contenders of its own"),
        ("lookups --sets uniform --contenders numpy --sizes 1e14", "Unable to allocate"),
        *((f"lookups --{option}", "expected") for option in ("rounds 0", "batches 0", "sizes inf")),
    ],
)
def test_what_cannot_be_measured_is_refused(
    asked: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", *asked.split(), "--file", str(tmp_path / "file")]
    try:
        assert command.main(words) == 2
    except SystemExit as refused:
        assert refused.code == 2
    assert reason in capsys.readouterr().err


def test_parquet_with_nulls_and_keys_of_another_byte_order(tmp_path: Path) -> None:
    np.save(tmp_path / "big.npy", np.arange(3, dtype=">i8"))
    assert keysets.from_file(tmp_path / "big.npy").keys.dtype.isnative
    arrow, parquet = (pytest.importorskip(name) for name in ("pyarrow", "pyarrow.parquet"))
    parquet.write_table(arrow.table({"k": [1, None, 3]}), tmp_path / "nulls.parquet")
    for column, reason in (("k", "1 nulls"), ("x", "there are k")):
        with pytest.raises(ValueError, match=reason):
            keysets.from_file(f"{tmp_path}/nulls.parquet:{column}")


def test_two_files_are_compared_contender_by_contender(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, ours in (("old", 10.0), ("new", 5.0)):
        times = {"rmi": [ours, 12.0], "numpy": [4.0]}
        write(tmp_path / f"{name}.jsonl", CELL | {"times": times})
    assert command.main(["compare", str(tmp_path / "old.jsonl"), str(tmp_path / "new.jsonl")]) == 0
    out = capsys.readouterr().out
    assert "0.77" in out and "0.50" in out and "1.00" in out
    assert command.main(["compare", str(tmp_path / "old.jsonl"), str(tmp_path / "none")]) == 2


def test_what_is_required_is_shown_without_naming_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(record, "FILE", tmp_path / "none.jsonl")
    assert command.main(["report", "--required"]) == 0
    assert " floors met" in capsys.readouterr().out


def test_runs_of_two_processors_are_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for cpu in ("one", "other"):
        card = {"card": cpu, "machine": {"cpu": cpu}}
        write(tmp_path / cpu, card, CELL | {"card": cpu, "times": {"rmi": [10.0]}})
    assert command.main(["compare", str(tmp_path / "one"), str(tmp_path / "other")]) == 2
    assert "no cell of one processor in common" in capsys.readouterr().err


def test_other_keys_of_one_name_are_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("old", "new"):
        record.append({"card": "a", "machine": {"cpu": "one"}}, tmp_path / name)
        record.append(CELL | {"times": {"rmi": [1.0]}}, tmp_path / name)
        record.append(CELL | {"set": "k", "dtype": name, "times": {"pgm": [1.0]}}, tmp_path / name)
    assert command.main(["compare", str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    assert "PGM" not in capsys.readouterr().out


def test_a_file_cut_within_a_letter_is_read_and_a_cell_without_its_fields_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cut.jsonl"
    record.append(CELL | {"times": {}, "unit": "\u2028"}, file)
    file.write_bytes(file.read_bytes() + '{"card":"µ'.encode()[:-1] + b"\n")
    assert len(record.read(file)) == 1
    record.append({"card": "a", "times": {}}, file)
    assert command.main(["report", "--tables", "--file", str(file)]) == 2
    assert "line 3 is no record" in capsys.readouterr().err


def test_figures_older_than_their_suite_are_named_and_stop_a_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.jsonl"
    asked = ["report", "--file", str(file)]
    for card, commit in (("a", "0000000"), ("b", "abc-dirty")):
        machine = {"cpu": f"CPU {card}", "commit": commit}
        record.append({"card": card, "machine": machine}, file)
        record.append(CELL | {"card": card, "times": {"rmi": [1.0]}}, file)
    assert command.main([*asked, "--stale"]) == 0
    out = capsys.readouterr().out
    assert "no commit of this history" in out and "measured in a changed tree" in out
    assert command.main([*asked, "--release"]) == 1
    assert command.main(["report", "--file", str(tmp_path / "none"), "--release"]) == 0
