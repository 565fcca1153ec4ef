// The ints that an iterator gives. One that nobody else refers to any more is given again with another
// value, as zip does with its tuples: making ints and freeing them is most of the time of a loop.
#pragma once

#include <Python.h>

#include <cstdint>

#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030F0000 && !defined(Py_GIL_DISABLED) && \
    PYLONG_BITS_IN_DIGIT == 30
#define LIDX_SPARE_INTS
#endif

namespace learnedidx::bindings {

class SpareInts {
 public:
  PyObject* make(std::int64_t value) {
#ifdef LIDX_SPARE_INTS
    const auto bits = static_cast<std::uint64_t>(value);
    const std::uint64_t size = value < 0 ? 0 - bits : bits;
    if (idle_ || size - kLeast >= kMost - kLeast) return PyLong_FromLongLong(value);
    turn_ = !turn_;  // a loop still holds the last one while it asks for the next: two take turns
    PyObject* spare = kept_[turn_];
    const std::uintptr_t tag = tag_of(size, value < 0);
    if (!spare || (tag_in(spare) ^ tag) > kSign) return keep(PyLong_FromLongLong(value));
    if (Py_REFCNT(spare) == 1) return write(spare, size, tag);
    idle_ = true;  // who keeps this one will keep the next ones too
    drop();
#endif
    return PyLong_FromLongLong(value);
  }

  void try_again() { idle_ = false; }

  void drop() {
    Py_CLEAR(kept_[0]);
    Py_CLEAR(kept_[1]);
  }

 private:
#ifdef LIDX_SPARE_INTS
  static constexpr std::uint64_t kLeast = 1024;  // small ints are not ours
  static constexpr std::uint64_t kTwoDigits = std::uint64_t{1} << PyLong_SHIFT;
  static constexpr std::uint64_t kMost = std::uint64_t{1} << (2 * PyLong_SHIFT);
  static constexpr std::uintptr_t kSign = 3;  // the low bits of a tag: 0, or 2 for negative ones

  static std::uintptr_t tag_of(std::uint64_t size, bool negative) {
    return (size < kTwoDigits ? std::uintptr_t{1} << 3 : std::uintptr_t{2} << 3) | (negative ? 2u : 0u);
  }
  static std::uintptr_t tag_in(PyObject* number) { return reinterpret_cast<PyLongObject*>(number)->long_value.lv_tag; }

  static PyObject* write(PyObject* spare, std::uint64_t size, std::uintptr_t tag) {
    auto& number = reinterpret_cast<PyLongObject*>(spare)->long_value;
    number.lv_tag = tag;
    number.ob_digit[0] = static_cast<digit>(size & PyLong_MASK);
    if (size >= kTwoDigits) number.ob_digit[1] = static_cast<digit>(size >> PyLong_SHIFT);
    return Py_NewRef(spare);
  }

  PyObject* keep(PyObject* made) {
    Py_XSETREF(kept_[turn_], Py_XNewRef(made));
    return made;
  }

  bool turn_ = false;
#endif

  PyObject* kept_[2] = {nullptr, nullptr};
  bool idle_ = false;
};

}  // namespace learnedidx::bindings
