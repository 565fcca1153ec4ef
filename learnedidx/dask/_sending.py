"""How tasks travel: what they open shards by, and code for workers that may lack ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from learnedidx.shards import ShardedIndex

EXTRA = "pip install 'learnedidx[dask]'"


def dataframe() -> Any:
    try:
        import dask.dataframe as dd
    except ImportError as error:
        raise ImportError(f"the client of Dask lacks {error.name or 'it'}: {EXTRA}") from None
    return dd


class Held(tuple[Any, ...]):
    """How to open shards again. It keeps a share in their folder here, and travels as a tuple."""

    kept: ShardedIndex

    def __new__(cls, index: ShardedIndex) -> Held:
        made = super().__new__(cls, index.__reduce__()[1])
        made.kept = index
        return made

    def __reduce__(self) -> Any:
        return tuple, ([*self],)


def sent(how: Held) -> Any:
    """Return a task that gives a manifest, so that it travels to each worker once."""
    from dask.delayed import delayed

    return delayed(how, pure=True)


def there(name: str, is_numbered: bool = False) -> Callable[..., Any]:
    """Return a task that is pickled by its code: a worker that lacks ours can still say so."""
    extra = EXTRA

    def called(*args: Any) -> Any:
        try:
            import pyarrow  # noqa: F401

            from learnedidx.dask import _tasks
        except ImportError as error:
            lacks = str(error.name).partition(".")[0]
            raise ImportError(f"a worker of Dask lacks {lacks}: {extra} there") from None
        return getattr(_tasks, name)(*args)

    def numbered(*args: Any, partition_info: Any = None) -> Any:
        return called(partition_info["number"], *args)

    made = numbered if is_numbered else called
    made.__name__ = f"learnedidx-{name}"  # as Dask calls its tasks
    return made
