// A model of SortedTree that cannot be wrong: a sorted vector; and the orders of keys in which trees go bad.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/tree/tree.hpp"

namespace tests {

template <class K> struct SortedModel {
  using Item = std::pair<K, std::uint32_t>;
  std::vector<Item> items;

  std::size_t rank_left(K key) const {
    const auto below = [](const Item& item, K k) { return item.first < k; };
    return static_cast<std::size_t>(std::lower_bound(items.begin(), items.end(), key, below) - items.begin());
  }
  std::size_t rank_right(K key) const {
    const auto below = [](K k, const Item& item) { return k < item.first; };
    return static_cast<std::size_t>(std::upper_bound(items.begin(), items.end(), key, below) - items.begin());
  }
  void insert(K key, std::uint32_t value) {
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(rank_right(key)), {key, value});
  }
  void erase(std::size_t low, std::size_t high) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(low), items.begin() + static_cast<std::ptrdiff_t>(high));
  }
};

// Orders in which keys come.
enum class Order { random, up, down, few, gap_down, gap_up, dense, kinds };
constexpr Order kOrders[] = {Order::random,   Order::up,     Order::down,  Order::few,
                             Order::gap_down, Order::gap_up, Order::dense, Order::kinds};

// Key number i of an order: from 0 to about 2^31, but for the whole domain in the last one.
template <class K> K key_in(Order order, std::size_t i, Random& random) {
  const std::uint64_t bits = random.bits();
  const std::uint64_t anchor = bits % 64 << 24;  // the first keys of a gap lie all over; later ones are all in it
  switch (order) {
    case Order::random: return static_cast<K>(bits >> 33);
    case Order::up: return static_cast<K>(i);
    case Order::down: return static_cast<K>(1000000 - i);
    case Order::few: return static_cast<K>(bits % 100 < 93 ? bits % 3 : bits % 1000);
    case Order::gap_down: return static_cast<K>(i < 1000 ? anchor : (1u << 24) + 100000 - i);
    case Order::gap_up: return static_cast<K>(i < 1000 ? anchor : (1u << 24) + i);
    case Order::dense: return static_cast<K>(bits % 50 ? (bits % 7 << 20) + bits % 400 : bits >> 33);
    case Order::kinds: break;
  }
  return random_key<K>(random);
}

template <class Check> void for_each_sorted_row(Check&& check) {
  const learnedidx::KernelRows found = learnedidx::available_kernels();
  for (std::size_t i = 0; i < found.count; ++i) check(found.rows[i]->sorted, std::string(found.rows[i]->name));
}

}  // namespace tests
