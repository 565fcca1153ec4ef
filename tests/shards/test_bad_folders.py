"""Nothing in a folder is trusted: damaged manifests, missing, replaced and foreign shards."""

import base64
import json
import operator
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.format.spoil import signed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
KEYS = np.arange(0, 3000, 3)
Said = dict[str, Any]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    lx.shards.build(KEYS, folder, rows_per_shard=300)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "shards")


def boundaries(ends: Any, **options: Any) -> str:
    return base64.b64encode(
        lx.LearnedIndex(np.asarray(ends), "none").save(bytes, **options)
    ).decode()


def first(**changes: Any) -> Callable[[Said], None]:
    return lambda said: said["shards"][0].update(changes)


def changed(**changes: Any) -> Callable[[Said], None]:
    return lambda said: said.update(changes)


def swapped(said: Said) -> None:
    """Put the last key of a shard behind the first one of the next, and make the sums right."""
    blob = bytearray(base64.b64decode(said["boundaries"]))
    a, b = (np.int64(key).tobytes() for key in (897, 900))
    at, other = blob.index(a), blob.index(b)
    blob[at : at + 8], blob[other : other + 8] = b, a
    said["boundaries"] = base64.b64encode(signed(blob)).decode()


def cracked(said: Said) -> None:
    """Change a key in the boundaries and no sum."""
    blob = bytearray(base64.b64decode(said["boundaries"]))
    blob[blob.index(np.int64(897).tobytes())] ^= 1
    said["boundaries"] = base64.b64encode(bytes(blob)).decode()


BAD: dict[str, tuple[Callable[[Said], Any], str]] = {
    "format": (changed(format="other"), "is no manifest of shards"),
    "version": (changed(version=2), "has version 2, this release reads 1; open it with"),
    "dtype": (changed(dtype="float64"), "says dtype 'float64'"),
    "rows": (changed(rows_per_shard=0), "how long they get"),
    "rows of text": (changed(rows_per_shard="9"), "how long they get"),
    "no shards": (changed(shards=[]), "lists no shards"),
    "a shard": (changed(shards=[5]), r"shards\[0\] does not have the fields"),
    "up": (first(name="../shard-00000000.lidx"), "which no shard has"),
    "absolute": (first(name="/tmp/shard-00000000.lidx"), "which no shard has"),
    "a line": (first(name="shard-00000000.lidx\n"), "which no shard has"),
    "a folder": (first(name="x/shard-00000000.lidx"), "which no shard has"),
    "twice": (first(name="shard-00000001.lidx"), "names a file twice"),
    "negative": (first(count=-1), "a count or a fingerprint"),
    "a truth": (first(count=True), "does not have the fields"),
    "huge": (first(count=2**63), "a count or a fingerprint"),
    "too many": (first(count=2**63 - 1), "too large"),
    "fingerprint": (first(fingerprint=[1.5]), "a count or a fingerprint"),
    "half a fingerprint": (first(fingerprint=[1, 2]), "a count or a fingerprint"),
    "no boundaries": (changed(boundaries=None), "not in base64"),
    "no base64": (changed(boundaries="*"), "not in base64"),
    "no file": (changed(boundaries="AAAA"), "boundaries are damaged"),
    "too few": (changed(boundaries=boundaries([0, 2997])), "has 2 first and last keys"),
    "no keys": (changed(boundaries=boundaries(np.arange(8), keys=False)), "first and last keys"),
    "overlap": (swapped, r"is damaged: its shards overlap \(.*; restore it, or build"),
    "cracked": (cracked, r"its boundaries are damaged \("),
    "empty": (first(count=0), "has 8 first and last keys, its shards 6"),
}


@pytest.mark.parametrize("name", BAD)
def test_manifests_that_lie_are_refused(name: str, folder: Path) -> None:
    path = folder / "manifest.json"
    said = json.loads(path.read_text())
    change, text = BAD[name]
    change(said)
    path.write_text(json.dumps(said))
    before = sorted(folder.iterdir())
    with pytest.raises(lx.FormatError, match=text) as caught:
        lx.shards.open(folder)
    assert str(path) in str(caught.value)
    with pytest.raises(lx.FormatError):  # nor is it built over: its shards may be worth something
        lx.shards.build(KEYS, folder)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 99_999, b"\xff", b"5", b"null"], ids=len)
def test_manifests_that_are_no_json(text: bytes, folder: Path) -> None:
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(lx.FormatError, match=r"manifest\.json: is no"):
        lx.shards.open(folder)


def test_every_truncation_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    text = path.read_bytes()
    for size in range(0, len(text) - 1, 97):
        path.write_bytes(text[:size])
        with pytest.raises(lx.FormatError):
            lx.shards.open(folder)


LATER: dict[str, tuple[Callable[[Said], Any], str]] = {
    "count": (first(count=299), "has 300 keys, the manifest says 299"),
    "fingerprint": (first(fingerprint=[1, 2, 3]), "its fingerprint differs"),
    "order": (lambda said: said["shards"].reverse(), "has 100 keys|first or last key is another"),
    "lower": (changed(boundaries=boundaries([0, 896, *[*range(900, 906)]])), "first or last key"),
    "absent": (changed(boundaries=boundaries([0, 898, *[*range(900, 906)]])), "first or last key"),
}


@pytest.mark.parametrize("name", LATER)
def test_shards_that_are_not_what_the_manifest_says(name: str, folder: Path) -> None:
    path = folder / "manifest.json"
    said = json.loads(path.read_text())
    change, text = LATER[name]
    change(said)
    path.write_text(json.dumps(said))
    index = lx.shards.open(folder)
    with pytest.raises(lx.FormatError, match=rf"shard-0000000\d\.lidx: is not the shard.*({text})"):
        index.searchsorted([3, 500])
    with pytest.raises(lx.FormatError, match=text):
        index.verify()


def test_a_missing_shard(folder: Path) -> None:
    index = lx.shards.open(folder)
    (folder / "shard-00000001.lidx").unlink()
    assert index.find(3) == 1 and index.count(None, 900) == 300  # which need others, or none
    asks: list[Any] = [partial(index.find, 1000), partial(index.find, [3, 1000])]
    for ask in [*asks, partial(operator.getitem, index, 301)]:
        with pytest.raises(FileNotFoundError, match=r"missing.*manifest\.json names it") as caught:
            ask()
        assert str(caught.value.filename) == str(folder / "shard-00000001.lidx")


@pytest.mark.parametrize("url", [False, True])
def test_writers_refuse_a_missing_shard(folder: Path, url: bool) -> None:
    """Else a new manifest would name it, as if it were there."""
    place: Any = folder
    if url:
        import fsspec

        root, system = f"/{folder.parent.name}/shards", fsspec.filesystem("memory")
        place = f"memory:/{root}"
        lx.shards.build(KEYS, place, rows_per_shard=300)
        system.rm_file(f"{root}/shard-00000001.lidx")
        before = system.find(root)
    else:
        (folder / "shard-00000001.lidx").unlink()
    index, text = lx.shards.open(place), (folder / "manifest.json").read_bytes()
    writes: list[Any] = [partial(index.append, [5000]), index.compact]
    for write in writes:
        with pytest.raises(
            FileNotFoundError, match="is missing, .*; restore it, or build"
        ) as caught:
            write()
        assert caught.value.filename == f"{place}/shard-00000001.lidx"
    assert len(lx.shards.open(place)) == 1000
    assert (folder / "manifest.json").read_bytes() == text
    assert not url or system.find(root) == before
    lx.shards.build(KEYS, place)  # which is how to get out of it
    lx.shards.open(place).append([5000])


def test_a_damaged_shard_is_not_to_be_saved_again(folder: Path) -> None:
    path = folder / "shard-00000001.lidx"
    data = bytearray(path.read_bytes())
    data[data.index(np.int64(1200).tobytes())] ^= 1
    path.write_bytes(data)
    with pytest.raises(lx.FormatError, match=r"of section KEYS .*; restore it, or build again$"):
        lx.shards.open(folder).verify()


@pytest.mark.parametrize("keys", [KEYS[300:600] + 1, KEYS[300:600] * 1.0, KEYS[300:599]], ids=str)
def test_a_replaced_shard(keys: Any, folder: Path) -> None:
    path = folder / "shard-00000001.lidx"
    lx.LearnedIndex(keys).save(path)
    with pytest.raises(lx.FormatError, match=r"shard-00000001\.lidx: is not the shard .* differs"):
        lx.shards.open(folder).find([1000])
    shutil.copy(folder / "shard-00000002.lidx", path)
    with pytest.raises(lx.FormatError, match=r"shard-00000001\.lidx: is not the shard"):
        lx.shards.open(folder).find(1000)


def test_a_shard_of_another_dtype(folder: Path) -> None:
    """Also where somebody has brought the manifest into line with it."""
    path, manifest = folder / "shard-00000001.lidx", folder / "manifest.json"
    lx.LearnedIndex(KEYS[300:600] * 1.0).save(path)
    lx.shards.build(KEYS[300:600] * 1.0, folder / "other")
    said = json.loads(manifest.read_text())
    fingerprint = json.loads((folder / "other" / "manifest.json").read_text())["shards"][0]
    said["shards"][1]["fingerprint"] = fingerprint["fingerprint"]
    manifest.write_text(json.dumps(said))
    with pytest.raises(lx.FormatError, match="of dtype float64, those of the shards of int64"):
        lx.shards.open(folder).find(1000)


@pytest.mark.parametrize("where", ["start", "middle"])
def test_empty_shards_in_a_manifest(where: str, folder: Path, tmp_path: Path) -> None:
    """Other programs may leave some; they are nowhere in the way."""
    lx.shards.build(KEYS[:0], tmp_path / "empty")
    empty = json.loads((tmp_path / "empty" / "manifest.json").read_text())["shards"][0]
    shutil.copy(tmp_path / "empty" / empty["name"], folder / "shard-00000009.lidx")
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text())
    at = 0 if where == "start" else 2
    said["shards"].insert(at, {**empty, "name": "shard-00000009.lidx"})
    manifest.write_text(json.dumps(said))
    index = lx.shards.open(folder)
    v = np.arange(-5, 3010)
    assert np.array_equal(index.searchsorted(v), np.searchsorted(KEYS, v))
    index.verify()
    index.append([5000])
    index.compact()
    assert len(index) == 1001 and all(shard.count for shard in index.shards)
    assert np.array_equal(index.searchsorted(v), np.searchsorted(KEYS, v))


def test_no_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(FileNotFoundError, match=r"no shards here.*lx\.shards\.build"):
            lx.shards.open(path)
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        lx.shards.build(KEYS, tmp_path / "file")


def test_a_fifo_is_not_waited_for(folder: Path) -> None:
    for name in ("manifest.json", "readers.lock"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
    with pytest.raises(lx.FormatError, match=r"manifest\.json: is no regular file"):
        lx.shards.open(folder)
