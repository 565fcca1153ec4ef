"""The C library fits models: the bytes that Python saves, from any allocator."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import learnedidx as lx
from tests.capi.binding import (
    ALLOCATE,
    AUTO,
    BAD_OPTION,
    BTREE,
    NAMES,
    NO_MEMORY,
    NO_MODEL,
    OK,
    PGM,
    RELEASE,
    RMI,
    SPLINE,
    UNSORTED_KEYS,
    Allocator,
    Options,
    pointer,
)
from tests.capi.cases import KINDS, keys_of

BUILT: dict[str, tuple[Any, dict[str, int]]] = {
    "none": ("none", {"model": NO_MODEL}),
    "btree": (lx.BTree(), {"model": BTREE}),
    "btree8": (lx.BTree(node=8), {"model": BTREE, "node": 8}),
    "pgm": (lx.PGM(), {"model": PGM}),
    "pgm8": (lx.PGM(epsilon=8), {"model": PGM, "epsilon": 8}),
    "pgm_huge": (lx.PGM(epsilon=2**62), {"model": PGM, "epsilon": 2**62}),
    "spline": (lx.RadixSpline(), {"model": SPLINE}),
    "rmi": (lx.RMI(), {"model": RMI}),
    "rmi99": (lx.RMI(n_leaves=99), {"model": RMI, "leaves": 99}),
    "auto": ("auto", {"model": AUTO}),
    "spline9": (lx.RadixSpline(4, 9), {"model": SPLINE, "epsilon": 4, "radix_bits": 9}),
}


def build(
    c: ctypes.CDLL, keys: NDArray[Any], kind: str, allocator: Any = None, **options: int
) -> Any:
    """Return status and bytes of a file that C builds, which it is given back."""
    blob, size = ctypes.c_void_p(), ctypes.c_size_t()
    wanted = Options(**{"struct_bytes": ctypes.sizeof(Options), **options})
    hook = None if allocator is None else ctypes.byref(allocator)
    call: Callable[..., int] = getattr(c, f"lidx_build_{NAMES[kind]}")
    where = ctypes.byref(wanted), hook, ctypes.byref(blob), ctypes.byref(size)
    status = call(pointer(keys), ctypes.c_size_t(keys.size), *where)
    made = ctypes.string_at(blob, size.value) if blob else None
    c.lidx_release(hook, blob, size)
    return status, made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("n", [0, 1, 40, 20_000])
def test_c_builds_the_bytes_that_python_saves(
    library: ctypes.CDLL, kind: str, name: str, n: int
) -> None:
    keys = keys_of(kind, n) if n > 1 else np.arange(n).astype(kind)
    model, options = BUILT[name]
    index = lx.LearnedIndex(keys, model)
    for with_keys in (True, False):
        saved = index.save(bytes, keys=with_keys)
        status, made = build(library, keys, kind, with_keys=int(with_keys), **options)
        assert status == OK and made == saved


def hard_keys(name: str, n: int) -> NDArray[Any]:
    """Return keys that ask for pieces of a root, stages that equalise it, or fewer bins."""
    rng = np.random.default_rng(n)
    if name == "clusters":
        return np.sort(
            np.concatenate([np.arange(n // 5, dtype=np.uint64) + (i << 60) for i in range(5)])
        )
    if name == "skewed":
        return np.sort(np.exp(rng.uniform(0, 600, n)))
    if name == "lognormal":
        return np.sort(rng.lognormal(0, 2, n) * 1e9).astype(np.uint64)
    if name == "equal":
        return np.full(n, 7, np.int64)
    far = np.arange(n, dtype=np.int64) * 3
    far[-1] = 2**62
    return np.array(far)


@pytest.mark.parametrize("name", ["clusters", "skewed", "lognormal", "equal", "one far key"])
@pytest.mark.parametrize("n", [1_000, 70_000, 600_000])
def test_c_trains_the_rmi_that_python_trains(library: ctypes.CDLL, name: str, n: int) -> None:
    """Number for number, where the root is not plain too; and chooses it where Python does."""
    keys = hard_keys(name, n)
    kind = keys.dtype.str[1:]
    for model, options in ((lx.RMI(), {"model": RMI}), ("auto", {"model": AUTO})):
        saved = lx.LearnedIndex(keys, model).save(bytes, keys=False)
        assert build(library, keys, kind, **options) == (OK, saved)


def test_the_builder_takes_the_options_of_older_callers(library: ctypes.CDLL) -> None:
    keys = keys_of("u8", 500)
    old = Options.leaves.offset
    for size, status in ((old, OK), (old - 4, BAD_OPTION), (0, BAD_OPTION)):
        assert build(library, keys, "u8", struct_bytes=size, model=RMI, leaves=2**40)[0] == status


def test_the_builder_refuses(library: ctypes.CDLL) -> None:
    keys = keys_of("i4", 100)
    shuffled = keys[::-1].copy()
    assert build(library, shuffled, "i4", model=PGM) == (UNSORTED_KEYS, None)
    wrongs = ({"model": 5}, {"model": 9}, {"with_keys": 2}, {"node": 7}, {"radix_bits": 25})
    for wrong in (*wrongs, {"model": RMI, "leaves": 2**20 + 1}):
        assert build(library, keys, "i4", **wrong) == (BAD_OPTION, None)
    assert build(library, keys, "i4", epsilon=2**63) == (BAD_OPTION, None)


def test_the_blob_comes_from_the_hook(library: ctypes.CDLL) -> None:
    held: dict[int, Any] = {}
    room = [2**20]

    def allocate(context: int, size: int) -> int:
        assert context == 77
        memory = ctypes.create_string_buffer(size) if size <= room[0] else None
        address = 0 if memory is None else ctypes.addressof(memory)
        held[address] = (memory, size)
        return address

    def release(context: int, address: int, size: int) -> None:
        assert context == 77 and held.pop(address)[1] == size

    hook = Allocator(ALLOCATE(allocate), RELEASE(release), 77)
    keys = keys_of("f8", 1000)
    status, made = build(library, keys, "f8", hook, model=PGM, with_keys=1)
    assert status == OK and made == lx.LearnedIndex(keys, lx.PGM()).save(bytes) and not held
    room[0] = 100
    assert build(library, keys, "f8", hook, model=PGM) == (NO_MEMORY, None)
