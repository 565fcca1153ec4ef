"""Doors into libraries of tables. Each is imported on use, and imports its library on use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learnedidx.interop import duckdb as duckdb
    from learnedidx.interop import pandas as pandas
    from learnedidx.interop import polars as polars
    from learnedidx.interop import xarray as xarray

_DOORS = ("duckdb", "pandas", "polars", "xarray")


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _DOORS:
        return import_module(f"learnedidx.interop.{name}")
    raise AttributeError(f"module 'learnedidx.interop' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_DOORS])
