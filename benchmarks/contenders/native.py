"""Indexes in C++ through the small extensions of benchmarks/rivals."""

from typing import Any, ClassVar

import numpy as np

from benchmarks import rivals
from benchmarks.contenders.contender import (
    Answer,
    Array,
    Contender,
    refuse_no_keys,
    refuse_unless_numbers,
)
from benchmarks.contenders.text import NativeText

# Extensions are compiled for the widest type of each kind; narrower keys are widened exactly.
WIDEST: dict[str, type[np.generic]] = {"u": np.uint64, "i": np.int64, "f": np.float64}


class Native(Contender):
    """An index in C++, asked in a C++ loop over the array of queries."""

    adapter: ClassVar[rivals.Adapter]

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

    def prepare_scalars(self, queries: Array) -> list[Any]:
        """Plain Python numbers are what the border takes fastest."""
        converted: list[Any] = queries.tolist()
        return converted

    def batch(self, prepared: Any) -> Any:
        """Answer with what the adapter finds."""
        return self.index.lookups(prepared)

    def nbytes(self) -> int | None:
        """Give what the adapter counts."""
        return int(self.index.nbytes())


class AbslBTree(Native):
    """Abseil's B-tree; it holds its own copy of the keys, without duplicates and without ranks."""

    name = "absl"
    label = "absl::btree_set"
    answer = Answer.SUCCESSOR
    adapter = rivals.ABSL

    def missing(self) -> str | None:
        """Say how to build the extension."""
        return rivals.not_built()


def contender_of(built: rivals.Adapter) -> type[Contender]:
    """Make a contender of an adapter that is built."""
    module = built.load()
    base = NativeText if {"text", "pairs"} & {*module.types} else Native
    fields = {
        "__doc__": "The index of the adapter that the command line names.",
        "name": built.name,
        "label": built.name,
        "answer": Answer[module.answer],
        "adapter": built,
        "note": lambda self: str(module.__doc__),
    }
    return type("Named", (base,), fields)
