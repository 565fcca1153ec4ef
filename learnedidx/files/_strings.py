"""Strings in files: the column lies in it, and each of its layers is a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx import _core
from learnedidx._formats.forms import IN_FILES
from learnedidx._formats.keys import Keys
from learnedidx._formats.rows import RowForm
from learnedidx._state import State, index_of
from learnedidx.files._stored import InFile, Parquet, Stored, description, plan
from learnedidx.files._values import as_rows
from learnedidx.models.layers import Layers

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

RUN_BYTES = 32
PIECE = 1 << 16  # rows that are read back in one go


def plan_of(
    state: State,
    with_keys: bool,
    values: Any,
    filter: InFile | None = None,
    parquet: Parquet | None = None,
) -> _core.Plan:
    """Return the bytes of a file of an index, laid out and checksummed."""
    keys, layers = state.checked, state.layers
    if layers is None:
        made = state.model, state.core_model
        return plan(keys, *made, with_keys, values, None, filter, parquet)
    plans = []
    for part, (_, _, places, runs) in zip(layers.parts, layers.core.arrays, strict=True):
        made = part._state
        plans.append(plan(made.checked, made.model, made.core_model, True, None, (places, runs)))
    is_rows = isinstance(keys.dtype, RowForm)
    meta = description(None, values, filter, parquet)
    form = len(IN_FILES) if is_rows else IN_FILES.index(keys.dtype)
    columns = [field.in_file for field in keys.dtype.fields] if is_rows else []
    spacing, rows = layers.core.spacing_bits, as_rows(values)
    parts = meta, plans, spacing, with_keys, rows, None if filter is None else filter[1:]
    return _core.Plan.of_strings(keys.array, form, columns, *parts)


def layers_in(stored: Stored, column: _core.Column, kind: type[LearnedIndex], made: Any) -> Layers:
    """Return the layers in a file over its strings; `made`: None, or an estimator for each."""
    base = next(each for each in kind.__mro__ if _core.IndexBase in each.__bases__)
    parts: list[Any] = []
    arrays = []
    for name, start, size in stored.file.sections:
        if name != b"LAYR":
            continue
        inner = Stored(stored.file.raw[start : start + size], f"{stored.name}, a layer of it")
        if not inner.header["is_layer"]:
            raise stored.damaged("one of its layers is none")
        entries = Keys(inner.keys(), inner.header["numbers"], None)
        model, core = inner.model(entries, made and made[len(parts)])
        parts.append(index_of(base, State(entries, model, core, inner, False)))
        places, runs = (inner.file.section(each) for each in ("PLAC", "RUNS"))
        bits = (runs.size // RUN_BYTES - 1).bit_length()
        of_entries = places.view(np.uint32) if places.size else None
        arrays.append((bits, entries.array, of_entries, runs.view(f"V{RUN_BYTES}")))
    spacing_bits = stored.header["strings"][3]
    return Layers(_core.Layers.borrow(column, arrays, spacing_bits), parts)


def verify_items(stored: Stored) -> None:
    """Raise FormatError unless all text in the file is text, and all rows are rows. O(bytes)."""
    try:
        column = stored.file.column(True)
        if column is None or not isinstance(stored.form, RowForm):
            return
        for start in range(0, column.size, PIECE):
            stored.form.columns(column[start : start + PIECE], start)
    except ValueError as error:
        raise stored.damaged(str(error)) from None
