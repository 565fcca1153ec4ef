"""Libraries that read file formats, imported when a set needs them."""

from __future__ import annotations

import importlib
from typing import Any


def reader(module: str, package: str) -> Any:
    """Import a reading library; a missing one is named with its install command."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        message = f"{module} reads this key set; install it with: pip install {package}"
        raise ModuleNotFoundError(message, name=error.name) from error
