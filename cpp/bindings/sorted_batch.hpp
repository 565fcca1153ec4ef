// Batch verbs of the sorted containers: arrays of codes and lists of numbers. Python makes codes of
// arrays (learnedidx/containers/codes.py); here they are sorted and merged, without the GIL if they are
// many and no Python object is touched.
#pragma once

#include <pybind11/numpy.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "sorted_verbs.hpp"

namespace learnedidx::bindings {

namespace py = pybind11;

constexpr Py_ssize_t kManyCodes = 4096;       // from here on the GIL is released: 30 to 50 ns each time
constexpr Py_ssize_t kSortedByNumpy = 2048;   // NumPy's vector sort is faster from about here
constexpr std::size_t kMergedFrom = 8;        // above an eighth of the container the whole is merged

using CodeArray = py::array_t<std::int64_t, py::array::c_style>;

// Keeps other threads out while a batch changes the tree.
class Busy {
 public:
  explicit Busy(PyObject* self) : self_(self) { head_of(self).busy = true; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() { head_of(self_).busy = false; }

 private:
  PyObject* self_;
};

// Keeps writers out while a batch reads the tree.
class Reading {
 public:
  explicit Reading(PyObject* self) : self_(self) { ++head_of(self).readers; }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { --head_of(self_).readers; }

 private:
  PyObject* self_;
};

template <class Work> auto without_gil(Py_ssize_t count, Work&& work) {
  if (count < kManyCodes) return work();
  py::gil_scoped_release release;
  return work();
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

// The codes in order, in memory of their own; NumPy may release the GIL.
inline CodeArray sorted_codes(const CodeArray& codes) {
  CodeArray own(codes.size());
  std::int64_t* const first = own.mutable_data();
  std::copy(codes.data(), codes.data() + codes.size(), first);
  if (codes.size() < kSortedByNumpy) std::sort(first, first + codes.size());
  else own.attr("sort")();
  return own;
}

// The numbers of a list as codes of one kind; None if there is anything else among them.
inline py::object codes_of_list(PyObject* list, Holds& holds) {
  const Py_ssize_t count = PyList_GET_SIZE(list);
  CodeArray codes(count);
  std::int64_t* out = codes.mutable_data();
  Item item;
  for (Py_ssize_t i = 0; i < count; ++i) {
    const Read read = read_item(PyList_GET_ITEM(list, i), item);
    if (read == Read::failed) throw py::error_already_set();
    if (i == 0) holds = item.holds;
    if (read == Read::odd || item.holds != holds) return py::none();
    out[i] = item.code;
  }
  return codes;
}

// May numbers of this kind be inserted? An empty container takes any.
template <class Object> bool takes(PyObject* self, Holds holds) {
  if (holds_objects(self)) return false;
  return head_of(self).holds == holds || SortedVerbs<Object>::size(self) == 0;
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
      const Reading reading(self);
      without_gil(codes.size(), [&] {
        Verbs::tree(self).rank_many(codes.data(), static_cast<std::size_t>(codes.size()), to, right);
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
      const Reading reading(self);
      without_gil(codes.size(), [&] {
        Verbs::tree(self).contains_many(codes.data(), static_cast<std::size_t>(codes.size()), to);
      });
      return out.release().ptr();
    });
  }

  // `count` numbers from a cursor on as an array.
  static py::array array_of(PyObject* self, const typename Tree::Cursor& from, Py_ssize_t count) {
    const bool floats = head_of(self).holds == Holds::floats;
    void* data = nullptr;
    const auto out = py::reinterpret_steal<py::array>(new_array(count, floats, data));
    if (!out) throw py::error_already_set();
    auto* const to = static_cast<std::int64_t*>(data);  // codes first, floats in their place then
    const Reading reading(self);
    without_gil(count, [&] {
      if (count > 0) Verbs::tree(self).copy_from(from, static_cast<std::size_t>(count), to);
      for (std::int64_t* code = to; floats && code < to + count; ++code) {
        const double value = float_of(*code);
        std::memcpy(code, &value, sizeof value);
      }
    });
    return out;
  }

  static PyObject* to_array(PyObject* self, PyObject*) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_method(self, "_array_of_objects");
    return guarded([&] { return array_of(self, Verbs::tree(self).cursor(0), Verbs::size(self)).release().ptr(); });
  }
};

template <class Object>
PyObject* SortedVerbs<Object>::array_of(PyObject* self, const Cursor& from, Py_ssize_t count, bool backward) {
  return guarded([&] {
    const py::array out = SortedBatch<Object>::array_of(self, from, count);
    if (!backward) return py::object(out).release().ptr();
    return out[py::slice(py::none(), py::none(), py::int_(-1))].attr("copy")().release().ptr();
  });
}

}  // namespace learnedidx::bindings
