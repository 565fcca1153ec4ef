// The heap type that LearnedIndex derives from. Its scalar verbs never enter a Python frame: what
// they cannot read (arrays, dates of another unit, fractions) goes to the Python method of the same
// name with an underscore before it.
#pragma once

#include <pybind11/pybind11.h>

#include "learnedidx/lookup/index.hpp"
#include "scalars.hpp"

namespace learnedidx::bindings {

struct IndexObject {
  PyObject_HEAD
  AnyIndex* index;     // null until _bind
  KeyMeaning meaning;
  Py_ssize_t length;
  bool without_keys;   // opened without them: only bounds can be asked for
  PyObject* keys;      // read-only view of the borrowed keys; without them an empty array of their dtype
  PyObject* model;     // core model that `index` points into, or None
};

// The object behind a Python index, built or not.
IndexObject& any_index_object(pybind11::handle self);

// The same, ready to be searched; raises if it is not.
IndexObject& index_object(pybind11::handle self);

// The same with keys or without, after the errors of its model were measured, which bounds need.
IndexObject& measured_index(pybind11::handle self);

PyObject* make_index_type(PyObject* module);

}  // namespace learnedidx::bindings
