"""LearnedFilter: may a string be a key, by what it looks like. An experiment."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.family import Array
from learnedidx._formats.forms import Form, form_of
from learnedidx._formats.scalars import shown
from learnedidx._formats.text import column_of, queries_of
from learnedidx.filters import _regions
from learnedidx.filters._filter import MemberFilter, checked_seed
from learnedidx.filters._plot import Curve, Trade
from learnedidx.models.estimator import whole as whole_number

NGRAMS = "ngrams"
MODEL_BITS = 0.3  # a key, that weights may take
LEAST, MOST = 6, 13  # bits of the number of weights
REGIONS = 8


class LearnedFilter(MemberFilter):
    """May a string be a key? False is certain. An experiment: its errors follow the queries.

    **What it promises holds for absent strings like those it has seen.** A filter of package names
    of one language, tuned on those of another to 1 %, errs on 25 % of new names of its own. Who
    asks on purpose for strings that look like keys gets as many. Where that can happen, or keys
    have no looks (numbers, hashes, random ids), take `PointFilter`, which promises for all.

    Parameters
    ----------
    scorer : "ngrams" or a linear classifier of scikit-learn
        What tells keys from absent strings: whole weights of 8 bits for hashed 1-, 2- and 3-grams
        of the first 64 bytes. "ngrams" learns them here. A classifier is fitted to counts of grams,
        and its ``coef_`` rounded to such weights. Others are refused: their scores are floats
        that change with the batch, and a member beside a border would be denied.
    fpr : float
        Share of absent strings that may be answered wrongly, from 1e-4 to 0.5.
    regions : int
        Ranges of scores, from 1 to 8, each with a fuse filter of its own; 1: it does not learn.
    seed : int or None
        Of the hashes; None draws one.

    Notes
    -----
    A partitioned learned Bloom filter (Vaidya, Knorr, Kraska, Mitzenmacher, ICLR 2021).

    Examples
    --------
    >>> import learnedidx as lx
    >>> mails = [f"mail-{number}.example" for number in range(5000)]
    >>> words = [f"{a}{b}ing" for a in "abcdefghijklmnopqrstuvwxyz" for b in range(500)]
    >>> filter = lx.LearnedFilter(fpr=0.01).fit(mails, words)
    >>> filter.may_contain("mail-7.example"), filter.stats()["bits_per_key"] < 2
    (True, True)
    """

    def __init__(
        self, scorer: Any = NGRAMS, fpr: float = 0.01, regions: int = 8, seed: int | None = 0
    ) -> None:
        self.scorer = scorer
        self.fpr = fpr
        self.regions = regions
        self.seed = seed

    def fit(self, keys: Any, absent: Any = None) -> Self:
        """Learn from keys and from strings that are none. O(n), some microseconds each.

        Parameters
        ----------
        keys : array_like of strings, 1-D
            Text, bytes, UUIDs or addresses in any order; they are not kept.
        absent : array_like of strings, 1-D
            What will be asked for and is no key; half of it is held back to measure errors.

        Raises
        ------
        TypeError, ValueError
            Numbers; no absent strings; bad parameters: the message names which.
        """
        fpr, regions, seed = self._checked()
        column = column_of(keys)
        if column is None:
            raise TypeError("keys: must be strings; numbers have no looks: take lx.PointFilter")
        if absent is None:
            raise TypeError(
                "absent: missing; pass strings that will be asked for and are no keys, "
                "as fit(keys, absent)"
            )
        others = queries_of(absent, form_of(column), "absent")
        if others.size < 2 or others.first_null >= 0:
            raise ValueError("absent: must be at least two strings, without missing ones")
        held = _core.hashes(others, seed) % np.uint64(2) == 0
        seen, unseen = (others.take(np.flatnonzero(part)) for part in (~held, held))
        if not seen.size or not unseen.size:
            seen = unseen = others
        weights = self._weights(column, seen, seed)
        ours, theirs = (_core.ngram_scores(part, weights) for part in (column, unseen))
        found = _regions.divided(ours, theirs, fpr, regions)
        core = _core.LearnedFilter(column, weights, found.borders, found.bits, seed)
        self._hold(core, form_of(column), column.trims)
        return self

    def _checked(self) -> tuple[float, int, int]:
        is_number = isinstance(self.fpr, (float, np.floating)) and not isinstance(self.fpr, bool)
        if not is_number or not 1e-4 <= self.fpr <= 0.5:
            raise ValueError(f"fpr: must be a float from 1e-4 to 0.5, got {shown(self.fpr)}")
        regions = whole_number("regions", self.regions, f"an int from 1 to {REGIONS}")
        if not 1 <= regions <= REGIONS:
            raise ValueError(f"regions: must be from 1 to {REGIONS}, got {regions}")
        if isinstance(self.scorer, str) and self.scorer != NGRAMS:
            raise ValueError(f'scorer: must be "ngrams" or a classifier, got {shown(self.scorer)}')
        return float(self.fpr), regions, checked_seed(self.seed)

    def _weights(self, keys: Any, absent: Any, seed: int) -> NDArray[np.int8]:
        size = round(np.log2(max(keys.size * MODEL_BITS / 8, 1)))
        bits = min(max(size, LEAST), MOST)
        if isinstance(self.scorer, str):
            return _rounded(_core.ngram_weights(keys, absent, bits, seed))
        return _rounded(_distilled(self.scorer, keys, absent, bits))

    def may_contain(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        """Tell for each of v whether it may be a key; False is certain.

        Parameters
        ----------
        v : str, bytes or array_like of strings
            Anything that compares with the keys.
        out : ndarray of bool, optional
        threads : int
            0: all cores.

        Returns
        -------
        bool or ndarray of bool, shape of v
            O(bytes of v), at most 64 each; 50 to 100 nanoseconds for a word in a batch.

        Examples
        --------
        >>> import learnedidx as lx
        >>> filter = lx.LearnedFilter().fit(["ann", "bob"], ["x1", "y2", "z3"])
        >>> filter.may_contain(["bob", "ann"])
        array([ True,  True])
        """
        return self._contain(v, out, threads)

    def expected_fpr(self, absent_sample: Any) -> float:
        """Return the share of absent strings like these that would be answered by maybe.

        Parameters
        ----------
        absent_sample : array_like of strings, 1-D
            That were not given to `fit`. O(n).

        Raises
        ------
        TypeError, ValueError
            What does not compare with the keys; no strings.
        """
        core = self._fitted_core
        sample = queries_of(absent_sample, self._dtype, "absent_sample")
        if sample.size == 0 or sample.first_null >= 0:
            raise ValueError("absent_sample: must be strings, without missing ones, got none")
        return float(_errors(core.said)[core.regions(sample)].mean())

    def stats(self) -> dict[str, Any]:
        """Return keys, bits a key, and of each region, from the lowest scores on, keys and bits.

        Examples
        --------
        >>> import learnedidx as lx
        >>> lx.LearnedFilter(regions=1).fit(["ann", "bob"], ["x1", "y2", "z3"]).stats()["bits"]
        [7]
        """
        said = self._fitted_core.said
        keys = said["keys"]
        return {
            "keys": keys,
            "nbytes": self.nbytes_,
            "bits_per_key": round(8 * self.nbytes_ / keys, 2) if keys else 0.0,
            "weights": said["weights"],
            "region_keys": said["counts"],
            "bits": said["bits"],
        }

    def _trade(self) -> Trade:
        said = self.stats()
        shares = 0.5 ** np.arange(1, 17)
        ribbon = Curve("ribbon, for all queries", list(-1.08 * np.log2(shares)), list(shares))
        about = f"LearnedFilter of {said['keys']:,} keys, fpr={self.fpr}"
        return Trade(about, [ribbon], said["bits_per_key"], [self.fpr])

    def _restored(self, words: Array, dtype: Any) -> Any:
        if not isinstance(dtype, Form):
            raise ValueError("a learned filter is of strings")
        return _core.LearnedFilter.restore(words)


def _errors(said: dict[str, Any]) -> NDArray[np.float64]:
    """Return the share of absent strings of each region that it does not deny."""
    bits, counts = np.array(said["bits"]), np.array(said["counts"])
    return np.where((counts == 0) & (bits > 0), 0.0, 0.5**bits)


def _rounded(weights: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return weights as whole numbers from -127 to 127; the few largest are cut off."""
    most = np.quantile(np.abs(weights), 0.9995)
    if not most > 0:
        return np.zeros(weights.size, np.int8)
    whole: NDArray[np.int8] = np.clip(np.rint(weights * (127 / most)), -127, 127).astype(np.int8)
    return whole


def _distilled(scorer: Any, keys: Any, absent: Any, bits: int) -> NDArray[np.float64]:
    """Return the coefficients of a linear classifier that is fitted to counts of grams."""
    if not (hasattr(scorer, "fit") and hasattr(scorer, "get_params")):
        raise TypeError(f'scorer: must be "ngrams" or a linear classifier, got {shown(scorer)}')
    from scipy.sparse import csr_matrix, vstack
    from sklearn.base import clone

    counts = []
    for part in (keys, absent):
        grams, starts = _core.ngrams(part, bits)
        once = np.ones(grams.size, np.float32)
        counts.append(csr_matrix((once, grams, starts), (starts.size - 1, 2**bits)))
        counts[-1].sum_duplicates()  # which trees of scikit-learn do not survive
    fitted = clone(scorer).fit(vstack(counts).tocsr(), np.repeat([1, 0], [keys.size, absent.size]))
    weights: NDArray[np.float64] = np.ravel(np.asarray(getattr(fitted, "coef_", ()), np.float64))
    if weights.size != 2**bits or not np.isfinite(weights).all():
        raise TypeError(
            f"scorer: {type(scorer).__name__} has no coefficient for each gram; float scores "
            "change with the batch and would deny members: pass a linear classifier, such as "
            "sklearn.linear_model.LogisticRegression()"
        )
    return weights
