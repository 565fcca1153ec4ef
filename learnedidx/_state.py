"""What an index holds, for all that tells of it, saves it, copies it or extends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from learnedidx import _core
from learnedidx._formats.keys import read_only

if TYPE_CHECKING:
    from learnedidx._formats.keys import Array, Keys
    from learnedidx.extend import Growth
    from learnedidx.files._stored import Stored
    from learnedidx.index import LearnedIndex
    from learnedidx.models.layers import Layers


@dataclass(slots=True)
class State:
    """The parts of a built index; the core holds the same keys and model in its own form."""

    checked: Keys
    model: Any  # an estimator, Layers over strings, or None
    core_model: Any  # what the core searches with, whatever becomes of the estimator
    stored: Stored | None = None  # the file that it was opened from
    own_keys: bool = True  # they are not those in the file
    values: Array | None = None
    growth: Growth | None = None  # where it comes from, if it was extended
    source: Any = None  # what was borrowed, where the core reads it in another form
    filter: Any = None  # of the file that it was opened from, once somebody asked for it

    @property
    def n(self) -> int:
        """The number of keys, also of those that are not here."""
        return self.checked.array.size if self.stored is None else int(self.stored.header["n"])

    @property
    def held(self) -> Any:
        """What was borrowed: memory that answers must not be written to."""
        return self.checked.array if self.source is None or self.layers is None else self.source

    @property
    def nbytes(self) -> int:
        """Bytes beside the keys."""
        keys, own = self.checked.array, 0 if self.model is None else int(self.model.nbytes_)
        is_encoded = self.layers is not None and self.source is not None and keys.copied
        return own + (keys.nbytes if is_encoded else 0)

    def fill(self, index: LearnedIndex) -> None:
        """Give a fresh index to the core."""
        array, aware = self.checked.array, self.checked.aware
        if self.layers is not None:
            _core.bind_strings(index, self.core_model, self.checked.dtype.name)
        elif self.keyless is not None:
            counts = self.keyless.counts
            _core.bind_model(index, read_only(array), *counts, self.core_model, aware)
        else:
            _core.bind(index, read_only(array), self.checked.numbers, self.core_model, aware)

    @property
    def layers(self) -> Layers | None:
        """The layers of an index over strings; None for any other."""
        return self.model if isinstance(self.core_model, _core.Layers) else None

    @property
    def keyless(self) -> Stored | None:
        """The file of a model that was opened without its keys; None for any other index."""
        return self.stored if self.n != self.checked.array.size else None


def built(
    kind: type[LearnedIndex],
    keys: Any,
    model: Any,
    size: str | None,
    copy: bool | None,
    threads: int,
) -> State:
    """Check keys and fit a model to them; ``kind`` is the class of the index over each layer."""
    from learnedidx._formats.keys import as_keys
    from learnedidx._formats.queries import checked_threads
    from learnedidx._formats.rows import as_strings_or_rows
    from learnedidx._formats.tables import one_of
    from learnedidx.models.choose import core_of, fitted
    from learnedidx.models.layers import checked_size, layers_over

    threads, keys = checked_threads(threads), one_of(keys, "keys", copy)
    strings, source = as_strings_or_rows(keys, copy)
    size = checked_size(size, strings is not None)
    if strings is not None:
        layers = layers_over(strings.array, model, kind, size)
        return State(strings, layers, layers.core, source=source)
    checked = as_keys(keys, copy, zones=True, threads=threads)
    made = fitted(model, checked)
    return State(checked, made, core_of(made), source=checked.given(keys, copy))


class NotBuilt:
    """In the place of a state that an index does not have yet: raises the core's ValueError."""

    def __get__(self, index: LearnedIndex | None, kind: type[LearnedIndex]) -> Any:
        return self if index is None else _core.IndexBase.__len__(index)


def index_of(kind: type[LearnedIndex], state: State) -> LearnedIndex:
    """Return an index of that class over these parts, without asking its constructor."""
    index = _core.IndexBase.__new__(kind)
    index._bind(state)
    return index


def without_zone(index: LearnedIndex) -> LearnedIndex:
    """Return an index that takes its own keys as queries: over instants, one over plain times."""
    state = index._state
    if not state.checked.aware:
        return index
    checked = replace(state.checked, aware=False)
    return index_of(type(index), replace(state, checked=checked, source=None))


def with_attributes(index: LearnedIndex, state: Any) -> LearnedIndex:
    """Give an index what a subclass added to another one, in the way of pickle."""
    if state is None:
        return index
    if hasattr(index, "__setstate__"):
        index.__setstate__(state)
        return index
    added, slots = state if isinstance(state, tuple) else (state, {})
    index.__dict__.update(added or {})
    for name, item in slots.items():
        setattr(index, name, item)
    return index
