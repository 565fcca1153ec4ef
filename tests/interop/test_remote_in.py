"""`in` of an index whose keys are elsewhere."""

from __future__ import annotations

import fsspec
import pytest

import learnedidx as lx


def test_in_takes_one_query() -> None:
    with fsspec.open("memory://one-query.lidx", "wb") as file:
        lx.LearnedIndex([2, 3, 5], "pgm").save(file)
    remote = lx.remote.open("memory://one-query.lidx")
    assert 3 in remote
    assert 4 not in remote
    with pytest.raises(TypeError, match="takes one query"):
        _ = [3, 4] in remote
