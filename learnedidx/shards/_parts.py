"""Shards that several processes wrote, each in a folder of its own, brought under one manifest."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from learnedidx.shards._manifest import read
from learnedidx.shards._places import MOST_FILES, Folder, place_of
from learnedidx.shards._writing import Writer, _named, _taken_back

PARTS = re.compile(r"\.parts-[0-9a-f]{16}", re.ASCII)


@contextlib.contextmanager
def gathering(folder: Any, rows: int, advice: str) -> Iterator[tuple[str, Writer]]:
    """Give a place for folders of parts, and who adopts them; then write the manifest.

    Nobody else writes meanwhile. Shards that were there stay until the manifest is written; after
    a failure they are what there is. What a killed process left goes at the next time. `advice`
    says how keys are sorted there.
    """
    place = place_of(folder)
    if not isinstance(place, Folder):
        text = "workers write shards into a folder that all of them reach; build there, and copy it"
        raise OSError(errno.ENOTSUP, text, place.path)
    with place.writing(), contextlib.closing(place.reading()) as reading:
        parts = place.at(f".parts-{secrets.token_hex(8)}")
        try:
            name = place.newest()
            place.sweep(_named(read(place, name) if place.has(name) else None), reading)
            for left in filter(PARTS.fullmatch, place.names()):
                shutil.rmtree(place.at(left), ignore_errors=True)
            os.mkdir(parts)
            with _taken_back(Writer(place, name, rows, "none", "source")) as writer:
                writer.advice = advice
                yield parts, writer
                writer.finished()
        finally:
            shutil.rmtree(parts, ignore_errors=True)


def adopt(writer: Writer, path: str, name: str) -> None:
    """Move the shards of a folder behind those of a writer; errors call it by the name.

    Raises ValueError if they begin below its last key, TypeError if they are of another dtype.
    """
    writer.name, part = name, read(Folder(path))
    if not len(part.ends):
        return
    if writer.last is not None:
        writer._check_behind(part.ends, sum(shard.count for shard in writer.shards))
    for shard in part.shards:
        if writer.number >= MOST_FILES:
            raise ValueError(f"{writer.place.path}: has no names left for shards; build elsewhere")
        file = f"shard-{writer.number:08}.lidx"
        writer.number += 1
        writer.written.append(file)
        os.rename(os.path.join(path, shard.name), writer.place.at(file))
        writer.shards.append(replace(shard, name=file))
    writer.ends.append(part.ends._state.checked.array)
    writer.last = part.ends
