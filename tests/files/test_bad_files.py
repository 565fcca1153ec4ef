"""Bad paths, foreign files and other keys: an error that names the file and what to do."""

import io
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.files.test_round_trip import KEYS, blob_of

BLOB = blob_of()
ALONE = blob_of(keys=False)


def changed(at: int, value: int) -> bytes:
    blob = bytearray(BLOB)
    blob[at] = value
    return bytes(blob)


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "foreign": (b"\x93NUMPY" + bytes(500), "is no .lidx file"),
    "text": (b"[index]\nkeys = 5\n", "is no .lidx file"),
    "short": (BLOB[:100], "is truncated"),
    "cut": (BLOB[:-1], "is truncated"),
    "long": (BLOB + b"\0", "is longer"),
    "newer": (changed(8, 2), "newer version"),
    "big-endian": (changed(12, 4), "is not little-endian"),
    "flipped": (changed(41, 9), "checksum of its header"),
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("mmap", [True, False])
def test_contents(content: str, mmap: bool, tmp_path: Path) -> None:
    data, message = CONTENTS[content]
    path = tmp_path / "some.lidx"
    path.write_bytes(data)
    with pytest.raises(lx.FormatError, match=message) as caught:
        lx.open(path, mmap=mmap)
    assert str(path) in str(caught.value)
    if data:
        with pytest.raises(lx.FormatError, match=message):
            lx.open(data)


def test_paths(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.lidx"):
        lx.open(tmp_path / "missing.lidx")
    with pytest.raises(IsADirectoryError, match="name a .lidx file"):
        lx.open(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(lx.FormatError, match="no regular file"):
        lx.open(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(os.path.relpath(tmp_path / "door"))
        with pytest.raises((OSError, lx.FormatError)):
            lx.open(tmp_path / "door")


def test_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "some.lidx"
    path.write_bytes(BLOB)
    path.chmod(0)
    lx.open(BLOB)  # whatever is imported on use is imported
    user = os.geteuid()
    try:
        if user == 0:  # who may read everything
            os.seteuid(65534)
        with pytest.raises(PermissionError, match=r"some\.lidx"):
            lx.open(path)
    finally:
        os.seteuid(user)


def test_file_objects() -> None:
    stream = io.BytesIO(BLOB)
    lx.open(stream)
    with pytest.raises(lx.FormatError, match=r"seek\(0\)"):
        lx.open(stream)
    stream.close()
    with pytest.raises(lx.FormatError, match="closed"):
        lx.open(stream)
    with pytest.raises(ValueError, match="closed"):
        lx.LearnedIndex(KEYS).save(stream)
    with pytest.raises(TypeError, match="binary mode"):
        lx.open(io.StringIO("text"))  # type: ignore[arg-type]


OTHERS: dict[str, tuple[Callable[[], Any], str]] = {
    "dtype": (lambda: KEYS.astype(np.int64), "dtype int64"),
    "length": (lambda: KEYS[:-1], "4999 keys"),
    "first": (lambda: np.concatenate([KEYS[:1] - 1, KEYS[1:]]), "first key"),
    "last": (lambda: np.concatenate([KEYS[:-1], KEYS[-1:] + 1]), "last key"),
    "inside": (lambda: np.sort(np.concatenate([KEYS[:1], KEYS[1:-1] + 1, KEYS[-1:]])), "sampled"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_other_keys(other: str) -> None:
    make, message = OTHERS[other]
    with pytest.raises(lx.FormatError, match=message) as caught:
        lx.open(ALONE, keys=make())
    assert "pass the keys that it was saved with" in str(caught.value)


def test_one_other_key_shows_in_full() -> None:
    keys = KEYS.copy()
    at = np.flatnonzero(np.diff(keys) > 1)[:2000]
    at = next(i for i in at if not _is_sampled(i, len(keys)))
    keys[at] += 1
    lx.open(ALONE, keys=keys)
    with pytest.raises(lx.FormatError, match="checksum"):
        lx.open(ALONE, keys=keys, verify="full")


def _is_sampled(i: int, n: int) -> bool:
    each, rest = divmod(n - 1, 1023)
    return any(each * s + rest * s // 1023 == i for s in range(1024))


def test_arguments(tmp_path: Path) -> None:
    index = lx.LearnedIndex(KEYS)
    for bad, kind, message in (
        (lambda: lx.open(5), TypeError, "path"),  # type: ignore[arg-type]
        (lambda: lx.open(BLOB, verify="all"), ValueError, "verify"),
        (lambda: lx.open(BLOB, mmap="yes"), TypeError, "mmap"),  # type: ignore[arg-type]
        (lambda: index.save(5), TypeError, "path"),  # type: ignore[call-overload]
        (lambda: index.save(tmp_path), OSError, "name a file to save to"),
        (lambda: index.save(tmp_path / "no" / "index"), FileNotFoundError, "no"),
        (lambda: index.save(bytes, values=np.arange(3)), ValueError, "values"),
        (lambda: index.save(bytes, values=np.full(len(KEYS), None)), TypeError, "values"),
        (lambda: lx.open(ALONE).save(bytes), ValueError, "keys"),
        (lambda: lx.open(ALONE).searchsorted(3), ValueError, r"keys=keys"),
        (lambda: 3 in lx.open(ALONE), ValueError, r"keys=keys"),
        (lambda: lx.open(ALONE).keys, ValueError, r"keys=keys"),
        (lambda: lx.open(ALONE).explain(3), ValueError, r"keys=keys"),
    ):
        with pytest.raises(kind, match=message):
            bad()


def test_a_damaged_model_does_not_certify() -> None:
    damaged = bytearray(ALONE)
    damaged[-100] ^= 1
    index = lx.open(damaged)
    for query in (KEYS[5], KEYS[:5]):
        with pytest.raises(lx.FormatError, match="checksum"):
            index.bounds(query)
    with pytest.raises(lx.FormatError, match="checksum"):
        lx.open(damaged, verify="full")
