// Python and NumPy scalars read straight from their memory: the fast half of every scalar verb.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "learnedidx/lookup/index.hpp"

namespace learnedidx::bindings {

struct RowColumn;

// What a tuple of fewer items than there are columns stands for: nothing, or a place before or after all rows that begin so.
enum class Beginning : std::uint8_t { none, before, after };

// What the keys of an index are, as far as a query must match it.
struct KeyMeaning {
  enum class Family : std::uint8_t { number, datetime, timedelta, text, bytes, made, rows } family = Family::number;
  bool real = false;    // floating-point keys
  bool uneven = false;  // calendar months, which differ in length
  bool aware = false;   // instants: NumPy's times have no zone, so that Python reads all queries
  int unit = 0;         // NumPy's unit and how many of them a key counts
  int unit_count = 1;
  const std::vector<RowColumn>* rows = nullptr;  // of rows: their columns
  const struct ObjectForm* objects = nullptr;    // of family made: what they are
};

// Objects that stand for bytes: the name of their class and of its module, what gives the bytes, and how many these are.
struct ObjectForm {
  const char *name, *module, *bytes;
  Py_ssize_t width;
};
// Null: there are none of that name.
const ObjectForm* objects_of(const std::string& name);

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
bool read_scalar(PyObject* v, const KeyMeaning& keys, ScalarQuery& query, Beginning beginning = Beginning::none);

// A scalar that Python brought to the key format: an int or a float, and its Fit as a number; or a column of one string.
ScalarQuery fixed_query(const pybind11::object& value, int fit);

}  // namespace learnedidx::bindings
