"""Learned indexes: models of where the keys lie, in place of B-trees.

>>> import numpy as np, learnedidx as lx
>>> index = lx.LearnedIndex(np.arange(0, 1_000_000, 7))
>>> index.searchsorted([0, 6, 7, 700])
array([  0,   1,   1, 100])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from learnedidx import containers as containers
    from learnedidx import dask as dask
    from learnedidx import explain as explain
    from learnedidx import interop as interop
    from learnedidx import models as models
    from learnedidx import parquet as parquet
    from learnedidx import remote as remote
    from learnedidx import shards as shards
    from learnedidx import sqlite as sqlite
    from learnedidx.advice._advising import advise
    from learnedidx.advice._tuning import tune
    from learnedidx.containers import (
        PerformanceWarning,
        SortedDict,
        SortedKeyList,
        SortedList,
        SortedSet,
    )
    from learnedidx.files import FormatError, open
    from learnedidx.filters._hash import LearnedHash
    from learnedidx.filters._learned import LearnedFilter
    from learnedidx.filters._point import PointFilter
    from learnedidx.filters._range import RangeFilter
    from learnedidx.index import LearnedIndex
    from learnedidx.interop._asof import join_asof
    from learnedidx.interop._range import join_range
    from learnedidx.models import PGM, RMI, BTree, RadixSpline
    from learnedidx.rows import Columns

_HOMES = {
    "Columns": "learnedidx.rows",
    "FormatError": "learnedidx.files._stored",
    "LearnedFilter": "learnedidx.filters._learned",
    "LearnedHash": "learnedidx.filters._hash",
    "LearnedIndex": "learnedidx.index",
    "PGM": "learnedidx.models",
    "RMI": "learnedidx.models",
    "BTree": "learnedidx.models",
    "PointFilter": "learnedidx.filters._point",
    "RadixSpline": "learnedidx.models",
    "RangeFilter": "learnedidx.filters._range",
    "PerformanceWarning": "learnedidx.containers",
    "advise": "learnedidx.advice._advising",
    "join_asof": "learnedidx.interop._asof",
    "join_range": "learnedidx.interop._range",
    "SortedDict": "learnedidx.containers",
    "SortedKeyList": "learnedidx.containers",
    "SortedList": "learnedidx.containers",
    "SortedSet": "learnedidx.containers",
    "open": "learnedidx.files",
    "tune": "learnedidx.advice._tuning",
}
_MODULES = (
    *("containers", "dask", "explain", "interop", "models"),
    *("parquet", "remote", "shards", "sqlite"),
)

__all__ = [
    "PGM",
    "RMI",
    "BTree",
    "Columns",
    "FormatError",
    "LearnedFilter",
    "LearnedHash",
    "LearnedIndex",
    "PerformanceWarning",
    "PointFilter",
    "RadixSpline",
    "RangeFilter",
    "SortedDict",
    "SortedKeyList",
    "SortedList",
    "SortedSet",
    "__version__",
    "advise",
    "join_asof",
    "join_range",
    "open",
    "tune",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"learnedidx.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'learnedidx' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES])
