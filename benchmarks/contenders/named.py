"""Contenders that the command line brings: ``--rival`` in C++, ``--contender`` in Python."""

import argparse
import importlib
import os
from pathlib import Path

from benchmarks.contenders import CONTENDERS, Contender, make
from benchmarks.contenders.native import contender_of
from benchmarks.native import NativeMissingError


def add_named(chosen: argparse.Namespace) -> None:
    """Build and register what ``--rival`` and ``--contender`` name, and add it to the contenders.

    A ValueError says what is wrong with a name, an adapter or a class.
    """
    kinds = [rival(text) for text in chosen.rival] + [python(text) for text in chosen.contender]
    for kind in kinds:
        if CONTENDERS.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"{kind.name}: a contender has this name already; choose another")
    named = [kind.name for kind in kinds]
    chosen.contenders = list(dict.fromkeys([*chosen.contenders, *named]))
    for name in chosen.contenders:
        make(name)


def rival(text: str) -> type[Contender]:
    """Compile the adapter of ``NAME=ADAPTER.cpp:FOLDER:-OPTION...`` and make a contender of it."""
    name, _, places = text.partition("=")
    first, *others = places.split(os.pathsep)
    source, folders = Path(first), [Path(part) for part in others if not part.startswith("-")]
    if not name.isidentifier() or source.suffix != ".cpp":
        raise ValueError(f"--rival {text}: expected NAME=ADAPTER.cpp, see docs/your-own-index.md")
    for place in (source, *folders):
        if not place.exists():
            raise ValueError(f"--rival {text}: {place} is not there")
    options = [part for part in others if part.startswith("-")]
    included = [word for folder in folders for word in ("-isystem", str(folder))]
    try:
        return contender_of(name, source, (*options, *included))
    except NativeMissingError as error:
        raise ValueError(f"--rival {text}: {error}") from error


def python(text: str) -> type[Contender]:
    module, _, name = text.partition(":")
    try:
        kind = getattr(importlib.import_module(module), name)
    except Exception as error:  # the module may raise anything
        raise ValueError(f"--contender {text}: expected MODULE:CLASS: {error}") from error
    if not (isinstance(kind, type) and issubclass(kind, Contender)):
        raise ValueError(f"--contender {text}: {kind!r} is no benchmarks.contenders.Contender")
    for field in ("name", "label"):
        if not isinstance(getattr(kind, field, None), str):
            raise ValueError(f"--contender {text}: its class has no {field}, which is text")
    try:
        kind()
    except Exception as error:
        said = f"cannot be made without arguments: {error}"
        raise ValueError(f"--contender {text}: {said}") from error
    return kind
