"""The manifest of a folder of shards: what it says, checked, and the shards that it names."""

from __future__ import annotations

import base64
import binascii
import errno
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from learnedidx._formats.keys import as_keys
from learnedidx._formats.queries import Positions
from learnedidx._state import State, index_of, without_zone
from learnedidx.files import FormatError
from learnedidx.files._building import over, stored_in
from learnedidx.index import LearnedIndex
from learnedidx.models.choose import core_of, fitted
from learnedidx.shards._places import SHARD_NAME, Folder, Store

FORMAT, VERSION = "learnedidx shards", 1
MOST = 2**63 - 1
RESTORE = "restore it, or build again"
_SAID = {"name": str, "count": int, "fingerprint": list, "model": str}


@dataclass(frozen=True, slots=True)
class Shard:
    """What the manifest says of one file."""

    name: str
    count: int
    fingerprint: tuple[int, ...]
    model: str


@dataclass(frozen=True)
class Manifest:
    """Which shards there are; `ends` is an index over first and last key of each that has keys."""

    place: Folder | Store
    name: str
    rows: int
    shards: tuple[Shard, ...]
    ends: LearnedIndex

    @property
    def text(self) -> bytes:
        """What is written: equal manifests have equal text."""
        said = {
            "format": FORMAT,
            "version": VERSION,
            "dtype": str(self.ends._state.checked.dtype),
            "rows_per_shard": self.rows,
            "boundaries": base64.b64encode(self.ends.save(bytes)).decode(),
            "shards": [asdict(shard) for shard in self.shards],
        }
        return json.dumps(said, indent=1).encode()

    @cached_property
    def slots(self) -> Positions:
        """How many shards with keys lie before each shard, and how many there are."""
        return np.cumsum([0, *(shard.count > 0 for shard in self.shards)], dtype=np.intp)

    def opened(self, k: int, full: bool = False) -> LearnedIndex:
        """Return the index of shard k; `full`: after all its bytes were checked.

        Raises FileNotFoundError or FormatError, which name the file.
        """
        shard = self.shards[k]
        path = self.place.at(shard.name)
        try:
            stored = self.place.stored(shard.name)
            if stored.fingerprint != shard.fingerprint or stored.header["is_filter"]:
                raise self._another(path, "its fingerprint differs")
            index = over(LearnedIndex, stored, None, full)
        except FileNotFoundError:
            raise self._missing(shard.name) from None
        except FormatError as error:
            raise FormatError(str(error).replace("; save it again", f"; {RESTORE}")) from None
        wanted, dtype = self.ends._state.checked.dtype, index._state.checked.dtype
        if dtype != wanted:
            raise self._another(
                path, f"its keys are of dtype {dtype}, those of the shards of {wanted}"
            )
        if index._state.keyless is not None or len(index) != shard.count:
            raise self._another(path, f"it has {len(index)} keys, the manifest says {shard.count}")
        ends, at = without_zone(self.ends), 2 * int(self.slots[k])
        if shard.count and not _begins_and_ends(without_zone(index), ends[at], ends[at + 1]):
            raise self._another(path, "its first or last key is another")
        return index

    def require_files(self) -> None:
        """Raise FileNotFoundError if a shard is missing; reads none."""
        names = set(self.place.names())
        for shard in self.shards:
            if shard.name not in names:
                raise self._missing(shard.name)

    def _missing(self, name: str) -> FileNotFoundError:
        text = f"this shard is missing, and {self.name} names it; {RESTORE}"
        return FileNotFoundError(errno.ENOENT, text, self.place.at(name))

    def _another(self, path: str, what: str) -> FormatError:
        return FormatError(f"{path}: is not the shard that {self.name} names: {what}; {RESTORE}")


def _begins_and_ends(index: LearnedIndex, first: Any, last: Any) -> bool:
    return bool(index.find(first) == 0 and index.rank(last) == len(index) and last in index)


def read(place: Folder | Store, name: str | None = None) -> Manifest:
    """Return a manifest, the newest if none is named.

    Raises FileNotFoundError if there is none, FormatError if it cannot be used.
    """
    name = place.newest() if name is None else name
    try:
        text = place.read(name)
    except FileNotFoundError:
        what = "no shards here, or their build did not end; lx.shards.build makes them"
        raise FileNotFoundError(errno.ENOENT, what, place.at(name)) from None
    return parsed(place, name, text)


def parsed(place: Folder | Store, name: str, text: bytes) -> Manifest:
    """Return what a manifest says; FormatError if it cannot be believed."""
    path = place.at(name)
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise FormatError(f"{path}: is no JSON; restore it, or build the shards again") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise FormatError(f"{path}: is no manifest of shards; name a folder that build made")
    if said.get("version") != VERSION:
        raise FormatError(
            f"{path}: has version {said.get('version')!r}, this release reads {VERSION}; "
            "open it with the release that wrote it, or build again"
        )
    listed, rows = said.get("shards"), said.get("rows_per_shard")
    if not isinstance(listed, list) or not listed or type(rows) is not int or rows < 1:
        raise _damaged(path, "it lists no shards, or does not say how long they get")
    shards = tuple(_shard(path, k, each) for k, each in enumerate(listed))
    if len({shard.name for shard in shards}) < len(shards):
        raise _damaged(path, "it names a file twice")
    if sum(shard.count for shard in shards) > MOST:
        raise _damaged(path, "the counts of its shards are too large")
    manifest = Manifest(place, name, rows, shards, _ends(path, said.get("boundaries"), shards))
    if said.get("dtype") != str(manifest.ends._state.checked.dtype):
        raise _damaged(path, f"it says dtype {said.get('dtype')!r}, and its boundaries another")
    return manifest


def _damaged(path: str, what: str) -> FormatError:
    return FormatError(f"{path}: is damaged: {what}; restore it, or build the shards again")


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST


def _shard(path: str, k: int, said: Any) -> Shard:
    if not isinstance(said, dict) or any(type(said.get(n)) is not t for n, t in _SAID.items()):
        raise _damaged(path, f"shards[{k}] does not have the fields of a shard")
    if not SHARD_NAME.fullmatch(said["name"]):
        raise _damaged(path, f"shards[{k}] has the name {said['name']!r}, which no shard has")
    numbers = [said["count"], *said["fingerprint"]]
    if len(numbers) != 4 or not all(map(_is_count, numbers)):
        raise _damaged(path, f"shards[{k}] has a count or a fingerprint that is none")
    return Shard(said["name"], said["count"], tuple(said["fingerprint"]), said["model"])


def _ends(path: str, said: Any, shards: tuple[Shard, ...]) -> LearnedIndex:
    """Return the index over first and last keys, all of it checked."""
    try:
        blob = base64.b64decode(said, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise _damaged(path, "its boundaries are not in base64") from None
    try:
        stored = stored_in(blob, False)
        if stored.header["is_filter"]:
            raise _damaged(path, "its boundaries are a filter")
        ends = over(LearnedIndex, stored, None, True)
    except FormatError as error:
        what = "its shards overlap" if "not sorted" in str(error) else "its boundaries are damaged"
        raise _damaged(path, f"{what} ({error})") from None
    wanted = 2 * sum(shard.count > 0 for shard in shards)
    if ends._state.keyless is not None or len(ends) != wanted:
        raise _damaged(path, f"it has {len(ends)} first and last keys, its shards {wanted}")
    return ends


def both_ends(keys: Any) -> Any:
    """Return the first and the last key, or no keys."""
    return keys[[0, keys.size - 1]] if keys.size else keys


def joined(parts: list[Any], aware: bool, model: Any = "none") -> LearnedIndex:
    """Return an index over keys that follow each other, each part as the core has it."""
    if not isinstance(parts[0], np.ndarray):
        items = [item for part in parts for item in part.tolist()]
        return LearnedIndex(items or parts[0], model)
    checked = replace(as_keys(np.concatenate(parts)), aware=aware)
    made = fitted(model, checked)
    return index_of(LearnedIndex, State(checked, made, core_of(made)))
