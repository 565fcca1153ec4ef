// Verbs that every sorted container has: positions, iterators, slices. Each answers from the tree, or
// asks the container of objects, or, for a value that no code stands for, Python.
#pragma once

#include <limits>

#include "scalars.hpp"
#include "sorted_iterator.hpp"

namespace learnedidx::bindings {

template <class Object> struct SortedVerbs {
  using Iterator = SortedIterator<Object>;
  using Cursor = typename Object::Tree::Cursor;

  static auto& tree(PyObject* self) { return reinterpret_cast<Object*>(self)->tree; }
  static Py_ssize_t size(PyObject* self) { return static_cast<Py_ssize_t>(tree(self).size()); }

  static Py_ssize_t length(PyObject* self) {
    if (!may_read(self)) return -1;
    return holds_objects(self) ? PyObject_Size(Objects(self)) : size(self);
  }

  static Py_ssize_t rank(PyObject* self, const Sought& sought, bool right) {
    if (sought.past) return size(self);
    return static_cast<Py_ssize_t>(tree(self).rank(sought.code, right && sought.exact));
  }

  // Turns a wrong index into IndexError, a negative one into its position; false with the error. The size is
  // read behind the index, whose __index__ may have changed the container.
  static bool read_index(PyObject* self, PyObject* index, Py_ssize_t& position) {
    if (!PyIndex_Check(index)) {
      PyErr_Format(PyExc_TypeError, "index: an integer or a slice is needed, not %.200s", Py_TYPE(index)->tp_name);
      return false;
    }
    position = PyNumber_AsSsize_t(index, PyExc_IndexError);
    if ((position == -1 && PyErr_Occurred()) || !may_read(self)) return false;
    if (position < 0) position += size(self);
    if (position >= 0 && position < size(self)) return true;
    PyErr_SetString(PyExc_IndexError, "list index out of range");
    return false;
  }

  // Position of v among the numbers: how many are below it, or not above it; -1 with an error.
  static Py_ssize_t position(PyObject* self, PyObject* v, bool right) {
    Sought sought;
    const Read read = read_sought(v, head_of(self).holds, sought);
    if (read == Read::number) return rank(self, sought, right);
    if (is_array(v)) return refuse_array(), -1;
    return read == Read::odd ? call_for_position(self, "_rank_other", v, right) : -1;
  }

  // Position of the first number equal to v, -1 if there is none, -2 with an error.
  static Py_ssize_t find(PyObject* self, PyObject* v) {
    Sought sought;
    const Read read = read_sought(v, head_of(self).holds, sought);
    if (read == Read::failed) return -2;
    if (read == Read::number) {
      if (!sought.exact) return -1;
      const auto at = tree(self).rank(sought.code, false);
      return at < tree(self).size() && tree(self).key_at(at) == sought.code ? static_cast<Py_ssize_t>(at) : -1;
    }
    return find_other(self, v);
  }

  // The same for a value that only Python compares.
  static Py_ssize_t find_other(PyObject* self, PyObject* v) {
    if (!head_of(self).unique && is_array(v)) return refuse_array(), -2;
    const Py_ssize_t found = call_for_position(self, "_find_other", v, false);
    if ((found == -1 && PyErr_Occurred()) || !may_read(self)) return -2;
    return found < size(self) ? found : -1;
  }

  static int contains(PyObject* self, PyObject* v) {
    if (!may_read(self)) return -1;
    if (holds_objects(self)) return PySequence_Contains(Objects(self), v);
    Sought sought;
    const Read read = read_sought(v, head_of(self).holds, sought);
    if (read == Read::number) return sought.exact && tree(self).contains(sought.code);
    const Py_ssize_t found = read == Read::odd ? find(self, v) : -2;
    return found == -2 ? -1 : found >= 0;
  }

  static PyObject* bisect(PyObject* self, PyObject* v, bool right) {
    if (!may_read(self)) return nullptr;
    const bool objects = holds_objects(self);
    if (objects && !is_array(v)) return call_objects(self, right ? "bisect_right" : "bisect_left", &v, 1);
    Sought sought;
    const Read read = objects ? Read::odd : read_sought(v, head_of(self).holds, sought);
    if (read == Read::number) return PyLong_FromSsize_t(rank(self, sought, right));
    PyObject* args[] = {v, right ? Py_True : Py_False};
    return read == Read::odd ? call_method(self, "_rank_other", args, 2) : nullptr;
  }

  static PyObject* bisect_left(PyObject* self, PyObject* v) { return bisect(self, v, false); }
  static PyObject* bisect_right(PyObject* self, PyObject* v) { return bisect(self, v, true); }

  static PyObject* count(PyObject* self, PyObject* v) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_objects(self, "count", &v, 1);
    if (head_of(self).unique) {
      const int found = contains(self, v);
      return found < 0 ? nullptr : PyLong_FromLong(found);
    }
    const Py_ssize_t low = position(self, v, false);
    if (low == -1 && PyErr_Occurred()) return nullptr;
    const Py_ssize_t high = position(self, v, true);
    if (high == -1 && PyErr_Occurred()) return nullptr;
    return PyLong_FromSsize_t(high - low);
  }

  static PyObject* not_in_list(PyObject* v) { return PyErr_Format(PyExc_ValueError, "%R is not in list", v); }

  // An end of index(): None is the end of the container, a negative one counts from behind.
  static bool read_end(PyObject* end, Py_ssize_t length, Py_ssize_t open, Py_ssize_t& position) {
    position = open;
    if (end == Py_None) return true;
    position = PyNumber_AsSsize_t(end, nullptr);
    if (position == -1 && PyErr_Occurred()) return false;
    if (position < 0) position += length;
    position = position < 0 ? 0 : position > length ? length : position;
    return true;
  }

  static PyObject* index(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_objects(self, "index", args, nargs, keywords);
    static const char* const names[] = {"value", "start", "stop"};
    PyObject* given[] = {nullptr, Py_None, Py_None};
    if (!read_arguments("index", names, 3, args, nargs, keywords, given)) return nullptr;
    if (!given[0]) return PyErr_Format(PyExc_TypeError, "index() misses its argument 'value'");
    Py_ssize_t start = 0, stop = 0;
    if (!read_end(given[1], size(self), 0, start) || !read_end(given[2], size(self), size(self), stop)) return nullptr;
    if (!may_read(self)) return nullptr;
    return index_between(self, given[0], start, stop);
  }

  static PyObject* index_between(PyObject* self, PyObject* v, Py_ssize_t start, Py_ssize_t stop) {
    const Py_ssize_t first = stop > start ? find(self, v) : -1;
    if (first == -2) return nullptr;
    if (first < 0 || first >= stop) return not_in_list(v);
    if (first >= start) return PyLong_FromSsize_t(first);
    const Py_ssize_t last = position(self, v, true);
    if (last == -1 && PyErr_Occurred()) return nullptr;
    return last > start ? PyLong_FromSsize_t(start) : not_in_list(v);
  }

  static PyObject* iterate(PyObject* self) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return Iterator::around(self, PyObject_GetIter(Objects(self)));
    return Iterator::over(self, 0, size(self), false);
  }

  static PyObject* reversed(PyObject* self, PyObject*) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return Iterator::around(self, call_objects(self, "__reversed__"));
    return Iterator::over(self, 0, size(self), true);
  }

  static PyObject* islice(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return Iterator::around(self, call_objects(self, "islice", args, nargs, keywords));
    static const char* const names[] = {"start", "stop", "reverse"};
    PyObject* given[] = {Py_None, Py_None, Py_False};
    if (!read_arguments("islice", names, 3, args, nargs, keywords, given)) return nullptr;
    PyObject* slice = PySlice_New(given[0], given[1], nullptr);
    if (!slice) return nullptr;
    Py_ssize_t start = 0, stop = 0, step = 0;
    const int bad = PySlice_Unpack(slice, &start, &stop, &step);
    Py_DECREF(slice);
    const int backward = bad < 0 ? -1 : PyObject_IsTrue(given[2]);
    if (backward < 0 || !may_read(self)) return nullptr;
    PySlice_AdjustIndices(size(self), &start, &stop, step);
    return Iterator::over(self, start, stop, backward == 1);
  }

  // Of a word each letter would be true.
  static bool may_be_pair(PyObject* pair) {
    return PySequence_Check(pair) && !PyUnicode_Check(pair) && !PyBytes_Check(pair) && PySequence_Size(pair) >= 2;
  }

  // Whether the ends of a range belong to it; false with an error.
  static bool read_inclusive(PyObject* pair, bool (&inclusive)[2]) {
    if (pair && !may_be_pair(pair)) {
      PyErr_Clear();
      PyErr_Format(PyExc_TypeError, "inclusive: two truth values are needed, such as (True, False), not %R", pair);
      return false;
    }
    for (Py_ssize_t i = 0; pair && i < 2; ++i) {
      PyObject* flag = PySequence_GetItem(pair, i);
      const int truth = flag ? PyObject_IsTrue(flag) : -1;
      Py_XDECREF(flag);
      if (truth < 0) return false;
      inclusive[i] = truth == 1;
    }
    return true;
  }

  struct RangeCall {
    PyObject* given[5] = {Py_None, Py_None, nullptr, Py_False, Py_False};
    bool inclusive[2] = {true, true};
    bool backward = false, as_array = false;
  };

  static bool read_range_call(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords, RangeCall& call) {
    static const char* const names[] = {"minimum", "maximum", "inclusive", "reverse", "as_array"};
    if (!read_arguments("irange", names, 5, args, nargs, keywords, call.given)) return false;
    const int backward = PyObject_IsTrue(call.given[3]);
    const int as_array = backward < 0 ? -1 : PyObject_IsTrue(call.given[4]);
    call.backward = backward == 1;
    call.as_array = as_array == 1;
    return as_array >= 0 && read_inclusive(call.given[2], call.inclusive) && may_read(self);
  }

  static PyObject* irange(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
    RangeCall call;
    if (!read_range_call(self, args, nargs, keywords, call)) return nullptr;
    if (holds_objects(self)) return irange_of_objects(self, call.given, call.as_array);
    PyObject* found = irange_of_codes(self, call);
    if (found || PyErr_Occurred()) return found;
    Py_ssize_t ends[2];
    if (!read_range(self, call.given, call.inclusive, ends)) return nullptr;
    const Py_ssize_t count = ends[1] > ends[0] ? ends[1] - ends[0] : 0;
    const auto begin = static_cast<std::size_t>(ends[0]);
    if (call.as_array) return array_of(self, count > 0 ? tree(self).cursor(begin) : Cursor{}, count, call.backward);
    return Iterator::over(self, ends[0], ends[1], call.backward);
  }

  // The first code of a range, or the last; false, perhaps with an error, if it is none.
  static bool read_limit(PyObject* self, PyObject* end, bool low, bool inclusive, std::int64_t& code) {
    constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    code = low ? lowest : highest;
    if (end == Py_None) return true;
    Sought sought;
    if (read_sought(end, head_of(self).holds, sought) != Read::number || sought.past) return false;
    const std::int64_t unless = code == lowest ? highest : lowest;
    code = sought.code;
    // A number between codes was rounded up: that is past the end of a range, and not before its beginning.
    if (sought.exact ? inclusive : low) return true;
    if (code == unless) return false;
    code += low ? 1 : -1;
    return true;
  }

  // A range between two codes, found as by one descent; null without an error if an end is no number.
  static PyObject* irange_of_codes(PyObject* self, const RangeCall& call) {
    std::int64_t first = 0, last = 0;
    if (!read_limit(self, call.given[0], true, call.inclusive[0], first)) return nullptr;
    if (!read_limit(self, call.given[1], false, call.inclusive[1], last)) return nullptr;
    const auto range = tree(self).range(first, last, call.backward && !call.as_array);
    const auto count = static_cast<Py_ssize_t>(range.count);
    if (call.as_array) return array_of(self, range.from, count, call.backward);
    return Iterator::from(self, range.from, count, call.backward);
  }

  // The positions of a range; false with an error.
  static bool read_range(PyObject* self, PyObject* const* given, const bool (&inclusive)[2], Py_ssize_t (&ends)[2]) {
    ends[0] = 0;
    ends[1] = size(self);
    for (int i = 0; i < 2; ++i) {
      if (given[i] == Py_None) continue;
      ends[i] = position(self, given[i], inclusive[i] == (i == 1));
      if (ends[i] == -1 && PyErr_Occurred()) return false;
    }
    // What Python compared may have changed the container.
    for (Py_ssize_t& end : ends) end = end > size(self) ? size(self) : end;
    return may_read(self);
  }

  static PyObject* irange_of_objects(PyObject* self, PyObject** given, bool as_array) {
    PyObject* pair = given[2] ? Py_NewRef(given[2]) : PyTuple_Pack(2, Py_True, Py_True);
    if (!pair) return nullptr;
    PyObject* args[] = {given[0], given[1], pair, given[3]};
    PyObject* found = as_array ? call_method(self, "_irange_of_objects", args, 4)
                               : Iterator::around(self, call_objects(self, "irange", args, 4));
    Py_DECREF(pair);
    return found;
  }

  // `count` numbers from a cursor on as an array, backward from behind; in sorted_batch.hpp.
  static PyObject* array_of(PyObject* self, const Cursor& from, Py_ssize_t count, bool backward);

  static PyObject* item_at(PyObject* self, Py_ssize_t at) {
    return number_of(tree(self).key_at(static_cast<std::size_t>(at)), head_of(self).holds);
  }

  // The numbers of a slice as a list.
  static PyObject* list_of(PyObject* self, PyObject* slice) {
    Py_ssize_t start = 0, stop = 0, step = 0;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0 || !may_read(self)) return nullptr;
    const Py_ssize_t taken = PySlice_AdjustIndices(size(self), &start, &stop, step);
    PyObject* list = PyList_New(taken);
    if (!list || taken == 0) return list;
    if (start + (taken - 1) * step >= size(self) || start >= size(self))  // the garbage collector ran
      return Py_DECREF(list), Iterator::changed();
    if (!fill(self, list, start, step)) Py_CLEAR(list);
    return list;
  }

  // Fills a list with numbers, `step` positions apart; false with an error. Runs no Python but for handlers of signals.
  static bool fill(PyObject* self, PyObject* list, Py_ssize_t start, Py_ssize_t step) {
    const Py_ssize_t taken = PyList_GET_SIZE(list);
    auto cursor = tree(self).cursor(static_cast<std::size_t>(start));
    ReadPoll poll(self);
    for (Py_ssize_t i = 0; i < taken; ++i) {
      PyObject* number = poll.may_continue(i) ? number_of(cursor.key(), head_of(self).holds) : nullptr;
      if (!number) return false;
      PyList_SET_ITEM(list, i, number);
      if (i + 1 == taken) break;
      if (step == 1) cursor.forward();
      else if (step == -1) cursor.backward();
      else cursor = tree(self).cursor(static_cast<std::size_t>(start + (i + 1) * step));
    }
    return true;
  }

  static PyObject* get_kind(PyObject* self, void*) {
    static const char* const names[] = {"int", "float", "object"};
    return PyUnicode_InternFromString(names[static_cast<std::size_t>(head_of(self).holds)]);
  }

  static PyObject* get_objects(PyObject* self, void*) {
    PyObject* objects = head_of(self).objects;
    return Py_NewRef(objects ? objects : Py_None);
  }

  static PyObject* check(PyObject* self, PyObject*) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_objects(self, "_check");
    const char* const wrong = tree(self).check();
    if (wrong) return PyErr_Format(PyExc_AssertionError, "the tree of this container is damaged: %s", wrong);
    Py_RETURN_NONE;
  }

  static PyObject* size_of(PyObject* self, PyObject*) {
    return PyLong_FromSize_t(sizeof(Object) + tree(self).bytes());
  }
};

}  // namespace learnedidx::bindings
