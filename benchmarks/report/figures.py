"""The figures that pages quote, from committed records: what the templates named after them say.

`auto` is not timed by itself: its time is that of the structure that it chooses for these keys. Its
choice does not depend on the machine, so what `auto.jsonl` says of some keys also holds for what
`measured.jsonl` has of them. Times of two processors are never compared.
"""

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks import record
from benchmarks.plan import REQUIRED, RIVALS, Cell
from benchmarks.report import auto, boards
from benchmarks.report.auto import Place
from benchmarks.report.measured import NAMES, Measured
from benchmarks.suites import containers
from benchmarks.suites.contended import SORTEDNESS_CHECK

PROCESSORS = {
    "Intel(R) Xeon(R) Processor (family 6, model 167)": "Xeon",
    "AMD EPYC (family 25, model 1)": "Zen 3",
    "AMD EPYC (family 25, model 17)": "Zen 4",
    "AMD EPYC (family 26, model 2)": "Zen 5",
}
STRUCTURES = {
    "rmi": "RMI",
    "pgm": "PGM",
    "radix_spline": "RadixSpline",
    "btree8": "B+-tree",
    "btree16": "B+-tree",
    "none": "no model",
}
BATCH, ONE = 100_000, 1
MILLION = 10**6
ROWS = (
    *((Place("uniform", n), BATCH) for n in (10**5, 10**6, 10**7, 10**8)),
    *((Place(name, n), BATCH) for name in ("lognormal", "osm") for n in (10**5, 10**7)),
    (Place("ip4_asn", 411_961), BATCH),
    (Place("geonames_morton", 234_908), BATCH),
    *((Place(name, 10**7), BATCH) for name in ("expgap", "two")),
    (Place("uniform", 10**6), ONE),
    (Place("wiki", 10**7), ONE),
)
FASTER = 1.05  # a structure that is ahead of auto by less than this is as fast
TEXT_RIVALS = {
    "numpy_s": "`np.searchsorted` over `S`",
    "polars_text": "Polars",
    "dict_text": "`map(dict.get, queries)`",
    "pandas_text": "`get_indexer` of pandas",
    "absl_text": "`absl::btree_set`",
    "flat_hash_text": "`absl::flat_hash_map`",
}
EQUAL = ("dict_text", "pandas_text", "flat_hash_text")  # look up equal strings alone
# The table of all models.
OF_MODELS = "AMD EPYC (family 26, model 2)"
HARD = ("osm", "gshhg_coast", "ip4_asn", "geonames_morton")
MIXED, SORTED = (Cell("batch", name, REQUIRED.main_batch) for name in ("mixed", "sorted"))
MODEL_ROWS: tuple[tuple[str, int | None], ...] = (
    *(("uniform", n) for n in (10**5, 10**6, 10**7, 10**8)),
    *(("lognormal", n) for n in (10**6, 10**7, 10**8)),
    *(("osm", 10**7), *((name, None) for name in HARD[1:])),
)


@functools.cache
def kept() -> list[Measured]:
    """Read the committed cells, the oldest first."""
    return [Measured(one) for one in record.measured(record.read(record.KEPT))]


def of_suite(name: str) -> list[Measured]:
    """Give the newest cells of a suite, all of the card that was used last."""
    mine = [one for one in kept() if one.record.get("suite") == name]
    return of_card(mine, mine[-1].record["card"])


def of_card(found: Iterable[Measured], card: str) -> list[Measured]:
    """Give the newest cells of a card."""
    return list({one.key: one for one in found if one.record["card"] == card}.values())


def said(found: Iterable[Measured]) -> dict[str, str]:
    """Describe the machine of some cells; of what differs among them, all that there is."""
    cards = [one.machine for one in found]
    return {name: ", ".join(sorted({card.get(name, "?") for card in cards})) for name in cards[-1]}


@functools.cache
def lookups() -> dict[tuple[Place, int], dict[str, Measured]]:
    """Give the newest times of each processor; those of the suite `auto` where it has some."""
    cells: dict[tuple[Place, int], dict[str, Measured]] = {}
    asked = {Cell("batch", "mixed", ONE): ONE, MIXED: BATCH}
    for one in kept():
        if one.cell in asked:
            place = Place(one.keys, one.length), asked[one.cell]
            cells.setdefault(place, {})[one.machine["cpu"]] = one
    for known in auto.read():
        cells.setdefault((known.place, known.batch), {})[known.cpu] = known
    return cells


@functools.cache
def chosen() -> dict[Place, str]:
    """Say which structure `auto` uses over which keys."""
    return {one.place: one.auto for one in auto.read()}


def readme() -> dict[str, Any]:
    return {
        "processors": PROCESSORS,
        "rows": [_row(place, batch) for place, batch in ROWS],
        "machines": [_shown(processor) for processor in PROCESSORS],
        "hard": _hard_keys(),
        "board": _board(),
        "text": _text(),
        "tree": _tree(),
    }


def _row(place: Place, batch: int) -> dict[str, Any]:
    timed, choice = lookups()[place, batch], chosen()[place]
    mine = {processor: timed.get(processor) for processor in PROCESSORS}
    cells = [one if one and choice in one.times else None for one in mine.values()]
    return {
        "label": label(*place) + (", one a call" if batch == ONE else ""),
        "choice": choice,
        "auto": STRUCTURES[choice],
        "cells": cells,
        "faster": [
            f"{name}: {ahead}"
            for name, one in zip(PROCESSORS.values(), cells, strict=True)
            if one and (ahead := _ahead(one, choice))
        ],
    }


def _ahead(one: Measured, choice: str) -> str:
    """Name the structure of this library that is the furthest ahead of what auto chose."""
    ours = [name for name in one.times if name in STRUCTURES or name.startswith("pgm")]
    best = max(ours, key=lambda name: one.against(choice, name).median)
    if (times := one.against(choice, best).median) < FASTER:
        return ""
    name = STRUCTURES.get(best) or f"PGM({best.removeprefix('pgm')})"
    if name == STRUCTURES[choice]:
        name += f"(node={best.removeprefix('btree')})"
    return f"{name} {times:.2f}x"


def _shown(processor: str) -> dict[str, Any]:
    """Say what was measured on a processor, with which versions, when, and how evenly."""
    timed = [
        (place, one) for place, batch in ROWS if (one := lookups()[place, batch].get(processor))
    ]
    kept = [
        one.against("numpy", choice)
        for place, one in timed
        if (choice := chosen()[place]) in one.times
    ]
    return said(one for _, one in timed) | {
        "low": min(one.low / one.median for one in kept),
        "high": max(one.high / one.median for one in kept),
        "queries": sorted({one.cell.batch for _, one in timed} - {ONE}),
    }


def _board() -> dict[str, Any]:
    """Count the cells of the newest leaderboard in which a rival is ahead of auto."""
    found = [one for one in kept() if one.cell.verb in boards.VERBS and "auto" in one.times]
    found = [one for one in found if one.record[record.PLAN] in ("small", "full")]
    card, plan = (found[-1].record[field] for field in ("card", record.PLAN))
    cells = of_card((one for one in found if one.record[record.PLAN] == plan), card)
    builds = [one for one in cells if one.cell.verb == "build"]
    return {
        "size": "" if plan == "full" else f" SIZES={plan}",
        "counted": {one.length if one.n is None else one.n for one in cells},
        "machine": found[-1].machine,
        "lookups": _lost([one for one in cells if one.cell.verb != "build"]),
        "builds": _lost(builds),
    }


def _lost(cells: Sequence[Measured]) -> str:
    """Say in how many cells another library is ahead, and which."""
    faster = [
        [name for name in one.times if name in RIVALS and one.middle(name) < one.middle("auto")]
        for one in cells
    ]
    ahead = Counter(name for names in faster for name in names)
    names = ", ".join(f"{NAMES.get(name, name)} {count}" for name, count in ahead.most_common())
    return f"{sum(map(bool, faster))} of {len(cells)}" + (f" ({names})" if names else "")


def _asked(one: Measured, rival: str) -> str:
    """Name what stands beside a rival over text: the hash table, where only equality is asked."""
    return "text_large" if rival in EQUAL and "text_large" in one.times else "text"


def _text() -> dict[str, Any]:
    """Say how many times faster lookups of text are than each rival, from its worst set on."""
    newest = [one for one in of_suite("text") if one.cell.verb == "text"]
    ratios = {
        rival: sorted(
            (one.middle(name) / one.middle(_asked(one, name)), label(one.keys, one.length))
            for one in newest
            if {name, "text"} <= one.times.keys()
        )
        for name, rival in TEXT_RIVALS.items()
    }
    sets = dict.fromkeys(one.keys for one in newest)
    return {"ratios": ratios, "sets": sets, "machine": newest[-1].machine}


def _tree() -> dict[str, Any]:
    newest = of_suite("tree")

    def worst(verb: str) -> tuple[float, str]:
        return max(
            (one.middle("tree") / one.middle("absl"), label(one.keys, one.length))
            for one in newest
            if one.cell.verb == verb
        )

    inserts = {part: worst(f"insert, {part}") for part in ("median", "99.9 %", "slowest")}
    return {"bytes": worst("bytes, loaded")[0], **inserts, "machine": newest[-1].machine}


def of_cell(cell: Cell, *names: str) -> dict[tuple[str, int | None], Measured]:
    """Give the newest records of a cell with these contenders, all of the models' processor."""
    return {
        (one.keys, one.n): one
        for one in kept()
        if one.cell == cell and one.machine["cpu"] == OF_MODELS and {*names} <= one.times.keys()
    }


def _lookups() -> dict[tuple[str, int | None], Measured]:
    found = of_cell(MIXED, "take", "pgm12")
    return {keys: found[keys] for keys in MODEL_ROWS if keys in found}


def _better_tree(one: Measured) -> float:
    return min(map(one.middle, ("btree8", "btree16")))


def _hard_keys() -> dict[str, Any]:
    hard = [(one, _better_tree(one)) for keys, one in _lookups().items() if keys[0] in HARD]
    times = {name: [one.middle(name) / tree for one, tree in hard] for name in ("pgm12", "rmi")}
    return {"sets": HARD[1:], "processor": OF_MODELS, **times}


def models() -> dict[str, Any]:
    found, ordered = _lookups(), of_cell(SORTED, "pgm12")
    calls = of_cell(Cell("batch", "mixed", 1), "rmi", "numpy")
    builds = of_cell(Cell("build"), "rmi", "btree", "auto")
    return {
        "machine": said(found.values()),
        "rows": [_model_row(one, ordered[keys]) for keys, one in found.items()],
        "share": {
            name: [one.nbytes[name] / (8 * one.length) * 100 for one in found.values()]
            for name in ("rmi", "pgm12", "btree8")
        },
        "calls": [(n, calls["uniform", n]) for n in (10**6, 10**7)],
        "builds": {
            name: [
                one.against(name, SORTEDNESS_CHECK).median
                for (_, n), one in builds.items()
                if n == 10**7
            ]
            for name in ("rmi", "btree", "auto")
        },
    }


def _model_row(one: Measured, in_order: Measured) -> dict[str, Any]:
    ours = [*(one.middle(name) for name in ("rmi", "pgm12", "radix_spline")), _better_tree(one)]
    ordered = {name: in_order.middle(name) for name in in_order.times}
    rival = ordered.pop("numpy")
    rest = {"label": label(one.keys, one.length), "ordered": (min(ordered.values()), rival)}
    return rest | {"ours": ours, "numpy": one.middle("numpy"), "take": one.middle("take")}


def sorted_containers() -> dict[str, Any]:
    """Give what the tables of sorted containers show: one for each processor."""
    mine = [one for one in kept() if one.record.get("suite") == "containers" and one.n == MILLION]
    newest = {one.machine["cpu"]: one.record["card"] for one in mine}
    tables = [of_card(mine, card) for card in reversed(newest.values())]
    rivals = ("sortedcontainers", "BTrees", "pysorteddict")
    return {
        "tables": [
            {
                "cells": cells,
                "machine": cells[-1].machine | {"commit": said(cells)["commit"]},
                "caveat": containers.caveat(cells[-1].machine["date"]),
                "names": [name for name in rivals if any(name in one.times for one in cells)],
            }
            for cells in tables
        ],
        "held": containers.BESIDE,
    }


def label(keys: str, n: int) -> str:
    """Name keys and their number, as in ``osm-like, 10 M``."""
    name = "osm-like" if keys == "osm" else keys
    return f"{name}, {n / 10**6:.0f} M" if n >= 10**6 else f"{name}, {n / 10**3:.0f} k"
