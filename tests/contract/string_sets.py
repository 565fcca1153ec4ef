"""Sorted strings that are hard for layers, queries near them, and the truth: Python's bisect."""

import ipaddress
import random
import uuid
from bisect import bisect_left, bisect_right
from functools import cache, cached_property
from typing import Any

import numpy as np

import learnedidx as lx
from learnedidx import _core

FORMS = ("str", "bytes", "UUID", "IPv4Address", "IPv6Address")
MODELS = ("auto", "rmi", "pgm", "radix_spline", "btree", "none")
PREFIXES = (0, 1, 7, 8, 9, 15, 16, 17, 40, 70)


def words(seed: int, alphabet: str, longest: int, count: int) -> list[str]:
    """Return random words, short ones among them."""
    draw = random.Random(seed)
    return ["".join(draw.choices(alphabet, k=draw.randrange(longest))) for _ in range(count)]


@cache
def text_sets() -> dict[str, list[str]]:
    """Return sorted texts by a name that says what is hard about them."""
    parts = ["example.org/", "user/", "ключ", "\U0001f600" * 3, "0123456789abcdef" * 2]
    sets = {
        "none": [],
        "one": ["one"],
        "one empty": [""],
        "all equal": ["equal to all the others"] * 300,
        "words": words(1, "abc", 9, 500),
        "all of Unicode": words(
            2, "a\x7f\x80é\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff", 12, 500
        ),
        "NULs": words(3, "\0\x01a", 30, 500),
        "nested": ["a" * i for i in range(300)],
        "nested, each often": ["ab" * (i // 12) for i in range(600)],
        "parts": [a + b + c for a in parts for b in parts for c in words(4, "xy", 6, 20)],
        "long runs": [f"{i // 100:030}{i % 100:>40}" for i in range(1500)],
    }
    for length in PREFIXES:
        shared = ("shared between all " * 4)[:length]
        sets[f"behind {length} bytes"] = [shared + word for word in words(length, "ab\0", 20, 200)]
    return {name: sorted(keys) for name, keys in sets.items()}


@cache
def bytes_sets() -> dict[str, list[bytes]]:
    """Return sorted byte strings: those texts, and what is no UTF-8."""
    sets = {name: [key.encode() for key in keys] for name, keys in text_sets().items()}
    latin = {"ends": "\0\xff", "0xFF": "\xfe\xff", "all bytes": "".join(map(chr, range(256)))}
    for seed, (name, alphabet) in enumerate(latin.items()):
        sets[name] = sorted(word.encode("latin-1") for word in words(seed, alphabet, 20, 400))
    return sets


@cache
def id_sets(form: str) -> dict[str, list[Any]]:
    """Return sorted UUIDs or addresses."""
    draw = random.Random(5)
    bits = {"UUID": 128, "IPv4Address": 32, "IPv6Address": 128}[form]
    make: Any = getattr(ipaddress, form, None) or (lambda number: uuid.UUID(int=number))
    numbers = {
        "few": [5, 5, 7],
        "all over": [draw.getrandbits(bits) for _ in range(500)],
        "one network": [(1 << (bits - 1)) + draw.getrandbits(12) for _ in range(500)],
    }
    return {name: sorted(make(number) for number in some) for name, some in numbers.items()}


def key_sets(form: str) -> dict[str, list[Any]]:
    """Return the key sets of a form."""
    if form in ("str", "bytes"):
        return dict(text_sets() if form == "str" else bytes_sets())
    return id_sets(form)


class Case:
    """Keys of a form, queries near them, and where Python's bisect puts these."""

    def __init__(self, form: str, name: str) -> None:
        self.form, self.name, self.keys = form, name, key_sets(form)[name]

    @cached_property
    def queries(self) -> list[Any]:
        """Keys, their beginnings, what is just beside them, and others; in no order."""
        draw = random.Random(self.name)
        some = draw.sample(self.keys, min(len(self.keys), 60))
        if self.form not in ("str", "bytes"):
            others = (
                [type(key)(int(key) ^ 1) for key in some]
                if self.form != "UUID"
                else [uuid.UUID(int=key.int ^ 1) for key in some]
            )
            return draw.sample([*some, *others], 2 * len(some))
        low, high = ("\0", "\U0010ffff") if self.form == "str" else (b"\0", b"\xff")
        near = [low[:0], low, high, high * 9]
        for key in some:
            cut = draw.randrange(len(key) + 1)
            near += [key, key[:cut], key[:cut] + high, key[:cut] + low + key[cut:], key + low]
        return draw.sample(near, len(near))

    @cached_property
    def left(self) -> list[int]:
        return [bisect_left(self.keys, v) for v in self.queries]

    @cached_property
    def right(self) -> list[int]:
        return [bisect_right(self.keys, v) for v in self.queries]

    def build(self, model: Any = "auto", size: str | None = None) -> lx.LearnedIndex:
        """Return an index over the keys, also over none."""
        if self.keys:
            return lx.LearnedIndex(self.keys, model, size=size)
        kind: Any = self.form
        return lx.LearnedIndex(_core.Column.of_list([], "keys", kind), model, size=size)


@cache
def cases(form: str) -> list[Case]:
    """Return every case of a form."""
    return [Case(form, name) for name in key_sets(form)]


def positions(answer: Any, expected: list[int]) -> None:
    """Assert an array of positions."""
    assert isinstance(answer, np.ndarray) and answer.dtype == np.intp
    assert answer.tolist() == expected
