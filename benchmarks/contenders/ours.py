"""The library's own contenders: its models under `LearnedIndex`."""

from typing import Any, ClassVar

from benchmarks.contenders.contender import Array, Contender, load
from benchmarks.contenders.library import library, library_missing


class _Ours(Contender):
    """A `LearnedIndex` with one fixed model."""

    ours = True
    model: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}

    def missing(self) -> str | None:
        """Say how to install the library when it is not there."""
        return library_missing()

    def build(self, keys: Array) -> None:
        """Fit the model and certify it over the keys, which are borrowed."""
        self.index = library().LearnedIndex(keys, self._make_model())
        self.scalar = self.index.searchsorted

    def _make_model(self) -> Any:
        if not self.settings:
            return self.model
        return getattr(library(), self.model)(**self.settings)

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.index.searchsorted(prepared)

    def nbytes(self) -> int | None:
        """Give what the index itself counts."""
        return int(self.index.nbytes)


class RMI(_Ours):
    """The recursive model index with its defaults."""

    name = "rmi"
    label = "learnedidx RMI"
    model = "rmi"


class PGM(_Ours):
    """The fewest segments within epsilon, with its defaults."""

    name = "pgm"
    label = "learnedidx PGM"
    model = "pgm"


class PGM8(_Ours):
    """Segments within 8 positions: a first window that holds most answers on hard keys."""

    name = "pgm8"
    label = "learnedidx PGM 8"
    model = "PGM"
    settings: ClassVar[dict[str, Any]] = {"epsilon": 8}


class PGM12(_Ours):
    """Segments within 12 positions: on hard keys the fastest in half the bytes of a B+-tree."""

    name = "pgm12"
    label = "learnedidx PGM 12"
    model = "PGM"
    settings: ClassVar[dict[str, Any]] = {"epsilon": 12}


class PGM14(_Ours):
    """Segments within 14 positions: the same for the hardest keys, which need more lines."""

    name = "pgm14"
    label = "learnedidx PGM 14"
    model = "PGM"
    settings: ClassVar[dict[str, Any]] = {"epsilon": 14}


class RadixSpline(_Ours):
    """The spline through points of the CDF, with its defaults."""

    name = "radix_spline"
    label = "learnedidx RadixSpline"
    model = "radix_spline"


class BTree(_Ours):
    """The static B+-tree with its default node."""

    name = "btree"
    label = "learnedidx B+tree"
    model = "btree"


class BTree8(_Ours):
    """The static B+-tree with 8 keys a node."""

    name = "btree8"
    label = "learnedidx B+tree 8"
    model = "BTree"
    settings: ClassVar[dict[str, Any]] = {"node": 8}


class BTree16(_Ours):
    """The static B+-tree with 16 keys a node."""

    name = "btree16"
    label = "learnedidx B+tree 16"
    model = "BTree"
    settings: ClassVar[dict[str, Any]] = {"node": 16}


class Auto(_Ours):
    """Whatever the library chooses."""

    name = "auto"
    label = "learnedidx auto"
    model = "auto"


class NoModel(_Ours):
    """Binary search in batches, without any model."""

    name = "none"
    label = "learnedidx no model"
    model = "none"


class Direct(_Ours):
    """The table of all values, which auto takes for narrow keys."""

    name = "direct"
    label = "learnedidx table"

    def refuses(self, keys: Array) -> str | None:
        """Say that wider keys have too many values."""
        narrow = keys.dtype.kind in "bui" and keys.dtype.itemsize <= 2
        return None if narrow else "DirectTable holds a position for every value of the dtype"

    def _make_model(self) -> Any:
        return load("learnedidx.models").DirectTable()


OURS: tuple[type[Contender], ...] = (
    RMI,
    PGM,
    PGM8,
    PGM12,
    PGM14,
    RadixSpline,
    BTree,
    BTree8,
    BTree16,
    Auto,
    NoModel,
    Direct,
)
