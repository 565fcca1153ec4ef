// Docstrings of the verbs of the sorted containers that live in C; the test suite runs their examples.
#pragma once

namespace learnedidx::bindings::docs {

constexpr const char* sorted_kind =
    "What the container holds: 'int', 'float', 'str', 'bytes' or 'object'. Empty, it takes any of the first four.";

constexpr const char* sorted_add = R"doc(add($self, value, /)
--

Add a value. O(log n).

>>> import learnedidx as lx
>>> numbers = lx.SortedList([3, 1])
>>> numbers.add(2)
>>> numbers
SortedList([1, 2, 3])
)doc";

constexpr const char* sorted_discard = R"doc(discard($self, value, /)
--

Remove the first value equal to this one, if there is one. O(log n).

>>> import learnedidx as lx
>>> numbers = lx.SortedList([1, 2, 3])
>>> numbers.discard(2.0)
>>> numbers.discard(9)
>>> numbers
SortedList([1, 3])
)doc";

constexpr const char* sorted_remove = R"doc(remove($self, value, /)
--

Remove the first value equal to this one. O(log n).

There has to be one: ValueError for a list, KeyError for a set.

>>> import learnedidx as lx
>>> numbers = lx.SortedList([1, 2, 3])
>>> numbers.remove(2)
>>> numbers
SortedList([1, 3])
>>> numbers.remove(2)
Traceback (most recent call last):
    ...
ValueError: 2 not in list
)doc";

constexpr const char* sorted_pop = R"doc(pop($self, index=-1)
--

Remove the value at an index and return it; IndexError if there is none. O(log n).

>>> import learnedidx as lx
>>> numbers = lx.SortedList([1, 2, 3])
>>> numbers.pop(), numbers.pop(0), numbers
(3, 1, SortedList([2]))
)doc";

constexpr const char* sorted_clear = R"doc(clear($self, /)
--

Remove everything. O(n). What has moved to sortedcontainers stays there.

>>> import learnedidx as lx
>>> numbers = lx.SortedList([1, 2, 3])
>>> numbers.clear()
>>> len(numbers)
0
)doc";

constexpr const char* sorted_bisect_left = R"doc(bisect_left($self, value, /)
--

Return how many values are below this one: the first index where it could stand. O(log n).

For an array: an array of int64 of its shape, in one call. Numbers compare by value, whatever their types.

>>> import numpy as np, learnedidx as lx
>>> numbers = lx.SortedList([1, 2, 2, 3])
>>> numbers.bisect_left(2), numbers.bisect_left(2.5)
(1, 3)
>>> numbers.bisect_left(np.array([0, 2, 9]))
array([0, 1, 4])
)doc";

constexpr const char* sorted_bisect_right = R"doc(bisect_right($self, value, /)
--

Return how many values are not above this one: the last index where it could stand. O(log n).

For an array: an array of int64 of its shape, in one call.

>>> import learnedidx as lx
>>> lx.SortedList([1, 2, 2, 3]).bisect_right(2)
3
)doc";

constexpr const char* sorted_bisect = R"doc(bisect($self, value, /)
--

Return what bisect_right returns. O(log n).

>>> import learnedidx as lx
>>> lx.SortedList([1, 2, 2, 3]).bisect(2)
3
)doc";

constexpr const char* sorted_count = R"doc(count($self, value, /)
--

Return how many values equal this one. O(log n).

>>> import learnedidx as lx
>>> lx.SortedList([1, 2, 2, 3]).count(2)
2
)doc";

constexpr const char* sorted_index = R"doc(index($self, value, start=None, stop=None)
--

Return the first index of a value between start and stop; ValueError if it is not there. O(log n).

>>> import learnedidx as lx
>>> numbers = lx.SortedList([1, 2, 2, 3])
>>> numbers.index(2), numbers.index(2, 2)
(1, 2)
)doc";

constexpr const char* sorted_irange = R"doc(irange($self, minimum=None, maximum=None, inclusive=(True, True), reverse=False, as_array=False)
--

Iterate over the values (the keys of a dict) from minimum to maximum. O(log n), and O(1) for each value.

None is an open end; inclusive says whether minimum and maximum belong to the range. With as_array the
values come as an array. Changing the container while iterating raises RuntimeError.

>>> import learnedidx as lx
>>> numbers = lx.SortedList([10, 20, 30, 40])
>>> list(numbers.irange(15, 40, inclusive=(True, False), reverse=True))
[30, 20]
>>> numbers.irange(15, as_array=True)
array([20, 30, 40])
)doc";

constexpr const char* sorted_islice = R"doc(islice($self, start=None, stop=None, reverse=False)
--

Iterate over the values (the keys of a dict) from index start to index stop. O(log n), and O(1) for each.

>>> import learnedidx as lx
>>> list(lx.SortedList([10, 20, 30, 40]).islice(1, 3))
[20, 30]
)doc";

constexpr const char* sorted_to_numpy = R"doc(to_numpy($self, /)
--

Return the values (the keys of a dict) as a new array: int64, float64, or object if objects are held. O(n).

>>> import learnedidx as lx
>>> lx.SortedList([3, 1, 2]).to_numpy()
array([1, 2, 3])
)doc";

constexpr const char* sorted_get = R"doc(get($self, key, default=None)
--

Return the value of a key, or default. O(log n).

For an array of keys: a list of their values, default where there is none.

>>> import numpy as np, learnedidx as lx
>>> names = lx.SortedDict({1: "one", 2: "two"})
>>> names.get(2), names.get(3)
('two', None)
>>> names.get(np.array([1, 3]), "?")
['one', '?']
)doc";

constexpr const char* sorted_setdefault = R"doc(setdefault($self, key, default=None)
--

Return the value of a key; if it is not there, insert it with default first. O(log n).

>>> import learnedidx as lx
>>> lists = lx.SortedDict()
>>> lists.setdefault(3, []).append("c")
>>> lists
SortedDict({3: ['c']})
)doc";

constexpr const char* sorted_pop_key = R"doc(pop($self, key, default=...)
--

Remove a key and return its value; without one, return default or raise KeyError. O(log n).

>>> import learnedidx as lx
>>> names = lx.SortedDict({1: "one"})
>>> names.pop(1), names.pop(1, "none")
('one', 'none')
)doc";

constexpr const char* sorted_popitem = R"doc(popitem($self, index=-1)
--

Remove the item at an index and return it: by default the last one. O(log n).

KeyError if the dict is empty, IndexError if the index is out of range.

>>> import learnedidx as lx
>>> names = lx.SortedDict({1: "one", 2: "two"})
>>> names.popitem(0), names
((1, 'one'), SortedDict({2: 'two'}))
)doc";

constexpr const char* sorted_peekitem = R"doc(peekitem($self, index=-1)
--

Return the item at an index; IndexError if there is none. O(log n).

>>> import learnedidx as lx
>>> lx.SortedDict({1: "one", 2: "two"}).peekitem(0)
(1, 'one')
)doc";

constexpr const char* sorted_check = R"doc(_check($self, /)
--

Recompute every invariant of the tree; AssertionError if one does not hold. O(n).
)doc";

constexpr const char* sorted_sizeof = R"doc(__sizeof__($self, /)
--

Return the bytes of the container: its tree, without values or objects that it refers to.
)doc";

}  // namespace learnedidx::bindings::docs
