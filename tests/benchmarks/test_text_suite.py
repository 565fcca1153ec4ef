"""The suite over text: everyone answers rightly or says why not, and figures have their cells."""

import dataclasses
import itertools
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import native, record
from benchmarks.contenders import CONTENDERS, make, text
from benchmarks.contenders.text import TextKeys, listed
from benchmarks.plan import REQUIRED, TINY, Cell
from benchmarks.report.boards import VERBS
from benchmarks.report.measured import Measured
from benchmarks.required.figures import Figure, alone
from benchmarks.required.floors import FIGURES
from benchmarks.suite import Subject
from benchmarks.suites import text as suite
from benchmarks.workloads import held_out
from datasets.text.texts import Text
from tests.benchmarks.fakes import line

PLAN = dataclasses.replace(REQUIRED, queries=1_000, rounds=1)
SETS = ("urls", "uuid_bytes", "ipv6")
ADAPTER = native.HERE / "lower_bound.cpp"


class OffByOne(text.NumPyFixed):
    def batch(self, prepared: Any) -> Any:
        return super().batch(prepared) + 1


def measured(name: str, n: int = 3_000) -> dict[Cell, record.Record]:
    """Measure every cell over a set."""
    pytest.importorskip("pyarrow")
    keyset = suite.load(name, n, 1)
    subject = Subject(keyset, suite.TEXTS.contenders)
    found = {}
    for cell in suite.TEXTS.cells(PLAN):
        timed = suite.TEXTS.measure(subject, cell, PLAN)
        found[cell] = {"length": len(keyset.keys), "times": timed.times, "missing": timed.missing}
        found[cell] |= timed.facts
    return found


@pytest.mark.whole
@pytest.mark.parametrize("name", SETS)
def test_everyone_answers_rightly_or_says_why_not(name: str) -> None:
    cells = measured(name)
    for cell, one in cells.items():
        asked = {*one["times"], *one["missing"]}
        assert {*suite.TEXTS.contenders} == asked | {*one["not_asked"]}
        assert cell == suite.SINGLE or one["not_asked"] == ["bisect_text"]
        assert next(iter(one["times"])) == "text"
        for why in one["missing"].values():
            assert why.startswith(("takes no pairs", "takes UTF-8 only", "not built", "not inst"))
    others = set() if name == "ipv6" else {"bisect_text", "dict_text"}
    assert {*cells[suite.SINGLE]["times"]} == {"text", "text_large"} | others


def test_figures_come_from_the_cells() -> None:
    recorded = measured("decimal").items()
    cells = {cell: Measured(line() | cell._asdict() | one) for cell, one in recorded}
    for one in (each for each in FIGURES if each.text.startswith("text")):
        found = one.figure(cells)
        if isinstance(found, str):
            assert found.startswith(("no hot there", "not built", "not inst"))
        else:
            assert np.isfinite(found.ratio.median)
    found = alone("text", suite.BUILD, in_bytes=True)(cells)
    assert isinstance(found, Figure) and 0 < found.ratio.median < 100
    assert alone("trie", suite.BUILD)(cells) == "no trie there"


def test_equal_strings_are_looked_up_with_the_hash_table_where_it_was_measured() -> None:
    times = {"text_large": [20.0], "text": [60.0], "dict_text": [80.0], "numpy_s": [600.0]}
    for name, expected in (("text_large", 4), ("text", 80 / 60)):
        one = line() | suite.LOOKUP._asdict() | {"length": 1_000, "times": dict(times)}
        cells = {suite.LOOKUP: Measured(one)}
        shown = {each.text: each.figure(cells) for each in FIGURES}
        equal = shown["text, times faster than map(dict.get, queries)"]
        assert isinstance(equal, Figure) and equal.ratio.median == pytest.approx(expected)
        assert equal.of.startswith(f"{name} ")
        ordered = shown["text, times faster than np.searchsorted over S"]
        assert isinstance(ordered, Figure) and ordered.of.startswith("text ")
        times.pop(name)


def test_a_wrong_rival_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONTENDERS, "numpy_s", OffByOne)
    one = measured("emails")[suite.LOOKUP]
    assert "1000 of 1000 answers are wrong" in one["missing"]["numpy_s"]


def test_positions_stand_for_strings() -> None:
    keys = suite.load("urls", 1_000, 1).keys
    assert isinstance(keys, TextKeys) and isinstance(keys.whole, Text)
    whole = keys.whole.tolist()
    assert 850 < len(keys) < 950
    assert keys.form(listed) == [whole[i].decode() for i in keys]
    some: Any = keys[:3]
    assert some.form(listed) == keys.form(listed)[:3]
    assert keys.form(listed) is keys.form(listed)
    queries = held_out(keys, 1_000)
    assert np.isin(queries, keys).sum() == 500
    assert (text.NumPyFixed().refuses(np.arange(3)) or "").startswith("takes text only")
    assert suite.load("urls", 1_000, 1).label.endswith("strings")
    assert suite.load("ipv6", 1_000, 1).label.endswith("pairs")


def test_a_real_set_is_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEARNEDIDX_DATA", str(tmp_path))
    names = sorted(f"name-{i}".encode() for i in range(500))
    (tmp_path / "package_names.txt").write_bytes(b"\n".join(names))
    for n, whole in ((None, 500), (1_000, 500), (100, 100)):
        keys = suite.load("package_names", n, 1).keys
        assert isinstance(keys, TextKeys) and len(keys.whole) == whole
        assert {*keys.whole.tolist()} <= {*names}


def test_places_are_those_that_are_asked_for() -> None:
    assert {place.n for place in suite.TEXTS.places(REQUIRED)} == {None, 10**6, 5 * 10**6}
    few = dataclasses.replace(REQUIRED, sets=("words", "urls"), sizes=(10**6,))
    assert [(p.keys, p.n) for p in suite.TEXTS.places(few)] == [("words", None), ("urls", 10**6)]
    assert all(place.n == 2_000 for place in suite.TEXTS.places(TINY))
    other = dataclasses.replace(REQUIRED, sets=("uniform",))
    assert list(suite.TEXTS.places(other)) == []


def test_numbers_are_no_text_and_text_no_numbers() -> None:
    subject = Subject(suite.load("urls", 1_000, 1), ("none", "text"))
    timed = suite.measure(subject, suite.LOOKUP, PLAN)
    assert {*timed.times} == {"text"} and timed.missing == {"none": "takes numbers, no text"}
    assert make("dict_text").refuses(np.arange(3)) == "takes text only, not int64"


def test_the_page_of_the_leaderboard_is_of_numbers() -> None:
    assert not {cell.verb for cell in suite.TEXTS.cells(REQUIRED)} & {*VERBS}


@pytest.mark.whole
@pytest.mark.skipif(native.missing() is not None, reason="no C++ compiler: apt-get install g++")
def test_an_adapter_over_text_is_a_contender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(native, "BUILD", tmp_path / "build")
    source = tmp_path / "own.cpp"
    source.write_text(ADAPTER.read_text().replace("Numbers<std::uint64_t>, Texts, Pairs", "Texts"))
    words = ["run", "text", "--plan", "tiny", "--sets", "urls", "ipv6"]
    words += ["--file", str(tmp_path / "a.jsonl"), "--rival", f"own_text={source}:-O0"]
    with patch.dict(CONTENDERS):  # which forgets it
        assert command.main(words) == 0
    shown = capsys.readouterr()
    assert shown.err.endswith("0 cells of this plan are left\n")
    assert "* own_text: std::lower_bound, C++17" in shown.out
    lines = [one for one in record.read(tmp_path / "a.jsonl") if one.get("batch")]
    assert [one["times"].get("own_text") is not None for one in lines] == [True, False]
    assert lines[1]["missing"]["own_text"] == "takes text only, no pairs"


def test_marks_tell_pairs_apart() -> None:
    keys = suite.load("ipv6", 5_000, 1).keys
    contender = make("absl_text")
    if why := contender.missing():
        pytest.skip(why)
    contender.build(keys)
    got = contender.batch(contender.prepare(np.asarray(keys)))
    assert contender.read(got).tolist() == np.asarray(keys).tolist()
    assert set(contender.read(got ^ (1 << 40)).tolist()) == {-1}
    assert all(a < b for a, b in itertools.pairwise(np.asarray(keys).tolist()))
