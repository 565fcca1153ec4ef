// Python numbers as codes of the sorted containers: signed 64-bit integers in the order of the numbers.
// An int is its own code; the code of a float is its key_code, moved so that 0.0 has 0.
#pragma once

#include <Python.h>

#include <cstdint>

#include "learnedidx/base/key_traits.hpp"
#include "sorted_object.hpp"

namespace learnedidx::bindings {

inline std::int64_t code_of(double value) { return key_of_code<std::int64_t>(key_code(value)); }

inline double float_of(std::int64_t code) { return key_of_code<double>(key_code(code)); }

inline PyObject* number_of(std::int64_t code, Holds holds) {
  return holds == Holds::floats ? PyFloat_FromDouble(float_of(code)) : PyLong_FromLongLong(code);
}

// The value of an exact int, unless it is beyond 64 bits.
inline bool read_int64(PyObject* v, std::int64_t& value) {
#if PY_VERSION_HEX >= 0x030C0000
  const auto* number = reinterpret_cast<PyLongObject*>(v);
  if (PyUnstable_Long_IsCompact(number)) {
    value = PyUnstable_Long_CompactValue(number);
    return true;
  }
#endif
  int overflow = 0;
  value = PyLong_AsLongLongAndOverflow(v, &overflow);
  return overflow == 0;
}

// number: read. odd: nothing that a code stands for; Python's turn. failed: an error is set.
enum class Read : std::uint8_t { number, odd, failed };

// A number to be inserted and the kind of container that takes it.
struct Item {
  std::int64_t code = 0;
  Holds holds = Holds::ints;
};

Read read_unusual_item(PyObject* v, Item& item);
Read refuse_nan();

inline Read read_item(PyObject* v, Item& item) {
  if (PyLong_CheckExact(v)) {
    item.holds = Holds::ints;
    return read_int64(v, item.code) ? Read::number : Read::odd;
  }
  return read_unusual_item(v, item);
}

// A number to be looked up: the first code that is not below it, and whether that is the number itself.
struct Sought {
  std::int64_t code = 0;
  bool exact = true;
  bool past = false;  // above every code
};

Read read_unusual(PyObject* v, Holds holds, Sought& sought);

inline Read read_sought(PyObject* v, Holds holds, Sought& sought) {
  if (holds == Holds::ints && PyLong_CheckExact(v)) {
    if (read_int64(v, sought.code)) return Read::number;
  } else if (holds == Holds::floats && PyFloat_CheckExact(v)) {
    const double value = PyFloat_AS_DOUBLE(v);
    if (value == value) {
      sought.code = code_of(value);
      return Read::number;
    }
  }
  return read_unusual(v, holds, sought);
}

// The same for what a container of numbers is asked; among text and objects no code stands for anything.
inline Read read_asked(PyObject* self, PyObject* v, Sought& sought) {
  const Holds holds = head_of(self).holds;
  return holds == Holds::ints || holds == Holds::floats ? read_sought(v, holds, sought) : Read::odd;
}

}  // namespace learnedidx::bindings
