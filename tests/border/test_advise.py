"""advise: useful answers whatever the keys, figures that are told as what they are."""

import json
import subprocess
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import hardness
from learnedidx._formats.keys import as_keys
from learnedidx.advice import Advice, Candidate, front
from learnedidx.advice import _advising as advising
from learnedidx.advice import _benchmark as benchmark
from learnedidx.advice import _samples as samples
from learnedidx.advice._benchmark import MERGE, NUMPY, TimedCandidate
from learnedidx.hardness import Hardness

RANDOM = np.random.default_rng(0)
UNIFORM = np.sort(RANDOM.integers(0, 10**12, 50_000))
HARD = Hardness({32: 6.0, 256: 0.5}, 0.68, 0.0, 0.9)
EASY = Hardness({32: 0.2, 256: 0.1}, 0.03, 0.0, 0.0)


def candidate(name: str, nanoseconds: float, nbytes: int = 0) -> TimedCandidate:
    return TimedCandidate(name, lambda _: None, 1, nbytes, 0.0, nanoseconds=[nanoseconds])


def verdict(found: list[TimedCandidate], memory: int | None = None, hard: Hardness = EASY) -> Any:
    sample = samples.Sample(as_keys(UNIFORM), UNIFORM.size)
    return advising._verdict(found, hard, sample, memory, True)


SETS: dict[str, Any] = {
    "none": np.array([], np.int64),
    "one": [5.5],
    "ten": np.arange(10),
    "all NaN": [np.nan] * 5,
    "NaN and infinities": np.sort(np.r_[RANDOM.normal(size=500), np.nan, np.inf, -np.inf]),
    "far floats": np.sort(np.r_[[-1.7e308, 1.7e308], RANDOM.normal(size=98)]),
    "equal": np.full(5_000, 7),
    "8 bits": np.sort(RANDOM.integers(0, 256, 5_000)).astype(np.uint8),
    "16 bits": np.sort(RANDOM.integers(-(2**15), 2**15, 20_000)).astype(np.int16),
    "bool": np.array([False] * 50 + [True] * 50),
    "float16": np.sort(RANDOM.normal(size=100)).astype(np.float16),
    "datetimes": np.sort(RANDOM.integers(0, 10**15, 1_000)).astype("M8[us]"),
    "NaT": np.sort(np.r_[np.arange(200).astype("m8[s]"), np.timedelta64("NaT", "s")]),
    "all of uint64": np.array([0, 2**63, 2**64 - 1] * 40, np.uint64),
    "strided, big-endian": np.arange(1_000, dtype=">i4")[::3],
}


@pytest.mark.parametrize("name", SETS)
def test_any_keys_get_an_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advising, "BATCH", 512)
    keys = SETS[name] if name != "all of uint64" else np.sort(SETS[name])
    advice = lx.advise(keys)
    assert advice.verdict.startswith("Use ") and advice.verdict.endswith(".")
    told = "Timed on this machine" if advice.candidates else "Nothing was timed"
    assert advice.verdict in str(advice) and told in str(advice)
    assert json.loads(json.dumps(advice.to_dict()))["n"] == len(keys)
    if len(keys) < advising.FEW:
        assert advice.chosen == NUMPY


def test_code_of_the_verdict_builds_what_was_chosen() -> None:
    advice = lx.advise(UNIFORM)
    queries = samples.draw(samples.take(UNIFORM, RANDOM), 100, RANDOM)
    made = eval(advice.code, {"lx": lx, "np": np, "keys": UNIFORM, "queries": queries})
    answers = made.searchsorted(queries) if isinstance(made, lx.LearnedIndex) else made
    assert np.array_equal(answers, np.searchsorted(UNIFORM, queries))


def test_unsorted_keys_are_told_and_left_alone() -> None:
    keys = np.array([3, 1, 2] * 50)
    kept = keys.copy()
    advice = lx.advise(keys)
    assert "not sorted" in advice.notes[0] and "keys[1]" in advice.notes[0]
    assert "np.sort(keys)" in advice.notes[0] and np.array_equal(keys, kept)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"memory": -1}, "memory: must be"),
        ({"memory": 1.5}, "memory: must be"),
        ({"seed": -1}, "seed: must be"),
        ({"seed": "x"}, "seed: must be"),
        ({"keys": [1j]}, "keys: dtype"),
        ({"keys": [[1]]}, "keys: must be a 1-D"),
        ({"queries": ["a"]}, "queries: cannot compare"),
        ({"queries": [1, None]}, "queries: cannot compare NoneType"),
        ({"queries": np.ma.array([1])}, "queries: .* pass queries.compressed"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        lx.advise(**{"keys": UNIFORM[:10], **arguments})


def test_numpy_wins_unless_something_gains_on_it() -> None:
    assert verdict([candidate(NUMPY, 11.0), candidate("RMI()", 10.0, 9)])[0] == NUMPY
    sentence = verdict([candidate(NUMPY, 9.0), candidate("RMI()", 10.0, 9)])[1]
    assert sentence == "Use np.searchsorted: no structure is faster."
    assert verdict([candidate(NUMPY, 12.0), candidate("RMI()", 10.0, 9)])[0] == "RMI()"


def test_ties_go_to_what_auto_takes() -> None:
    auto = repr(lx.LearnedIndex(UNIFORM).model)
    found = [candidate(NUMPY, 90.0), candidate("PGM()", 10.0, 5), candidate(auto, 10.4, 9)]
    assert verdict(found)[0] == auto
    found[2] = candidate(auto, 10.6, 9)
    assert verdict(found)[0] == "PGM()"
    assert verdict([*found, candidate("no model", 10.4)])[0] == "no model", "nothing to build"


def test_reasons_tell_hard_keys_from_easy_ones() -> None:
    found = [candidate(NUMPY, 90.0), candidate("BTree()", 10.0, 5)]
    assert "hard for models (6 segments" in verdict(found, hard=HARD)[1]
    assert "models fit these keys too" in verdict(found, hard=EASY)[1]


def test_the_memory_is_kept_to() -> None:
    found = [candidate(NUMPY, 90.0), candidate("no model", 40.0), candidate("RMI()", 10.0, 9)]
    assert verdict(found, memory=8)[0] == "no model"
    advice = lx.advise(UNIFORM, memory=3_000)
    by_name = {one.name: one for one in advice.candidates}
    assert not by_name["BTree()"].fits and "more than the memory" in by_name["BTree()"].note
    small = [one for one in advice.candidates if one.name.startswith("RMI(n_leaves=")]
    assert small and (small[0].nbytes or 0) <= 3_000 and small[0].fits
    assert (by_name[advice.chosen].nbytes or 0) <= 3_000


def test_a_hash_is_never_the_verdict_but_judged_beside_it() -> None:
    advice = lx.advise(UNIFORM)
    hashes = [one for one in advice.candidates if "equality alone" in one.note]
    assert len(hashes) == 3 and not any(one.fits for one in hashes)
    assert advice.equality.startswith("If you only ask which keys are there")


def test_models_that_would_take_too_long_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advising, "BUILD_UNTIL", 0.0)
    advice = lx.advise(UNIFORM)
    late = [one for one in advice.candidates if one.nanoseconds is None]
    assert {one.name for one in late} == {"PGM()", "RadixSpline()"}
    assert all(one.note.startswith("not built: takes about") for one in late)


def test_large_batches_out_of_order_are_sorted_as_a_candidate() -> None:
    queries = RANDOM.choice(UNIFORM, 6_000)
    assert MERGE in [one.name for one in lx.advise(UNIFORM, queries).candidates]
    for others in (np.sort(queries), queries[:4_000]):  # in order already; less than a tenth
        assert MERGE not in [one.name for one in lx.advise(UNIFORM, others).candidates]
    made = benchmark.by_merging(samples.take(UNIFORM, RANDOM), queries)
    assert made is not None
    assert np.array_equal(np.asarray(made.action(0)), np.searchsorted(UNIFORM, queries))


def test_a_batch_too_large_to_sort_is_measured_on_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "MAX_MERGED", 1_000)
    made = benchmark.by_merging(samples.take(UNIFORM, RANDOM), RANDOM.choice(UNIFORM, 20_000))
    assert made is not None and 800 < made.queries < 1_200 and "on a part" in made.note


def test_rounds_take_turns_on_different_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "CALLS", 1)
    seen: list[tuple[str, int]] = []
    batches = [np.array([i]) for i in range(5)]

    def named(name: str, shift: int) -> TimedCandidate:
        def search(batch: Any) -> None:
            seen.append((name, int(batch[0])))

        return TimedCandidate(name, *benchmark.of_batches(search, batches, shift), 0, 0.0)

    found = [named("a", 0), named("b", 1)]
    benchmark.run(found, time.perf_counter() + 60)
    assert all(len(one.nanoseconds) == benchmark.ROUNDS for one in found)
    rounds = [dict(seen[i : i + 2]) for i in range(0, len(seen), 2)]
    assert all(len(each) == 2 and each["a"] != each["b"] for each in rounds)
    assert {name for name, _ in seen[::2]} == {"a", "b"}, "each goes first in some round"


def test_nobody_follows_the_same_one_in_every_round() -> None:
    seen: list[str] = []

    def named(name: str) -> TimedCandidate:
        return TimedCandidate(name, lambda _: seen.append(name), 4096, 0, 0.0)

    found = [named(name) for name in "abcde"]
    benchmark.run(found, time.perf_counter() + 60)
    for name in "abcde":
        assert len({a for a, b in pairwise(seen) if b == name} - {name}) > 2


def test_slow_rounds_stop_at_the_deadline_and_calls_are_few() -> None:
    slow = TimedCandidate("slow", lambda _: time.sleep(0.002), 1, 0, 0.0)
    benchmark.run([slow], time.perf_counter())
    assert len(slow.nanoseconds) == 2 and slow.calls == 1


def test_numpy_is_asked_in_the_keys_own_dtype_where_that_is_exact() -> None:
    kind = np.dtype(np.uint64)
    assert benchmark._as_keys(np.array([1, 5]), kind).dtype == kind
    for others in (np.array([-1]), np.array([1.5]), np.array([2**70], object)):
        assert benchmark._as_keys(others, kind) is others


def test_a_cast_of_the_queries_is_timed_and_advised() -> None:
    sample, queries = samples.take(UNIFORM, RANDOM), UNIFORM[:100].astype(np.uint64)
    made = benchmark.by_numpy(sample, [queries], 0)
    assert made is not None and made.note == benchmark.CASTS
    made.nanoseconds = [1.0]
    code = verdict([made, candidate("RMI()", 10.0, 9)])[2]
    answers = eval(code, {"np": np, "keys": UNIFORM, "queries": queries})
    assert "keys.dtype" in code and np.array_equal(answers, np.arange(100))
    others = benchmark.by_numpy(sample, [queries, queries + 0.5], 0)
    assert others is not None and others.note == benchmark.CONVERTS


def test_a_dict_holds_no_key_twice() -> None:
    for keys, least, most in ((np.full(200_000, 7), 0, 1_000), (UNIFORM, 64 * 49_000, 10**8)):
        found = {one.name: one.nbytes for one in lx.advise(keys).candidates}
        assert least < (found[benchmark.DICT] or 0) < most


def test_hardness_of_a_line_of_steps_and_of_one_key() -> None:
    line, _ = hardness.measure(as_keys(np.arange(70_000)), 0.0, RANDOM)
    bent, _ = hardness.measure(as_keys(np.sort(RANDOM.lognormal(0, 2, 70_000))), 0.0, RANDOM)
    equal, _ = hardness.measure(as_keys(np.full(70_000, 3)), 0.0, RANDOM)
    assert line.segments[32] == pytest.approx(1000 / 70_000) and line.skew < 0.01
    assert bent.segments[32] > 5 * line.segments[32] and bent.skew > 0.3
    assert equal.duplicates == 1.0 and line.duplicates == 0.0
    far, _ = hardness.measure(as_keys(np.r_[np.arange(70_000), 2**62]), 0.0, RANDOM)
    assert far.skew > 0.99


def test_half_of_the_queries_are_keys_and_equal_seeds_give_equal_ones() -> None:
    sample = samples.take(UNIFORM, np.random.default_rng(1))
    drawn = [samples.draw(sample, 2_000, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert 0.45 < np.isin(drawn[0], UNIFORM).mean() < 0.6
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


def test_very_many_keys_are_read_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MAX_KEYS", 40_000)
    monkeypatch.setattr(samples, "STRETCH", 64)
    advice = lx.advise(UNIFORM, UNIFORM[::2])
    assert advice.n == UNIFORM.size and "4,096 keys in 64 stretches" in advice.notes[0]
    tree = next(one for one in advice.candidates if one.name == "BTree()")
    assert advice.hardness is not None and advice.hardness.skew < 0.05, "gaps are no skew"
    whole = lx.BTree().fit(UNIFORM).nbytes_
    assert 0.7 * whole < (tree.nbytes or 0) < 1.4 * whole
    assert any("Too few" in note for note in lx.advise(UNIFORM, UNIFORM[:9]).notes)


def test_numbers_that_no_stretch_met_are_not_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MAX_KEYS", 2**10)
    monkeypatch.setattr(samples, "STRETCH", 2**4)
    keys = np.full(2**20, np.nan)
    keys[0] = 1.0
    assert lx.advise(keys).verdict.endswith("no number among the keys looked at.")
    assert lx.advise(keys[1:9]).verdict.endswith("no number among the keys.")


def test_queries_beside_the_stretches_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "STRETCH", 100)
    stretches = np.r_[np.arange(0, 300, 3), np.arange(10_000, 10_300, 3)]
    sample = samples.Sample(as_keys(stretches), 10_000)
    kept = samples._inside(np.array([-5, 1, 299, 5_000, 10_000, 10_001, 20_000]), sample)
    assert kept.tolist() == [1, 10_001]


MAPPED = """
import resource, sys
import numpy as np, learnedidx as lx
keys = np.memmap(sys.argv[1], np.int64, "r", shape=(2**33,))
lx.advise(np.arange(100_000))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
advice = lx.advise(keys)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, advice.n, advice.verdict)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="sparse files and maximal memory as on Linux")
def test_a_map_larger_than_memory_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    with path.open("wb") as file:
        file.truncate(2**36)
    done = subprocess.run(
        [sys.executable, "-P", "-c", MAPPED, str(path)], capture_output=True, text=True, check=True
    )
    more, n, said = done.stdout.split(" ", 2)
    assert int(more) < 400_000 and int(n) == 2**33 and said.startswith("Use ")


def advice_of(*candidates: Candidate) -> Advice:
    return Advice(
        "Use <b>", "", "a", "code", candidates, EASY, 9, "int64", 8, None, 0, ("1 < 2",), 0.1
    )


CANDIDATES = (
    Candidate("a", 5.0, 100, 0.1, 0.1, True, "<i>"),
    Candidate("b", 9.0, 0, None, None, True, ""),
    Candidate("slow and large", 9.5, 200, None, None, True, ""),
    Candidate("hash", 1.0, 0, None, None, False, ""),
    Candidate("late", None, None, None, None, False, "not built"),
)


def test_the_front_holds_what_nothing_beats() -> None:
    assert [one.name for one in front(list(CANDIDATES))] == ["b", "a"]


def test_html_is_escaped_and_has_no_colours_of_its_own() -> None:
    text = advice_of(*CANDIDATES)._repr_html_()
    assert "&lt;b&gt;" in text and "&lt;i&gt;" in text and "1 &lt; 2" in text
    assert "<b>" not in text and "<i>" not in text
    assert "#" not in text.replace("&#x27;", "") and "<script" not in text and "http" not in text
    assert text.count("<tr>") == 1 + len(CANDIDATES)


def test_the_picture_has_every_timed_candidate() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    figure = advice_of(*CANDIDATES).plot()
    (axes,) = figure.axes
    assert {text.get_text() for text in axes.texts} == {"a", "b", "slow and large", "hash"}
    assert axes.get_xlabel() == "bytes beside the keys" and len(axes.lines) == 1
    with pytest.raises(TypeError, match="^axes: must be one Axes"):
        advice_of(*CANDIDATES).plot(figure.axes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lx.advise([]).plot(axes)
    plt.close(figure)
