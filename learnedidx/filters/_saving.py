"""A filter in a .lidx file of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx._formats.forms import IN_FILES, Form
from learnedidx._formats.keys import Array, Keys
from learnedidx._formats.known import family_of
from learnedidx.files._saving import put
from learnedidx.files._stored import InFile, description, plan


def save(
    parameters: dict[str, Any], dtype: Any, trims: bool, words: Array, path: Any
) -> bytes | None:
    """Write the words of a filter of keys of a dtype, which may be a form, and trimmed."""
    part: InFile = parameters, words, True
    if not isinstance(dtype, Form):
        family = family_of(dtype)
        keys = Keys(np.empty(0, family.core_dtype), 0, None, family.is_aware)
        return put(plan(keys, None, None, False, None, None, part).pieces, path)
    form, meta = dtype, description(None, None, part)
    empty = _core.Column.of_list([], kind=form.kind).with_items(form.make)
    if trims:
        empty = _core.Column.of_fixed(np.empty(0, "S1"), True)
    number = IN_FILES.index(form)
    made = _core.Plan.of_strings(empty, number, [], meta, [], 0, False, None, part[1:])
    return put(made.pieces, path)
