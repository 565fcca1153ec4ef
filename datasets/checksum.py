"""The checksum that pins a key set."""

from __future__ import annotations

import hashlib

import numpy as np

from datasets.keytypes import AnyKeys


def sha256_of_keys(keys: AnyKeys) -> str:
    """Return the SHA-256 of the keys' bytes in little-endian order, without any header."""
    little = np.ascontiguousarray(keys, dtype=keys.dtype.newbyteorder("<"))
    return hashlib.sha256(little.view(np.uint8).data).hexdigest()
