"""`absl::btree_set` through the small extension of benchmarks/absl_btree."""

from typing import Any

import numpy as np

from benchmarks.absl_btree import load_extension, why_missing
from benchmarks.contenders.contender import (
    Answer,
    Array,
    Contender,
    refuse_no_keys,
    refuse_unless_numbers,
)

# The extension is compiled for the widest type of each kind; narrower keys are widened exactly.
WIDEST: dict[str, type[np.generic]] = {"u": np.uint64, "i": np.int64, "f": np.float64}


class AbslBTree(Contender):
    """Abseil's B-tree, its lower_bound called in a C++ loop over the array of queries.

    The set holds no ranks, so it answers with the key it found, and not with a position.
    """

    name = "absl"
    label = "absl::btree_set"
    answer = Answer.SUCCESSOR

    def missing(self) -> str | None:
        """Say how to build the extension."""
        return why_missing()

    def refuses(self, keys: Array) -> str | None:
        """Numbers only, and at least one."""
        return refuse_unless_numbers(keys) or refuse_no_keys(keys)

    def build(self, keys: Array) -> None:
        """Insert in order, which fills the nodes; duplicates are dropped by the set."""
        self.dtype = WIDEST[keys.dtype.kind]
        self.set = load_extension().make(np.ascontiguousarray(keys, dtype=self.dtype))
        self.scalar = self.set.successor

    def prepare(self, queries: Array) -> Array:
        """Widen the queries to the type of the set."""
        return np.ascontiguousarray(queries, dtype=self.dtype)

    def prepare_scalars(self, queries: Array) -> list[Any]:
        """Plain Python numbers are what the border takes fastest."""
        converted: list[Any] = queries.tolist()
        return converted

    def batch(self, prepared: Any) -> Any:
        """Answer with the keys that were found."""
        return self.set.successors(prepared)

    def nbytes(self) -> int | None:
        """Give what the set's own allocator counted; the set holds its own copy of the keys."""
        return int(self.set.nbytes)
