// Python and NumPy scalars read straight from their memory: the fast half of every scalar verb.
#pragma once

#include <pybind11/pybind11.h>

#include <vector>

#include "learnedidx/lookup/index.hpp"

namespace learnedidx::bindings {

struct RowColumn;

// What the keys of an index are, as far as a query must match it.
struct KeyMeaning {
  enum class Family : std::uint8_t { number, datetime, timedelta, text, bytes, made, rows } family = Family::number;
  bool real = false;    // floating-point keys
  bool uneven = false;  // calendar months, which differ in length
  bool aware = false;   // instants: NumPy's times have no zone, so that Python reads all queries
  int unit = 0;         // NumPy's unit and how many of them a key counts
  int unit_count = 1;
  const std::vector<RowColumn>* rows = nullptr;  // of rows: their columns
};

void import_numpy();  // once, before anything below

KeyMeaning meaning_of(PyObject* array);

// An integer or real number of NumPy, no bool; others beside numbers may be among them.
bool is_numpy_number(PyObject* v);
bool is_array(PyObject* v);

// A new array over the memory of another.
PyObject* view_of(PyObject* array);

// A new 1-D array of int64 or float64 and its memory; null with an error.
PyObject* new_array(Py_ssize_t count, bool floats, void*& data);

// Reads v if it is a scalar whose meaning is plain; false leaves it to Python (and sets no error).
bool read_scalar(PyObject* v, const KeyMeaning& keys, ScalarQuery& query);

// A scalar that Python brought to the key format: an int or a float, and its Fit as a number; or a column of one string.
ScalarQuery fixed_query(const pybind11::object& value, int fit);

}  // namespace learnedidx::bindings
