"""What the model of a .lidx file predicts, written from FORMAT.md alone as reader.py is."""

import struct
from typing import Any

import numpy as np

from tests.format.reader import Array, Reader, require

LOW32 = 2**32 - 1
LARGEST = float(np.finfo(np.float64).max)


def biased(reader: Reader, key: Any) -> int:
    """Return u64(key) of FORMAT.md."""
    return int(key) + (2**63 if reader.raw.kind == "i" else 0)


def take(arrays: list[tuple[str, bytes]], kind: str, dtype: Any, count: int) -> Array:
    """Return the next array, which must have that type and length."""
    found, data = arrays.pop(0)
    require(found == kind and len(data) == count * np.dtype(dtype).itemsize, kind)
    return np.frombuffer(data, dtype)


def ordinal(reader: Reader, key: Any, low: int, top: int) -> int:
    """Return the number of a key in the order of its format, counted from the first."""
    if reader.raw.kind == "f":
        width = 8 * reader.raw.itemsize
        bits = int.from_bytes(reader.raw.type(key).tobytes(), "little")
        number = 2**width - bits if bits >> (width - 1) else bits + 2 ** (width - 1)
    else:
        number = biased(reader, key)
    return int(min(max(number, low) - low, top))


def stretched(number: int, span: int) -> int:
    """Shift a number of a span left as far as the span goes in 64 bits."""
    return number << (64 - span.bit_length()) if span else number


class Rmi:
    """The recursive model index."""

    def __init__(self, reader: Reader, model: bytes, arrays: list[tuple[str, bytes]]) -> None:
        require(len(model) == 328, "MODL")
        self.reader = reader
        (low, high, self.bits, stages, pieces, self.shift, lines, zeros) = struct.unpack(
            "<QQIIIIII", model[:40]
        )
        require(zeros == 0, "MODL")
        floats = reader.raw.kind == "f"
        self.low, self.high = struct.unpack("<dd", model[:16]) if floats else (low, high)
        counts = struct.unpack("<12Q", model[40:136])[:stages]
        self.pieces = list(struct.iter_unpack("<QQQ", model[136:]))[:pieces]
        bins = sum(2**bits for _, _, bits in self.pieces) if pieces else 2**self.bits
        inputs = [bins, *counts]
        self.stages = [
            (take(arrays, "KNOT", "<u8", inputs[i] + 1), counts[i]) for i in range(stages)
        ]
        leaves = counts[-1]
        self.leaf = take(arrays, "LEAF", "<u4", leaves + 1)
        self.lines = take(arrays, "LINE", "<f4,<f4", leaves) if lines else None
        self.group = next(g for g in range(64) if (leaves - 1) >> g < 256)
        self.errors = take(arrays, "ERRS", "<i8,<i8", ((leaves - 1) >> self.group) + 1)
        require(not arrays, "arrays")

    def coordinate(self, key: Any) -> int:
        if self.reader.raw.kind != "f":
            inside = min(max(biased(self.reader, key), self.low), self.high) - self.low
            return stretched(inside, self.high - self.low)
        low, high = self.low, self.high
        x = min(max(float(key), low), high)
        if high * 0.5 - low * 0.5 > LARGEST * 0.5:
            w = 0.5
        elif high - low >= 1e-280:
            w = 1.0
        else:
            w = 2.0**800 if max(abs(high), abs(low)) < LARGEST / 2.0**800 else 0.5
        span = high * w - low * w
        scale = 0.0 if span == 0 else min(2.0**62 / span if span > 2.0**-900 else np.inf, LARGEST)
        while span * scale > 2.0**62:
            scale *= 1 - 2.0**-50
        return 2 * int((x * w - low * w) * scale)

    def root(self, y: int) -> int:
        if not self.pieces:
            return y >> (32 - int(self.bits))
        number = next(
            (i for i, p in enumerate(self.pieces[:-1]) if y <= p[1]), len(self.pieces) - 1
        )
        low, high, bits = self.pieces[number]
        inside = stretched(min(max(y - low, 0), high - low), high - low)
        before = sum(2**b for _, _, b in self.pieces[:number])
        return int((before << 32) + (inside >> (32 - bits)))

    def leaf_point(self, key: Any) -> int:
        point = self.root(self.coordinate(key))
        for knots, models in self.stages:
            start, end = int(knots[point >> 32]), int(knots[(point >> 32) + 1])
            point = min(start + (end - start) * (point & LOW32) // 2**32, (models << 32) - 1)
        return int(point)

    def p(self, key: Any) -> int:
        point = self.leaf_point(key)
        leaf, fraction = point >> 32, point & LOW32
        start, end = int(self.leaf[leaf]), int(self.leaf[leaf + 1])
        if self.lines is None:
            return start + (end - start) * fraction // 2**32 << int(self.shift)
        intercept, slope = (float(x) for x in self.lines[leaf])
        inside = intercept + slope * (fraction / 2**32)
        return start + int(min(max(inside, 0), end - start)) << int(self.shift)

    def certified(self, key: Any) -> tuple[int, int]:
        leaf, p = self.leaf_point(key) >> 32, self.p(key)
        over, under = (int(x) for x in self.errors[leaf >> self.group])
        rest = 2**self.shift - 1
        start, end = (int(x) << self.shift for x in self.leaf[leaf : leaf + 2])
        return max(p - over - rest, start), min(p + under + rest, end + rest)


class Spline:
    """The RadixSpline."""

    def __init__(self, reader: Reader, model: bytes, arrays: list[tuple[str, bytes]]) -> None:
        require(len(model) == 48, "MODL")
        (self.low, self.top, points, self.epsilon, self.max_error, bits, corrections) = (
            struct.unpack("<QQQQQII", model)
        )
        self.reader = reader
        self.x = take(arrays, "PNTX", "<u8", points + 16)[:points]
        self.y = take(arrays, "PNTY", "<u8", points)
        self.table = take(arrays, "RADX", "<u4", 2**bits + 1)
        if corrections:
            take(arrays, "CORR", "i1", reader.numbers // (256 // reader.raw.itemsize) + 2)
        require(not arrays, "arrays")

    def segment(self, key: Any) -> tuple[int, int]:
        x = ordinal(self.reader, key, self.low, self.top)
        before = int(np.searchsorted(self.x, np.uint64(x)))
        return x, min(max(before - 1, 0), self.x.size - 2)

    def p(self, key: Any) -> int:
        x, s = self.segment(key)
        x0, x1 = (int(v) for v in self.x[s : s + 2])
        y0, y1 = (float(v) for v in self.y[s : s + 2])
        return round(y0 + float(x - x0) / float(x1 - x0) * (y1 - y0))

    def certified(self, key: Any) -> tuple[int, int]:
        s, p = self.segment(key)[1], self.p(key)
        return max(p - self.epsilon, int(self.y[s])), min(p + self.epsilon, int(self.y[s + 1]))


class Pgm:
    """The PGM-index, of which the last level is enough."""

    def __init__(self, reader: Reader, model: bytes, arrays: list[tuple[str, bytes]]) -> None:
        require(len(model) == 432, "MODL")
        (self.low, self.top, self.epsilon, self.over, self.under, levels, corrections) = (
            struct.unpack("<QQQQQII", model[:48])
        )
        self.reader = reader
        sizes = list(struct.iter_unpack("<QQII", model[48:]))[:levels]
        if sizes[0][0] > 17:
            take(arrays, "SPLT", "<u8", 32)
        for segments, self.lift, self.shift, self.wide in sizes:
            self.before = take(arrays, "BEFO", "<u8", 7 + segments + 16)[7 : 7 + segments]
            self.lines = take(arrays, "SEGS", "<f8,<f8" if self.wide else "<f4,<u4", segments + 1)
        if corrections:
            blocks = (reader.numbers + self.epsilon) // (512 // reader.raw.itemsize)
            take(arrays, "CORR", "i1", blocks + 2)
        require(not arrays, "arrays")

    def p(self, key: Any) -> int:
        x = ordinal(self.reader, key, self.low, self.top)
        s = int(np.count_nonzero(self.before[1:] < np.uint64(x)))
        slope, start = (float(v) for v in self.lines[s])
        following = float(self.lines[s + 1][1])
        across = float((x - int(self.before[s]) - 1) % 2**64)
        if self.wide:
            return round(max(min(start + slope * across, following), 0))
        units = min(round(start + slope * across), int(following))
        return max((units >> int(self.shift)) - int(self.lift), 0)

    def certified(self, key: Any) -> tuple[int, int]:
        return self.p(key) - self.over, self.p(key) + self.under


class Direct:
    """The table of all answers."""

    def __init__(self, reader: Reader, model: bytes, arrays: list[tuple[str, bytes]]) -> None:
        size, zeros = struct.unpack("<II", model)
        require(size == 4 and zeros == 0, "MODL")
        self.reader, self.width = reader, 8 * reader.raw.itemsize
        self.table = take(arrays, "TABL", "<u4", 2**self.width + 2)

    def p(self, key: Any) -> int:
        signed = self.reader.raw.kind == "i"
        return int(self.table[int(key) + (2 ** (self.width - 1) if signed else 0)])

    def certified(self, key: Any) -> tuple[int, int]:
        return self.p(key), self.p(key)


class Tree:
    """The B+-tree: its prediction is the leaf that holds the answer."""

    def __init__(self, reader: Reader, model: bytes, arrays: list[tuple[str, bytes]]) -> None:
        self.node, zeros = struct.unpack("<II", model)
        require(zeros == 0, "MODL")
        self.window, self.numbers = 128 // reader.raw.itemsize, reader.numbers
        children = -(-reader.numbers // self.window)
        levels: list[int] = []
        while children > 1:
            children = -(-children // (self.node + 1))
            levels.insert(0, children)
        self.levels: list[Array] = []
        if reader.numbers >= self.window:
            all_nodes = take(arrays, "SEPS", reader.raw, sum(levels) * self.node)
            for count in levels:
                self.levels.append(all_nodes[: count * self.node].reshape(count, self.node))
                all_nodes = all_nodes[count * self.node :]

    def p(self, key: Any) -> int:
        number = 0
        for level in self.levels:
            number = number * (self.node + 1) + int(np.count_nonzero(level[number] < key))
        return int(number * self.window)

    def certified(self, key: Any) -> tuple[int, int]:
        low = self.p(key)
        return low, min(low + self.window, self.numbers) if self.levels else self.numbers


def predictor_of(reader: Reader) -> Any:
    """Return what predicts: p(key) and certified(key) for a key as a Python number."""
    kinds = {"rmi": Rmi, "pgm": Pgm, "radix_spline": Spline, "direct": Direct, "btree": Tree}
    return kinds[reader.model](reader, reader.bytes_of("MODL"), reader.arrays())
