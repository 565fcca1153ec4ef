"""The synthetic sets: addresses, names and numbers as text, and pairs of numbers."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable

import numpy as np

from datasets.keytypes import Keys
from datasets.synthetic.counter import base, mix, raw
from datasets.synthetic.draws import distinct
from datasets.text.phrases import Law, Phrase, Rows, Table, written
from datasets.text.texts import Pairs, Text, ends

HOSTS = 20_000
USERS = 50_000
SITES = 100_000
DIGITS = 11
_LARGEST = 3 * 10**10
_YEAR = 365 * 86_400_000  # in milliseconds, behind the first one
_FIRST = 1_700_000_000_000
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_LEVELS = ("com", "org", "net", "de", "io", "co.uk", "fr", "info", "nl", "edu", "jp", "com.br")


def words(count: int, stream: int) -> list[str]:
    """Make distinct words of two to four syllables."""
    return list(dict.fromkeys(map(_word, raw(0, stream, 0, 2 * count + 64).tolist())))[:count]


def _word(number: int) -> str:
    number, syllables = divmod(number, 3)
    word = ""
    for _ in range(2 + syllables):
        number, consonant = divmod(number, 17)
        number, vowel = divmod(number, 5)
        word += "bcdfghjklmnprstvz"[consonant] + "aeiou"[vowel]
    return word + ("", "", "n", "r", "s", "t")[number % 6]


def _closed(names: Iterable[str], by: str) -> Table:
    return Table(name + by for name in names)


def _numbers(digits: int, by: str = "") -> Table:
    return Table(f"{number:0{digits}}{by}" for number in range(10**digits))


def _hosts(by: str) -> Table:
    names = enumerate(words(HOSTS, 1))
    return Table((f"{name}.{_LEVELS[i % 37 % 12]}{by}" for i, name in names), popular=True)


@functools.cache
def _urls() -> Law:
    word = words(2_000, 2)
    days = itertools.product(range(2005, 2027), range(1, 13))
    tails = (
        (Table(f"articles/{y}/{m:02}/" for y, m in days), *[_closed(word, "-")] * 3, _numbers(2)),
        (_closed((f"items/{name}" for name in word[:200]), "/"), _numbers(4), _numbers(3)),
        (Table(["search?q="]), *[_closed(word, "+")] * 2, _closed(word, "&page="), _numbers(1)),
        (_closed((f"users/{name}" for name in word), "/photos/"), _numbers(4), _numbers(3, ".jpg")),
    )
    return Law(Phrase((Table(["https://www."]), _hosts("/"))), tuple(map(Phrase, tails)))


def urls(n: int, seed: int) -> Text:
    """Return web addresses: popular hosts, and paths of four shapes."""
    return _urls()(n, seed)


@functools.cache
def _emails() -> Law:
    numbers = ("", "1", "7", "11", "42", "77", "123", "1984", "1990", "2001")
    names = (f"{name}{by}" for name in words(10_000, 4) for by in numbers)
    tail = Phrase((_closed(names, "@"), _hosts("")))
    return Law(Phrase((_closed(words(3_000, 3), "."),)), (tail,))


def emails(n: int, seed: int) -> Text:
    """Return addresses of mail: two names, the second one with a number, and a popular host."""
    return _emails()(n, seed)


@functools.cache
def _domains() -> Law:
    levels = Table((f"{'.'.join(reversed(one.split('.')))}." for one in _LEVELS), popular=True)
    tail = Phrase((_closed(words(100_000, 5), "."), Table(words(3_000, 6), popular=True)))
    return Law(Phrase((levels,)), (tail,))


def domains(n: int, seed: int) -> Text:
    """Return names of hosts from the right to the left, the first labels popular."""
    return _domains()(n, seed)


def decimals(n: int, seed: int) -> Text:
    """Return random numbers as decimal digits, which sort as text."""

    def draw(start: int, stop: int) -> Keys:
        numbers = raw(seed, 0, start, stop) % np.uint64(_LARGEST)
        powers = np.uint64(10) ** np.arange(1, DIGITS, dtype=np.uint64)
        missing = DIGITS - 1 - np.searchsorted(powers, numbers, side="right").astype(np.uint64)
        return (numbers * np.uint64(10) ** missing << np.uint64(4)) + (np.uint64(DIGITS) - missing)

    return written(distinct(n, draw), _digits)


def _digits(codes: Keys) -> Rows:
    """Write numbers that were moved to the left, and have the count of their digits behind them."""
    length, rest = codes & np.uint64(15), codes >> np.uint64(4)
    powers = np.uint64(10) ** np.arange(DIGITS - 1, -1, -1, dtype=np.uint64)
    digits = (rest[:, None] // powers % np.uint64(10) + np.uint64(48)).astype(np.uint8)
    return digits * (np.arange(DIGITS) < length[:, None]).astype(np.uint8)


def _uuids(n: int, seed: int) -> Rows:
    """Return random UUIDs of version 4 (RFC 9562), 16 bytes in each row."""
    version, variant = np.uint64(0x4000), np.uint64(1 << 63)

    def draw(start: int, stop: int) -> Keys:
        return raw(seed, 0, start, stop) & ~np.uint64(0xF000) | version

    hi = distinct(n, draw)
    lo = mix(hi ^ np.uint64(base(seed, 1))) & ~np.uint64(3 << 62) | variant
    return np.stack([hi, lo], axis=1).astype(">u8").view(np.uint8)


def _fixed(rows: Rows) -> Text:
    return Text(ends(np.full(len(rows), rows.shape[1])), rows.ravel())


def uuid_bytes(n: int, seed: int) -> Text:
    """Return random UUIDs of 16 bytes, zeros among these."""
    return _fixed(_uuids(n, seed))


def uuid_text(n: int, seed: int) -> Text:
    """Return the same UUIDs as 36 characters."""
    rows = _uuids(n, seed)
    written = np.full((n, 36), ord("-"), np.uint8)
    at = np.delete(np.arange(36), [8, 13, 18, 23])
    written[:, at[0::2]] = _HEX[rows >> 4]
    written[:, at[1::2]] = _HEX[rows & 15]
    return _fixed(written)


def ipv6(n: int, seed: int) -> Pairs:
    """Return addresses: networks of popular sites, and in them small hosts and random ones."""
    site = Table((f"{i:05}" for i in range(SITES)), popular=True)

    def draw(start: int, stop: int) -> Keys:
        network = raw(seed, 5, start, stop) & np.uint64(0xFFFF)
        host = raw(seed, 6, start, stop) & np.uint64(0x1FF)
        nets = mix(site.draw(seed, 0, start, stop)) >> np.uint64(36) << np.uint64(16)
        return (nets | network & network >> np.uint64(4)) << np.uint64(9) | host

    codes = distinct(n, draw)
    host = codes & np.uint64(0x1FF)
    chance = mix(codes ^ np.uint64(base(seed, 1))) >> np.uint64(9)
    lo = np.where(host < 0x100, host, host << np.uint64(55) | chance)
    return Pairs((codes >> np.uint64(9)) + np.uint64(0x2001 << 48), lo)


def user_times(n: int, seed: int) -> Pairs:
    """Return popular users and times in milliseconds, all within a year."""
    user = Table((f"{i:05}" for i in range(USERS)), popular=True)

    def draw(start: int, stop: int) -> Keys:
        times = raw(seed, 5, start, stop) % np.uint64(_YEAR)
        return user.draw(seed, 0, start, stop) << np.uint64(36) | times

    codes = distinct(n, draw)
    return Pairs(codes >> np.uint64(36), (codes & np.uint64((1 << 36) - 1)) + np.uint64(_FIRST))
