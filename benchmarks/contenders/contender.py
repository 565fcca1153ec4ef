"""What every contender promises, whatever stands behind it."""

import enum
import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Answer(enum.Enum):
    """What a contender answers, so that it can be checked before it is timed."""

    POSITION = "position of the first key >= query"
    SUCCESSOR = "the first key >= query, or the last key if there is none"
    MATCH = "position of the equal key, or -1"
    PRESENT = "whether there is an equal key"


class Contender(ABC):
    """One way of looking keys up, timed under the same verbs as all the others.

    What a contender needs before it can answer, and what is needed once a batch only because
    the contender speaks Python objects and not arrays, is done in `build` and `prepare`; neither
    is part of a lookup's time. This favours the rivals: they are shown at their best.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    answer: ClassVar[Answer] = Answer.POSITION
    scalar_answer: ClassVar[Answer | None] = None
    ours: ClassVar[bool] = False
    needs: ClassVar[str] = ""  # the package of PyPI that it is imported from
    loops: ClassVar[bool] = False  # one Python call a query: timed on a sample of the queries
    takes: ClassVar[str] = ""  # kinds of dtypes, if not all: then it takes no NaN either
    float16: ClassVar[bool] = True

    scalar: Callable[[Any], Any]
    """One lookup. Set by `build` to the rival's own bound method, so no wrapper is timed."""

    def missing(self) -> str | None:
        """Say why this contender cannot run here, or None if it can."""
        return not_installed(self.needs, self.needs) if self.needs else None

    def refuses(self, keys: Array) -> str | None:
        """Say why this contender cannot hold these keys, or None if it can."""
        if keys.dtype == np.float16 and not self.float16:
            return "has no float16"
        if self.takes and keys.dtype.kind not in self.takes:
            names = "integers and floats" if "f" in self.takes else "integers"
            return f"takes {names} only, not {keys.dtype}"
        if self.takes and keys.dtype.kind == "f" and np.isnan(keys[-1:]).any():
            return "cannot order NaN"
        if self.answer is Answer.SUCCESSOR and len(keys) == 0:
            return "answers with a key, and there is none"
        return None

    def note(self) -> str:
        """Give what a reader of a table must know about this row."""
        return ""

    @property
    def shown(self) -> str:
        return f"{self.label} *" if self.note() else self.label

    @abstractmethod
    def build(self, keys: Array) -> None:
        """Make the structure over sorted keys, ready to answer."""

    def batch(self, prepared: Any) -> Any:
        """Answer all the queries that `prepare` returned, as fast as this contender can."""
        return self.scalar(prepared)

    def prepare(self, queries: Array) -> Any:
        """Bring the queries into the form that `batch` likes best (not timed)."""
        return queries

    def prepare_scalars(self, queries: Array) -> Sequence[Any]:
        """Bring the queries into the form that `scalar` likes best (not timed)."""
        return list(queries)

    def read(self, got: Any) -> Any:
        """Bring what `batch` gave into the form that is checked (not timed)."""
        return got

    def nbytes(self) -> int | None:
        """Count the bytes beside the caller's keys, or give None: then growth is measured."""
        return None


def not_installed(module: str, package: str) -> str | None:
    """Say which package to install when a module cannot be imported, else None."""
    if importlib.util.find_spec(module) is not None:
        return None
    return f"not installed: pip install {package}"


def absent_packages(*needed: str) -> dict[str, str]:
    """Say of each that is not installed which package to install."""
    found = {name: not_installed(name, name) for name in needed}
    return {name: why for name, why in found.items() if why is not None}


def load(module: str) -> Any:
    """Import an untyped rival when it is used, not before."""
    return importlib.import_module(module)
