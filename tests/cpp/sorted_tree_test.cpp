// Single changes and lookups of a tree are those of a sorted vector, for every key type, kernel row and order of
// keys; no change moves more than it may.
#define LIDX_COUNT_MOVES
#include "learnedidx/tree/tree.hpp"

#include <doctest/doctest.h>

#include "sorted_model.hpp"

namespace {

using namespace learnedidx;
using namespace tests;

// What std::shuffle asks for.
struct Shuffler {
  using result_type = std::uint64_t;
  Random* random;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return random->bits(); }
};

template <class K> using Tree = SortedTree<K, std::uint32_t>;

template <class K> void check_lookups(const Tree<K>& tree, const SortedModel<K>& model, K key) {
  const std::size_t left = model.rank_left(key), right = model.rank_right(key);
  REQUIRE(tree.rank_left(key) == left);
  REQUIRE(tree.rank_right(key) == right);
  REQUIRE(tree.count(key) == right - left);
  REQUIRE(tree.contains(key) == (left < right));
  REQUIRE(tree.rank(tree.lower_bound(key)) == left);
  REQUIRE(tree.rank(tree.upper_bound(key)) == right);
  for (const std::size_t ahead : {0u, 5u, 100u, 1000u}) REQUIRE(tree.lower_bound(key, ahead) == tree.lower_bound(key));
  if (left < right) REQUIRE(tree.value(tree.find(key)) == model.items[left].second);
}

template <class K> void check_between(const Tree<K>& tree, const SortedModel<K>& model, K low, K high) {
  const std::size_t left = model.rank_left(low), right = model.rank_right(high);
  const auto found = tree.between(low, high);
  REQUIRE(found.count == (right > left ? right - left : 0));
  if (found.count == 0) return;
  REQUIRE(tree.rank(found.first) == left);
  REQUIRE(tree.rank(found.behind) == right);
}

template <class K> void check_all(const Tree<K>& tree, const SortedModel<K>& model) {
  const char* wrong = tree.check();
  REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
  REQUIRE(tree.size() == model.items.size());
  auto place = tree.begin();
  for (const auto& item : model.items) {
    REQUIRE((tree.key(place) == item.first && tree.value(place) == item.second));
    place = tree.next(place);
  }
  REQUIRE(place == tree.end());
  for (std::size_t i = model.items.size(); i-- > 0;) {
    place = tree.previous(place);
    REQUIRE(tree.value(place) == model.items[i].second);
    if (i % 97 == 0) REQUIRE(tree.select(i) == place);
  }
  REQUIRE(tree.previous(place) == tree.end());
  REQUIRE(tree.select(model.items.size()) == tree.end());
}

// A leaf beside the one of the key, and at each level one node that is divided or meets its neighbour.
template <class K> void check_moves(const Tree<K>& tree) {
  REQUIRE(tree.moves().leaves <= 1);
  REQUIRE(tree.moves().nodes <= std::max(tree.height(), 1u));
}

template <class K> void erase_somewhere(Tree<K>& tree, SortedModel<K>& model, K key, std::uint64_t bits) {
  const std::size_t at = model.rank_left(key);
  const bool there = at < model.items.size() && model.items[at].first == key;
  if (bits % 3 == 0) {
    std::uint32_t value = 0;
    REQUIRE(tree.erase_one(key, &value) == there);
    if (!there) return;
    REQUIRE(value == model.items[at].second);
    model.erase(at, at + 1);
  } else if (!model.items.empty()) {
    const std::size_t rank = bits / 3 % model.items.size();
    tree.erase(tree.select(rank));
    model.erase(rank, rank + 1);
  }
}

template <class K> void insert_somewhere(Tree<K>& tree, SortedModel<K>& model, K key, std::uint32_t value) {
  const std::uint64_t version = tree.version();
  typename Tree<K>::Place place;
  REQUIRE(tree.insert(key, value, &place) == SortedStatus::ok);
  REQUIRE((tree.key(place) == key && tree.value(place) == value));
  REQUIRE(tree.version() != version);
  model.insert(key, value);
}

template <class K> void erase_all(Tree<K>& tree, SortedModel<K>& model, Random& random) {
  for (const K key : extremes<K>()) {
    check_lookups(tree, model, key);
    for (const K high : extremes<K>()) check_between(tree, model, key, high);
  }
  check_all(tree, model);
  while (tree.size() > 0) {
    erase_somewhere(tree, model, K{0}, 1 + 3 * (random.bits() >> 2));
    if (tree.size() % 251 == 0) check_all(tree, model);
  }
  REQUIRE(tree.bytes() == 0);
}

template <class K> void run(const SortedRow& row, Order order, std::size_t steps) {
  Tree<K> tree(row);
  SortedModel<K> model;
  Random random(7);
  for (std::size_t i = 0; i < steps; ++i) {
    const K key = key_in<K>(order, i, random);
    const std::uint64_t bits = random.bits();
    const bool shrinks = bits % 16 == 0 || (i > steps * 3 / 4 && bits % 8 != 0);
    if (shrinks) erase_somewhere(tree, model, key, bits / 16);
    else insert_somewhere(tree, model, key, static_cast<std::uint32_t>(i));
    check_moves(tree);
    if (i % 64 == 0) {
      check_lookups(tree, model, key);
      check_between(tree, model, key_in<K>(order, random.below(i + 1), random), key);
    }
    if (i < 40 || i % 997 == 0) check_all(tree, model);
  }
  erase_all(tree, model, random);
}

TEST_CASE_TEMPLATE_DEFINE("a tree is a sorted vector", K, sorted_vector) {
  for_each_sorted_row([](const SortedRow& row, const std::string& name) {
    CAPTURE(name);
    for (const Order order : kOrders) {
      CAPTURE(static_cast<int>(order));
      run<K>(row, order, kSlow ? 2000 : 6000);
    }
  });
}
TEST_CASE_TEMPLATE_APPLY(sorted_vector, WideKeyTypes::as<std::tuple>);

// Erases all keys: at random, or from one end on.
void take_down(Tree<std::int64_t>& tree, std::vector<std::int64_t> keys, Order order, Random& random) {
  std::sort(keys.begin(), keys.end());
  if (order == Order::random) std::shuffle(keys.begin(), keys.end(), Shuffler{&random});
  if (order == Order::down) std::reverse(keys.begin(), keys.end());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    REQUIRE(tree.erase_one(keys[i]));
    check_moves(tree);
    if (i % 9973 != 0) continue;
    REQUIRE(tree.check() == nullptr);
    REQUIRE(tree.rank_left(keys[i]) <= tree.size());
  }
  REQUIRE(tree.size() == 0);
}

TEST_CASE("trees of several levels grow and shrink") {
  Random random(17);
  for (const Order order : kOrders) {
    CAPTURE(static_cast<int>(order));
    for (const Order down : {Order::random, Order::up, Order::down}) {
      Tree<std::int64_t> tree(widest_kernels().sorted);
      std::vector<std::int64_t> keys;
      for (std::uint32_t i = 0; i < (kSlow ? 20000u : 60000u); ++i) {
        keys.push_back(key_in<std::int64_t>(order, i, random));
        REQUIRE(tree.insert(keys.back(), i) == SortedStatus::ok);
        check_moves(tree);
        if (i % 9973 == 0) REQUIRE(tree.check() == nullptr);
      }
      REQUIRE(tree.height() >= 2);
      REQUIRE(tree.check() == nullptr);
      for (std::size_t i = 0; i < tree.size(); i += 997) REQUIRE(tree.rank(tree.select(i)) == i);
      for (std::size_t i = 0; i < keys.size(); i += 997) {
        const std::int64_t low = std::min(keys[i], keys[i / 2]), high = std::max(keys[i], keys[i / 2]);
        REQUIRE(tree.between(low, high).count == tree.rank_right(high) - tree.rank_left(low));
      }
      take_down(tree, keys, down, random);
    }
  }
}

TEST_CASE_TEMPLATE("a range of ranks is erased", K, std::uint64_t, float) {
  for (const Order order : kOrders) {
    Tree<K> tree(widest_kernels().sorted);
    SortedModel<K> model;
    Random random(3);
    for (std::size_t i = 0; i < 5000; ++i) {
      const K key = key_in<K>(order, i, random);
      REQUIRE(tree.insert(key, static_cast<std::uint32_t>(i)) == SortedStatus::ok);
      model.insert(key, static_cast<std::uint32_t>(i));
    }
    while (tree.size() > 0) {
      const std::size_t low = random.below(tree.size()), high = low + random.below(900);
      tree.erase_range(low, high);
      model.erase(low, std::min(high, model.items.size()));
      check_all(tree, model);
      if (low == 0) tree.erase_range(0, 1), model.items.empty() ? void() : model.erase(0, 1);
    }
  }
}

TEST_CASE("a key is inserted once, and its value can be assigned") {
  Tree<std::int64_t> tree(widest_kernels().sorted);
  Random random(5);
  std::vector<std::uint32_t> values(3000);
  for (std::uint32_t i = 1; i < 20000; ++i) {
    const auto key = static_cast<std::int64_t>(random.below(values.size()));
    Tree<std::int64_t>::Place place;
    bool existing = false;
    REQUIRE(tree.insert_unique(key, i, &place, &existing) == SortedStatus::ok);
    std::uint32_t& value = values[static_cast<std::size_t>(key)];
    REQUIRE(existing == (value != 0));
    REQUIRE(tree.key(place) == key);
    REQUIRE(tree.value(place) == (existing ? value : i));
    tree.value(place) = value = i;
  }
  REQUIRE(tree.check() == nullptr);
  for (std::size_t key = 0; key < values.size(); ++key) {
    const auto place = tree.find(static_cast<std::int64_t>(key));
    REQUIRE((place ? tree.value(place) : 0) == values[key]);
  }
}

TEST_CASE("every value of the format is a key, and zeros of either sign are equal") {
  for_each_sorted_row([](const SortedRow& row, const std::string&) {
    SortedTree<double> floats(row);
    for (int i = 0; i < 300; ++i) REQUIRE(floats.insert(i % 2 ? -0.0 : 0.0) == SortedStatus::ok);
    REQUIRE(floats.count(0.0) == 300);
    REQUIRE(floats.rank_left(-0.0) == 0);
    REQUIRE(floats.rank_right(-0.0) == 300);
    SortedTree<std::uint64_t> tree(row);
    for (int i = 0; i < 1000; ++i) REQUIRE(tree.insert(i % 2 ? ~std::uint64_t{0} : 0) == SortedStatus::ok);
    REQUIRE(tree.check() == nullptr);
    REQUIRE(tree.count(~std::uint64_t{0}) == 500);
    REQUIRE(tree.rank_right(~std::uint64_t{0}) == 1000);
    REQUIRE(tree.upper_bound(~std::uint64_t{0}) == tree.end());
    REQUIRE(tree.key(tree.upper_bound(0)) == ~std::uint64_t{0});
  });
}

TEST_CASE("keys in order fill their leaves, small trees are small, sets hold no values") {
  SortedTree<std::int64_t> up(widest_kernels().sorted), down(widest_kernels().sorted), few(widest_kernels().sorted);
  for (std::int64_t i = 0; i < 100000; ++i) {
    REQUIRE(up.insert(i) == SortedStatus::ok);
    REQUIRE(down.insert(-i) == SortedStatus::ok);
  }
  if (kLeafKeys == 256) {
    CHECK(up.bytes() < 100000 * 10.5);
    CHECK(down.bytes() < 100000 * 10.5);
  }
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(few.insert(i) == SortedStatus::ok);
  CHECK(few.bytes() < 600);
}

// Leaves that inserts have divided or evened out while `count` keys filled a gap, in descending or ascending order.
std::size_t moves_in_gap(Tree<std::int64_t>& tree, std::int64_t gap, bool down, std::int64_t count) {
  std::size_t moves = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    tree.forget_moves();
    REQUIRE(tree.insert(gap + 1 + (down ? count - i : i)) == SortedStatus::ok);
    moves += tree.moves().leaves;
  }
  return moves;
}

TEST_CASE("keys that fill a gap divide a leaf each time that they have filled one, wherever the gap lies") {
  constexpr std::int64_t count = 10 * kLeafKeys;
  for (const bool down : {false, true}) {
    std::vector<std::int64_t> keys(12 * kLeafKeys);
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<std::int64_t>(i) * 100000;
    const std::vector<std::uint32_t> values(keys.size(), 7);
    for (std::size_t at = kLeafKeys; at < 3 * kLeafKeys; at += kSlow ? 17 : 3) {
      CAPTURE(down);
      CAPTURE(at);
      Tree<std::int64_t> tree(widest_kernels().sorted);
      REQUIRE(tree.bulk_load(keys.data(), values.data(), keys.size()) == SortedStatus::ok);
      CHECK(moves_in_gap(tree, keys[at], down, count) <= count / (kLeafKeys - 2 * kStreak) + 4);
      REQUIRE(tree.check() == nullptr);
    }
  }
}

TEST_CASE("keys that do not ascend are not loaded") {
  const auto in_order = [](const std::uint64_t* from, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      if (from[i] < from[static_cast<std::ptrdiff_t>(i) - 1]) return false;
    return true;
  };
  for (const std::size_t n : {std::size_t{1}, std::size_t{256}, std::size_t{257}, std::size_t{20000}}) {
    std::vector<std::uint64_t> keys(n);
    for (std::size_t i = 0; i < n; ++i) keys[i] = 2 * i + 1;
    const std::vector<std::uint32_t> values(n, 7);
    Tree<std::uint64_t> tree(widest_kernels().sorted);
    REQUIRE(tree.insert(5, 1) == SortedStatus::ok);
    bool ordered = true;
    for (const std::size_t at : {n - 1, n / 2, std::size_t{1}}) {
      if (at == 0 || at >= n) continue;
      const std::uint64_t right = keys[at];
      keys[at] = 0;
      REQUIRE(tree.bulk_load_if(keys.data(), values.data(), n, in_order, ordered) == SortedStatus::ok);
      REQUIRE(!ordered);
      REQUIRE(tree.check() == nullptr);
      REQUIRE((tree.size() == 1 && tree.contains(5)));
      keys[at] = right;
    }
    REQUIRE(tree.bulk_load_if(keys.data(), values.data(), n, in_order, ordered) == SortedStatus::ok);
    REQUIRE(ordered);
    REQUIRE(tree.check() == nullptr);
    REQUIRE((tree.size() == n && tree.rank_left(keys[n - 1]) == n - 1));
  }
}

}  // namespace
