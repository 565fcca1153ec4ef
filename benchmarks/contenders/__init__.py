"""Every contender behind the same verbs, found by name.

``make("rmi")`` gives a fresh contender; ``names()`` lists them in the order of the tables.
A contender that cannot run here still has a row: ``missing()`` says why.
"""

from benchmarks.contenders.contender import Answer, Array, Contender
from benchmarks.contenders.native import LOWER_BOUND, OVER_NUMBERS, OVER_TEXT
from benchmarks.contenders.numbers import ARRAYS, LOOPS
from benchmarks.contenders.ours import OURS
from benchmarks.contenders.text import TEXT as PYTHON_TEXT

TEXT = (*PYTHON_TEXT, *OVER_TEXT)
KINDS: tuple[type[Contender], ...] = (*OURS, *ARRAYS, *OVER_NUMBERS, *LOOPS, *TEXT)
CONTENDERS = {kind.name: kind for kind in KINDS}

# `btree` repeats btree16 or btree8, `auto` one of the models, and NumPy's method its function; PGM
# with a small epsilon is for hard keys, a table for narrow ones, `take` searches nothing: they
# are asked for by name. Those over text are asked by their suite.
ON_REQUEST = frozenset(
    {"pgm8", "pgm12", "pgm14", "btree", "auto", "direct", "numpy_method", "take", LOWER_BOUND}
) | {kind.name for kind in TEXT}

__all__ = ["CONTENDERS", "TEXT", "Answer", "Array", "Contender", "defaults", "make", "names"]


def names() -> list[str]:
    return list(CONTENDERS)


def defaults() -> list[str]:
    """List the contenders that a run without ``--contenders`` times."""
    return [name for name in CONTENDERS if name not in ON_REQUEST]


def make(name: str) -> Contender:
    """Make one contender by name; a ValueError lists the names when there is no such one."""
    if name not in CONTENDERS:
        raise ValueError(f"no contender {name!r}; choose from {', '.join(names())}")
    return CONTENDERS[name]()
