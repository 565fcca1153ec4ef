"""The models of an index over strings: one for each layer, each an index over its column."""

from __future__ import annotations

from typing import Any

from learnedidx import _core


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
    """

    def __init__(self, core: _core.Layers, parts: list[Any]) -> None:
        self.core, self.parts = core, parts
        core.use(parts)

    @property
    def nbytes_(self) -> int:
        """Bytes beside the keys."""
        return int(self.core.nbytes) + sum(part.nbytes for part in self.parts)

    def _shared(self) -> tuple[Any, ...]:
        return tuple(part.model for part in self.parts)

    def __repr__(self) -> str:
        models = ("none" if part.model is None else repr(part.model) for part in self.parts)
        return f"[{', '.join(models)}]"


def layers_over(column: _core.Column, model: Any, kind: Any) -> Layers:
    """Return layers over sorted strings, each with a model as `kind`, LearnedIndex, makes it."""
    core = _core.Layers(column)
    parts = []
    for _, entries, _, _ in core.arrays:
        own = model if isinstance(model, str) or not hasattr(model, "_anew") else model._anew()
        parts.append(kind(entries, own))
    if not parts:
        kind([0], model)  # says what is wrong with a model
    return Layers(core, parts)
