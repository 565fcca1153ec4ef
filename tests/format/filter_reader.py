"""A reader of filters, written from FORMAT.md: slow, and of single codes and hashes."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from itertools import pairwise

import numpy as np

WORD = 2**64 - 1


def require(right: bool, what: str) -> None:
    if not right:
        raise ValueError(what)


def mixed(x: int, seed: int) -> int:
    y = (x + (seed + 1) * 0x9E3779B97F4A7C15) & WORD
    y = (y ^ y >> 33) * 0xFF51AFD7ED558CCD & WORD
    y = (y ^ y >> 33) * 0xC4CEB9FE1A85EC53 & WORD
    return y ^ y >> 33


def ascending(data: bytes, at: int, n: int, universe: int, b: int) -> tuple[list[int], int]:
    """Return n numbers below a universe, with b low bits, and where what follows begins."""
    buckets = (universe - 1 >> b) + 1
    n_lines, n_directory = -(-(buckets + 1 + n) // 480), buckets // 512 + 2
    bits: list[int] = []
    for line in range(n_lines):
        part = data[at + 64 * line : at + 64 * (line + 1)]
        require(int.from_bytes(part[:4], "little") == sum(bits), "ones before a line")
        bits += np.unpackbits(np.frombuffer(part[4:], "u1"), bitorder="little").tolist()
    at += 64 * n_lines
    directory = np.frombuffer(data[at : at + 4 * n_directory], "<u4").tolist()
    at += (4 * n_directory + 7) // 8 * 8
    low_words = -(-n * b // 64) + 2
    low = int.from_bytes(data[at : at + 8 * low_words], "little")
    numbers: list[int] = []
    starts, bucket = [], -1
    for bit in bits:
        if bit:
            numbers.append(bucket << b | low >> len(numbers) * b & (1 << b) - 1)
        else:
            bucket += 1
            starts.append(len(numbers))
    require(len(numbers) == n and numbers == sorted(numbers), "numbers")
    wanted = [starts[512 * i] if 512 * i < len(starts) else n for i in range(n_directory)]
    require(directory == wanted, "directory")
    return numbers, at + 8 * low_words


class RangeReader:
    """A range filter: its slots, and whether codes lead to any."""

    def __init__(self, data: bytes) -> None:
        said = struct.unpack("<IIQQQQQIIQ", data[:64])
        self.strategy, self.b, self.keys, self.n, self.universe, self.seed = said[:6]
        self.segments, self.k, zero, zeros = said[6:]
        require(self.strategy <= 2 and self.b <= 56 and zero == zeros == 0, "fields")
        self.slots, at = ascending(data, 64, self.n, self.universe, self.b)
        rest = np.frombuffer(data[at:], "<u8").tolist()
        require(len(rest) == 3 * self.segments + 1 and rest[-1] == self.universe, "segments")
        s = self.segments
        self.firsts: list[int] = rest[:s]
        self.lasts: list[int] = rest[s : 2 * s]
        self.bases: list[int] = rest[2 * s :]

    def any(self, a: int, c: int) -> bool:
        if not self.n:
            return False
        a, c = max(a, self.firsts[0]), min(c, self.lasts[-1])
        if a > c:
            return False
        intervals = self._shifted(a, c) if self.strategy == 1 else self._in_segments(a, c)
        if intervals is None:
            return True
        return any(
            bisect_right(self.slots, to) > bisect_left(self.slots, of) for of, to in intervals
        )

    def _shifted(self, a: int, c: int) -> list[tuple[int, int]] | None:
        size, found = 1 << self.k, []
        if (c >> self.k) - (a >> self.k) > 1:
            return None
        while a <= c:
            end = min(c, a | size - 1)
            h = mixed(a >> self.k, self.seed) * self.universe >> 64
            slot = (h + a % size) % self.universe
            stop = slot + end - a
            found.append((slot, min(stop, self.universe - 1)))
            if stop >= self.universe:
                found.append((0, stop - self.universe))
            a = end + 1
        return found

    def _in_segments(self, a: int, c: int) -> list[tuple[int, int]]:
        i, j = bisect_left(self.lasts, a), bisect_right(self.firsts, c) - 1
        if i > j:
            return []
        return [(self._slot(max(a, self.firsts[i]), i), self._slot(min(c, self.lasts[j]), j))]

    def _slot(self, code: int, i: int) -> int:
        first, span = self.firsts[i], self.lasts[i] - self.firsts[i]
        base, width = self.bases[i], self.bases[i + 1] - self.bases[i]
        if width > span:
            return base + code - first
        t = next(t for t in range(64) if span >> t < 2**32)
        q = (min(width, 2**31) << 32) // ((span >> t) + 1)
        return base + ((code - first >> t) * q >> 32)


class FusePlaces:
    """Where the three slots of a hash lie in a table of n keys."""

    def __init__(self, n: int) -> None:
        self.size, self.first = 4, 1
        if n >= 2:
            x = 0.740
            while x * 3.33 <= n and self.size < 2**18:
                x, self.size = x * 3.33, self.size * 2
            slots = max(9 * n // 8, 7 * n // 8 + 5 * n // (n.bit_length() - 1))
            self.first = max(-(-slots // self.size) - 2, 1)
        self.count = (self.first + 2) * self.size

    def of(self, m: int) -> tuple[int, int, int]:
        size = self.size
        p = m * self.first * size >> 64
        return p, (p + size) ^ (m >> 18) % size, (p + 2 * size) ^ m % size


class FuseReader:
    """A fuse filter: whether a hash is in it."""

    def __init__(self, data: bytes) -> None:
        layout, zero, self.keys, n, self.seed, self.again = struct.unpack("<IIQQQQ", data[:40])
        require(layout in (17, 18) and zero == 0 and not any(data[40:64]), "fields")
        self.bits, self.places = 8 * (layout - 16), FusePlaces(n)
        used = self.places.count * self.bits // 8
        require(len(data) == 64 + (used + 7) // 8 * 8 and not any(data[64 + used :]), "length")
        self.slots = np.frombuffer(data[64 : 64 + used], f"<u{self.bits // 8}").tolist()

    def has(self, hashed: int) -> bool:
        m = mixed(hashed, self.again)
        a, b, c = (self.slots[place] for place in self.places.of(m))
        return bool(self.keys) and a ^ b ^ c == (m ^ m >> 32) & ((1 << self.bits) - 1)


class LearnedReader:
    """A learned filter: whether a string with a hash is in it."""

    def __init__(self, data: bytes) -> None:
        layout, self.w, self.keys, self.seed, self.r, zero = struct.unpack("<IIQQII", data[:32])
        require(layout == 48 and 6 <= self.w <= 16 and 1 <= self.r <= 8 and zero == 0, "fields")
        self.borders = struct.unpack("<8i", data[32:64])[: self.r - 1]
        self.bits = data[64:72]
        self.counts = struct.unpack("<8Q", data[72:136])
        self.seeds = struct.unpack("<8Q", data[136:200])
        self.weights = np.frombuffer(data[200 : 200 + 2**self.w], "i1").tolist()
        self.tables: list[int] = []
        at = 200 + 2**self.w
        for bits, count in zip(self.bits, self.counts, strict=True):
            slots = FusePlaces(count).count
            size = 8 * (-(-slots * bits // 64) + 1) if bits and count else 0
            self.tables.append(int.from_bytes(data[at : at + size], "little"))
            at += size
        require(at == len(data), "length")

    def region(self, string: bytes) -> int:
        signs = [257, *(byte + 1 for byte in string[:64]), 258]
        score = 0
        for end in range(1, len(signs)):
            for length in (1, 2, 3)[: end + 1]:
                gram = 0
                for sign in signs[end + 1 - length : end + 1]:
                    gram = gram * 259 + sign
                number = (gram * 5 + length) * 0x9E3779B97F4A7C15 & WORD
                score += self.weights[number >> 64 - self.w]
        return sum(score >= border for border in self.borders)

    def has(self, string: bytes, hashed: int) -> bool:
        region = self.region(string)
        bits, count = self.bits[region], self.counts[region]
        if not bits:
            return bool(self.keys)
        if not count:
            return False
        m, mask = mixed(hashed, self.seeds[region]), (1 << bits) - 1
        value = m ^ m >> 32
        for place in FusePlaces(count).of(m):
            value ^= self.tables[region] >> place * bits
        return bool(value & mask == 0)


class HashReader:
    """A learned hash of numbers: positions, the first of equal ones, and fingerprints."""

    LAYOUT = 32

    def __init__(self, data: bytes) -> None:
        layout, self.t, self.n, self.seed, self.p, zero = struct.unpack("<IIQQII", data[:32])
        r, text, shared = struct.unpack("<QQQ", data[32:56])
        require(layout == self.LAYOUT and self.p in (0, 8, 16) and zero == 0, "fields")
        require(not any(data[56:64]) and shared <= text, "zeros")
        self.counts = struct.unpack("<8Q", data[64:128])
        self.seeds = struct.unpack("<8Q", data[128:192])
        segments, at, line = -(-self.n // self.t), 192, self.t // 4
        self.lines = [data[at + i * line : at + (i + 1) * line] for i in range(segments)]
        at += segments * line
        at = self._read_knots(data, at, segments, text, shared)
        self.tables = []
        for w, count in enumerate(self.counts, 1):
            size = 8 * (-(-FusePlaces(count).count * w // 64) + 1) if count else 0
            self.tables.append(int.from_bytes(data[at : at + size], "little"))
            at += size
        self.prints = data[at : at + self.n * self.p // 8]
        at += -(-self.n * self.p // 64) * 8
        self.repeats: list[int] = []
        if r:
            b = 0 if self.n <= r else min(((self.n // r).bit_length() - 1), 56)
            self.repeats, at = ascending(data, at, r, self.n, b)
        require(at == len(data), "length")

    def _read_knots(self, data: bytes, at: int, segments: int, text: int, shared: int) -> int:
        """Read what is of each segment, and return where what follows begins."""
        require(text == shared == 0, "zeros")
        end = at + 8 * (segments + 1)
        self.knots = np.frombuffer(data[at:end], "<u8").tolist()
        return end

    def position(self, x: int, proved: bool = False) -> int:
        segment = max(bisect_right(self.knots[:-1], x) - 1, 0)
        knot, end = self.knots[segment : segment + 2]
        return self._in_segment(segment, x, knot, end, mixed(x, self.seed), proved)

    def _in_segment(
        self, segment: int, x: int, knot: int, end: int, m: int, proved: bool = False
    ) -> int:
        shift = next(k for k in range(64) if end - knot >> k < 2**32)
        q = (self.t << 32) // ((end - knot >> shift) + 1)
        bucket = (min(max(x, knot), end) - knot >> shift) * q >> 32
        before, c, at = 0, 0, 0
        for bit in np.unpackbits(np.frombuffer(self.lines[segment], "u1"), bitorder="little"):
            if at == bucket:
                c += int(bit)
            elif at < bucket:
                before += int(bit)
            at += not bit
        p: int = self.t * segment + before + (self._inside(m, c) if c > 1 else 0)
        p = min(p, self.n - 1)
        if proved and self.p:
            size = self.p // 8
            print_of_key = int.from_bytes(self.prints[p * size : (p + 1) * size], "little")
            if print_of_key != m >> 64 - self.p:
                return -1
        return p + bisect_left(self.repeats, p)

    def _inside(self, m: int, c: int) -> int:
        w = (c - 1).bit_length()
        value = 0
        for place in FusePlaces(self.counts[w - 1]).of(mixed(m, self.seeds[w - 1])):
            value ^= self.tables[w - 1] >> place * w
        return value & (1 << w) - 1


class StringHashReader(HashReader):
    """A learned hash of strings."""

    LAYOUT = 33

    def _read_knots(self, data: bytes, at: int, segments: int, text: int, shared: int) -> int:
        words = np.frombuffer(data[at : at + 24 * segments], "<u8").reshape(3, segments).tolist()
        heads, self.codes, self.places = words
        at += 24 * segments
        self.begins = [0, *struct.unpack("<256H", data[at : at + 512]), 2**16]
        at += 512
        texts = data[at : at + text]
        ends = [shared, *(place & 2**40 - 1 for place in self.places)]
        require(ends == sorted(ends) and (ends[-1] == text), "separators")
        behind = [texts[a:b] for a, b in pairwise(ends)]
        require(heads == [int.from_bytes(each[:8].ljust(8, b"\0")) for each in behind], "heads")
        self.separators = [texts[:shared] + each for each in behind]
        self.separators[:1] = [b""] * bool(segments)
        require(self.separators == sorted(self.separators), "order")
        return at + -(-text // 8) * 8

    def find(self, string: bytes, m: int, proved: bool = False) -> int:
        """Return the position of a string with a hash."""
        segment = bisect_right(self.separators, string) - 1
        low, width = 0, 2**48 - 1
        for byte in string[self.places[segment] >> 40 :]:
            if width < 2**16:
                break
            begin, end = self.begins[byte + 1 : byte + 3]
            low, width = low + width * begin, width * (end - begin) >> 16
        codes = self.codes[segment]
        knot, end = codes & 2**32 - 1, codes >> 32
        return self._in_segment(segment, low >> 32, knot, end, m, proved)
