"""How long ``index.extended`` takes beside an index built anew over the longer keys.

``python -m benchmarks.extended`` prints a table of milliseconds of processor time, the least of
five rounds: of an extension, of one whose old keys are vouched for (``assume_unchanged=True``), of
a build; and of the training in the first and the last, without comparing the first keys and
checking the order.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import learnedidx as lx
from benchmarks import machine
from benchmarks.contenders import Array

ROUNDS = 5
COLUMNS = ("extended", "vouched", "built", "training", "training")
MODELS = ("rmi", "btree", "radix_spline", "pgm")


def log_keys(n: int) -> Array:
    """Return seconds as a log has them: floats, with gaps that are exponentially long."""
    return 1.7e9 + np.cumsum(np.random.default_rng(0).exponential(1.0, n))


def milliseconds(work: Callable[[], object]) -> float:
    """Return the least processor time of a piece of work, after one round that is not counted.

    All of it is done by one thread; what else the machine does is not in it, as far as can be.
    """
    work()
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        rounds.append(time.process_time() - began)
    return 1e3 * min(rounds)


def compare(model: str, keys: Array, old: int) -> tuple[float, float, float, float, float]:
    """Return the times of: an extension, a vouched one, a build; training of the first and last."""
    first = keys[:old].copy()  # other memory, so that keys are compared
    index, plain = lx.LearnedIndex(first, model), lx.LearnedIndex(first, "none")
    longer = milliseconds(lambda: index.extended(keys))
    vouched = milliseconds(lambda: index.extended(keys, assume_unchanged=True))
    checked = milliseconds(lambda: plain.extended(keys))
    built = milliseconds(lambda: lx.LearnedIndex(keys, model))
    ordered = milliseconds(lambda: lx.LearnedIndex(keys, "none"))
    return longer, vouched, built, longer - checked, built - ordered


def main() -> None:
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", type=int, default=10_000_000, help="keys of the index")
    parser.add_argument("--new", type=int, default=100_000, help="keys that are appended")
    parser.add_argument("--output", type=Path, help="append a line of JSON to this file")
    arguments = parser.parse_args()
    keys = log_keys(arguments.old + arguments.new)
    print(f"{'model':14}" + "".join(f"{column:>10}" for column in COLUMNS))
    rows = {}
    for model in MODELS:
        rows[model] = compare(model, keys, arguments.old)
        print(f"{model:14}" + "".join(f"{each:10.1f}" for each in rows[model]))
    if arguments.output:
        asked = {"old": arguments.old, "new": arguments.new}
        line = {"machine": machine.card(), **asked, "columns": COLUMNS, "milliseconds": rows}
        with arguments.output.open("a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
