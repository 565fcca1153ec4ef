// A column of text or byte strings from Python, checked: keys or queries. It borrows memory where it can, and keeps alive
// what it borrows.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/keys/strings.hpp"
#include "without_gil.hpp"

namespace learnedidx::bindings {

namespace py = pybind11;

// All text is valid UTF-8, as far as nobody changes the memory; strings that are missing are not checked.
struct Column {
  Strings strings;
  bool is_text = false;
  bool copied = false;      // its memory is its own
  std::size_t chunks = 1;   // of Arrow, that it was made of
  std::shared_ptr<const void> owner;            // of the memory that strings lead to
  std::shared_ptr<const std::uint8_t> missing;  // for each string whether it is null; nullptr: none is
  std::shared_ptr<PyObject> make;               // what makes an object of the bytes of a string; nullptr: str or bytes

  bool is_missing(std::size_t i) const { return missing && missing.get()[i] != 0; }
  // The first string that is null, or n.
  std::size_t first_missing() const;
};

// Calls what needs the GIL from wherever the last owner of something is; not after Python has ended.
template <class Call> void with_gil(Call&& call) {
  if (!Py_IsInitialized()) return;
  sleep_if_python_ends([&] {
    const py::gil_scoped_acquire gil;
    call();
  });
}

// An object that C++ owns and may give up without the GIL.
inline std::shared_ptr<PyObject> kept(py::object object) {
  return {object.release().ptr(), [](PyObject* p) { with_gil([&] { Py_DECREF(p); }); }};
}

// Collects strings in memory of its own, one after another; knows nothing of Python.
class OwnStrings {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    data_.insert(data_.end(), bytes, bytes + size);
    starts_.push_back(static_cast<std::int64_t>(data_.size()));
    if (!missing_.empty()) missing_.push_back(0);
  }
  void add_missing() {
    missing_.resize(size(), 0);
    starts_.push_back(static_cast<std::int64_t>(data_.size()));
    missing_.push_back(1);
  }
  void reserve(std::size_t n) { starts_.reserve(n + 1); }
  std::size_t size() const { return starts_.size() - 1; }

  static Column column(std::shared_ptr<OwnStrings> own, bool is_text);

 private:
  Table<std::int64_t> starts_ = Table<std::int64_t>(1);
  Table<std::uint8_t> data_;
  Table<std::uint8_t> missing_;  // empty: none
};

// Items of a list or tuple, str or bytes or None; is_text says what they are where all are None.
Column column_of_list(const py::object& items, const std::string& name, bool is_text);
// An array of strings of one width, borrowed if it is in one piece; NUL bytes at the end belong to them unless `trims`.
Column column_of_fixed(const py::array& array, bool trims, bool is_text, const std::string& name);
// NumPy's text of one width, 4 bytes a character.
Column column_of_ucs4(const py::array& array, const std::string& name);

// Raises ValueError unless all text is UTF-8; `first` is the position of the column's first string, for the message.
void require_utf8(const Column& column, const std::string& name, std::size_t first = 0);
// The strings [start, stop) in the same memory.
Column part_of(const Column& column, std::size_t start, std::size_t stop);
// Appends the strings at n positions, which are right, or all; -1 is null.
void append_strings(OwnStrings& own, const Column& from, const std::int64_t* positions, std::size_t n);
// The same strings, in memory of their own.
Column copy_of(const Column& column, const std::int64_t* positions, std::size_t n);
bool are_same(const Column& a, const Column& b);

}  // namespace learnedidx::bindings
