"""A cache of extracted keys: one .npy file a set, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.atomic import replacing
from datasets.checksum import sha256_of_keys
from datasets.keytypes import AnyKeys
from datasets.real.places import cache_folder


def cached_file(name: str) -> Path:
    """Return where the keys of a set are cached."""
    return cache_folder() / f"{name}.npy"


def cached_keys(name: str, dtype: str, sha256: str) -> AnyKeys | None:
    """Return the cached keys, or None where there are none or they are damaged."""
    try:
        keys: AnyKeys = np.load(cached_file(name), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    sound = keys.ndim == 1 and keys.dtype == dtype and sha256_of_keys(keys) == sha256
    return keys if sound else None


def store(name: str, keys: AnyKeys) -> None:
    """Cache the keys of a set.

    A folder that cannot be written is no error: the next load extracts again.
    """
    target = cached_file(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as file:
            np.save(file, keys)
    except OSError:
        return
