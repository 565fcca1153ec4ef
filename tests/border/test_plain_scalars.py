"""Tuples, UUIDs and addresses alone are read by the core; what it does not read, Python does."""

import ipaddress
import sys
import uuid
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from types import FrameType
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

IDS = [uuid.UUID(int=i << 90) for i in range(99)]
FOURS = [ipaddress.IPv4Address(i << 9) for i in range(99)]
SIXES = [ipaddress.IPv6Address(i << 90) for i in range(99)]


def frames(call: Callable[[], Any]) -> list[str]:
    """Return the files of the library whose Python a call runs."""
    entered = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        name = frame.f_code.co_filename
        if event == "call" and "learnedidx" in name and "tests" not in name:
            entered.append(name)

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return entered


def rows() -> lx.LearnedIndex:
    return lx.LearnedIndex(lx.Columns(np.arange(99) // 9, np.arange(99) / 2, IDS))


CALLS: list[Callable[[Any], Any]] = [
    lambda index: index.find((3, 14.0, IDS[28])),
    lambda index: index.searchsorted((3.5, -1e300, IDS[2]), "right"),
    lambda index: (2**70, 2, IDS[3]) in index,
    lambda index: index.find((3, 14, IDS[28]), "pad"),
    lambda index: index.rank((3,)),
    lambda index: index.rank((3, 0.3)),
    lambda index: index.range((3,), (7, 5)),
    lambda index: index.count((3,), None, "neither"),
    lambda index: index.count((-5,), (3.5,), "both"),
]


@pytest.mark.parametrize("call", CALLS)
def test_tuples_of_any_length_enter_no_python_frame(call: Callable[[Any], Any]) -> None:
    index = rows()
    expected = call(index)
    assert frames(lambda: call(index)) == []
    exact = [tuple(map(Fraction, (3, 14))), (Fraction(3),)]  # which Python reads
    assert frames(lambda: index.rank(exact[1])) != []
    assert index.rank(exact[1]) == index.rank((3,))
    assert call(lx.open(index.save(bytes))) == expected


def test_what_python_reads_answers_alike() -> None:
    index = rows()
    for first in (-1, 0, 3, 3.5, 10, 11, 2**64, float("nan"), -(2**64)):
        for second in (-1.0, 13.5, 13.75, 1e9, float("inf"), float("nan")):
            slow = (np.array(first), np.array(second))  # 0-d arrays are for Python
            for verb in (index.rank, index.prefix, lambda q: index.count(q, q, "both")):
                assert verb((first, second)) == verb(slow)
                assert verb((first,)) == verb(slow[:1])
            whole = (first, second, IDS[27])
            assert index.searchsorted(whole) == index.searchsorted((*slow, IDS[27]))


@pytest.mark.parametrize("keys", [IDS, FOURS, SIXES], ids=["UUID", "IPv4", "IPv6"])
def test_objects_alone_enter_no_frame_of_the_library(keys: list[Any]) -> None:
    index = lx.LearnedIndex(keys)
    for made in (index, lx.open(index.save(bytes))):
        assert frames(partial(made.find, keys[7])) == []
        assert [made.find(key) for key in keys] == list(range(99))
        raw = keys[7].bytes if isinstance(keys[7], uuid.UUID) else keys[7].packed
        assert made.find(raw) == 7 and keys[7] in made and made.rank(keys[7]) == 8
        refused(made.find, raw + b"x", kind=ValueError, says=("has (5|17) bytes",))
        refused(made.find, "x", kind=TypeError, says=("cannot compare str",))
    others = [key for other in (IDS, FOURS, SIXES) if other is not keys for key in other[:1]]
    for other in others:
        refused(index.find, other, kind=TypeError, says=("cannot compare",))


def test_objects_that_are_more_or_less_than_their_bytes() -> None:
    class Id(uuid.UUID):
        pass

    class UUID:
        bytes = b"x" * 16

    index, sixes = lx.LearnedIndex(IDS), lx.LearnedIndex(SIXES)
    assert index.find(Id(int=7 << 90)) == 7
    refused(index.find, UUID(), kind=TypeError, says=("cannot compare UUID",))
    UUID.__module__ = "uuid"
    UUID.bytes = b"short"
    refused(index.find, UUID())
    scoped = ipaddress.IPv6Address("fe80::1%eth0")
    refused(sixes.find, scoped, kind=TypeError, says=("cannot compare",))
    refused(sixes.find, ipaddress.IPv6Interface("::1/64"), kind=TypeError)
