"""LearnedHash: the position of a key, without the keys."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from learnedidx import _core
from learnedidx._formats import queries
from learnedidx._formats.family import Array
from learnedidx._formats.forms import Form
from learnedidx._formats.keys import as_keys, as_strings
from learnedidx._formats.known import family_of
from learnedidx._formats.scalars import EXACT, ROUNDED, shown
from learnedidx.filters._filter import Filter, checked_seed
from learnedidx.filters._plot import Curve, Trade
from learnedidx.models.estimator import check_no_targets, whole

STEPS = (64, 128, 256)
FINGERPRINTS = (0, 8, 16)


class LearnedHash(Filter):
    """The position of each of n sorted keys, in three to eleven bits a key; keys are not kept.

    Of equal keys it is the position of the first.

    Of a value that is no key, `position` is a wrong one in the same segment, and nobody notices.
    So take it for values that are known to be keys, or with a fingerprint; with keys in memory,
    ``LearnedIndex.find`` takes 0.4 to 0.7 of the time and does not err.

    Parameters
    ----------
    step : {64, 128, 256}
        Keys of a segment. At most 2 + 1.3 * log2(step) + 68 / step bits for each distinct key,
        fingerprints beside; of strings 192 / step instead, 6,000 bits in all, and one string of
        `step`, as far as it differs from the one before. Where keys are repeated, at most 1.13 bits
        more for each of all keys.
    fingerprint : {0, 8, 16}
        Bits of a fingerprint of each key, for `may_find`.
    seed : int or None
        Of the hashes; None draws one.

    Notes
    -----
    A monotone minimal perfect hash: a line in each segment says the bucket, a retrieval table which
    key of the bucket (LeMonHash: Ferragina, Lehmann, Sanders, Vinciguerra, ESA 2023). Strings get
    codes by arithmetic coding, which keeps their order (Zhang et al., HOPE, SIGMOD 2020).

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> keys = np.unique(np.random.default_rng(1).integers(0, 2**60, 100_000))
    >>> hash = lx.LearnedHash().fit(keys)
    >>> hash.position(keys[[7, 99]]), int(hash.position(keys[5]))
    (array([ 7, 99]), 5)
    >>> lx.LearnedHash().fit(["ant", "bee", "cat"]).position("bee")
    1
    """

    def __init__(self, step: int = 256, fingerprint: int = 0, seed: int | None = 0) -> None:
        self.step = step
        self.fingerprint = fingerprint
        self.seed = seed

    def fit(self, keys: Any, y: None = None) -> Self:
        """Learn the positions of sorted keys. O(n) time, some 60 bytes a key meanwhile.

        Parameters
        ----------
        keys : array_like, 1-D, sorted
            What ``LearnedIndex`` takes, but for rows; NaN and NaT have no position.

        Raises
        ------
        TypeError, ValueError
            Bad keys or parameters: the message names which.
        """
        check_no_targets(y)
        step = _one_of("step", self.step, STEPS)
        fingerprint = _one_of("fingerprint", self.fingerprint, FINGERPRINTS)
        seed = checked_seed(self.seed)
        checked = as_strings(keys)
        if checked is None:
            checked = as_keys(keys, zones=True)
            core = _core.LearnedHash(checked.array, checked.numbers, step, fingerprint, seed)
        else:
            core = _core.LearnedHash(checked.array, step, fingerprint, seed)
        self._hold(core, checked.dtype, getattr(checked.array, "trims", False))
        return self

    def position(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        """Return the position of each of v, which must be keys: of the first of equal ones.

        Of others it is a position in the segment where they would be, or -1 of what is no value of
        the keys' format.

        Parameters
        ----------
        v : scalar or array_like
        out : ndarray of intp, optional
        threads : int
            0: all cores.

        Returns
        -------
        int or ndarray of intp, shape of v
            O(log(n / step)) each.
        """
        return self._place(v, "position", out, threads)

    def may_find(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        """Return the position of keys, and -1 of others, but for one in 2**fingerprint of these.

        Takes what `position` takes.

        Raises
        ------
        ValueError
            There are no fingerprints.

        Examples
        --------
        >>> import learnedidx as lx
        >>> lx.LearnedHash(fingerprint=16).fit([3, 5, 80]).may_find([80, 4, 3.5])
        array([ 2, -1, -1])
        """
        if not self._fitted_core.said["fingerprint"]:
            raise ValueError("fingerprint: there is none; fit LearnedHash(fingerprint=8) or 16")
        return self._place(v, "may_find", out, threads)

    def bounds(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        """Return between which positions each of v belongs, whether it is a key or not.

        ``low <= np.searchsorted(keys, v) <= high``, and at most `step` distinct keys lie between.

        Parameters
        ----------
        v : scalar or array_like
        out : tuple of two ndarrays of intp, optional
        threads : int

        Examples
        --------
        >>> import learnedidx as lx
        >>> lx.LearnedHash().fit(range(1000)).bounds([300, 2000])
        (array([256, 768]), array([ 512, 1000]))
        """
        scalar = not queries.is_array(v, self._fitted_core and self._family)
        lows, highs = (None, None) if out is None else queries.pair(out)
        if scalar:
            low = self._place(v, "begin", None, threads)
            both = low, self._ends(v, low, None, threads)
            return both if out is None else queries.filled_pair(out, both, v)
        if lows is not None:  # both are checked before one is written
            highs = queries.checked_out(highs, np.shape(lows), np.intp, v, lows)
        lows = self._place(v, "begin", lows, threads)
        highs = queries.checked_out(highs, lows.shape, np.intp, v, lows)
        return lows, self._ends(v, lows, highs, threads)

    def _ends(self, v: Any, lows: Any, highs: Any, threads: Any) -> Any:
        """Return where the segments end; only repeated keys make the core count."""
        said = self._core.said
        if said["keys"] > said["distinct"]:
            return self._place(v, "end", highs, threads)
        if highs is None:
            return min(lows + said["step"], said["keys"])
        return np.minimum(lows + said["step"], said["keys"], out=highs)

    def stats(self) -> dict[str, Any]:
        """Return keys, how many of them are distinct, bytes and bits a key.

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> lx.LearnedHash().fit(np.arange(100_000)).stats()["bits_per_key"]
        2.28
        """
        said = self._fitted_core.said
        bits = 8 * self.nbytes_ / said["keys"] if said["keys"] else 0.0
        return {**said, "nbytes": self.nbytes_, "bits_per_key": round(bits, 2)}

    def _trade(self) -> Trade:
        said = self.stats()
        own, bits = said["fingerprint"], said["bits_per_key"]
        curves = [
            Curve(f"{each} bits of fingerprint", [max(bits - own, 0.0) + each], [0.5**each])
            for each in FINGERPRINTS
        ]
        about = f"LearnedHash of {said['keys']:,} keys"
        return Trade(about, curves, bits, [0.5**own])

    def _place(self, v: Any, how: str, out: Any, threads: Any) -> Any:
        """Answer one of the verbs, or where the segments of v begin."""

        def many(part: Array, scale: Any, answers: Array, number: int) -> None:
            self._ask_core(part, scale, how, answers, number)

        def one(each: Any) -> int:
            return self._place_one(each, how)

        of_null = None if how in ("begin", "end") else -1
        return self._answers(v, out, threads, np.intp, one, many, of_null)

    def _place_one(self, v: Any, how: str) -> int:
        family, out = self._family, np.empty(1, np.intp)
        is_bound = how in ("begin", "end")
        if not is_bound and family.is_missing(v):
            return -1
        fixed: tuple[Any, int] = family.fixed(v)
        value, fit = fixed
        if is_bound and fit not in (EXACT, ROUNDED):
            return int(self._core.said["keys"])
        if not is_bound and fit != EXACT:
            return -1
        if not isinstance(value, _core.Column):
            value = np.array([value], family.native_dtype).view(family.core_dtype)
        self._ask_core(value, None, how, out, 1)
        return int(out[0])

    def _ask_core(self, part: Any, scale: Any, how: str, out: Array, threads: int) -> None:
        if isinstance(part, _core.Column):
            self._core.positions(part, self._trims, how, out, threads)
        else:
            self._core.positions(part, scale, how, out, threads)

    def _knows(self, keys: Any) -> bool:
        if isinstance(keys, _core.Column):
            places = np.empty(keys.size, np.intp)
            exact = _core.LearnedHash(keys, STEPS[0], 0, self.seed_)
            exact.positions(keys, keys.trims, "position", places, 1)
        else:
            first = np.ones(keys.size, np.bool_)
            np.not_equal(keys[1:], keys[:-1], out=first[1:])
            places = np.maximum.accumulate(np.where(first, np.arange(keys.size), 0))
        is_whole = self._core.said["keys"] == keys.size
        return bool(is_whole and np.array_equal(self.position(keys), places))

    def _restored(self, words: Array, dtype: Any) -> Any:
        if isinstance(dtype, Form):
            return _core.LearnedHash.restore(words)
        return _core.LearnedHash.restore(np.empty(0, family_of(dtype).core_dtype), words)


def _one_of(name: str, value: Any, choices: tuple[int, ...]) -> int:
    wanted = f"one of {', '.join(map(str, choices))}"
    number = whole(name, value, wanted)
    if number not in choices:
        raise ValueError(f"{name}: must be {wanted}, got {shown(value)}")
    return number
