// What an adapter includes: it makes a Python module of one index in C++.
//
// An adapter is a class template over the key type. Its constructor takes sorted keys, which stay
// where they are for as long as the adapter lives, so it may borrow them; there is at least one.
// `lookup` answers one query and `nbytes` counts what is held beside the caller's keys. A batch is
// a loop of `lookup`, with the GIL released.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace rivals {

namespace py = pybind11;

// What holds for an adapter that does not say otherwise.
struct Adapter {
  static constexpr const char* answer = "POSITION";  // SUCCESSOR: the key found; MATCH: or -1
  static constexpr bool unique = false;              // true: takes no equal keys
};

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

template <typename Index, typename T>
class Handle {
 public:
  using Found = decltype(std::declval<const Index&>().lookup(T{}));

  explicit Handle(Array<T> keys) : keys_(std::move(keys)), index_(built()) {}

  Found lookup(T query) const { return index_.lookup(query); }

  Array<Found> lookups(const Array<T>& queries) const {
    Array<Found> answers(queries.size());
    const T* in = queries.data();
    Found* out = answers.mutable_data();
    const py::ssize_t count = queries.size();
    py::gil_scoped_release release;
    for (py::ssize_t i = 0; i < count; ++i) out[i] = index_.lookup(in[i]);
    return answers;
  }

  std::size_t nbytes() const { return index_.nbytes(); }

 private:
  Index built() const {
    py::gil_scoped_release release;
    return Index(keys_.data(), static_cast<std::size_t>(keys_.size()));
  }

  Array<T> keys_;
  Index index_;
};

template <typename Index, typename T>
void bind_one(py::module_& module) {
  using Bound = Handle<Index, T>;
  const py::str type = py::str(py::dtype::of<T>());
  py::class_<Bound>(module, ("Index_" + std::string(type)).c_str(), py::module_local())
      .def("lookup", &Bound::lookup, py::arg("query"))
      .def("lookups", &Bound::lookups, py::arg("queries").noconvert())
      .def("nbytes", &Bound::nbytes);
  module.def(
      "make", [](const Array<T>& keys) { return std::make_unique<Bound>(keys); },
      py::arg("keys").noconvert());
  module.attr("types").cast<py::list>().append(type);
  module.attr("answer") = Index::answer;
  module.attr("unique") = Index::unique;
}

// Binds the adapter for each key type; `about` says what it is: its name, version and licence.
template <template <typename> class Index, typename... T>
void bind(py::module_& module, const char* about) {
  module.doc() = about;
  module.attr("types") = py::list();
  (bind_one<Index<T>, T>(module), ...);
}

}  // namespace rivals
