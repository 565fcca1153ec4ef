"""Where this library loses, by the committed records: the lines under the README's table."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks import record
from benchmarks.plan import RIVALS
from benchmarks.report import boards, readme_models
from benchmarks.report.names import NAMES

AUTO = "auto"
TEXT_RIVALS = {
    "numpy_s": "`np.searchsorted` over `S`",
    "polars_text": "Polars",
    "dict_text": "`map(dict.get, queries)`",
    "pandas_text": "`get_indexer` of pandas",
    "absl_text": "`absl::btree_set`",
    "flat_hash_text": "`absl::flat_hash_map`",
}


def lines() -> Iterator[str]:
    """Write one line for each kind of loss, the machine in it."""
    yield readme_models.hard_keys()
    yield from _rivals()
    yield from _text()
    yield _absl_map()


def _rivals() -> Iterator[str]:
    """Count the cells of the newest leaderboard in which a rival is ahead of auto."""
    read = record.read(record.KEPT)
    plans = {one["card"]: one["plan"] for one in read if one.get("plan") in ("small", "full")}
    found = [
        one
        for one in record.measured(read)
        if one["card"] in plans and one.get("verb") in boards.VERBS and AUTO in one["times"]
    ]
    card = found[-1]["card"]
    cells = list(record.newest_cells(found, card).values())
    counted = {one["n"] or one["length"] for one in cells}
    builds = [one for one in cells if one["verb"] == "build"]
    lookups = [one for one in cells if one["verb"] != "build"]
    machine = found[-1][record.MACHINE]
    where = (
        f"({machine['cpu']}, {machine['date']}, commit {machine['commit']}, "
        f"{min(counted):,} to {max(counted):,} keys; {machine['rivals']})"
    )
    yield (
        f"`make bench{'' if plans[card] == 'full' else f' SIZES={plans[card]}'}` {where}: "
        f"another library is faster than `auto` in {_ahead(lookups)} "
        f"lookups, and builds faster in {_ahead(builds)}. NumPy needs no build, Polars borrows the "
        "keys, absl copies them in order."
    )


def _text() -> Iterator[str]:
    """Say how many times faster lookups of text are than each rival, from its worst set on."""
    read = [one for one in record.measured(record.read(record.KEPT)) if one.get("verb") == "text"]
    if not read:
        return
    newest = list(record.newest_cells(read, read[-1]["card"]).values())
    said = []
    for name, rival in TEXT_RIVALS.items():
        timed = [(record.medians(one), one["set"]) for one in newest]
        ratios = sorted((t[name] / t["text"], keys) for t, keys in timed if name in t)
        if ratios:
            (least, worst), (most, _) = ratios[0], ratios[-1]
            said.append(f"{rival} {least:.1f} ({worst}) to {most:.1f}")
    machine, sets = read[-1][record.MACHINE], ", ".join(one["set"] for one in newest)
    yield (
        f"Batches of text and pairs ({sets}) are looked up so many times faster than by these: "
        f"{'; '.join(said)}; below 1, slower ({machine['cpu']}, {machine['date']}, commit "
        f"{machine['commit']})."
    )


def _ahead(cells: list[dict[str, Any]]) -> str:
    """Say in how many cells another library is ahead, and which."""
    ahead: Counter[str] = Counter()
    lost = 0
    for one in cells:
        times = record.medians(one)
        faster = [name for name in times if name in RIVALS and times[name] < times[AUTO]]
        ahead.update(faster)
        lost += bool(faster)
    names = ", ".join(f"{NAMES[name]} {count}" for name, count in ahead.most_common())
    return f"{lost} of {len(cells)}" + (f" ({names})" if names else "")


def _absl_map() -> str:
    """Compare bytes and the slowest inserts with those of absl's map."""
    read = record.measured(record.read(record.KEPT))
    tree = [one for one in read if one.get("suite") == "tree"]
    machine = tree[-1][record.MACHINE]
    newest = record.newest_cells(tree, tree[-1]["card"]).values()

    def worst(verb: str) -> tuple[float, str]:
        cells = [(record.medians(one), one) for one in newest if one["verb"] == verb]
        return max(
            (times["tree"] / times["absl"], f"{one['set']}, {one['length'] / 10**6:.0f} M")
            for times, one in cells
        )

    bytes_, _ = worst("bytes, loaded")
    (middle, middle_keys), (slow, slow_keys), (slowest, slowest_keys) = (
        worst(f"insert, {part}") for part in ("median", "99.9 %", "slowest")
    )
    return (
        f"The C++ map that changes takes {bytes_:.2f} times the bytes of `absl::btree_map`. Of its "
        f"inserts the median takes up to {middle:.1f} times absl's ({middle_keys}), the 99.9th "
        f"percentile up to {slow:.1f} times ({slow_keys}) and the slowest one up to "
        f"{slowest:.0f} times ({slowest_keys}): {machine['cpu']}, "
        f"{machine['date']}, commit {machine['commit']}."
    )
