"""Opening what was saved: paths, file objects, bytes, memory maps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx._formats.keys import Array
from learnedidx.files._building import _from_bytes as _from_bytes
from learnedidx.files._building import _from_keys as _from_keys
from learnedidx.files._building import _from_strings as _from_strings
from learnedidx.files._building import _reopened as _reopened
from learnedidx.files._building import over, stored_in
from learnedidx.files._stored import FormatError
from learnedidx.index import LearnedIndex

if TYPE_CHECKING:
    from _typeshed import SupportsRead

__all__ = ["FormatError", "open"]


def open(
    path: str | os.PathLike[str] | SupportsRead[bytes] | bytes | bytearray | memoryview | Array,
    keys: Any = None,
    verify: str = "header",
    mmap: bool = True,
) -> Any:
    """Open an index, or a filter, that was saved, without reading more than a few pages.

    Parameters
    ----------
    path : str, os.PathLike, bytes-like or file object
        A path, the bytes of a file, or an object to read them from.
        Bytes that are borrowed must not change.
    keys : array_like, optional
        The keys that the index was made over, if the file does not hold them; they are borrowed.
        They must have its fingerprint: dtype, length, first and last key and 1,024 sampled ones;
        with verify="full" all of them. Of strings what they stand for, length and sampled ones.
    verify : {"header", "full"}
        "header" checks header, table of sections and description of the model, which makes any file
        safe to use: damaged arrays cost time, not answers. "full" reads all of it: the checksum
        of every section, the order of the keys, and whether text is UTF-8. Text that is not
        raises UnicodeDecodeError where it is read.
    mmap : bool
        Map the file, so that its pages are read when they are needed and shared by all
        processes that map it; False reads it into memory. A file that another process truncates
        while it is mapped ends this one with SIGBUS, which no check can prevent: read such files.

    Returns
    -------
    LearnedIndex or filter
        What was saved. An index without keys, neither in the file nor given, answers ``bounds``
        only; over strings it is refused then. All of a filter is read once, for its checksum.

    Raises
    ------
    FormatError
        No whole .lidx file of this version, or one of other keys: the message says what is wrong.
    OSError
        The file cannot be read.

    Notes
    -----
    O(1) time and memory, whatever the number of keys, for a path that is mapped.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> blob = lx.LearnedIndex(np.arange(0, 3000, 3), "rmi").save(bytes)
    >>> index = lx.open(blob)
    >>> index.searchsorted(300), len(index)
    (100, 1000)
    >>> lx.open(blob, keys=np.arange(1000))
    Traceback (most recent call last):
    learnedidx.FormatError: bytes: was made over other keys: keys has the last key 999, the \
file says another; pass the keys that it was saved with, or build a new index over these
    """
    if verify not in ("header", "full"):
        raise ValueError(f"verify: must be 'header' or 'full', got {verify!r}")
    if not isinstance(mmap, (bool, np.bool_)):
        raise TypeError(f"mmap: must be True or False, got {mmap!r}")
    stored = stored_in(path, bool(mmap))
    if stored.header["is_filter"]:
        from learnedidx.filters._files import opened

        return opened(stored, keys, verify == "full")
    return over(LearnedIndex, stored, keys, verify == "full")
