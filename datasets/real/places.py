"""Where package clients put files, and where extracted keys are cached."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

_CACHE_VARIABLE = "LEARNEDIDX_DATA"


class DataMissingError(FileNotFoundError):
    """A key set's file is not on this machine; the message names the command that brings it."""


def cache_folder() -> Path:
    """Return the folder of cached keys and npm tarballs: $LEARNEDIDX_DATA or the default one."""
    chosen = os.environ.get(_CACHE_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "learnedidx"


def in_python_package(package: str, file: str) -> Path | None:
    """Return the path of a file inside an installed Python package, without importing it."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / file
        if path.is_file():
            return path
    return None


def existing(path: Path) -> Path | None:
    """Return the path if a file is there."""
    return path if path.is_file() else None
