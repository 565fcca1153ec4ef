"""model="auto": a fixed rule, so the same keys give the same structure and the same bytes."""

from typing import Any

import numpy as np
import pytest

import datasets
import learnedidx as lx
from learnedidx.models import RMI, BTree, DirectTable, choose

MANY = 400_000  # enough for a model
HARD = ("osm", "stair", "stair_equal", "runs", "floats")
SMOOTH = ("uniform", "seq", "lastbit_top")


def test_the_sizes_here_are_on_both_sides_of_the_rule() -> None:
    assert choose.FEWEST <= 1_000 < choose.FEWEST_FOR_MODEL <= MANY


@pytest.mark.parametrize("name", HARD)
def test_hard_keys_get_the_tree(name: str) -> None:
    assert isinstance(lx.LearnedIndex(datasets.load(name, n=MANY)).model, BTree)


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_keys_get_a_model(name: str) -> None:
    assert isinstance(lx.LearnedIndex(datasets.load(name, n=MANY)).model, RMI)


@pytest.mark.parametrize(("name", "n"), [("seq", 100_000), ("poison", 10_000_000)])
def test_an_rmi_where_a_tree_loses_a_fifth_on_some_processor(name: str, n: int) -> None:
    assert isinstance(lx.LearnedIndex(datasets.load(name, n=n)).model, RMI)


@pytest.mark.parametrize(
    ("name", "stages", "cut"),
    [("two", 1, True), ("fb", 1, True), ("lognormal", 2, False), ("books", 3, False)],
)
def test_keys_that_need_more_than_a_plain_root_get_the_tree(
    name: str, stages: int, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = datasets.load(name, n=MANY)
    model = lx.RMI().fit(keys)
    assert (len(model.stage_knots_), len(model.root_pieces_) > 1) == (stages, cut)

    def built(*_: Any) -> Any:
        raise AssertionError("an RMI was built, which takes time and is not taken")

    monkeypatch.setattr(RMI, "_for_index", built)
    assert isinstance(lx.LearnedIndex(keys).model, BTree)


def test_a_third_stage_asks_for_more_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    fewest = choose.FEWEST_FOR_MODEL * choose.KEYS_A_STAGE
    monkeypatch.setattr(choose, "window_hits", lambda *_: 1.0)
    keys = datasets.load("lognormal", n=fewest)
    model: Any = lx.LearnedIndex(keys).model
    assert isinstance(model, RMI) and len(model.stage_knots_) == 2
    assert isinstance(lx.LearnedIndex(keys[: fewest - 1]).model, BTree)
    assert isinstance(lx.LearnedIndex(datasets.load("books", n=fewest)).model, BTree)  # a fourth
    monkeypatch.setattr(choose, "window_hits", lambda *_: 1 - 1.1 * choose.MISSES_A_DOUBLING)
    assert isinstance(lx.LearnedIndex(keys).model, BTree)


def test_the_fewest_keys_may_have_few_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    fewest, allowed = choose.FEWEST_FOR_MODEL, choose.MISSES_A_DOUBLING

    def kind(n: int, misses: float) -> type:
        monkeypatch.setattr(choose, "window_hits", lambda *_: 1 - misses)
        return type(lx.LearnedIndex(np.arange(n)).model)

    assert kind(fewest - 1, 0.0) is BTree
    assert [kind(fewest, allowed * part) for part in (0.9, 1.1)] == [RMI, BTree]
    assert [kind(4 * fewest, allowed * part) for part in (2.9, 3.1)] == [RMI, BTree]


@pytest.mark.parametrize("name", ["uniform", "osm", "equal", "stair_equal", "two"])
@pytest.mark.parametrize("n", [0, 1, 63, 64, 1_000, MANY])
def test_equal_keys_give_equal_bytes(name: str, n: int) -> None:
    keys = datasets.load(name, n=max(n, 1))[:n]
    one, other = (lx.LearnedIndex(np.array(keys)) for _ in range(2))
    assert one.save(bytes) == other.save(bytes)
    assert repr(one.model) == repr(other.model)


def test_the_clock_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any) -> float:
        raise AssertionError("the rule asked for the time")

    for clock in ("time", "perf_counter", "perf_counter_ns", "monotonic", "process_time"):
        monkeypatch.setattr(f"time.{clock}", asked)
    for name in ("uniform", "osm"):
        assert lx.LearnedIndex(datasets.load(name, n=MANY)).model is not None


@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint64", "float32", "float64"])
@pytest.mark.parametrize("n", [*range(10), 15, 16, 63])
def test_a_few_keys_need_no_model(n: int, dtype: str) -> None:
    keys = (np.arange(n) * 3).astype(dtype)
    index = lx.LearnedIndex(keys)
    assert index.model is None
    assert index.nbytes == 0
    queries = np.arange(3 * n + 2).astype(dtype).repeat(7)
    for side in ("left", "right"):
        assert np.array_equal(index.searchsorted(queries, side), keys.searchsorted(queries, side))


def test_nodes_are_narrow_for_few_keys_of_8_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "FEWEST_FOR_WIDE_NODES", 10_000)

    def node(dtype: str, n: int) -> Any:
        drawn = datasets.load("osm", n=n) >> np.uint64(0 if dtype == "uint64" else 33)
        return lx.LearnedIndex(drawn.astype(dtype)).model.node

    fewest = choose.FEWEST_FOR_NARROW_NODES
    sizes = (64, fewest - 1, fewest, 9_999, 10_000)
    assert [node("uint64", n) for n in sizes] == [16, 16, 8, 8, 16]
    assert [node("int32", n) for n in (64, 1_000, 9_999)] == [16, 16, 16]


@pytest.mark.parametrize("n", [64, 1_000, 8 * MANY])
@pytest.mark.parametrize("value", [0, 7, 2**64 - 1])
def test_all_equal_keys_are_answered_by_whatever_is_chosen(n: int, value: int) -> None:
    index = lx.LearnedIndex(np.full(n, value, np.uint64))
    low, high = index.searchsorted([value], "left"), index.searchsorted([value], "right")
    assert (low.tolist(), high.tolist()) == ([0], [n])
    assert isinstance(index.model, BTree)


def test_repeated_keys_of_16_bits_get_the_table() -> None:
    keys = np.sort(np.random.default_rng(3).integers(0, 2**16, MANY).astype(np.uint16))
    assert isinstance(lx.LearnedIndex(keys).model, DirectTable)


def test_missing_times_at_the_end_do_not_count() -> None:
    numbers = np.arange(MANY).view("M8[s]")
    keys = np.concatenate([numbers, np.full(MANY, "NaT", "M8[s]")])
    assert repr(lx.LearnedIndex(keys).model) == repr(lx.LearnedIndex(numbers).model) == "RMI()"
    assert lx.LearnedIndex(keys[MANY - 10 :]).model is None
