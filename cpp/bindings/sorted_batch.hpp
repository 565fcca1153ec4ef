// Batch verbs of the sorted containers: arrays of codes and lists of numbers. Python makes codes of
// arrays (learnedidx/containers/codes.py); here they are sorted and merged, without the GIL if they are
// many and no Python object is touched.
#pragma once

#include <pybind11/numpy.h>

#include <algorithm>
#include <stdexcept>

#include "arrays.hpp"
#include "sorted_range.hpp"

namespace learnedidx::bindings {

namespace py = pybind11;

constexpr Py_ssize_t kManyCodes = 4096;       // from here on the GIL is released: 30 to 50 ns each time
constexpr Py_ssize_t kSortedByNumpy = 2048;   // NumPy's vector sort is faster from about here
constexpr std::size_t kMergedFrom = 8;        // above an eighth of the container the whole is merged
constexpr std::size_t kErasedFrom = 32;       // where more go, loading the others is faster than erasing one by one

using CodeArray = py::array_t<std::int64_t, py::array::c_style>;

// Calls work(from, count) over [0, total), in pieces and without the GIL if they are many. Throws what Ctrl-C raised.
template <class Work> void read_in_pieces(PyObject* self, Py_ssize_t total, Work&& work) {
  const auto count = static_cast<std::size_t>(total);
  if (total < kManyCodes) return work(std::size_t{0}, count);
  const UnderWay reading(self, false);
  run_pieces(count, 1, work);
}

template <class Work> void without_gil(Py_ssize_t count, Work&& work) {
  if (count < kManyCodes) return work();
  WithoutGil released;
  work();
}

// Changes a tree by work(cancellation), which is false if it left it as it was: no memory, or Ctrl-C. Of many codes it runs
// without the GIL, and forks wait, but for the moments in which it asks.
template <class Work> void change(Py_ssize_t count, Work&& work) {
  bool done;
  if (count < kManyCodes) {
    done = work(Cancellation{});
  } else {
    WithoutGil released;
    ChangePoll poll(released);
    done = work(poll.hook());
  }
  if (!done && PyErr_Occurred()) throw py::error_already_set();
  if (!done) throw std::bad_alloc();
}

// Erases `count` positions from `low` on, `step` > 0 apart; their values go to `out` unless null. Throws what Ctrl-C
// raised: then nothing has changed.
template <class Object>
void erase_positions(PyObject* self, std::size_t low, std::size_t count, std::size_t step, typename Object::Tree::Reference* out) {
  auto& tree = SortedVerbs<Object>::tree(self);
  ++head_of(self).changes;
  if (step == 1) {
    if (out) tree.copy_values(low, low + count, out);
    return tree.erase_range(low, low + count);
  }
  if (count >= std::size_t{kManyCodes} && count > tree.size() / kErasedFrom) {
    try {
      const UnderWay changing(self, true);
      const auto work = [&](Cancellation poll) { return tree.erase_every(low, count, step, out, poll); };
      return change(static_cast<Py_ssize_t>(tree.size()), work);
    } catch (const std::bad_alloc&) {  // one by one needs no memory
    }
  }
  for (std::size_t i = count; i-- > 0;) tree.erase_at(low + i * step, out ? out + i : nullptr);
}

// Runs what may throw on behalf of CPython; null with an error.
template <class Work> PyObject* guarded(Work&& work) {
  try {
    return work();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

inline const CodeArray codes_of(PyObject* array) {
  if (!CodeArray::check_(array)) throw py::type_error("codes: a contiguous array of int64 is needed");
  return py::reinterpret_borrow<CodeArray>(array);
}

// Sorts codes in place; from some number on NumPy does, which may give up the GIL.
inline void sort(CodeArray& codes) {
  std::int64_t* const first = codes.mutable_data();
  if (codes.size() < kSortedByNumpy) return std::sort(first, first + codes.size());
  PyObject* done = sleep_if_python_ends([&] { return PyObject_CallMethod(codes.ptr(), "sort", nullptr); });
  if (!done) throw py::error_already_set();
  Py_DECREF(done);
}

// The numbers of a list as codes of one kind; None if there is anything else among them.
inline py::object codes_of_list(PyObject* list, Holds& holds) {
  const Py_ssize_t count = PyList_GET_SIZE(list);
  CodeArray codes(count);
  std::int64_t* out = codes.mutable_data();
  Item item;
  GilPoll poll;
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (i % kManyCodes == kManyCodes - 1) {
      if (!poll.may_continue()) throw py::error_already_set();
      if (PyList_GET_SIZE(list) != count) throw std::runtime_error("list changed size while its numbers were read");
    }
    const Read read = read_item(PyList_GET_ITEM(list, i), item);
    if (read == Read::failed) throw py::error_already_set();
    if (i == 0) holds = item.holds;
    if (read == Read::odd || item.holds != holds) return py::none();
    out[i] = item.code;
  }
  return codes;
}

// May items of this kind be inserted? An empty container takes any.
template <class Object> bool takes(PyObject* self, Holds holds) {
  if (holds_objects(self)) return false;
  return head_of(self).holds == holds || SortedVerbs<Object>::size(self) == 0;
}

// May this be inserted as text?
template <class Object> bool takes_text(PyObject* self, PyObject* v) {
  const Holds kind = text_kind(v);
  return kind != Holds::objects && takes<Object>(self, kind);
}

template <class Object> struct SortedBatch {
  using Verbs = SortedVerbs<Object>;
  using Tree = typename Object::Tree;

  static PyObject* ranks(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
    if (nargs != 2) return PyErr_Format(PyExc_TypeError, "_ranks(codes, right)");
    if (!may_read(self)) return nullptr;
    return guarded([&] {
      const CodeArray codes = codes_of(args[0]);
      const bool right = args[1] == Py_True;
      CodeArray out(codes.size());
      std::int64_t* const to = out.mutable_data();
      read_in_pieces(self, codes.size(), [&](std::size_t from, std::size_t count) {
        Verbs::tree(self).rank_many(codes.data() + from, count, to + from, right);
      });
      return out.release().ptr();
    });
  }

  static PyObject* contains(PyObject* self, PyObject* array) {
    if (!may_read(self)) return nullptr;
    return guarded([&] {
      const CodeArray codes = codes_of(array);
      py::array_t<bool> out(codes.size());
      bool* const to = out.mutable_data();
      read_in_pieces(self, codes.size(), [&](std::size_t from, std::size_t count) {
        Verbs::tree(self).contains_many(codes.data() + from, count, to + from);
      });
      return out.release().ptr();
    });
  }

  // `count` numbers from a cursor on as an array, in the opposite order if they go backward.
  static py::array array_of(PyObject* self, typename Tree::Cursor at, Py_ssize_t total, bool backward) {
    const bool floats = head_of(self).holds == Holds::floats;
    void* data = nullptr;
    const auto out = py::reinterpret_steal<py::array>(new_array(total, floats, data));
    if (!out) throw py::error_already_set();
    auto* const first = static_cast<std::int64_t*>(data);  // codes first, floats in their place then
    if (total == 0) return out;
    read_in_pieces(self, total, [&](std::size_t from, std::size_t count) {
      std::int64_t* const to = first + (backward ? static_cast<std::size_t>(total) - from - count : from);
      at = Verbs::tree(self).copy_from(at, count, to);
      if (backward) std::reverse(to, to + count);
      for (std::int64_t* code = to; floats && code < to + count; ++code) {
        const double value = float_of(*code);
        std::memcpy(code, &value, sizeof value);
      }
    });
    return out;
  }

  static PyObject* to_array(PyObject* self, PyObject*) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self) || holds_text(self)) return call_method(self, "_array_of_objects");
    return guarded([&] { return array_of(self, Verbs::tree(self).cursor(0), Verbs::size(self), false).release().ptr(); });
  }
};

template <class Object>
PyObject* SortedVerbs<Object>::array_of(PyObject* self, const Cursor& from, Py_ssize_t count, bool backward) {
  return guarded([&] { return SortedBatch<Object>::array_of(self, from, count, backward).release().ptr(); });
}

}  // namespace learnedidx::bindings
