"""LearnedFilter: no member is denied, and errors on strings like those it has seen are few."""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx._formats.forms import form_of
from learnedidx._formats.text import column_of
from tests.filters.key_sets import crafted
from tests.format.filter_reader import LearnedReader
from tests.format.reader import Reader


def words(letters: str, n: int, seed: int) -> list[str]:
    """Return distinct words of some letters, of which the first are the most frequent."""
    random = np.random.default_rng(seed)
    shares = 0.8 ** np.arange(len(letters))
    ends = random.integers(3, 16, 2 * n).cumsum().tolist()
    signs = random.choice(list(letters), ends[-1], p=shares / shares.sum())
    text = "".join(signs.tolist())
    parts = (text[begin:end] for begin, end in zip([0, *ends], ends, strict=False))
    return list(dict.fromkeys(parts))[:n]


VOWELS, CONSONANTS = "aeioutnrslmdcphgbk", "tnrsldhcmpkgbfwaeiou"
KEYS, OTHERS = words(VOWELS, 20_000, 1), words(CONSONANTS, 40_000, 2)
KNOWN = set(KEYS)
OTHERS = [word for word in OTHERS if word not in KNOWN]
SEEN, NEW = OTHERS[::2], OTHERS[1::2]


@pytest.fixture(scope="module")
def fitted() -> lx.LearnedFilter:
    return lx.LearnedFilter(fpr=0.01).fit(KEYS, SEEN)


STRINGS: dict[str, Callable[[], Any]] = {
    "text": lambda: KEYS[:3000],
    "bytes": lambda: np.array([word.encode() for word in KEYS[:3000]]),
    "long": lambda: [word * 9 for word in KEYS[:500]] + ["a" * 64, "a" * 65, "a" * 999, ""],
    "unicode": lambda: [f"{word}\u00e9\U0001f600" for word in KEYS[:500]],
    "one": lambda: ["x"],
    "equal": lambda: ["x"] * 300,
    "none": lambda: np.empty(0, "S3"),
    "uuid": lambda: [uuid.UUID(int=i**9) for i in range(300)],
}


@pytest.mark.parametrize("regions", [1, 2, 8])
@pytest.mark.parametrize("name", STRINGS)
def test_no_member_is_denied(name: str, regions: int) -> None:
    keys = STRINGS[name]()
    absent: Any = [b"q", b"zz"] if isinstance(keys, np.ndarray) else ["q", "zz"]
    absent = [uuid.UUID(int=i) for i in (2, 3)] if name == "uuid" else absent * 40
    filter = lx.LearnedFilter(fpr=0.001, regions=regions, seed=None).fit(keys, absent)
    assert filter.may_contain(keys).all()
    assert all(filter.may_contain(key) for key in keys[:50])
    again = pickle.loads(pickle.dumps(filter)), lx.open(filter.save(bytes))
    for each in again:
        assert isinstance(each, lx.LearnedFilter) and each.get_params() == filter.get_params()
        for asked in (keys, absent):
            assert np.array_equal(each.may_contain(asked), filter.may_contain(asked))
    index = lx.LearnedIndex(sorted(keys) if isinstance(keys, list) else np.sort(keys))
    beside = lx.open(index.save(bytes, filter=filter)).filter
    assert beside is not None and beside.may_contain(keys).all()


def test_errors_and_bits(fitted: lx.LearnedFilter) -> None:
    wrong = fitted.may_contain(NEW)
    assert wrong.mean() <= 1.2 * 0.01 + 3 * np.sqrt(0.01 / len(NEW))
    assert abs(fitted.expected_fpr(NEW) - wrong.mean()) <= 4 * np.sqrt(0.01 / len(NEW))
    said = fitted.stats()
    assert said["bits_per_key"] <= 0.9 * 1.08 * np.log2(100)
    assert said["keys"] == len(KEYS) == sum(said["region_keys"])
    alike = [word for word in words(VOWELS, 5000, 3) if word not in KNOWN]
    assert fitted.expected_fpr(alike) > 0.05, "strings like the keys are answered worse"


def test_batches_and_single_values_agree(fitted: lx.LearnedFilter) -> None:
    asked = KEYS[:300] + NEW[:3000]
    got = fitted.may_contain(asked)
    assert got.tolist() == [fitted.may_contain(one) for one in asked]
    out = np.empty(len(asked), bool)
    assert fitted.may_contain(asked, out=out, threads=3) is out
    assert np.array_equal(out, got)
    assert not fitted.may_contain(None) and fitted.may_contain(["a", None]).shape == (2,)


def test_equal_keys_give_equal_bytes() -> None:
    keys, absent = KEYS[:2000], SEEN[:2000]
    first = lx.LearnedFilter().fit(keys, absent).save(bytes)
    assert lx.LearnedFilter().fit(keys[::-1], absent[::-1]).save(bytes) == first
    drawn = lx.LearnedFilter(seed=None).fit(keys, absent)
    assert drawn.save(bytes) != first
    assert drawn.seed_ != lx.LearnedFilter(seed=None).fit(keys, absent).seed_


def test_the_reader_of_the_format_agrees(fitted: lx.LearnedFilter) -> None:
    hashed = pytest.importorskip("xxhash").xxh64_intdigest
    small = lx.LearnedFilter(fpr=0.05, regions=5, seed=9).fit(KEYS[:900], SEEN[:900])
    for filter in (fitted, small):
        reader = LearnedReader(Reader(filter.save(bytes)).bytes_of("FLTR"))
        asked = KEYS[:200] + NEW[:2000] + ["", "x" * 63, "x" * 64, "x" * 65, "\u00e9"]
        assert filter.may_contain(asked).tolist() == [
            reader.has(v.encode(), hashed(v.encode(), seed=filter.seed_)) for v in asked
        ]


GOLDEN = Path(__file__).parent.parent / "format" / "golden" / "filters" / "looks.lidx"
GOLDEN_KEYS = [f"{i % 17:x}/{i * i}" for i in range(600)]


def kept() -> bytes:
    """Return what version 1.2 writes for the golden keys, by weights that no machine learns."""
    column: Any = column_of(np.array(GOLDEN_KEYS, np.dtypes.StringDType()))
    weights = (np.arange(256) * 89 % 255 - 127).astype(np.int8)
    borders, bits = np.array([-200, 100], np.int32), np.array([11, 6, 0], np.uint8)
    filter = lx.LearnedFilter(regions=3, seed=7)
    core = _core.LearnedFilter(column, weights, borders, bits, 7)
    filter._hold(core, form_of(column), column.trims)
    blob: bytes = filter.save(bytes)
    return blob


def test_the_golden_file_is_read() -> None:
    """Files of 1.2 stay readable, and equal keys and weights give equal bytes everywhere."""
    data = GOLDEN.read_bytes()
    assert data == kept()
    opened = lx.open(data, verify="full")
    assert isinstance(opened, lx.LearnedFilter) and opened.may_contain(GOLDEN_KEYS).all()
    assert min(opened.stats()["region_keys"]) > 50, "each region has keys"
    reader = LearnedReader(Reader(data).bytes_of("FLTR"))
    hashed = pytest.importorskip("xxhash").xxh64_intdigest
    asked = GOLDEN_KEYS + NEW[:900]
    got = opened.may_contain(asked).tolist()
    assert got == [reader.has(v.encode(), hashed(v.encode(), seed=7)) for v in asked]
    assert 0 < sum(got[len(GOLDEN_KEYS) :]) < 800


def test_crafted_filters_are_refused_or_harmless() -> None:
    random = np.random.default_rng(2)
    filter, refused = lx.LearnedFilter().fit(KEYS[:300], SEEN[:300]), 300
    for opened in crafted(filter, random, 300, 200, 9):
        refused -= 1
        opened.may_contain(KEYS[:300])
        opened.expected_fpr(NEW[:300])
        opened.stats()
    assert 50 < refused < 300
    blob = lx.PointFilter().fit(range(9)).save(bytes)
    words = np.frombuffer(filter.save(bytes), np.uint8)
    assert len(words) > len(blob)


def test_classifiers_become_whole_weights() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    trees = pytest.importorskip("sklearn.tree")
    scorer = linear.SGDClassifier(loss="log_loss", random_state=1)
    filter = lx.LearnedFilter(scorer).fit(KEYS[:3000], SEEN)
    assert filter.may_contain(KEYS[:3000]).all() and filter.expected_fpr(NEW) < 0.013
    assert not hasattr(scorer, "coef_"), "a copy of it is fitted"
    opened = lx.open(filter.save(bytes))
    assert opened.may_contain(KEYS[:3000]).all() and str(opened.scorer).startswith("SGD")
    with pytest.raises(TypeError, match="scorer: DecisionTreeClassifier has no coefficient"):
        lx.LearnedFilter(trees.DecisionTreeClassifier()).fit(KEYS[:99], SEEN[:99])


@pytest.mark.parametrize(
    ("parameters", "keys", "absent", "message"),
    [
        ({}, [1, 2], ["a", "b"], "keys: must be strings; numbers have no looks"),
        ({}, ["a"], None, "absent: missing; pass strings"),
        ({}, ["a"], ["b"], "absent: must be at least two strings"),
        ({}, ["a"], ["b", None, "c"], "absent: must be at least two strings, without missing"),
        ({}, ["a"], [b"b", b"c"], "absent"),
        ({}, ["a", None], ["b", "c"], r"keys\[1\] is None"),
        ({"fpr": 0.9}, ["a"], ["b", "c"], "fpr: must be a float from 1e-4 to 0.5, got 0.9"),
        ({"fpr": 1}, ["a"], ["b", "c"], "fpr: must be a float"),
        ({"regions": 9}, ["a"], ["b", "c"], "regions: must be from 1 to 8, got 9"),
        ({"scorer": "looks"}, ["a"], ["b", "c"], 'scorer: must be "ngrams" or a classifier'),
        ({"scorer": len}, ["a"], ["b", "c"], 'scorer: must be "ngrams" or a linear classifier'),
        ({"seed": -1}, ["a"], ["b", "c"], "seed: must be from 0"),
    ],
)
def test_bad_input(parameters: dict[str, Any], keys: Any, absent: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        lx.LearnedFilter(**parameters).fit(keys, absent)


def test_bad_questions(fitted: lx.LearnedFilter) -> None:
    with pytest.raises(TypeError, match="v: "):
        fitted.may_contain([1, 2])
    with pytest.raises(ValueError, match="absent_sample: must be strings"):
        fitted.expected_fpr([])
    with pytest.raises(ValueError, match="LearnedFilter is not fitted"):
        lx.LearnedFilter().may_contain("a")
    figure = pytest.importorskip("matplotlib") and fitted.plot()
    assert figure.axes[0].get_title(loc="left").startswith("LearnedFilter of 20,000 keys")
