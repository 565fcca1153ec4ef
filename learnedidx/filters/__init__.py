"""Filters: small summaries of a set of keys that say "no" for certain, and "maybe" else."""

from __future__ import annotations

from learnedidx.filters._point import PointFilter
from learnedidx.filters._range import RangeFilter

__all__ = ["PointFilter", "RangeFilter"]
