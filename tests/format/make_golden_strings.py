"""Golden files of strings, of version 1.1: python -m tests.format.make_golden_strings

As in make_golden, keys come from integers alone and files that are there stay as they are.
"""

import ipaddress
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

import learnedidx as lx
from tests.contract.key_sets import Array
from tests.format import make_golden
from tests.format.make_golden import spread, write_new

FOLDER = make_golden.FOLDER / "strings"
MOST_BYTES = 140_000  # of all files together: a layer takes 4 KiB at least


def addresses(n: int) -> list[str]:
    """Return sorted addresses of pages, some of which go deep."""
    hosts = ("https://example.com/", "https://example.com/a/b/c/d/e/", "https://example.org/é/")
    numbers = spread(n, 977, 5000).tolist()
    return sorted(f"{hosts[i % 3]}{'page/' * (i % 4)}{number}" for i, number in enumerate(numbers))


def raw(n: int, width: int) -> list[bytes]:
    """Return sorted bytes of one width, different ones."""
    numbers = spread(n, 31, 2**61 - 1).tolist()
    return sorted(
        (number * 0x9E3779B97F4A7C15F39CC0605CEDC835).to_bytes(32, "big")[-width:]
        for number in numbers
    )


@dataclass(frozen=True)
class Case:
    """One golden file: its keys as Python has them, how they are given, the model."""

    keys: list[Any]
    model: Any
    given: Any = None
    with_keys: bool = True
    values: Array | None = None
    size: str | None = None

    @property
    def source(self) -> Any:
        return self.keys if self.given is None else self.given

    def blob(self) -> bytes:
        """Return the file as the library writes it today."""
        saved = lx.LearnedIndex(self.source, self.model, size=self.size)
        blob = saved.save(bytes, self.with_keys, self.values)
        assert blob is not None
        return blob


def cases() -> dict[str, Case]:
    """Return all golden files by name."""
    pages, short = addresses(250), sorted({b[:6].rstrip(b"\0") for b in raw(150, 16)})
    return {
        "text-auto": Case(pages, "auto"),
        "text-rmi-keyless": Case(pages[:120], lx.RMI(n_leaves=8), with_keys=False),
        "text-nested-pgm": Case(["a" * i for i in range(60)], lx.PGM(epsilon=1)),
        "text-empty": Case([], "none", np.array([], "U1")),
        "bytes-values": Case(
            [*short, b"\xff" * 9], "none", None, True, np.arange(len(short) + 1) / 4
        ),
        "bytes-trimmed-spline": Case(short, lx.RadixSpline(epsilon=1), np.array(short, "S6")),
        "bytes-fixed-btree": Case(raw(90, 5), lx.BTree(node=8), np.array(raw(90, 5), "V5")),
        "uuid-rmi": Case([uuid.UUID(bytes=b) for b in raw(120, 16)], lx.RMI(n_leaves=8)),
        "ipv4-none": Case([ipaddress.IPv4Address(b) for b in raw(70, 4)], "none"),
        "text-small": Case(pages, lx.BTree(node=8), size="small"),
        "ipv6-keyless": Case([ipaddress.IPv6Address(b) for b in raw(70, 16)], "auto", None, False),
    }


def bytes_of(item: Any) -> bytes:
    """Return the bytes of an item, whatever it is."""
    if isinstance(item, str):
        return item.encode()
    if isinstance(item, bytes):
        return item
    return bytes(item.bytes if isinstance(item, uuid.UUID) else item.packed)


def queries_for(keys: list[Any]) -> list[Any]:
    """Return some keys and, where there are any, strings beside them."""
    chosen = keys[:: max(len(keys) // 12, 1)]
    if keys and isinstance(keys[0], str):
        chosen += [q for key in chosen for q in (key + "\0", key[:-1], key[:20] + "zz")]
    if keys and isinstance(keys[0], bytes):
        chosen += [q for key in chosen for q in (key + b"\1", key[:-1])]
    return chosen


def answers_of(keys: list[Any]) -> dict[str, list[int]]:
    """Return how many keys are below each query, and how many are not above it."""
    plain = [bytes_of(key) for key in keys]
    asked = [bytes_of(q) for q in queries_for(keys)]
    return {
        "left": [sum(key < q for key in plain) for q in asked],
        "right": [sum(key <= q for key in plain) for q in asked],
    }


if __name__ == "__main__":
    write_new(FOLDER, cases(), lambda path, case: answers_of(case.keys))
