"""The table of all models in docs/speed.md, from the committed records, with their machine."""

import textwrap
from collections.abc import Sequence

from benchmarks import record
from benchmarks.plan import REQUIRED, Cell
from benchmarks.record import Record
from benchmarks.rounds import ratio
from benchmarks.suites.contended import SORTEDNESS_CHECK
from benchmarks.tables import nanoseconds_text, three_digits

BEGIN = "<!-- figures of models: python -m benchmarks report --readme -->"
END = "<!-- end of figures of models -->"
PROCESSOR = "AMD EPYC (family 26, model 2)"
HARD = ("osm", "gshhg_coast", "ip4_asn", "geonames_morton")
MIXED, SORTED = (Cell("batch", name, REQUIRED.main_batch) for name in ("mixed", "sorted"))
COLUMNS = {"rmi": "RMI", "pgm12": "PGM(12)", "radix_spline": "RadixSpline"}
ROWS = (
    ("uniform", 100_000),
    ("uniform", 1_000_000),
    ("uniform", 10_000_000),
    ("uniform", 100_000_000),
    ("lognormal", 1_000_000),
    ("lognormal", 10_000_000),
    ("lognormal", 100_000_000),
    ("osm", 10_000_000),
    ("gshhg_coast", None),
    ("ip4_asn", None),
    ("geonames_morton", None),
)
HEAD = (
    "| keys | RMI | PGM(12) | RadixSpline | B+-tree | `np.searchsorted` | `np.take` "
    "| sorted queries, best / NumPy |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


def text() -> str:
    """Write all that stands between the two marks, with the marks."""
    said = (_filled(line) for line in (_bytes(), _calls(), _builds()))
    parts = (_machine().rstrip() + "\n\n" + table(), *said)
    return f"{BEGIN}\n{''.join(part.rstrip() + chr(10) for part in parts)}{END}\n"


def _machine() -> str:
    found = [one[record.MACHINE] for one in lookups().values()]
    card = found[-1]
    commits = ", ".join(sorted({one["commit"] for one in found}))
    return textwrap.fill(
        "Nanoseconds a lookup: 2 million shuffled uint64 queries in a call, half of them present, "
        "one thread, from Python; medians of 7 interleaved rounds in one process (`python -m "
        f"benchmarks run required`). {card['cpu']}, {card['python']}, NumPy {card['numpy']}, "
        f"{card['compiler']}, {card['date']}, commit {commits}.",
        110,
    )


def of_cell(cell: Cell, *names: str) -> dict[tuple[str, int | None], Record]:
    """Give the newest committed record of a cell with these contenders, all of one processor."""
    return {
        (one["set"], one["n"]): one
        for one in record.measured(record.read(record.KEPT))
        if record.key(one)[2] == cell
        and one[record.MACHINE]["cpu"] == PROCESSOR
        and one["times"].keys() >= {*names}
    }


def lookups() -> dict[tuple[str, int | None], Record]:
    """Give the records that the table is made of."""
    found = of_cell(MIXED, "take", "pgm12")
    return {keys: one for keys, one in found.items() if keys in ROWS}


def table() -> str:
    """Write the table of nanoseconds a lookup."""
    found, ordered = lookups(), of_cell(SORTED, "pgm12")
    return HEAD + "\n".join(_row(found[keys], ordered[keys]) for keys in ROWS if keys in found)


def _bytes() -> str:
    found = lookups().values()

    def share(name: str) -> str:
        each = [one["bytes"][name] / (8 * one["length"]) * 100 for one in found]
        return _span(each, " %")

    return (
        "`np.take` fetches the keys at answers that are known beforehand: what memory alone asks "
        f"for. Beside the keys, the RMI takes {share('rmi')} of their bytes, PGM(12) "
        f"{share('pgm12')}, the trees {share('btree8')}."
    )


def hard_keys() -> str:
    """Say what learned models lose to the tree over hard keys."""
    hard = [one for keys, one in lookups().items() if keys[0] in HARD]
    found = [record.medians(one) for one in hard]
    pgm, rmi = ([one[name] / _tree(one) for one in found] for name in ("pgm12", "rmi"))
    return (
        f"On hard keys (osm-like, {', '.join(HARD[1:])}) every learned model loses to the B+-tree "
        f"of this library in batches: PGM(12) takes {_span(pgm)} times its time, the RMI "
        f"{_span(rmi)} times ({PROCESSOR}). `auto` uses the tree there."
    )


def _calls() -> str:
    found = of_cell(Cell("batch", "mixed", 1), "rmi", "numpy")
    costs = []
    for n in (10**6, 10**7):
        one = record.medians(found["uniform", n])
        mine, theirs = three_digits(one["rmi"]), three_digits(one["numpy"])
        costs.append(f"{mine} ns at {n // 10**6} M uniform keys (`np.searchsorted` {theirs})")
    return f"A batch of one query costs {' and '.join(costs)}."


def _builds() -> str:
    builds = of_cell(Cell("build"), "rmi", "btree", "auto")
    found = [one["times"] for keys, one in builds.items() if keys[1] == 10**7]
    rmi, tree, auto = (
        [ratio(times[name], times[SORTEDNESS_CHECK]).median for times in found]
        for name in ("rmi", "btree", "auto")
    )
    return (
        f"Building over 10 M keys takes {_span(rmi)} times `(keys[1:] >= keys[:-1]).all()` for an "
        f"RMI, {_span(tree)} times for a tree and {_span(auto)} times for `auto`, that check "
        "included: `auto` may fit an RMI before it takes a tree."
    )


def _filled(paragraph: str) -> str:
    return "\n" + textwrap.fill(paragraph, 110)


def _span(values: Sequence[float], unit: str = "") -> str:
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def _tree(medians: dict[str, float]) -> float:
    return min(medians["btree8"], medians["btree16"])


def _row(one: Record, in_order: Record) -> str:
    medians = record.medians(one)
    ours = [*(medians[name] for name in COLUMNS), _tree(medians)]
    cells = [
        f"**{nanoseconds_text(value)}**" if value == min(ours) else nanoseconds_text(value)
        for value in ours
    ]
    ordered = record.medians(in_order)
    rival = ordered.pop("numpy")
    cells += [nanoseconds_text(medians["numpy"]), nanoseconds_text(medians["take"])]
    cells.append(f"{nanoseconds_text(min(ordered.values()))} / {nanoseconds_text(rival)}")
    return f"| {label(one['set'], one['length'])} | {' | '.join(cells)} |"


def label(keys: str, n: int) -> str:
    """Name keys and their number, as in ``osm-like, 10 M``."""
    name = "osm-like" if keys == "osm" else keys
    return f"{name}, {n / 10**6:.0f} M" if n >= 10**6 else f"{name}, {n / 10**3:.0f} k"
