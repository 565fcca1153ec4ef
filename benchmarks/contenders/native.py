"""Indexes in C++, each by an adapter: those of benchmarks/native, or anyone's."""

import functools
import re
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmarks import native
from benchmarks.contenders import textkeys
from benchmarks.contenders.contender import (
    Answer,
    Array,
    Contender,
)
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
    form = textkeys.arrays
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
        marks = textkeys.marks(*self.keys)
        order = np.argsort(marks)
        at = order[np.minimum(np.searchsorted(marks, got, sorter=order), len(marks) - 1)]
        return np.where(marks[at] == got, self.positions[at], -1)


def _kind(keys: Any) -> str:
    return "pairs" if keys.kind == "pairs" else "text"


class Absl(Native):
    """The B-tree of Abseil: it has no ranks, and a copy of the keys without duplicates."""

    name = "absl"
    label = "absl::btree_set"
    answer = Answer.SUCCESSOR
    source = native.HERE / "absl.cpp"
    packages = ("absl_btree",)


class AbslText(NativeText):
    """The same over views of strings, or over pairs."""

    name = "absl_text"
    label, answer, source, packages = Absl.label, Absl.answer, Absl.source, Absl.packages


class FlatHashText(NativeText):
    """A hash table from strings or pairs to positions."""

    name = "flat_hash_text"
    label = "absl::flat_hash_map"
    answer = Answer.MATCH
    source = native.HERE / "flat_hash.cpp"
    packages = ("absl_flat_hash_map",)


class BinarySearch(Native):
    """A binary search of the standard library."""

    name = label = "std::lower_bound"
    source = native.HERE / "lower_bound.cpp"


class BinarySearchText(NativeText):
    """The same over text or pairs."""

    name = "lower_bound_text"
    label, source = BinarySearch.label, BinarySearch.source


OVER_TEXT: tuple[type[Contender], ...] = (BinarySearchText, AbslText, FlatHashText)


def contender_of(name: str, source: Path, options: tuple[str, ...]) -> type[Contender]:
    """Compile an adapter that someone brought, and make a contender of it."""
    fields = {"name": name, "label": name, "source": source, "options": options}
    compiled: type[InCpp] = type(name, (InCpp,), dict(fields))
    module = compiled.module()
    base = NativeText if {"text", "pairs"} & {*module.types} else Native
    more = {"answer": Answer[module.answer], "note": lambda self: str(module.__doc__)}
    return type(name, (base,), fields | more)
