"""What pickle, copy, deepcopy and files keep: values, subclasses, roots of scikit-learn."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.models import DirectTable

KEYS = np.sort(np.random.default_rng(5).integers(0, 2**40, 20_000))
VALUES = np.arange(KEYS.size) / 2

CLONES: dict[str, Callable[[Any], Any]] = {
    "pickle 2": lambda thing: pickle.loads(pickle.dumps(thing, 2)),
    "pickle 5": lambda thing: pickle.loads(pickle.dumps(thing, 5)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
OPENED: dict[str, Callable[[lx.LearnedIndex, Path], lx.LearnedIndex]] = {
    "a path": lambda index, path: lx.open(path),
    "read": lambda index, path: lx.open(path, mmap=False),
    "bytes": lambda index, path: lx.open(path.read_bytes()),
    "given keys": lambda index, path: lx.open(path, keys=KEYS.copy()),
    "keys beside": lambda index, path: lx.open(
        index.save(bytes, keys=False, values=VALUES), keys=KEYS
    ),
}


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("source", OPENED)
@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline", "btree", "none"])
def test_values_stay(model: str, source: str, clone: str, tmp_path: Path) -> None:
    path = tmp_path / "index.lidx"
    index = lx.LearnedIndex(KEYS, model)
    index.save(path, values=VALUES)
    twin = CLONES[clone](OPENED[source](index, path))
    np.testing.assert_array_equal(twin.values, VALUES)
    assert not twin.values.flags.writeable
    np.testing.assert_array_equal(twin.searchsorted(KEYS), np.searchsorted(KEYS, KEYS))
    assert twin.save(bytes) == path.read_bytes()


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline", "btree", "none"])
def test_extended_from_stays(model: str, clone: str) -> None:
    for first in (lx.LearnedIndex(KEYS[:15_000], model), opened(KEYS[:15_000], model)):
        index = first.extended(KEYS)
        found, expected = CLONES[clone](index).stats(), index.stats()
        for name in ("extended_from", "refitted"):
            assert found[name] == expected[name]
        assert expected["extended_from"] is not None


def opened(keys: Any, model: Any) -> lx.LearnedIndex:
    index: lx.LearnedIndex = lx.open(lx.LearnedIndex(keys, model).save(bytes))
    return index


# Subclasses of the index.


def test_an_index_alone_has_no_attributes_to_keep() -> None:
    index = lx.LearnedIndex(KEYS[:15_000], "rmi")
    for each in (index, copy.copy(index), opened(KEYS, "rmi"), index.extended(KEYS)):
        assert each.__getstate__() is None


class Prices(lx.LearnedIndex):
    """Another constructor, attributes of its own, one that leads back to the index."""

    __slots__ = ("market",)
    market: str

    def __init__(self, path: str, currency: str) -> None:
        super().__init__(KEYS if path == "keys" else np.arange(3), "rmi")
        self.currency, self.market = currency, "spot"
        self.notes = ["first"]
        self.itself = self


class Kept(lx.LearnedIndex):
    """Says itself what is kept, and how it comes back."""

    seen = 0
    name = ""

    def __getstate__(self) -> Any:
        return self.name

    def __setstate__(self, state: Any) -> None:
        self.name, self.seen = state, self.seen + 1


class Made(lx.LearnedIndex):
    """Cannot be made without an argument."""

    name: str

    def __new__(cls, keys: Any, *, name: str) -> Any:
        made = super().__new__(cls)
        made.name = name
        return made

    def __init__(self, keys: Any, *, name: str) -> None:
        super().__init__(keys)


@pytest.mark.parametrize("clone", CLONES)
def test_attributes_of_a_subclass_stay(clone: str) -> None:
    index = Prices("keys", currency="EUR")
    twin = CLONES[clone](index)
    assert type(twin) is Prices and len(twin) == len(KEYS)
    assert (twin.currency, twin.market, twin.notes) == ("EUR", "spot", ["first"])
    assert twin.itself is (index if clone == "copy" else twin)
    assert (twin.notes is index.notes) == (clone == "copy")
    np.testing.assert_array_equal(twin.searchsorted(KEYS), index.searchsorted(KEYS))
    longer = twin.extended(np.append(KEYS, KEYS[-1]))
    assert longer.rank(KEYS[-1]) == len(KEYS) + 1 and type(longer) is Prices
    assert (longer.currency, longer.market, longer.itself) == ("EUR", "spot", twin.itself)
    assert longer.notes is twin.notes


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("keys", [True, False])
def test_a_subclass_over_a_file(keys: bool, clone: str, tmp_path: Path) -> None:
    from learnedidx.files._building import over, stored_in

    path = tmp_path / "index.lidx"
    lx.LearnedIndex(KEYS, "rmi").save(path, keys=keys, values=VALUES)
    for place in (str(path), path.read_bytes()):
        index: Any = over(Prices, stored_in(place, True))
        index.currency, index.market = "EUR", "spot"
        twin = CLONES[clone](index)
        assert type(twin) is Prices and (twin.currency, twin.market) == ("EUR", "spot")
        np.testing.assert_array_equal(twin.values, VALUES)
        assert twin.bounds(KEYS[77])[0] <= 77
        longer: Any = twin.extended(KEYS)
        assert (longer.currency, longer.market, longer.values) == ("EUR", "spot", None)


@pytest.mark.parametrize("clone", CLONES)
def test_a_subclass_with_a_state_of_its_own(clone: str) -> None:
    index = Kept(KEYS)
    index.name = "mine"
    twin = CLONES[clone](index)
    assert (twin.name, twin.seen, index.seen) == ("mine", 1, 0)
    assert twin.searchsorted(KEYS[9]) == 9
    longer: Any = twin.extended(KEYS)
    assert (longer.name, longer.seen) == ("mine", 1)
    made = CLONES[clone](Made(KEYS, name="made"))
    assert made.name == "made" and made.searchsorted(KEYS[9]) == 9
    longer = made.extended(np.append(KEYS, KEYS[-1]))
    assert longer.name == "made" and longer.searchsorted(KEYS[9]) == 9


# Subclasses of estimators.


class MyRMI(lx.RMI):
    """Takes other parameters than what it derives from."""

    def __init__(self, leaves: int = 64, note: Any = "") -> None:
        super().__init__(root="linear", n_leaves=leaves)
        self.leaves, self.note = leaves, note


class MyPGM(lx.PGM):
    def __init__(self, distance: int = 9) -> None:
        super().__init__(epsilon=distance)
        self.distance = distance


class MySpline(lx.RadixSpline):
    def __init__(self, distance: int = 9) -> None:
        super().__init__(epsilon=distance)
        self.distance = distance


class MyTree(lx.BTree):
    def __init__(self, wide: bool = False) -> None:
        super().__init__(node=16 if wide else 8)
        self.wide = wide


class MyTable(DirectTable):
    def __init__(self, note: str = "a") -> None:
        self.note = note


MINE: dict[str, tuple[Any, Any]] = {
    "rmi": (MyRMI(32, note={"any": "thing"}), lx.RMI(root="linear", n_leaves=32)),
    "pgm": (MyPGM(5), lx.PGM(5)),
    "radix_spline": (MySpline(5), lx.RadixSpline(5)),
    "btree": (MyTree(wide=True), lx.BTree(16)),
    "direct": (MyTable("b"), DirectTable()),
}


@pytest.mark.parametrize("name", MINE)
def test_a_subclass_of_an_estimator_opens_as_what_it_derives_from(name: str) -> None:
    mine, plain = MINE[name]
    keys = (KEYS >> 25).astype(np.uint16) if name == "direct" else KEYS
    index = lx.LearnedIndex(keys[:-9], mine)
    assert type(index.model) is type(mine)
    blob = index.save(bytes)
    assert blob == lx.LearnedIndex(keys[:-9], plain).save(bytes)
    again = lx.open(blob, verify="full")
    assert repr(again.model) == repr(plain)
    expected = np.searchsorted(keys[:-9], keys)
    np.testing.assert_array_equal(again.searchsorted(keys), expected)
    longer = index.extended(keys)
    assert type(longer.model) is type(mine)
    assert longer.model.get_params() == mine.get_params()


@pytest.mark.parametrize("clone", CLONES)
@pytest.mark.parametrize("name", MINE)
def test_a_subclass_of_an_estimator_stays_in_clones(name: str, clone: str) -> None:
    mine, _ = MINE[name]
    keys = (KEYS >> 25).astype(np.uint16) if name == "direct" else KEYS
    twin = CLONES[clone](lx.LearnedIndex(keys, mine))
    for model in (twin.model, CLONES[clone](mine), CLONES[clone](twin.model)):
        assert type(model) is type(mine) and model.get_params() == mine.get_params()
        assert vars(model).keys() >= mine.get_params().keys() | vars(MINE[name][1]).keys()
    np.testing.assert_array_equal(twin.searchsorted(keys), np.searchsorted(keys, keys))


# Roots of scikit-learn.


def with_regressor(n: int, keys: bool = True) -> lx.LearnedIndex:
    from sklearn.tree import DecisionTreeRegressor

    root = DecisionTreeRegressor(max_leaf_nodes=100)
    index = lx.LearnedIndex(KEYS[:n], lx.RMI(root=root, n_leaves=(32, 256)))
    found: lx.LearnedIndex = lx.open(index.save(bytes, keys=keys), keys=None if keys else KEYS[:n])
    return found


@pytest.mark.parametrize("keys", [True, False])
def test_an_opened_regressor_can_be_extended_far(keys: bool) -> None:
    index = with_regressor(6_000, keys)
    near, far = index.extended(KEYS[:7_000]), index.extended(KEYS)
    assert not near.stats()["refitted"] and repr(near.model) == repr(index.model)
    assert far.stats()["refitted"] and far.model.root == "histogram"
    assert far.model.n_leaves == (32, 256)
    for longer, over in ((near, KEYS[:7_000]), (far, KEYS), (near.extended(KEYS), KEYS)):
        np.testing.assert_array_equal(longer.searchsorted(KEYS), np.searchsorted(over, KEYS))
        longer.verify()


@pytest.mark.parametrize("clone", CLONES)
def test_an_opened_regressor_is_cloned(clone: str) -> None:
    from sklearn.base import clone as sklearn_clone

    index = with_regressor(6_000)
    assert repr(index.model) == "RMI(root=DecisionTreeRegressor(max_leaf_nodes=100), " + (
        "n_leaves=(32, 256))"
    )
    twin = CLONES[clone](index)
    assert twin.save(bytes) == index.save(bytes) and repr(twin.model) == repr(index.model)
    for model in (index.model, twin.model, CLONES[clone](index.model)):
        unfitted = sklearn_clone(model)
        assert unfitted.get_params() == index.model.get_params()
        with pytest.raises(ValueError, match=r"root: DecisionTree.* compiled form alone; .* set"):
            unfitted.fit(KEYS)
        unfitted.set_params(root="linear").fit(KEYS)
        # A fitted one goes over other keys as any does: its stages stay.
        found = lx.LearnedIndex(KEYS, model).searchsorted(KEYS)
        np.testing.assert_array_equal(found, np.searchsorted(KEYS, KEYS))
