"""The installed library, also when Python runs in the folder of the source tree."""

import functools
import importlib
import sys
from pathlib import Path
from typing import Any

from benchmarks.native import ROOT


@functools.cache
def library() -> Any:
    """Import learnedidx as it is installed, and its core, which the package itself loads late.

    ``python -m`` puts the current folder first on the path, and the tree's own folder
    ``learnedidx`` has no compiled core in it: it would hide the installed library.
    """
    path = list(sys.path)
    sys.path[:] = [entry for entry in path if Path(entry or ".").resolve() != ROOT]
    try:
        importlib.import_module("learnedidx._core")
        return importlib.import_module("learnedidx")
    finally:
        sys.path[:] = path


@functools.cache
def library_missing() -> str | None:
    """Say how to install the library when it cannot be imported, else None."""
    try:
        library()
    except ImportError as error:
        return f"not installed: pip install . ({error})"
    return None
