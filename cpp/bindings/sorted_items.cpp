#include "sorted_items.hpp"

#include <cmath>
#include <limits>

#include "scalars.hpp"

namespace learnedidx::bindings {
namespace {

using Form = ScalarQuery::Form;
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
constexpr double kTwo63 = 9223372036854775808.0;

void seek_past(Sought& sought) { sought = {kHighest, false, true}; }

// Among ints: the first that is not below `value`.
void seek_float_among_ints(double value, Sought& sought) {
  const double up = std::ceil(value);
  if (up >= kTwo63) seek_past(sought);
  else if (up < -kTwo63) sought = {kLowest, false, false};
  else sought = {static_cast<std::int64_t>(up), up == value, false};
}

void seek_unsigned_among_ints(std::uint64_t value, Sought& sought) {
  if (value > static_cast<std::uint64_t>(kHighest)) seek_past(sought);
  else sought = {static_cast<std::int64_t>(value), true, false};
}

// Among floats: the first that is not below an integer, of which `nearest` is the rounded value.
void seek_rounded(double nearest, bool rounded_down, bool exact, Sought& sought) {
  const double up = rounded_down ? std::nextafter(nearest, std::numeric_limits<double>::infinity()) : nearest;
  sought = {code_of(up), exact, false};
}

void seek_int_among_floats(std::int64_t value, Sought& sought) {
  const auto nearest = static_cast<double>(value);
  if (nearest >= kTwo63) return seek_rounded(nearest, false, false, sought);
  const auto back = static_cast<std::int64_t>(nearest);
  seek_rounded(nearest, back < value, back == value, sought);
}

void seek_unsigned_among_floats(std::uint64_t value, Sought& sought) {
  const auto nearest = static_cast<double>(value);
  if (nearest >= 2 * kTwo63) return seek_rounded(nearest, false, false, sought);
  const auto back = static_cast<std::uint64_t>(nearest);
  seek_rounded(nearest, back < value, back == value, sought);
}

Read seek(const ScalarQuery& query, Holds holds, Sought& sought) {
  if (query.form == Form::f64 && query.f != query.f) return Read::odd;  // NaN compares as Python says
  const bool among_ints = holds == Holds::ints;
  if (query.form == Form::f64) {
    if (among_ints) seek_float_among_ints(query.f, sought);
    else sought = {code_of(query.f), true, false};
  } else if (query.form == Form::u64) {
    if (among_ints) seek_unsigned_among_ints(query.u, sought);
    else seek_unsigned_among_floats(query.u, sought);
  } else if (query.form == Form::i64) {
    if (among_ints) sought = {query.i, true, false};
    else seek_int_among_floats(query.i, sought);
  } else {
    return Read::odd;
  }
  return Read::number;
}

// Python integers of any size among ints.
Read seek_big(PyObject* v, Sought& sought) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(v, &overflow);
  if (value == -1 && PyErr_Occurred()) return Read::failed;
  if (overflow > 0) seek_past(sought);
  else if (overflow < 0) sought = {kLowest, false, false};
  else sought = {value, true, false};
  return Read::number;
}

Read read_float(double value, Item& item) {
  if (value != value) return refuse_nan();
  if (value == 0 && std::signbit(value)) return Read::odd;
  item = {code_of(value), Holds::floats};
  return Read::number;
}

}  // namespace

Read refuse_nan() {
  PyErr_SetString(PyExc_ValueError,
                  "value or key: NaN is neither below nor above other numbers, so it has no place in a sorted "
                  "container; leave it out");
  return Read::failed;
}

Read read_unusual_item(PyObject* v, Item& item) {
  if (PyFloat_CheckExact(v)) return read_float(PyFloat_AS_DOUBLE(v), item);
  ScalarQuery query;
  if (!is_numpy_number(v) || !read_scalar(v, KeyMeaning{}, query)) return Read::odd;
  if (query.form == Form::f64) return read_float(query.f, item);
  if (query.form == Form::u64 && query.u > static_cast<std::uint64_t>(kHighest)) return Read::odd;
  item = {query.form == Form::u64 ? static_cast<std::int64_t>(query.u) : query.i, Holds::ints};
  return Read::number;
}

Read read_unusual(PyObject* v, Holds holds, Sought& sought) {
  if (holds == Holds::ints && PyLong_Check(v)) return seek_big(v, sought);
  if (holds == Holds::floats && PyLong_Check(v)) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(v, &overflow);
    if (overflow != 0) return Read::odd;  // Python compares it exactly
    if (value == -1 && PyErr_Occurred()) return Read::failed;
    seek_int_among_floats(value, sought);
    return Read::number;
  }
  ScalarQuery query;
  if (!read_scalar(v, KeyMeaning{}, query)) return Read::odd;
  return seek(query, holds, sought);
}

}  // namespace learnedidx::bindings
