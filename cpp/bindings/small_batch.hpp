// Small arrays of queries without a Python frame: a batch of one to a few thousand costs its lookups
// and one call.
#pragma once

#include <pybind11/pybind11.h>

#include "index_object.hpp"

namespace learnedidx::bindings {

// A new array of answers, or null: with an error set, or without one if v is for Python to read
// (large, strided, another byte order, no array, times of another unit). Keeps the GIL: a small
// batch takes less time than giving it up and taking it back may.
PyObject* answer_small_batch(const IndexObject& index, PyObject* v, bool right, Verb verb);

}  // namespace learnedidx::bindings
