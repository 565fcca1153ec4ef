"""LearnedHash: the position of every member, certified bounds, and fingerprints."""

from __future__ import annotations

import pickle
import uuid
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.filters.key_sets import DTYPES, Array, beside, crafted, keys_of

STEPS = (64, 128, 256)


def distinct(dtype: str, n: int = 3000) -> Array:
    """Return keys, each once, NaN last."""
    keys = keys_of(dtype, n)
    return np.unique(keys, equal_nan=False)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_members_and_bounds(dtype: str, step: int) -> None:
    keys = distinct(dtype)
    numbers = keys[keys == keys]
    hash = lx.LearnedHash(step, 16).fit(keys)
    wanted = np.arange(numbers.size)
    assert np.array_equal(hash.position(numbers), wanted)
    assert np.array_equal(hash.may_find(numbers), wanted)
    asked = beside(keys)
    index: Any = lx.LearnedIndex(keys)
    places, found = index.searchsorted(asked), index.find(asked)
    low, high = hash.bounds(asked)
    assert (low <= places).all() and (places <= high).all() and (high - low <= step).all()
    got = hash.may_find(asked)
    assert np.array_equal(got[found >= 0], found[found >= 0]) and (got[found < 0] >= 0).sum() <= 4
    for at in range(0, asked.size, asked.size // 19 + 1):
        one = asked[at]
        assert hash.bounds(one) == (low[at], high[at]) and hash.may_find(one) == got[at]
        assert hash.position(one) == hash.position(asked[at : at + 1])[0]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_repeated_keys_have_the_position_of_the_first(dtype: str, step: int) -> None:
    random = np.random.default_rng(step)
    values = np.array([False, True]) if dtype == "?" else distinct(dtype, 900)
    counts = random.integers(1, 5, values.size)
    counts[values.size // 3] = 3000
    for times in (counts, np.where(random.random(values.size) < 0.01, 2, 1)):
        keys = np.repeat(values, times)
        numbers = keys[keys == keys]
        hash = lx.LearnedHash(step, 16).fit(keys)
        wanted = np.searchsorted(numbers, numbers)
        assert np.array_equal(hash.position(numbers), wanted)
        assert np.array_equal(hash.may_find(numbers), wanted)
        assert hash.stats()["keys"] == numbers.size
        assert hash.stats()["distinct"] == len(set(numbers.tolist()))  # np.unique errs: float16
        asked = values if dtype == "?" else beside(values)
        places = lx.LearnedIndex(keys).searchsorted(asked)
        low, high = hash.bounds(asked)
        assert (low <= places).all() and (places <= high).all()
        between = np.append(np.unique(numbers, return_index=True)[1], numbers.size)
        assert (np.searchsorted(between, high) - np.searchsorted(between, low) <= step).all()
        for at in range(0, asked.size, asked.size // 9 + 1):
            assert hash.bounds(asked[at]) == (low[at], high[at])


def test_repeated_keys_take_little_more_and_unique_ones_none() -> None:
    random = np.random.default_rng(1)
    values = np.unique(random.integers(0, 2**62, 100_000))
    unique = lx.LearnedHash().fit(values)
    for share in (0.001, 0.2, 0.5, 0.51, 3, 40):
        counts = 1 + random.poisson(share, values.size)
        keys = np.repeat(values, counts)
        hash = lx.LearnedHash().fit(keys)
        more = 8 * (hash.nbytes_ - unique.nbytes_)
        assert more <= 1.13 * keys.size + 2000
        if share < 0.01:
            assert more <= 0.02 * keys.size + 2000
    assert unique.nbytes_ == lx.LearnedHash().fit(np.repeat(values, 1)).nbytes_


def test_a_hash_of_repeated_keys_in_files() -> None:
    keys = np.repeat(np.arange(0, 9000, 3), np.arange(3000) % 4 + 1)
    hash, wanted = lx.LearnedHash(fingerprint=8).fit(keys), np.searchsorted(keys, keys)
    pair = np.empty(keys.size, np.intp), np.empty(keys.size, np.intp)
    low, high = hash.bounds(keys, out=pair, threads=2)
    assert low is pair[0] and high is pair[1] and (wanted <= high).all() and (low <= wanted).all()
    blob = hash.save(bytes)
    for again in (pickle.loads(pickle.dumps(hash)), lx.open(blob)):
        assert np.array_equal(again.position(keys), wanted)
    opened = lx.open(lx.LearnedIndex(keys).save(bytes, filter=hash))
    assert np.array_equal(opened.filter.may_find(keys), wanted)
    for others in (np.unique(keys), keys[1:], keys[:-1], np.append(keys, keys[-1])):
        with pytest.raises(ValueError, match="filter: denies a key"):
            lx.LearnedIndex(others).save(bytes, filter=hash)


@pytest.mark.parametrize("n", [0, 1, 2, 63, 64, 65, 256, 257, 5000])
def test_sizes(n: int) -> None:
    for keys in (np.arange(n) * 7, 2 ** np.minimum(np.arange(n), 62) + np.arange(n)):
        hash = lx.LearnedHash().fit(keys)
        assert np.array_equal(hash.position(keys), np.arange(n))
        assert hash.bounds(10**18)[1] <= n and hash.bounds(-5)[0] == 0


def test_queries_of_other_types() -> None:
    hash = lx.LearnedHash(64, 16).fit(np.arange(0, 1000, 2, dtype="i2"))
    asked = [4.0, 4.5, 1e9, float("nan"), -3, Fraction(9, 2), 2**70, True]
    assert [hash.may_find(v) for v in asked] == [2, -1, -1, -1, -1, -1, -1, -1]
    mixed = np.array(asked, dtype=object)
    assert hash.may_find(mixed).tolist() == [hash.may_find(v) for v in asked]
    assert hash.bounds(1e9) == (500, 500) and hash.bounds(4.5) == (0, 64)
    low, high = hash.bounds(np.array([-np.inf, 4.5, np.nan]))
    assert low.tolist() == [0, 0, 500] and high.tolist() == [64, 64, 500]


def test_bits_and_fingerprints() -> None:
    random = np.random.default_rng(1)
    keys = np.unique(random.integers(0, 2**62, 200_000))
    absent = random.integers(2**62, 2**63, 100_000) - 2**61
    absent = absent[~np.isin(absent, keys)]
    for step, bits in ((64, 4.2), (256, 3.4)):
        assert lx.LearnedHash(step).fit(keys).stats()["bits_per_key"] < bits
    for fingerprint in (8, 16):
        hash = lx.LearnedHash(fingerprint=fingerprint, seed=None).fit(keys)
        expected = absent.size * 2.0**-fingerprint
        assert (hash.may_find(absent) >= 0).sum() <= expected + 6 * np.sqrt(expected) + 6
    clustered = np.unique(
        (random.integers(0, 2**40, 400)[:, None] * 2**20 + np.arange(500)).ravel()
    )
    for step in STEPS:
        worst = 2 + 1.3 * np.log2(step) + 68 / step
        assert lx.LearnedHash(step).fit(clustered).stats()["bits_per_key"] <= worst


@pytest.mark.parametrize("strings", [False, True])
def test_who_does_not_know_the_seed_finds_no_more_than_the_rate(strings: bool) -> None:
    random = np.random.default_rng(4)
    keys, asked = random.integers(0, 2**62, 20_000), random.integers(0, 2**62, 400_000)
    keys, asked = np.unique(keys), asked[~np.isin(asked, keys)]
    if strings:
        keys, asked = np.sort(keys.astype("S20")), asked.astype("S20")
    known, drawn = (lx.LearnedHash(fingerprint=8, seed=seed).fit(keys) for seed in (0, None))
    wrong = asked[known.may_find(asked) >= 0]  # what an adversary finds who believes in seed 0
    rate = (drawn.may_find(wrong) >= 0).mean()
    assert wrong.size > 1000 and rate <= 2**-8 + 6 * np.sqrt(2**-8 / wrong.size)


def test_out_threads_pickle_and_files() -> None:
    keys = np.unique(np.random.default_rng(1).integers(0, 2**62, 60_000))
    hash = lx.LearnedHash(fingerprint=8).fit(keys)
    out, wanted = np.empty(keys.size, np.intp), np.arange(keys.size)
    assert hash.position(keys, out=out, threads=2) is out and np.array_equal(out, wanted)
    pair = np.empty(keys.size, np.intp), np.empty(keys.size, np.intp)
    low, high = hash.bounds(keys, out=pair)
    assert low is pair[0] and high is pair[1]
    one = np.empty((), np.intp), np.empty((), np.intp)
    assert hash.bounds(keys[3], out=one) is not None and one[1] == 256
    pair[0][:] = 7
    for wrong in (np.empty(3, np.intp), np.empty(keys.size, np.int8)):
        with pytest.raises(ValueError, match="out: got"):
            hash.bounds(keys, out=(pair[0], wrong))
    assert (pair[0] == 7).all()
    blob = hash.save(bytes)
    assert blob == lx.LearnedHash(fingerprint=8).fit(keys).save(bytes)
    for again in (pickle.loads(pickle.dumps(hash)), lx.open(blob)):
        assert repr(again) == "LearnedHash(fingerprint=8)"
        assert np.array_equal(again.may_find(keys), wanted)
    opened = lx.open(lx.LearnedIndex(keys).save(bytes, filter=hash))
    assert np.array_equal(opened.filter.position(keys), wanted)
    with pytest.raises(ValueError, match="filter: denies a key"):
        lx.LearnedIndex(keys[1:]).save(bytes, filter=hash)


WORDS = sorted({f"{i * i:x}"[::-1] * (1 + i % 2) for i in range(3000)})
STRINGS: dict[str, Any] = {
    "text": lambda: WORDS,
    "bytes": lambda: [word.encode() for word in WORDS],
    "NumPy's S": lambda: np.array([word.encode() for word in WORDS], "S"),
    "StringDType": lambda: np.array(WORDS, np.dtypes.StringDType()),
    "UUID": lambda: [uuid.UUID(int=i**9) for i in range(2000)],
    "nested": lambda: ["x" * i for i in range(700)],
    "one prefix": lambda: ["p" * 500 + f"{i:05}" for i in range(900)],
    "high bytes": lambda: sorted(bytes([255 - i % 3, 255, i % 256]) for i in range(700)),
    "few": lambda: ["", "", "a"],
    "none": lambda: np.array([], "S4"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", STRINGS)
def test_members_and_bounds_of_strings(name: str, step: int) -> None:
    keys = STRINGS[name]()
    index: Any = lx.LearnedIndex(keys)
    for fitted in (keys, np.repeat(np.asarray(keys), 3) if name != "UUID" else keys):
        index = lx.LearnedIndex(fitted)
        hash = lx.LearnedHash(step, 16).fit(fitted)
        wanted = index.find(keys)
        assert np.array_equal(hash.position(keys), wanted)
        assert np.array_equal(hash.may_find(keys, threads=2), wanted)
        one = list(keys)[len(keys) // 2 :][:1]
        assert [hash.position(key) for key in one] == index.find(one).tolist()
        asked = beside_strings(list(keys))
        places, found = index.searchsorted(asked), index.find(asked)
        low, high = hash.bounds(asked)
        assert (low <= places).all() and (places <= high).all()
        got = hash.may_find(asked)
        assert (got[found >= 0] == found[found >= 0]).all() and (got[found < 0] >= 0).sum() <= 4
        if asked:
            assert hash.bounds(asked[0]) == (low[0], high[0])
        again = lx.open(lx.LearnedIndex(fitted).save(bytes, filter=hash)).filter
        assert np.array_equal(again.position(keys), wanted)
        assert np.array_equal(pickle.loads(pickle.dumps(hash)).position(keys), wanted)
        if len(keys) > 2:
            with pytest.raises(ValueError, match="filter: denies a key"):
                lx.LearnedIndex(fitted[1:]).save(bytes, filter=hash)


def beside_strings(keys: list[Any]) -> list[Any]:
    """Return strings near keys: longer ones, shorter ones, and those at the ends of the order."""
    if not keys or isinstance(keys[0], uuid.UUID):
        return keys
    more, last = ("!", "\U0010ffff" * 9) if isinstance(keys[0], str) else (b"!", b"\xff" * 9)
    empty = more[:0]
    return [*(key + more for key in keys), *(key[:-1] for key in keys), empty, last, more]


def test_strings_take_few_bits_and_equal_keys_give_equal_bytes() -> None:
    random = np.random.default_rng(1)
    keys = sorted({f"{i:x}" for i in random.integers(2**40, 2**44, 100_000).tolist()})
    hash = lx.LearnedHash().fit(keys)
    assert hash.stats()["bits_per_key"] < 6
    assert hash.save(bytes) == lx.LearnedHash().fit(list(keys)).save(bytes)
    worst = ["x" * i for i in range(3000)]
    for step in STEPS:
        hash = lx.LearnedHash(step).fit(worst)
        separators = 8 * sum(range(0, 3000, step))
        bits = 3000 * (2 + 1.3 * np.log2(step) + 192 / step) + separators + 8 * 1000
        assert 8 * hash.nbytes_ <= bits


def rounded(k: int) -> int:
    """Return what XXH64 does with eight bytes of its input."""
    k = k * 0xC2B2AE3D27D4EB4F % 2**64
    return (k << 31 | k >> 33) % 2**64 * 0x9E3779B185EBCA87 % 2**64


def unrounded(k: int) -> int:
    k = k * pow(0x9E3779B185EBCA87, -1, 2**64) % 2**64
    return (k >> 31 | k << 33) % 2**64 * pow(0xC2B2AE3D27D4EB4F, -1, 2**64) % 2**64


def after_eight(begin: bytes) -> int:
    """Return the state of XXH64 after the first eight of sixteen bytes, with seed 0."""
    h = (0x27D4EB2F165667C5 + 16) ^ rounded(int.from_bytes(begin, "little"))
    return ((h << 27 | h >> 37) * 0x9E3779B185EBCA87 + 0x85EBCA77C2B2AE63) % 2**64


def test_two_strings_with_one_hash_need_another_seed() -> None:
    hashed = pytest.importorskip("xxhash").xxh64_intdigest
    one, begin = b"aaaaaaaabbbbbbbb", b"aaaaaaac"
    state = after_eight(one[:8]) ^ rounded(int.from_bytes(one[8:], "little")) ^ after_eight(begin)
    other = begin + unrounded(state).to_bytes(8, "little")
    assert hashed(one) == hashed(other) and one < other < b"z"
    keys = [one, other, b"z"]
    with pytest.raises(ValueError, match="seed: two keys have the same hash of 64 bits; take anot"):
        lx.LearnedHash().fit(keys)
    assert lx.LearnedHash(seed=1).fit(keys).position(keys).tolist() == [0, 1, 2]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("fingerprint", [0, 16])
def test_crafted_files_are_refused_or_harmless(fingerprint: int, times: int) -> None:
    random = np.random.default_rng(2)
    keys = np.repeat(np.unique(random.integers(0, 2**62, 700)), times)
    hash = lx.LearnedHash(64, fingerprint).fit(keys)
    refused = 500
    for opened in crafted(hash, random, 500, 192, 30):
        refused -= 1
        got = opened.may_find(keys) if fingerprint else opened.position(keys)
        assert (got < opened.stats()["keys"]).all()
        opened.bounds(keys)
    assert 50 < refused < 500


def test_crafted_files_of_strings_are_refused_or_harmless() -> None:
    random = np.random.default_rng(3)
    keys = [f"https://{word}" for word in WORDS[:700]]
    hash = lx.LearnedHash(64, 8).fit(keys)
    refused = 500
    for opened in crafted(hash, random, 500, 192, 30):
        refused -= 1
        got = opened.position(keys)
        assert (got < opened.stats()["keys"]).all()
        opened.bounds([*keys, "", "zzz"])
    assert 50 < refused < 500


@pytest.mark.parametrize(
    ("arguments", "keys", "message"),
    [
        ({"step": 100}, [1], "step: must be one of 64, 128, 256, got 100"),
        ({"step": 64.0}, [1], "step: must be one of 64, 128, 256"),
        ({"fingerprint": 4}, [1], "fingerprint: must be one of 0, 8, 16, got 4"),
        ({"seed": -1}, [1], "seed: must be from 0"),
        ({}, [2, 1], "keys: not sorted"),
        ({}, ["b", "a"], r"keys: not sorted: keys\[1\] = 'a' comes after"),
        ({}, ["a", None], r"keys\[1\] is None"),
        ({}, [("a", 1), ("b", 2)], "keys: "),
    ],
)
def test_bad_input(arguments: dict[str, Any], keys: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        lx.LearnedHash(**arguments).fit(keys)


def test_bad_questions() -> None:
    hash = lx.LearnedHash().fit([1, 2])
    with pytest.raises(ValueError, match="fingerprint: there is none"):
        hash.may_find(1)
    with pytest.raises(TypeError, match="v: cannot compare str"):
        hash.position("a")
    of_text = lx.LearnedHash(fingerprint=8).fit(["a", "b"])
    for null in ([None], np.array(["a", None], object)[1:]):
        assert of_text.position(null).tolist() == of_text.may_find(null).tolist() == [-1]
        with pytest.raises(TypeError, match=r"v\[0\] is missing, which has no place in an order"):
            of_text.bounds(null)
    assert of_text.position(None) == of_text.may_find(None) == -1
    with pytest.raises(TypeError, match="v is missing, which has no place in an order"):
        of_text.bounds(None)
    for v, says in ((3, "int"), ([3.5], "float"), (b"a", "bytes"), ([b"a"], "bytes")):
        with pytest.raises(TypeError, match=f"v: cannot compare .*{says}"):
            of_text.position(v)
    with pytest.raises(TypeError, match="v: are strings, keys were none"):
        hash._core.positions(of_text._family.fixed("a")[0], False, "position", np.empty(1, "i8"), 1)
    with pytest.raises(TypeError, match="v: are no strings, keys were"):
        of_text._core.positions(np.array([1]), None, "position", np.empty(1, "i8"), 1)
    with pytest.raises(ValueError, match="LearnedHash is not fitted"):
        lx.LearnedHash().bounds([1])
