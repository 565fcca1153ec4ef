"""Vertices of the world's coastlines from GSHHG (Wessel and Smith, J. Geophys. Res. 1996)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.keytypes import AnyKeys, Keys
from datasets.real.morton import interleave
from datasets.real.places import existing
from datasets.real.readers import reader
from datasets.real.realset import RealSet

# Where the Debian package puts the full resolution.
_PACKAGE_FILE = Path("/usr/share/gmt-gshhg/binned_GSHHS_f.nc")
_MINUTES_PER_BIN = 60
_COLUMNS = 360
_ROWS = 180
# A point's place inside its bin is a fraction of the bin's width with 16 bits.
_STEPS_PER_BIN = 1 << 16


def _find() -> Path | None:
    return existing(_PACKAGE_FILE)


def extract(path: Path) -> AnyKeys:
    """Return the Morton keys of all vertices, on a grid of 1/65536 degree."""
    with reader("h5py", "h5py").File(path, "r") as file:
        if int(file["Bin_size_in_minutes"][0]) != _MINUTES_PER_BIN:
            raise ValueError(f"{path}: bins are not of one degree: not the full resolution")
        bins = _bin_of_each_point(file)
        keys = interleave(
            _absolute(bins % _COLUMNS, file["Relative_longitude_from_SW_corner_of_bin"]),
            # The first row of bins is the northernmost.
            _absolute(
                _ROWS - 1 - bins // _COLUMNS, file["Relative_latitude_from_SW_corner_of_bin"]
            ),
        )
    keys.sort()
    return keys


def _bin_of_each_point(file: Any) -> npt.NDArray[np.int64]:
    """Return the bin number of each point: bins list segments, segments list points."""
    segments_in_bin = file["N_segments_in_a_bin"][:].astype(np.int64)
    first_point = file["Id_of_first_point_in_a_segment"][:].astype(np.int64)
    points = file["Relative_longitude_from_SW_corner_of_bin"].shape[0]
    bin_of_segment = np.repeat(np.arange(segments_in_bin.size), segments_in_bin)
    points_in_segment = np.diff(first_point, append=points)
    return np.repeat(bin_of_segment, points_in_segment)


def _absolute(bin_number: npt.NDArray[np.int64], relative: Any) -> Keys:
    """Return coordinates over the whole globe; the stored 16 bits are unsigned in truth."""
    inside = relative[:].astype(np.uint16)
    steps: Keys = (bin_number * _STEPS_PER_BIN + inside).astype(np.uint64)
    return steps


GSHHG_COAST = RealSet(
    name="gshhg_coast",
    dtype="uint64",
    shape="10,995,687 Morton keys of coast points, 2.3% repeats: fractal, as hard as keys get",
    source="Debian gmt-gshhg-full 2.3.7-7, binned_GSHHS_f.nc",
    licence="LGPL-3 or later",
    install="apt-get install gmt-gshhg-full",
    sha256="6496f1b4944b3dd034bcf0732d896abdfbe3000fce120ddbf85929640839d227",
    find=_find,
    extract=extract,
)
