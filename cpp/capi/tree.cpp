// The tree that changes, over keys of three kinds and values of 64 bits. What headers assert is refused by a status here.
#ifndef NDEBUG
#define NDEBUG
#endif
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "learnedidx.h"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/tree/tree.hpp"
#include "memory.hpp"

namespace learnedidx::c {
namespace {

// The caller's allocator as a tree needs it: blocks at multiples of 64, no more than the budget of them.
struct TreeMemory {
  lidx_allocator allocator;
  bool has_allocator;
  std::size_t left;  // bytes that may yet be asked of the allocator

  const lidx_allocator* given() const { return has_allocator ? &allocator : nullptr; }
  static std::size_t padded(std::size_t bytes) { return bytes + kSortedLine + sizeof(void*); }

  // What was allocated stands before the block. Chunks that ask to begin on a huge page get a line: it makes them no less right.
  static void* take(std::size_t bytes, std::size_t, void* context) {
    auto& memory = *static_cast<TreeMemory*>(context);
    if (padded(bytes) > memory.left || padded(bytes) < bytes) return nullptr;
    auto* raw = static_cast<unsigned char*>(allocate(memory.given(), padded(bytes)));
    if (raw == nullptr) return nullptr;
    memory.left -= padded(bytes);
    unsigned char* block = raw + sizeof(void*);
    block += (kSortedLine - reinterpret_cast<std::uintptr_t>(block) % kSortedLine) % kSortedLine;
    std::memcpy(block - sizeof raw, &raw, sizeof raw);
    return block;
  }
  static void give(void* block, std::size_t bytes, std::size_t, void* context) {
    auto& memory = *static_cast<TreeMemory*>(context);
    unsigned char* raw;
    std::memcpy(&raw, static_cast<unsigned char*>(block) - sizeof raw, sizeof raw);
    memory.left += padded(bytes);
    lidx_release(memory.given(), raw, padded(bytes));
  }
};

template <class K> struct TreeHandle {
  using Tree = SortedTree<K, std::uint64_t>;
  TreeMemory memory;  // outlives the tree
  Tree tree;

  explicit TreeHandle(const TreeMemory& given)
      : memory(given), tree(widest_kernels().sorted, {TreeMemory::take, TreeMemory::give, &memory}) {}
};

// A handle of C is the address of one of these.
template <class K, class Handle> TreeHandle<K>& handle_of(Handle* tree) { return *reinterpret_cast<TreeHandle<K>*>(tree); }
template <class K, class Handle> const SortedTree<K, std::uint64_t>& map_of(const Handle* tree) {
  return reinterpret_cast<const TreeHandle<K>*>(tree)->tree;
}

constexpr lidx_status status_of_tree(SortedStatus status) {
  if (status == SortedStatus::ok) return LIDX_OK;
  return status == SortedStatus::full ? LIDX_FULL : LIDX_NO_MEMORY;
}

template <class K> bool is_nan(K key) { return is_missing(key, false); }

// A place in the caller's storage: the tree, leaf and slot, and the version of the tree that it is good for.
template <class K> void put_place(lidx_place* to, const SortedTree<K, std::uint64_t>& tree, SortedPlace<K> place) {
  to->words[0] = reinterpret_cast<std::uintptr_t>(&tree);
  to->words[1] = reinterpret_cast<std::uintptr_t>(place.leaf);
  to->words[2] = place.slot;
  to->words[3] = tree.version();
}

template <class K>
lidx_status read_place(const lidx_place* from, const SortedTree<K, std::uint64_t>& tree, SortedPlace<K>& place) {
  if (from->words[0] != reinterpret_cast<std::uintptr_t>(&tree) || from->words[3] != tree.version()) return LIDX_STALE;
  place.leaf = reinterpret_cast<SortedLeaf<K>*>(static_cast<std::uintptr_t>(from->words[1]));
  place.slot = static_cast<unsigned>(from->words[2]);
  return LIDX_OK;
}

template <class K, class Handle>
lidx_status create_tree(Handle** tree, const lidx_allocator* allocator, std::size_t budget) {
  if (tree != nullptr) *tree = nullptr;
  if (tree == nullptr || !is_whole(allocator)) return LIDX_NULL_ARGUMENT;
  TreeMemory memory{{nullptr, nullptr, nullptr}, allocator != nullptr, budget > 0 ? budget : ~std::size_t{0}};
  if (allocator != nullptr) memory.allocator = *allocator;
  void* block = allocate(allocator, sizeof(TreeHandle<K>));
  if (block == nullptr) return LIDX_NO_MEMORY;
  *tree = reinterpret_cast<Handle*>(new (block) TreeHandle<K>(memory));
  return LIDX_OK;
}

template <class K, class Handle> void destroy_tree(Handle* tree) {
  if (tree == nullptr) return;
  TreeHandle<K>& handle = handle_of<K>(tree);
  const TreeMemory memory = handle.memory;
  handle.~TreeHandle<K>();
  lidx_release(memory.given(), tree, sizeof(TreeHandle<K>));
}

template <class K, class Handle>
lidx_status load_tree(Handle* tree, const K* keys, const std::uint64_t* values, std::size_t n) {
  if (tree == nullptr || (n > 0 && (keys == nullptr || values == nullptr))) return LIDX_NULL_ARGUMENT;
  bool ordered = n == 0 || !is_nan(keys[0]);
  const auto in_order = [](const K* from, std::size_t count) {
    for (const K* key = from; key < from + count; ++key)
      if (!(key[-1] <= *key)) return false;
    return true;
  };
  if (!ordered) return LIDX_UNSORTED_KEYS;
  const SortedStatus status = handle_of<K>(tree).tree.bulk_load_if(keys, values, n, in_order, ordered);
  return ordered ? status_of_tree(status) : LIDX_UNSORTED_KEYS;
}

template <class K, class Handle> lidx_status insert_in(Handle* tree, K key, std::uint64_t value) {
  if (tree == nullptr) return LIDX_NULL_ARGUMENT;
  return is_nan(key) ? LIDX_NAN_KEY : status_of_tree(handle_of<K>(tree).tree.insert(key, value));
}

template <class K, class Handle> lidx_status put_in(Handle* tree, K key, std::uint64_t value, int* was_there) {
  if (tree == nullptr) return LIDX_NULL_ARGUMENT;
  if (is_nan(key)) return LIDX_NAN_KEY;
  auto& all = handle_of<K>(tree).tree;
  SortedPlace<K> place;
  bool existing = false;
  const SortedStatus status = all.insert_unique(key, value, &place, &existing);
  if (status != SortedStatus::ok) return status_of_tree(status);
  if (existing) all.value(place) = value;
  if (was_there != nullptr) *was_there = existing;
  return LIDX_OK;
}

template <class K, class Handle> lidx_status find_in(const Handle* tree, K key, std::uint64_t* value) {
  if (tree == nullptr || value == nullptr) return LIDX_NULL_ARGUMENT;
  const SortedPlace<K> place = is_nan(key) ? SortedPlace<K>{} : map_of<K>(tree).find(key);
  if (!place) return LIDX_NOT_FOUND;
  *value = map_of<K>(tree).value(place);
  return LIDX_OK;
}

template <class K, class Handle> lidx_status erase_from(Handle* tree, K key, std::uint64_t* value) {
  if (tree == nullptr) return LIDX_NULL_ARGUMENT;
  return !is_nan(key) && handle_of<K>(tree).tree.erase_one(key, value) ? LIDX_OK : LIDX_NOT_FOUND;
}

template <class K, class Handle> lidx_status rank_in(const Handle* tree, K key, std::uint64_t* position) {
  if (tree == nullptr || position == nullptr) return LIDX_NULL_ARGUMENT;
  if (is_nan(key)) return LIDX_NAN_KEY;
  *position = map_of<K>(tree).rank_left(key);
  return LIDX_OK;
}

// find(tree) -> place
template <class K, class Handle, class Find> lidx_status place_in(const Handle* tree, lidx_place* place, Find&& find) {
  if (tree == nullptr || place == nullptr) return LIDX_NULL_ARGUMENT;
  put_place<K>(place, map_of<K>(tree), find(map_of<K>(tree)));
  return LIDX_OK;
}

template <class K, class Handle> lidx_status move_place(const Handle* tree, lidx_place* place, bool ahead) {
  if (tree == nullptr || place == nullptr) return LIDX_NULL_ARGUMENT;
  const auto& all = map_of<K>(tree);
  SortedPlace<K> at;
  const lidx_status status = read_place<K>(place, all, at);
  if (status != LIDX_OK) return status;
  if (ahead && !at) return LIDX_NOT_FOUND;
  put_place<K>(place, all, ahead ? all.next(at) : all.previous(at));
  return LIDX_OK;
}

template <class K, class Handle>
lidx_status read_at(const Handle* tree, const lidx_place* place, K* key, std::uint64_t* value) {
  if (tree == nullptr || place == nullptr) return LIDX_NULL_ARGUMENT;
  const auto& all = map_of<K>(tree);
  SortedPlace<K> at;
  const lidx_status status = read_place<K>(place, all, at);
  if (status != LIDX_OK) return status;
  if (!at) return LIDX_NOT_FOUND;
  if (key != nullptr) *key = all.key(at);
  if (value != nullptr) *value = all.value(at);
  return LIDX_OK;
}

template <class K, class Handle> lidx_status erase_place(Handle* tree, lidx_place* place) {
  if (tree == nullptr || place == nullptr) return LIDX_NULL_ARGUMENT;
  auto& all = handle_of<K>(tree).tree;
  SortedPlace<K> at;
  const lidx_status status = read_place<K>(place, all, at);
  if (status != LIDX_OK) return status;
  if (!at) return LIDX_NOT_FOUND;
  const std::size_t rank = all.rank(at);
  all.erase(at);
  put_place<K>(place, all, all.select(rank));
  return LIDX_OK;
}

template <class K, class Handle>
lidx_status scan_from(const Handle* tree, lidx_place* place, std::size_t most, K* keys, std::uint64_t* values, std::size_t* count) {
  if (tree == nullptr || place == nullptr || count == nullptr || (most > 0 && keys == nullptr)) return LIDX_NULL_ARGUMENT;
  const auto& all = map_of<K>(tree);
  SortedPlace<K> at;
  const lidx_status status = read_place<K>(place, all, at);
  if (status != LIDX_OK) return status;
  std::size_t done = 0;
  const SortedPlace<K> behind = all.scan(at, most, [&](const K* from, const std::uint64_t* held, std::size_t size) {
    std::memcpy(keys + done, from, size * sizeof *from);
    if (values != nullptr) std::memcpy(values + done, held, size * sizeof *held);
    done += size;
  });
  *count = done;
  put_place<K>(place, all, behind);
  return LIDX_OK;
}

}  // namespace
}  // namespace learnedidx::c

using namespace learnedidx::c;

#define LIDX_TREE_VERBS(name, K)                                                                                               \
  lidx_status lidx_tree_create_##name(lidx_tree_##name** tree, const lidx_allocator* allocator, size_t budget) {               \
    return create_tree<K>(tree, allocator, budget);                                                                            \
  }                                                                                                                            \
  void lidx_tree_destroy_##name(lidx_tree_##name* tree) { destroy_tree<K>(tree); }                                             \
  lidx_status lidx_tree_clear_##name(lidx_tree_##name* tree) {                                                                 \
    if (tree != nullptr) handle_of<K>(tree).tree.clear();                                                                      \
    return tree != nullptr ? LIDX_OK : LIDX_NULL_ARGUMENT;                                                                     \
  }                                                                                                                            \
  uint64_t lidx_tree_size_##name(const lidx_tree_##name* tree) { return tree ? map_of<K>(tree).size() : 0; }                  \
  uint64_t lidx_tree_bytes_##name(const lidx_tree_##name* tree) { return tree ? map_of<K>(tree).bytes() : 0; }                \
  lidx_status lidx_tree_load_##name(lidx_tree_##name* tree, const K* keys, const uint64_t* values, size_t n) {                 \
    return load_tree<K>(tree, keys, values, n);                                                                                \
  }                                                                                                                            \
  lidx_status lidx_tree_insert_##name(lidx_tree_##name* tree, K key, uint64_t value) { return insert_in<K>(tree, key, value); } \
  lidx_status lidx_tree_put_##name(lidx_tree_##name* tree, K key, uint64_t value, int* was_there) {                            \
    return put_in<K>(tree, key, value, was_there);                                                                             \
  }                                                                                                                            \
  lidx_status lidx_tree_find_##name(const lidx_tree_##name* tree, K key, uint64_t* value) { return find_in<K>(tree, key, value); } \
  lidx_status lidx_tree_erase_##name(lidx_tree_##name* tree, K key, uint64_t* value) { return erase_from<K>(tree, key, value); } \
  lidx_status lidx_tree_rank_##name(const lidx_tree_##name* tree, K key, uint64_t* rank) { return rank_in<K>(tree, key, rank); } \
  lidx_status lidx_tree_seek_##name(const lidx_tree_##name* tree, K key, lidx_place* place) {                                  \
    if (is_nan(key)) return LIDX_NAN_KEY;                                                                                      \
    return place_in<K>(tree, place, [&](const auto& all) { return all.lower_bound(key); });                                    \
  }                                                                                                                            \
  lidx_status lidx_tree_first_##name(const lidx_tree_##name* tree, lidx_place* place) {                                        \
    return place_in<K>(tree, place, [](const auto& all) { return all.begin(); });                                              \
  }                                                                                                                            \
  lidx_status lidx_tree_last_##name(const lidx_tree_##name* tree, lidx_place* place) {                                         \
    return place_in<K>(tree, place, [](const auto& all) { return all.last(); });                                               \
  }                                                                                                                            \
  lidx_status lidx_tree_next_##name(const lidx_tree_##name* tree, lidx_place* place) { return move_place<K>(tree, place, true); } \
  lidx_status lidx_tree_previous_##name(const lidx_tree_##name* tree, lidx_place* place) {                                     \
    return move_place<K>(tree, place, false);                                                                                  \
  }                                                                                                                            \
  lidx_status lidx_tree_at_##name(const lidx_tree_##name* tree, const lidx_place* place, K* key, uint64_t* value) {            \
    return read_at<K>(tree, place, key, value);                                                                                \
  }                                                                                                                            \
  lidx_status lidx_tree_erase_at_##name(lidx_tree_##name* tree, lidx_place* place) { return erase_place<K>(tree, place); }     \
  lidx_status lidx_tree_scan_##name(const lidx_tree_##name* tree, lidx_place* place, size_t most, K* keys, uint64_t* values,   \
                                    size_t* count) {                                                                           \
    return scan_from<K>(tree, place, most, keys, values, count);                                                               \
  }

extern "C" {
LIDX_TREE_VERBS(u64, std::uint64_t)
LIDX_TREE_VERBS(i64, std::int64_t)
LIDX_TREE_VERBS(f64, double)
}
