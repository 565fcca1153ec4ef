"""Which library two tables came from."""

from __future__ import annotations

from importlib import import_module
from typing import Any

LIBRARIES = ("pandas", "polars", "pyarrow")
LAZY = "LazyFrame"


def door_of(left: Any, right: Any, names: tuple[str, str] = ("left", "right")) -> Any:
    """Return the module that reads and makes tables of the library of both.

    Raises TypeError for what is no table, or tables of two libraries.
    """
    of_left, of_right = _library_of(left, names[0]), _library_of(right, names[1])
    if of_left != of_right:
        raise TypeError(
            f"{names[1]}: is a table of {of_right}, {names[0]} one of {of_left}; "
            "convert one of them"
        )
    return import_module(f"learnedidx.interop._{of_left}")


def _library_of(table: Any, name: str) -> str:
    for parent in type(table).__mro__:
        library = parent.__module__.partition(".")[0]
        if library in LIBRARIES:
            if parent.__name__ == LAZY:
                raise TypeError(f"{name}: a LazyFrame has no rows yet; pass {name}.collect()")
            return library
    raise TypeError(
        f"{name}: {type(table).__name__} is no table; pass one of pandas, Polars or Arrow"
    )
