"""What tests of the sorted containers share."""

from typing import Any

import learnedidx as lx

KINDS = (lx.SortedList, lx.SortedSet, lx.SortedDict)


def maker(kind: Any) -> Any:
    """Return what makes a container of keys."""
    return (lambda keys=(): kind.fromkeys(keys)) if kind is lx.SortedDict else kind


def put(container: Any, key: Any) -> None:
    """Insert one key, whatever the container is."""
    if isinstance(container, lx.SortedDict):
        container[key] = "value"
    else:
        container.add(key)
