// Merges of sorted queries with sorted keys, both uint64: into `out` goes the number of keys below each query.
#include <pybind11/numpy.h>

#include <cstdint>

namespace {

using Keys = pybind11::array_t<std::uint64_t, pybind11::array::c_style>;
using Positions = pybind11::array_t<std::int64_t, pybind11::array::c_style>;

// Two pointers that only move forward.
void merge(const Keys& keys, const Keys& queries, Positions& out) {
  const auto* key = keys.data();
  const auto* query = queries.data();
  auto* answer = out.mutable_data();
  for (std::int64_t i = 0, at = 0; i < queries.size(); ++i) {
    while (at < keys.size() && key[at] < query[i]) ++at;
    answer[i] = at;
  }
}

// The same without a branch that a processor could guess wrong: each step moves one pointer.
void merge_branchless(const Keys& keys, const Keys& queries, Positions& out) {
  const auto* key = keys.data();
  const auto* query = queries.data();
  auto* answer = out.mutable_data();
  const std::int64_t n = keys.size(), count = queries.size();
  std::int64_t at = 0, i = 0;
  while (at < n && i < count) {
    const bool below = key[at] < query[i];
    answer[i] = at;  // holds when the key is not below
    at += below;
    i += !below;
  }
  for (; i < count; ++i) answer[i] = n;
}

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  module.def("merge", &merge).def("merge_branchless", &merge_branchless);
}
