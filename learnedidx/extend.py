"""Extending an index: keys were appended, and the model goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx import _core
from learnedidx._formats.keys import Array, Keys, as_array, in_order
from learnedidx._formats.scalars import shortened
from learnedidx._formats.zones import no_zone, zone_of
from learnedidx._state import State, index_of, with_attributes

if TYPE_CHECKING:
    from learnedidx.files._stored import Stored
    from learnedidx.index import LearnedIndex

SAMPLE = 10_000
VOUCHED_SAMPLE = 1000
FEWER_HITS = 0.1


@dataclass(frozen=True, slots=True)
class Growth:
    """Where the model of an extended index comes from.

    ``trained`` of its keys were there when the model was last trained as a whole; ``refitted`` if
    that was in the last extension.
    """

    trained: int
    refitted: bool


def extended(
    self: LearnedIndex, longer_keys: Any, *, assume_unchanged: bool = False
) -> LearnedIndex:
    """Return an index over a longer array whose first keys are these; only the rest is trained.

    For keys that are appended to, such as logs and time series. Answers are those of an index
    built anew. The model stays of its kind, also where "auto" chose it: a PGM, a RadixSpline, a
    B+-tree and a table are those that training anew makes. An RMI keeps its leaves and gets more
    for the new keys, as many a key as it had. It is trained anew, with its own parameters (but with
    the root "histogram" where that was a regressor and came from a file), where
    that would not make a good model: when the keys have doubled since the last time, when the new
    ones lie far beyond the old or crowd few leaves, and when the old ones are all equal or lie in
    clusters far apart. A PGM is each time that the number of keys passes a power of two: its lines
    count in other units from there. What was opened from a file or unpickled is, a PGM or a
    RadixSpline, once: files do not tell where their fit stands. So is a table in a file; of a tree
    and an RMI in a file all separators and leaf borders are counted again.

    Over strings and rows the layers are made anew, and their models are trained anew: nothing is
    saved on ``LearnedIndex(longer_keys, model)``, but the keys are compared, so that positions
    of before still hold.

    Takes O(n) time to compare the first keys with these and to check the order, which is most of
    it; training takes O(new keys + size of the model), of a PGM O(n / 16) for corrections.

    Parameters
    ----------
    longer_keys : array_like, 1-D, sorted
        Begins with the keys of this index, all of them and of the same dtype. Borrowed, as keys are
        by ``LearnedIndex``. All of the first keys are compared; of an index that was opened without
        its keys, the checksum of all. This index stays as it is; its values are not taken over.
        Attributes that a subclass added go along, as with ``copy.copy``: make those anew that
        depend on the keys.
    assume_unchanged : bool
        True leaves out the O(n) time: you vouch that the first of the longer keys are those of this
        index, in order. A thousand of them and the last thousand are compared all the same. If they
        are others, answers and bounds can be wrong, as those of any index whose keys were changed
        after it was built; nothing crashes, and ``verify()`` of the result raises. The order of all
        keys is still checked if this index was opened from a file or the model is trained anew.

    Returns
    -------
    LearnedIndex
        Its ``stats()`` tell how far the new keys drift: "extended_from" is the number of keys when
        the model was last trained as a whole (None: it always was), "refitted" whether that was in
        the last extension, "trained_error" and "tail_error" the mean of log2(1 + |prediction -
        position|) over samples of the keys up to there and behind, "trained_hits" and "tail_hits"
        which share of them the first window proves. "refit" is True when building the index anew
        may pay: if an RMI's tail_hits are by more than 0.1 below its trained_hits. Other models
        have nothing to gain: they are what training anew makes.

    Raises
    ------
    TypeError, ValueError
        Another dtype, fewer keys, a changed key (its position and both values are named), or keys
        out of order; numbers after keys that are NaN or NaT.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> log = np.arange(0, 30_000, 3)
    >>> index = lx.LearnedIndex(log[:9000], "rmi").extended(log)
    >>> len(index), index.searchsorted(27_000)
    (10000, 9000)
    >>> found = index.stats()
    >>> found["extended_from"], found["refitted"], found["refit"]
    (9000, False, False)
    """
    from learnedidx._formats.rows import as_strings_or_rows
    from learnedidx._formats.tables import one_of
    from learnedidx.models.choose import core_of

    if not isinstance(assume_unchanged, (bool, np.bool_)):
        raise TypeError(f"assume_unchanged: must be True or False, got {assume_unchanged!r}")
    state, vouched = self._state, bool(assume_unchanged)
    longer_keys = one_of(longer_keys, "longer_keys")
    strings, source = as_strings_or_rows(longer_keys, name="longer_keys")
    if state.layers is not None or strings is not None:
        longer = _over_strings(self, longer_keys, strings, vouched, source)
        return with_attributes(longer, self.__getstate__())
    if state.keyless is not None:
        state = _over_first(state.keyless, type(self), longer_keys, vouched)._state
    keys, model = _longer(state, longer_keys, vouched), state.model
    growth = state.growth or Growth(state.checked.numbers, False)
    grown = model._extended(keys, growth.trained) if model is not None and _sound(state) else None
    growth = Growth(growth.trained, False)
    if grown is None and model is not None:
        if vouched:
            in_order(keys.array, "longer_keys")  # training anew needs the order of all
        grown = model._anew()._for_index(keys)
        growth = Growth(keys.numbers, True)
    source = keys.given(longer_keys, None)
    state = State(keys, grown, core_of(grown), growth=growth, source=source)
    longer = index_of(type(self), state)
    return with_attributes(longer, self.__getstate__())


extended.__qualname__ = "LearnedIndex.extended"  # what Python says of wrong arguments names it


def _sound(state: State) -> bool:
    """Tell whether the model can be gone on with: one in a file must be the one that was saved."""
    if state.stored is None:
        return True
    try:
        state.stored.file.verify(False)
    except ValueError:
        return False
    return True


def drift(state: State) -> dict[str, Any]:
    """Measure how well the model suits the keys that were appended since its training."""
    from learnedidx.models.choose import window_hits

    growth, model, keys = state.growth, state.model, state.checked
    found: dict[str, Any] = {"extended_from": None, "refitted": False, "refit": False}
    if growth is None:
        return found
    found.update(extended_from=growth.trained, refitted=growth.refitted)
    if model is None or not 0 < growth.trained < keys.numbers:
        return found
    for name, start, stop in (
        ("trained", 0, growth.trained),
        ("tail", growth.trained, keys.numbers),
    ):
        at = np.linspace(start, stop - 1, min(stop - start, SAMPLE)).astype(np.intp)
        truth = np.searchsorted(keys.native, keys.native[at])
        errors = np.abs(model.predict(keys.array[at]) - truth)
        found[f"{name}_error"] = float(np.mean(np.log2(1 + errors)))
        found[f"{name}_hits"] = window_hits(model, keys, start, stop)
    behind = found["trained_hits"] - found["tail_hits"]
    found["refit"] = model._drifts() and bool(behind > FEWER_HITS)
    return found


def _over_first(
    stored: Stored, kind: type[LearnedIndex], longer_keys: Any, vouched: bool
) -> LearnedIndex:
    """Return an index that was opened without its keys, over as many of the longer ones."""
    from learnedidx.files._building import over

    first = as_array(longer_keys, name="longer_keys", zones=True)[: stored.header["n"]]
    aware = zone_of(longer_keys) is not None
    index = over(kind, stored, first, given="longer_keys begin with", aware=aware)
    if not vouched:
        stored.require_all_keys(first, "longer_keys begin with")
    return index


def _longer(state: State, longer_keys: Any, vouched: bool) -> Keys:
    """Return longer keys, checked, whose first ones are those of an index; or vouched to be."""
    old = state.checked
    array, aware = as_array(longer_keys, name="longer_keys", zones=old.aware), old.aware
    if aware and zone_of(longer_keys) is None:
        raise no_zone("longer_keys", longer_keys, array.dtype)
    _check_form(old, array, Keys(array, 0, None, aware).dtype)
    if vouched:
        _check_samples(old.array, array)
    else:
        _check_prefix(state, array)
    _check_missing(old, array)
    keys = in_order(array, "longer_keys", old if vouched else None)
    _check_same(old.array, array, keys.numbers if keys.numbers < old.numbers else -1)
    return replace(keys, aware=aware)


def _over_strings(
    index: LearnedIndex, longer_keys: Any, keys: Keys | None, vouched: bool, source: Any
) -> LearnedIndex:
    """Return an index over longer strings; layers and models are made anew. None: they are none."""
    state = index._state
    old, layers = state.checked.array, state.layers
    array: Any = as_array(longer_keys, None, "longer_keys", True) if keys is None else keys.array
    _check_form(state.checked, array, array.dtype if keys is None else keys.dtype)
    assert keys is not None and layers is not None  # the forms agree
    first = array[: old.size]
    for at in _samples(old.size) if vouched else (slice(None),):
        if not first[at].same(old[at]):
            _check_same(old, array, _first_other(old, first))
    known = state.checked.fingerprint
    if not vouched and known is not None and _core.check_strings(first)[1] != known:
        raise ValueError(
            f"longer_keys: the first {old.size} are the keys of the index, which changed since it "
            "was built; build a new index"
        )
    made = index._layers(array, layers.given, layers.size)
    growth = Growth(keys.numbers, True)
    return index_of(type(index), State(keys, made, made.core, growth=growth, source=source))


def _first_other(old: Any, array: Any) -> int:
    """Return the first position at which strings differ; they do in one. O(bytes)."""
    low, high = 0, old.size
    while low < high:
        middle = (low + high) // 2
        if old[low : middle + 1].same(array[low : middle + 1]):
            low = middle + 1
        else:
            high = middle
    return low


def _check_form(old: Keys, array: Any, dtype: Any) -> None:
    if dtype != old.dtype:
        raise TypeError(
            f"longer_keys: dtype {dtype}, but the index holds {old.dtype}; convert them to "
            "that, or build a new index"
        )
    if array.size < old.array.size:
        raise ValueError(
            f"longer_keys: {array.size} keys, fewer than the {old.array.size} of the index; they "
            "must begin with all of those: append to them, or build a new index"
        )


def _check_prefix(state: State, array: Array) -> None:
    old = state.checked
    n = old.array.size
    if n and array.ctypes.data == old.array.ctypes.data:
        if _fingerprint_holds(state, array[:n]):
            return
        bad = _core.check_sorted(array[:n])[1]
        where = f": position {bad} is out of order" if bad >= 0 else ""
        raise ValueError(
            f"longer_keys: the first {n} share memory with the keys of the index, which changed "
            f"since it was built{where}; build a new index"
        )
    _check_same(old.array, array, _core.first_difference(old.array, array))


def _check_samples(old: Array, array: Array) -> None:
    """Compare keys all over, and the last ones: a model goes on from there."""
    for at in _samples(old.size):
        found = _core.first_difference(old[at], array[at])
        _check_same(old, array, -1 if found < 0 else int(at[found]))


def _samples(n: int) -> tuple[Array, Array]:
    """Return positions all over n keys, and the last ones."""
    evenly = np.linspace(0, n - 1, min(n, VOUCHED_SAMPLE)).astype(np.intp)
    return evenly, np.arange(max(0, n - VOUCHED_SAMPLE), n)


def _check_same(old: Any, array: Any, at: int) -> None:
    if at >= 0:
        new, was = (
            shortened(keys[at]) if isinstance(keys, _core.Column) else keys[at]
            for keys in (array, old)
        )
        raise ValueError(
            f"longer_keys: position {at} is {new}, but {was} in the "
            f"index; the first {old.size} keys must be those of the index: build a new index"
        )


def _fingerprint_holds(state: State, array: Array) -> bool:
    """Tell whether keys that share memory with the index are what they were."""
    old = state.checked
    if old.fingerprint is None and state.stored is not None:
        return bool(_core.crc32c(array) == state.stored.header["keys_crc"])
    return _core.check_sorted(array) == (old.numbers, -1, old.fingerprint)


def _check_missing(old: Keys, array: Array) -> None:
    n = old.array.size
    if old.numbers < n < array.size and array[n] == array[n]:
        raise ValueError(
            f"longer_keys: the index ends with {n - old.numbers} keys that are {array[n - 1]} and "
            f"last in order, but position {n} ({array[n]}) follows them; only more of them "
            "can: leave them out, and build a new index"
        )
