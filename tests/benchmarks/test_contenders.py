"""Every contender that is here answers rightly; every one that is not says why."""

import numpy as np
import pytest

from benchmarks.checks import WrongAnswerError, check, check_scalars, expected
from benchmarks.contenders import TEXT, Answer, Array, defaults, make, names
from benchmarks.contenders.contender import not_installed
from benchmarks.workloads import mixed
from tests.benchmarks.fakes import OneOff, Right

RANDOM = np.random.default_rng(3)
KEY_SETS: dict[str, Array] = {
    "uint64": np.unique(RANDOM.integers(0, 2**64, 3_000, dtype=np.uint64)),
    "int64": np.unique(RANDOM.integers(-(2**62), 2**62, 3_000)),
    "uint32": np.unique(RANDOM.integers(0, 2**32, 3_000, dtype=np.uint32)),
    "float64": np.unique(RANDOM.normal(size=3_000)),
    "float32": np.unique(RANDOM.normal(size=3_000).astype(np.float32)),
    "duplicates": np.sort(RANDOM.integers(0, 40, 3_000).astype(np.uint64)),
    "one key": np.array([2**63 + 1], dtype=np.uint64),
}
OVER_NUMBERS = [name for name in names() if name not in {kind.name for kind in TEXT}]
COMPILED = ("absl", "std::lower_bound")  # take ten seconds and more
WRONG_BEYOND_THE_ENDS = {"pygm"}  # 1.0.1: bisect_left of the largest value of the type


def beyond_the_ends(keys: Array) -> Array:
    """Give queries smaller and larger than every key."""
    info = np.finfo(keys.dtype) if keys.dtype.kind == "f" else np.iinfo(keys.dtype)
    return np.array([info.min, info.max], dtype=keys.dtype)


@pytest.mark.parametrize("keys", KEY_SETS.values(), ids=KEY_SETS)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.whole] * (name in COMPILED)) for name in OVER_NUMBERS],
)
def test_answers_equal_numpy_and_bytes_are_a_number(name: str, keys: Array) -> None:
    contender = make(name)
    why_not = contender.missing() or contender.refuses(keys)
    if why_not is not None:
        pytest.skip(why_not)
    contender.build(keys)
    queries = mixed(keys, 2_000)
    if name not in WRONG_BEYOND_THE_ENDS:
        queries = np.concatenate([queries, beyond_the_ends(keys)])
    check(contender, keys, queries, contender.batch(contender.prepare(queries)))
    check_scalars(contender, keys, queries[-100:])
    counted = contender.nbytes()  # or left to be measured
    assert counted is None or 0 <= counted <= 4 * keys.nbytes + 10_000


def test_dates_are_refused_by_those_that_hold_numbers_only() -> None:
    dates = np.array(["2001-01-01"], dtype="datetime64[s]")
    for name in ("pandas", "polars", "absl", "pygm", "btrees", "sortedcontainers", "bisect"):
        assert "not datetime64[s]" in (make(name).refuses(dates) or "")


def test_keys_that_a_rival_cannot_hold_are_refused_with_a_reason() -> None:
    nan = np.array([1.0, np.nan])
    assert make("absl").refuses(nan) == "cannot order NaN"
    assert make("btrees").refuses(np.array([1.0])) == "takes integers only, not float64"
    assert make("absl").refuses(np.array([], dtype=np.uint64)) is not None
    assert make("pandas").refuses(np.array([1, 1])) == "get_indexer needs unique keys"
    assert make("numpy").refuses(nan) is None


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no contender 'trie'; choose from rmi, .*numpy"):
        make("trie")


def test_the_default_contenders_have_ours_and_every_rival_package() -> None:
    wanted = {"rmi", "btree8", "btree16", "none", "numpy", "absl", "pandas", "polars", "bisect"}
    assert wanted | {"pgm", "radix_spline", "btrees", "sortedcontainers", "pygm"} == set(defaults())


def test_a_package_that_is_not_there_is_said_to_be_missing() -> None:
    assert not_installed("no_such_package", "no-such") == "not installed: pip install no-such"
    assert not_installed("numpy", "numpy") is None


def test_an_old_numpy_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "__version__", "2.4.6")
    assert "2.4.6" in make("numpy").note()
    assert make("numpy").shown == "np.searchsorted *"
    monkeypatch.setattr(np, "__version__", "2.10.0")
    assert make("numpy").shown == "np.searchsorted"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (Answer.POSITION, [0, 0, 1, 3, 4]),
        (Answer.SUCCESSOR, [10, 10, 20, 30, 30]),
        (Answer.MATCH, [-1, 0, 1, 3, -1]),
        (Answer.PRESENT, [False, True, True, True, False]),
    ],
)
def test_expected_answers(answer: Answer, wanted: list[int]) -> None:
    keys, queries = np.array([10, 20, 20, 30]), np.array([5, 10, 20, 30, 31])
    assert expected(keys, queries, answer).tolist() == wanted


def test_one_wrong_answer_is_found_and_named() -> None:
    keys = KEY_SETS["uint64"]
    contender = OneOff()
    contender.build(keys)
    with pytest.raises(WrongAnswerError, match="1 of 3 answers are wrong; the first is query 2"):
        check(contender, keys, keys[:3], contender.batch(keys[:3]))
    with pytest.raises(WrongAnswerError, match="3 of 3"):
        check_scalars(contender, keys, keys[:3])


def test_answers_of_another_length_are_wrong() -> None:
    keys = KEY_SETS["uint64"]
    contender = Right()
    contender.build(keys)
    with pytest.raises(WrongAnswerError, match="answers to"):
        check(contender, keys, keys[:3], [0, 1])
