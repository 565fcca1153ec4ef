// The memory of a filter, its own or borrowed.
#pragma once

#include "arrays.hpp"
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

}  // namespace learnedidx::bindings
