"""Examples in Markdown: the ```python blocks of a page, run in order as one doctest."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

import numpy as np

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
BLOCK = re.compile(r"^```python\n(.*?\n)\n*```", re.MULTILINE | re.DOTALL)


class ExampleError(Exception):
    """An example does not do what the page says; the text is doctest's report."""


def run(examples: doctest.DocTest) -> int:
    """Run examples as NumPy 2 prints them; return their number.

    Raises
    ------
    ExampleError
        One printed something else, or raised.
    """
    report: list[str] = []
    with np.printoptions(legacy=False, threshold=1000, linewidth=75):
        result = doctest.DocTestRunner(optionflags=FLAGS).run(examples, out=report.append)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    if result.failed:
        raise ExampleError("".join(report))
    return result.attempted


def parse(text: str, name: str) -> doctest.DocTest:
    """Read the examples of a text, wherever they stand."""
    return doctest.DocTestParser().get_doctest(text, {}, name, name, 0)


def of_page(path: Path) -> doctest.DocTest:
    """Read the ```python blocks of a page.

    Raises
    ------
    ExampleError
        A block has no ``>>>``, so nothing in it would run.
    """
    text = path.read_text()
    lines = [""] * (text.count("\n") + 1)
    for block in BLOCK.finditer(text):
        first = text.count("\n", 0, block.start()) + 1
        if ">>> " not in block[1]:
            raise ExampleError(f"{path.name}:{first}: a python block without >>> is not run")
        lines[first : first + block[1].count("\n")] = block[1].splitlines()
    return parse("\n".join(lines), path.name)
