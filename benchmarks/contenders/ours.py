"""The library's own contenders: its models under `LearnedIndex`."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.contenders.contender import Array, Contender, load
from benchmarks.contenders.library import library, library_missing


class Ours(Contender):
    """A `LearnedIndex` with one fixed model."""

    ours = True

    def missing(self) -> str | None:
        """Say how to install the library when it is not there."""
        return library_missing() or super().missing()

    def build(self, keys: Array) -> None:
        """Fit the model and certify it over the keys, which are borrowed."""
        self.index = library().LearnedIndex(keys, self.model())
        self.scalar = self.index.searchsorted

    def model(self) -> Any:
        """Give what the index takes as its model."""
        return "auto"

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.index.searchsorted(prepared)

    def nbytes(self) -> int | None:
        """Give what the index itself counts."""
        return int(self.index.nbytes)


class Direct(Ours):
    """The table of all values, which auto takes for narrow keys."""

    name = "direct"
    label = "learnedidx table"

    def refuses(self, keys: Array) -> str | None:
        """Say that wider keys have too many values."""
        narrow = keys.dtype.kind in "bui" and keys.dtype.itemsize <= 2
        return None if narrow else "DirectTable holds a position for every value of the dtype"

    def model(self) -> Any:
        """Give the table."""
        return load("learnedidx.models").DirectTable()


# Names of contenders, what follows the library's name in their labels, and their models.
MODELS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "rmi": ("RMI", lambda lx: "rmi"),
    "pgm": ("PGM", lambda lx: "pgm"),
    "pgm8": ("PGM 8", lambda lx: lx.PGM(8)),  # whose first window holds most answers on hard keys
    "pgm12": ("PGM 12", lambda lx: lx.PGM(12)),  # there the fastest in half a B+-tree's bytes
    "pgm14": ("PGM 14", lambda lx: lx.PGM(14)),  # the same for keys that need more lines
    "radix_spline": ("RadixSpline", lambda lx: "radix_spline"),
    "btree": ("B+tree", lambda lx: "btree"),
    "btree8": ("B+tree 8", lambda lx: lx.BTree(8)),
    "btree16": ("B+tree 16", lambda lx: lx.BTree(16)),
    "auto": ("auto", lambda lx: "auto"),
    "none": ("no model", lambda lx: "none"),
}


def _contender(name: str, label: str, make: Callable[[Any], Any]) -> type[Contender]:
    fields = {"name": name, "label": f"learnedidx {label}", "model": lambda self: make(library())}
    return type(name, (Ours,), fields)


OURS: tuple[type[Contender], ...] = (
    *(_contender(name, *how) for name, how in MODELS.items()),
    Direct,
)
