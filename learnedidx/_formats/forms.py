"""What the strings of a column stand for: text, bytes, UUIDs, addresses; and one scalar of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import numpy as np

from learnedidx._formats.scalars import item_of, shown

_ITEM = {  # (keys, queries) -> how to make a query of the other form
    ("str", "bytes"): "{}.decode()",
    ("str", "UUID"): "str({})",
    ("str", "IPv4Address"): "str({})",
    ("str", "IPv6Address"): "str({})",
    ("bytes", "str"): "{}.encode()",
    ("bytes", "UUID"): "{}.bytes",
    ("bytes", "IPv4Address"): "{}.packed",
    ("bytes", "IPv6Address"): "{}.packed",
    ("UUID", "str"): "uuid.UUID({})",
    ("IPv4Address", "str"): "ipaddress.IPv4Address({})",
    ("IPv6Address", "str"): "ipaddress.IPv6Address({})",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What strings stand for.

    Attributes
    ----------
    name : str
        Of the type of items, as messages say it.
    kind : {"str", "bytes"}
        Of the column.
    width : int
        Bytes of each item; 0 if they differ.
    raw, make : callable
        From an item to its bytes, and back; None: the column does it.
    """

    name: str
    kind: Literal["str", "bytes"]
    width: int = 0
    raw: Callable[[Any], bytes] | None = None
    make: Callable[[bytes], Any] | None = None

    @property
    def sorting(self) -> str:
        """How to sort such keys."""
        return "by the order of their bytes: sorted(keys), or keys.sort() of Arrow"

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return _form_named, (self.name,)  # of which there is one

    def takes(self, other: Form) -> bool:
        """Tell whether queries of another form compare with keys of this one."""
        return other is self or (self.make is not None and other is BYTES)

    def refusal(self, name: str, got: str, each: bool, what: str | None = None) -> TypeError:
        """Say that queries of one form, each of an array or one alone, do not compare."""
        item = _ITEM.get((self.name, got))
        how = f"pass {self.name}" if item is None else f"pass {item.format(name)}"
        if item is not None and each:
            how = f"pass [{item.format('k')} for k in {name}]"
        return TypeError(f"{name}: cannot compare {what or got} with keys of {self.name}; {how}")

    def wrong_width(self, where: str, size: int) -> ValueError:
        """Say that bytes are none of this form."""
        return ValueError(f"{where} has {size} bytes; pass {self.width} bytes, or {self.name}")


def make_uuid(raw: bytes) -> Any:
    """Return the UUID of 16 bytes."""
    import uuid

    return uuid.UUID(bytes=raw)


def make_ipv4(raw: bytes) -> Any:
    """Return the IPv4 address of 4 bytes."""
    import ipaddress

    return ipaddress.IPv4Address(raw)


def make_ipv6(raw: bytes) -> Any:
    """Return the IPv6 address of 16 bytes."""
    import ipaddress

    return ipaddress.IPv6Address(raw)


TEXT, BYTES = Form("str", "str"), Form("bytes", "bytes")
UUID = Form("UUID", "bytes", 16, attrgetter("bytes"), make_uuid)
IPV4 = Form("IPv4Address", "bytes", 4, attrgetter("packed"), make_ipv4)
IPV6 = Form("IPv6Address", "bytes", 16, attrgetter("packed"), make_ipv6)


def _form_named(name: str) -> Form:
    return next(form for form in IN_FILES if form.name == name)


IN_FILES = (TEXT, BYTES, UUID, IPV4, IPV6)  # in the order of their numbers there
_MADE = {form.make: form for form in (UUID, IPV4, IPV6)}
_OBJECTS = {("uuid", "UUID"): UUID}
_EXACT = {("ipaddress", "IPv4Address"): IPV4, ("ipaddress", "IPv6Address"): IPV6}


def form_of(column: Any) -> Any:
    """Return what the strings of a column stand for: a Form, or what makes rows of them."""
    if column.make is not None:
        return _MADE.get(column.make, column.make)
    return TEXT if column.kind == "str" else BYTES


def is_missing(item: Any) -> bool:
    """Tell whether an item is None or pandas.NA; imports nothing."""
    return item is None or type(item).__name__ == "NAType"


def form_of_item(item: Any) -> Form | None:
    """Return the form of one item, or None if it has none; imports nothing.

    Addresses of a network or with a scope are more than their bytes, so they have none.
    """
    if isinstance(item, str):
        return TEXT
    if isinstance(item, (bytes, bytearray)):
        return BYTES
    kind = type(item)
    if kind.__module__ == "builtins":
        return None
    form = _EXACT.get((kind.__module__, kind.__name__))
    if form is not None:
        return None if getattr(item, "scope_id", None) is not None else form
    parents = ((parent.__module__, parent.__name__) for parent in kind.__mro__)
    return next((_OBJECTS[parent] for parent in parents if parent in _OBJECTS), None)


def bytes_of(v: Any, keys: Form, name: str = "v") -> bytes:
    """Return the bytes of one query of the keys' form, or of bytes where that has so many.

    Raises TypeError if it does not compare with the keys, ValueError for text without UTF-8.
    """
    v = item_of(v)
    v = v.tobytes() if type(v) is np.void and v.dtype.names is None else v
    form = form_of_item(v)
    if form is None or not keys.takes(form):
        got = type(v).__name__ if form is None else form.name
        raise keys.refusal(name, got, False, f"{got} ({shown(v)})")
    if form is TEXT:
        return encoded(v, name)
    raw = bytes(v) if form.raw is None else form.raw(v)
    if keys.width not in (0, len(raw)):
        raise keys.wrong_width(name, len(raw))
    return raw


def encoded(text: str, name: str) -> bytes:
    """Return text in UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{name}: holds a surrogate, which UTF-8 has no bytes for; take it out, or pass bytes"
        ) from None
