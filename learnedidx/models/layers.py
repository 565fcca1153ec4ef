"""The models of an index over strings: one for each layer, each an index over its column."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx.models.estimator import Estimator

SMALL = 3  # spacing bits of size="small"


def checked_size(size: Any, over_strings: bool) -> str | None:
    """Return a size that only strings and rows have, if it is one."""
    if size is None:
        return None
    if not isinstance(size, str) or size not in ("small", "large"):
        raise ValueError(f"size: must be None, 'small' or 'large', got {size!r}")
    if not over_strings:
        raise ValueError(
            f"size: {size!r} is for strings and rows; for numbers name a model, such as "
            'model="pgm", or let lx.tune(keys, memory=...) find one of so many bytes'
        )
    return size


class Layers:
    """Layers over a column of strings.

    The first is an index over eight bytes of each key, behind what all keys share. Keys that agree
    in them, if they are many, go on in the next. So each layer is searched as any uint64 keys are.

    Attributes
    ----------
    core : _core.Layers
        What the core searches.
    parts : list of LearnedIndex
        Over the column of each layer.
    given : str or estimator
        What their models were made of; by default it is of the kind that the first layer has.
    """

    def __init__(self, core: _core.Layers, parts: list[Any], given: Any = None) -> None:
        self.core, self.parts, self._given = core, parts, given
        core.use(parts)

    @property
    def given(self) -> Any:
        """What makes the models of other layers as these were made."""
        if self._given is not None:
            return self._given
        first = self.parts[0].model if self.parts else "auto"
        return "none" if first is None else first

    @property
    def size(self) -> str | None:
        """The size that was asked for."""
        if self.core.spacing_bits:
            return "small"
        return "large" if self.core.has_table else None

    @property
    def nbytes_(self) -> int:
        """Bytes beside the keys."""
        return self.core.nbytes + sum(int(part.nbytes) for part in self.parts)

    def _shared(self) -> tuple[Any, ...]:
        return tuple(part.model for part in self.parts)

    def __repr__(self) -> str:
        models = ("none" if part.model is None else repr(part.model) for part in self.parts)
        return f"[{', '.join(models)}]"


def layers_over(column: _core.Column, model: Any, kind: Any, size: str | None) -> Layers:
    """Return layers over sorted strings, each with a model as `kind`, LearnedIndex, makes it."""
    core = _core.Layers(column, SMALL if size == "small" else 0)
    if size == "large":
        core.add_table()
    parts = []
    for _, entries, _, _ in core.arrays:
        parts.append(kind(entries, own_of(model)))
    if not parts:
        kind(np.zeros(1, np.uint64), own_of(model))  # says what is wrong with a model
    return Layers(core, parts, own_of(model))


def own_of(model: Any) -> Any:
    """Return an estimator of the same parameters, which is not fitted; all else as it is."""
    return model._anew() if isinstance(model, Estimator) else model
