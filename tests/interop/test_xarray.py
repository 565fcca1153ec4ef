"""An index of xarray selects what PandasIndex selects, and aligns with its own kind."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import learnedidx as lx
from tests.border.helpful import refused

Learned = lx.interop.xarray.LearnedIndex
KINDS = ("int64", "uint8", "int16", "float64", "float32", "M8[ns]", "M8[s]", "m8[ns]")
METHODS = (None, "nearest", None, "pad", "ffill", "backfill", "bfill")
Rng = np.random.Generator


def learned(ds: Any, name: str = "x", **options: Any) -> Any:
    """Return a data set with our index in place of xarray's."""
    return ds.drop_indexes(name).set_xindex(name, Learned, **options)


def dataset(labels: Any) -> Any:
    n = len(labels)
    values = {"v": ("x", np.arange(n)), "w": (("y", "x"), np.arange(2.0 * n).reshape(2, n))}
    return xr.Dataset(values, {"x": ("x", labels, {"units": "u"})})


def same(a: Any, b: Any) -> bool:
    """Tell whether two data sets are identical but for the kinds of their indexes."""
    bare = [ds.drop_indexes(list(ds.xindexes)) for ds in (a, b)]
    return set(a.xindexes) == set(b.xindexes) and bool(bare[0].identical(bare[1]))


def outcome(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return the result, or the type of the error."""
    try:
        return call(*args, **options)
    except Exception as error:
        return type(error)


def check_same(theirs: Any, ours: Any, verb: str, **options: Any) -> Any:
    """Assert that a verb gives the same, or is refused by the same error; return that."""
    wanted, got = (outcome(getattr(ds, verb), **options) for ds in (theirs, ours))
    is_error = isinstance(wanted, type) or isinstance(got, type)
    agree = wanted is got if is_error else same(wanted, got)
    assert agree, f"{verb} {options}\nof {theirs}\nwanted {wanted}\ngot {got}"
    return got


def random_labels(rng: Rng, kind: str, n: int) -> Any:
    drawn = rng.integers(0, int(rng.choice([4, 100])), n)
    return (drawn / 4).astype(kind) if kind.startswith("f") else drawn.astype(kind)


def random_selection(rng: Rng, kind: str) -> tuple[Any, dict[str, Any]]:
    """Return a label of some form, and options of sel."""
    n = int(rng.choice([1, 3, 9]))
    many = random_labels(rng, kind, n)
    forms = (
        many[0],
        many[0].item() if rng.random() < 0.5 else many[0],
        many,
        list(many),
        many.reshape(1, -1),
        xr.Variable("p", many),
        xr.DataArray(many, {"p": np.arange(n)}, "p"),
        xr.DataArray(many.reshape(n, 1), dims=("p", "q")),
        xr.DataArray(many, dims="x"),
        slice(*np.sort(random_labels(rng, kind, 2))),
        slice(many[0], None),
        slice(None, many[-1], 2),
        np.append(many[:2], np.array("NaT" if kind[0] in "mM" else 7).astype(kind)),
        many.astype("f8") + 0.1 if kind[0] not in "mM" else many + np.timedelta64(1, "us"),
    )
    signed = kind != "uint8"  # whose differences wrap in pandas
    options: dict[str, Any] = {"method": METHODS[rng.integers(0 if signed else 2, len(METHODS))]}
    if signed and rng.random() < 0.4:
        options["tolerance"] = int(rng.integers(0, 4))
        if kind[0] in "mM":
            options["tolerance"] = (pd.Timedelta(2, "ns"), np.timedelta64(3, "s"), "2s")[
                rng.integers(3)
            ]
    return forms[rng.integers(len(forms))], options


@pytest.mark.parametrize("kind", KINDS)
def test_selections_are_those_of_pandas_index(kind: str) -> None:
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = np.sort(random_labels(rng, kind, int(rng.choice([0, 1, 5, 60]))))
        theirs = dataset(labels if rng.random() < 0.3 else np.unique(labels))
        ours = learned(theirs)
        for _ in range(6):
            label, options = random_selection(rng, kind)
            got = check_same(theirs, ours, "sel", x=label, **options)
            found += not isinstance(got, type)
        check_same(theirs["w"], ours["w"], "sel", x=label, **options)
    assert found > 25


@pytest.mark.parametrize("label", [1, 3, 2, [1], [3], slice(1, 3)], ids=str)
def test_labels_that_come_twice(label: Any) -> None:
    twice = dataset(np.array([1, 1, 3, 4]))
    for method in (None, "nearest"):
        check_same(twice, learned(twice), "sel", x=label, method=method)


def test_labels_are_rounded_to_the_coordinate() -> None:
    narrow = dataset(np.array([0.1, 0.2, 0.3], "float32"))
    for label in (0.1, [0.3, 0.1], np.array([0.2])):
        check_same(narrow, learned(narrow), "sel", x=label)
    assert learned(narrow).sel(x=0.1)["v"].item() == 0


def test_what_pandas_measures_wrongly() -> None:
    """Differences of unsigned integers wrap there, and those of large ones are rounded."""
    near = learned(dataset(np.array([71, 76], "uint8"))).sel(x=[72, 75], method="nearest")
    assert near["v"].values.tolist() == [0, 1]
    exact = learned(dataset(np.array([2**60, 2**60 + 1])))
    assert outcome(exact.sel, x=[2.0**60 + 256]) is KeyError


def test_labels_of_other_kinds_are_read_as_pandas_reads_them() -> None:
    hours = pd.date_range("2026-01-30", periods=100, freq="h")
    times, numbers = dataset(hours), dataset(np.arange(10))
    for theirs, label in (
        (times, "2026-02"),
        (times, "2026-01-31 05"),
        (times, ["2026-01-31", "2026-02-01 03:00"]),
        (times, slice("2026-01-31", "2026-02-01")),
        (times, hours[7]),
        (times, hours[7].to_pydatetime()),
        (times, np.datetime64("2026-01-31")),
        (times, hours[3:5]),
        (times, 5),
        (numbers, "a"),
        (numbers, np.arange(10) > 6),
        (numbers, (1, 2)),
        (numbers, [[1, 2], [3, 4]]),
        (numbers, {"a": 1}),
        (numbers, np.datetime64("2026-01-31")),
        (numbers, [2**63, 2]),
        (numbers, np.float16(3)),
        (numbers, []),
        (dataset(np.array([0.5, 1.5])), [np.nan]),
        (dataset(np.array([0.5, 1.5])), 1),
    ):
        for method in (None, "nearest"):
            check_same(theirs, learned(theirs), "sel", x=label, method=method)


def test_options_that_pandas_refuses_are_refused() -> None:
    theirs = dataset(np.arange(10))
    for options in (
        {"method": "linear"},
        {"method": 3},
        {"tolerance": 1},
        {"method": "pad", "tolerance": -1},
        {"method": "pad", "tolerance": [1, 0]},
        {"method": "pad", "tolerance": [1, 0, 3]},
        {"method": "pad", "tolerance": np.nan},
    ):
        for label in ([3.5, 4], 3):
            check_same(theirs, learned(theirs), "sel", x=label, **options)


def test_a_label_that_is_not_there_is_named_by_its_coordinate() -> None:
    ours = learned(dataset(np.arange(10)))
    refused(ours.sel, x=[3, 11], kind=KeyError, says=("index 'x'", "method='nearest'"))
    refused(ours.sel, x=11, kind=KeyError, says=("index 'x'",))
    refused(ours.sel, x=99, method="nearest", tolerance=1, kind=KeyError, says=("index 'x'.*$",))


@pytest.mark.parametrize("kind", KINDS)
def test_parts_keep_the_index_while_their_labels_ascend(kind: str) -> None:
    theirs = dataset(np.arange(50).astype(kind))
    ours, n = learned(theirs), theirs.sizes["x"]
    for part, ascends in (
        (slice(2, 9), True),
        (slice(None), True),
        ([1, 3, 4], True),
        (np.arange(n) % 2 == 0, True),
        (slice(None, None, -1), False),
        ([3, 1], False),
        (xr.Variable("x", [0, 2]), True),
    ):
        got = check_same(theirs, ours, "isel", x=part)
        assert type(got.xindexes["x"]) is (Learned if ascends else xr.indexes.PandasIndex), part
        label = got["x"].values[[1, 0]]
        check_same(theirs.isel(x=part), got, "sel", x=label)
    for part in (3, xr.Variable("p", [0, 2])):
        assert "x" not in check_same(theirs, ours, "isel", x=part).xindexes
    for shift in (0, 3, -1):
        got = check_same(theirs, ours, "roll", x=shift, roll_coords=True)
        assert isinstance(got.xindexes["x"], Learned) == (shift == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_positions_of_any_kind(kind: str) -> None:
    theirs = dataset(np.arange(50).astype(kind))
    every_other = theirs.isel(x=slice(None, None, 2))
    rows = np.array([7, 0, 24, 7])
    for ds in (theirs, every_other):
        ours = learned(ds)
        for part in (rows, -1 - rows, rows[::2], rows.astype("u1"), rows[:0], rows + 1, rows + 30):
            got = check_same(ds, ours, "isel", x=part)
            if not isinstance(got, type):
                assert got["x"].dtype == ds["x"].dtype
                check_same(ds.isel(x=part), got, "sel", x=got["x"].values[:1])
    assert check_same(every_other, ours, "isel", x=rows + 1) is IndexError


@pytest.mark.parametrize("kind", ["int64", "float32", "M8[ns]", "m8[ns]"])
@pytest.mark.parametrize("join", ["inner", "outer", "left", "right", "exact", "override"])
def test_alignment_with_its_own_kind_is_that_of_pandas_index(join: Any, kind: str) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        drawn = (random_labels(rng, kind, 9) for _ in range(3))
        theirs = [dataset(np.unique(labels)) for labels in drawn]
        if seed == 5:
            theirs[1] = theirs[0]
        wanted = outcome(xr.align, *theirs, join=join)
        got = outcome(xr.align, *(learned(ds) for ds in theirs), join=join)
        if isinstance(wanted, type):
            assert got is wanted
            continue
        assert all(same(*pair) for pair in zip(wanted, got, strict=True)), (seed, wanted, got)
        assert all(isinstance(ds.xindexes["x"], Learned) for ds in got)


def test_arithmetic_reindexing_and_combining() -> None:
    a, b = dataset(np.array([1, 3, 5, 9])), dataset(np.array([3, 4, 9]))
    ours = learned(a), learned(b)
    assert same(ours[0] + ours[1], a + b)
    for options in ({}, {"method": "nearest"}, {"method": "pad", "tolerance": 1}):
        got = ours[0].reindex_like(ours[1], **options)
        assert same(got, a.reindex_like(b, **options)), options
    behind = b.assign_coords(x=b["x"] + 10)
    for second, kind in ((behind, Learned), (b, xr.indexes.PandasIndex)):
        got = xr.concat([ours[0], learned(second)], "x", join="outer")
        assert same(got, xr.concat([a, second], "x", join="outer"))
        assert type(got.xindexes["x"]) is kind
    assert same(ours[0].groupby("x").sum(), a.groupby("x").sum())
    assert same(ours[0].interp(x=[2.0]), a.interp(x=[2.0]))


def test_what_xarray_does_not_align() -> None:
    a = dataset(np.array([1, 3]))
    for others in (dataset(np.array([1, 4])), dataset(np.array([1]))):
        refused(xr.align, others, learned(a), kind=ValueError, says=("conflicting indexes",))
    twice = dataset(np.array([1, 1, 3]))
    refused(learned(twice).reindex_like, learned(a), says=("duplicate values",))
    times = dataset(np.array([1, 3], "M8[s]"))
    refused(xr.align, learned(a), learned(times), kind=TypeError, says=("'x': cannot align int64",))


def test_renamed_and_copied() -> None:
    a = learned(dataset(np.arange(100)), model="pgm", threads=2)
    index = a.xindexes["x"]
    assert isinstance(index.lookup.model, lx.PGM)
    renamed = a.rename(x="z")
    assert renamed.xindexes["z"].lookup is index.lookup
    assert renamed.sel(z=[7, 5])["v"].values.tolist() == [7, 5]
    assert a.rename(v="u").xindexes["x"].equals(index)
    for made in (
        a.copy(deep=True),
        a.copy(),
        copy.deepcopy(a),
        pickle.loads(pickle.dumps(a)),
        a.isel(x=slice(None)),
    ):
        assert same(made, a)
        assert made.xindexes["x"].equals(index)
        assert made.sel(x=[7, 5])["v"].values.tolist() == [7, 5]
        assert isinstance(made.xindexes["x"].lookup.model, lx.PGM)
    large = learned(dataset(np.arange(10_000))).xindexes["x"]
    assert len(pickle.dumps(large)) < 1.5 * 80_000
    assert not index.equals(a.isel(x=slice(5)).xindexes["x"])
    assert repr(renamed.xindexes["z"]) == "LearnedIndex(<100 labels of int64>, 'z')"


def test_a_coordinate_beside_its_dimension() -> None:
    theirs = xr.Dataset({"v": ("x", [3, 4, 5])}, {"t": ("x", [1.5, 2.5, 4.0])})
    ours = theirs.set_xindex("t", Learned)
    got = ours.sel(t=[4.1, 1.4], method="nearest")
    assert got.drop_indexes("t").identical(theirs.isel(x=[2, 0]))
    with pytest.raises((TypeError, ValueError), match="cannot be modified|IndexVariable"):
        ours["t"][0] = 9.0


@pytest.mark.parametrize(
    ("labels", "kind", "says"),
    [
        ([3, 2, 1], ValueError, ("'x': does not ascend: 2 at position 1 .* 3", "ds.sortby")),
        ([1.0, 3.0, 2.0], ValueError, ("2.0 at position 2 comes after 3.0",)),
        ([1.0, np.nan], ValueError, ("'x': has nan at position 1",)),
        ([np.nan], ValueError, ("nan at position 0",)),
        (np.array(["2026", "NaT"], "M8[ns]"), ValueError, ("NaT at position 1",)),
        (["a", "b"], TypeError, ("'x': .* neither a number nor a time", "PandasIndex")),
        ([False, True], TypeError, ("'x': bool is neither",)),
        ([1 + 2j], TypeError, ("'x': complex128 is neither",)),
        (pd.array([1, 2], dtype="Int64"), TypeError, ("'x': Int64 is neither",)),
    ],
    ids=str,
)
def test_coordinates_that_are_refused(labels: Any, kind: type[Exception], says: Any) -> None:
    refused(learned, dataset(labels), kind=kind, says=says)


def test_other_coordinates_and_options_that_are_refused() -> None:
    ds = xr.Dataset(coords={"x": [1], "s": 3, "t": ("x", [2]), "g": (("x", "y"), [[1]])})
    bare = ds.drop_indexes("x")
    refused(bare.set_xindex, "s", Learned, says=("'s': has 0 dim",))
    refused(bare.set_xindex, "g", Learned, says=("'g': has 2 dim",))
    refused(bare.set_xindex, ["x", "t"], Learned, says=("one of them",))
    refused(bare.set_xindex, "x", Learned, model="tree", says=("model",))
    refused(bare.set_xindex, "x", Learned, side="left", kind=TypeError, says=("side",))


def test_xarray_is_imported_on_use_alone() -> None:
    code = (
        "import sys, learnedidx as lx; lx.interop; assert 'xarray' not in sys.modules;"
        "assert 'xarray' in dir(lx.interop); lx.interop.xarray; assert 'xarray' in sys.modules"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)
    refused(getattr, lx.interop, "numpy", kind=AttributeError, says=("'numpy'",))
