// A table begins on a cache line, a large one on a huge page, and is a vector otherwise.
#include "learnedidx/base/aligned_table.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace {

using learnedidx::Table;

std::uintptr_t address(const void* data) { return reinterpret_cast<std::uintptr_t>(data); }

TEST_CASE("small tables lie on cache lines, large ones on huge pages") {
  for (const std::size_t n : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, std::size_t{1} << 20}) {
    Table<std::uint32_t> table(n, 5);
    CHECK(address(table.data()) % 64 == 0);
    if (n * sizeof(std::uint32_t) >= std::size_t{1} << 22) CHECK(address(table.data()) % (std::size_t{1} << 21) == 0);
    CHECK(table.front() == 5);
    CHECK(table.back() == 5);
  }
}

TEST_CASE("tables grow, are copied and moved like vectors") {
  Table<double> table;
  for (int i = 0; i < 700'000; ++i) table.push_back(i);
  Table<double> copy = table;
  const Table<double> moved = std::move(table);
  CHECK(copy == moved);
  CHECK(copy.data() != moved.data());
  copy.clear();
  copy.shrink_to_fit();
  CHECK(moved[699'999] == 699'999.0);
}

}  // namespace
