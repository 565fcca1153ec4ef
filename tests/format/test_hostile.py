"""Any bytes are refused with a FormatError or answer rightly: no crash, no hang, little memory."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.models import DirectTable
from tests.contract.key_sets import Array
from tests.format import spoil
from tests.format.make_golden import clusters, scattered, times, with_nan
from tests.format.questions import ask

FLIPS, MANY_FLIPS = 6, 100  # in each part of each file, with checksums left and made right
BLOBS, MANY_BLOBS = 8_000, 500_000

KEYS: dict[str, Array] = {
    "u1": (scattered(90) % 50).astype(np.uint8),
    "i8": scattered(260),
    "u8": clusters(),
    "f8": with_nan(200, 9, "f8"),
    "f4": with_nan(120, 0, "f4"),
    "?": np.arange(90) >= 40,
    "M8": times(150, "M8[ns]", 4),
}
MODELS: dict[str, Callable[[], Any]] = {
    "none": lambda: "none",
    "rmi": lambda: lx.RMI(n_leaves=16),
    "deep": lambda: lx.RMI("radix", "linear", (4, 20)),
    "pgm": lambda: lx.PGM(epsilon=1),
    "pgm far": lambda: lx.PGM(epsilon=90),
    "spline": lambda: lx.RadixSpline(epsilon=1, radix_bits=3),
    "spline far": lambda: lx.RadixSpline(epsilon=90),
    "btree": lambda: lx.BTree(node=8),
    "direct": DirectTable,
}
FILES = [(k, m) for k in KEYS for m in MODELS if m != "direct" or k in ("u1", "?")]


@cache
def saved(keys: str, model: str, with_keys: bool = True) -> bytes:
    """Return a file with values beside its keys, or the model alone."""
    made = KEYS[keys] if keys != "u1" else np.sort(KEYS[keys])
    values = np.arange(made.size, dtype=np.int16) if with_keys else None
    return bytes(lx.LearnedIndex(made, MODELS[model]()).save(bytes, with_keys, values) or b"")


def random_for(*what: Any) -> spoil.Random:
    """Return a generator for one test."""
    return np.random.default_rng([len(str(part)) for part in what] + list(str(what).encode()))


def flip_all_parts(file: tuple[str, str], flips: int) -> None:
    """Change every part so many times, as it is and signed again, with keys and without."""
    random = random_for(file, flips)
    opened = 0
    for with_keys in (True, False):
        blob = saved(*file, with_keys)
        assert ask(blob, random)
        for part in spoil.parts(blob).values():
            for _ in range(flips if with_keys else flips // 2):
                changed = spoil.flipped(blob, part, random)
                opened += ask(changed, random)
                opened += ask(spoil.signed(changed), random)
                if not with_keys:
                    opened += ask(spoil.signed(changed), random, np.sort(KEYS[file[0]]))
    assert opened


@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_changes_in_every_part(kernel_row: str, file: tuple[str, str]) -> None:
    flip_all_parts(file, FLIPS)


@pytest.mark.long
@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_many_changes_in_every_part(file: tuple[str, str]) -> None:
    flip_all_parts(file, MANY_FLIPS)


def mutate(blobs: int) -> None:
    """Spoil several parts of any file at once."""
    random = np.random.default_rng(3)
    for _ in range(blobs):
        file = FILES[random.integers(len(FILES))]
        blob = saved(*file, bool(random.integers(2)))
        ranges = list(spoil.parts(blob).values())
        for _ in range(random.integers(1, 5)):
            blob = spoil.flipped(blob, ranges[random.integers(len(ranges))], random)
        if random.integers(4) == 0:
            blob = blob[: random.integers(len(blob))]
        ask(spoil.signed(blob) if random.integers(3) and len(blob) >= 128 else blob, random)


def test_mutated_files() -> None:
    mutate(BLOBS)


@pytest.mark.long
def test_many_mutated_files() -> None:
    mutate(MANY_BLOBS)


def test_every_length_of_a_file_that_was_cut() -> None:
    blob = saved("u1", "pgm", False)
    for length in range(len(blob)):
        cut = blob[:length]
        with pytest.raises(lx.FormatError):
            lx.open(cut)
        if length >= 128:
            with pytest.raises(lx.FormatError):
                lx.open(spoil.signed(cut))


@pytest.mark.parametrize("more", [b"\0", bytes(64), b"x" * 5000])
def test_a_file_that_goes_on(more: bytes) -> None:
    for file in FILES[:9]:
        for blob in (saved(*file) + more, spoil.signed(saved(*file) + more)):
            with pytest.raises(lx.FormatError):
                lx.open(blob)


def deep(depth: int) -> bytes:
    return b'{"parameters":' + b"[" * depth + b"]" * depth + b"}"


PARAMETERS: tuple[Any, ...] = (
    *(5, None, [], "x", {"n_leaves": [[1]]}, {"root": {}}, {"x": 1}, {"self": 1}),
    *({str(i): i for i in range(n)} for n in (1, 9, 200)),
)
ERRORS: tuple[Any, ...] = ("x", None, [], {}, True, 10**400, float("nan"), float("inf"))
VALUES: tuple[Any, ...] = (
    *(5, None, "x", {}, [], [1], ["<i2"], ["<i2", 5], ["<i2", [], 3], [[], []]),
    *([text, []] for text in ("O", "|O", "<O8", ">i2", "<i4", "<i0", "|V0", "|S0", "<U1", "<c8")),
    *([text, []] for text in ("<M8[99999999999Y]", "<M8", "<m8[D]", "|S\u0663", "<f16", "x" * 900)),
    *([text, []] for text in ("<i2,<i2", "<U999999999999", "<M8[0s]", "")),
    *(["<i2", shape] for shape in ([1], [0], [2], [-1], ["1"], [1.0], [True], [None], [[1]])),
    *(["<i2", shape] for shape in ([2**70], [1] * 70, [0, 2**62], [float("inf")])),
)
KINDS: tuple[Any, ...] = (
    *("O", "|O", "<O8", "<f8", "|V0", ">i2", None, 5, {}, []),
    *([1], [2, None], [-1, []], [9, []], [2**70, []]),
)
FIELDS_OF_TWO: tuple[Any, ...] = (
    *(5, None, "x", {}, [], [1], [[]], [["a"]], {"a": 1}, [["a", 0, "<i2", []]] * 2),
    *([["a", at, "|i1", []]] for at in (2, -1, 2**70, 0.5, "0", None, True)),
    *([["a", 0, kind, []]] for kind in KINDS),
    *([["a", 0, "|i1", shape]] for shape in (5, None, [2**40], [-1], [2**31, 2**31], [1] * 70)),
    *([[name, 0, "|i1", []]] for name in (5, None, "", "\0", ["a"], "a" * 900)),
    [["a", 0, [2, [["b", 0, [2, [["c", 0, "|O", []]]], []]]], []]],
    [["a", 0, "<i2", []], ["b", 0, "<u2", []]],
)


def nested(depth: int) -> Any:
    """Return fields of fields of fields."""
    fields: Any = [["a", 0, "<i2", []]]
    for _ in range(depth):
        fields = [["a", 0, [2, fields], []]]
    return fields


METAS: tuple[Any, ...] = (
    *({"values": ["|V2", []], "fields": fields} for fields in FIELDS_OF_TWO),
    *({"values": ["|V2", []], "fields": nested(depth)} for depth in (1, 30, 200)),
    *({"values": [text, []], "fields": [["a", 0, "|i1", []]]} for text in ("<i2", "|V3", "<M8[D]")),
    *(b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b"{}\0", b"{}" + b" " * 4095, b"nan"),
    *(deep(1), deep(900), deep(2000)),
    *({"parameters": parameters} for parameters in PARAMETERS),
    *({"distillation_error": error} for error in ERRORS),
    *({"values": values} for values in VALUES),
)


@pytest.mark.parametrize("meta", METAS, ids=lambda meta: str(meta)[:40])
def test_descriptions_of_any_kind(meta: Any) -> None:
    random = random_for(meta)
    for keys, model in (
        ("i8", "rmi"),
        ("i8", "pgm"),
        ("u1", "direct"),
        ("i8", "none"),
        ("f8", "btree"),
    ):
        text = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
        ask(spoil.with_meta(saved(keys, model), text), random)
        ask(spoil.with_meta(saved(keys, model, False), text), random)


@pytest.mark.parametrize("value", ["x", -1, 0, 2**64, 1e300, [1, 2], [], [None], True, None, ""])
@pytest.mark.parametrize("name", ["root", "leaf", "n_leaves", "epsilon", "radix_bits", "node"])
def test_parameters_of_any_kind(name: str, value: Any) -> None:
    random = np.random.default_rng(1)
    meta = {"parameters": {name: value}, "values": ["<i2", []]}
    for model in ("rmi", "pgm", "spline", "btree"):
        opened = ask(spoil.with_meta(saved("i8", model), meta), random)
        assert name in MODELS[model]().get_params() or not opened


FIELDS = {8: 2, 24: 4, 32: 1, 33: 1, 34: 1, 35: 1, 36: 4, 40: 8, 48: 8, 56: 8, 64: 8}
MIXED = (("u1", "none"), ("i8", "rmi"), ("f8", "spline"), ("M8", "pgm"), ("?", "direct"))


def headers() -> Iterator[bytes]:
    """Yield files with fields of the header at their limits."""
    for keys, model in MIXED:
        for blob in (saved(keys, model), saved(keys, model, False)):
            for at, size in FIELDS.items():
                limit = 2 ** (8 * size) - 1
                edges = (limit, limit - 1, limit // 2, limit // 2 + 1, 2**48, 2**48 + 1)
                for value in {*range(16), *(edge for edge in edges if edge <= limit)}:
                    yield spoil.with_header(blob, at, value.to_bytes(size, "little"))


def test_headers_at_their_limits() -> None:
    random = np.random.default_rng(1)
    assert sum(ask(blob, random) for blob in headers()) > 100


@pytest.mark.parametrize("meaning", [2, 3, 4])
@pytest.mark.parametrize("unit", range(16))
def test_units_of_time(meaning: int, unit: int) -> None:
    random = np.random.default_rng(unit)
    opened = []
    for multiple in (1, 2, 25, 2**31 - 1, 2**31, 2**32 - 1):
        fields = bytes([meaning, 1, unit]) + multiple.to_bytes(4, "little")
        opened.append(ask(spoil.with_header(saved("M8", "rmi"), 33, fields), random))
    assert any(opened) == (1 <= unit <= 14)


def test_a_model_without_keys_may_claim_any_number_of_them() -> None:
    for n in (2**48, 2**40):
        index = lx.open(
            spoil.with_header(saved("i8", "none", False), 40, 2 * n.to_bytes(8, "little"))
        )
        assert len(index) == n and index.bounds(5) == (0, n)
        with pytest.raises(ValueError):
            index.searchsorted(5)
    more = (2**48 + 1).to_bytes(8, "little")
    with pytest.raises(lx.FormatError):
        lx.open(spoil.with_header(saved("i8", "none", False), 40, 2 * more))


@pytest.mark.parametrize(
    "kind", [b"META", b"MODL", b"KNOT", b"KEYS", b"VALS", b"what", b"\0\0\0\0"]
)
@pytest.mark.parametrize("required", [0, 1, 2])
def test_sections_more_and_fewer(kind: bytes, required: int) -> None:
    blob, random = saved("i8", "deep"), np.random.default_rng(1)
    table = spoil.sections(blob)
    for at in range(len(table) + 1):
        more = [*table[:at], (kind, required, b"abc"), *table[at:]]
        opened = ask(spoil.built(blob, more), random)
        assert opened == (required == 0 and kind in (b"what", b"\0\0\0\0"))


def test_sections_that_are_missing_or_change_places() -> None:
    blob, random = saved("i8", "deep"), np.random.default_rng(1)
    table = spoil.sections(blob)
    for at in range(len(table)):
        opened = ask(spoil.built(blob, table[:at] + table[at + 1 :]), random)
        assert opened == (table[at][0] in (b"VALS", b"KEYS"))
        for other in range(at):
            swapped = table.copy()
            swapped[at], swapped[other] = swapped[other], swapped[at]
            ask(spoil.built(blob, swapped), random)


FILLINGS: dict[str, Callable[[int, spoil.Random], Array]] = {
    "zeros": lambda n, random: np.zeros(n, np.uint64),
    "ones": lambda n, random: np.full(n, 2**64 - 1, np.uint64),
    "rising": lambda n, random: np.arange(n, dtype=np.uint64) << np.uint64(28),
    "falling": lambda n, random: np.arange(n, dtype=np.uint64)[::-1] << np.uint64(52),
    "random": lambda n, random: random.integers(0, 2**64, n, np.uint64),
    "NaN": lambda n, random: np.full(n, np.nan).view(np.uint64),
    "NaN in 4 bytes": lambda n, random: np.full(2 * n, np.nan, np.float32).view(np.uint64),
    "infinite": lambda n, random: np.full(n, -np.inf).view(np.uint64),
}


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_arrays_full_of_anything(file: tuple[str, str], filling: str) -> None:
    random = random_for(file, filling)
    for with_keys in (True, False):
        blob = saved(*file, with_keys)
        for _, _, offset, length, _, _ in spoil.entries(blob)[2:]:
            made = bytearray(blob)
            filled = FILLINGS[filling](length // 8 + 1, random).tobytes()[:length]
            made[offset : offset + length] = filled
            ask(spoil.signed(made), random)


@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_arrays_that_change_while_the_file_is_open(kernel_row: str, file: tuple[str, str]) -> None:
    """Bytes that are borrowed may not change; if they do, answers are wrong and nothing else."""
    random, blob = random_for(file), bytearray(saved(*file))
    index = lx.open(np.frombuffer(blob, np.uint8))
    queries = np.sort(KEYS[file[0]])
    for _ in range(8):
        for _, _, offset, length, _, _ in spoil.entries(saved(*file))[2:]:
            where = int(random.integers(offset, offset + length))
            blob[where] = int(random.integers(256))
        for side in ("left", "right"):
            found = index.searchsorted(queries, side)
            assert ((found >= 0) & (found <= len(index))).all()
            low, high = index.bounds(queries, side)
            assert ((low >= 0) & (high <= len(index))).all()
            assert 0 <= index.searchsorted(queries[7], side) <= len(index)
        index.find(queries), index.contains(queries), index.explain(queries[3])


@pytest.mark.parametrize("model", ["none", "rmi", "pgm", "spline", "btree"])
def test_a_file_cannot_say_how_many_of_the_keys_at_hand_are_numbers(model: str) -> None:
    keys = np.sort(scattered(200) / 7)
    blob = bytes(lx.LearnedIndex(keys, MODELS[model]()).save(bytes, keys=False) or b"")
    fewer = spoil.with_header(blob, 48, (195).to_bytes(8, "little"))
    fewer = spoil.with_header(fewer, 64, keys[194:195].tobytes())
    with pytest.raises(lx.FormatError, match="at position 195, the file says no number there"):
        lx.open(fewer, keys=keys)
