"""How tasks travel: what they open shards by, and code for workers that may lack ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from learnedidx.shards import ShardedIndex

EXTRA = "pip install 'learnedidx[dask]'"
NUMBERED = ("numbered", "written")  # functions that get the number of their partition


def loaded() -> tuple[Any, Any]:
    """Return Dask's module of frames, and ours of tasks; ImportError says what to install."""
    try:
        import dask.dataframe as dd

        from learnedidx.dask import _tasks
    except ImportError as error:
        raise ImportError(f"the client of Dask lacks {error.name or 'it'}: {EXTRA}") from None
    return dd, _tasks


class Held(tuple[Any, ...]):
    """How to open shards again. It keeps a share in their folder here, and travels as a tuple."""

    kept: ShardedIndex

    def __new__(cls, index: ShardedIndex) -> Held:
        made = super().__new__(cls, index.__reduce__()[1])
        made.kept = index
        return made

    def __reduce__(self) -> Any:
        return tuple, ([*self],)


def mapped(name: str, frame: Any, *given: Any, meta: Any = None) -> Any:
    """Return a frame of Dask of what a function of ours gives for each partition.

    The manifest is a task of its own, so that it travels to each worker once.
    """
    from dask.delayed import delayed

    dd, tasks = loaded()
    if meta is None:
        meta = getattr(tasks, name)(frame._meta, *given, *[0] * (name in NUMBERED))
    sent = [delayed(each, pure=True) if isinstance(each, Held) else each for each in given]
    return dd.map_partitions(there(name), frame, *sent, meta=meta, transform_divisions=False)


def there(name: str) -> Callable[..., Any]:
    """Return a task that is pickled by its code: a worker that lacks ours can still say so."""
    extra, is_numbered = EXTRA, name in NUMBERED

    def called(*args: Any, partition_info: Any = None) -> Any:
        try:
            from learnedidx.dask import _tasks
        except ImportError as error:
            lacks = str(error.name).partition(".")[0]
            raise ImportError(f"a worker of Dask lacks {lacks}: {extra} there") from None
        given = (*args, partition_info["number"]) if is_numbered else args
        return getattr(_tasks, name)(*given)

    called.__name__ = f"learnedidx-{name}"  # as Dask calls its tasks
    return called
