"""Starts of the IPv4 ranges that are routed as one, from the @ip-location-db/asn package."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.keytypes import AnyKeys
from datasets.real.npm import file_bytes, find_tarball, package_version
from datasets.real.realset import RealSet

_VERSION = "2.3.2026061719"


def _find() -> Path | None:
    return find_tarball("ip-location-db-asn", _VERSION)


def extract(path: Path) -> AnyKeys:
    """Return the first addresses of the ranges, from the tarball or its CSV file."""
    lines = file_bytes(path, "asn-ipv4-num.csv").splitlines()
    try:
        starts = [int(line.split(b",", 1)[0]) for line in lines]
        return np.sort(np.array(starts, dtype=np.uint32)).astype(np.uint64)
    except (ValueError, OverflowError) as error:
        message = f"{path}: a line does not start with an IPv4 address as a number: {error}"
        raise ValueError(message) from error


IP4_ASN = RealSet(
    name="ip4_asn",
    dtype="uint64",
    shape="411,961 distinct IPv4 addresses: blocks of very uneven density, with empty stretches",
    source=f"npm @ip-location-db/asn {_VERSION}, asn-ipv4-num.csv, range starts",
    licence="CC BY 4.0 (RouteViews, DB-IP, NRO)",
    install=f"npm pack @ip-location-db/asn@{_VERSION}",
    sha256="b78276bc9b5035f13bb5b0401435d61e9d083aebd27650a538fca6ae9d52696d",
    find=_find,
    extract=extract,
    version=_VERSION,
    version_of=package_version,
)
