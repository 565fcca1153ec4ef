"""The README's table of speed, from committed records of every processor that has some.

`auto` is not timed by itself: its time is that of the structure that it chooses for these keys. Its
choice does not depend on the machine, so what `auto.jsonl` says of some keys also holds for what
`measured.jsonl` has of them. Times of two processors are never compared.
"""

import textwrap
from collections.abc import Iterator, Mapping

from benchmarks import record
from benchmarks.plan import REQUIRED, Cell
from benchmarks.report import auto, readme_losses
from benchmarks.report.auto import Place
from benchmarks.report.measured import Measured
from benchmarks.report.readme_models import label
from benchmarks.tables import nanoseconds_text

BEGIN = "<!-- figures: python -m benchmarks report --readme -->"
END = "<!-- end of figures -->"
PROCESSORS = {
    "Intel(R) Xeon(R) Processor (family 6, model 167)": "Xeon",
    "AMD EPYC (family 25, model 1)": "EPYC 25",
    "AMD EPYC (family 26, model 2)": "EPYC 26",
}
NAMES = {
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
    (Place("uniform", 100_000), BATCH),
    (Place("uniform", MILLION), BATCH),
    (Place("uniform", 10 * MILLION), BATCH),
    (Place("uniform", 100 * MILLION), BATCH),
    (Place("lognormal", 100_000), BATCH),
    (Place("lognormal", 10 * MILLION), BATCH),
    (Place("osm", 100_000), BATCH),
    (Place("osm", 10 * MILLION), BATCH),
    (Place("ip4_asn", 411_961), BATCH),
    (Place("geonames_morton", 234_908), BATCH),
    (Place("expgap", 10 * MILLION), BATCH),
    (Place("two", 10 * MILLION), BATCH),
    (Place("uniform", MILLION), ONE),
    (Place("wiki", 10 * MILLION), ONE),
)
KEPT = "\N{NO-BREAK SPACE}"  # the two times of a cell stay in one line
FASTER = 1.05  # a structure that is ahead of auto by less than this is as fast


Found = dict[tuple[Place, int], dict[str, Measured]]  # by keys and batch, then by processor


def found() -> Found:
    """Read the newest records of each processor; those of the suite `auto` where it has some."""
    cells: Found = {}
    lines = list(record.measured(record.read(record.KEPT)))
    for batch, asked in ((BATCH, REQUIRED.main_batch), (ONE, ONE)):
        cell = Cell("batch", "mixed", asked)
        for one in (each for each in lines if record.key(each)[2] == cell):
            times = {name: taken for name, taken in one["times"].items() if _is_shown(name)}
            place, processor = Place(one["set"], one["length"]), one[record.MACHINE]["cpu"]
            cells.setdefault((place, batch), {})[processor] = Measured(one | {"times": times})
    for (place, batch, processor), known in auto.read().cells.items():
        cells.setdefault((place, batch), {})[processor] = known
    return cells


def _is_shown(name: str) -> bool:
    return name in (*NAMES, "numpy") or name.startswith("pgm")


def chosen() -> dict[Place, str]:
    """Say which structure `auto` uses over which keys."""
    places = auto.read().places
    return {place: known.auto for place, known in places.items()}


def text() -> str:
    """Write all that stands between the two marks, with the marks."""
    cells, choices = found(), chosen()
    shown = {row: cells[row] for row in ROWS}
    head = f"| keys | `auto` uses | {' | '.join(PROCESSORS.values())} | faster than `auto` |\n"
    rule = f"| --- | --- |{' --- |' * len(PROCESSORS)} --- |\n"
    lines = [_row(place, batch, shown[place, batch], choices[place]) for place, batch in ROWS]
    machines = [f"- {line}" for line in _machines(shown, choices)]
    losses = [f"- {line}" for line in readme_losses.lines()]
    table = head + rule + "\n".join(lines)
    title = "Beside other libraries, and where this one loses:"
    body = "\n\n".join([table, _filled(machines), title, _filled(losses)])
    return f"{BEGIN}\n{body}\n{END}\n"


def _filled(lines: list[str]) -> str:
    return "\n".join(textwrap.fill(line, 118, subsequent_indent="  ") for line in lines)


def _row(place: Place, batch: int, timed: Mapping[str, Measured], auto: str) -> str:
    cells = [_cell(timed.get(processor), auto) for processor in PROCESSORS]
    faster = [one for processor in PROCESSORS for one in _ahead(timed, processor, auto)]
    name = label(*place) + (", one a call" if batch == ONE else "")
    return f"| {name} | {NAMES[auto]} | {' | '.join(cells)} | {'; '.join(faster)} |"


def _cell(timed: Measured | None, auto: str) -> str:
    if timed is None or auto not in timed.times:
        return ""
    ours, theirs = (nanoseconds_text(timed.median(name) or 0) for name in (auto, "numpy"))
    return f"{ours}{KEPT}/{KEPT}{theirs}: **{timed.against('numpy', auto).median:.1f}x**"


def _ahead(timed: Mapping[str, Measured], processor: str, auto: str) -> Iterator[str]:
    """Name the structure of this library that is the furthest ahead of what auto chose."""
    one = timed.get(processor)
    if one is None or auto not in one.times:
        return
    best = max(one.times, key=lambda name: one.against(auto, name).median)
    if one.against(auto, best).median >= FASTER:
        name = NAMES.get(best) or f"PGM({best.removeprefix('pgm')})"
        if name == NAMES[auto]:
            name += f"(node={best.removeprefix('btree')})"
        yield f"{PROCESSORS[processor]}: {name} {one.against(auto, best).median:.2f}x"


def _machines(shown: Found, choices: Mapping[Place, str]) -> Iterator[str]:
    """Say of each processor what was measured on it, with which versions, when, and how evenly."""
    for processor, name in PROCESSORS.items():
        mine = [(place, one[processor]) for (place, _), one in shown.items() if processor in one]
        kept = [
            one.against("numpy", choices[place])
            for place, one in mine
            if choices[place] in one.times
        ]
        low, high = min(r.low / r.median for r in kept), max(r.high / r.median for r in kept)
        said = {
            field: ", ".join(sorted({one.machine[field] for _, one in mine}))
            for field in ("system", "python", "numpy", "compiler", "kernels", "date", "commit")
        }
        queries = sorted({one.cell.batch for _, one in mine if one.cell.batch != ONE})
        yield (
            f"**{name}**: {processor}, {said['system']}, {said['python']}, NumPy {said['numpy']}, "
            f"{said['compiler']}, kernels {said['kernels']}; {said['date']}, commit "
            f"{said['commit']}. Calls of {' and '.join(f'{n:,}' for n in queries)} queries. Single "
            f"rounds: {low:.2f} to {high:.2f} of the ratio shown."
        )
