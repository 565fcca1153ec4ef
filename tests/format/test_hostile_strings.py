"""Any bytes of a file of strings are refused with a FormatError, or answer as the strings do."""

import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.format import spoil
from tests.format.string_questions import FILES, KEYS, ROWS, ask, rows_for, saved

FLIPS, MANY_FLIPS = 4, 60  # in each part of each file, with checksums left and made right
BLOBS, MANY_BLOBS = 3_000, 200_000
MB = 1 << 20


def random_for(*what: Any) -> spoil.Random:
    """Return a generator for one test."""
    return np.random.default_rng(list(str(what).encode()))


def flip_all_parts(file: tuple[str, str], flips: int) -> None:
    """Change every part so many times, as it is and signed again, with keys and without."""
    random, opened = random_for(file, flips), 0
    for with_keys in (True, False):
        blob = saved(*file, with_keys)
        keys = None if with_keys else KEYS[file[0]]
        assert ask(blob, random, keys)
        for part in spoil.parts(blob).values():
            for _ in range(flips if with_keys else flips // 2):
                changed = spoil.flipped(blob, part, random)
                opened += ask(changed, random, keys)
                opened += ask(spoil.signed(changed), random, keys)
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
        blob = saved(*FILES[random.integers(len(FILES))])
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
    blob = saved("few", "none")
    for length in range(len(blob)):
        cut = blob[:length]
        with pytest.raises(lx.FormatError):
            lx.open(cut)
        if length >= 128:
            with pytest.raises(lx.FormatError):
                lx.open(spoil.signed(cut))


def with_strings(blob: bytes, said: bytes) -> bytes:
    """Replace STRS."""
    table = spoil.sections(blob)
    return spoil.built(blob, [table[0], (b"STRS", 1, said), *table[2:]])


@pytest.mark.parametrize("file", FILES[::3], ids="-".join)
def test_descriptions_of_strings_at_their_limits(file: tuple[str, str]) -> None:
    blob, random = saved(*file), np.random.default_rng(1)
    right, opened = spoil.sections(blob)[1][2], set()
    form, layout, spacing, _, width = struct.unpack("<BBBBI", right)
    for other in range(7):
        for how in range(4):
            for size in (0, 1, 4, 5, 7, 16, width, 2**31, 2**32 - 1):
                said = struct.pack("<BBBBI", other, how, spacing, 0, size)
                if ask(with_strings(blob, said), random):
                    opened.add((other, how, size))
    assert (form, layout, width) in opened and all(h < 3 for o, h, _ in opened)
    if file[0] in ROWS:
        assert opened == {(form, layout, width)}
    assert all(o < 5 for o, h, _ in opened) or file[0] in ROWS
    assert all(h == 1 for o, h, _ in opened if 1 < o < 5)
    for said in (b"", right[:7], right + b"\0", right[:3] + b"\1" + right[4:]):
        assert not ask(with_strings(blob, said), random)


@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_layers_that_hold_other_strings_than_the_file_says(file: tuple[str, str]) -> None:
    """The spacing of a file over layers of another spacing costs time alone; above 6 it is none."""
    blob, random = saved(*file), np.random.default_rng(1)
    right = spoil.sections(blob)[1][2]
    for spacing in range(8):
        changed = with_strings(blob, right[:2] + bytes([spacing]) + right[3:])
        assert ask(changed, random) == (spacing <= 6)


def test_headers_of_strings_at_their_limits() -> None:
    random = np.random.default_rng(1)
    for file in (("text", "pgm"), ("UUID", "rmi"), ("few", "none")):
        for with_keys in (True, False):
            blob, keys = saved(*file, with_keys), None if with_keys else KEYS[file[0]]
            for at, size in {32: 1, 33: 1, 34: 1, 35: 1, 36: 4, 56: 8, 64: 8}.items():
                for value in (1, 2, 3, 5, 255):
                    changed = spoil.with_header(blob, at, value.to_bytes(size, "little"))
                    assert not ask(changed, random, keys)
            n = len(KEYS[file[0]])
            for value in (0, 1, n - 1, n + 1, 2**31 - 1, 2**31, 2**32, 2**48, 2**63):
                both = value.to_bytes(8, "little")
                assert not ask(spoil.with_header(blob, 40, both + both), random, keys)
                assert not ask(spoil.with_header(blob, 40, both), random, keys)


def test_strings_alone_say_how_many_there_may_be() -> None:
    n = (2**31).to_bytes(8, "little")
    with pytest.raises(lx.FormatError, match="a field of its header"):
        lx.open(spoil.with_header(saved("text", "none", False), 40, n + n))
    n = (2**31 - 1).to_bytes(8, "little")
    with pytest.raises(lx.FormatError, match="does not hold its strings"):
        lx.open(spoil.with_header(saved("text", "none", False), 40, n + n))


@pytest.mark.parametrize("kind", [b"META", b"STRS", b"LAYR", b"OFFS", b"DATA", b"KEYS", b"RUNS"])
def test_sections_more_fewer_and_in_another_order(kind: bytes) -> None:
    blob, random = saved("text", "pgm"), np.random.default_rng(1)
    table = spoil.sections(blob)
    for at in range(len(table) + 1):
        for contents in (b"abc", b"", table[2][2]):
            more = [*table[:at], (kind, 1, contents), *table[at:]]
            opened = ask(spoil.built(blob, more), random)
            assert not opened or (kind == b"LAYR" and contents == table[2][2])
        if at < len(table) and table[at][0] == kind != b"LAYR":
            assert not ask(spoil.built(blob, table[:at] + table[at + 1 :]), random)
        for other in range(min(at, len(table) - 1)):
            swapped = table.copy()
            swapped[at - 1], swapped[other] = swapped[other], swapped[at - 1]
            ask(spoil.built(blob, swapped), random)


def layers_of(blob: bytes) -> list[bytes]:
    return [contents for kind, _, contents in spoil.sections(blob) if kind == b"LAYR"]


def with_layers(blob: bytes, layers: list[bytes]) -> bytes:
    """Replace all layers."""
    table = spoil.sections(blob)
    first = [section[0] for section in table].index(b"LAYR")
    others = [section for section in table[first:] if section[0] != b"LAYR"]
    return spoil.built(blob, [*table[:first], *((b"LAYR", 1, layer) for layer in layers), *others])


def test_layers_of_other_files_cost_time_alone() -> None:
    random = np.random.default_rng(1)
    foreign = [layer for file in FILES for layer in layers_of(saved(*file))]
    for file in FILES:
        own = layers_of(saved(*file))
        for _ in range(12):
            count = int(random.integers(1, 25))
            mixed = [(foreign + own)[i] for i in random.integers(len(foreign + own), size=count)]
            assert ask(with_layers(saved(*file), mixed), random)
        assert not ask(with_layers(saved(*file), []), random)
        assert not ask(with_layers(saved(*file), own * 25), random)


def test_layers_that_are_not_of_these_strings_are_found_by_verify() -> None:
    for file, other in ((("text", "pgm"), ("nested", "pgm")), (("UUID", "rmi"), ("fixed", "pgm"))):
        index = lx.open(with_layers(saved(*file), layers_of(saved(*other))), verify="full")
        with pytest.raises(ValueError):
            index.verify()
        lx.open(saved(*file)).verify()


def test_what_is_no_layer_is_refused() -> None:
    numbers = np.arange(40, dtype=np.uint64)
    blob = saved("text", "none")
    kinds = [
        lx.LearnedIndex(keys).save(bytes) for keys in (numbers, numbers.view("i8"), ["a", "b"])
    ]
    layer = layers_of(blob)[0]
    table = spoil.sections(layer)
    without = [[s for s in table if s[0] != kind] for kind in (b"RUNS", b"KEYS", b"PLAC")]
    values = [*table, (b"VALS", 1, b"\0" * 8 * (len(table[1][2]) // 8))]
    fewer = [(s[0], s[1], s[2][:-4]) if s[0] == b"PLAC" else s for s in table]
    short = [*table[:-1], (b"RUNS", 0, b"")], [*table[:-1], (b"RUNS", 0, table[-1][2][:-1])]
    refused = [*kinds, b"", b"x" * 200, blob]
    refused += [spoil.built(layer, made) for made in (*without[:2], values, *short, fewer)]
    for made in refused:
        with pytest.raises(lx.FormatError):
            lx.open(with_layers(blob, [bytes(made or b"")]))
    assert ask(with_layers(blob, [spoil.built(layer, without[2])]), np.random.default_rng(2))


FILLINGS: dict[str, Callable[[int, spoil.Random], bytes]] = {
    "zeros": lambda n, random: bytes(n),
    "ones": lambda n, random: b"\xff" * n,
    "rising": lambda n, random: np.arange(n // 4 + 1, dtype="<u4").tobytes()[:n],
    "deeper": lambda n, random: (np.arange(n // 4 + 1, dtype="<u4") + 2**31).tobytes()[:n],
    "random": lambda n, random: random.bytes(n),
    "small": lambda n, random: random.integers(0, 200, n // 4 + 1).astype("<u4").tobytes()[:n],
}


ARRAYS = {
    *["OFFS", "DATA", "PLAC", "RUNS", "KEYS", "COLS"],
    *["BEFO", "SEGS", "KNOT", "LEAF", "SEPS", "PNTX", "PNTY"],
}


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_arrays_full_of_anything(file: tuple[str, str], filling: str) -> None:
    random, blob = random_for(file, filling), saved(*file)
    for name, (start, end) in spoil.parts(blob).items():
        if not ARRAYS.isdisjoint(name.split()):
            made = bytearray(blob)
            made[start:end] = FILLINGS[filling](end - start, random)
            ask(spoil.signed(made), random)


def with_offsets(offsets: Any, data: bytes) -> bytes:
    """Return a file of text whose offsets and bytes are replaced."""
    blob = saved("text", "none")
    table = [s for s in spoil.sections(blob) if s[0] not in (b"OFFS", b"DATA", b"VALS")]
    meta = (b"META", 1, b"{}")
    array = np.array(offsets, "<u8").tobytes()
    made = spoil.built(blob, [meta, *table[1:], (b"OFFS", 1, array), (b"DATA", 1, data)])
    n = (len(offsets) - 1).to_bytes(8, "little")
    return spoil.with_header(made, 40, n + n)


def test_strings_that_overlap_take_no_more_time_than_the_file() -> None:
    """All together they have 40 GB here; in order they cannot overlap."""
    size, n = 2 * MB, 39_999
    blob = with_offsets(np.resize([0, size], n + 1), b"a" * size)
    index = lx.open(blob)
    assert 0 <= index.searchsorted("a") <= n and index[0] == "a" * size and not index[1]
    began = time.process_time()
    with pytest.raises(lx.FormatError, match="not sorted"):
        lx.open(blob, verify="full")
    assert time.process_time() - began < 2


def test_text_that_is_none_is_an_error_where_it_is_read() -> None:
    strings = ["a" * 9, "b" * 9, "c" * 9]
    blob = bytearray(lx.LearnedIndex(strings).save(bytes) or b"")
    at = blob.rindex(b"bbb")
    blob[at] = 0xFF
    index = lx.open(spoil.signed(blob))
    assert index[0] == "aaaaaaaaa" and index.searchsorted("b") == 1
    for read in (lambda: index[1], lambda: list(index), lambda: index.keys.tolist()):
        with pytest.raises(UnicodeDecodeError):
            read()
    with pytest.raises(lx.FormatError, match=r"is damaged: keys\[1\] is no UTF-8"):
        lx.open(spoil.signed(blob), verify="full")


@pytest.mark.parametrize("part", ["OFFS", "DATA", "LAYR", "STRS", "META", "VALS"])
def test_full_verification_reads_every_section(part: str) -> None:
    blob = bytearray(saved("text", "pgm"))
    start, end = next(p for name, p in spoil.parts(bytes(blob)).items() if name.startswith(part))
    blob[(start + end) // 2] ^= 1
    with pytest.raises(lx.FormatError, match="is damaged|not sorted"):
        lx.open(bytes(blob), verify="full")


def test_full_verification_reads_the_checksums_of_layers() -> None:
    blob = saved("text", "pgm")
    layer = bytearray(layers_of(blob)[0])
    at = [s[0] for s in spoil.sections(bytes(layer))].index(b"RUNS")
    layer[128 + 32 * at + 24] ^= 1
    count = 128 + 32 * len(spoil.entries(layer))
    layer[28:32] = bytes(4)
    layer[28:32] = spoil.crc(layer[:count]).to_bytes(4, "little")
    changed = bytearray(blob)
    start, end = spoil.parts(blob)["LAYR 2"]
    changed[start:end] = layer
    made = spoil.signed_alone(changed)
    lx.open(made)
    with pytest.raises(lx.FormatError, match="a layer of it: is damaged: .* section RUNS"):
        lx.open(made, verify="full")


def test_strings_out_of_order_are_found_in_full() -> None:
    blob = bytearray(lx.LearnedIndex(["a" * 9, "b" * 9, "c" * 9]).save(bytes) or b"")
    at = blob.rindex(b"bbbbbbbbb")
    blob[at : at + 9] = b"d" * 9
    with pytest.raises(lx.FormatError, match=r"keys\[2\] = 'ccccccccc' comes after"):
        lx.open(spoil.signed(blob), verify="full")


@pytest.mark.parametrize("file", FILES, ids="-".join)
def test_arrays_that_change_while_the_file_is_open(kernel_row: str, file: tuple[str, str]) -> None:
    """Bytes that are borrowed may not change; if they do, answers are wrong and nothing else."""
    random, blob = random_for(file), bytearray(saved(*file))
    index = lx.open(np.frombuffer(blob, np.uint8))
    inner = [p for name, p in spoil.parts(saved(*file)).items() if name[:4] not in ("head", "tabl")]
    queries = np.array(KEYS[file[0]], object).tolist()
    if file[0] in ROWS:  # whose missing times would be None there
        queries = rows_for(lx.open(saved(*file)), random, 60)
    for _ in range(6):
        for start, end in inner:
            blob[int(random.integers(start, end))] = int(random.integers(256))
        for side in ("left", "right"):
            found = index.searchsorted(queries, side)
            assert ((found >= 0) & (found <= len(index))).all()
            assert 0 <= index.searchsorted(queries[-1], side) <= len(index)
        index.find(queries), index.contains(queries)
