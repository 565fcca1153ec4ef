"""Which suite runs over which keys, as data: a block is one suite over one key set."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.limits.required import MILLION, THOUSAND

OWN_SIZE = None  # real key sets have their own


class Block(NamedTuple):
    """One suite over one key set."""

    suite: str
    keys: str
    n: int | None
    large: bool = False  # hundreds of megabytes and minutes: run when asked for

    @property
    def label(self) -> str:
        """Name keys and size, as in ``uniform 10 M``."""
        return self.keys if self.n is None else f"{self.keys} {size_text(self.n)}"


def size_text(n: int) -> str:
    """Write a number of keys, as in ``100 k`` or ``10 M``."""
    for unit, size in (("M", MILLION), ("k", THOUSAND)):
        if n >= size:
            return f"{n / size:g} {unit}"
    return str(n)


SMOOTH = ("uniform", "lognormal")
REAL = ("gshhg_coast", "ip4_asn", "geonames_morton")
TRAPS = (
    "one_outlier",
    "many_outliers",
    "fb",
    "poison",
    "stair",
    "stair_equal",
    "equal",
    "two",
    "expgap",
    "runs",
)
# Suite by suite: the smallest sizes first. Sizes above 20 million are run when asked for.
SIZES: dict[str, dict[str, tuple[int | None, ...]]] = {
    "lookups": {
        **dict.fromkeys(SMOOTH, (100 * THOUSAND, MILLION, 10 * MILLION, 100 * MILLION)),
        "osm": (10 * MILLION, 50 * MILLION),
        **dict.fromkeys(REAL, (OWN_SIZE,)),
    },
    "merges": {
        **dict.fromkeys(SMOOTH, (MILLION, 10 * MILLION)),
        "osm": (10 * MILLION,),
        **dict.fromkeys(REAL, (OWN_SIZE,)),
    },
    "builds": {
        **dict.fromkeys(SMOOTH, (10 * MILLION, 100 * MILLION)),
        "osm": (10 * MILLION, 50 * MILLION),
        **dict.fromkeys(REAL, (OWN_SIZE,)),
    },
    "singles": {"uniform": (MILLION, 10 * MILLION, 100 * MILLION)},
    "published": {"uniform": (10 * MILLION,)},
    "formats": {"uniform": (MILLION, 10 * MILLION)},
    "rows": {"uniform": (MILLION, 10 * MILLION)},
    "threads": {"uniform": (10 * MILLION,)},
    "small_batches": {"uniform": (MILLION, 10 * MILLION)},
    "traps": dict.fromkeys(TRAPS, (8 * MILLION,)),
}
LARGE = 20 * MILLION

BLOCKS = tuple(
    Block(suite, keys, n, n is not None and n > LARGE)
    for suite, sizes_of in SIZES.items()
    for keys, sizes in sizes_of.items()
    for n in sizes
)


def by_keys(blocks: list[Block]) -> Iterator[tuple[tuple[str, int | None], list[Block]]]:
    """Group blocks so that each key set is made once, the small ones first."""

    def order(block: Block) -> tuple[bool, int, str]:
        return block.large, block.n or 0, block.keys

    for place, group in itertools.groupby(sorted(blocks, key=order), lambda b: (b.keys, b.n)):
        yield place, list(group)
