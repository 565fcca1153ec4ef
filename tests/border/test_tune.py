"""tune: a fitted model within the memory, or none, chosen without a clock."""

import io
import itertools
import sys
import time
import warnings
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from benchmarks.suites import advised as measured
from learnedidx._formats.keys import in_order
from learnedidx.advice import _costs as costs
from learnedidx.advice import _tuning as tuning
from learnedidx.advice._costs import Facts
from learnedidx.models import DirectTable

RANDOM = np.random.default_rng(0)
UNIFORM = np.sort(RANDOM.integers(0, 10**12, 60_000))
SPLIT = np.sort(np.concatenate([RANDOM.integers(0, 10**12, 30_000) >> int(s) for s in range(4)]))


def quiet(keys: Any, queries: Any = None, **options: Any) -> Any:
    """Tune without the warnings that another test is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lx.tune(keys, queries, **options)


@pytest.mark.parametrize("memory", [2_000, 10_000, 10**6, None])
def test_the_model_is_fitted_and_keeps_to_the_memory(memory: int | None) -> None:
    model = quiet(UNIFORM, memory=memory)
    assert memory is None or model.nbytes_ <= memory
    index = lx.LearnedIndex(UNIFORM, model)
    assert np.array_equal(index.searchsorted(UNIFORM[::7]), np.arange(UNIFORM.size)[::7])
    assert index.model.get_params() == model.get_params()


def test_more_memory_does_not_cost_more() -> None:
    predicted = []
    for memory in (300, 3_000, 30_000, 300_000):
        keys = in_order(SPLIT)
        model = quiet(SPLIT, SPLIT[::9], memory=memory)
        queries = SPLIT[::9]
        truth = np.searchsorted(SPLIT, queries)
        found = costs.facts(None if model == "none" else model, keys, queries, truth)
        predicted.append(found.nanoseconds())
    worse = [later / first for first, later in itertools.pairwise(predicted)]
    assert max(worse) < 1.05 and predicted[-1] < predicted[0] / 2


def test_equal_seeds_give_equal_models() -> None:
    one, other = (lx.tune(SPLIT, memory=20_000, seed=3) for _ in range(2))
    assert repr(one) == repr(other) and one.nbytes_ == other.nbytes_


def test_no_clock_takes_part(monkeypatch: pytest.MonkeyPatch) -> None:
    once = lx.tune(SPLIT, memory=20_000)
    ticks = iter(range(10**9))
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(ticks) ** 2))
    assert repr(lx.tune(SPLIT, memory=20_000)) == repr(once)


def test_queries_decide() -> None:
    far = np.sort(np.r_[np.arange(40_000), RANDOM.lognormal(20, 3, 20_000).astype(np.int64)])
    dense = tuning._prepared(in_order(far), np.arange(40_000), None, RANDOM)
    model = lx.RMI(n_leaves=64)._for_index(dense.keys)
    easy = costs.facts(model, dense.keys, dense.queries, dense.truth)
    other = tuning._prepared(in_order(far), far[50_000:], None, RANDOM)
    hard = costs.facts(model, other.keys, other.queries, other.truth)
    assert easy.nanoseconds() < hard.nanoseconds()


@pytest.mark.parametrize("memory", [0, 10, 2**12])
def test_where_no_model_of_so_few_bytes_is_faster_it_is_none(memory: int) -> None:
    keys = np.sort(RANDOM.lognormal(20, 3, 10**6).astype(np.int64))
    larger = r'without one: "none"; RMI\(n_leaves=\d+\) should be, and takes \d'
    with pytest.warns(UserWarning, match=f"^tune: no model of at most .* {larger}"):
        model = lx.tune(keys, memory=memory)
    assert model == "none" and lx.LearnedIndex(keys, model).nbytes == 0


def test_no_model_that_costs_more_than_none_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(costs.COSTS, "none", (0.0,) * 6)
    with pytest.warns(UserWarning, match='^tune: no model should be .* without one: "none"$'):
        assert lx.tune(UNIFORM) == "none"


def test_ctrl_c_gives_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(tuning, "_part", interrupted)
    with pytest.warns(UserWarning, match="^tune: stopped; .* is the best so far"):
        model = lx.tune(UNIFORM)
    assert lx.LearnedIndex(UNIFORM, model).rank(int(UNIFORM[5])) == 6
    monkeypatch.setattr(tuning.Search, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lx.tune(UNIFORM)


def test_progress_is_shown_on_a_terminal_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    quiet(UNIFORM[:1_000])
    assert "trying BTree()" in terminal.getvalue() and "best so far" in terminal.getvalue()
    assert terminal.getvalue().endswith(f"\r{'':100}\r")
    monkeypatch.setattr(sys, "stderr", plain := io.StringIO())
    quiet(UNIFORM[:1_000])
    assert plain.getvalue() == ""


def test_small_nodes_and_large_ones_cost_differently() -> None:
    keys, none = in_order(UNIFORM), np.empty(0, np.intp)
    kinds = {costs.facts(lx.BTree(node).fit(UNIFORM), keys, none, none).kind for node in (8, 16)}
    assert kinds == {"BTree8", "BTree"} and kinds < set(costs.COSTS)
    pgms = [costs._kind(lx.PGM(epsilon), keys) for epsilon in (16, 17)]
    assert pgms == ["PGM near", "PGM"] == [measured.kind_of(f"PGM({e})") for e in (16, 17)]


def test_few_bits_get_a_table() -> None:
    keys = np.sort(RANDOM.integers(0, 256, 5_000)).astype(np.uint8)
    assert isinstance(lx.tune(keys), DirectTable)
    assert not isinstance(quiet(keys, memory=900), DirectTable)


@pytest.mark.parametrize(
    "keys",
    [
        [5],
        np.arange(10),
        np.full(1_000, 7),
        np.sort(np.r_[RANDOM.normal(size=300), np.nan, np.inf]),
        np.arange(500).astype("M8[s]"),
        np.sort(RANDOM.normal(size=300)).astype(np.float16),
    ],
    ids=["one", "ten", "equal", "floats", "times", "half"],
)
def test_any_keys_get_a_model(keys: Any) -> None:
    model = quiet(keys)
    assert lx.LearnedIndex(keys, model).rank(keys[0]) >= 1


def test_queries_of_another_type_are_taken() -> None:
    assert quiet(UNIFORM[:2_000], [0.5, 1e9, 2**70]).nbytes_ > 0
    assert quiet(UNIFORM[:2_000], UNIFORM[::99].astype(">i8")).nbytes_ > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keys": []}, "keys: no number"),
        ({"keys": [2, 1]}, "keys: not sorted"),
        ({"memory": 2.0}, "memory: must be"),
        ({"seed": None}, "seed: must be"),
        ({"queries": ["a"]}, "queries: cannot compare"),
        ({"queries": [1, None]}, "queries: cannot compare NoneType"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        lx.tune(**{"keys": [1, 2], **arguments})


def test_slow_models_that_promise_nothing_are_not_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "PART", 2_000)
    fitted = []
    monkeypatch.setattr(tuning.Search, "say", lambda self, model: fitted.append(repr(model)))
    search = tuning._prepared(in_order(UNIFORM), None, None, RANDOM)
    tuning._search(search, RANDOM)
    names = [repr(model) for model, _ in search.tried]
    assert "PGM(epsilon=32768)" in fitted and "PGM(epsilon=32768)" not in names
    assert len(names) == len(set(names)), "no model is fitted twice"


def test_no_more_than_three_slow_models_are_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("PGM", "PGM near", "RadixSpline"):
        monkeypatch.setitem(costs.COSTS, kind, (0.0,) * 6)  # all of them seem best
    search = tuning._prepared(in_order(UNIFORM), None, None, RANDOM)
    tuning._search(search, RANDOM)
    slow = [found.kind for _, found in search.tried if found.kind not in ("BTree", "BTree8", "RMI")]
    assert len(slow) == 3


@pytest.mark.parametrize("memory", [4_000, 20_000])
def test_an_rmi_fills_the_memory(memory: int) -> None:
    search = tuning._prepared(in_order(UNIFORM), None, memory, RANDOM)
    search.fit(lx.RMI(n_leaves=10))
    tuning._fill(search, 10)
    assert 0.7 * memory < search.tried[-1][1].nbytes <= memory


def test_coefficients_are_those_of_the_measurements() -> None:
    rows = measured.read_costs()
    fitted = {kind: measured.fit(own) for kind, own in rows.items()}
    assert fitted == costs.COSTS, "run python -m benchmarks costs"
    for of, took in rows["none"]:  # every model is compared with none: near for all sizes
        assert 0.75 < Facts("none", of.key_bytes, 0, 0.0, 0.0).nanoseconds() / took < 1.25, of
