"""What a sidecar of Parquet files holds: an index over their column, and which files they are."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np

from learnedidx._formats.keys import Keys, as_array, as_strings, in_order
from learnedidx._formats.zones import zone_of
from learnedidx._state import State
from learnedidx.files import open as open_index
from learnedidx.files._building import over
from learnedidx.files._saving import save_beside
from learnedidx.files._stored import FormatError, Stored
from learnedidx.index import LearnedIndex
from learnedidx.interop._ranges import fetched, is_url, names_in, reached, scratch
from learnedidx.interop._row_groups import RowGroups, whole_path
from learnedidx.models.choose import core_of, fitted

SUFFIX = ".lidx"


def beside(path: Any, column: str) -> str:
    """Return where the sidecar of a column lies."""
    place = _place_of(path)
    if os.sep in column or "/" in column or "\0" in column:
        raise ValueError(
            f"column: {column!r} cannot be part of a file's name; pass sidecar='name.lidx'"
        )
    return f"{place}.{column}{SUFFIX}"


def _place_of(path: Any) -> str:
    """Return where a file or folder lies, beside which there can be sidecars."""
    if not isinstance(path, (str, os.PathLike)):
        raise ValueError("sidecar: must be given where path is a list of files or a dataset")
    return whole_path(path).rstrip("/")


def only_one(path: Any, options: dict[str, Any]) -> str:
    """Return the sidecar beside a file or folder, if there is just one."""
    place = _place_of(path)
    cut = place.rfind("/") + 1
    folder, name = (place[:cut], place[cut:]) if is_url(place) else os.path.split(place)
    names = names_in(folder, options) if is_url(folder) else os.listdir(folder)
    found = [
        each
        for each in sorted(names or [])
        if each.startswith(f"{name}.") and each.endswith(SUFFIX) and len(each) > len(name + SUFFIX)
    ]
    if len(found) == 1:
        return os.path.join(folder, found[0])
    columns = [each[len(name) + 1 : -len(SUFFIX)] for each in found]
    if columns:
        raise ValueError(f"column: {path} has several sidecars; pass one of {columns}")
    require_file(path)
    raise FileNotFoundError(
        f"{path}: has no sidecar; make one with learnedidx.parquet.build(path, column)"
    )


def require_file(path: Any) -> None:
    """Raise if a path of this machine cannot be what has a sidecar."""
    if not isinstance(path, (str, os.PathLike)):
        return
    place = _place_of(path)
    if place.endswith(SUFFIX):
        raise ValueError(f"path: {path} is named like a sidecar; pass the Parquet file beside it")
    if not is_url(place) and not os.path.exists(place):
        raise FileNotFoundError(f"{path}: no such file")


def opened(sidecar: str, verify: str, options: dict[str, Any]) -> Any:
    """Return the index in a sidecar; one that is elsewhere is fetched."""
    if not is_url(sidecar):
        return open_index(sidecar, verify=verify)
    if verify not in ("header", "full"):
        raise ValueError(f"verify: must be 'header' or 'full', got {verify!r}")
    stored = fetched(sidecar, options)
    return (
        None if stored.header["is_filter"] else over(LearnedIndex, stored, None, verify == "full")
    )


def write(source: RowGroups, column: str, target: str, model: Any, options: dict[str, Any]) -> None:
    """Write an index over a column of Parquet files."""
    place = None if is_url(target) else os.path.dirname(target)
    with scratch(place, "TMPDIR" if place is None else "sidecar=") as file:
        state = _index_over(_read(source, column, file), source, column, model)
        source.require_same()
        if place is not None:
            save_beside(state, target, _described(source, column))
            return
        made = save_beside(state, bytes, _described(source, column))
    system, path = reached(target, options)
    system.pipe_file(path, made)


def _described(source: RowGroups, column: str) -> dict[str, Any]:
    return {
        "column": column,
        "files": len(source.files),
        "fingerprint": source.digest.hexdigest(),
    }


def _read(source: RowGroups, column: str, file: BinaryIO) -> Any:
    """Return a column: as Arrow has it if it is text, else as an array that lies in a file."""
    import pyarrow as pa

    empty = pa.array([], source.plain_type(column))
    if as_strings(empty, None, column) is not None:
        return pa.chunked_array(list(source.keys(column)), empty.type)
    dtype, rows = as_array(empty, None, column, zones=True).dtype, 0
    for chunk in source.keys(column):
        file.write(as_array(chunk, None, column, zones=True).view(np.uint8))
        rows += len(chunk)
    file.flush()
    return np.asarray(np.memmap(file, dtype, "r")) if rows else np.empty(0, dtype)


def _index_over(array: Any, source: RowGroups, column: str, model: Any) -> State:
    """Return the parts of an index over a column that was read."""
    try:
        keys = _checked(array, column)
    except ValueError as error:
        raise _disorder(array, source, column) or error from None
    if not isinstance(keys.array, np.ndarray):
        return LearnedIndex(array, model)._state
    keys = replace(keys, aware=zone_of(source.schema.field(column)) is not None)
    made = fitted(model, keys)
    return State(keys, made, core_of(made))


def _checked(array: Any, column: str) -> Keys:
    how = f"write the files again, from table.sort_by({column!r})"
    return as_strings(array, None, column) or in_order(array, column, sorting=how)


def _disorder(array: Any, source: RowGroups, column: str) -> ValueError | None:
    """Return an error that names the file and the first row that is out of order."""
    together = f"rows of {len(source.files)} files, one after the other"
    for name, start, stop in (*source.spans(), (together, 0, len(array))):
        try:
            _checked(array[start:stop], column)
        except ValueError as error:
            return ValueError(f"column: {name}: {error}")
    return None


def require_of(stored: Stored, source: RowGroups, column: str | None) -> str:
    """Return the column of a sidecar; raise FormatError unless it was made over these files."""
    said, build = stored.meta.get("parquet"), "make it with learnedidx.parquet.build"
    if not isinstance(said, dict) or not isinstance(said.get("column"), str):
        raise FormatError(f"{stored.name}: is no sidecar of Parquet files; {build}")
    found: str = said["column"]
    if column is not None and column != found:
        raise FormatError(f"{stored.name}: is a sidecar of column {found!r}, not of {column!r}")
    ours = _described(source, found)
    if ours != said or stored.header["n"] != source.rows or found not in source.schema.names:
        files, rows = said.get("files"), stored.header["n"]
        raise FormatError(
            f"{stored.name}: was made over other Parquet files: {source} changed since (now "
            f"{source.rows} rows in {_files(ours['files'])}, then {rows} in {_files(files)}); "
            f"{build} again"
        )
    return found


def _files(count: Any) -> str:
    return "1 file" if count == 1 else f"{count} files"


def require_keys(index: LearnedIndex, source: RowGroups, column: str) -> None:
    """Raise FormatError unless an index holds what is in the column now. O(n)."""
    row, keys = 0, index._state.checked.array
    for chunk in source.keys(column):
        part = keys[row : row + len(chunk)]
        row += len(chunk)
        if isinstance(part, np.ndarray):
            found = as_array(chunk, None, column, zones=True)
            is_same = found.dtype == part.dtype and found.tobytes() == part.tobytes()
        else:
            is_same = part.tolist() == chunk.to_pylist()
        if not is_same:
            raise FormatError(
                f"{source}: rows up to {row} have other keys in {column} than the sidecar; build "
                "that again with learnedidx.parquet.build"
            )
