"""Keys that are instants: times that are given with a zone, and compared in UTC."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from learnedidx._formats.family import Array, Meaning
from learnedidx._formats.scalars import Fixed, item_of
from learnedidx._formats.times import DATETIME, Times, Unit
from learnedidx._formats.zones import instant_of, is_instant

INSTANT = 4  # in files
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class AwareDtype:
    """The dtype of instants: datetime64 in UTC, which are given with a time zone."""

    base: np.dtype[Any]
    kind: ClassVar[str] = "M"

    @property
    def itemsize(self) -> int:
        """Bytes of a key."""
        return self.base.itemsize

    def __str__(self) -> str:
        unit = str(self.base)[len("datetime64[") : -1]
        return f"datetime64[{unit}, UTC]" if unit else "datetime64[UTC]"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An instant of a batch of queries, whose zone was seen."""

    time: np.datetime64


class Instants(Times):
    """datetime64 of columns with a time zone, in UTC. Queries need a zone, any one."""

    is_aware = True

    def __init__(self, dtype: Any) -> None:
        super().__init__(dtype.base)
        self.dtype = dtype
        self.query, self.queries = "a datetime with a time zone", "datetimes with a time zone"

    @classmethod
    def accepts(cls, dtype: Any) -> bool:
        return isinstance(dtype, AwareDtype)

    def items(self, batch: Array) -> Iterator[Any]:
        return super().items(batch) if batch.dtype == object else map(_Asked, batch.flat)

    def fixed(self, v: Any, name: str = "v") -> Fixed:
        v = item_of(v)
        is_date = isinstance(v, (datetime.date, np.datetime64)) and v == v
        if is_date and not is_instant(v):
            raise TypeError(
                f"{name}: has no time zone, and the keys are instants; if it is in UTC, pass "
                f"{instant_of(v).format(name)}"
            )
        return super().fixed(v, name)

    def _read(self, v: Any, name: str) -> tuple[int | None, Unit]:
        v = item_of(v)
        if isinstance(v, _Asked):
            v = v.time
        elif is_instant(v):
            if not hasattr(v, "to_datetime64"):  # of pandas, which knows nanoseconds
                return (v - _EPOCH) // datetime.timedelta(microseconds=1), ("us", 1)
            v = v.to_datetime64()
        return super()._read(v, name)

    @property
    def meaning(self) -> Meaning:
        return INSTANT, *super().meaning[1:]

    @classmethod
    def dtype_in_file(cls, meaning: Meaning, stored: str) -> Any:
        code, unit, count = meaning
        if code != INSTANT:
            return None
        naive = Times.dtype_in_file((DATETIME, unit, count), stored)
        assert naive is not None
        return AwareDtype(naive)
