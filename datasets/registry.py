"""All key sets by name."""

from __future__ import annotations

from pathlib import Path

from datasets.keytypes import AnyKeys
from datasets.real.flights import FLIGHTS_3M
from datasets.real.gaia import GAIA_RA_F64, GAIA_SOURCE_ID
from datasets.real.geonames import GEONAMES_ID, GEONAMES_MORTON, GEONAMES_POPULATION
from datasets.real.gshhg import GSHHG_COAST
from datasets.real.ip4_asn import IP4_ASN
from datasets.synthetic import SYNTHETIC, gen

_REAL_SETS = (
    GAIA_SOURCE_ID,
    GAIA_RA_F64,
    GSHHG_COAST,
    FLIGHTS_3M,
    IP4_ASN,
    GEONAMES_ID,
    GEONAMES_MORTON,
    GEONAMES_POPULATION,
)
REAL = {entry.name: entry for entry in _REAL_SETS}


def names() -> list[str]:
    """Return the names of all sets: the real ones, then the synthetic ones."""
    return [*REAL, *SYNTHETIC]


def load(name: str, n: int | None = None, seed: int = 1, path: str | Path | None = None) -> AnyKeys:
    """Return the sorted keys of a set.

    Parameters
    ----------
    name
        One of ``names()``.
    n
        The number of keys: synthetic sets need it, real ones have theirs.
    seed
        The seed of a synthetic set.
    path
        The file of a real set, where it is not at the place its package puts it.

    Raises
    ------
    DataMissingError
        A real set's file is not on this machine (a FileNotFoundError); names the command.
    ValueError
        The name is unknown, an argument does not go with the set, or the keys read are not the
        pinned ones.
    """
    if name in REAL:
        if n is not None:
            raise ValueError(f"{name} is a real set with its own size: leave n out, got n={n}")
        return REAL[name].load(path)
    if name not in SYNTHETIC:
        raise ValueError(f"no key set {name!r}; there are {', '.join(names())}")
    if path is not None:
        raise ValueError(f"{name} is made, not read: leave path out, got path={str(path)!r}")
    if n is None:
        raise ValueError(f"{name} is a synthetic set: say its size, as in load({name!r}, n=10**6)")
    return gen(name, n, seed)


def describe(name: str) -> str:
    """Return what a set is: its shape and, for a real one, its source, licence and command."""
    if name in REAL:
        real = REAL[name]
        return f"{name}: {real.shape}. From {real.source}. {real.licence}. Install: {real.install}"
    if name in SYNTHETIC:
        return f"{name}: {SYNTHETIC[name].shape}. Synthetic."
    raise ValueError(f"no key set {name!r}; there are {', '.join(names())}")
