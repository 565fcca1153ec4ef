"""Every public verb of the sorted containers is described, and its examples run."""

import inspect
from typing import Any

import pytest

import learnedidx as lx
from docs.examples import parse, run

KINDS = (lx.SortedList, lx.SortedSet, lx.SortedDict, lx.SortedKeyList)
MEMBERS = [(kind, name) for kind in KINDS for name in dir(kind) if not name.startswith("_")]


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_members_are_described(kind: Any, name: str) -> None:
    text = inspect.getdoc(getattr(kind, name)) or ""
    assert text, f"{kind.__name__}.{name} has no docstring"
    run(parse(text, name))


def core_base(kind: Any) -> Any:
    """Return the heap type of the core that a class derives from."""
    return next(base for base in kind.__mro__ if base.__module__ == "learnedidx._core")


@pytest.mark.parametrize("kind", KINDS)
def test_verbs_of_the_core_have_signatures_and_examples(kind: Any) -> None:
    for name, member in vars(core_base(kind)).items():
        if not name.startswith("_") and callable(member):
            inspect.signature(member)
            assert ">>>" in (inspect.getdoc(member) or ""), name
