"""Files of indexes over strings: the same answers and bytes, whatever they travel through."""

import copy
import io
import ipaddress
import pickle
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core

pa = pytest.importorskip("pyarrow")

WORDS = sorted(
    {f"{'/'.join('abcdefgh'[: i % 9])}/{i * 7919 % 1000:x}{'é' * (i % 3)}" for i in range(900)}
)
NESTED = ["a" * i for i in range(400)]
RAW = [w.encode() for w in WORDS] + [b"\xff" * i for i in range(1, 40)]
RANDOM = np.random.default_rng(3)


def numbers_of(size: int) -> list[bytes]:
    return sorted(RANDOM.bytes(size) for _ in range(300))


def arrow(items: list[Any], kind: str) -> Any:
    return pa.array(items, getattr(pa, kind)())


KEYS: dict[str, Any] = {
    "list": WORDS,
    "nested": NESTED,
    "none": arrow([], "string"),
    "one": ["only"],
    "empty texts": ["", "", ""],
    "bytes": RAW,
    "U": np.array(WORDS),
    "S": np.array(sorted({w.encode()[:9] for w in WORDS})),
    "V": np.array(numbers_of(5), "V5"),
    "string": arrow(WORDS, "string"),
    "large_string": arrow(WORDS, "large_string"),
    "string_view": arrow(WORDS, "string_view"),
    "binary": arrow(RAW, "binary"),
    "slice": arrow(WORDS, "string")[70:600],
    "large slice": arrow(WORDS, "large_string")[70:600],
    "fixed": pa.array(numbers_of(7), pa.binary(7)),
    "chunks": pa.chunked_array([WORDS[:300], WORDS[300:]]),
    "dictionary": arrow(sorted(WORDS * 2), "string").dictionary_encode(),
    "UUID": [uuid.UUID(bytes=b) for b in numbers_of(16)],
    "arrow UUID": pa.array(numbers_of(16), pa.binary(16)).cast(pa.uuid())
    if hasattr(pa, "uuid")
    else [],
    "UUID chunks": pa.chunked_array([pa.array(numbers_of(16), pa.binary(16)).cast(pa.uuid())] * 1),
    "IPv4": [ipaddress.IPv4Address(b) for b in numbers_of(4)],
    "IPv6": [ipaddress.IPv6Address(b) for b in numbers_of(16)],
}
MODELS: dict[str, Callable[[], Any]] = {
    "auto": lambda: "auto",
    "none": lambda: "none",
    "rmi": lambda: lx.RMI(n_leaves=16),
    "pgm": lambda: lx.PGM(epsilon=2),
    "spline": lambda: lx.RadixSpline(epsilon=2),
    "btree": lambda: lx.BTree(node=8),
}
NAMES = list(KEYS)


def index_over(name: str, model: str = "auto") -> lx.LearnedIndex:
    return lx.LearnedIndex(KEYS[name], MODELS[model]())


def saved(index: lx.LearnedIndex, **options: Any) -> bytes:
    blob = index.save(bytes, **options)
    assert isinstance(blob, bytes)
    return blob


def items_of(index: lx.LearnedIndex) -> list[Any]:
    found: list[Any] = index._state.checked.array.tolist()
    return found


def near(item: Any) -> list[Any]:
    """Return strings beside one, of its kind."""
    if isinstance(item, str):
        return [item + "\0", item[:-1], item[:3] + "zz"]
    if isinstance(item, bytes):
        return [item + b"\0", item[:-1], item[:3] + b"\xff"]
    return []


def same_answers(twin: lx.LearnedIndex, index: lx.LearnedIndex) -> None:
    items = items_of(index)
    assert items_of(twin) == items and len(twin) == len(index)
    queries = [*items[::7], *(q for item in items[::11] for q in near(item))]
    for side in ("left", "right"):
        expected = index.searchsorted(queries, side) if queries else np.empty(0, np.intp)
        if queries:
            np.testing.assert_array_equal(twin.searchsorted(queries, side), expected)
        assert [twin.searchsorted(q, side) for q in queries[:20]] == expected[:20].tolist()
    if queries:
        np.testing.assert_array_equal(twin.find(queries), index.find(queries))
        np.testing.assert_array_equal(twin.contains(queries), index.contains(queries))
        assert repr(twin) == repr(index)
        assert twin[0] == items[0] and twin.range(queries[0], None) == index.range(queries[0], None)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", NAMES)
def test_strings_come_back(name: str, model: str) -> None:
    index = index_over(name, model)
    blob = saved(index)
    twin = lx.open(blob, verify="full")
    same_answers(twin, index)
    twin.verify()
    assert saved(twin) == blob == saved(index)
    assert twin.nbytes == pytest.approx(index.nbytes, abs=64 * 25)


@pytest.mark.parametrize("name", NAMES)
def test_strings_that_are_kept_elsewhere(name: str) -> None:
    index = index_over(name)
    blob = saved(index, keys=False)
    assert len(blob) < len(saved(index)) or not len(index)
    twin = lx.open(blob, keys=KEYS[name], verify="full")
    same_answers(twin, index)
    assert saved(twin, keys=False) == blob and saved(twin) == saved(index)
    if len(index):
        with pytest.raises(
            lx.FormatError, match=r"^bytes: does not hold its strings.* keys=keys\)$"
        ):
            lx.open(blob)
    else:
        assert len(lx.open(blob)) == 0


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        (WORDS[:-1], r"keys has 8\d\d keys, the file says"),
        ([*WORDS[:-1], WORDS[-1] + "x"], "sampled keys that differ"),
        ([w.encode() for w in WORDS], "keys has dtype bytes, the file says str"),
        (np.arange(len(WORDS)), "keys has dtype int64, the file says str"),
    ],
)
def test_other_keys_are_refused(keys: Any, what: str) -> None:
    for blob in (saved(index_over("list")), saved(index_over("list"), keys=False)):
        with pytest.raises(lx.FormatError, match=f"was made over other keys: .*{what}"):
            lx.open(blob, keys=keys)


def test_one_other_key_of_many_is_found_in_full() -> None:
    keys = [f"{i:09}" for i in range(20_000)]
    blob = saved(lx.LearnedIndex(keys), keys=False)
    keys[7] += "x"
    lx.open(blob, keys=keys)
    with pytest.raises(lx.FormatError, match="other keys: keys has a checksum that differs"):
        lx.open(blob, keys=keys, verify="full")


def test_numbers_are_not_opened_over_text() -> None:
    blob = saved(lx.LearnedIndex(np.arange(3)))
    with pytest.raises(lx.FormatError, match="keys has dtype str, the file says int64"):
        lx.open(blob, keys=["a", "b", "c"])


@pytest.mark.parametrize("mmap", [True, False])
def test_paths_and_file_objects(tmp_path: Path, mmap: bool) -> None:
    index, path, file = index_over("string"), tmp_path / "words.lidx", io.BytesIO()
    index.save(path)
    index.save(file)
    assert path.read_bytes() == file.getvalue() == saved(index)
    file.seek(0)
    for source in (path, file):
        same_answers(lx.open(source, mmap=mmap), index)
    twin = lx.open(path, mmap=mmap)
    again = pickle.loads(pickle.dumps(twin))
    assert len(pickle.dumps(twin)) < 400 and again._state.stored.path == str(path)
    same_answers(again, index)
    assert pickle.loads(pickle.dumps(again))._state.stored is again._state.stored


def test_values_lie_beside_strings() -> None:
    index = index_over("list")
    values = np.arange(2 * len(index), dtype=np.float32).reshape(-1, 2)
    for twin in (
        lx.open(saved(index, values=values)),
        lx.open(saved(index, keys=False, values=values), keys=WORDS),
    ):
        np.testing.assert_array_equal(twin.values, values)
        for other in (pickle.loads(pickle.dumps(twin)), copy.deepcopy(twin), lx.open(saved(twin))):
            np.testing.assert_array_equal(other.values, values)
    with pytest.raises(ValueError, match="values: must have one row for each"):
        index.save(bytes, values=values[1:])


@pytest.mark.parametrize("name", ["S", "V"])
def test_bytes_of_one_width_are_an_array_again(name: str) -> None:
    index = lx.open(saved(index_over(name)))
    keys = index.keys
    assert keys.dtype == KEYS[name].dtype and not keys.flags.writeable
    np.testing.assert_array_equal(keys, KEYS[name])


class Named(lx.LearnedIndex):
    """A subclass that has more."""

    __slots__ = ("slot",)


SMALL = lx.LearnedIndex(WORDS, "rmi", size="small")


@pytest.mark.parametrize("how", ["pickle", "copy", "deepcopy", "file", "keyless", "extended"])
def test_small_indexes_stay_small(tmp_path: Path, how: str) -> None:
    makes: dict[str, Callable[[], Any]] = {
        **{name: lambda: COPIES[how](SMALL) for name in ("pickle", "copy", "deepcopy")},
        "file": lambda: lx.open(saved(SMALL), verify="full"),
        "keyless": lambda: lx.open(saved(SMALL, keys=False), keys=WORDS, verify="full"),
        "extended": lambda: lx.LearnedIndex(WORDS[:500], "rmi", size="small").extended(WORDS),
    }
    twin = makes[how]()
    same_answers(twin, SMALL)
    twin.verify()
    assert repr(twin).endswith(", size='small')") and saved(twin) == saved(SMALL)
    assert twin.stats()["keys_in_layers"] == -(-len(WORDS) // 8)
    assert twin.nbytes < index_over("list", "rmi").nbytes / 2
    again = COPIES["pickle"](twin)
    same_answers(again, SMALL)


@pytest.mark.parametrize("how", ["pickle", "copy", "deepcopy", "extended", "twice"])
def test_large_indexes_stay_large(how: str) -> None:
    large = lx.LearnedIndex(WORDS, "rmi", size="large")
    makes: dict[str, Callable[[], Any]] = {
        **{name: lambda: COPIES[how](large) for name in ("pickle", "copy", "deepcopy")},
        "extended": lambda: lx.LearnedIndex(WORDS[:500], "rmi", size="large").extended(WORDS),
        "twice": lambda: COPIES["pickle"](COPIES["deepcopy"](large)),
    }
    twin = makes[how]()
    same_answers(twin, large)
    twin.verify()
    assert repr(twin).endswith(", size='large')") and twin.nbytes > index_over("list", "rmi").nbytes


def test_files_hold_no_table() -> None:
    large = lx.LearnedIndex(WORDS, "rmi", size="large")
    opened = lx.open(saved(large), verify="full")
    assert saved(large) == saved(opened) and "size" not in repr(opened)
    same_answers(opened, lx.open(saved(lx.LearnedIndex(WORDS, "rmi"))))
    again = lx.LearnedIndex(opened.keys, "rmi", size="large")
    np.testing.assert_array_equal(again.find(WORDS), opened.find(WORDS))


@pytest.mark.parametrize("name", NAMES)
def test_tables_over_what_lies_in_files(name: str) -> None:
    """Every form of string, also rows."""
    opened = lx.open(saved(index_over(name)))
    large = lx.LearnedIndex(opened.keys, size="large") if len(opened) else opened
    items = items_of(opened)
    queries = [*items[::5], *(q for item in items[::7] for q in near(item))]
    for q in queries:
        assert large.find(q) == opened.find(q) and (q in large) == (q in opened)
    if queries:
        np.testing.assert_array_equal(large.find(queries), opened.find(queries))


COPIES: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda index: pickle.loads(pickle.dumps(index)),
    "old pickle": lambda index: pickle.loads(pickle.dumps(index, 2)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", NAMES)
def test_copies(name: str, how: str) -> None:
    index = index_over(name, "rmi")
    for source in (
        index,
        lx.open(saved(index)),
        lx.open(saved(index, keys=False), keys=KEYS[name]),
    ):
        twin = COPIES[how](source)
        same_answers(twin, index)
        assert saved(twin) == saved(index)
        same_answers(COPIES[how](twin), index)


@pytest.mark.parametrize("how", COPIES)
def test_what_a_subclass_added_goes_along(how: str) -> None:
    index: Any = Named(WORDS, lx.PGM(epsilon=3))
    index.name, index.slot = ["x"], 5
    twin: Any = COPIES[how](index)
    part = twin._state.layers.parts[0]
    assert (type(twin), type(part), twin.name, twin.slot) == (Named, lx.LearnedIndex, ["x"], 5)
    assert (twin.name is index.name) == (how == "copy")
    assert repr(twin.model) == repr(index.model)


class MyRmi(lx.RMI):
    """A model of one's own."""


def test_models_of_one_s_own_come_back_from_a_pickle() -> None:
    index = lx.LearnedIndex(WORDS, MyRmi(n_leaves=16))
    for how in ("pickle", "copy", "deepcopy"):
        assert {type(model) for model in COPIES[how](index).model} == {MyRmi}
    assert {type(model) for model in lx.open(saved(index)).model} == {lx.RMI}


def test_a_deep_copy_owns_its_strings() -> None:
    array = np.array([b"a", b"b", b"c"])
    twin = copy.deepcopy(lx.LearnedIndex(array))
    array[1] = b"x"
    assert twin.find([b"a", b"b", b"x"]).tolist() == [0, 1, -1]


def test_files_of_numbers_are_of_version_1_0_and_of_strings_of_1_1() -> None:
    for keys, version in ((np.arange(9), 0), (WORDS, 1)):
        file = _core.File(saved(lx.LearnedIndex(keys)), "file")
        assert file.header["version"] == (1, version)


def test_an_opened_index_tells_of_itself_and_goes_on() -> None:
    index = index_over("string", "rmi")
    twin = lx.open(saved(index))
    assert twin.stats()["layers"] == index.stats()["layers"]
    assert twin.explain(WORDS[5]).answer == 5 == index.explain(WORDS[5]).answer
    longer = [*WORDS, *(WORDS[-1] + "z" * i for i in range(1, 9))]
    same_answers(
        twin.extended(arrow(longer, "string")), lx.LearnedIndex(longer, lx.RMI(n_leaves=16))
    )
