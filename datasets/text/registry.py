"""All sets of text by name."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.text import made
from datasets.text.found import MAIL_DOMAINS, PACKAGE_NAMES, PATHS, WORDS
from datasets.text.texts import Pairs, Text


@dataclass(frozen=True)
class MadeText:
    """One synthetic set, with the SHA-256 of both arrays of 10,000 keys of seed 1."""

    name: str
    shape: str
    make: Callable[[int, int], Text | Pairs]
    sha256: str


_MADE = (
    MadeText(
        "urls",
        "web addresses: 20,000 hosts by Zipf's law, paths of 4 shapes",
        made.urls,
        "ababb10c2bf6ce3d4bb74fd8716f5cec1db7130650b696f0fb9a178c586608d4",
    ),
    MadeText(
        "emails",
        "two names, a number, a popular host",
        made.emails,
        "17acd4e61beb0571ce3dad17d9af26ae5b04e2bab87d883357fd66174951f056",
    ),
    MadeText(
        "domains",
        "names of hosts from right to left: com.example.www",
        made.domains,
        "9469627b56025bca803487583a0f322ee7340f014b2a7ad7d50297a146951e54",
    ),
    MadeText(
        "decimal",
        "random numbers in up to 11 digits, which sort as text",
        made.decimals,
        "49cd546e907d3b916f9f5c229fdebf10564b15077d8d9f2f28e2dd936af13a88",
    ),
    MadeText(
        "uuid_text",
        "random UUIDs in 36 characters",
        made.uuid_text,
        "aca451e49b8e3734ec00d22b8575ab5053f47c1dbb6de7364212370c1a91cabb",
    ),
    MadeText(
        "uuid_bytes",
        "the same UUIDs in 16 bytes, zeros among them",
        made.uuid_bytes,
        "457650c785905cb2b3b1d75d4be42402b55857bd6801b0307d04e61bf18ce54e",
    ),
    MadeText(
        "ipv6",
        "pairs: networks of popular sites, hosts in them",
        made.ipv6,
        "41a3395ff6f2e4fbfd2c60d648134915e57cbb589b34c109ffcf210891b3aa21",
    ),
    MadeText(
        "user_times",
        "pairs: a popular user, a time in milliseconds",
        made.user_times,
        "1297b91ffa8ec86454afa5a03d48e08e58d12ab144ee4c7273643c9fab0f8ffc",
    ),
)
REAL = {entry.name: entry for entry in (WORDS, MAIL_DOMAINS, PACKAGE_NAMES, PATHS)}
SYNTHETIC = {entry.name: entry for entry in _MADE}


def names() -> list[str]:
    """Return the names of all sets: the real ones, then the synthetic ones."""
    return [*REAL, *SYNTHETIC]


def load(name: str, n: int | None = None, seed: int = 1, path: str | Path | None = None) -> Any:
    """Return the sorted, distinct keys of a set: a ``Text``, or ``Pairs``.

    Parameters
    ----------
    name
        One of ``names()``.
    n
        The number of keys: synthetic sets need it, real ones have theirs.
    seed
        The seed of a synthetic set, from 0 to 2^64 - 1.
    path
        The file of a real set, or the folder of ``paths``, where it is another one.

    Raises
    ------
    DataMissingError
        A real set's file is not on this machine (a FileNotFoundError); names the command.
    ValueError
        The name is unknown, or an argument does not go with the set.
    """
    if name in REAL and n is None:
        return REAL[name].read(path)
    if name in REAL:
        raise ValueError(f"{name} is a real set with its own size: leave n out, got n={n}")
    if name not in SYNTHETIC:
        raise ValueError(f"no set of text {name!r}; there are {', '.join(names())}")
    if path is not None or n is None:
        raise ValueError(f"{name} is made: say its size, as in load({name!r}, n=10**6), no path")
    if operator.index(n) < 0 or not 0 <= operator.index(seed) < 1 << 64:
        raise ValueError(f"n={n} is negative, or seed={seed} is not in 0 to 2^64 - 1")
    return SYNTHETIC[name].make(n, seed)


def describe(name: str) -> str:
    """Return what a set is: its shape and, for a real one, its source, licence and command."""
    if name in REAL:
        real = REAL[name]
        return f"{name}: {real.shape}. From {real.source}. {real.licence}. Install: {real.install}"
    if name in SYNTHETIC:
        return f"{name}: {SYNTHETIC[name].shape}. Synthetic."
    raise ValueError(f"no set of text {name!r}; there are {', '.join(names())}")
