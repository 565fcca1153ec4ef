"""A real key set: how its file is found, read, checked and cached."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from datasets.checksum import sha256_of_keys
from datasets.keytypes import AnyKeys
from datasets.real.cache import cached_keys, store
from datasets.real.places import DataMissingError


class ChecksumError(ValueError):
    """A file was read, but its keys are not the pinned ones."""


@dataclass(frozen=True)
class RealSet:
    """One real key set.

    ``find`` looks where the package client puts the file. ``extract`` turns a file into sorted
    keys. ``sha256`` pins those keys. ``version`` and ``version_of`` are given for a package whose
    old versions vanish from its registry: a file of another or unknown version is then accepted
    with a warning, and its keys are not cached.
    """

    name: str
    dtype: str
    shape: str
    source: str
    licence: str
    install: str
    sha256: str
    find: Callable[[], Path | None]
    extract: Callable[[Path], AnyKeys]
    version: str | None = None
    version_of: Callable[[Path], str | None] | None = None

    def load(self, path: str | Path | None = None) -> AnyKeys:
        """Return the sorted keys, from the given file, the cache or the installed package.

        Raises
        ------
        DataMissingError
            The file is not on this machine; the message names the install command.
        ChecksumError
            The keys differ from the pinned ones.
        """
        if path is None:
            cached = cached_keys(self.name, self.dtype, self.sha256)
            if cached is not None:
                return cached
        file = self._file(path)
        keys = self.extract(file)
        if self._pinned(keys, file):
            store(self.name, keys)
        return keys

    def _file(self, path: str | Path | None) -> Path:
        """Return the file to read: the explicit one, or the one that ``find`` knows."""
        if path is not None and Path(path).is_file():
            return Path(path)
        where = f"no file at {path}" if path is not None else "its file is not on this machine"
        found = self.find() if path is None else None
        if found is None:
            raise DataMissingError(f"{self.name}: {where}; install it with: {self.install}")
        return found

    def _pinned(self, keys: AnyKeys, file: Path) -> bool:
        """Tell whether these are the pinned keys; other ones are refused or warned about."""
        found = sha256_of_keys(keys)
        if found == self.sha256:
            return True
        message = f"{self.name}: SHA-256 of the keys is {found}, pinned is {self.sha256}"
        if self.version_of is None or self.version_of(file) == self.version:
            raise ChecksumError(f"{message}; install the pinned version with: {self.install}")
        advice = f"the file is not of the pinned version {self.version}: keys not verified"
        warnings.warn(f"{message}; {advice}", stacklevel=4)
        return False
