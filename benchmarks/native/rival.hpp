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
#include <string>
#include <tuple>
#include <type_traits>

namespace rivals {

namespace py = pybind11;

// What holds for an adapter that does not say otherwise.
struct Adapter {
  static constexpr const char* answer = "POSITION";  // SUCCESSOR: the key found; MATCH: or -1
  static constexpr bool unique = false;              // true: takes no equal keys
};

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

// Sorted keys in arrays: key number i is `key(first + i)`. Text and pairs are in text.hpp.
template <typename T>
struct Numbers {
  using Key = T;
  using Arrays = std::tuple<Array<T>>;
  static std::string name() { return py::str(py::dtype::of<T>()); }

  explicit Numbers(const Array<T>& keys) : first(keys.data()), size(static_cast<std::size_t>(keys.size())) {}
  Key key(const T* at) const { return *at; }
  Key mark(Key key) const { return key; }

  const T* first;
  std::size_t size;
};

template <typename Index, typename Keys, typename Arrays>
class Handle;

template <typename Index, typename Keys, typename... Each>
class Handle<Index, Keys, std::tuple<Each...>> {
 public:
  explicit Handle(const Each&... arrays) : arrays_(arrays...), index_(built(Keys(arrays...))) {}

  auto lookup(const typename Keys::Key& query) const { return index_.lookup(query); }

  auto lookups(const Each&... arrays) const {
    const Keys queries(arrays...);
    Array<decltype(index_.lookup(queries.key(queries.first)))> answers(static_cast<py::ssize_t>(queries.size));
    auto* out = answers.mutable_data();
    py::gil_scoped_release release;
    for (std::size_t i = 0; i < queries.size; ++i) out[i] = index_.lookup(queries.key(queries.first + i));
    return answers;
  }

  std::size_t nbytes() const { return index_.nbytes(); }

  static void bind(py::module_& module) {
    py::class_<Handle> handle(module, ("Index_" + Keys::name()).c_str(), py::module_local());
    handle.def("lookups", &Handle::lookups).def("nbytes", &Handle::nbytes);
    if constexpr (sizeof...(Each) == 1) handle.def("lookup", &Handle::lookup);
    module.def(("make_" + Keys::name()).c_str(), [](const Each&... arrays) { return std::make_unique<Handle>(arrays...); });
    module.attr("types").cast<py::list>().append(Keys::name());
    module.attr("answer") = Index::answer;
    module.attr("unique") = Index::unique;
  }

 private:
  static Index built(const Keys& keys) {
    py::gil_scoped_release release;
    if constexpr (std::is_constructible_v<Index, const Keys&>) {
      return Index(keys);
    } else {
      return Index(keys.first, keys.size);
    }
  }

  std::tuple<Each...> arrays_;
  Index index_;
};

// Binds an adapter for each kind of sorted keys; `about` says what it is: its name, version and licence.
template <template <typename> class Index, typename... Keys>
void bind_keys(py::module_& module, const char* about) {
  module.doc() = about;
  module.attr("types") = py::list();
  (Handle<Index<Keys>, Keys, typename Keys::Arrays>::bind(module), ...);
}

// The same for one over numbers, which takes a pointer to them and how many there are.
template <template <typename> class Index, typename... T>
void bind(py::module_& module, const char* about) {
  module.doc() = about;
  module.attr("types") = py::list();
  (Handle<Index<T>, Numbers<T>, std::tuple<Array<T>>>::bind(module), ...);
}

}  // namespace rivals
