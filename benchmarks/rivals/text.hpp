// What an adapter over text includes: it makes a Python module of one index over strings or pairs.
//
// An adapter is a class template over `Keys`, which is `Texts` or `Pairs`: sorted distinct keys that
// stay where they are for as long as the adapter lives. `lookup` answers one query, a `Keys::Key`,
// with a position, or with -1 if its answer is MATCH; if it is SUCCESSOR, with `keys.mark(found)`.
#pragma once

#include <string_view>

#include "rival.hpp"

namespace rivals {

// Strings as Arrow keeps them: number i begins at data[first[i]] and ends before data[first[i + 1]].
struct Texts {
  using Key = std::string_view;
  using First = std::int64_t;
  using Second = std::uint8_t;
  static constexpr const char* name = "text";

  Key key(const First* at) const {
    return {reinterpret_cast<const char*>(second + at[0]), static_cast<std::size_t>(at[1] - at[0])};
  }
  // Tells keys apart: where the string begins.
  std::int64_t mark(Key key) const { return key.data() - reinterpret_cast<const char*>(second); }
  static std::size_t count(py::ssize_t offsets) { return static_cast<std::size_t>(offsets - 1); }

  const First* first;
  const Second* second;
  std::size_t size;
};

// Two numbers a key, each in an array of its own.
struct Pairs {
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  using First = std::uint64_t;
  using Second = std::uint64_t;
  static constexpr const char* name = "pairs";

  Key key(const First* at) const { return {*at, second[at - first]}; }
  std::int64_t mark(Key key) const {
    return static_cast<std::int64_t>(key.first * 0x9E3779B97F4A7C15 ^ key.second);
  }
  static std::size_t count(py::ssize_t keys) { return static_cast<std::size_t>(keys); }

  const First* first;
  const Second* second;
  std::size_t size;
};

template <typename Index, typename Keys>
class KeysHandle {
 public:
  using First = Array<typename Keys::First>;
  using Second = Array<typename Keys::Second>;

  KeysHandle(First first, Second second)
      : first_(std::move(first)), second_(std::move(second)), index_(built()) {}

  Array<std::int64_t> lookups(const First& first, const Second& second) const {
    const Keys queries = over(first, second);
    Array<std::int64_t> answers(static_cast<py::ssize_t>(queries.size));
    std::int64_t* out = answers.mutable_data();
    py::gil_scoped_release release;
    for (std::size_t i = 0; i < queries.size; ++i) out[i] = index_.lookup(queries.key(queries.first + i));
    return answers;
  }

  std::size_t nbytes() const { return index_.nbytes(); }

 private:
  static Keys over(const First& first, const Second& second) {
    return {first.data(), second.data(), Keys::count(first.size())};
  }
  Index built() const {
    const Keys keys = over(first_, second_);
    py::gil_scoped_release release;
    return Index(keys);
  }

  First first_;
  Second second_;
  Index index_;
};

template <typename Index, typename Keys>
void bind_keys_one(py::module_& module) {
  using Bound = KeysHandle<Index, Keys>;
  using First = typename Bound::First;
  using Second = typename Bound::Second;
  py::class_<Bound>(module, (std::string("Index_") + Keys::name).c_str(), py::module_local())
      .def("lookups", &Bound::lookups, py::arg("first").noconvert(), py::arg("second").noconvert())
      .def("nbytes", &Bound::nbytes);
  module.def(
      "make", [](const First& first, const Second& second) { return std::make_unique<Bound>(first, second); },
      py::arg("first").noconvert(), py::arg("second").noconvert());
  module.attr("types").cast<py::list>().append(Keys::name);
  module.attr("answer") = Index::answer;
}

// Binds the adapter for `Texts`, `Pairs` or both; `about` says what it is: name, version, licence.
template <template <typename> class Index, typename... Keys>
void bind_keys(py::module_& module, const char* about) {
  module.doc() = about;
  module.attr("types") = py::list();
  (bind_keys_one<Index<Keys>, Keys>(module), ...);
}

}  // namespace rivals
