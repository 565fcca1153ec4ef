"""Indexes in C++ through the small extensions of benchmarks/rivals."""

from typing import Any, ClassVar

import numpy as np

from benchmarks import rivals
from benchmarks.contenders import textkeys
from benchmarks.contenders.contender import (
    Answer,
    Array,
    Contender,
    refuse_no_keys,
    refuse_unless_numbers,
)
from benchmarks.contenders.numbers import python_numbers
from benchmarks.contenders.text import OverText
from benchmarks.contenders.textkeys import TextKeys

# Extensions are compiled for the widest type of each kind; narrower keys are widened exactly.
WIDEST: dict[str, type[np.generic]] = {"u": np.uint64, "i": np.int64, "f": np.float64}


class InCpp(Contender):
    """An index in C++, asked in a C++ loop over the queries."""

    adapter: ClassVar[rivals.Adapter]
    index: Any

    def missing(self) -> str | None:
        """Say how to build the extension."""
        return rivals.not_built(self.adapter)

    def nbytes(self) -> int | None:
        """Give what the adapter counts."""
        return int(self.index.nbytes())


class Native(InCpp):
    """One over numbers."""

    prepare_scalars = python_numbers

    def refuses(self, keys: Array) -> str | None:
        """Numbers only, at least one, and what the adapter does not take."""
        why_not = refuse_unless_numbers(keys) or refuse_no_keys(keys)
        if why_not is not None:
            return why_not
        module = self.adapter.load()
        if np.dtype(WIDEST[keys.dtype.kind]).name not in module.types:
            return f"takes {', '.join(module.types)} only, not {keys.dtype}"
        if module.unique and bool((keys[1:] == keys[:-1]).any()):
            return "holds no equal keys"
        return None

    def build(self, keys: Array) -> None:
        """Hand the keys over in their widest type; the extension keeps them for the adapter."""
        self.dtype = WIDEST[keys.dtype.kind]
        self.index = self.adapter.load().make(np.ascontiguousarray(keys, dtype=self.dtype))
        self.scalar = self.index.lookup

    def prepare(self, queries: Array) -> Array:
        """Widen the queries to the type of the index."""
        return np.ascontiguousarray(queries, dtype=self.dtype)

    def batch(self, prepared: Any) -> Any:
        """Answer with what the adapter finds."""
        return self.index.lookups(prepared)


class NativeText(InCpp, OverText):
    """One over text or pairs."""

    form = textkeys.arrays
    pairs = True

    def refuses(self, keys: Array) -> str | None:
        """Refuse what the adapter does not take."""
        if why := super().refuses(keys):
            return why
        assert isinstance(keys, TextKeys)
        types = self.adapter.load().types
        kind = "pairs" if keys.kind == "pairs" else "text"
        return None if kind in types else f"takes {', '.join(types)} only, no {kind}"

    def build(self, keys: Array) -> None:
        """Hand the arrays over; the extension keeps them for the adapter."""
        super().build(keys)
        self.positions = np.asarray(keys)
        self.index = self.adapter.load().make(*self.keys)

    def batch(self, prepared: Any) -> Any:
        """Answer with what the adapter finds."""
        return self.index.lookups(*prepared)

    def read(self, got: Any) -> Any:
        """Find the keys whose marks these are, where it answers with those."""
        if self.answer is not Answer.SUCCESSOR:
            return got
        marks = textkeys.marks(*self.keys)
        order = np.argsort(marks)
        at = order[np.minimum(np.searchsorted(marks, got, sorter=order), len(marks) - 1)]
        return np.where(marks[at] == got, self.positions[at], -1)


def in_cpp(
    adapter: rivals.Adapter,
    base: type[InCpp],
    label: str,
    answer: Answer = Answer.POSITION,
    **more: Any,
) -> type[Contender]:
    """Make a contender of an adapter."""
    fields = {"name": adapter.name, "label": label, "answer": answer, "adapter": adapter, **more}
    return type(adapter.name, (base,), fields)


def contender_of(built: rivals.Adapter) -> type[Contender]:
    """Make a contender of an adapter that someone brought and that is built."""
    module = built.load()
    base = NativeText if {"text", "pairs"} & {*module.types} else Native
    note = str(module.__doc__)
    return in_cpp(built, base, built.name, Answer[module.answer], note=lambda self: note)


# B-trees of Abseil have no ranks; that of numbers holds a copy of the keys, without duplicates.
ABSL = in_cpp(rivals.ABSL, Native, "absl::btree_set", Answer.SUCCESSOR)
OVER_TEXT = (
    in_cpp(rivals.LOWER_BOUND_TEXT, NativeText, "std::lower_bound"),
    in_cpp(rivals.ABSL_TEXT, NativeText, "absl::btree_set", Answer.SUCCESSOR),
    in_cpp(rivals.FLAT_HASH_TEXT, NativeText, "absl::flat_hash_map", Answer.MATCH),
)
