"""The binary format of SOSD's key files: a count, then the keys, all little-endian.

SOSD ("SOSD: a benchmark for learned indexes", Kipf et al., MLForSystems 2019) names the key's width
at the end of the file's name: ``books_200M_uint32``, ``osm_cellids_200M_uint64``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np

from datasets.atomic import replacing
from datasets.keytypes import AnyKeys

_COUNT = np.dtype("<u8")
_KeyType: TypeAlias = np.dtype[np.uint32] | np.dtype[np.uint64]
_KEYS_BY_BITS: dict[int, _KeyType] = {32: np.dtype("<u4"), 64: np.dtype("<u8")}


def read_sosd(path: str | Path, bits: int | None = None, *, mmap: bool = False) -> AnyKeys:
    """Return the keys of a SOSD file, in the file's order.

    Parameters
    ----------
    path
        The file.
    bits
        32 or 64; None takes it from the end of the name, ``_uint32`` or ``_uint64``.
    mmap
        Map the file read-only instead of reading it: time and memory do not depend on its size.

    Raises
    ------
    ValueError
        The width is unknown, or the file's size is not 8 bytes and its count of keys.

    Examples
    --------
    >>> keys = read_sosd("osm_cellids_200M_uint64", mmap=True)  # doctest: +SKIP
    """
    file = Path(path)
    key = _key_dtype(file, bits)
    count = _checked_count(file, key)
    if count == 0:
        return np.empty(0, dtype=key)
    if mmap:
        return np.memmap(file, dtype=key, mode="r", offset=_COUNT.itemsize, shape=(count,))
    return np.fromfile(file, dtype=key, count=count, offset=_COUNT.itemsize)


def write_sosd(path: str | Path, keys: AnyKeys, bits: int | None = None) -> None:
    """Write keys as a SOSD file, whole or not at all.

    Parameters
    ----------
    path
        The file, replaced if it exists.
    keys
        A one-dimensional array of uint32 or uint64, as wide as the name or ``bits`` says.
    bits
        As in ``read_sosd``.

    Raises
    ------
    ValueError
        The width is unknown, or the keys are of another one, or not one-dimensional.
    """
    file = Path(path)
    key = _key_dtype(file, bits)
    if keys.ndim != 1 or keys.dtype.newbyteorder("<") != key:
        shape = f"{keys.dtype} of shape {keys.shape}"
        raise ValueError(f"keys: {file.name} takes a one-dimensional array of {key}, got {shape}")
    with replacing(file) as out:
        np.array([keys.size], dtype=_COUNT).tofile(out)
        np.ascontiguousarray(keys, dtype=key).tofile(out)


def _key_dtype(file: Path, bits: int | None) -> _KeyType:
    """Return the dtype of the keys from the argument, else from the name."""
    if bits is None:
        bits = next((b for b in _KEYS_BY_BITS if file.name.endswith(f"_uint{b}")), None)
        if bits is None:
            raise ValueError(
                f"bits: {file.name!r} does not end in _uint32 or _uint64: say bits=32 or bits=64"
            )
    if bits not in _KEYS_BY_BITS:
        raise ValueError(f"bits={bits} is neither 32 nor 64")
    return _KEYS_BY_BITS[bits]


def _checked_count(file: Path, key: _KeyType) -> int:
    """Return the number of keys after checking it against the file's size."""
    size = file.stat().st_size
    if size < _COUNT.itemsize:
        raise ValueError(f"{file}: {size} bytes are too few for the count of a SOSD file")
    count = int(np.fromfile(file, dtype=_COUNT, count=1)[0])
    expected = _COUNT.itemsize + count * key.itemsize
    if size != expected:
        bits = 8 * key.itemsize
        raise ValueError(f"{file}: {size} bytes, but {count} keys of {bits} bits take {expected}")
    return count
