"""Shards in object stores: numbered manifests, of two writers one, failures at each write."""

import errno
import io
import json
import pickle
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import learnedidx as lx
from tests.interop.http_server import serving

KEYS = np.arange(0, 3000, 3)
URL = "memory://shop/orders"
MEMORY = MemoryFileSystem()


pytestmark = pytest.mark.usefixtures("empty_store")


def names() -> list[str]:
    return sorted(path.rpartition("/")[2] for path in MEMORY.store)


def built(keys: Any = KEYS, rows: int = 300) -> Any:
    lx.shards.build(keys, URL, rows_per_shard=rows)
    return lx.shards.open(URL)


def manifests(*numbers: int) -> list[str]:
    return [f"manifest-{number:08}.json" for number in numbers]


def shards(*numbers: int) -> list[str]:
    return [f"shard-{number:08}.lidx" for number in numbers]


def check(index: Any, keys: Any) -> None:
    index.verify()
    v = np.arange(-5, 3500)
    assert np.array_equal(index.searchsorted(v), np.searchsorted(keys, v))
    assert np.array_equal(list(index), keys)


def test_build_append_compact() -> None:
    first = built()
    assert names() == manifests(1) + shards(0, 1, 2, 3)
    second = lx.shards.open(URL)
    second.append(np.arange(3000, 3100))
    assert names() == manifests(1, 2) + shards(0, 1, 2, 3, 4)
    check(second, np.append(KEYS, np.arange(3000, 3100)))
    second.compact()
    assert [shard.count for shard in second.shards] == [300, 300, 300, 200]
    assert names() == manifests(1, 2, 3) + shards(0, 1, 2, 3, 4, 5)
    second.compact()  # nothing to do
    assert names()[:4] == [*manifests(1, 2, 3), shards(0)[0]]
    check(lx.shards.open(URL), np.append(KEYS, np.arange(3000, 3100)))
    check(first, KEYS)  # whose files are all there
    assert (first.folder, len(pickle.loads(pickle.dumps(first)))) == (URL, 1000)
    check(built(KEYS[:7]), KEYS[:7])
    assert names()[:4] == manifests(1, 2, 3, 4)


def test_text_and_few_open() -> None:
    words = [f"{key:05}" for key in KEYS.tolist()]
    lx.shards.build(words, f"{URL}/", rows_per_shard=90)
    index = lx.shards.open(f"{URL}/", most_open=2)
    assert np.array_equal(index.find(words[::-1]), np.arange(1000)[::-1])
    assert index.prefix("0003") == slice(10, 14) and len(index._view._open) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="folders are written with flock")
def test_an_uploaded_folder(tmp_path: Path) -> None:
    lx.shards.build(KEYS, tmp_path, rows_per_shard=300)
    for path in tmp_path.iterdir():
        MEMORY.pipe_file(f"/shop/orders/{path.name}", path.read_bytes())
    index = lx.shards.open(URL)
    check(index, KEYS)
    index.append([5000])
    assert names()[:2] == [*manifests(1), "manifest.json"]
    check(lx.shards.open(URL), np.append(KEYS, 5000))
    lx.shards.build(KEYS[:5], f"file://{tmp_path}")  # is a folder of this machine
    check(lx.shards.open(tmp_path), KEYS[:5])


def during(rows: int, work: Any) -> Iterator[Any]:
    """Give keys for one shard, and do something else after that was written."""
    yield np.arange(3000, 3000 + rows)
    work()


@pytest.mark.parametrize("rows", [300, 301])
def test_of_two_writers_one_is_first(rows: int) -> None:
    """The second one sees it by the number of its manifest, or by the name of a shard."""
    index, other = built(), lx.shards.open(URL)
    with pytest.raises(
        BlockingIOError, match="was first; open .* again, and append your keys again if"
    ) as caught:
        index.append(during(rows, partial(other.append, [7777])))
    missed = manifests(2) if rows == 300 else shards(5)
    assert str(caught.value.filename) == f"{URL}/{missed[0]}"
    assert names() == manifests(1, 2) + shards(0, 1, 2, 3, 5), "it takes back its own alone"
    check(lx.shards.open(URL), np.append(KEYS, 7777))
    check(index, KEYS)
    index.append([8888])
    check(index, [*KEYS, 7777, 8888])


def test_builds_race_too() -> None:
    with pytest.raises(BlockingIOError, match="another writer was first"):
        lx.shards.build(during(300, partial(built, KEYS[:5])), URL, rows_per_shard=300)
    check(lx.shards.open(URL), KEYS[:5])


def failing(
    monkeypatch: pytest.MonkeyPatch, turn: int, is_written: bool, error: BaseException
) -> None:
    """Let one write fail, before or after it is done, and remove nothing from then on."""
    left, write = [turn], MemoryFileSystem.pipe_file

    def pipe_file(self: Any, path: str, value: bytes, mode: str = "overwrite") -> None:
        left[0] -= 1
        if left[0] == -1 and not is_written:
            raise error
        try:
            write(self, path, value, mode)
        finally:
            if left[0] == -1:
                raise error

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", pipe_file)


WRITES: dict[str, tuple[int, Any]] = {  # how many: first a probe and its second try
    "build": (6, lambda index: lx.shards.build(KEYS[:900] + 1, URL, rows_per_shard=300)),
    "append": (5, lambda index: index.append(KEYS[:400] + 3000)),
    "compact": (4, lambda index: index.compact()),
}
NEW = {
    "build": KEYS[:900] + 1,
    "append": np.append(KEYS, KEYS[:400] + 3000),
    "compact": KEYS,
}


@pytest.mark.parametrize("error", [OSError(errno.EIO, "gone"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("is_removed", [True, False])
@pytest.mark.parametrize("is_written", [True, False])
@pytest.mark.parametrize("how", WRITES)
def test_a_write_that_fails(
    how: str, is_written: bool, is_removed: bool, error: BaseException
) -> None:
    count, write = WRITES[how]
    for turn in range(count):
        MEMORY.store.clear()
        built(KEYS[:950]).append(KEYS[950:])
        index, before = lx.shards.open(URL), names()
        with pytest.MonkeyPatch.context() as patch:
            failing(patch, turn, is_written, error)
            if not is_removed:  # as of a process that is killed
                patch.setattr(MemoryFileSystem, "rm_file", lambda self, path: 1 / 0)
            with pytest.raises(type(error)):
                write(index)
        is_new = is_written and turn == count - 1
        check(lx.shards.open(URL), NEW[how] if is_new else KEYS)
        check(index, KEYS)
        if is_removed and not is_written and turn < count - 1:
            assert names() == before  # but what may be named, or may be that of another writer
        lx.shards.open(URL).append([9999])
        check(lx.shards.open(URL), np.append(NEW[how] if is_new else KEYS, 9999))


def test_an_answer_that_got_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client tries again, and finds the manifest that it wrote itself."""
    write = MemoryFileSystem.pipe_file

    def twice(self: Any, path: str, value: bytes, mode: str = "overwrite") -> None:
        write(self, path, value, mode)
        if "manifest" in path:
            write(self, path, value, mode)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", twice)
    check(built(), KEYS)


def test_a_store_that_writes_over_files(monkeypatch: pytest.MonkeyPatch) -> None:
    index = built()
    before = names()

    def pipe_file(self: Any, path: str, value: bytes, mode: str = "overwrite") -> None:
        self.open(path, "wb", data=value)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", pipe_file)
    for write in (partial(index.append, [9999]), partial(lx.shards.build, KEYS, URL)):
        with pytest.raises(OSError, match="only if it is absent.*writes over files.*in a folder"):
            lx.shards.open(URL) and write()
        assert names() == before
    check(lx.shards.open(URL), KEYS)


def test_a_client_that_does_not_know_the_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    index, write = built(), MemoryFileSystem.pipe_file

    def pipe_file(self: Any, path: str, value: bytes) -> None:
        write(self, path, value)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", pipe_file)
    with pytest.raises(OSError, match="only if it is absent.*TypeError: .*mode"):
        lx.shards.open(URL).append([9999])
    check(index, KEYS)
    assert names() == manifests(1) + shards(0, 1, 2, 3)


class Fake(MemoryFileSystem):  # type: ignore[misc]
    """Nobody knows whether its files appear whole."""

    protocol = "fake"

    @classmethod
    def _strip_protocol(cls, path: str) -> Any:
        return super()._strip_protocol(path.replace("fake://", "memory://"))


def test_file_systems_that_are_not_known() -> None:
    fsspec.register_implementation("fake", Fake, clobber=True)
    built()
    index = lx.shards.open("fake://shop/orders")
    check(index, KEYS)
    for write in (partial(index.append, [9999]), partial(lx.shards.build, KEYS, "fake://shop/x")):
        with pytest.raises(OSError, match="created only if it is absent.*fake is not known") as e:
            write()
        assert e.value.errno == errno.ENOTSUP
    assert names() == manifests(1) + shards(0, 1, 2, 3)


def test_nothing_is_believed() -> None:
    index = built()
    path = f"/shop/orders/{manifests(1)[0]}"
    said = json.loads(MEMORY.cat_file(path))
    newer = f"/shop/orders/{manifests(7)[0]}"
    for change, text in (
        ({"version": 2}, "has version 2"),
        ({"shards": [{**said["shards"][0], "name": "../shard-00000000.lidx"}]}, "which no shard"),
        ({"boundaries": "AAAA"}, "boundaries are damaged"),
    ):
        MEMORY.pipe_file(newer, json.dumps({**said, **change}).encode())
        with pytest.raises(lx.FormatError, match=rf"{URL}/manifest-00000007\.json: .*{text}"):
            lx.shards.open(URL)
        with pytest.raises(lx.FormatError, match=text):  # nor is it written over
            lx.shards.build(KEYS, URL)
    MEMORY.rm_file(newer)
    MEMORY.pipe_file(f"/shop/orders/{manifests(99_999_999)[0]}", json.dumps(said).encode())
    with pytest.raises(ValueError, match="no names left for manifests"):
        index.append([9999])
    MEMORY.rm_file(f"/shop/orders/{manifests(99_999_999)[0]}")
    MEMORY.pipe_file("/shop/orders/shard-00000001.lidx", lx.LearnedIndex(KEYS).save(bytes))
    with pytest.raises(lx.FormatError, match=rf"{URL}/shard-00000001\.lidx: is not the shard that"):
        index.find(1000)
    MEMORY.pipe_file("/shop/orders/shard-00000001.lidx", b"")
    with pytest.raises(lx.FormatError, match=r"shard-00000001\.lidx: is empty"):
        index.find(1000)
    MEMORY.rm_file("/shop/orders/shard-00000001.lidx")
    with pytest.raises(FileNotFoundError, match=r"missing, and manifest-00000001\.json names it"):
        index.find([3, 1000])
    with pytest.raises(FileNotFoundError, match="no shards here"):
        lx.shards.open("memory://shop/other")


def test_over_http() -> None:
    built().append([5000])
    files = {path.removeprefix("/shop/"): file.getvalue() for path, file in MEMORY.store.items()}
    files["orders/manifest.json"] = files[f"orders/{manifests(1)[0]}"]
    with serving(files) as server:
        url = server.url("orders")
        index = lx.shards.open(url)
        assert len(pickle.loads(pickle.dumps(index))) == 1001
        before = len(server.requests)
        assert index.find([3, 1000, 5000, 2000, 6]).tolist() == [1, -1, 1000, -1, 2]
        assert len(server.requests) == before + 3, "one request for each small shard"
        server.misbehaves("busy", 2)
        check(lx.shards.open(url), np.append(KEYS, 5000))
        server.busy = 2
        check(lx.shards.open(url), np.append(KEYS, 5000))
        server.busy = 99
        with pytest.raises(OSError, match="/orders: cannot be listed: ClientResponseError 503"):
            lx.shards.open(url)
        server.busy = 0
        server.misbehaves("whole")
        with pytest.raises(OSError, match="ignores Range"):
            lx.shards.open(url)
        server.misbehaves("")
        with pytest.raises(OSError, match="http is not known"):
            index.append([9999])
        server.lists = False  # then it is the folder that was put there
        check(lx.shards.open(url), KEYS)
        with pytest.raises(FileNotFoundError, match="no shards here"):
            lx.shards.open(server.url("other"))


def test_without_fsspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    for ask in (lx.shards.open, partial(lx.shards.build, KEYS)):
        with pytest.raises(ImportError, match=rf"{URL}: needs fsspec, .* pip install 'learnedidx"):
            ask(URL)


def test_a_cache_on_disk(tmp_path: Path) -> None:
    built()
    options = {"simplecache": {"cache_storage": str(tmp_path)}}
    index = lx.shards.open(f"simplecache::{URL}", storage_options=options)
    check(index, KEYS)
    path = "/shop/orders/shard-00000000.lidx"
    MEMORY.pipe_file(path, bytes(MEMORY.size(path)))  # which nobody reads again
    check(pickle.loads(pickle.dumps(index)), KEYS)
    with pytest.raises(OSError, match="simplecache is not known"):
        index.append([9999])


def test_no_space_for_a_shard_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = built()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **how: io.FileIO("/dev/full", "r+"))
    with pytest.raises(OSError, match="No space left.*; make room .* by TMPDIR") as caught:
        index.find(3)
    assert caught.value.filename == str(tmp_path)


def test_a_large_shard_is_fetched_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learnedidx.interop._ranges.PIECE", 100)
    check(built(), KEYS)
