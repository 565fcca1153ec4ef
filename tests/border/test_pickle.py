"""Pickle, copy and deepcopy of indexes and of models: the same keys, the same answers."""

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.battery import Case, cases
from tests.contract.key_sets import DTYPES
from tests.contract.models import FEW, MODELS, build
from tests.contract.test_battery import CHECKS

Clone = Callable[[Any], Any]


def pickled(protocol: int) -> Clone:
    return lambda thing: pickle.loads(pickle.dumps(thing, protocol))


CLONES: dict[str, Clone] = {
    **{f"pickle {protocol}": pickled(protocol) for protocol in (2, 4, 5)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
VERBS = ("searchsorted_left", "searchsorted_right", "bounds", "container", "verify")


def check_clone(case: Case, model: str, clone: Clone) -> None:
    index = build(case.keys, model)
    twin = clone(index)
    assert type(twin) is type(index)
    assert twin.keys.dtype == index.keys.dtype and not twin.keys.flags.writeable
    assert type(twin.model) is type(index.model)
    for verb in VERBS:
        CHECKS[verb](twin, case)
    if model.startswith("rmi"):
        np.testing.assert_array_equal(twin.bounds(case.queries), index.bounds(case.queries))


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("model", FEW)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype: str, model: str, clone: str) -> None:
    some = cases(dtype) if model == "rmi" and clone == "pickle 5" else cases(dtype)[:2]
    for case in [*some, max(cases(dtype), key=lambda case: len(case.keys))]:
        check_clone(case, model, CLONES[clone])


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("model", MODELS)
def test_every_model(kernel_row: str, model: str, clone: str) -> None:
    for dtype in ("uint64", "float64"):
        for case in cases(dtype):
            check_clone(case, model, CLONES[clone])


@pytest.mark.parametrize("clone", ["pickle 2", "pickle 5", "deepcopy"])
def test_the_twin_stands_alone(clone: str) -> None:
    keys = np.arange(0, 3000, 3, dtype=np.uint64)
    twin = CLONES[clone](lx.LearnedIndex(keys))
    keys[:] = 0
    assert twin.searchsorted(300) == 100
    twin.verify()


def test_out_of_band_buffers() -> None:
    keys = np.arange(0, 3000, 3, dtype=np.uint64)
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(lx.LearnedIndex(keys), 5, buffer_callback=buffers.append)
    twin = pickle.loads(data, buffers=buffers)
    np.testing.assert_array_equal(twin.searchsorted(keys), np.arange(1000))


def test_a_model_alone() -> None:
    """Settings and fit survive (a tree's prediction may move by a node: it aligns to memory)."""
    keys = np.sort(np.random.default_rng(3).integers(0, 2**60, 20_000))
    rmis = lx.RMI(), lx.RMI(root="linear", leaf="linear", n_leaves=(8, 256))
    for make, node in ((rmis[0], 0), (rmis[1], 0), (lx.BTree(), 16)):
        for clone in CLONES.values():
            assert clone(make).get_params() == make.get_params()
            twin = clone(make.fit(keys))
            moved = np.abs(twin.predict(keys[::50]) - make.predict(keys[::50]))
            assert moved.max() <= node
            found = lx.LearnedIndex(keys, twin).searchsorted(keys)
            np.testing.assert_array_equal(found, np.searchsorted(keys, keys))


@pytest.mark.parametrize("loads_with", ["scalar", ""])
def test_bounds_hold_in_another_process(tmp_path: Path, loads_with: str) -> None:
    """Bounds are made again on loading: the other machine may round in another way."""
    keys = np.sort(np.random.default_rng(4).lognormal(0, 3, 50_000))
    v = np.sort(np.concatenate([keys[::7], keys[::9] * 1.0001]))
    for name, array in (("keys", keys), ("v", v)):
        np.save(tmp_path / f"{name}.npy", array)
    for model in ("rmi", "rmi linear linear", "btree"):
        (tmp_path / "index.pickle").write_bytes(pickle.dumps(build(keys, model)))
        run_elsewhere(tmp_path, loads_with)


def run_elsewhere(folder: Path, kernels: str) -> None:
    code = """
import pickle, sys
import numpy as np
index = pickle.load(open("index.pickle", "rb"))
keys, v = np.load("keys.npy"), np.load("v.npy")
for side in ("left", "right"):
    expected = np.searchsorted(keys, v, side)
    low, high = index.bounds(v, side)
    assert (index.searchsorted(v, side) == expected).all()
    assert (low <= expected).all() and (expected <= high).all()
index.verify()
print("right")
"""
    environment = {key: value for key, value in os.environ.items() if key != "LEARNEDIDX_KERNELS"}
    if kernels:
        environment["LEARNEDIDX_KERNELS"] = kernels
    run = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.strip() == "right", run.stderr


def test_damaged_pickles_never_crash() -> None:
    """A pickle is trusted code, but a state of the wrong kind is refused, not believed."""
    index = lx.LearnedIndex(np.arange(1000, dtype=np.uint64), lx.RMI(n_leaves=16))
    reduced = index.__reduce_ex__(5)
    blank = lx.LearnedIndex.__new__(lx.LearnedIndex)
    for state in (None, {}, (), (1, 2, 3), {"keys": 5}, "state"):
        if hasattr(blank, "__setstate__"):
            with pytest.raises(Exception) as caught:
                blank.__setstate__(state)
            assert str(caught.value)
    assert reduced
