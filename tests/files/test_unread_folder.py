"""Saving into a folder that may be written and not read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import learnedidx as lx


def test_a_folder_that_cannot_be_read_is_saved_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = os.open, []

    def open_no_folder(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if os.path.isdir(path):
            refused.append(path)
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", open_no_folder)
    lx.LearnedIndex([1, 2, 3]).save(tmp_path / "keys.lidx")
    monkeypatch.undo()
    assert len(refused) == int(hasattr(os, "O_DIRECTORY"))
    assert lx.open(tmp_path / "keys.lidx").find(3) == 2
