"""What a .lidx file says beside its arrays: dtypes, the model's parameters, the fingerprint."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.fields import Field
from learnedidx._formats.forms import BYTES, IN_FILES, Form
from learnedidx._formats.keys import Array, Keys
from learnedidx._formats.known import dtype_in_file, family_of
from learnedidx._formats.rows import RowForm
from learnedidx.files._values import VALUE_DTYPE, as_dtype, as_json, as_rows, length
from learnedidx.models import PGM, RMI, BTree, DirectTable, RadixSpline, radix_spline, roots
from learnedidx.models.estimator import checked_epsilon
from learnedidx.models.train import Training

ESTIMATORS: tuple[type[Any] | None, ...] = (None, RMI, BTree, RadixSpline, PGM, DirectTable)
TRIMMED = 2  # the layout of strings of one width, without NULs at their end
InFile = tuple[dict[str, Any], Array, bool]  # a filter: parameters, words, is it alone?
Parquet = dict[str, Any]  # which column of which Parquet files has the keys
MAX_META = 4096  # bytes of the description of a model
INLINE_TEXT = 200  # characters of a parameter that is no plain value

FormatError = _core.FormatError


class Stored:
    """A file that is open: the core's view of it, its name for messages, its path if it has one."""

    __slots__ = ("__weakref__", "dtype", "file", "header", "meta", "mmap", "name", "path")

    def __init__(self, buffer: Any, name: str, path: str | None = None, mmap: bool = True) -> None:
        self.name, self.path, self.mmap = name, path, mmap
        self.file = _core.File(buffer, name)
        self.header: dict[str, Any] = self.file.header
        self.dtype = self._dtype()
        self.meta = self._meta()

    def damaged(self, what: str) -> FormatError:
        return FormatError(f"{self.name}: is damaged: {what}; save it again")

    def _dtype(self) -> Any:
        """Return what the keys are: a dtype, or the form of strings or rows."""
        try:
            if self.header["columns"]:
                return RowForm(tuple(Field.of_file(*column) for column in self.header["columns"]))
            if self.header["strings"] is not None:
                return IN_FILES[self.header["strings"][0]]
            return dtype_in_file(self.header["kind"], self.header["meaning"])
        except ValueError as error:
            raise self.damaged(str(error)) from None

    def _meta(self) -> dict[str, Any]:
        try:
            meta = json.loads(self.file.section("META").tobytes())
        except (ValueError, RecursionError):
            raise self.damaged("the description of its model is no JSON") from None
        if not isinstance(meta, dict):
            raise self.damaged("the description of its model is no JSON object")
        return meta

    @property
    def fingerprint(self) -> tuple[int, int, int]:
        """What tells this file from another in its place."""
        header = self.header
        return header["file_bytes"], header["header_crc"], header["keys_crc"]

    @property
    def counts(self) -> tuple[int, int]:
        """How many keys are numbers, and how many there are."""
        return self.header["numbers"], self.header["n"]

    @property
    def form(self) -> Form | RowForm | None:
        """The form of strings or rows; None: the keys are numbers."""
        return None if self.header["strings"] is None else self.dtype

    @property
    def aware(self) -> bool:
        """Whether keys are instants, given with a time zone."""
        return family_of(self.dtype).is_aware

    @property
    def _array_dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = family_of(self.dtype).core_dtype
        return dtype

    def keys(self) -> Any:
        """Return the keys in the file, where they lie; None if it holds the model only."""
        if self.form is not None:
            column = self.file.column()
            return None if column is None else column.with_items(self.form.make)
        return (
            self.file.section("KEYS").view(self._array_dtype) if self.header["has_keys"] else None
        )

    def empty(self) -> Any:
        """Return no keys of the file's form."""
        if self.form is None:
            return np.empty(0, self._array_dtype)
        return _core.Column.of_list([], kind=self.form.kind).with_items(self.form.make)

    def source(self) -> Array | None:
        """Return the strings in the file as NumPy has those of one width; None if it has not."""
        _, _, width, _ = self.header["strings"] or (0, 0, 0, 0)
        if self.form is not BYTES or not width:
            return None
        return self.file.section("DATA").view(f"{'S' if self.trims else 'V'}{width}")

    @property
    def trims(self) -> bool:
        """Whether NULs at the end of a string are no part of it."""
        strings = self.header["strings"]
        return strings is not None and strings[1] == TRIMMED

    def values(self) -> Array | None:
        """Return the values in the file, where they lie; None if there are none."""
        if not self.header["has_values"]:
            return None
        said = self.meta.get("values")
        text, shape = said if isinstance(said, list) and len(said) == 2 else (None, None)
        if not (isinstance(text, str) and VALUE_DTYPE.fullmatch(text) and isinstance(shape, list)):
            raise self.damaged("the dtype of its values is none of fixed width")
        raw: NDArray[Any] = self.file.section("VALS")
        try:
            dtype = np.dtype(text)
            if "fields" in self.meta:
                dtype = as_dtype([dtype.itemsize, self.meta["fields"]])
            return raw.view(dtype).reshape((self.header["n"], *map(length, shape)))
        except (TypeError, ValueError, OverflowError, MemoryError, RecursionError):
            raise self.damaged("its values do not have the dtype and shape that it says") from None

    def model(self, keys: Keys | None, fresh: Any = None) -> tuple[Any, Any]:
        """Return the estimator over these keys, or over none, and what the core searches with.

        It is ``fresh``, which was not fitted, or one with the parameters of the file.
        """
        core = self.file.model(None if keys is None else keys.array)
        kind = ESTIMATORS[self.header["model"]]
        if kind is None:
            return None, core
        try:
            estimator = fresh or kind(**_parameters(self.meta.get("parameters", {})))
            return self._held(estimator, core, keys), core
        except (TypeError, ValueError) as error:
            raise self.damaged(f"the parameters of its model are none of {error}") from None

    def _held(self, estimator: Any, core: Any, keys: Keys | None) -> Any:
        if isinstance(estimator, RMI):
            error = self.meta.get("distillation_error", 0.0)
            if not isinstance(error, float) or not math.isfinite(error):
                raise TypeError(f"the distillation error {error!r}")
            if isinstance(estimator.root, str) and estimator.root not in roots.NATIVE:
                estimator.root = roots.CompiledRoot(estimator.root)
            numbers = self.header["numbers"]
            return estimator._adopt(
                Training(core, self._array_dtype, self._domain(), error, numbers)
            )
        if isinstance(estimator, PGM):
            checked_epsilon(estimator.epsilon)
        if isinstance(estimator, RadixSpline):
            radix_spline.checked(estimator.epsilon, estimator.radix_bits)
        if isinstance(estimator, BTree):
            return estimator._hold(core, keys or Keys(self.empty(), 0, None))
        return estimator._hold(core, self._array_dtype, self.header["numbers"])

    def _domain(self) -> tuple[Any, Any]:
        low, high = self.file.section("MODL")[:16].view(np.uint64)
        family = family_of(self.dtype)
        return family.of_bits(low), family.of_bits(high)

    def require_keys(self, keys: Any, given: str = "keys has", aware: bool = False) -> None:
        """Raise FormatError unless these can be the keys that the model was fitted to. O(1).

        ``given`` begins what the error says of them.
        """
        header, dtype = self.header, Keys(keys, 0, None, aware).dtype
        if dtype != self.dtype:
            raise self._other_keys(f"{given} dtype {dtype}", str(self.dtype))
        if keys.size != header["n"]:
            raise self._other_keys(f"{given} {keys.size} keys", str(header["n"]))
        if self.form is None:
            self._require_ends(keys, given)
        if _core.sampled_crc(keys) != header["sample_crc"]:
            raise self._other_keys(
                f"{given} sampled keys that differ from the fingerprint", "others"
            )

    def _require_ends(self, keys: Array, given: str) -> None:
        header = self.header
        if header["numbers"]:
            bits = np.dtype(f"u{keys.dtype.itemsize}")
            for which, at in (("first", 0), ("last", header["numbers"] - 1)):
                if int(keys[at : at + 1].view(bits)[0]) != header[which]:
                    raise self._other_keys(f"{given} the {which} key {keys[at]}", "another")
        after = keys[header["numbers"] :][:1]
        if after.size and after[0] == after[0]:
            where = f"{after[0]} at position {header['numbers']}"
            raise self._other_keys(f"{given} {where}", "no number there")

    def verified(self, keys: Any) -> None:
        """Raise FormatError unless all sections, and keys, have their checksums. O(n)."""
        self.file.verify(True)
        if keys is not None:
            self.require_all_keys(keys)

    def require_all_keys(self, keys: Any, given: str = "keys has") -> None:
        """Raise FormatError unless these are the keys that the model was fitted to. O(n)."""
        if _core.crc32c(keys) != self.header["keys_crc"]:
            raise self._other_keys(f"{given} a checksum that differs", "another")

    def _other_keys(self, given: str, stored: str) -> FormatError:
        return FormatError(
            f"{self.name}: was made over other keys: {given}, the file says {stored}; "
            "pass the keys that it was saved with, or build a new index over these"
        )


def plan(
    keys: Keys,
    model: Any,
    core: Any,
    with_keys: bool,
    values: Any,
    runs: Any = None,
    filter: InFile | None = None,
    parquet: Parquet | None = None,
) -> _core.Plan:
    """Return the bytes of a file of numbers, laid out and checksummed.

    ``runs``: of a layer over strings, the places of its entries and its segments.
    """
    meta, rows = description(model, values, filter, parquet), as_rows(values)
    meaning = keys.family.meaning
    part = None if filter is None else filter[1:]
    return _core.Plan(keys.array, keys.numbers, meaning, meta, core, with_keys, rows, runs, part)


def description(
    model: Any,
    values: Array | None,
    filter: InFile | None = None,
    parquet: Parquet | None = None,
) -> bytes:
    """Return what META says of a model, of values, of a filter and of where the keys come from."""
    meta: dict[str, Any] = {} if parquet is None else {"parquet": parquet}
    if filter is not None:
        meta["filter"] = {name: _plain(value) for name, value in filter[0].items()}
    if model is not None:
        kind = next(kind for kind in ESTIMATORS if kind is not None and isinstance(model, kind))
        names = kind._parameter_names()  # of a subclass only what the reader knows
        meta["parameters"] = {name: _plain(getattr(model, name)) for name in names}
        meta["distillation_error"] = getattr(model, "distillation_error_", 0.0)
    if values is not None:
        meta["values"] = (values.dtype.str, values.shape[1:])
        if values.dtype.names is not None:
            meta["fields"] = as_json(values.dtype)[1]
    text = json.dumps(meta, sort_keys=True, separators=(",", ":"))
    if len(text) > MAX_META:
        raise ValueError(
            f"values: the names of their fields take {len(text)} bytes in the file, {MAX_META} "
            "are the most; save fewer fields"
        )
    return text.encode()


def _plain(value: Any) -> Any:
    """Return a parameter as JSON has it; of an estimator only its text is kept."""
    if value is None or isinstance(value, (bool, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if hasattr(value, "__index__"):
        return int(value)
    return repr(value)[:INLINE_TEXT]


def _parameters(stored: Any) -> dict[str, Any]:
    """Return the parameters in a file: plain values, and lists of them."""
    if not isinstance(stored, dict):
        raise TypeError(f"type {type(stored).__name__}")
    for name, value in stored.items():
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, (list, dict)) for item in items):
            raise TypeError(f"{name} with a list of lists")
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
