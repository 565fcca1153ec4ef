"""Files of strings and rows, and all that an index over one can be asked, checked against them."""

import copy
import datetime
import ipaddress
import pickle
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

import learnedidx as lx
from learnedidx._formats.forms import TEXT, bytes_of
from learnedidx._formats.rows import RowForm
from tests.format import spoil
from tests.format.make_golden_strings import addresses, raw, row_cases

KEYS: dict[str, Any] = {
    "text": addresses(160),
    "nested": ["a" * i for i in range(0, 80, 2)],
    "few": ["", "a", "a", "b"],
    "bytes": [*(b"\xff" * i for i in range(9, 20)), *[b"\xff" * 30] * 40],
    "trimmed": np.array(sorted(b[:7] for b in raw(120, 16)), "S7"),
    "fixed": np.array(raw(90, 5), "V5"),
    "UUID": [uuid.UUID(bytes=b) for b in raw(120, 16)],
    "pairs": row_cases()["rows-pairs-rmi"].given,
    "rows": row_cases()["rows-mixed"].given,
    "IPv4": [ipaddress.IPv4Address(b) for b in raw(80, 4)],
}
MODELS: dict[str, Callable[[], Any]] = {
    "none": lambda: "none",
    "rmi": lambda: lx.RMI(n_leaves=8),
    "pgm": lambda: lx.PGM(epsilon=1),
    "spline": lambda: lx.RadixSpline(epsilon=1, radix_bits=3),
    "btree": lambda: lx.BTree(node=8),
}
ROWS = ("pairs", "rows")
FILES = [
    *((k, m) for k in KEYS for m in MODELS if m in ("none", "pgm") or k in ("text", "UUID")),
    *((k, "small") for k in KEYS if k != "few"),
]


@cache
def saved(keys: str, model: str, with_keys: bool = True) -> bytes:
    """Return a file with values beside its keys, or the layers alone."""
    size = "small" if model == "small" else None
    index = lx.LearnedIndex(KEYS[keys], "btree" if size else MODELS[model](), size=size)
    values = np.arange(len(index), dtype=np.int16) if with_keys else None
    return bytes(index.save(bytes, with_keys, values) or b"")


def strings_of(index: lx.LearnedIndex) -> list[bytes] | None:
    """Return the bytes of all strings; None if some text is none."""
    column, form = index._state.checked.array, index._state.checked.dtype
    if isinstance(form, RowForm):
        return list(column.with_items(None))
    try:
        return [bytes_of(item, form) for item in column]
    except UnicodeDecodeError as error:
        assert column.kind == "str", error
        return None


def queries_for(form: Any, strings: list[bytes], random: spoil.Random, count: int) -> list[Any]:
    """Return strings, those beside them, and any others, as keys of that form are asked for."""
    made: list[Any] = []
    for _ in range(count):
        q = strings[random.integers(len(strings))] if strings else b""
        how = random.integers(6)
        if how == 0:
            q += random.bytes(1)
        elif how == 1:
            q = q[: random.integers(len(q) + 1)]
        elif how == 2:
            q = random.bytes(int(random.integers(9)))
        if form is TEXT:
            made.append(q.decode(errors="ignore"))
        elif form.width:
            made.append(form.make(q[: form.width].ljust(form.width, b"\x80")))
        else:
            made.append(q)
    return made


def rows_for(index: lx.LearnedIndex, random: spoil.Random, count: int) -> list[Any]:
    """Return rows that are there, some with an item of another; of zeros where none can be read."""
    fields = index._state.checked.dtype.fields
    made = [tuple(map(zero_of, fields))]
    while len(made) < count and len(index):
        try:
            row = index[random.integers(len(index))]
            made.append(
                tuple(zero_of(f) if f.aware else q for f, q in zip(fields, row, strict=True))
            )
        except ValueError as error:
            assert "is no row of" in str(error)
            made.append(made[0])
        if random.integers(2):
            at = random.integers(len(made[0]))
            made[-1] = made[-1][:at] + made[-2][at:]
    return made


def zero_of(field: Any) -> Any:
    """Return the first item of a column of rows, or a string without bytes."""
    if field.aware:
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    if field.core is not None:
        return np.zeros((), field.core)[()]
    if field.dtype.make is not None:
        return field.dtype.make(bytes(field.dtype.width))
    return "" if field.dtype is TEXT else b""


def ask(blob: bytes, random: spoil.Random, keys: Any = None) -> bool:
    """Open a file; if that is not refused, ask it everything. Tell whether it was opened."""
    try:
        index: Any = lx.open(blob, keys=keys)
    except lx.FormatError:
        return False
    form = index._state.checked.dtype
    strings = strings_of(index)
    plain = strings or []
    if isinstance(form, RowForm):
        asked = rows_for(index, random, 24)
        as_keys = list(form.family.batch(asked, "v").with_items(None))
    else:
        asked = queries_for(form, plain, random, 24)
        trims = index._state.stored is not None and index._state.stored.header["strings"][1] == 2
        as_keys = [bytes_of(q, form).rstrip(b"\0") if trims else bytes_of(q, form) for q in asked]
    in_order = strings is not None and plain == sorted(plain)
    for side, place in (("left", bisect_left), ("right", bisect_right)):
        found = index.searchsorted(asked, side)
        assert ((found >= 0) & (found <= len(index))).all()
        singles = [index.searchsorted(q, side) for q in asked[:4]]
        low, high = index.bounds(asked, side)
        assert ((low >= 0) & (low <= high) & (high <= len(index))).all()
        if in_order:
            assert found.tolist() == [place(plain, q) for q in as_keys]
            assert singles == found[:4].tolist() and (low == found).all() and (high == found).all()
    places = index.find(asked)
    assert ((places >= -1) & (places < max(len(index), 1))).all()
    if in_order:
        assert (index.contains(asked) == (places >= 0)).all()
        assert (places >= 0).tolist() == [q in set(plain) for q in as_keys]
    if random.integers(6) == 0:
        ask_more(index, blob, asked)
    return True


def ask_more(index: lx.LearnedIndex, blob: bytes, asked: list[Any]) -> None:
    """Ask what is made of an index, and all of the file."""
    expected = index.searchsorted(asked).tolist()
    makes: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy]
    makes.append(lambda i: pickle.loads(pickle.dumps(i)))
    for make in makes:
        twin = make(index)
        assert len(twin) == len(index)
        assert twin.searchsorted(asked).tolist() == expected
    saved_again = index.save(bytes)
    assert saved_again is not None and len(lx.open(saved_again)) == len(index)
    assert repr(index) and index.nbytes >= 0 and len(repr(index.model)) > 0
    if index.values is not None:
        index.values.copy()
    with suppress(ValueError):  # rows that are none
        assert len(index.keys) == len(index)
    try:
        lx.open(blob, verify="full")
    except lx.FormatError:
        return
