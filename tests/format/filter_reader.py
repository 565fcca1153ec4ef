"""A reader of filters, written from FORMAT.md: slow, and of single codes and hashes."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right

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


class RangeReader:
    """A range filter: its slots, and whether codes lead to any."""

    def __init__(self, data: bytes) -> None:
        said = struct.unpack("<IIQQQQQIIQ", data[:64])
        self.strategy, self.b, self.keys, self.n, self.universe, self.seed = said[:6]
        self.segments, self.k, zero, zeros = said[6:]
        require(self.strategy <= 2 and self.b <= 56 and zero == zeros == 0, "fields")
        buckets = (self.universe - 1 >> self.b) + 1
        n_lines, n_directory = -(-(buckets + 1 + self.n) // 480), buckets // 512 + 2
        at = 64 + 64 * n_lines
        bits: list[int] = []
        for line in range(n_lines):
            part = data[64 + 64 * line : 128 + 64 * line]
            require(int.from_bytes(part[:4], "little") == sum(bits), "ones before a line")
            bits += np.unpackbits(np.frombuffer(part[4:], "u1"), bitorder="little").tolist()
        directory = np.frombuffer(data[at : at + 4 * n_directory], "<u4").tolist()
        at += (4 * n_directory + 7) // 8 * 8
        low_words = -(-self.n * self.b // 64) + 2
        low = int.from_bytes(data[at : at + 8 * low_words], "little")
        at += 8 * low_words
        self.slots: list[int] = []
        starts, bucket = [], -1
        for bit in bits:
            if bit:
                mask = (1 << self.b) - 1
                self.slots.append(bucket << self.b | low >> len(self.slots) * self.b & mask)
            else:
                bucket += 1
                starts.append(len(self.slots))
        require(len(self.slots) == self.n and self.slots == sorted(self.slots), "slots")
        wanted = [starts[512 * i] if 512 * i < len(starts) else self.n for i in range(n_directory)]
        require(directory == wanted, "directory")
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
