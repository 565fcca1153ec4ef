"""What all filters share: parameters, state, seeds, and how a question reaches the core."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from learnedidx import _core
from learnedidx._formats import queries
from learnedidx._formats.family import Array, Family
from learnedidx._formats.known import family_of
from learnedidx._formats.scalars import EXACT, shown
from learnedidx.filters._plot import Trade, draw
from learnedidx.models.estimator import NotFittedError, Parameters, whole

if TYPE_CHECKING:
    import os

    from _typeshed import SupportsWrite as _SupportsWrite

    SupportsWrite = _SupportsWrite[bytes]

MOST = 2**64


class Filter(Parameters):
    """A set of keys of one dtype, as an object of the core."""

    _core: Any
    _dtype: Any
    _trims = False  # NULs at the end of a string are no part of it
    _fitted = False

    def _hold(self, core: Any, dtype: Any, trims: bool = False) -> None:
        self._core, self._dtype, self._trims, self._fitted = core, dtype, trims, True

    def _restored(self, words: Array, dtype: Any) -> Any:
        """Return the core's object over the bytes of a filter."""
        raise NotImplementedError

    @property
    def _fitted_core(self) -> Any:
        if not self._fitted:
            raise NotFittedError(f"{type(self).__name__} is not fitted: call fit(keys) first")
        return self._core

    @property
    def _family(self) -> Family:
        return family_of(self._dtype)

    @property
    def seed_(self) -> int:
        return int(self._fitted_core.said["seed"])

    @property
    def nbytes_(self) -> int:
        """Bytes of the filter."""
        return int(self._fitted_core.words.nbytes)

    @overload
    def save(self, path: type[bytes]) -> bytes: ...
    @overload
    def save(self, path: str | os.PathLike[str] | SupportsWrite) -> None: ...
    def save(self, path: Any) -> bytes | None:
        """Write the filter to a .lidx file of its own, which ``lx.open`` opens where it lies.

        Parameters
        ----------
        path : str, os.PathLike, file object or the type ``bytes``
            As ``LearnedIndex.save`` takes it; for ``bytes`` the file itself is returned.

        Examples
        --------
        >>> import learnedidx as lx
        >>> blob = lx.PointFilter().fit([3, 5, 8]).save(bytes)
        >>> lx.open(blob).may_contain([5, 6])
        array([ True, False])
        """
        from learnedidx.filters._saving import save

        words = self._fitted_core.words
        return save(self.get_params(deep=False), self._dtype, self._trims, words, path)

    def plot(self, axes: Any = None) -> Any:
        """Draw bits a key against the share of wrong answers with matplotlib; this filter too.

        The curves are what filters of its kind cost, whatever the keys; stars are this one. A line
        in their place says that it is exact, or that it promises nothing.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            By default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            O(1).

        Raises
        ------
        ImportError, TypeError
            Without matplotlib; for axes that are none of it.

        Examples
        --------
        >>> import learnedidx as lx
        >>> figure = lx.PointFilter().fit(range(1000)).plot()
        >>> figure.axes[0].get_xlabel()
        'bits a key'
        """
        return draw(self._trade(), axes)

    def _trade(self) -> Trade:
        """Return what filters of this kind cost, and this one."""
        raise NotImplementedError

    def _knows(self, keys: Any) -> bool:
        """Tell whether no key of an index is denied, if the filter lies in its file. O(n)."""
        out = np.empty(keys.size, np.bool_)
        self._ask(keys, None, out, 1)
        return bool(out.all())

    def __getstate__(self) -> dict[str, Any]:
        own = ("_core", "_dtype", "_trims", "_fitted")
        state = {name: item for name, item in vars(self).items() if name not in own}
        if self._fitted:
            state["fitted"] = np.array(self._core.words), self._dtype, self._trims
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        fitted = state.pop("fitted", None)
        vars(self).update(state)
        if fitted is not None:
            words, dtype, trims = fitted
            words = np.array(words, np.uint8)  # at an address that the core takes
            self._hold(self._restored(words, dtype), dtype, trims)

    def _ask(self, part: Any, scale: Any, out: Array, threads: int) -> None:
        """Answer a plain batch of values."""
        raise NotImplementedError

    def _ask_one(self, v: Any) -> bool:
        """Answer one value of any type that compares."""
        raise NotImplementedError

    def _contain(self, v: Any, out: Any, threads: Any) -> Any:
        """Answer values."""
        return self._answers(v, out, threads, np.bool_, self._ask_one, self._ask)

    def _answers(
        self,
        v: Any,
        out: Any,
        threads: Any,
        dtype: Any,
        one: Callable[[Any], int],
        many: Callable[[Any, Any, Array, int], None],
        of_missing: int | None = False,
    ) -> Any:
        """Answer one value by one(v), or a batch by many(part, scale, answers, threads).

        ``of_missing``: the answer for null; None: what is asked has none, so null is refused.
        """
        _ = self._fitted_core
        number, family = queries.checked_threads(threads), self._family
        if not queries.is_array(v, family):
            answer = one(v)
            return answer if out is None else queries.filled(out, answer, dtype, v)
        batch = queries.as_batch(v, family)
        missing = family.missing(batch, of_missing is None, "v")
        out = queries.checked_out(out, batch.shape, dtype, v, batch)
        if family.goes_one_by_one(batch):
            out.flat[:] = [one(item) for item in family.items(batch)]
            return out

        def search(part: Any, scale: Any, answers: tuple[Array, ...]) -> None:
            many(part, scale, answers[0], number)

        queries.run(batch, (out,), family, search)
        if missing is not None:
            out[missing] = of_missing
        return out


class MemberFilter(Filter):
    """A filter that answers values by their hashes: of numbers, or of strings."""

    def _knows(self, keys: Any) -> bool:
        if not isinstance(keys, _core.Column):
            return super()._knows(keys)
        out = np.empty(keys.size, np.bool_)
        self._core.may_contain(keys, keys.trims, out, 1)  # as the file will say
        return bool(out.all())

    def _ask(self, part: Any, scale: Any, out: Array, threads: int) -> None:
        if isinstance(part, _core.Column):
            self._core.may_contain(part, self._trims, out, threads)
        else:
            of_dtype = np.empty(0, self._family.core_dtype)
            self._core.may_contain(of_dtype, part, scale, out, threads)

    def _ask_one(self, v: Any) -> bool:
        family = self._family
        if family.is_missing(v):
            return False
        fixed: tuple[Any, int] = family.fixed(v)
        value, fit = fixed
        if fit != EXACT:
            return False
        if not isinstance(value, _core.Column):
            value = np.array([value], family.native_dtype).view(family.core_dtype)
        return truth(lambda out: self._ask(value, None, out, 1))


def truth(ask: Callable[[Array], None]) -> bool:
    """Return the one answer that is written into an array."""
    out = np.empty(1, np.bool_)
    ask(out)
    return bool(out[0])


def checked_seed(seed: Any) -> int:
    """Return the seed to use: the given one, or one that nobody knows."""
    if seed is None:
        return secrets.randbits(64)
    value = whole("seed", seed, "an int from 0 to 2**64 - 1, or None, which draws one")
    if not 0 <= value < MOST:
        raise ValueError(f"seed: must be from 0 to 2**64 - 1, or None, got {shown(seed)}")
    return value
