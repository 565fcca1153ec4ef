"""The examples in docstrings and in the README do what they say."""

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import learnedidx as lx

ROOT = Path(__file__).resolve().parent.parent
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
VERBS = ("searchsorted", "contains", "find", "rank", "range", "count", "bounds")


def run(examples: doctest.DocTest) -> int:
    """Run examples as NumPy 2 prints them, fail with their own report, return their number."""
    report: list[str] = []
    with np.printoptions(legacy=False, threshold=1000, linewidth=75):
        result = doctest.DocTestRunner(optionflags=FLAGS).run(examples, out=report.append)
    if result.failed:
        pytest.fail("".join(report), pytrace=False)
    return result.attempted


def parse(text: str, name: str) -> doctest.DocTest:
    """Read the examples of a text."""
    return doctest.DocTestParser().get_doctest(text, {}, name, name, 0)


def modules() -> Iterator[ModuleType]:
    """Import every Python module of the library."""
    yield lx
    for found in pkgutil.walk_packages(lx.__path__, "learnedidx."):
        yield importlib.import_module(found.name)


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.__name__)
def test_docstrings_of_modules(module: ModuleType) -> None:
    for examples in doctest.DocTestFinder(exclude_empty=True).find(module):
        run(examples)


@pytest.mark.parametrize("verb", VERBS)
def test_docstrings_of_verbs(verb: str) -> None:
    method = getattr(lx.LearnedIndex, verb)
    assert run(parse(inspect.getdoc(method) or "", verb)) > 0, "a public verb has an example"


@pytest.mark.parametrize("verb", VERBS)
def test_signatures_of_verbs_can_be_read(verb: str) -> None:
    assert "self" in inspect.signature(getattr(lx.LearnedIndex, verb)).parameters


@pytest.mark.parametrize("name", [name for name in lx.__all__ if not name.startswith("_")])
def test_public_names_are_described(name: str) -> None:
    text = inspect.getdoc(getattr(lx, name)) or ""
    assert ">>>" in text, f"{name} has no example"


@pytest.mark.parametrize("name", [n for n in dir(lx.LearnedIndex) if not n.startswith("_")])
def test_public_members_are_described(name: str) -> None:
    assert inspect.getdoc(getattr(lx.LearnedIndex, name)), f"LearnedIndex.{name} has no docstring"


def test_examples_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert run(parse(readme, "README.md")) > 0, "the README shows how to begin"


def test_the_version_is_the_same_everywhere() -> None:
    for name, form in {
        "pyproject.toml": 'version = "{}"',
        "CMakeLists.txt": "VERSION {} ",
        "CHANGELOG.md": "## {}\n",
    }.items():
        assert form.format(lx.__version__) in (ROOT / name).read_text(), name
