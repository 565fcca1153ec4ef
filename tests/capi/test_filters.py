"""Filters from C: files that Python saved, what is refused, and bytes that lie."""

from __future__ import annotations

import ctypes
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import learnedidx as lx
from tests.capi.binding import (
    BAD_FILTER,
    CTYPES,
    DAMAGED,
    MISALIGNED,
    NAMES,
    NO_FILTER,
    NOT_OPEN,
    NULL_ARGUMENT,
    OK,
    OVERLAP,
    TRUNCATED,
    UNSORTED_KEYS,
    UNSUPPORTED,
    WRONG_FILTER,
    WRONG_KIND,
    pointer,
)
from tests.capi.cases import KINDS, keys_of, queries_of
from tests.capi.conftest import linked, run
from tests.format.spoil import signed

RANGE, POINT, HASH, LEARNED = 1, 2, 3, 4
MAKERS: dict[str, tuple[int, Any]] = {
    "exact": (RANGE, lambda: lx.RangeFilter(9, "exact")),
    "robust": (RANGE, lambda: lx.RangeFilter(9, "robust", seed=3)),
    "learned": (RANGE, lambda: lx.RangeFilter(9, "learned")),
    "split": (POINT, lambda: lx.PointFilter(0.05)),
    "fuse8": (POINT, lambda: lx.PointFilter(0.01, compact=True, seed=7)),
    "fuse16": (POINT, lambda: lx.PointFilter(0.001, compact=True)),
    "hash8": (HASH, lambda: lx.LearnedHash(64, 8)),
    "hash16": (HASH, lambda: lx.LearnedHash(256, 16, seed=2)),
}


@pytest.fixture(scope="session")
def filter_client(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C program that asks filters, linked to the shared library."""
    source = Path(__file__).parent / "filter_client.c"
    return linked(built, source, tmp_path_factory.mktemp("client") / "filter_client")


def write_case(folder: Path, stem: str, filter: Any, form: int, q: Any, hi: Any) -> None:
    """Write what the client asks, and what Python says."""
    np.concatenate([q, hi]).tofile(folder / f"{stem}.queries")
    if form == HASH:
        places = [filter.position(q), filter.may_find(q), *filter.bounds(q)]
        np.concatenate(places).astype(np.int64).tofile(folder / f"{stem}.positions")
        return
    may = [filter.may_contain(q)]
    if form == RANGE:
        may.append(filter.may_contain_range(q, hi))
    np.concatenate(may).tofile(folder / f"{stem}.may")


def key_sets() -> Iterator[tuple[str, str, NDArray[Any]]]:
    for kind in KINDS:
        for n in (0, 1, 40, 2000):
            yield f"{kind}-{n}", kind, keys_of(kind, n) if n > 1 else np.arange(n).astype(kind)
    times = np.array([*range(0, 9000, 7), "NaT"], "M8[s]")
    yield "times", "i8", times


def test_filters_answer_as_in_python(filter_client: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    for keys_name, kind, keys in key_sets():
        for name, (form, maker) in MAKERS.items():
            filter, stem = maker().fit(keys), f"{keys_name}-{name}"
            q = queries_of(keys.view(kind), 300).view(keys.dtype)
            beside = len(lines) % 2 == 1
            index = lx.LearnedIndex(keys, "none")
            blob = index.save(bytes, filter=filter) if beside else filter.save(bytes)
            (tmp_path / f"{stem}.lidx").write_bytes(blob or b"")
            write_case(tmp_path, stem, filter, form, q, np.roll(q, 1))
            lines.append(f"{KINDS[kind]} {form} {stem}\n")
    (tmp_path / "filters.txt").write_text("".join(lines))
    assert run(filter_client, tmp_path).startswith(f"{25 * 8} cases")


def bound(hash: Any, which: int) -> Any:
    """Return a verb: the low or the high bounds of a hash."""
    return lambda v: hash.bounds(v)[which]


def test_filters_of_strings(filter_client: Path, tmp_path: Path) -> None:
    words = sorted({"a", "bé", "naïve", "zoo", "日本", "", *map(str, range(400))})
    addresses = [ipaddress.IPv4Address(i * 77) for i in range(90)]
    fixed = np.array([b"ab", b"ab\0d", b"b", b"c"], "S4")
    lines = []
    cases: list[tuple[Any, list[bytes], list[Any]]] = [
        (words, [word.encode() for word in words], ["x", "bé\0", "401"]),
        ([b"\0", b"a\0"], [b"\0", b"a\0"], [b"a", b"", b"\0\0"]),
        (addresses, [a.packed for a in addresses], [ipaddress.IPv4Address(5)]),
        (fixed, [bytes(x) for x in fixed], [b"a"]),
    ]
    for i, (keys, items, asked) in enumerate(cases):
        filters: list[tuple[str, Any]] = [
            ("split", MAKERS["split"][1]().fit(keys)),
            ("fuse8", MAKERS["fuse8"][1]().fit(keys)),
            ("taught", lx.LearnedFilter(fpr=0.2).fit(keys, asked * 2)),
            ("hash", lx.LearnedHash(64, 8).fit(keys)),
        ]
        for name, filter in filters:
            others = [getattr(x, "packed", x) for x in asked]
            raw = [*items, *(x.encode() if isinstance(x, str) else x for x in others)]
            blob = lx.LearnedIndex(keys).save(bytes, filter=filter)
            (tmp_path / f"{name}{i}.lidx").write_bytes(blob or b"")
            (tmp_path / f"{name}{i}.queries").write_bytes(b"".join(raw))
            starts = np.cumsum([0, *map(len, raw)]).astype(np.uint64)
            starts.tofile(tmp_path / f"{name}{i}.starts")
            forms = {"taught": LEARNED, "hash": HASH}
            lines.append(f"0 {forms.get(name, POINT)} {name}{i}\n")
            if name == "hash":
                verbs = (filter.position, filter.may_find, *(bound(filter, k) for k in (0, 1)))
                said = [np.append(verb(keys), verb(asked)) for verb in verbs]
                np.concatenate(said).tofile(tmp_path / f"{name}{i}.positions")
                continue
            may = np.concatenate([filter.may_contain(keys), filter.may_contain(asked)])
            assert may[: len(items)].all()
            may.tofile(tmp_path / f"{name}{i}.may")
    (tmp_path / "filters.txt").write_text("".join(lines))
    assert run(filter_client, tmp_path).startswith("16 cases")


class Asker:
    """A lidx_filter, and the bytes that it reads."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.c, self.words = library, (ctypes.c_uint64 * 512)()
        self.memory: NDArray[Any] = np.empty(0, np.uint64)

    def open(self, blob: Any, offset: int = 0) -> int:
        self.memory = np.zeros(len(blob) // 8 + 2, np.uint64)
        room = self.memory.view(np.uint8)[offset : offset + len(blob)]
        room[:] = np.frombuffer(blob, np.uint8)
        return int(self.c.lidx_filter_open(self.words, pointer(room), ctypes.c_size_t(len(blob))))

    def one(self, verb: str, kind: str, *q: Any, outputs: int = 1) -> tuple[int, ...]:
        found = [ctypes.c_int64(-9) for _ in range(outputs)]
        call = getattr(self.c, f"lidx_filter_{verb}_{NAMES[kind]}")
        status = call(self.words, *map(CTYPES[kind], q), *map(ctypes.byref, found))
        return (int(status), *(number.value for number in found))

    def many(self, verb: str, kind: str, *arrays: NDArray[Any]) -> int:
        count = ctypes.c_size_t(arrays[0].size)
        call = getattr(self.c, f"lidx_filter_{verb}_{NAMES[kind]}")
        ins = 2 if verb.endswith("ranges") else 1
        where = [pointer(array) for array in arrays]
        return int(call(self.words, *where[:ins], count, *where[ins:]))


@pytest.fixture
def asker(library: ctypes.CDLL) -> Asker:
    return Asker(library)


def blob_of(name: str, keys: Any) -> bytes:
    return bytes(MAKERS[name][1]().fit(keys).save(bytes))


def test_what_is_no_file_with_a_filter_is_refused(asker: Asker) -> None:
    keys = np.arange(500) ** 2
    blob = blob_of("exact", keys)
    assert asker.one("may_contain", "i8", 5) == (NOT_OPEN, -9)
    assert asker.open(lx.LearnedIndex(keys).save(bytes)) == NO_FILTER
    assert asker.open(blob[:-1]) == TRUNCATED
    assert asker.open(blob, 4) == MISALIGNED
    assert asker.open(blob_of("exact", np.arange(9, dtype="i2"))) == UNSUPPORTED
    assert asker.one("may_contain", "i8", 5) == (NOT_OPEN, -9)
    assert asker.c.lidx_filter_open(None, blob, ctypes.c_size_t(len(blob))) == NULL_ARGUMENT
    assert asker.c.lidx_filter_open(asker.words, None, ctypes.c_size_t(0)) == NULL_ARGUMENT
    assert asker.c.lidx_filter_form_of(None) == asker.c.lidx_filter_kind_of(None) == 0
    assert asker.open(blob) == OK
    assert (asker.c.lidx_filter_form_of(asker.words), asker.c.lidx_filter_n(asker.words)) == (
        1,
        500,
    )


def test_wrong_questions_are_refused(asker: Asker) -> None:
    keys = np.arange(0, 3000, 3)
    may, places, q = np.zeros(9, np.uint8), np.zeros(9, np.int64), np.arange(9)
    assert asker.open(blob_of("robust", keys)) == OK
    assert asker.one("may_contain", "u8", 3) == (WRONG_KIND, -9)
    assert asker.one("position", "i8", 3) == (WRONG_FILTER, -9)
    assert asker.many("may_contain_many", "i8", q, q.view(np.uint8)) == OVERLAP
    assert asker.many("may_contain_ranges", "i8", q, may.view("u1"), may) == OVERLAP
    assert asker.many("may_contain_ranges", "i8", q, q + 9, may) == OK and may[:4].all()
    null, two, none = ctypes.c_void_p(None), ctypes.c_size_t(2), ctypes.c_size_t(0)
    call = asker.c.lidx_filter_may_contain_many_i64
    assert call(asker.words, null, two, pointer(may)) == NULL_ARGUMENT
    assert call(asker.words, pointer(q), two, null) == NULL_ARGUMENT
    assert call(asker.words, null, none, null) == OK
    assert (
        asker.c.lidx_filter_may_contain_i64(asker.words, ctypes.c_int64(3), null) == NULL_ARGUMENT
    )
    assert asker.open(lx.LearnedHash().fit(keys).save(bytes)) == OK
    assert asker.one("may_find", "i8", 3) == (WRONG_FILTER, -9)  # there are no fingerprints
    assert asker.one("position", "i8", 33) == (OK, 11)
    assert asker.many("bounds_many", "i8", q, places, places) == OVERLAP
    assert asker.many("bounds_many", "i8", q, places, q) == OVERLAP
    assert asker.one("bounds", "i8", 33, outputs=2) == (OK, 0, 256)
    assert asker.open(blob_of("split", ["a", "b"])) == OK
    falling, text = np.array([0, 3, 1], np.uint64), b"abc"
    strings = asker.c.lidx_filter_may_contain_many_bytes
    assert strings(asker.words, text, pointer(falling), two, pointer(may)) == UNSORTED_KEYS
    starts = np.array([0, 1, 2], np.uint64)
    assert strings(asker.words, text, pointer(starts), two, pointer(starts)) == OVERLAP
    assert strings(asker.words, pointer(may), pointer(starts), two, pointer(may)) == OVERLAP
    assert strings(asker.words, None, pointer(starts), two, pointer(may)) == NULL_ARGUMENT
    assert strings(asker.words, text, pointer(starts), two, pointer(may)) == OK
    assert may[:2].tolist() == [1, 1]


@pytest.mark.parametrize("name", MAKERS)
def test_damaged_filters_are_refused_and_crafted_ones_harmless(asker: Asker, name: str) -> None:
    """A bit that changes is found; where checksums are made right, answers are wrong at worst."""
    random = np.random.default_rng(len(name))
    keys = np.repeat(np.unique(random.integers(0, 2**62, 600)), 2)
    blob = bytearray(blob_of(name, keys))
    size = len(MAKERS[name][1]().fit(keys)._core.words)
    start, q = len(blob) - size, np.concatenate([keys, keys + 1])
    may, low, high = np.zeros(q.size, np.uint8), np.zeros(q.size, int), np.zeros(q.size, int)
    found = []
    for trial in range(300):
        bad = bytearray(blob)
        end = 192 if trial % 2 else size
        for at in random.integers(0, end, 1 + trial // 30):
            bad[start + at] ^= random.integers(1, 256)
        if bad == blob:
            continue
        assert asker.open(bad) == DAMAGED
        assert asker.one("may_contain", "i8", 3) == (NOT_OPEN, -9)
        status = asker.open(signed(bytes(bad)))
        found.append(status)
        if status == OK and MAKERS[name][0] == HASH:
            n = asker.c.lidx_filter_n(asker.words)
            for verb in ("positions", "may_finds"):
                assert asker.many(verb, "i8", q, low) in (OK, WRONG_FILTER) and (low < n).all()
            assert asker.many("bounds_many", "i8", q, low, high) == OK
            assert (low >= 0).all() and (high <= n).all()
        elif status == OK:
            assert asker.many("may_contain_many", "i8", q, may) == OK
            assert asker.many("may_contain_ranges", "i8", q, q + 9, may) in (OK, WRONG_FILTER)
            assert set(may) <= {0, 1}
    assert set(found) == {OK, BAD_FILTER}
