"""The examples in docstrings, in the README and on the pages of docs/ do what they say."""

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import learnedidx as lx
from docs import examples

ROOT = Path(__file__).resolve().parent.parent
VERBS = ("searchsorted", "contains", "find", "rank", "range", "count", "bounds", "prefix")
PAGES = sorted(
    path for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if "\n```python\n" in path.read_text()
)  # fmt: skip


def modules() -> Iterator[ModuleType]:
    """Import every Python module of the library."""
    yield lx
    for found in pkgutil.walk_packages(lx.__path__, "learnedidx."):
        yield importlib.import_module(found.name)


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.__name__)
def test_docstrings_of_modules(module: ModuleType) -> None:
    for found in doctest.DocTestFinder(exclude_empty=True).find(module):
        examples.run(found)


@pytest.mark.parametrize("verb", VERBS)
def test_docstrings_of_verbs(verb: str) -> None:
    text = inspect.getdoc(getattr(lx.LearnedIndex, verb)) or ""
    assert examples.run(examples.parse(text, verb)) > 0, "a public verb has an example"


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


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_examples_of_pages(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.chdir(tmp_path)  # where pictures go
    assert examples.run(examples.of_page(page)) > 0


def test_the_version_is_the_same_everywhere() -> None:
    for name, form in {
        "pyproject.toml": 'version = "{}"',
        "CMakeLists.txt": "VERSION {} ",
        "CHANGELOG.md": "## {}\n",
    }.items():
        assert form.format(lx.__version__) in (ROOT / name).read_text(), name
