"""What files without keys give away: an attack on models and filters, from their bytes alone.

PYTHONPATH=. python examples/python/what_a_model_reveals.py --keys 1000000 --digits 9

The attacker has a file and FORMAT.md. The keys are used afterwards, to count what the attacker got.
All figures are the same on every machine.
"""

from __future__ import annotations

import argparse
import itertools
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import datasets
import learnedidx as lx

Array = NDArray[Any]
Bounds = Callable[[Array], tuple[Array, Array]]
BLOCK = 10_000  # numbers of an exchange: members lie in few of them
IN_BLOCK = 500  # members there
ASKED = 10**7  # values of one batch


def section(data: bytes, name: bytes) -> bytes:
    """Return a section of a file, empty if it has none: FORMAT.md, "Table"."""
    for number in range(struct.unpack_from("<I", data, 24)[0]):
        at = 128 + 32 * number
        start, length = struct.unpack_from("<QQ", data, at + 8)
        if data[at : at + 4] == name:
            return data[start : start + length]
    return b""


def header(data: bytes) -> tuple[int, int, int]:
    """Return the number of keys, the first and the last of uint64 keys."""
    count, _, first, last = struct.unpack_from("<4Q", data, 40)
    return count, first, last


def stored(data: bytes) -> Array:
    """Return the values that a file of uint64 keys without keys holds as they are."""
    _, first, last = header(data)
    model = lx.open(data).model
    found = [np.array([first, last], np.uint64)]
    if isinstance(model, lx.PGM):  # a line begins at a key, or at the value behind a key
        starts = model.coordinates_ + np.uint64(first)
        found += [starts, starts - np.uint64(1)]
    if isinstance(model, lx.RadixSpline):
        points = model.points_[0] + np.uint64(first)
        found += [points, points - np.uint64(1)]
    if isinstance(model, lx.RMI):  # ends of clusters that lie far apart
        shift = 64 - (last - first).bit_length()
        found.append((model.root_pieces_[:, :2].ravel() >> np.uint64(shift)) + np.uint64(first))
    if isinstance(model, lx.BTree):
        separators = np.frombuffer(section(data, b"SEPS"), "<u8")
        found.append(separators[separators <= last])  # unused slots hold the largest value
    return np.unique(np.concatenate(found))


def knots(data: bytes) -> Array:
    """Return the keys that a learned hash holds: the first of each segment, and the last."""
    words = section(data, b"FLTR")
    step, count = struct.unpack_from("<IQ", words, 4)
    segments = -(-count // step)
    return np.frombuffer(words, "<u8", segments + 1, 192 + segments * step // 4)


def between(bounds: Bounds, places: Array, first: int, last: int) -> tuple[Array, Array]:
    """Return the least and the largest value that certified bounds leave to the keys at places.

    The key at place i is below v if more than i keys are, and not below v if at most i keys are.
    """
    least, above = np.full(places.size, first, np.uint64), np.full(places.size, last, np.uint64)
    highest, below = above.copy(), least.copy()
    for _ in range(64):
        middle = least + (above - least + np.uint64(1)) // np.uint64(2)
        not_below = bounds(middle)[1] <= places
        least, above = np.where(not_below, middle, least), np.where(not_below, above, middle - 1)
        above = np.maximum(above, least)
        middle = below + (highest - below) // np.uint64(2)
        is_below = bounds(middle)[0] > places
        highest, below = np.where(is_below, middle, highest), np.where(is_below, below, middle + 1)
        below = np.minimum(below, highest)
    more = (bounds(highest)[0] > places) & (highest > least)
    return least, highest - more.astype(np.uint64)


def told(bounds: Bounds, keys: Array, sample: int) -> tuple[float, float, float]:
    """Return medians: error of a guess as a share of the range, bits known, candidates left."""
    places = np.unique(np.linspace(0, keys.size - 1, sample).astype(np.int64))
    low, high = between(bounds, places, int(keys[0]), int(keys[-1]))
    truth, span = keys[places], float(keys[-1] - keys[0])
    assert (low <= truth).all() and (truth <= high).all(), "certified bounds hold"
    guess = low + (high - low) // np.uint64(2)
    error = np.maximum(guess, truth) - np.minimum(guess, truth)
    width = (high - low).astype(float) + 1
    known = np.log2(span + 1) - np.log2(width)
    return float(np.median(error)) / span, float(np.median(known)), float(np.median(width))


def contenders(n: int) -> dict[str, Any]:
    """Return models by their names."""
    leaves = [max(n // each, 2) for each in (4096, 256, 32)]
    return {
        **{f"PGM, {epsilon}": lx.PGM(epsilon) for epsilon in (1024, 64, 16)},
        **{f"RadixSpline, {epsilon}": lx.RadixSpline(epsilon) for epsilon in (1024, 64, 16)},
        **{f"RMI, {count:,} leaves": lx.RMI(n_leaves=count) for count in leaves},
        "B+-tree": lx.BTree(),
    }


def phone_numbers(n: int, digits: int) -> Array:
    """Return numbers of so many digits: 500 at random in each of some blocks of 10,000."""
    random = np.random.default_rng(1)
    blocks = random.choice(10**digits // BLOCK, -(-n // IN_BLOCK), replace=False)
    inside = random.random((blocks.size, BLOCK)).argpartition(IN_BLOCK, axis=1)[:, :IN_BLOCK]
    return np.sort((blocks[:, None] * BLOCK + inside).ravel()).astype(np.uint64)


def models(name: str, keys: Array, sample: int) -> None:
    """Attack a file without keys of each model, and print a table."""
    span = int(keys[-1] - keys[0])
    print(f"\n{name}: {keys.size:,} keys in a range of {np.log2(span):.1f} bits")
    print(f"  {'model':<24}{'bytes':>10}{'exact':>9}{'error':>10}{'known':>7}{'candidates':>12}")
    line = np.interp(np.arange(keys.size), [0, keys.size - 1], [0, span])
    error = np.median(np.abs((keys - keys[0]).astype(float) - line)) / span
    print(f"  {'first and last alone':<24}{128:>10,}{'':>9}{error:>10.1e}{0:>7.1f}{span:>12.1e}")
    for title, model in contenders(keys.size).items():
        data = lx.LearnedIndex(keys, model=model).save(bytes, keys=False)
        exact = np.isin(stored(data), keys).sum() / keys.size
        error, known, width = told(lx.open(data).bounds, keys, sample)
        print(
            f"  {title:<24}{len(data):>10,}{exact:>9.3%}{error:>10.1e}{known:>7.1f}{width:>12.1e}"
        )


def enumerated(ask: Callable[[Array], Array], universe: int) -> Array:
    """Return all values below universe that a filter does not deny."""
    parts = (
        np.arange(start, min(start + ASKED, universe), dtype=np.uint64)
        for start in range(0, universe, ASKED)
    )
    return np.concatenate([part[ask(part)] for part in parts])


def descended(filter: lx.RangeFilter, first: int, last: int) -> Array:
    """Return all values from first to last that a filter of ranges does not deny.

    Ranges are halved, and those that are denied are left out: most values are never asked.
    """
    low, high = np.array([first], np.uint64), np.array([last], np.uint64)
    while True:
        maybe = filter.may_contain_range(low, high, "both")
        low, high = low[maybe], high[maybe]
        if (low == high).all():
            return np.sort(low)
        middle, longer = low + (high - low) // np.uint64(2), low < high
        low = np.concatenate([low, middle[longer] + np.uint64(1)])
        high = np.concatenate([middle, high[longer]])


def attacked(filter: Any, universe: int) -> Array:
    """Return what a filter that was opened from its bytes does not deny."""
    if isinstance(filter, lx.RangeFilter):
        return descended(filter, 0, universe - 1)
    if isinstance(filter, lx.LearnedHash):
        return enumerated(lambda v: filter.may_find(v) >= 0, universe)
    return enumerated(filter.may_contain, universe)


def filters(keys: Array, universe: int, sample: int) -> None:
    """Attack filters of numbers of which all can be asked."""
    print(f"\n{keys.size:,} members of {universe:,} numbers")
    print(f"  {'filter':<42}{'bits a key':>10}{'maybe':>12}{'members':>9}")
    for filter in (
        lx.PointFilter(0.01),
        lx.PointFilter(0.0001),
        lx.PointFilter(compact=True),
        lx.PointFilter(0.00002, compact=True),
        lx.RangeFilter(12, "robust"),
        lx.RangeFilter(20, "robust"),
        lx.RangeFilter(12),
        lx.LearnedHash(fingerprint=8),
    ):
        data = filter.fit(keys).save(bytes)
        maybe = attacked(lx.open(data), universe)
        right = np.isin(maybe, keys).sum()
        assert right == keys.size, "a filter denies no member"
        bits = filter.stats()["bits_per_key"]
        print(f"  {filter!r:<42}{bits:>10.1f}{maybe.size:>12,}{right / maybe.size:>9.1%}")
    data = lx.LearnedHash().fit(keys).save(bytes)
    exact = np.isin(knots(data), keys).sum() / keys.size
    _, known, width = told(lx.open(data).bounds, keys, sample)
    print(f"  LearnedHash(): {exact:.2%} exact, {known:.1f} bits known, {width:,.0f} candidates")


def three_letters(data: bytes, alphabet: str) -> Iterator[tuple[int, str]]:
    """Return each three letters with what they add to a score: FORMAT.md, "Filters"."""
    words = section(data, b"FLTR")
    bits = struct.unpack_from("<I", words, 4)[0]
    weights = np.frombuffer(words, np.int8, 2**bits, 200)

    def weight(gram: str) -> int:
        number = 0
        for letter in gram:
            number = number * 259 + ord(letter) + 1
        return int(weights[((5 * number + len(gram)) * 0x9E3779B97F4A7C15 % 2**64) >> (64 - bits)])

    for a, b, c in itertools.product(alphabet, repeat=3):
        yield sum(map(weight, (a, b, c, a + b, b + c, a + b + c))), a + b + c


def words_of(parts: list[str], count: int, letters: str, seed: int) -> Array:
    """Return names: some letters at random around one of the parts."""
    random = np.random.default_rng(seed)
    drawn = random.choice(list(letters), (count, 6)).view("U6").ravel()
    return np.unique(np.char.add(drawn, random.choice(parts, count)))


def grams(count: int) -> None:
    """Read from the weights of a learned filter what its members have in common."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    members = words_of(["clinic", "hospital"], count, letters, 1)
    others = words_of(["gamesx", "moviesfn"], 3 * count, letters, 2)
    data = lx.LearnedFilter(fpr=0.01).fit(members, others).save(bytes)
    top = sorted(three_letters(data, letters), reverse=True)[:12]
    print(
        f"\nLearnedFilter of {members.size:,} names, {len(data):,} bytes: what adds most to a score"
    )
    print(" ", " ".join(gram for _, gram in top))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=10**6)
    parser.add_argument("--digits", type=int, default=9)
    parser.add_argument("--sample", type=int, default=10_000, help="keys that are guessed")
    chosen = parser.parse_args()
    numbers = phone_numbers(chosen.keys, chosen.digits)
    for name in ("uniform", "osm"):
        models(name, np.asarray(datasets.load(name, n=chosen.keys)), chosen.sample)
    models("phone numbers", numbers, chosen.sample)
    filters(numbers, 10**chosen.digits, chosen.sample)
    grams(min(chosen.keys, 50_000))


if __name__ == "__main__":
    main()
