"""For every figure its floor, and the aim where there is one, as data.

A floor must hold; an aim is where the prototypes say that the memory system stops everyone. Where
the requirement gives no number (no cliff, linear), the floor leaves room for the noise of a quiet
machine.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.plan import REQUIRED, Cell, Place
from benchmarks.required.figures import (
    Cells,
    Figure,
    Find,
    alone,
    beside,
    beside_latency,
    bytes_share,
    either,
    worst,
)
from benchmarks.rounds import Ratio
from benchmarks.suite import Bound
from benchmarks.suites import SUITES
from benchmarks.suites.contended import SORTEDNESS_CHECK
from benchmarks.suites.text import BUILD as TEXT_BUILD
from benchmarks.suites.text import LOOKUP, PAIRS, RANDOM, SINGLE
from benchmarks.suites.variants import ALL, BUILT, FORMATS, MODELS, PUBLISHED, SCALARS

Bounds = Mapping[Place, Bound]


class Required(NamedTuple):
    """A figure in words, how it is found, and its bounds.

    Figures with the same text share a table, in which `row` tells them apart.
    """

    text: str
    find: Find
    bounds: Bounds
    row: str = ""
    shown: Iterable[Place] = ()  # also where nothing is required

    @property
    def percent(self) -> bool:
        return self.text == SHARE

    @property
    def faster(self) -> bool:
        return "times faster" in self.text

    def figure(self, cells: Cells) -> Figure | str:
        """Find the figure in the cells of a place, or say why there is none."""
        found = self.find(cells)
        if isinstance(found, Figure) and self.faster:
            median, low, high = found.ratio
            return found._replace(ratio=Ratio(1 / median, 1 / high, 1 / low))
        return found


LEARNED, TREES = ALL[:-2], ALL[-2:]
MIXED, SORTED, CLUSTERED = (
    Cell("batch", name, REQUIRED.main_batch) for name in ("mixed", "sorted", "clustered")
)
FEW = [Cell("batch", "mixed", size) for size in REQUIRED.batches]
BUILD, LATENCY, TRAPS = Cell("build"), Cell("latency"), Cell("traps")

SHARE = "index bytes, of the keys' bytes"
Numbers = tuple[float, ...]  # the floor, and the aim if there is one


def _at(
    smooth: Mapping[int, Numbers], *, hard: Numbers = (), small: Numbers = ()
) -> dict[Place, Bound]:
    """Give bounds over smooth keys by their number, over hard ones and over small hard ones."""
    names = {"osm": hard, "gshhg_coast": hard, "ip4_asn": small, "geonames_morton": small}
    found = {Place(k, n): Bound(*b) for k in ("uniform", "lognormal") for n, b in smooth.items()}
    others = {p: Bound(*names[p.keys]) for p in REQUIRED.at if names.get(p.keys)}
    return found | others


def _in(suite: str, floor: float) -> Bounds:
    """Give the same bound wherever a suite measures."""
    return dict.fromkeys(SUITES[suite].places(REQUIRED), Bound(floor))


_BEST = _at({10**5: (3, 4), 10**6: (4.5, 6), 10**7: (9, 12), 10**8: (8, 12)}, hard=(6,), small=(3,))
_TREE = _at({10**6: (3.5,), 10**7: (6,), 10**8: (5,)}, hard=(6,), small=(3,))
_LEARNED = _at({10**7: (0.72, 0.55), 10**8: (0.72, 0.55)})
_HALF = _at({}, hard=(1.7, 1.4), small=(1.7, 1.4))
_TAKE = _at({10**7: (1.1, 1), 10**8: (1.4, 1)}, hard=(1.9,))
_BYTES = _at({10**8: (0.01,)}, hard=(0.143,), small=(0.143,)) | {
    Place(name, n): Bound(share)
    for name, share in (("uniform", 0.017), ("lognormal", 0.025))
    for n in (10**6, 10**7)
}
_SORTED = _at({10**6: (5,), 10**7: (8,), 10**8: (5,)}, hard=(4, 8), small=(3,))
_BUILD = _at({10**7: (5, 3), 10**8: (5, 3)}, hard=(12,), small=(20,))
_LATENCY = {Place("uniform", n): Bound(0.67) for n in (10**7, 10**8)}
_FEW = {Place("uniform", n): Bound(1) for n in (10**6, 10**7)}
_CLIFF = dict.fromkeys(_FEW, Bound(1.1))
_AGAIN = dict.fromkeys(REQUIRED.at, Bound(1))


_TEXT = [place for place in SUITES["text"].places(REQUIRED) if place.keys not in PAIRS]
_PAIRS = [place for place in SUITES["text"].places(REQUIRED) if place.keys in PAIRS]
_RANDOM = [place for place in _TEXT if place.keys in RANDOM]
_UTF8 = [place for place in _TEXT if place.keys != "uuid_bytes"]  # which has zeros too


def _over(places: Sequence[Place], floor: float, paths: float | None = None) -> dict[Place, Bound]:
    """Give a bound over sets of text, and that for long beginnings in common."""
    return {p: Bound(paths if paths and p.keys == "paths" else floor) for p in places}


def _equal(other: str, cell: Cell) -> Find:
    """Compare lookups of equal strings by the hash table; older records have none."""
    return either(beside("text_large", other, cell), beside("text", other, cell))


def _again(cell: Cell) -> Find:
    return worst([beside(name, name, cell, MIXED) for name in ALL])


def _lookups() -> Iterator[Required]:
    than_numpy = "times faster than np.searchsorted"
    light = beside(LEARNED, TREES, MIXED, light=True)
    for text, find, bounds in (
        (f"best model or tree, {than_numpy}", beside(ALL, "numpy", MIXED), _BEST),
        (f"better B+-tree, {than_numpy}", beside(TREES, "numpy", MIXED), _TREE),
        ("best learned, of the better tree's time", beside(LEARNED, TREES, MIXED), _LEARNED),
        ("learned in half the tree's bytes, of its time", light, _HALF),
        ("best, of np.take's time to fetch the answers", beside(ALL, "take", MIXED), _TAKE),
        (SHARE, bytes_share(MIXED), _BYTES),
        (f"sorted queries, {than_numpy}", beside(ALL, "numpy", SORTED), _SORTED),
        ("sorted, of ours shuffled (worst)", _again(SORTED), _AGAIN),
        ("runs of 256, of ours shuffled (worst)", _again(CLUSTERED), _AGAIN),
    ):
        yield Required(text, find, bounds, shown=REQUIRED.at)
    yield Required(
        "as many sorted queries as keys, of a two-pointer merge in C++",
        beside(ALL, ("merge", "merge_branchless"), Cell("merges")),
        _in("merges", 1.3),
    )
    for model in ("rmi", "btree", "auto"):
        found = beside(model, SORTEDNESS_CHECK, BUILD)
        yield Required("build, check included, of NumPy's check alone", found, _BUILD, model)


def _singles() -> Iterator[Required]:
    others = ("std::lower_bound", "tree 8", "tree 16")
    text = "single lookups in C++: RMI, of the best other"
    shown = SUITES["latency"].places(REQUIRED)
    yield Required(text, beside("rmi", others, LATENCY), _LATENCY, shown=shown)
    for verb, scalar in itertools.product(("searchsorted", "in"), SCALARS):
        yield Required(
            "single lookups in Python, of that latency + 4 empty calls",
            beside_latency(verb, scalar, LATENCY),
            _in("latency", 1),
            f"{verb}, {scalar}",
        )


def _variants() -> Iterator[Required]:
    for text, other, floor in (
        ("of std::lower_bound's time", "std::lower_bound", 0.07),
        ("times faster than PyGM", "pygm", 5),
    ):
        for model in PUBLISHED:
            found = beside(model, other, Cell("published"))
            yield Required(f"published models, {text}", found, _in("published", floor), model)
    formats, rows = "other key formats, of the time over uint64", "narrower kernels, of the time"
    for suite, text, ours, other, floor in (
        ("formats", formats, [*FORMATS][1:], "uint64", 1.3),
        ("rows", f"{rows} with AVX-512", ["scalar"], "avx512", 1.8),
        ("rows", f"{rows} with AVX-512", ["avx2"], "avx512", 1.4),
        ("threads", "two threads, times faster than one", ["x2"], "x1", 1.7),
    ):
        for one, model in itertools.product(ours, MODELS):
            row = model if suite == "threads" else f"{model} {one}"
            found = beside(f"{model} {one}", f"{model} {other}", Cell(suite))
            yield Required(text, found, _in(suite, floor), row)
    for model in BUILT:
        found = beside(f"{model} built x2", f"{model} built x1", Cell("threads"))
        text = "building by two threads, times faster than by one"
        yield Required(text, found, _in("threads", 1.6), model)


def _few() -> Iterator[Required]:
    for model, cell in itertools.product(MODELS, FEW[:3]):
        found, row = beside(model, "numpy", cell), f"{model}, {cell.batch}"
        yield Required("calls with few queries, of NumPy's time", found, _FEW, row)
    for model in MODELS:
        yield Required(
            "no cliff: a query, of that in the next smaller batch (worst)",
            worst([beside(model, model, b, a) for a, b in itertools.pairwise(FEW)]),
            _CLIFF,
            model,
        )
    for text, one, other, floor in (
        ("RMI, of the B+-tree's time", "rmi", "btree", 5),
        ("auto, of the B+-tree's time", "auto", "btree", 1.2),
        ("RMI build a key, of that over an eighth of the keys", "build", "build 1/8", 1.5),
    ):
        yield Required(f"adversarial: {text}", beside(one, other, TRAPS), _in("traps", floor))


def _text() -> Iterator[Required]:
    than = "text, times faster than"
    for name, other, bounds in (
        ("numpy_s", "np.searchsorted over S", _over(_TEXT, 10, 3)),
        ("numpy_strings", "np.searchsorted over StringDType", _over(_UTF8, 8)),
        ("polars_text", "Polars search_sorted", _over(_TEXT, 4)),
        ("absl_text", "absl::btree_set", _over(_TEXT, 6, 2.5) | _over(_PAIRS, 7)),
        ("lower_bound_text", "std::lower_bound", _over(_TEXT, 4, 1.7) | _over(_PAIRS, 3.5)),
        ("hot", "HOT", _over(_UTF8, 4, 1.8)),
    ):
        yield Required(f"{than} {other}", beside("text", name, LOOKUP), bounds)
    for name, other, bounds in (
        ("flat_hash_text", "absl::flat_hash_map, unbatched", _over(_TEXT, 1.5, 0.8)),
        ("dict_text", "map(dict.get, queries)", _over(_TEXT, 3.5)),
        ("pandas_text", "pd.Index.get_indexer", _over(_UTF8, 5)),
    ):
        yield Required(f"{than} {other}", _equal(name, LOOKUP), bounds)
    one, in_bytes = "text, in for one key,", alone("text", TEXT_BUILD, in_bytes=True)
    in_list, in_dict = (_equal(name, SINGLE) for name in ("bisect_text", "dict_text"))
    yield Required("text, of ours over uint64", beside("text", "uint64", LOOKUP), _over(_RANDOM, 7))
    yield Required(f"{one} times faster than bisect over a list", in_list, _over(_TEXT, 3))
    yield Required(f"{one} of a dict", in_dict, _over(_TEXT, 3))
    yield Required("text, bytes a key", in_bytes, _over(_TEXT + _PAIRS, 13))
    built = alone("text", TEXT_BUILD)
    yield Required("text, build in ns a key", built, _over(_TEXT + _PAIRS, 25, 80))


FIGURES = (*_lookups(), *_singles(), *_variants(), *_few(), *_text())
