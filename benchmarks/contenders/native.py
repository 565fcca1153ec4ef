"""Indexes in C++, each by an adapter: those of benchmarks/native, or anyone's."""

import functools
import re
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmarks import native
from benchmarks.contenders import text
from benchmarks.contenders.contender import Answer, Array, Contender
from benchmarks.contenders.numbers import NUMBERS, python_numbers
from benchmarks.contenders.text import OverText

# Extensions are compiled for the widest type of each kind; narrower keys are widened exactly.
WIDEST: dict[str, type[np.generic]] = {"u": np.uint64, "i": np.int64, "f": np.float64}


class InCpp(Contender):
    """An index in C++, asked in a C++ loop over the queries."""

    source: ClassVar[Path]  # the adapter
    options: ClassVar[tuple[str, ...]] = ()  # of the compiler
    packages: ClassVar[tuple[str, ...]] = ()  # of pkg-config
    index: Any

    @classmethod
    def module(cls) -> Any:
        """Compile the extension, unless that was done, and import it: of each name once."""
        place = zlib.crc32(bytes(cls.source.resolve()))
        name = re.sub(r"\W", "_", f"rival_{cls.source.stem}_{place:x}")
        return native.extension(name, cls.source, cls.options, cls.packages)

    def missing(self) -> str | None:
        return _not_compiled(type(self))

    def nbytes(self) -> int | None:
        return int(self.index.nbytes())

    def hand_over(self, kind: str, *arrays: Array) -> None:
        """Make the index; the extension keeps the arrays for the adapter."""
        self.index = getattr(self.module(), f"make_{kind}")(*arrays)


@functools.cache
def _not_compiled(kind: type[InCpp]) -> str | None:
    try:
        kind.module()
    except native.NativeMissingError as error:
        return str(error).partition("\n")[0]
    return None


class Native(InCpp):
    takes = NUMBERS
    prepare_scalars = python_numbers

    def refuses(self, keys: Array) -> str | None:
        if why_not := super().refuses(keys) or (not len(keys) and "takes no empty array"):
            return why_not
        module = self.module()
        if np.dtype(WIDEST[keys.dtype.kind]).name not in module.types:
            return f"takes {', '.join(module.types)} only, not {keys.dtype}"
        if module.unique and bool((keys[1:] == keys[:-1]).any()):
            return "holds no equal keys"
        return None

    def build(self, keys: Array) -> None:
        self.dtype = np.dtype(WIDEST[keys.dtype.kind])
        self.hand_over(self.dtype.name, self.prepare(keys))
        self.scalar = self.index.lookup

    def prepare(self, queries: Array) -> Array:
        return np.ascontiguousarray(queries, dtype=self.dtype)

    def batch(self, prepared: Any) -> Any:
        return self.index.lookups(prepared)


class NativeText(InCpp, OverText):
    form = text.arrays
    pairs = True

    def refuses(self, keys: Array) -> str | None:
        if why := super().refuses(keys):
            return why
        types = self.module().types
        return None if _kind(keys) in types else f"takes {', '.join(types)} only, no {_kind(keys)}"

    def build(self, keys: Array) -> None:
        super().build(keys)
        self.positions = np.asarray(keys)
        self.hand_over(_kind(keys), *self.keys)

    def batch(self, prepared: Any) -> Any:
        return self.index.lookups(*prepared)

    def read(self, got: Any) -> Any:
        """Find the keys whose marks these are, where it answers with those."""
        if self.answer is not Answer.SUCCESSOR:
            return got
        marks = text.marks(*self.keys)
        order = np.argsort(marks)
        at = order[np.minimum(np.searchsorted(marks, got, sorter=order), len(marks) - 1)]
        return np.where(marks[at] == got, self.positions[at], -1)


def _kind(keys: Any) -> str:
    return "pairs" if keys.kind == "pairs" else "text"


def _adapter(
    base: type[InCpp], name: str, label: str, source: str, answer: Answer, *packages: str
) -> type[InCpp]:
    """Make a contender of an adapter in benchmarks/native."""
    fields = {"name": name, "label": label, "answer": answer, "packages": packages}
    return type(name, (base,), fields | {"source": native.HERE / source})


_ABSL = ("absl::btree_set", "absl.cpp", Answer.SUCCESSOR, "absl_btree")  # it has no ranks
_HASH = ("absl::flat_hash_map", "flat_hash.cpp", Answer.MATCH, "absl_flat_hash_map")
LOWER_BOUND = "std::lower_bound"
_SEARCH = (LOWER_BOUND, "lower_bound.cpp", Answer.POSITION)
OVER_NUMBERS = (_adapter(Native, "absl", *_ABSL), _adapter(Native, LOWER_BOUND, *_SEARCH))
OVER_TEXT = (
    _adapter(NativeText, "lower_bound_text", *_SEARCH),
    _adapter(NativeText, "absl_text", *_ABSL),
    _adapter(NativeText, "flat_hash_text", *_HASH),
)


def contender_of(name: str, source: Path, options: tuple[str, ...]) -> type[Contender]:
    """Compile an adapter that someone brought, and make a contender of it."""
    fields = {"name": name, "label": name, "source": source, "options": options}
    compiled: type[InCpp] = type(name, (InCpp,), dict(fields))
    module = compiled.module()
    base = NativeText if {"text", "pairs"} & {*module.types} else Native
    more = {"answer": Answer[module.answer], "note": lambda self: str(module.__doc__)}
    return type(name, (base,), fields | more)
