"""Sorted containers that change: the interface of sortedcontainers over leaves in the core."""

from learnedidx.containers.objects import PerformanceWarning
from learnedidx.containers.sorted_dict import SortedDict
from learnedidx.containers.sorted_key_list import SortedKeyList
from learnedidx.containers.sorted_list import SortedList
from learnedidx.containers.sorted_set import SortedSet
from learnedidx.containers.views import SortedItemsView, SortedKeysView, SortedValuesView

SortedListWithKey = SortedKeyList  # its name in version 1 of sortedcontainers

__all__ = [
    "PerformanceWarning",
    "SortedDict",
    "SortedItemsView",
    "SortedKeyList",
    "SortedKeysView",
    "SortedList",
    "SortedListWithKey",
    "SortedSet",
    "SortedValuesView",
]
