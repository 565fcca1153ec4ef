// A filter and its memory, its own or borrowed.
#pragma once

#include <initializer_list>

#include "arrays.hpp"
#include "bindings.hpp"
#include "learnedidx/base/aligned_table.hpp"

namespace learnedidx::bindings {

// The words of a filter and what keeps them alive.
struct Words {
  std::shared_ptr<Table<std::uint64_t>> own;
  py::object owner;
  const void* data = nullptr;
  std::uint64_t bytes = 0;
};

inline Words words_of(const py::array& bytes) {
  require_plain(bytes, "words");
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) throw py::value_error("words: must be aligned to 8");
  return {nullptr, bytes, bytes.data(), static_cast<std::uint64_t>(bytes.nbytes())};
}

inline Words words_of(Table<std::uint64_t>&& words) {
  auto own = std::make_shared<Table<std::uint64_t>>(std::move(words));
  return {own, py::none(), own->data(), own->size() * sizeof(std::uint64_t)};
}

inline py::array bytes_of(const Words& words) {
  if (!words.own) return words.owner.cast<py::array>();
  return read_only_view(reinterpret_cast<const std::uint8_t*>(words.data), {static_cast<py::ssize_t>(words.bytes)}, words.own);
}

// Numbers by their names.
inline py::dict dict_of(std::initializer_list<std::pair<const char*, std::uint64_t>> numbers) {
  py::dict fields;
  for (const auto& [name, number] : numbers) fields[name] = number;
  return fields;
}

// What Python has: a filter of keys of a kind, over these words.
template <class Filter> struct Held {
  KeyType kind = KeyType::u64;
  Words words;
  Filter filter;
};

// what: that the words would be.
template <class Filter> std::shared_ptr<Held<Filter>> opened(KeyType kind, Words words, const char* what) {
  auto held = std::make_shared<Held<Filter>>();
  held->kind = kind;
  held->words = std::move(words);
  if (!held->filter.open(held->words.data, held->words.bytes)) throw py::value_error(std::string("words: damaged: no ") + what);
  return held;
}

// The part of the class that all of them have.
template <class Filter> auto bind_held(py::module_& core, const char* name) {
  return py::class_<Held<Filter>, std::shared_ptr<Held<Filter>>>(core, name).def_property_readonly(
      "words", [](const Held<Filter>& held) { return bytes_of(held.words); });
}

}  // namespace learnedidx::bindings
