"""What an index holds, for all that tells of it, saves it, copies it or extends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learnedidx import _core

if TYPE_CHECKING:
    from learnedidx._formats.keys import Array, Keys
    from learnedidx.extend import Growth
    from learnedidx.files._stored import Stored
    from learnedidx.index import LearnedIndex
    from learnedidx.models import PGM, RMI, BTree, DirectTable, RadixSpline


@dataclass(slots=True)
class State:
    """The parts of a built index; the core holds the same keys and model in its own form."""

    checked: Keys
    model: PGM | RMI | BTree | DirectTable | RadixSpline | None
    core_model: Any  # what the core searches with, whatever becomes of the estimator
    stored: Stored | None = None  # the file that it was opened from
    own_keys: bool = True  # they are not those in the file
    values: Array | None = None
    growth: Growth | None = None  # where it comes from, if it was extended

    @property
    def n(self) -> int:
        """The number of keys, also of those that are not here."""
        return self.checked.array.size if self.stored is None else int(self.stored.header["n"])

    @property
    def nbytes(self) -> int:
        """Bytes beside the keys."""
        return 0 if self.model is None else int(self.model.nbytes_)

    @property
    def lacks_keys(self) -> bool:
        """Whether this is a model that was opened without its keys."""
        return self.n != self.checked.array.size


def index_of(kind: type[LearnedIndex], state: State) -> LearnedIndex:
    """Return an index of that class over these parts, without asking its constructor."""
    index = _core.IndexBase.__new__(kind)
    index._bind(state)
    return index
