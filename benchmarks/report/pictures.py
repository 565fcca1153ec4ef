"""Which charts are drawn: time by number of keys, by batch size, and bytes against time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.plan import CONTENDERS, SYNTHETIC_FIRST
from benchmarks.report.boards import Board, Measured
from benchmarks.report.charts import Point, line_chart, pareto_chart
from benchmarks.report.details import sizes
from benchmarks.report.heat import main_batch
from benchmarks.report.markup import count, section

# One line each: btree8 runs beside btree16, the others would hide what people compare.
DRAWN = (
    "auto",
    "rmi",
    "pgm",
    "radix_spline",
    "btree16",
    "numpy",
    "pandas",
    "polars",
    "absl",
    "pygm",
)
FIRST_SHOWN = 4  # charts of a kind; the others are one click away


def charts(board: Board) -> str:
    """Draw everything, the telling sets first."""
    return section(
        "charts",
        "Time",
        '<p class="note">Both axes are logarithmic. Round points are ours, square ones rivals; '
        "point at one to read it.</p>",
        "<h3>By number of keys</h3>",
        _grid(_by_n(board)),
        "<h3>By batch size</h3>",
        _grid(_by_batch(board)),
        "<h3>Building, by number of keys</h3>",
        _grid(_builds(board)),
    )


def fronts(board: Board) -> str:
    """Draw bytes against time; the line joins what nothing beats in both."""
    return section(
        "pareto",
        "Bytes against time",
        '<p class="note">Bytes beside your array of keys; containers that cannot borrow it hold a '
        "copy, and it counts. Left and low is good. The dashed line joins what nothing beats "
        "in both.</p>",
        _grid(_paretos(board)),
        sizes(board),
        '<p class="note">~ is the growth of a fresh process; the others count themselves.</p>',
    )


def front(points: dict[str, Point]) -> list[str]:
    """Name what no other beats in both bytes and time, from few bytes to many."""
    order = sorted(points, key=lambda name: points[name])
    kept: list[str] = []
    for name in order:
        if not kept or points[name][1] < points[kept[-1]][1]:
            kept.append(name)
    return kept


def _grid(drawn: Sequence[str]) -> str:
    if not drawn:
        return '<p class="note">Not measured yet.</p>'
    first, rest = drawn[:FIRST_SHOWN], drawn[FIRST_SHOWN:]
    more = ""
    if rest:
        body = f'<div class="grid">{"".join(rest)}</div>'
        more = f"<details><summary>{len(rest)} more charts</summary>{body}</details>"
    return f'<div class="grid">{"".join(first)}</div>{more}'


def _lines(cells: Iterable[Measured], names: Sequence[str], x: str) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = defaultdict(list)
    for one in cells:
        at = one.length if x == "length" else one.cell.batch
        for name in names:
            value = one.median(name)
            if value is not None:
                found[name].append((float(at), value))
    return {name: sorted(found[name]) for name in names if found[name]}


def _by_keys(cells: Iterable[Measured]) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = defaultdict(list)
    for one in cells:
        found[one.keys].append(one)
    known = list(SYNTHETIC_FIRST)
    order = sorted(found, key=lambda keys: known.index(keys) if keys in known[:3] else len(known))
    return {keys: found[keys] for keys in order}


def _by_n(board: Board) -> list[str]:
    batch = main_batch(board)
    chosen = _by_keys(one for one in board.cells if one.cell[1:] == ("mixed", batch))
    return [
        line_chart(
            f"{keys}: shuffled batches of {count(batch)}",
            "keys",
            "ns a query",
            _lines(cells, DRAWN, "length"),
        )
        for keys, cells in chosen.items()
        if len({one.length for one in cells}) > 1
    ]


def _builds(board: Board) -> list[str]:
    chosen = _by_keys(one for one in board.cells if one.cell.verb == "build")
    names = [name for name in DRAWN if name not in ("numpy", "polars")]
    return [
        line_chart(f"{keys}: building", "keys", "ns a key", _lines(cells, names, "length"))
        for keys, cells in chosen.items()
        if len({one.length for one in cells}) > 1
    ]


def _by_batch(board: Board) -> list[str]:
    chosen = _by_keys(one for one in board.cells if one.cell.workload == "mixed" and one.cell.batch)
    drawn = []
    for keys, cells in chosen.items():
        largest = max(one.length for one in cells)
        cells = [one for one in cells if one.length == largest]
        if len(cells) > 1:
            title = f"{keys}, {count(largest)} keys: shuffled batches"
            lines = _lines(cells, DRAWN, "batch")
            drawn.append(line_chart(title, "queries in a batch", "ns a query", lines))
    return drawn


def _paretos(board: Board) -> list[str]:
    batch = main_batch(board)
    builds = {(one.keys, one.length): one for one in board.cells if one.cell.verb == "build"}
    chosen = _by_keys(one for one in board.cells if one.cell[1:] == ("mixed", batch))
    drawn = []
    for keys, cells in chosen.items():
        one = max(cells, key=lambda one: one.length)
        built = builds.get((keys, one.length))
        points = {
            name: (built.nbytes[name] / one.length, value)
            for name in CONTENDERS
            if built and name in built.nbytes and (value := one.median(name)) is not None
        }
        if len(points) > 1:
            title = f"{keys}, {count(one.length)} keys: shuffled batches of {count(batch)}"
            drawn.append(pareto_chart(title, "bytes a key", "ns a query", points, front(points)))
    return drawn
