"""Keys that are strings of bytes: text, bytes, UUIDs, addresses. They have an order alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._core import Column, above_prefixes
from learnedidx._formats.family import Array, CoreLimit, Domain, Family, Meaning
from learnedidx._formats.forms import BYTES, TEXT, Form, bytes_of, is_missing
from learnedidx._formats.scalars import EXACT, Exact

NO_DISTANCE = "needs distances, and strings have an order alone; use 'pad' or 'backfill'"


class Strings(Family):
    """Strings of one form, ordered as memcmp orders their bytes, a string before longer ones."""

    has_exact_items = True
    no_distance = NO_DISTANCE
    form: Form

    def __init__(self, form: Any) -> None:
        self.form = self.dtype = self.core_dtype = self.native_dtype = form
        self.query = self.queries = form.name

    @classmethod
    def accepts(cls, dtype: Any) -> bool:
        """Tell whether keys are of this family."""
        return isinstance(dtype, Form)

    def batch(self, v: Any, name: str) -> Any:
        """Return an array of queries as a column."""
        from learnedidx._formats.text import queries_of

        return queries_of(v, self.form, name)

    def missing(self, batch: Any, refused: bool, name: str) -> NDArray[np.bool_] | None:
        """Return which queries are missing, unless none is; `refused`: they have no answer."""
        if refused and batch.first_null >= 0:
            raise _without_place(f"{name}[{batch.first_null}]")
        nulls: NDArray[np.bool_] | None = batch.nulls
        return nulls

    def is_missing(self, v: Any) -> bool:
        """Tell whether a query is None or NA."""
        return is_missing(v)

    def goes_one_by_one(self, batch: Any, measures: bool = False) -> bool:
        """Tell whether the core cannot compare a batch."""
        return False

    def fixed(self, v: Any, name: str = "v") -> Any:
        """Return a query as a column of one."""
        if self.is_missing(v):
            raise _without_place(name)
        return Column.of_list([bytes_of(v, self.form, name)], name, "bytes"), EXACT

    def prefixes(self, p: Any, is_array: bool) -> tuple[Any, Any]:
        """Return beginnings and what stands behind all that begin so.

        Those of UUIDs and addresses are bytes.
        """
        from learnedidx._formats.text import queries_of

        form = TEXT if self.form is TEXT else BYTES
        if is_array:
            column = queries_of(p, form, "p")
            self.missing(column, True, "p")
        else:
            column = Column.of_list([bytes_of(p, form, "p")], "p", "bytes")
        return column, above_prefixes(column)

    def length(self, v: Any, name: str = "v") -> Exact:
        """Raise TypeError: there is none."""
        raise TypeError(f"{name}: {self.no_distance}")

    def core_limit(self, limit: Any, batch: Array) -> CoreLimit:
        """Raise TypeError: there is no distance."""
        raise TypeError(self.no_distance)

    def domain_like(self, domain: Domain) -> Domain:
        """Return the domain as it is: strings have none."""
        return domain

    def plain(self, key: Any) -> Any:
        """Return a key as it is."""
        return key

    @property
    def meaning(self) -> Meaning:
        """Raise: strings lie in sections of their own."""
        raise NotImplementedError

    @classmethod
    def dtype_in_file(cls, meaning: Meaning, stored: str) -> Any:
        """Return None: strings lie in sections of their own."""
        return None


def _without_place(where: str) -> TypeError:
    return TypeError(
        f"{where} is missing, which has no place in an order; drop it, or ask find or contains"
    )
