"""The real sets: words, mail domains, paths of this machine's files, names from a list."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.keytypes import AnyKeys
from datasets.real.npm import file_bytes, find_tarball, package_version
from datasets.real.places import DataMissingError, cache_folder, existing
from datasets.real.realset import RealSet
from datasets.text.texts import Text

WORDS_FILE = Path("/usr/share/dict/american-english-insane")
NAMES_FILE = "package_names.txt"
NOT_ON_DISK = frozenset({"dev", "proc", "run", "sys", "tmp"})  # right under the root


@dataclass(frozen=True)
class RealText:
    """One real set of text; ``read`` takes a path or None, for the usual place."""

    name: str
    shape: str
    source: str
    licence: str
    install: str
    read: Callable[[str | Path | None], Text]


def lines(path: Path) -> AnyKeys:
    """Return the distinct lines of a file, sorted, as an array of NumPy's fixed width."""
    found = {line.split(b"\t", 1)[0].strip() for line in path.read_bytes().splitlines()}
    return np.array(sorted(found - {b""}), dtype=np.bytes_)


_WORDS = RealSet(
    name="words",
    dtype="S60",
    shape="663,473 words, 9.4 bytes each",
    source="Debian wamerican-insane 2020.12.07-4, american-english-insane",
    licence="SCOWL: use, copy, change and sell without fee, keep the notice",
    install="apt-get install wamerican-insane",
    sha256="dcce696b7765eb75c194611819962eb0857d486a59e285b267e27ea9c182c1e9",
    find=lambda: existing(WORDS_FILE),
    extract=lines,
    version="2020.12.07-4",
    version_of=lambda path: None,  # a list of words does not know it
)


_DOMAINS_VERSION = "1.0.62"


def _listed(path: Path) -> AnyKeys:
    """Return the domains of a package, from its tarball or its list in JSON."""
    found = {one.encode() for one in json.loads(file_bytes(path, "index.json"))}
    return np.array(sorted(found), dtype=np.bytes_)


_DOMAINS = RealSet(
    name="mail_domains",
    dtype="S68",
    shape="121,570 domains of disposable mail addresses, 14.2 bytes each",
    source=f"npm disposable-email-domains {_DOMAINS_VERSION}, index.json",
    licence="MIT",
    install=f"npm pack disposable-email-domains@{_DOMAINS_VERSION}",
    sha256="9401346cfa103339b1ca7db447b6d20ef26b34c8c2729a85e8b4d65ff8c6b9d2",
    find=lambda: find_tarball("disposable-email-domains", _DOMAINS_VERSION),
    extract=_listed,
    version=_DOMAINS_VERSION,
    version_of=package_version,
)


def _as_text(real: RealSet) -> RealText:
    """Return a pinned set, which is read as text."""

    def read(path: str | Path | None) -> Text:
        return Text.of(real.load(path).tolist())

    return RealText(real.name, real.shape, real.source, real.licence, real.install, read)


def _names(path: str | Path | None) -> Text:
    file = cache_folder() / NAMES_FILE if path is None else Path(path)
    if not file.is_file():
        raise DataMissingError(f"package_names: no file at {file}; {PACKAGE_NAMES.install}")
    return Text.of(lines(file).tolist())


def _paths(path: str | Path | None) -> Text:
    root = os.fsencode(path or "/")
    return Text.of(sorted(_walk(root)))


def _walk(root: bytes) -> Iterator[bytes]:
    for folder, folders, files in os.walk(root):
        if folder == b"/":
            folders[:] = [name for name in folders if os.fsdecode(name) not in NOT_ON_DISK]
        paths = (os.path.join(folder, name) for name in files)
        yield from (path for path in paths if _is_text(path))


def _is_text(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


WORDS, MAIL_DOMAINS = _as_text(_WORDS), _as_text(_DOMAINS)
PACKAGE_NAMES = RealText(
    "package_names",
    "names of software packages, about 13 bytes each",
    f"a list of your own, one name a line, in $LEARNEDIDX_DATA/{NAMES_FILE}",
    "that of the list",
    f"write a list of names, one a line, to $LEARNEDIDX_DATA/{NAMES_FILE}",
    _names,
)
PATHS = RealText(
    "paths",
    "paths of all files of this machine: long beginnings in common",
    "the file system, without /dev, /proc, /run, /sys and /tmp",
    "none is needed",
    "nothing to install",
    _paths,
)
