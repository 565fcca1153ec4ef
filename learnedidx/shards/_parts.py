"""Shards that several processes wrote, each in a folder of its own, brought under one manifest."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace

from learnedidx.shards._locks import Reading, writing
from learnedidx.shards._manifest import NAME, read
from learnedidx.shards._writing import MOST_SHARDS, Writer, _taken_back, sweep

PLACE = re.compile(r"\.parts-[0-9a-f]{16}", re.ASCII)


@contextlib.contextmanager
def gathering(folder: str, rows: int) -> Iterator[tuple[str, Writer]]:
    """Give a place for folders of parts, and who adopts them; then write the manifest.

    Nobody else writes meanwhile. Shards that were there stay until the manifest is written; after
    a failure they are what there is. What a killed process left goes at the next time.
    """
    os.makedirs(folder, exist_ok=True)
    with writing(folder):
        reading = Reading(folder)
        place = os.path.join(folder, f".parts-{secrets.token_hex(8)}")
        try:
            is_new = not os.path.lexists(os.path.join(folder, NAME))
            sweep(folder, [] if is_new else [read(folder)], reading)
            for name in filter(PLACE.fullmatch, os.listdir(folder)):
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
            os.mkdir(place)
            with _taken_back(Writer(folder, rows, "none", "source")) as writer:
                yield place, writer
                writer.finished()
        finally:
            shutil.rmtree(place, ignore_errors=True)
            reading.close()


def adopt(writer: Writer, path: str) -> None:
    """Move the shards of a folder behind those of a writer.

    Raises ValueError if they begin below its last key, TypeError if they are of another dtype.
    """
    part = read(path)
    if not len(part.ends):
        return
    if writer.last is not None:
        writer._check_behind(part.ends, sum(shard.count for shard in writer.shards))
    for shard in part.shards:
        if writer.number >= MOST_SHARDS:
            raise ValueError(f"{writer.folder}: has no names left for shards; build in another one")
        name = f"shard-{writer.number:08}.lidx"
        target = os.path.join(writer.folder, name)
        writer.number += 1
        writer.written.append(target)
        os.rename(os.path.join(path, shard.name), target)
        writer.shards.append(replace(shard, name=name))
    writer.ends.append(part.ends._state.checked.array)
    writer.last = part.ends
