"""advise on filters: what one would save, and that it would save nothing."""

from pathlib import Path

import numpy as np

import learnedidx as lx

UNIFORM = np.sort(np.random.default_rng(0).integers(0, 10**12, 50_000))
SAVES_LESS = "A filter saves less than the"


def test_filters_are_advised_where_they_save_something_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "keys.npy", UNIFORM)
    mapped = np.load(tmp_path / "keys.npy", mmap_mode="r")
    other = UNIFORM[:-1] + 1
    lx.LearnedIndex(UNIFORM).save(tmp_path / "keys.lidx")
    opened = lx.open(tmp_path / "keys.lidx")
    spares, nothing = "lx.PointFilter(0.01), 65.6 kB, spares", "A filter saves nothing: 100% of"
    for keys, queries, said in (
        (UNIFORM, other, SAVES_LESS),
        (np.sort(mapped), other, SAVES_LESS),
        (mapped, None, "pass your queries to see how many are absent."),
        (mapped[:], np.r_[other, UNIFORM], "50% of your queries are absent."),
        (mapped, other, spares),
        (mapped, UNIFORM, nothing),
        (opened.keys, UNIFORM, nothing),
    ):
        equality = lx.advise(keys, queries).equality
        assert said in equality and ("spares" in equality) == (said not in (nothing, SAVES_LESS))
    assert SAVES_LESS in lx.advise(["a", "b"] * 50).equality
