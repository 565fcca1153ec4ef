"""What careful readers broke once: races, exits, live models, nulls, months, weights."""

import copy
import subprocess
import sys
import threading
import warnings
from typing import Any

import numpy as np
import pytest

import learnedidx as lx

KEYS = np.arange(0, 3000, 3)


def in_process(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_first_bounds_from_many_threads() -> None:
    keys = np.arange(400_000, dtype=np.uint64) ** 2
    for _ in range(5):
        index, found = lx.LearnedIndex(keys, "rmi"), list[Any]()

        def ask(index: lx.LearnedIndex = index, found: list[Any] = found) -> None:
            found.append(index.bounds(keys[::2]))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(np.array_equal(part, found[0]) for part in found)


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_threads_that_memory_is_too_short_for() -> None:
    in_process("""
import resource, numpy as np, learnedidx as lx
keys = np.arange(1000)
index, queries = lx.LearnedIndex(keys), np.zeros(8_000_000, np.int64)
out = np.empty(queries.size, np.intp)
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 40 * 2**20, resource.RLIM_INFINITY))
index.searchsorted(queries, out=out, threads=64)
assert not out.any()
""")


def test_a_daemon_thread_inside_a_batch_at_exit() -> None:
    in_process("""
import threading, time, numpy as np, learnedidx as lx
index, queries = lx.LearnedIndex(np.arange(10**6)), np.zeros(10**6, np.int64)
def work():
    while True:
        index.searchsorted(queries)
threading.Thread(target=work, daemon=True).start()
time.sleep(0.2)
""")


@pytest.mark.parametrize("model", ["rmi", "btree"])
def test_refitting_the_model_leaves_the_index_alone(model: str) -> None:
    index = lx.LearnedIndex(KEYS, model)
    index.model.fit(np.arange(1000) ** 3)
    for twin in (index, copy.copy(index)):
        low, high = twin.bounds(KEYS)
        assert (low <= np.arange(1000)).all()
        assert (np.arange(1000) <= high).all()
        twin.verify()


def test_a_second_init_changes_nothing() -> None:
    index = lx.LearnedIndex(KEYS)
    with pytest.raises(ValueError, match="built once"):
        index.__init__(np.arange(50) * 7)  # type: ignore[misc]
    assert copy.copy(index).keys.size == len(index) == 1000
    assert "not built" in repr(lx.LearnedIndex.__new__(lx.LearnedIndex))


def test_reshaping_the_callers_array_leaves_the_index_alone() -> None:
    mine = np.arange(100)
    index = lx.LearnedIndex(mine)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mine.shape = (10, 10)
    assert copy.copy(index).keys.shape == (100,)


def test_nat_is_no_neighbour() -> None:
    index = lx.LearnedIndex(np.array(["1690-01-01", "NaT"], "M8[ns]"))
    query = np.array(["1700-01-01"], "M8[ns]")
    years = np.timedelta64(25 * 365, "D")
    assert index.find(query, "backfill", years).tolist() == [-1]
    assert index.find(query, "nearest").tolist() == [index.find(query[0], "nearest")] == [0]


@pytest.mark.parametrize(
    ("keys", "tolerance"), [("M8[D]", "m8[M]"), ("m8[D]", "m8[Y]"), ("m8[M]", "m8[s]")]
)
def test_months_are_no_tolerance_for_days(keys: str, tolerance: str) -> None:
    index = lx.LearnedIndex(np.arange(9).astype(keys))
    with pytest.raises(TypeError, match="tolerance"):
        index.find(index[3], "nearest", np.array(1).astype(tolerance)[()])


def test_years_against_steps_of_seven_nanoseconds() -> None:
    index = lx.LearnedIndex(np.linspace(0, 2**62, 1000).astype("i8").view("M8[7ns]"))
    queries = np.array(["2400", "2500", "3000"], "M8[Y]")
    assert index.searchsorted(queries).tolist() == [index.searchsorted(q) for q in queries]
    assert index.searchsorted(queries).tolist() == [420, 518, 1000]


@pytest.mark.parametrize("library", ["pandas", "pyarrow", "polars"])
def test_nulls_are_refused_everywhere(library: str) -> None:
    module = pytest.importorskip(library)
    make: Any = {
        "pandas": lambda: module.Series([2**60, None], dtype="Int64"),
        "pyarrow": lambda: module.array([2**60, None]),
        "polars": lambda: module.Series([2**60, None]),
    }[library]
    with pytest.raises(TypeError, match="keys: .*missing"):
        lx.LearnedIndex(make())
    with pytest.raises(TypeError, match="v: .*missing"):
        lx.LearnedIndex(KEYS).searchsorted(make())


def test_lists_of_ints_that_no_dtype_holds() -> None:
    with pytest.raises(TypeError, match="keys: NumPy makes float64 .* hold 9223372036854775809"):
        lx.LearnedIndex([-1, 2**63 + 1])


def test_argument_errors_name_the_verb() -> None:
    index = lx.LearnedIndex(KEYS)
    with pytest.raises(TypeError, match=r"sorter: .*sort once"):
        index.searchsorted(5, sorter=[1])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"LearnedIndex\.rank\(\)"):
        index.rank(5, side="left")  # type: ignore[call-overload]


def test_predictions_read_queries_as_the_verbs_do() -> None:
    model = lx.RMI().fit(KEYS.astype(np.uint64))
    low, high = model.predict([-1, 2**70])
    assert low == 0
    assert high > 900
    with pytest.raises(TypeError, match="v: "):
        model.predict(np.array(["2020"], "M8[s]"))


@pytest.mark.parametrize("root", ["histogram", "linear", "cubic"])
def test_weights_reach_every_root_that_learns(root: str) -> None:
    keys = np.sort(np.random.default_rng(0).integers(0, 2**60, 100_000))
    weights = np.full(keys.size, 0.1 / 90_000)
    weights[40_000:50_000] = 0.9 / 10_000
    heavy = keys[40_000:50_000]

    def width(sample_weight: Any) -> float:
        model = lx.RMI(root, n_leaves=1000).fit(keys, sample_weight=sample_weight)
        low, high = lx.LearnedIndex(keys, model).bounds(heavy)
        return float(np.mean(high - low))

    limit = 0.5 if root == "histogram" else 1.0  # a line cannot bend to where the weight is
    assert width(weights) <= limit * width(None)


def test_cross_validation_prefers_the_better_model() -> None:
    keys = np.sort(np.random.default_rng(0).lognormal(0, 1, 5000))
    halves = [(np.arange(0, 5000, 2), np.arange(1, 5000, 2))]
    grid = pytest.importorskip("sklearn.model_selection").GridSearchCV(
        lx.RMI("linear"), {"n_leaves": [1, 1000]}, cv=halves
    )
    assert grid.fit(keys).best_params_ == {"n_leaves": 1000}


def test_answers_of_two_arrays_go_where_they_are_told() -> None:
    index = lx.LearnedIndex(KEYS)
    out = (np.empty(2, np.intp), np.empty(2, np.intp))
    starts, stops = index.range([3, 9], [9, 30], out=out)
    assert starts is out[0]
    assert stops is out[1]
    assert [starts.tolist(), stops.tolist()] == [[1, 3], [3, 10]]
    assert index.bounds([3, 9], out=out)[1] is out[1]
    single = (np.empty((), np.intp), np.empty((), np.intp))
    found: Any = index.range(3, 9, out=single)  # type: ignore[call-overload]
    assert [int(end) for end in found] == [1, 3]
    with pytest.raises(TypeError, match="out: "):
        index.range([3], [9], out=out[0])  # type: ignore[call-overload]


@pytest.mark.parametrize("model", [lx.PGM(epsilon=2), lx.RadixSpline(epsilon=2)])
def test_epsilon_holds_for_what_lies_after_all_numbers(model: Any) -> None:
    keys = np.r_[np.arange(1000.0), [np.inf] * 300, [np.nan] * 5]
    fitted = model.fit(keys)
    assert np.abs(fitted.predict(keys) - np.searchsorted(keys, keys)).max() <= 2
    narrow = np.sort(np.r_[np.arange(-100, 100), [127] * 500]).astype(np.int8)
    np.testing.assert_array_equal(model.fit(narrow).predict(np.array([128, 1e9])), [700, 700])


@pytest.mark.parametrize("verb", ["range", "bounds"])
def test_two_answers_need_memory_of_their_own(verb: str) -> None:
    index = lx.LearnedIndex(np.arange(0, 9999, 3), "rmi")
    queries, memory = np.array([5, 700, 99]), np.zeros(4, np.intp)
    arguments = (queries, queries + 50) if verb == "range" else (queries,)
    for out in ((memory[:3], memory[1:]), (memory[:3], memory[:3])):
        with pytest.raises(ValueError, match="out: the two arrays overlap"):
            getattr(index, verb)(*arguments, out=out)


def test_an_empty_list_of_keys_is_an_empty_index() -> None:
    assert len(lx.LearnedIndex([])) == 0
    assert lx.LearnedIndex([]).searchsorted(3) == 0


def test_an_edited_key_costs_no_read_outside_the_points() -> None:
    keys = np.sort(np.random.default_rng(4).integers(0, 2**60, 20_000, dtype=np.uint64))
    index = lx.LearnedIndex(keys, lx.RadixSpline(epsilon=8))
    keys[10_000] = 2**64 - 1
    assert 0 <= index.model.max_error_ < 10**6
