// Docstrings of the verbs that live in C; the test suite runs their examples.
#pragma once

namespace learnedidx::bindings::docs {

constexpr const char* keys =
    "The keys that the core reads: a read-only 1-D array, the caller's own memory. A new view for each asker. "
    "Of strings what was borrowed, or a column of them where they were copied.";

constexpr const char* as_array = R"doc(__array__($self, dtype=None, *, copy=None)
--

Return the keys as NumPy asks for them: ``index.keys``, or a copy where dtype or copy demands one.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> np.asarray(lx.LearnedIndex(np.array([1, 3, 3, 8])))
array([1, 3, 3, 8])
)doc";

constexpr const char* searchsorted = R"doc(searchsorted($self, v, side='left', *, out=None, threads=1)
--

Return the positions where v would be inserted to keep the keys sorted.

The answer is that of ``numpy.searchsorted(keys, v, side)``, but numbers of different types
compare by value, exactly, and strings by their bytes. One model prediction, then a search of two cache lines; O(log n) where
the model is wrong.

Parameters
----------
v : scalar or array_like
    Queries of any shape.
side : {'left', 'right'}
    The first position with key >= v, or the first with key > v.
out : ndarray of intp, optional
    Where to put the answers: writeable, of the shape of v, which is () for a scalar.
threads : int
    Threads for a batch; 0 means all allowed cores. Each gets 8,192 queries or more. They are kept
    for the next batch; the children of a fork make their own.

Returns
-------
int or ndarray of intp
    An int for a scalar, else an array of the shape of v.

Raises
------
TypeError
    v cannot be compared with the keys.
ValueError
    side, out or threads is not as described.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> index = lx.LearnedIndex(np.array([2, 3, 5, 7, 7, 11], dtype=np.uint64))
>>> index.searchsorted(7), index.searchsorted(7, side="right"), index.searchsorted(6.5)
(3, 5, 3)
>>> index.searchsorted(np.array([[1, 4], [8, 99]]))
array([[0, 2],
       [5, 6]])
)doc";

constexpr const char* contains = R"doc(contains($self, v, *, out=None, threads=1)
--

Return whether v is among the keys: a bool, or a bool array of the shape of v.

Compares by value, whatever the two types; every NaN equals every other. One search per query.

Parameters
----------
v : scalar or array_like
    Queries of any shape.
out : ndarray of bool, optional
    Where to put the answers: writeable, of the shape of v.
threads : int
    Threads for a batch; 0 means all allowed cores.

Raises
------
TypeError
    v cannot be compared with the keys.
ValueError
    out or threads is not as described.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> index = lx.LearnedIndex(np.array([2, 3, 5, 7]))
>>> index.contains(5.0), 4 in index
(True, False)
>>> index.contains([2, 4, 7])
array([ True, False,  True])
)doc";

constexpr const char* find = R"doc(find($self, v, method=None, tolerance=None, *, out=None, threads=1)
--

Return the position of the first key equal to v, or -1.

Parameters
----------
v : scalar or array_like
    Queries of any shape.
method : {None, 'pad', 'backfill', 'nearest'}
    None: equal keys only. 'pad': the last key <= v. 'backfill': the first key >= v. 'nearest': the
    nearer of the two; if both are equally near, the larger one.
tolerance : number or timedelta, optional
    With a method: the largest distance between key and v that still counts, else -1.
out, threads
    As for searchsorted.

Raises
------
TypeError
    v or tolerance cannot be compared with the keys.
ValueError
    method is unknown, or a tolerance comes without one or is negative.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> index = lx.LearnedIndex(np.array([10, 20, 20, 30]))
>>> index.find(20), index.find(21), index.find(21, method="pad"), index.find(26, method="nearest")
(1, -1, 2, 3)
>>> index.find([9, 15], method="pad", tolerance=4)
array([-1, -1])
)doc";

constexpr const char* rank = R"doc(rank($self, v, *, out=None, threads=1)
--

Return the number of keys <= v: searchsorted with side='right'.

Parameters
----------
v : scalar or array_like
    Queries of any shape.
out, threads
    As for searchsorted.

Raises
------
TypeError, ValueError
    As for searchsorted.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> lx.LearnedIndex(np.array([1, 1, 4])).rank([0, 1, 9])
array([0, 2, 3])
)doc";

constexpr const char* range = R"doc(range($self, lo, hi, inclusive='left', *, out=None, threads=1)
--

Return where the keys between lo and hi stand.

Parameters
----------
lo, hi : scalar, array_like or None
    Ends of the range; arrays broadcast; None is an open end. A range with lo > hi is empty.
inclusive : {'both', 'left', 'right', 'neither'}
    Which of the ends belong to the range.
out : tuple of two ndarrays of intp, optional
    Where to put starts and stops: writeable, of the shape that lo and hi broadcast to, which is ()
    for scalars.
threads : int
    Threads for a batch; 0 means all allowed cores.

Returns
-------
slice, or two arrays of intp
    A slice for scalars without out; else starts and stops.

Raises
------
TypeError
    lo or hi cannot be compared with the keys.
ValueError
    inclusive is unknown, or the shapes do not broadcast.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> index = lx.LearnedIndex(np.array([1, 3, 3, 8]))
>>> index.range(3, 8), index[index.range(2, None)]
(slice(1, 3, None), array([3, 3, 8]))
>>> index.range([0, 3], [3, 8], inclusive="both")
(array([0, 1]), array([3, 4]))
)doc";

constexpr const char* count = R"doc(count($self, lo, hi, inclusive='left', *, out=None, threads=1)
--

Return the number of keys between lo and hi.

Parameters
----------
lo, hi, inclusive
    As for range.
out : ndarray of intp, optional
    Where to put the answers: writeable, of the shape that lo and hi broadcast to, which is () for
    scalars.
threads : int
    Threads for a batch; 0 means all allowed cores.

Raises
------
TypeError, ValueError
    As for range.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> lx.LearnedIndex(np.array([1, 3, 3, 8])).count(3, 8, inclusive="both")
3
)doc";

constexpr const char* bounds = R"doc(bounds($self, v, side='left', *, out=None, threads=1)
--

Return (lo, hi) such that lo <= searchsorted(v, side) <= hi, without reading any key.

The bounds hold for every query, present or absent: predictions never decrease with the key, and
their errors were measured at every key by the code that predicts. The first call on an index
measures them, O(n); from then on no key is read.

Parameters
----------
v : scalar or array_like
    Queries of any shape.
side : {'left', 'right'}
    As for searchsorted.
out : tuple of two ndarrays of intp, optional
    Where to put both bounds: writeable, of the shape of v, which is () for a scalar.
threads : int
    Threads for a batch; 0 means all allowed cores.

Raises
------
TypeError, ValueError
    As for searchsorted.

Examples
--------
>>> import numpy as np, learnedidx as lx
>>> index = lx.LearnedIndex(np.arange(0, 3000, 3), "rmi")
>>> lo, hi = index.bounds(600)
>>> lo <= index.searchsorted(600) <= hi
True
)doc";

}  // namespace learnedidx::bindings::docs
