"""What every model shares with scikit-learn's estimators, without importing scikit-learn."""

from __future__ import annotations

import functools
import inspect
import operator
import sys
from collections.abc import Mapping
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats import queries, scalars
from learnedidx._formats.keys import Keys, as_keys
from learnedidx._formats.known import family_of

# Attributes that hold what was fitted; the others of an estimator are its parameters.
FITTED = {"_core", "_dtype", "_numbers", "_keys", "_fitted", "_training_or_none", "_edited"}


Core = TypeVar("Core")


class NotFittedError(ValueError, AttributeError):
    """A fitted parameter was asked of a model that was not fitted.

    Where scikit-learn is loaded, it is scikit-learn's error of that name as well.
    """

    def __new__(cls, *args: Any) -> NotFittedError:
        kind = _error_of_both() if cls is NotFittedError and "sklearn" in sys.modules else cls
        return super().__new__(kind, *args)

    def __reduce__(self) -> Any:
        return NotFittedError, self.args


@functools.cache
def _error_of_both() -> type[NotFittedError]:
    from sklearn.exceptions import NotFittedError as OfSklearn

    return type("NotFittedError", (NotFittedError, OfSklearn), {"__doc__": NotFittedError.__doc__})


class Parameters:
    """Parameters as scikit-learn has them, and repr; a subclass stores its constructor's alone."""

    @classmethod
    def _parameters(cls) -> Mapping[str, inspect.Parameter]:
        known: Any = cls
        return _signature(known).parameters

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return list(cls._parameters())

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters; with deep, also those of an estimator among them."""
        params: dict[str, Any] = {}
        for name in self._parameter_names():
            value = getattr(self, name)
            params[name] = value
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                params.update({f"{name}__{key}": item for key, item in value.get_params().items()})
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; ``root__alpha=1`` sets one of a nested estimator.

        Those of a nested estimator come last: they are for the one that is given beside them.
        """
        names = self._parameter_names()
        for key in sorted(params, key=lambda key: "__" in key):
            name, _, nested = key.partition("__")
            if name not in names:
                raise ValueError(
                    f"{name}: no parameter of {type(self).__name__}; choose from {names}"
                )
            if not nested:
                setattr(self, name, params[key])
            elif hasattr(getattr(self, name), "set_params"):
                getattr(self, name).set_params(**{nested: params[key]})
            else:
                raise ValueError(
                    f"{key}: {name} is {getattr(self, name)!r}, which has no parameters; "
                    f"pass {name} as an estimator too"
                )
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(one_d_array=True, two_d_array=False),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return bool(getattr(self, "_fitted", False))

    def __repr__(self) -> str:
        defaults = self._parameters()
        shown = [
            f"{name}={_as_plain(value)!r}"
            for name, value in self.get_params(deep=False).items()
            if not _same(value, defaults[name].default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class Estimator(Parameters):
    """What learns where sorted keys lie, and a score."""

    def fit(self, keys: Any, y: None = None, *, sample_weight: Any = None) -> Self:
        """Learn where sorted keys lie; y is None, as scikit-learn's tools pass it."""
        raise NotImplementedError

    def predict(self, v: Any) -> NDArray[np.float64]:
        raise NotImplementedError

    def _window_middles(self, v: Any) -> NDArray[np.float64]:
        """Return the positions around which lookups place their first windows."""
        return self.predict(v)

    def _trained_on(self) -> int:
        """Return the number of keys that the model was fitted to."""
        raise NotImplementedError

    def _fit_state(self) -> dict[str, Any]:
        """Return what was fitted, as a pickle keeps it."""
        raise NotImplementedError

    def _restore(self, fitted: dict[str, Any]) -> None:
        """Take what `_fit_state` returned."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        state = {name: item for name, item in vars(self).items() if name not in FITTED}
        return {**state, "fitted": self._fit_state()} if getattr(self, "_fitted", False) else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update((name, item) for name, item in state.items() if name != "fitted")
        if "fitted" in state:
            self._restore(state["fitted"])

    def _drifts(self) -> bool:
        """Tell whether training anew could make more of keys that were appended."""
        return False

    def _unfitted(self) -> Self:
        """Return an estimator with the same parameters."""
        return type(self)(**self.get_params(deep=False))

    def _anew(self) -> Self:
        """Return an estimator with the same parameters that can be fitted."""
        return self._unfitted()

    def score(self, keys: Any, y: Any = None) -> float:
        """Return minus the mean of log2(1 + |prediction - position|) over sorted keys.

        0 is perfect; one less means twice the error, one more step of the search.
        """
        checked: Keys = as_keys(keys)
        numbers = checked.array[: checked.numbers]
        if numbers.size == 0:
            return 0.0
        # Positions among other keys than those of training are compared as shares of all.
        scale = numbers.size / max(self._trained_on(), 1)
        errors = np.abs(self.predict(numbers) * scale - _first_positions(numbers))
        return -float(np.mean(np.log2(1.0 + errors)))


class CoreEstimator(Estimator, Generic[Core]):
    """An estimator of which one object of the core holds all that was fitted, and no keys."""

    _core: Core

    def fit(self, keys: Any, y: None = None, *, sample_weight: Any = None) -> Self:
        """Fit to sorted keys; weights are not used, epsilon holds for all keys. O(n).

        Raises
        ------
        TypeError, ValueError
            Bad keys or parameters: the message names which.
        """
        check_no_targets(y)
        self._adopt(as_keys(keys))
        _ = self.max_error_  # type: ignore[attr-defined]  # measured, the core lets go of keys
        return self

    def predict(self, v: Any) -> NDArray[np.float64]:
        """Return predicted positions of v, shape of v, as floats; a hint, not an answer."""
        return predicted(self._fitted_core(), v, self._dtype, False)

    def _window_middles(self, v: Any) -> NDArray[np.float64]:
        return predicted(self._fitted_core(), v, self._dtype, True)

    def _fit_core(self, keys: Keys) -> Core:
        """Return the core's object, fitted to keys with these parameters."""
        raise NotImplementedError

    def _extend_core(self, core: Core, keys: Keys) -> Core | None:
        """Return what a fit to longer keys gives, or None where this one cannot go on."""
        raise NotImplementedError

    def _arrays(self, core: Core) -> tuple[NDArray[Any], ...]:
        """Return what was fitted: equal keys give equal arrays."""
        raise NotImplementedError

    def _fitted_core(self) -> Core:
        if not getattr(self, "_fitted", False):
            raise NotFittedError(f"{type(self).__name__} is not fitted: call fit(keys) first")
        return self._core

    def _adopt(self, keys: Keys) -> Self:
        return self._hold(self._fit_core(keys), keys.array.dtype, keys.numbers)

    def _hold(self, core: Core, dtype: np.dtype[Any], numbers: int) -> Self:
        self._core, self._dtype, self._numbers, self._fitted = core, dtype, numbers, True
        return self

    @property
    def nbytes_(self) -> int:
        return int(self._fitted_core().nbytes)  # type: ignore[attr-defined]

    def _for_index(self, keys: Keys) -> Self:
        """Return a model with the same parameters, fitted to `keys`."""
        return self._unfitted()._adopt(keys)

    def _extended(self, keys: Keys, trained: int) -> Self | None:
        """Return the model that a fit to longer keys gives, or None where it cannot go on."""
        core = self._extend_core(self._fitted_core(), keys)
        return None if core is None else self._unfitted()._hold(core, self._dtype, keys.numbers)

    def _trained_on(self) -> int:
        self._fitted_core()
        return self._numbers

    def _shared(self) -> Self:
        """Return an estimator of its own over the same fitted arrays."""
        return self._unfitted()._hold(self._fitted_core(), self._dtype, self._numbers)

    def _agrees(self, keys: Keys) -> bool:
        """Tell whether what was fitted is what these keys give."""
        old, new = self._arrays(self._fitted_core()), self._arrays(self._fit_core(keys))
        return all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))


def predicted(core: Any, v: Any, dtype: np.dtype[Any], *how: bool) -> NDArray[np.float64]:
    """Return what a model of the core, fitted to keys of that dtype, predicts for each of v."""
    if not queries.is_array(v):
        return predicted(core, [v], dtype, *how).reshape(())
    family = family_of(dtype)
    batch = queries.as_batch(v, family)
    if family.goes_one_by_one(batch):
        batch = family.fixed_all(batch)
    out = np.empty(batch.shape)

    def search(part: NDArray[Any], scale: Any, answers: tuple[NDArray[Any], ...]) -> None:
        answers[0][:] = core.predict(part, scale, *how)

    queries.run(batch, (out,), family, search)
    return out


@functools.lru_cache(maxsize=64)
def _signature(of: Any) -> inspect.Signature:  # to read it takes half of a build over 1,000 keys
    return inspect.signature(of)


def _as_plain(value: Any) -> Any:
    """Return numbers of NumPy, also within a tuple or a list, as Python's own."""
    if type(value) in (tuple, list):
        return type(value)(map(_as_plain, value))
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


def _first_positions(numbers: NDArray[Any]) -> NDArray[np.intp]:
    """Return the position of the first key equal to each key."""
    positions = np.arange(numbers.size)
    positions[1:][numbers[1:] == numbers[:-1]] = 0
    return np.maximum.accumulate(positions)


def check_no_targets(y: Any) -> None:
    """Refuse a y that was meant as targets, or as weights."""
    if y is not None:
        raise TypeError(
            f"y: must be left out, got {type(y).__name__}: a model learns the positions of the "
            "keys; pass weights as sample_weight=..."
        )


MAX_EPSILON = 2**62  # beyond any number of keys: larger ones mean the same


def checked_epsilon(epsilon: Any) -> int:
    """Return an error bound as the core takes it."""
    margin = whole("epsilon", epsilon, "an int of at least 1")
    if margin < 1:
        raise ValueError(f"epsilon: must be an int of at least 1, got {scalars.shown(epsilon)}")
    return min(margin, MAX_EPSILON)


def whole(name: str, value: Any, wanted: str) -> int:
    """Return a parameter that must be an int, and no bool, as a Python int."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: must be {wanted}, got {scalars.shown(value)}")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: must be {wanted}, got {scalars.shown(value)}") from None
