"""Which key sets, sizes and batch sizes make up the grid, and why some cells are not there."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import datasets
from benchmarks import keysets
from benchmarks.contenders import Array
from benchmarks.keysets import KeySet
from datasets.synthetic import SYNTHETIC

SIZES = (
    *(0, 1, 2, 8, 64, 10**3, 10**4, 3 * 10**4, 10**5),
    *(3 * 10**5, 10**6, 3 * 10**6, 10**7, 10**8),
)
BATCHES = (1, 8, 64, 10**3, 10**5, 10**7)
LARGE = 10**7  # more keys than these are drawn from a few sets only
LARGE_SETS = ("uniform", "lognormal", "osm")
# The upper bits of a draw: for these the structures lie in fewer lines, or a direct table does.
NARROW = ("uniform@uint32", "osm@uint32", "uniform@uint16", "uniform@uint8")
REGISTRY = tuple(datasets.names())
SETS = (*REGISTRY, *NARROW)
REAL_SIZES = {
    "gaia_source_id": 482_106,
    "gaia_ra_f64": 482_176,
    "gshhg_coast": 10_995_687,
    "flights_3m": 3_000_000,
    "ip4_asn": 411_961,
    "geonames_id": 234_908,
    "geonames_morton": 234_908,
    "geonames_population": 234_908,
}
FEWEST_TO_LEARN = 2**16  # fewer keys: to build an RMI takes 25 checks of their order and more
LEAST = {"fb": 64}  # keys that a set has at least: fewer are every so-manieth of these
OTHERS_ROUNDS, LARGEST_ROUNDS = 11, 3


class Place(NamedTuple):
    """A key set of one size."""

    keys: str
    n: int

    @property
    def label(self) -> str:
        """Name set and size, as in ``uniform 1,000``."""
        return f"{self.keys} {self.n:,}"


def rounds_of(batch: int) -> int:
    """Give the number of rounds that a cell takes."""
    return LARGEST_ROUNDS if batch >= max(BATCHES) else OTHERS_ROUNDS


def load(place: Place, seed: int = 1) -> KeySet:
    """Make or read the keys of a place; a real set is thinned to them.

    Raises
    ------
    FileNotFoundError
        The file of a real set is not on this machine.
    ValueError
        A real set has fewer keys than that.
    """
    name, _, dtype = place.keys.partition("@")
    if place.n == 0:
        return KeySet(place.keys, load(Place(place.keys, 1), seed).keys[:0])
    found = keysets.from_name(name, max(place.n, LEAST.get(name, 0)), seed)
    if place.n < len(found.keys) and name in LEAST:
        found = KeySet(name, found.keys[:: len(found.keys) // place.n][: place.n].copy())
    if len(found.keys) < place.n:
        raise ValueError(f"the set has {len(found.keys):,} keys")
    return KeySet(place.keys, narrowed(found.keys, dtype) if dtype else found.keys)


def narrowed(keys: Array, dtype: str) -> Array:
    """Keep the upper bits of 64."""
    width = np.dtype(dtype).itemsize * 8
    return (keys >> np.uint64(64 - width)).astype(dtype)


def why_not(place: Place) -> str | None:
    """Say why a place is not in the grid, as far as that is known before loading it."""
    name = place.keys.partition("@")[0]
    if place.n > LARGE and place.keys not in LARGE_SETS:
        return f"above {LARGE:,} keys only {', '.join(LARGE_SETS)}"
    if name in SYNTHETIC:
        return None
    return None if place.n <= REAL_SIZES.get(name, place.n) else "the set has fewer keys"


def places(sets: Sequence[str], sizes: Sequence[int]) -> list[Place]:
    """List the places of the grid, small ones first.

    A real set also has its own size, which is listed with the grid's size below it.
    """
    listed = {Place(name, n): None for n in sizes for name in sets}
    for name, own in REAL_SIZES.items():
        if name in sets and max(n for n in SIZES if n <= own) in sizes:
            listed[Place(name, own)] = None
    return sorted((p for p in listed if why_not(p) is None), key=lambda place: place.n)
