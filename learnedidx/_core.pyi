"""The C++ core. Python decides, this loops: arrays and plain numbers cross, nothing else.

Arrays that come in must be contiguous, aligned, native and already checked: `keys`, `queries` and
`index` do that. Everything long runs without the GIL and ends within a second of Ctrl-C.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from types import GenericAlias, ModuleType
from typing import Any, Generic, Literal, Protocol, SupportsIndex, TypeAlias, TypeVar, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

class _Column(Protocol):  # pandas, Polars, Arrow
    def __len__(self) -> int: ...
    def __array__(self) -> NDArray[Any]: ...

class _ArrowArray(Protocol):  # an array or a record batch of any library
    def __arrow_c_array__(self, requested_schema: Any = ...) -> tuple[Any, Any]: ...

class _ArrowStream(Protocol):  # a column in chunks or a table
    def __arrow_c_stream__(self, requested_schema: Any = ...) -> Any: ...

_Array: TypeAlias = NDArray[Any]
_Positions: TypeAlias = NDArray[np.intp]
_Booleans: TypeAlias = NDArray[np.bool_]
_Scalar: TypeAlias = np.number[Any] | np.bool_ | np.datetime64 | np.timedelta64
_Text: TypeAlias = str | bytes | bytearray | UUID | IPv4Address | IPv6Address
_Key: TypeAlias = int | float | Fraction | Decimal | date | timedelta | _Scalar | _Text | None
_Queries: TypeAlias = NDArray[Any] | Sequence[Any] | _Column | _ArrowArray | _ArrowStream
# One row, or several numbers: the keys tell which, and a type checker does not know them.
_Tuple: TypeAlias = tuple[Any, ...]
_Side: TypeAlias = Literal["left", "right"]
_Inclusive: TypeAlias = Literal["both", "left", "right", "neither"]
_Method: TypeAlias = Literal["pad", "backfill", "nearest"] | None
# How times of one unit become times of another: factor, divisor, calendar (0 none, 1 days of
# months, 2 months of days), then factor and divisor after the calendar.
_Scale: TypeAlias = tuple[int, int, int, int, int] | None
# One end of ranges: none; a value of the keys' format, its Fit, passed or not; queries.
_End: TypeAlias = tuple[Any, int, bool] | tuple[_Array, _Scale, bool] | None

# kernels.available() -> list[str]   the rows that this processor runs, the narrowest first
# kernels.active() -> str            the one in use: the widest, or what LEARNEDIDX_KERNELS names
# kernels.use(name: str) -> None     switches the row for the whole process; tests do
# kernels.hint() -> "l1" | "l2" | None   the cache that prefetches fill; None: not decided yet
# kernels.use_hint(name: str | None) -> None   decides it, or leaves it open again
kernels: ModuleType

compiler: str
"""What compiled the core: name and version."""

def check_sorted(
    keys: _Array, vouched: int = ..., fingerprint: int = ..., threads: int = ...
) -> tuple[int, int, int]:
    """Return how many keys are numbers, the first position out of order or -1, and a fingerprint.

    O(n), one pass. The fingerprint changes when any one key does. Of the first ``vouched`` keys,
    which a pass before this one gave that fingerprint, only the last block is read.
    """

def first_difference(shorter: _Array, longer: _Array) -> int:
    """Return the first position at which arrays of one dtype differ, or -1 up to the shorter's end.

    O(n), one pass. NaN and NaT are equal to themselves, and so are both zeros.
    """

def one_type(v: list[Any] | tuple[Any, ...]) -> type | None:
    """Return the exact type of all items; None if there are several, or no items. O(n)."""

def rows_of_groups(
    right: NDArray[np.int64],
    left: NDArray[np.int64],
    places: NDArray[np.int64],
    count: int,
    after: bool,
) -> NDArray[np.int64]:
    """Return for each row of left the last row of right before its place that has its group.

    ``after``: the first from its place on. -1: there is none. ``right`` and ``left`` are groups
    below ``count``, any others belong to none; places ascend. O(n + m), one walk over both, 8 bytes
    a group.
    """

def take_rows(
    values: NDArray[Any], rows: NDArray[np.int64], out: NDArray[Any]
) -> NDArray[np.int64]:
    """Write values[rows] to ``out``, zero bits for rows that are not there; return where these are.

    Items have 1, 2, 4 or 8 bytes. ``out`` may be ``rows``, viewed as the values' dtype. O(m).
    """

def arrow_array(
    schema: Any, array: Any, name: str = ...
) -> tuple[bool, list[tuple[str, str, Column | list[_Array] | None, str]]]:
    """Read the array of two Arrow capsules: whether it is a table, and its columns.

    A column is its name, its format, strings or the arrays of numbers of its chunks or None, which
    cannot be indexed, and the dtype of these, in which times are integers. Numbers are borrowed.
    Raises ValueError for what is damaged, TypeError for missing numbers and rows.
    """

def arrow_stream(
    stream: Any, name: str = ...
) -> tuple[bool, list[tuple[str, str, Column | list[_Array] | None, str]]]:
    """Read all chunks of an Arrow stream, as arrow_array does."""

class Column:
    """Text or byte strings, checked; borrowed where they lie in one piece of memory.

    Text is valid UTF-8. A string may be null. Strings are ordered as their bytes are, which is the
    order of their characters.
    """

    @staticmethod
    def of_list(
        items: list[Any] | tuple[Any, ...], name: str = ..., kind: Literal["str", "bytes"] = ...
    ) -> Column:
        """Copy items, all str or all bytes; None and NA are null. ``kind``: where all are null.

        Raises TypeError or ValueError, with the position, for what is neither.
        """

    @staticmethod
    def of_fixed(
        array: _Array,
        trims: bool,
        kind: Literal["str", "bytes"] = ...,
        name: str = ...,
        copied: bool = ...,
    ) -> Column:
        """Borrow an array of items of one width; ``trims``: NULs at the end are no part of them.

        Copied if it is not contiguous; ``copied``: the array is a copy that nobody else has.
        """

    @staticmethod
    def of_ucs4(array: NDArray[np.str_], name: str = ...) -> Column:
        """Copy NumPy's text of one width, native."""

    @staticmethod
    def of_arrow(schema: Any, array: Any, name: str = ...) -> Column | None:
        """Take the array of two Arrow capsules, text or binary, also of a dictionary; else None.

        One array is borrowed and released when no column needs it any more; one of a dictionary is
        copied. Raises ValueError for what is damaged or no UTF-8.
        """

    @staticmethod
    def of_arrow_stream(stream: Any, name: str = ...) -> Column | None:
        """Take the chunks of an Arrow stream, as of_arrow does; several are copied into one."""

    def copy(self) -> Column:
        """Return the same strings in memory of their own."""

    def same(self, other: Column) -> bool:
        """Tell whether both are of one kind and have equal strings. O(bytes)."""

    def take(self, positions: _Array) -> Column:
        """Return the strings at positions, in memory of their own; -1 is null."""

    def first_not_of_width(self, width: int) -> int:
        """Return the first position of a string that has not so many bytes, or -1."""

    def with_items(self, make: Callable[[bytes], Any] | None) -> Column:
        """Return the same strings, of which each item is shown as ``make(bytes)``."""

    def tolist(self) -> list[Any]:
        """Return all strings as str or bytes, or what ``make`` makes of them; None for null."""

    def __array__(self, dtype: Any = ..., copy: bool | None = ...) -> _Array:
        """Return what ``tolist`` does as objects or of a dtype; never without a copy."""

    @overload
    def __getitem__(self, key: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, key: slice | Sequence[int] | _Array) -> Column: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    @property
    def kind(self) -> Literal["str", "bytes"]: ...
    @property
    def size(self) -> int: ...
    @property
    def shape(self) -> tuple[int]: ...
    @property
    def ndim(self) -> int: ...
    @property
    def nbytes(self) -> int:
        """Bytes of the memory that the strings lie in, offsets included."""

    @property
    def first_null(self) -> int:
        """The first position that is null, or -1."""

    @property
    def nulls(self) -> _Booleans | None:
        """Which strings are null; None if none of them is."""

    @property
    def make(self) -> Callable[[bytes], Any] | None: ...
    @property
    def trims(self) -> bool:
        """Whether NULs at the end of a string are no part of it, as in NumPy's ``S``."""

    @property
    def copied(self) -> bool:
        """Whether its memory is its own."""

    @property
    def chunks(self) -> int:
        """Chunks of an Arrow stream that it was joined of."""

class RowCoder:
    """Writes rows of columns as byte strings that are ordered as the rows are, and reads them.

    What derives from it is called with the bytes of a row, for an item of a Column of rows.
    """

    def __init__(self, fields: Iterable[Any]) -> None:
        """Take columns: each with ``core``, its dtype or None, and ``dtype``, a form of strings."""

    def encode(self, parts: list[Any], after: bool) -> Column:
        """Return rows of the first columns, or of all. O(bytes).

        A part is a Column, or numbers or times with their scale and None, or such as are converted,
        with None and the fit of each. Rows that fit no key, of fewer parts, or to be `after` equal
        ones stand between keys.
        """

    def decode(self, rows: Column) -> tuple[list[Any] | None, int]:
        """Return the columns of whole rows, and -1. O(bytes).

        None and the first row that is none, where bytes are not as they are written.
        """

class Layers:
    """Layers over a sorted column of strings without null: columns of 64-bit numbers.

    Each layer is (bits of an entry that hold the number of its segment, the entries, where the
    keys of each lie or None, the segments as items of 32 bytes).
    """

    def __init__(self, column: Column, spacing_bits: int = 0) -> None:
        """Make them. O(n) for each layer. Raises ValueError for more than 2**31 - 2 strings.

        One string of ``2**spacing_bits`` is in them, the first and so on.
        """

    @staticmethod
    def borrow(column: Column, arrays: list[Any], spacing_bits: int = 0) -> Layers:
        """Use layers that lie somewhere and may hold anything; ValueError if sizes do not agree."""

    def use(self, indexes: list[Any]) -> None:
        """Search each layer as the index over its column is; there is one for each."""

    def add_table(self) -> None:
        """Make a hash table of the places of the strings, before an index is bound to the layers.

        O(bytes of the strings). Raises ValueError if there is one.
        """

    @property
    def has_table(self) -> bool: ...
    @property
    def arrays(self) -> list[tuple[int, NDArray[np.uint64], NDArray[np.uint32] | None, _Array]]: ...
    @property
    def spacing_bits(self) -> int: ...
    @property
    def nbytes(self) -> int: ...

def check_strings(column: Column) -> tuple[int, int]:
    """Return the first position out of order or -1, and a fingerprint that every key changes."""

def above_prefixes(prefixes: Column) -> Column:
    """Return of each string the first one, as bytes, above all that begin with it; null if none."""

class Rmi:
    """A recursive model index over keys that it borrows while it is trained.

    ``numbers`` of the keys are numbers, the rest is NaN or NaT; ``first`` and ``last`` span the
    domain of the root, which has ``2**root_bits`` equal bins.
    """

    def __init__(
        self, keys: _Array, numbers: int, first: float, last: float, root_bits: int
    ) -> None: ...
    def coordinates(self, keys: _Array) -> NDArray[np.uint64]:
        """Return the coordinates of keys of the training format."""

    def cut_root(self, pieces: NDArray[np.uint64]) -> None:
        """Give each piece of the coordinates bins of its own: rows of first, last, bits of bins."""

    def add_stage(self, knots: NDArray[np.uint64], models: int) -> None:
        """Add a stage that leads to `models` models; its knots are made monotone."""

    def first_at(self, targets: NDArray[np.uint64], in_root: bool) -> NDArray[np.int64]:
        """Return the first key at or after each ascending point. O(targets * log n)."""

    def fit_leaves(
        self,
        lines: bool | NDArray[np.float32],
        weights: NDArray[np.float64] | None,
        threads: int = ...,
    ) -> None:
        """Measure leaf positions and, if `lines` is True, fit lines. O(n), one or two passes."""

    def restore_leaves(
        self,
        positions: NDArray[np.uint32],
        lines: NDArray[np.float32] | None,
        over: int,
        under: int,
    ) -> None:
        """Finish a model from saved arrays: safe to predict with, bound to no keys."""

    def measure(self) -> None:
        """Measure the errors over all keys, unless that was done. O(n)."""

    def with_lines(self, lines: NDArray[np.float32]) -> Rmi:
        """Return a copy with other leaf lines; its errors are not measured."""

    def predict(self, v: _Array, scale: _Scale) -> NDArray[np.float64]:
        """Return predicted positions of queries of any format that can be compared."""

    @property
    def stages(self) -> list[NDArray[np.uint64]]:
        """Knots of every stage, root first, read-only."""

    @property
    def models(self) -> list[int]:
        """Number of models that each stage leads to; the last is the number of leaves."""

    @property
    def leaf_positions(self) -> NDArray[np.uint32]:
        """Positions at the leaf borders, in units of ``2**position_shift`` keys, read-only."""

    @property
    def lines(self) -> NDArray[np.float32] | None:
        """Intercept and slope of every leaf, read-only; None when leaves interpolate."""

    @property
    def over(self) -> int:
        """Largest prediction - position over all keys; the first call measures."""

    @property
    def under(self) -> int:
        """Largest position + 1 - prediction over all keys; the first call measures."""

    @property
    def n(self) -> int:
        """Number of keys, those that are numbers."""

    @property
    def guarded(self) -> bool:
        """Whether its arrays lie in a file and may hold anything."""

    def last_point(self) -> int:
        """Return where the last key goes in the last stage, or in the root."""

    @property
    def root_bits(self) -> int: ...
    @root_bits.setter
    def root_bits(self, bits: int) -> None: ...
    @property
    def root_bins(self) -> int: ...
    @property
    def pieces(self) -> NDArray[np.uint64]: ...
    @property
    def position_shift(self) -> int: ...
    @property
    def nbytes(self) -> int: ...

class Tree:
    """A static implicit B+-tree over keys that it does not keep alive; node is 8 or 16."""

    def __init__(self, keys: _Array, numbers: int, node: int, threads: int = ...) -> None: ...
    def agrees(self, keys: _Array) -> bool:
        """Tell whether the separators are those that a tree over these keys has. O(n / 16)."""

    @property
    def n(self) -> int:
        """Number of keys, those that are numbers."""

    @property
    def nbytes(self) -> int: ...

class Pgm:
    """A PGM-index, fitted to keys that it keeps alive until its errors are measured. O(n)."""

    def __init__(self, keys: _Array, numbers: int, epsilon: int) -> None: ...
    @staticmethod
    def restore(
        keys: _Array,
        numbers: int,
        epsilon: int,
        domain: tuple[int, int],
        coordinates: NDArray[np.uint64],
        slopes: NDArray[np.float64],
        positions: NDArray[np.float64],
        errors: tuple[int, int],
    ) -> Pgm:
        """Return a model from checked segments: good for predictions, bound to no keys."""

    def predict(self, v: _Array, scale: _Scale, corrected: bool) -> NDArray[np.float64]:
        """Return predicted positions of queries of any format that can be compared.

        With `corrected`, as lookups move them to place their windows.
        """

    def measure(self) -> None:
        """Measure the errors over all keys and gaps, unless that was done. O(n)."""

    @property
    def coordinates(self) -> NDArray[np.uint64]:
        """Where each segment of the last level begins, a read-only copy."""

    @property
    def slopes(self) -> NDArray[np.float64]:
        """Positions for each coordinate, of each segment, a read-only copy."""

    @property
    def positions(self) -> NDArray[np.float64]:
        """Position predicted where each segment begins, a read-only copy."""

    @property
    def segments(self) -> list[int]:
        """Number of segments of each level, the top one first."""

    @property
    def domain(self) -> tuple[int, int]:
        """Where coordinates begin, among the values of the key format, and the last of them."""

    @property
    def errors(self) -> tuple[int, int]:
        """Largest prediction - answer and answer - prediction; the first call measures."""

    @property
    def n(self) -> int:
        """Number of keys, those that are numbers."""

    @property
    def nbytes(self) -> int: ...

class Spline:
    """A RadixSpline, fitted to keys that it keeps alive until its largest error is measured.

    O(n), one pass; ``radix_bits`` 0 lets the number of points decide.
    """

    def __init__(self, keys: _Array, numbers: int, epsilon: int, radix_bits: int) -> None: ...
    @staticmethod
    def restore(
        keys: _Array,
        domain: tuple[int, int],
        coordinates: NDArray[np.uint64],
        positions: NDArray[np.uint64],
        epsilon: int,
        radix_bits: int,
        max_error: int,
    ) -> Spline:
        """Return a spline from checked points: good for predictions, bound to no keys."""

    def predict(self, v: _Array, scale: _Scale, corrected: bool) -> NDArray[np.float64]:
        """Return predicted positions of queries of any format that can be compared.

        With `corrected`, as lookups correct them to place their windows.
        """

    @property
    def points(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Coordinates and positions of the points, read-only."""

    @property
    def radix_table(self) -> NDArray[np.uint32]:
        """Points before each bin of coordinates, read-only."""

    @property
    def domain(self) -> tuple[int, int]:
        """Where coordinates begin, among the values of the key format, and the last of them."""

    @property
    def max_error(self) -> int:
        """Largest distance between prediction and answer; the first call measures. O(n)."""

    @property
    def n(self) -> int:
        """Number of keys, those that are numbers."""

    @property
    def radix_bits(self) -> int: ...
    @property
    def nbytes(self) -> int: ...

class RangeFilter:
    """A range filter of sorted keys, which it does not keep.

    `choice` is 0 auto, 1 exact, 2 robust or 3 learned. O(n) time, 16 bytes a key meanwhile.
    """

    def __init__(self, keys: _Array, numbers: int, choice: int, bits: float, seed: int) -> None: ...
    @staticmethod
    def restore(keys: _Array, words: _Array) -> RangeFilter:
        """Return the filter that lies in `words`, for the dtype of `keys`; it keeps them alive.

        ValueError if their sizes contradict each other; other damage gives wrong answers alone.
        """

    def may_contain(self, lo: _End, hi: _End, point: bool, out: _Booleans, threads: int) -> None:
        """Tell whether a key may lie in ranges, or be `lo`. O(log segments) each."""

    @property
    def words(self) -> NDArray[np.uint8]: ...
    @property
    def said(self) -> dict[str, int]:
        """Its strategy, sizes and seed."""

class LearnedFilter:
    """A filter of strings: a fuse filter of so many `bits` for each range of scores.

    A score is the sum of `weights` of grams; `borders` are the lowest of all regions but the first.
    """

    def __init__(
        self,
        keys: Column,
        weights: NDArray[np.int8],
        borders: NDArray[np.int32],
        bits: NDArray[np.uint8],
        seed: int,
    ) -> None: ...
    @staticmethod
    def restore(words: _Array) -> LearnedFilter:
        """Return the filter that lies in `words`, as `RangeFilter.restore` does."""

    def may_contain(self, v: Column, trims: bool, out: _Booleans, threads: int) -> None:
        """Tell whether v may be keys. O(bytes) each, up to 64."""

    def regions(self, v: Column) -> NDArray[np.uint8]:
        """Return the regions that the scores of v lie in."""

    @property
    def words(self) -> NDArray[np.uint8]: ...
    @property
    def said(self) -> dict[str, Any]:
        """Its sizes and seed; of each region its bits and keys."""

def ngram_weights(keys: Column, absent: Column, bits: int, seed: int) -> NDArray[np.float64]:
    """Return weights of 2**bits hashed grams that tell keys from absent strings. O(n)."""

def ngram_scores(strings: Column, weights: NDArray[np.int8]) -> NDArray[np.int32]:
    """Return the sums of weights of the grams in the first 64 bytes of each string."""

def ngrams(strings: Column, bits: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the numbers of all grams, one string after another, and where those of each begin."""

def hashes(strings: Column, seed: int) -> NDArray[np.uint64]:
    """Return XXH64 of the bytes of each string."""

class PointFilter:
    """A point filter of keys in any order, which it does not keep.

    `layout` is 16 for a split block, of so many bits a key, 17 and 18 for fuse filters. O(n).
    """

    def __init__(
        self, keys: _Array | Column, layout: int, bits_per_key: float, seed: int
    ) -> None: ...
    @staticmethod
    def restore(words: _Array) -> PointFilter:
        """Return the filter that lies in `words`, as `RangeFilter.restore` does."""

    @overload
    def may_contain(
        self, of_dtype: _Array, v: _Array, scale: _Scale, out: _Booleans, threads: int
    ) -> None:
        """Tell whether v may be among keys of a dtype. O(1) each."""

    @overload
    def may_contain(self, v: Column, trims: bool, out: _Booleans, threads: int) -> None:
        """``trims``: NULs at the end of a string are no part of it."""

    @property
    def words(self) -> NDArray[np.uint8]: ...
    @property
    def said(self) -> dict[str, int]:
        """Its layout, sizes and seed."""

class LearnedHash:
    """Positions of sorted keys, which it does not keep. O(n)."""

    @overload
    def __init__(
        self, keys: _Array, numbers: int, step: int, fingerprint: int, seed: int
    ) -> None: ...
    @overload
    def __init__(self, keys: Column, step: int, fingerprint: int, seed: int) -> None: ...
    @overload
    @staticmethod
    def restore(keys: _Array, words: _Array) -> LearnedHash:
        """Return what lies in `words`, as `RangeFilter.restore` does."""

    @overload
    @staticmethod
    def restore(words: _Array) -> LearnedHash:
        """Of strings."""

    @overload
    def positions(self, v: _Array, scale: _Scale, how: str, out: _Positions, threads: int) -> None:
        """Tell positions; `how` is "position", "may_find", or "begin" and "end": of segments."""

    @overload
    def positions(self, v: Column, trims: bool, how: str, out: _Positions, threads: int) -> None:
        """``trims``: NULs at the end of a string are no part of it."""

    @property
    def words(self) -> NDArray[np.uint8]: ...
    @property
    def said(self) -> dict[str, int]:
        """Its sizes and seed."""

class Direct:
    """The positions of all values of an 8- or 16-bit format, over keys that it does not keep alive.

    O(2**bits + distinct keys); entries are uint32 if there are fewer than 2**32 keys, else uint64.
    """

    def __init__(self, keys: _Array, numbers: int) -> None: ...
    @staticmethod
    def restore(keys: _Array, positions: NDArray[np.uint64]) -> Direct:
        """Return a table with these positions for the dtype of `keys`, bound to no keys.

        It is made to rise; the last position is the number of keys.
        """

    def predict(self, v: _Array, scale: _Scale) -> NDArray[np.int64]:
        """Return the positions of queries of any format that can be compared."""

    @property
    def positions(self) -> NDArray[np.uint32] | NDArray[np.uint64]:
        """Keys below each value of the format, then the number of keys, read-only."""

    @property
    def n(self) -> int: ...
    @property
    def nbytes(self) -> int: ...

def extended_pgm(old: Pgm, keys: _Array, numbers: int) -> Pgm | None:
    """Return the model that a fit to longer keys gives; the first of them are those of `old`.

    None where only a fit to all keys can tell. O(new keys + segments + n / 16).
    """

def extended_spline(old: Spline, keys: _Array, numbers: int, radix_bits: int) -> Spline | None:
    """Return the spline that a fit to longer keys gives, or None. O(new keys + size)."""

def extended_tree(old: Tree, keys: _Array, numbers: int) -> Tree | None:
    """Return the tree over longer keys; None: the old were too few. O(new keys + size)."""

def extended_direct(old: Direct, keys: _Array, numbers: int) -> Direct | None:
    """Return the table of longer keys, or None if that is of a file. O(new keys + 2**bits)."""

def goes_on(rmi: Rmi, old: Rmi) -> bool:
    """Tell whether a root without a stage gives all keys in the domain of `old` the same points."""

def extend_leaves(rmi: Rmi, old: Rmi, positions: NDArray[np.uint32], leaf: int, start: int) -> None:
    """Finish a model that extends `old`, by the borders of all its leaves.

    If `old` has lines, its own are kept before `leaf`; from key number `start` on, which is the
    first of that leaf, they are fitted. O(n - start).
    """

class FormatError(ValueError): ...

class File:
    """A .lidx file in memory that it keeps alive, aligned to 8, and what was read of it.

    FormatError: the name of the file, and what is wrong with it.
    """

    def __init__(self, buffer: object, name: str) -> None: ...
    @property
    def header(self) -> dict[str, Any]:
        """The fields of the header that Python reads, by name."""

    @property
    def sections(self) -> list[tuple[bytes, int, int]]:
        """Type, offset and bytes of every section."""

    @property
    def raw(self) -> NDArray[np.uint8]:
        """All of its bytes, read-only."""

    def section(self, type: str) -> NDArray[np.uint8]:
        """Return the bytes of the first section of a type, read-only; none if it has none."""

    def column(self, checked: bool = ...) -> Column | None:
        """Return the strings in the file, where they lie; None if it does not hold them.

        ``checked``: all text must be UTF-8. Raises ValueError, with the position. O(bytes).
        """

    def model(self, keys: _Array | None) -> Any:
        """Return what lookups search these keys with, or what bounds are computed with."""

    def verify(self, all: bool) -> None:
        """Check the checksums of all sections, or of the model's; FormatError names one. O(n)."""

    def verify_section(self, type: str) -> None:
        """Check the checksum of the sections of a type."""

def crc32c(array: _Array | Column) -> int:
    """Return the CRC-32C of an array's bytes, or of the length and the bytes of strings. O(n)."""

def sampled_crc(keys: _Array | Column) -> int:
    """Return the CRC-32C of 1,024 keys, evenly spread. O(1)."""

class Plan:
    """The bytes of a .lidx file, laid out and checksummed. O(n)."""

    def __init__(
        self,
        keys: _Array,
        numbers: int,
        meaning: tuple[int, int, int],
        meta: bytes,
        model: Any,
        with_keys: bool,
        values: _Array | None,
        runs: tuple[_Array | None, _Array] | None = ...,
        filter: tuple[_Array, bool] | None = ...,
    ) -> None: ...
    @staticmethod
    def of_strings(
        column: Column,
        form: int,
        columns: list[tuple[int, tuple[int, int, int]]],
        meta: bytes,
        layers: list[Plan],
        spacing_bits: int,
        with_keys: bool,
        values: _Array | None,
        filter: tuple[_Array, bool] | None = ...,
    ) -> Plan: ...
    @property
    def pieces(self) -> list[NDArray[np.uint8]]:
        """The bytes in order, read-only, where they lie."""

    @property
    def nbytes(self) -> int: ...

@disjoint_base
class IndexBase:
    """What LearnedIndex derives from: scalar verbs that never enter a Python frame.

    What a verb cannot read itself goes to the Python method of the same name with an underscore
    before it.
    """

    @overload
    def searchsorted(
        self, v: _Tuple, side: _Side = "left", *, out: Any = None, threads: int = 1
    ) -> Any: ...
    @overload
    def searchsorted(
        self, v: _Key, side: _Side = "left", *, out: None = None, threads: int = 1
    ) -> int: ...
    @overload
    def searchsorted(
        self, v: _Queries, side: _Side = "left", *, out: _Positions | None = None, threads: int = 1
    ) -> _Positions: ...
    @overload
    def contains(self, v: _Tuple, *, out: Any = None, threads: int = 1) -> Any: ...
    @overload
    def contains(self, v: _Key, *, out: None = None, threads: int = 1) -> bool: ...
    @overload
    def contains(
        self, v: _Queries, *, out: _Booleans | None = None, threads: int = 1
    ) -> _Booleans: ...
    @overload
    def find(
        self,
        v: _Tuple,
        method: _Method = None,
        tolerance: Any = None,
        *,
        out: Any = None,
        threads: int = 1,
    ) -> Any: ...
    @overload
    def find(
        self,
        v: _Key,
        method: _Method = None,
        tolerance: Any = None,
        *,
        out: None = None,
        threads: int = 1,
    ) -> int: ...
    @overload
    def find(
        self,
        v: _Queries,
        method: _Method = None,
        tolerance: Any = None,
        *,
        out: _Positions | None = None,
        threads: int = 1,
    ) -> _Positions: ...
    @overload
    def rank(self, v: _Tuple, *, out: Any = None, threads: int = 1) -> Any: ...
    @overload
    def rank(self, v: _Key, *, out: None = None, threads: int = 1) -> int: ...
    @overload
    def rank(
        self, v: _Queries, *, out: _Positions | None = None, threads: int = 1
    ) -> _Positions: ...
    @overload
    def range(
        self,
        lo: _Tuple,
        hi: Any,
        inclusive: _Inclusive = "left",
        *,
        out: Any = None,
        threads: int = 1,
    ) -> Any: ...
    @overload
    def range(
        self,
        lo: Any,
        hi: _Tuple,
        inclusive: _Inclusive = "left",
        *,
        out: Any = None,
        threads: int = 1,
    ) -> Any: ...
    @overload
    def range(
        self,
        lo: _Key | None,
        hi: _Key | None,
        inclusive: _Inclusive = "left",
        *,
        out: None = None,
        threads: int = 1,
    ) -> slice[int, int, None]: ...
    @overload
    def range(
        self,
        lo: _Queries,
        hi: _Queries | _Key | None,
        inclusive: _Inclusive = "left",
        *,
        out: tuple[_Positions, _Positions] | None = None,
        threads: int = 1,
    ) -> tuple[_Positions, _Positions]: ...
    @overload
    def range(
        self,
        lo: _Key | None,
        hi: _Queries,
        inclusive: _Inclusive = "left",
        *,
        out: tuple[_Positions, _Positions] | None = None,
        threads: int = 1,
    ) -> tuple[_Positions, _Positions]: ...
    @overload
    def count(
        self,
        lo: _Tuple,
        hi: Any,
        inclusive: _Inclusive = "left",
        *,
        out: Any = None,
        threads: int = 1,
    ) -> Any: ...
    @overload
    def count(
        self,
        lo: Any,
        hi: _Tuple,
        inclusive: _Inclusive = "left",
        *,
        out: Any = None,
        threads: int = 1,
    ) -> Any: ...
    @overload
    def count(
        self,
        lo: _Key | None,
        hi: _Key | None,
        inclusive: _Inclusive = "left",
        *,
        out: None = None,
        threads: int = 1,
    ) -> int: ...
    @overload
    def count(
        self,
        lo: _Queries,
        hi: _Queries | _Key | None,
        inclusive: _Inclusive = "left",
        *,
        out: _Positions | None = None,
        threads: int = 1,
    ) -> _Positions: ...
    @overload
    def count(
        self,
        lo: _Key | None,
        hi: _Queries,
        inclusive: _Inclusive = "left",
        *,
        out: _Positions | None = None,
        threads: int = 1,
    ) -> _Positions: ...
    @overload
    def bounds(
        self, v: _Tuple, side: _Side = "left", *, out: Any = None, threads: int = 1
    ) -> Any: ...
    @overload
    def bounds(
        self, v: _Key, side: _Side = "left", *, out: None = None, threads: int = 1
    ) -> tuple[int, int]: ...
    @overload
    def bounds(
        self,
        v: _Queries,
        side: _Side = "left",
        *,
        out: tuple[_Positions, _Positions] | None = None,
        threads: int = 1,
    ) -> tuple[_Positions, _Positions]: ...
    @property
    def keys(self) -> Any:
        """The keys. Of numbers and times a read-only 1-D array, the caller's own memory.

        A new view for each asker. Of strings, rows and instants what was passed if it was borrowed,
        else a column of strings or ``lx.Columns``.
        """

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> _Array: ...
    @overload
    def __getitem__(self, key: SupportsIndex, /) -> Any: ...
    @overload
    def __getitem__(self, key: slice | _Queries, /) -> _Array: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...

def bind_model(
    index: IndexBase, of_dtype: _Array, numbers: int, total: int, model: Any, aware: bool = ...
) -> None:
    """Fill a fresh index that has a model but not its keys: it answers bounds only."""

def bind(
    index: IndexBase,
    keys: _Array,
    numbers: int,
    model: Rmi | Tree | Pgm | Spline | Direct | None,
    aware: bool = ...,
) -> None:
    """Fill a fresh index; it keeps keys and model alive. `aware`: they are instants."""

def bind_strings(index: IndexBase, layers: Layers, name: str) -> None:
    """Fill a fresh index over strings; it keeps the layers and their column alive.

    ``name`` is that of the type of items.
    """

def search(
    index: IndexBase,
    v: _Array | Column,
    scale: _Scale,
    right: bool,
    verb: str,
    out: _Array,
    threads: int,
    limit: tuple[int, float, float, int, int] | None = None,
) -> bool:
    """Answer a batch; verb is "position", "contains", "find", or a method of find.

    Pad searches on the right. True: answers of -2 are left open.
    """

def bounds(
    index: IndexBase,
    v: _Array,
    scale: _Scale,
    right: bool,
    lows: _Positions,
    highs: _Positions,
    threads: int,
) -> None:
    """Bound the answers of a batch without reading keys."""

def search_fixed(index: IndexBase, value: float | Column, fit: int, right: bool, verb: str) -> int:
    """Answer one query that Python brought to the key format; fit: 0 exact, 1 rounded up,
    2 past all numbers, 3 NaN or NaT.
    """

def bounds_fixed(index: IndexBase, value: float | Column, fit: int, right: bool) -> tuple[int, int]:
    """Bound the answer of one such query."""

trace_columns: tuple[str, ...]

def trace(
    index: IndexBase, value: float | Column, fit: int, right: bool
) -> tuple[NDArray[np.int64], list[tuple[str, int, int, int, int, int]]]:
    """Return the counts of one lookup, named by ``trace_columns``, and its steps: (kind, at, low,
    high, reads, lines). -1 where the model has no such step.
    """

def trace_counts(index: IndexBase, v: _Array, right: bool) -> NDArray[np.int64]:
    """Return a row of counts for each query, which are of the keys' dtype, and no NaN or NaT."""

_T = TypeVar("_T")
_K = TypeVar("_K")
_V = TypeVar("_V")
_D = TypeVar("_D")
_Kind: TypeAlias = Literal["int", "float", "str", "bytes", "object"]
_Codes: TypeAlias = NDArray[np.int64]

class _SortedBase(Generic[_T]):
    """What the bases of all sorted containers have; no class of its own when running.

    What a code does not stand for goes to methods of the Python class: `_rank_other`,
    `_find_other`, `_add_other`, `_set_other`, `_get_other`; changes of a container of objects to
    those that end in `_object`.
    """

    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...
    @property
    def kind(self) -> _Kind: ...
    @property
    def _objects(self) -> Any: ...
    def __len__(self) -> int: ...
    def __contains__(self, value: object, /) -> bool: ...
    def __iter__(self) -> Iterator[_T]: ...
    def __reversed__(self) -> Iterator[_T]: ...
    def __sizeof__(self) -> int: ...
    @overload
    def bisect_left(self, value: _Array, /) -> _Codes: ...
    @overload
    def bisect_left(self, value: Any, /) -> int: ...
    @overload
    def bisect_right(self, value: _Array, /) -> _Codes: ...
    @overload
    def bisect_right(self, value: Any, /) -> int: ...
    @overload
    def bisect(self, value: _Array, /) -> _Codes: ...
    @overload
    def bisect(self, value: Any, /) -> int: ...
    def index(self, value: Any, start: int | None = None, stop: int | None = None) -> int: ...
    @overload
    def irange(
        self,
        minimum: Any = None,
        maximum: Any = None,
        inclusive: tuple[bool, bool] = (True, True),
        reverse: bool = False,
        as_array: Literal[False] = False,
    ) -> Iterator[_T]: ...
    @overload
    def irange(
        self,
        minimum: Any = None,
        maximum: Any = None,
        inclusive: tuple[bool, bool] = (True, True),
        reverse: bool = False,
        *,
        as_array: Literal[True],
    ) -> _Array: ...
    def islice(
        self, start: int | None = None, stop: int | None = None, reverse: bool = False
    ) -> Iterator[_T]: ...
    def clear(self) -> None: ...
    def to_numpy(self) -> _Array: ...
    def _check(self) -> None: ...
    def _become(self, objects: Any, /) -> None: ...
    def _ranks(self, codes: _Codes, right: bool, /) -> _Codes: ...
    def _contains_codes(self, codes: _Codes, /) -> NDArray[np.bool_]: ...

class _SortedValues(_SortedBase[_T]):
    def add(self, value: _T, /) -> None: ...
    def discard(self, value: Any, /) -> None: ...
    def remove(self, value: Any, /) -> None: ...
    def pop(self, index: SupportsIndex = -1) -> _T: ...
    def count(self, value: Any, /) -> int: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> _T: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[_T]: ...
    def __delitem__(self, index: SupportsIndex | slice, /) -> None: ...
    def _take_codes(self, codes: _Codes, floats: bool, /) -> bool: ...
    def _take_list(self, values: list[Any], /) -> bool: ...
    def _swap(self, other: SortedSetBase[Any], /) -> None: ...

@disjoint_base
class SortedListBase(_SortedValues[_T]):
    """What SortedList derives from; equal items are all kept."""

@disjoint_base
class SortedSetBase(_SortedValues[_T]):
    """What SortedSet derives from; equal items are one."""

@disjoint_base
class SortedDictBase(_SortedBase[_K], Generic[_K, _V]):
    """What SortedDict derives from; values are references in leaves, or in a dict beside text."""

    def __getitem__(self, key: Any, /) -> _V: ...
    def __setitem__(self, key: _K, value: _V, /) -> None: ...
    def __delitem__(self, key: Any, /) -> None: ...
    @overload
    def get(self, key: _Array, default: _D) -> list[_V | _D]: ...
    @overload
    def get(self, key: _Array, default: None = None) -> list[_V | None]: ...
    @overload
    def get(self, key: Any, default: _D) -> _V | _D: ...
    @overload
    def get(self, key: Any, default: None = None) -> _V | None: ...
    def setdefault(self, key: _K, default: _V = ...) -> _V: ...
    @overload
    def pop(self, key: Any) -> _V: ...
    @overload
    def pop(self, key: Any, default: _D) -> _V | _D: ...
    def popitem(self, index: SupportsIndex = -1) -> tuple[_K, _V]: ...
    def peekitem(self, index: SupportsIndex = -1) -> tuple[_K, _V]: ...
    @classmethod
    def _declare_plain(cls) -> None: ...
    def _iterate(self, give: Literal["keys", "values", "items"], backward: bool, /) -> Any: ...
    def _pick(self, index: Any, give: Literal["keys", "values", "items"], /) -> Any: ...
    def _erase(self, index: SupportsIndex | slice, /) -> None: ...
    def _values_of_codes(
        self, codes: _Codes, known: NDArray[np.bool_], default: Any, /
    ) -> list[Any]: ...
    def _take_pairs(self, pairs: dict[Any, Any], /) -> bool: ...

def _limit_tree_memory(blocks: int) -> None:
    """Let sorted containers take so many more blocks of memory, and then none: for tests. Below 0:
    any number.
    """
