"""The library's own contenders: its models under `LearnedIndex`."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from benchmarks.contenders.contender import Array, Contender
from benchmarks.contenders.library import library, library_missing


class Ours(Contender):
    ours = True
    size: ClassVar[str | None] = None  # of an index over strings

    def missing(self) -> str | None:
        return library_missing() or super().missing()

    def refuses(self, keys: Array) -> str | None:
        narrow = keys.dtype.kind in "bui" and keys.dtype.itemsize <= 2
        if narrow or self.name != "direct":
            return None
        return "DirectTable holds a position for every value of the dtype"

    def build(self, keys: Array) -> None:
        self.index = library().LearnedIndex(keys, self.model(), size=self.size)
        self.scalar = self.index.searchsorted

    def model(self) -> Any:
        return "auto"

    def nbytes(self) -> int | None:
        return int(self.index.nbytes)


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
    "direct": ("table", lambda lx: lx.models.DirectTable()),  # which auto takes for narrow keys
}


def _contender(name: str, label: str, make: Callable[[Any], Any]) -> type[Ours]:
    fields = {"name": name, "label": f"learnedidx {label}", "model": lambda self: make(library())}
    return type(name, (Ours,), fields)


OURS = tuple(_contender(name, *how) for name, how in MODELS.items())
