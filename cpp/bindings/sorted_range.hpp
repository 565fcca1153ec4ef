// irange of the sorted containers: its arguments, and the range between two codes or two positions.
#pragma once

#include <limits>

#include "sorted_verbs.hpp"

namespace learnedidx::bindings {

template <class Object> struct SortedRange {
  using Verbs = SortedVerbs<Object>;
  using Iterator = SortedIterator<Object>;

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
    if (holds_objects(self) || (holds_text(self) && call.as_array)) return irange_of_objects(self, call.given, call.as_array);
    PyObject* found = irange_of_codes(self, call);
    return found || PyErr_Occurred() ? found : irange_of_positions(self, call);
  }

  static PyObject* irange_of_positions(PyObject* self, const RangeCall& call) {
    Py_ssize_t ends[2];
    if (!read_range(self, call.given, call.inclusive, ends)) return nullptr;
    const Py_ssize_t count = ends[1] > ends[0] ? ends[1] - ends[0] : 0;
    const auto begin = static_cast<std::size_t>(ends[0]);
    if (call.as_array && holds_text(self)) return irange_of_objects(self, call.given, true);  // since Python compared
    if (call.as_array)
      return Verbs::array_of(self, count > 0 ? Verbs::tree(self).cursor(begin) : typename Verbs::Cursor{}, count, call.backward);
    return Verbs::over(self, ends[0], ends[1], call.backward);
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

  // A range between two codes, found as by one descent; null without an error if an end is no number, and of text.
  static PyObject* irange_of_codes(PyObject* self, const RangeCall& call) {
    std::int64_t first = 0, last = 0;
    if (holds_text(self)) return nullptr;
    if (!read_limit(self, call.given[0], true, call.inclusive[0], first)) return nullptr;
    if (!read_limit(self, call.given[1], false, call.inclusive[1], last)) return nullptr;
    const auto range = Verbs::tree(self).range(first, last, call.backward && !call.as_array);
    const auto count = static_cast<Py_ssize_t>(range.count);
    if (call.as_array) return Verbs::array_of(self, range.from, count, call.backward);
    return Iterator::from(self, range.from, count, call.backward);
  }

  // The positions of a range; false with an error.
  static bool read_range(PyObject* self, PyObject* const* given, const bool (&inclusive)[2], Py_ssize_t (&ends)[2]) {
    ends[0] = 0;
    ends[1] = Verbs::size(self);
    for (int i = 0; i < 2; ++i) {
      if (given[i] == Py_None) continue;
      ends[i] = Verbs::position(self, given[i], inclusive[i] == (i == 1));
      if (ends[i] == -1 && PyErr_Occurred()) return false;
    }
    // What Python compared may have changed the container.
    for (Py_ssize_t& end : ends) end = end > Verbs::size(self) ? Verbs::size(self) : end;
    return may_read(self);
  }

  static PyObject* irange_of_objects(PyObject* self, PyObject* const* given, bool as_array) {
    PyObject* pair = given[2] ? Py_NewRef(given[2]) : PyTuple_Pack(2, Py_True, Py_True);
    if (!pair) return nullptr;
    PyObject* args[] = {given[0], given[1], pair, given[3]};
    PyObject* found = as_array ? call_method(self, "_irange_of_objects", args, 4)
                               : Iterator::around(self, call_objects(self, "irange", args, 4));
    Py_DECREF(pair);
    return found;
  }
};

template <class Object>
PyObject* SortedVerbs<Object>::irange(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  return SortedRange<Object>::irange(self, args, nargs, keywords);
}

}  // namespace learnedidx::bindings
