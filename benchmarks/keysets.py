"""Where the keys of a run come from: a named data set, or anyone's own file."""

import dataclasses
import zlib
from pathlib import Path

import numpy as np

import datasets
from benchmarks.contenders.contender import Array, load, not_installed
from datasets.synthetic import SYNTHETIC

DEFAULT_SIZE = 10_000_000  # of a made key set: larger than the caches of today's machines
LEAST = {"fb": 64}  # keys that a made set has at least: fewer are taken from these


@dataclasses.dataclass(frozen=True)
class KeySet:
    """Sorted keys and the name that tables give them."""

    name: str
    keys: Array

    @property
    def label(self) -> str:
        """Name, size and dtype, as in ``uniform · 1,000,000 uint64``."""
        return f"{self.name} · {len(self.keys):,} {self.kind}"

    @property
    def kind(self) -> str:
        """Name the dtype, or say what the keys are positions of."""
        return str(getattr(self.keys, "kind", self.keys.dtype))

    @property
    def digest(self) -> str:
        """Eight digits that tell these keys from other ones."""
        return f"{zlib.crc32(np.ascontiguousarray(self.keys).view(np.uint8)):08x}"


def from_file(path: str | Path) -> KeySet:
    """Load keys from a file, sort them if they are not sorted, and refuse other shapes.

    It is a file of NumPy (.npy), of the SOSD benchmark, or a column: ``FILE.parquet:COLUMN``.
    """
    name, _, column = str(path).partition(".parquet:")
    if column:
        return _sorted(f"{Path(name).name}.{column}", _parquet(f"{name}.parquet", column), path)
    with open(path, "rb") as file:
        is_numpy = file.read(6) == b"\x93NUMPY"
    try:
        keys = np.load(path) if is_numpy else _sosd(Path(path))
    except (ValueError, EOFError) as error:  # NumPy does not name the file
        raise ValueError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from error
    return _sorted(Path(path).stem, keys, path)


def _parquet(file: str, column: str) -> Array:
    if why := not_installed("pyarrow", "pyarrow"):
        raise ValueError(f"{file}: columns are read with pyarrow, which is {why}")
    schema = load("pyarrow.parquet").read_schema(file)
    if column not in schema.names:
        raise ValueError(f"{file}: no column {column!r}; there are {', '.join(schema.names)}")
    found = load("pyarrow.parquet").read_table(file, columns=[column]).column(column)
    if found.null_count:  # integers would become floats, and large ones other numbers
        raise ValueError(f"{file}: column {column!r} has {found.null_count} nulls; leave them out")
    keys: Array = found.to_numpy()
    return keys


def _sosd(path: Path) -> Array:
    """Map a binary of SOSD: the number of keys in 64 bits, then as many keys of 32 or 64 bits."""
    size = path.stat().st_size
    count = int(np.fromfile(path, "<u8", 1)[0]) if size >= 8 else 0
    for dtype in ("<u8", "<u4"):
        if count > 0 and size == 8 + count * np.dtype(dtype).itemsize:
            return np.memmap(path, dtype, "r", offset=8)
    raise ValueError(
        f"{path}: {size} bytes, neither a .npy file nor a count of 64 bits and then as many keys"
    )


def _sorted(name: str, keys: Array, path: str | Path) -> KeySet:
    if keys.ndim != 1 or len(keys) == 0:
        raise ValueError(f"{path}: expected a 1-D array with at least one key, got {keys.shape}")
    if keys.dtype.kind not in "biufmM" or keys.dtype.itemsize > 8:
        raise ValueError(f"{path}: expected numbers or times of up to 8 bytes, got {keys.dtype}")
    keys = keys.astype(keys.dtype.newbyteorder("="), copy=False)  # some rivals take no other
    if not bool((keys[1:] >= keys[:-1]).all()):
        keys = np.sort(keys)
    return KeySet(name, keys)


def from_name(name: str, n: int | None = None, seed: int = 1) -> KeySet:
    """Load a named data set; a real one has its own size, and `n` then takes every k-th key.

    ``NAME@uint16`` has the upper bits of its keys.
    """
    base, _, dtype = name.partition("@")
    if base in SYNTHETIC:
        drawn = DEFAULT_SIZE if n is None else max(n, LEAST.get(base, 1))
        keys = datasets.load(base, n=drawn, seed=seed)
    else:
        keys = datasets.load(base)
    if dtype:
        bits = 8 * np.dtype(dtype).itemsize
        keys = (keys >> np.uint64(64 - bits)).astype(dtype)
    if n is None or n >= len(keys):
        return KeySet(name, keys)
    chosen = np.linspace(0, len(keys) - 1, n).astype(np.int64)
    return KeySet(f"{name} (thinned)", np.ascontiguousarray(keys[chosen]))
