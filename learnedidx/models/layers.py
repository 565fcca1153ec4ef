"""The models of an index over strings: one for each layer, each an index over its column."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx import _core
from learnedidx.models.estimator import Estimator

SMALL = 3  # spacing bits of size="small"


def spacing_of(size: Any, over_strings: bool) -> int:
    """Return the spacing bits that a size names; only strings and rows have sizes."""
    if size is None:
        return 0
    if not isinstance(size, str) or size != "small":
        raise ValueError(f"size: must be None or 'small', got {size!r}")
    if not over_strings:
        raise ValueError(
            "size: 'small' is for strings and rows; for numbers name a small model, such as "
            'model="pgm", or let lx.tune(keys, memory=...) find one of so many bytes'
        )
    return SMALL


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
    def nbytes_(self) -> int:
        """Bytes beside the keys."""
        return self.core.nbytes + sum(int(part.nbytes) for part in self.parts)

    def _shared(self) -> tuple[Any, ...]:
        return tuple(part.model for part in self.parts)

    def __repr__(self) -> str:
        models = ("none" if part.model is None else repr(part.model) for part in self.parts)
        return f"[{', '.join(models)}]"


def layers_over(column: _core.Column, model: Any, kind: Any, spacing_bits: int) -> Layers:
    """Return layers over sorted strings, each with a model as `kind`, LearnedIndex, makes it.

    One string of ``2**spacing_bits`` is in them.
    """
    core = _core.Layers(column, spacing_bits)
    parts = []
    for _, entries, _, _ in core.arrays:
        parts.append(kind(entries, own_of(model)))
    if not parts:
        kind(np.zeros(1, np.uint64), own_of(model))  # says what is wrong with a model
    return Layers(core, parts, own_of(model))


def own_of(model: Any) -> Any:
    """Return an estimator of the same parameters, which is not fitted; all else as it is."""
    return model._anew() if isinstance(model, Estimator) else model
