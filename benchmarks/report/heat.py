"""Heat maps of who wins where: set by number of keys, and set by batch size."""

from collections.abc import Callable

from benchmarks.report.boards import Board
from benchmarks.report.measured import Measured
from benchmarks.report.render import count

# A title, heads of columns, and a line for each key set; None was not measured.
Map = tuple[str, list[str], dict[str, list[Measured | None]]]


def who_wins(board: Board) -> list[Map]:
    """Lay fields out; of two sizes in one field the larger is shown."""
    main = main_batch(board)
    cells = sorted(board.cells, key=lambda one: one.length)
    mixed = [one for one in cells if one.cell.workload == "mixed" and one.ours_to_rival()]
    by_n = {(one.keys, len(str(one.length)) - 1): one for one in mixed if one.cell.batch == main}
    by_batch = {(one.keys, one.cell.batch): one for one in mixed}  # 0 is a single call
    title = f"Keys by number of keys: shuffled batches of {count(main)}"
    maps = [
        _map(title, by_n, lambda decade: f"{count(10**decade)} …"),
        _map(
            "Keys by batch size, at their largest number of keys",
            by_batch,
            lambda size: count(size) if size else "one call",
        ),
    ]
    return [made for made in maps if made[2]]


def _map(title: str, found: dict[tuple[str, int], Measured], head: Callable[[int], str]) -> Map:
    columns = sorted({at for _, at in found})
    lines = {keys: [found.get((keys, at)) for at in columns] for keys, _ in sorted(found)}
    return title, [head(at) for at in columns], lines


def main_batch(board: Board) -> int:
    """Find the batch in which every workload was asked."""
    sizes = [one.cell.batch for one in board.cells if one.cell.batch]
    return max(set(sizes), key=sizes.count, default=1)
