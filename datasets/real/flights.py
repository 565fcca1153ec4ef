"""Departure times of three million US flights from the vega-datasets package."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from datasets.keytypes import AnyKeys
from datasets.real.npm import file_bytes, find_tarball
from datasets.real.readers import reader
from datasets.real.realset import RealSet

_VERSION = "3.2.1"
_MICROSECONDS = 1_000_000


def _find() -> Path | None:
    return find_tarball("vega-datasets", _VERSION)


def extract(path: Path) -> AnyKeys:
    """Return the dates as seconds since 1970, from the tarball or its Parquet file."""
    parquet = reader("pyarrow.parquet", "pyarrow")
    content = io.BytesIO(file_bytes(path, "data/flights-3m.parquet"))
    dates = parquet.read_table(content, columns=["date"])["date"].to_numpy()
    microseconds = dates.astype("datetime64[us]").astype(np.int64)
    keys: AnyKeys = np.sort(microseconds // _MICROSECONDS).astype(np.uint64)
    return keys


FLIGHTS_3M = RealSet(
    name="flights_3m",
    dtype="uint64",
    shape="3,000,000 times in seconds, 93% of them repeats, on a grid of minutes: days and nights",
    source=f"npm vega-datasets {_VERSION}, data/flights-3m.parquet, date",
    licence="package BSD-3-Clause; data filed with the US DOT, terms not stated",
    install=f"npm pack vega-datasets@{_VERSION}",
    sha256="a8a0519aa50d88bb0edd0477495a88187a078ce3191720717c24b677ac7033a2",
    find=_find,
    extract=extract,
)
