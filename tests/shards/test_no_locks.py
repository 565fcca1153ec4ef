"""Reading a folder of shards where the file system has no locks."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

import pytest

import learnedidx as lx
from learnedidx.shards import _locks


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_folder_without_locks_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    lx.shards.build([1, 2, 3], tmp_path, rows_per_shard=2)
    opened: list[int] = []
    real = _locks._opened

    def noted(path: str) -> int:
        opened.append(real(path))
        return opened[-1]

    def without_locks(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(_locks, "_opened", noted)
    monkeypatch.setattr(fcntl, "flock", without_locks)
    with lx.shards.open(tmp_path) as index:
        (handle,) = opened
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)
        assert index.find([3, 4]).tolist() == [2, -1]
