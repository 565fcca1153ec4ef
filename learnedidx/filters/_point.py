"""PointFilter: may this be one of the keys?"""

from __future__ import annotations

import functools
import math
from typing import Any, Self

import numpy as np

from learnedidx import _core
from learnedidx._formats.family import Array
from learnedidx._formats.forms import BYTES, TEXT
from learnedidx._formats.keys import Keys, as_array
from learnedidx._formats.known import known_family
from learnedidx._formats.scalars import shown
from learnedidx._formats.tables import one_of
from learnedidx._formats.text import column_of
from learnedidx._formats.zones import zone_of
from learnedidx.filters import _parquet
from learnedidx.filters._filter import MemberFilter, checked_seed
from learnedidx.filters._plot import Curve, Trade
from learnedidx.models.estimator import check_no_targets

SPLIT_BLOCK, FUSE_8, FUSE_16 = 16, 17, 18  # as files number the layouts
LEAST = {SPLIT_BLOCK: 1e-7, FUSE_8: 2.0**-8, FUSE_16: 2.0**-16}
STEPS = 16  # of a bit a key
FUSE_COST = 1.13  # bits that a binary fuse filter of many keys takes for each that it compares


class PointFilter(MemberFilter):
    """A summary of a set of keys that tells, in some bits a key, whether a value may be one.

    False is certain; of values that are no keys a share of `fpr` is answered by True. Only worth
    its bits where keys are cold, remote or not there and many queries are absent.

    Parameters
    ----------
    fpr : float
        The share of wrong answers, from 1e-7 to 0.5: 10.5 bits a key for 0.01, 17 for 0.001.
    compact : bool
        A binary fuse filter, of 9 to 10 bits a key down to an fpr of 2**-8, and twice as many down
        to 2**-16 (Graf and Lemire, 2022); slower to build. Else a split-block
        Bloom filter, as in Parquet (Putze, Sanders, Singler, 2007).
    seed : int or None
        Of the hash, XXH64; 0 is Parquet's. Who knows it can find values that are answered wrongly.
        None draws one for each fit.

    Examples
    --------
    >>> import learnedidx as lx
    >>> filter = lx.PointFilter(fpr=0.001).fit(["ann", "bob", "eve"])
    >>> filter.may_contain("eve"), filter.may_contain(["zoe", "bob"])
    (True, array([False,  True]))
    """

    def __init__(self, fpr: float = 0.01, *, compact: bool = False, seed: int | None = 0) -> None:
        self.fpr = fpr
        self.compact = compact
        self.seed = seed

    def fit(self, keys: Any, y: None = None) -> Self:
        """Build the filter of keys in any order, which it does not keep. O(n), 8 bytes a key.

        Parameters
        ----------
        keys : array_like, 1-D
            What ``LearnedIndex`` takes, but for rows; NaN and NaT are no members.

        Raises
        ------
        TypeError, ValueError
            Bad keys or parameters: the message names which.
        """
        check_no_targets(y)
        layout = self._layout()
        bits = bits_for(float(self.fpr)) if layout == SPLIT_BLOCK else 0.0
        seed = checked_seed(self.seed)
        keys = one_of(keys, "keys")
        array: Any = column_of(keys)
        if array is None:
            array = as_array(keys, zones=True)
        core = _core.PointFilter(array, layout, bits, seed)
        dtype = Keys(array, 0, None, zone_of(keys) is not None).dtype
        self._hold(core, dtype, getattr(array, "trims", False))
        return self

    def _layout(self) -> int:
        if not isinstance(self.compact, (bool, np.bool_)):
            raise TypeError(f"compact: must be True or False, got {shown(self.compact)}")
        is_number = isinstance(self.fpr, (float, np.floating)) and not isinstance(self.fpr, bool)
        if not is_number:
            raise TypeError(f"fpr: must be a float from 1e-7 to 0.5, got {shown(self.fpr)}")
        layout = SPLIT_BLOCK
        if self.compact:
            layout = FUSE_8 if self.fpr >= LEAST[FUSE_8] else FUSE_16
        if not LEAST[layout] <= self.fpr <= 0.5:
            least = f"{LEAST[layout]:.2g}"
            raise ValueError(f"fpr: must be a float from {least} to 0.5, got {shown(self.fpr)}")
        return layout

    def may_contain(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        """Tell for each of v whether it may be a key; False is certain.

        Parameters
        ----------
        v : scalar or array_like
            Anything that compares with the keys, by its exact value.
        out : ndarray of bool, optional
        threads : int
            0: all cores.

        Returns
        -------
        bool or ndarray of bool, shape of v
            O(1) each; some nanoseconds in a batch of numbers.

        Examples
        --------
        >>> import learnedidx as lx
        >>> lx.PointFilter().fit([3, 4, 800]).may_contain([3, 3.0, 3.5])
        array([ True,  True, False])
        """
        return self._contain(v, out, threads)

    def to_parquet(self) -> bytes:
        """Return the filter as a Parquet file holds it at the bloom_filter_offset of a column.

        Numbers of at most 32 bits are hashed as INT32 or FLOAT, others, and times, as INT64 or
        DOUBLE. -0.0 is hashed as 0.0.

        Raises
        ------
        ValueError
            The filter is compact, or has a seed: Parquet has neither.
        TypeError
            No column of Parquet is hashed as the keys are: bool, dates, instants in seconds.
        """
        said = self._fitted_core.said
        if isinstance(self._dtype, np.dtype):
            _parquet.require_hashed(self._dtype)
        if said["layout"] != SPLIT_BLOCK or said["seed"]:
            raise ValueError("filter: Parquet has split-block filters with seed 0; fit one")
        bits: Array = self._core.words[_parquet.HEADER :]
        return _parquet.header_of(bits.size) + bits.tobytes()

    @staticmethod
    def from_parquet(data: Any, dtype: Any) -> PointFilter:
        """Return the filter that a Parquet file holds for a column. O(bytes).

        Parameters
        ----------
        data : bytes-like
            ``bloom_filter_length`` bytes of the file from ``bloom_filter_offset`` on.
        dtype : dtype
            Of the column: integers and floats of 32 and 64 bits, instants in ms, us or ns, str or
            bytes. Dates are int32: ask for days since 1970.

        Examples
        --------
        >>> import learnedidx as lx
        >>> data = lx.PointFilter().fit([b"ann", b"bob"]).to_parquet()
        >>> lx.PointFilter.from_parquet(data, bytes).may_contain([b"bob", b"eve"])
        array([ True, False])
        """
        form = TEXT if dtype is str else BYTES if dtype is bytes else None
        of: Any = np.dtype(dtype) if form is None else form
        if form is None and known_family(of) is None:
            raise TypeError(f"dtype: must be of numbers or times, str or bytes, got {of}")
        if form is None:
            _parquet.require_hashed(of)
        made = PointFilter()
        made._hold(_core.PointFilter.restore(_parquet.words_of(data)), of)
        return made

    def stats(self) -> dict[str, Any]:
        """Return the layout, keys, bits a key and the expected share of wrong answers.

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> stats = lx.PointFilter(compact=True).fit(np.arange(100_000)).stats()
        >>> stats["layout"], stats["bits_per_key"], round(stats["fpr"], 4)
        ('fuse8', 9.51, 0.0039)
        """
        said = self._fitted_core.said
        keys, layout = said["keys"], said["layout"]
        fpr = LEAST[layout] if layout != SPLIT_BLOCK else _rate(256 * said["blocks"] / max(keys, 1))
        return {
            "layout": {SPLIT_BLOCK: "split-block", FUSE_8: "fuse8", FUSE_16: "fuse16"}[layout],
            "keys": keys,
            "nbytes": self.nbytes_,
            "bits_per_key": round(8 * self.nbytes_ / keys, 2) if keys else 0.0,
            "fpr": fpr if keys else 0.0,
        }

    def _trade(self) -> Trade:
        said = self.stats()
        bits = [steps / STEPS for steps in range(2 * STEPS, 45 * STEPS)]
        curves = [
            Curve("split-block", bits, [_rate(each) for each in bits]),
            Curve("compact, 8 bits", [FUSE_COST * 8], [LEAST[FUSE_8]]),
            Curve("compact, 16 bits", [FUSE_COST * 16], [LEAST[FUSE_16]]),
        ]
        about = f"PointFilter of {said['keys']:,} keys"
        return Trade(about, curves, said["bits_per_key"], [said["fpr"]])

    def _restored(self, words: Array, dtype: Any) -> Any:
        return _core.PointFilter.restore(words)


@functools.lru_cache(64)
def bits_for(fpr: float) -> float:
    """Return the bits a key, in steps, of a split-block Bloom filter of that share of errors."""
    steps = 32
    while _rate(steps / STEPS) > fpr:
        steps += 1
    return steps / STEPS


def _rate(bits_per_key: float) -> float:
    """Return the share of wrong answers, over blocks with a Poisson number of keys."""
    if bits_per_key < 1:
        return 1.0
    each = 256 / bits_per_key
    chance, total = math.exp(-each), 0.0
    held = 1.0  # that a bit is not set
    for keys in range(int(each + 12 * math.sqrt(each) + 30)):
        total += chance * (1 - held) ** 8
        held *= 31 / 32
        chance *= each / (keys + 1)
    return total
