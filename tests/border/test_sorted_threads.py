"""What another thread, or the garbage collector, does while a sorted container is used."""

import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.sorted_common import KINDS, maker


class Until:
    """An index, a truth value or a number that waits until another thread changes a container."""

    def __init__(self, container: Any) -> None:
        self.container = container
        batch = np.random.default_rng(1).integers(0, 2**40, 3_000_000)
        self.thread = threading.Thread(target=container.update, args=[batch])

    def wait(self) -> None:
        self.thread.start()
        while self.thread.is_alive():
            try:
                len(self.container)
            except RuntimeError:
                return

    def __index__(self) -> int:
        self.wait()
        return 7

    def __bool__(self) -> bool:
        self.wait()
        return True

    def __gt__(self, other: object) -> bool:
        if not self.thread.ident:
            self.wait()
        return False

    __lt__ = __eq__ = __gt__

    def __hash__(self) -> int:
        return 7


WAITING: dict[str, Callable[[Any, Any], object]] = {
    "slice": lambda c, until: c[until:],
    "index": lambda c, until: c[until],
    "del": lambda c, until: c.__delitem__(slice(until, None)),
    "islice": lambda c, until: c.islice(until),
    "index from": lambda c, until: c.index(9, until),
    "irange": lambda c, until: c.irange(9, reverse=until),
    "irange as array": lambda c, until: c.irange(9, None, (until, True), as_array=True),
    "irange from": lambda c, until: c.irange(until),
    "find": lambda c, until: c.index(until),
    "discard": lambda c, until: c.discard(until),
}


@pytest.mark.parametrize("verb", WAITING)
def test_a_batch_that_begins_while_arguments_are_read_is_noticed(verb: str) -> None:
    numbers = lx.SortedList(range(0, 100_000, 2))
    until = Until(numbers)
    with pytest.raises(RuntimeError, match="another thread"):
        WAITING[verb](numbers, until)
    until.thread.join()
    numbers._check()
    assert len(numbers) == 3_050_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_collection_that_clears_the_container_is_noticed(kind: Any) -> None:
    container = maker(kind)(range(5000))
    ways: list[Any] = [iter, reversed, lambda c: c.irange(9), lambda c: c.islice(9)]
    if kind is lx.SortedDict:
        ways += [lambda c: iter(c.items()), lambda c: iter(c.values())]
    threshold = gc.get_threshold()
    clear: Callable[[str, Any], None] = lambda phase, info: container.clear()  # noqa: E731
    gc.callbacks.append(clear)
    try:
        for begin in ways:
            container.update(dict.fromkeys(range(5000)))
            gc.set_threshold(1)
            with suppress(RuntimeError):
                kept = [[item] for item in begin(container)]
                del kept
            gc.set_threshold(*threshold)
            assert len(container) == 0
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(clear)
