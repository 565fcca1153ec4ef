"""What is required: for every figure its floor, and the aim where there is one.

A floor must hold; an aim is where the prototypes say that the memory system stops everyone.
"""

from typing import NamedTuple

SMOOTH = "smooth"
HARD = "hard"
SMALL = "small hard"
SHAPES = {
    "uniform": SMOOTH,
    "lognormal": SMOOTH,
    "gshhg_coast": HARD,
    "osm": HARD,
    "ip4_asn": SMALL,
    "geonames_morton": SMALL,
}
THOUSAND, MILLION = 10**3, 10**6
ANY = None


Place = tuple[str, int | None]  # keys or their shape, and a size or any


class Bound(NamedTuple):
    """What one figure must be over one key set."""

    floor: float
    aim: float | None = None


class Required(NamedTuple):
    """A figure in words, which way is better, and its bounds by keys (or shape) and size.

    Figures with the same text share a table, in which `row` tells them apart.
    """

    text: str
    at_least: bool
    bounds: dict[Place, Bound]
    row: str = ""
    percent: bool = False

    def bound(self, keys: str, n: int | None) -> Bound | None:
        """Find the bound that is nearest to these keys; None if nothing is required of them."""
        shape = SHAPES.get(keys, "")
        for place in ((keys, n), (keys, ANY), (shape, n), (shape, ANY), ("", n), ("", ANY)):
            if place in self.bounds:
                return self.bounds[place]
        return None


def _everywhere(floor: float, aim: float | None = None) -> dict[Place, Bound]:
    return {("", ANY): Bound(floor, aim)}


_BEST: dict[Place, Bound] = {
    (SMOOTH, 100 * THOUSAND): Bound(3, 4),
    (SMOOTH, 1 * MILLION): Bound(4.5, 6),
    (SMOOTH, 10 * MILLION): Bound(9, 12),
    (SMOOTH, 100 * MILLION): Bound(8, 12),
    (HARD, ANY): Bound(6),
    (SMALL, ANY): Bound(3),
}
_TREE: dict[Place, Bound] = {
    (SMOOTH, 1 * MILLION): Bound(3.5),
    (SMOOTH, 10 * MILLION): Bound(6),
    (SMOOTH, 100 * MILLION): Bound(5),
    (HARD, ANY): Bound(6),
    (SMALL, ANY): Bound(3),
}
_LEARNED: dict[Place, Bound] = {
    (SMOOTH, 10 * MILLION): Bound(0.72, 0.55),
    (SMOOTH, 100 * MILLION): Bound(0.72, 0.55),
}
_HALF: dict[Place, Bound] = {(HARD, ANY): Bound(1.7, 1.4), (SMALL, ANY): Bound(1.7, 1.4)}
_TAKE: dict[Place, Bound] = {
    (SMOOTH, 10 * MILLION): Bound(1.1, 1.0),
    (SMOOTH, 100 * MILLION): Bound(1.4, 1.0),
    (HARD, ANY): Bound(1.9),
}
_BYTES: dict[Place, Bound] = {
    ("uniform", 1 * MILLION): Bound(0.017),
    ("uniform", 10 * MILLION): Bound(0.017),
    ("lognormal", 1 * MILLION): Bound(0.025),
    ("lognormal", 10 * MILLION): Bound(0.025),
    (SMOOTH, 100 * MILLION): Bound(0.01),
    (HARD, ANY): Bound(0.143),
    (SMALL, ANY): Bound(0.143),
}
_SORTED: dict[Place, Bound] = {
    (SMOOTH, 1 * MILLION): Bound(5),
    (SMOOTH, 10 * MILLION): Bound(8),
    (SMOOTH, 100 * MILLION): Bound(5),
    (HARD, ANY): Bound(4, 8),
    (SMALL, ANY): Bound(3),
}
_BUILD: dict[Place, Bound] = {
    (SMOOTH, 10 * MILLION): Bound(5, 3),
    (SMOOTH, 100 * MILLION): Bound(5, 3),
    (HARD, ANY): Bound(12),
    (SMALL, ANY): Bound(20),
}
_LATENCY: dict[Place, Bound] = {
    ("uniform", 10 * MILLION): Bound(0.67),
    ("uniform", 100 * MILLION): Bound(0.67),
}

MODELS = ("rmi", "btree16")
PUBLISHED = ("pgm", "radix_spline")

# Figures of a suite stand together, in the order of the tables. Where the requirement gives no
# number (no cliff, linear), the floor leaves room for the noise of a quiet machine.
REQUIRED: dict[str, dict[str, Required]] = {
    "lookups": {
        "best": Required("best model or tree, times faster than np.searchsorted", True, _BEST),
        "tree": Required("better B+-tree, times faster than np.searchsorted", True, _TREE),
        "learned/tree": Required("best learned, of the better tree's time", False, _LEARNED),
        "half/tree": Required("learned in half the tree's bytes, of its time", False, _HALF),
        "best/take": Required("best, of np.take's time to fetch the answers", False, _TAKE),
        "bytes": Required("index bytes, of the keys' bytes", False, _BYTES, percent=True),
        "sorted": Required("sorted queries, times faster than np.searchsorted", True, _SORTED),
        "sorted/shuffled": Required("sorted, of ours shuffled (worst)", False, _everywhere(1)),
        "clustered/shuffled": Required(
            "runs of 256, of ours shuffled (worst)", False, _everywhere(1)
        ),
    },
    "merges": {
        "merge": Required(
            "as many sorted queries as keys, of a two-pointer merge in C++",
            False,
            _everywhere(1.3),
        ),
    },
    "builds": {
        f"build {model}": Required(
            "build, check included, of NumPy's check alone", False, _BUILD, model
        )
        for model in ("rmi", "btree", "auto")
    },
    "singles": {
        "latency": Required("single lookups in C++: RMI, of the best other", False, _LATENCY),
        **{
            f"{verb} {scalar}": Required(
                "single lookups in Python, of that latency + 4 empty calls",
                False,
                _everywhere(1),
                f"{text}, {scalar}",
            )
            for verb, text in (("searchsorted", "searchsorted"), ("in", "in"))
            for scalar in ("np.uint64", "int")
        },
    },
    "published": {
        **{
            f"{model}/lower_bound": Required(
                "published models, of std::lower_bound's time", False, _everywhere(0.07), model
            )
            for model in PUBLISHED
        },
        **{
            f"{model} against PyGM": Required(
                "published models, times faster than PyGM", True, _everywhere(5), model
            )
            for model in PUBLISHED
        },
    },
    "formats": {
        f"{model} {dtype}/uint64": Required(
            "other key formats, of the time over uint64",
            False,
            _everywhere(1.3),
            f"{model} {dtype}",
        )
        for dtype in ("int64", "float64", "uint32", "datetime64")
        for model in MODELS
    },
    "rows": {
        f"{model} {row}/avx512": Required(
            "narrower kernels, of the time with AVX-512",
            False,
            _everywhere(floor),
            f"{model} {row}",
        )
        for row, floor in (("scalar", 1.8), ("avx2", 1.4))
        for model in MODELS
    },
    "threads": {
        f"two threads {model}": Required(
            "two threads, times faster than one", True, _everywhere(1.7), model
        )
        for model in MODELS
    },
    "small_batches": {
        **{
            f"{model} of {size}/numpy": Required(
                "calls with few queries, of NumPy's time",
                False,
                _everywhere(1),
                f"{model}, {size}",
            )
            for model in MODELS
            for size in (1, 8, 64)
        },
        **{
            f"{model} cliff": Required(
                "no cliff: a query, of that in the next smaller batch (worst)",
                False,
                _everywhere(1.1),
                model,
            )
            for model in MODELS
        },
    },
    "traps": {
        "rmi/btree": Required("adversarial: RMI, of the B+-tree's time", False, _everywhere(5)),
        "auto/btree": Required("adversarial: auto, of the B+-tree's time", False, _everywhere(1.2)),
        "linear build": Required(
            "adversarial: RMI build a key, of that over an eighth of the keys",
            False,
            _everywhere(1.5),
        ),
    },
}
