// Searches of a memtable, by any number of threads while others insert.
//
// A search first takes codes for granted on its way down, and proves the leaf: the answer lies between two of its
// entries, or before the low of the next leaf. If it does not, or if the leaf changes, it tries again, careful on its way
// too. At last it goes the slow way: by whole keys and handles, without a look at versions; a writer that
// stops in the middle of a change keeps nobody waiting.
#pragma once

#include "learnedidx/memtable/node.hpp"

namespace learnedidx {

constexpr unsigned kTries = 8;  // before the slow way

// What a search in one node found.
struct NodeFound {
  unsigned slot;    // entries below the key, or (upper) not above it
  unsigned count;   // of the node
  bool equal;       // of searches for entries below: the entry at `slot` has the key
  bool agrees;      // the key has the bytes that the node skips
  std::uint32_t code;
  std::uint64_t version;
};

// An entry and where it was seen. No entry: the end.
struct Place {
  Node* leaf = nullptr;
  std::uint64_t version = 1;  // odd: the slot is not known
  unsigned slot = 0;
  Handle handle = 0;
  const char* entry = nullptr;
};

// What a memtable consists of. Order says what a key is, which bytes of it make codes, and how whole keys compare.
template <class Order> struct MemtableState {
  MemtableState(Order o, const Kernels& kernels, MemorySource source, std::size_t budget, bool keep_equal)
      : order(o), codes_below(kernels.codes_below), arena(source, budget), duplicates(keep_equal) {}

  const Order order;
  unsigned (*const codes_below)(const std::atomic<std::uint32_t>*, std::uint32_t);
  Arena arena;
  const bool duplicates;
  Node first{nullptr, 0};
  std::atomic<Node*> root{&first};
  std::atomic<std::size_t> leaves{1};
  SpinLock shape;  // of inner nodes, of the number of leaves, and of the memory for nodes
};

template <class Order> class Search {
 public:
  using Key = typename Order::Key;

  explicit Search(const MemtableState<Order>& state) : t_(state) {}

  // The first entry that is not below q; with equal keys, the first of them.
  Place lower(const Key& q) const {
    for (unsigned turn = 0; turn < kTries; ++turn) {
      Node* leaf;
      NodeFound f;
      if (!leaf_of(q, false, turn > 0, &leaf, &f)) continue;
      if (f.slot < f.count) {
        Place place{leaf, f.version, f.slot, leaf->handles[f.slot].load(std::memory_order_acquire), nullptr};
        if (!unchanged(*leaf, f.version)) continue;
        place.entry = t_.arena.at(place.handle);
        return place;
      }
      Node* const next = leaf->next.load(std::memory_order_acquire);
      if (unchanged(*leaf, f.version)) return next ? first_of(*next) : Place{};
    }
    return slow_lower(q);
  }

  // The last entry that is not above q.
  Place before_upper(const Key& q) const {
    for (unsigned turn = 0; turn < kTries; ++turn) {
      Node* leaf;
      NodeFound f;
      if (!leaf_of(q, true, turn > 0, &leaf, &f)) continue;
      if (f.slot == 0) return {};
      Place place{leaf, f.version, f.slot - 1, leaf->handles[f.slot - 1].load(std::memory_order_acquire), nullptr};
      if (!unchanged(*leaf, f.version)) continue;
      place.entry = t_.arena.at(place.handle);
      return place;
    }
    return slow_before_upper(q);
  }

  // The entry in slot 0 of a leaf that is not the first: its low, always.
  Place first_of(Node& leaf) const {
    return {&leaf, leaf.version.load(std::memory_order_acquire), 0, leaf.handles[0].load(std::memory_order_acquire), leaf.low};
  }

  // The leaf that decides where q belongs, and what a search in it found; false if that changed meanwhile, or if codes led
  // elsewhere.
  bool leaf_of(const Key& q, bool upper, bool careful, Node** leaf, NodeFound* f) const {
    const bool right = upper || !t_.duplicates;  // where equal keys can only lie in one leaf, to that
    for (Node* node = leaf_by_codes(q, right, careful); node;) {
      if (!in_node(*node, q, upper, *f)) return false;
      *leaf = node;
      if (is_below(*node, *f, right)) return false;
      if (f->slot < f->count) return true;
      node = node->next.load(std::memory_order_acquire);
      if (!unchanged(**leaf, f->version)) return false;
      if (node == nullptr || !leads_to(*node, q, right)) return true;
    }
    return false;
  }

  // Counts the entries of a node below q, or (upper) not above it. False if the node changed meanwhile.
  bool in_node(const Node& node, const Key& q, bool upper, NodeFound& f) const {
    f.version = node.version.load(std::memory_order_acquire);
    if (f.version & 1) return false;
    const Meta meta(node.meta.load(std::memory_order_acquire));
    const std::string_view bytes = t_.order.bytes(q);
    f = {0, meta.count(), false, true, meta.code(bytes), f.version};
    if (f.count == 0) return unchanged(node, f.version);
    const unsigned below = codes_below(node, f.code, f.count);
    const Handle handle = node.handles[below < f.count ? below : f.count - 1].load(std::memory_order_acquire);
    if (handle == 0) return false;
    const std::string_view other = t_.order.bytes(t_.order.key(t_.arena.at(handle)));
    const std::size_t place = meta.skipped_difference(bytes, other);
    if (place != Meta::kNone) {
      f.agrees = false;
      f.slot = beside_skipped(node, f, meta.bits_before(place), byte_at(bytes, place) < byte_at(other, place));
    } else if (below < f.count && node.codes[below].load(kRead) == f.code) {
      const unsigned to = codes_upto(node, f.code, f.count);
      f.slot = among_equal(node, q, upper, below, to, &f.equal);
      if (f.slot > kNodeSlots) return false;
    } else {
      f.slot = below;
    }
    return unchanged(node, f.version);
  }

  // By whole keys: -1, 0, 1.
  int compare(const char* entry, const Key& q) const { return t_.order.compare(entry, q); }

 private:
  static constexpr unsigned kBroken = kNodeSlots + 1;

  bool leads_to(const Node& next, const Key& q, bool right) const {
    const int order = compare(next.low, q);
    return order < 0 || (order == 0 && right);
  }

  LIDX_INLINE unsigned codes_below(const Node& node, std::uint32_t code, unsigned count) const {
    const unsigned below = t_.codes_below(node.codes, code);
    return below < count ? below : count;
  }
  unsigned codes_upto(const Node& node, std::uint32_t code, unsigned count) const {
    return code == kLastCode ? count : codes_below(node, code + 1, count);
  }

  // All entries agree in a byte in which q does not: those that equal q before it are all above q, or all below.
  unsigned beside_skipped(const Node& node, const NodeFound& f, std::uint32_t before, bool below) const {
    return below ? codes_below(node, f.code & before, f.count) : codes_upto(node, f.code | ~before, f.count);
  }

  // Bisects entries [from, to) by whole keys. Handles may be missing while the node changes.
  unsigned among_equal(const Node& node, const Key& q, bool upper, unsigned from, unsigned to, bool* equal) const {
    while (from < to) {
      const unsigned middle = (from + to) / 2;
      const Handle handle = node.handles[middle].load(std::memory_order_acquire);
      if (handle == 0) return kBroken;
      const int order = compare(t_.arena.at(handle), q);
      if (upper ? order <= 0 : order < 0) {
        from = middle + 1;
      } else {
        to = middle;
        *equal = order == 0;
      }
    }
    return from;
  }

  // Does the key that was searched for belong to a leaf further left?
  static bool is_below(const Node& leaf, const NodeFound& f, bool right) {
    return f.slot == 0 && leaf.low && !(f.equal && right);
  }

  // All lines of a node at once: its handles are read after its codes.
  static LIDX_INLINE void ask_for(const Node& node) {
    for (std::size_t line = 0; line < sizeof(Node); line += 64) prefetch_near(reinterpret_cast<const char*>(&node) + line);
  }

  // Null if a node was seen to change.
  Node* leaf_by_codes(const Key& q, bool right, bool careful) const {
    Node* node = t_.root.load(std::memory_order_acquire);
    while (node && node->level > 0) {
      node = careful ? careful_child(*node, q, right) : quick_child(*node, q, right);
      if (node) ask_for(*node);
    }
    return node;
  }

  // The child for q if the codes are right and nothing changes. Null if it is seen that something does.
  Node* quick_child(const Node& node, const Key& q, bool right) const {
    const Meta meta(node.meta.load(std::memory_order_acquire));
    const std::uint32_t code = meta.code(t_.order.bytes(q));
    unsigned slot = codes_below(node, code, meta.count());
    if (slot < meta.count() && node.codes[slot].load(kRead) == code) {
      bool equal;
      slot = among_equal(node, q, right, slot, codes_upto(node, code, meta.count()), &equal);
      if (slot > kInnerSlots) return nullptr;
    }
    return static_cast<const InnerNode&>(node).children[slot].load(std::memory_order_acquire);
  }

  Node* careful_child(const Node& node, const Key& q, bool right) const {
    NodeFound f;
    if (!in_node(node, q, right, f)) return nullptr;
    Node* const child = static_cast<const InnerNode&>(node).children[f.slot].load(std::memory_order_acquire);
    return unchanged(node, f.version) ? child : nullptr;
  }

 public:
  // The slow way. A leaf that is not right of where q belongs, and has no neighbour of which that is known.
  Node* slow_leaf(const Key& q, bool upper) const {
    const bool right = upper || !t_.duplicates;
    Node* node = t_.root.load(std::memory_order_acquire);
    while (node->level > 0) {
      const auto& children = static_cast<const InnerNode*>(node)->children;
      node = children[0].load(std::memory_order_acquire);
      for (unsigned i = 1; i < kNodeSlots; ++i) {
        Node* const child = children[i].load(std::memory_order_acquire);
        if (child == nullptr || !leads_to(*child, q, right)) break;
        node = child;
      }
    }
    for (Node* next; (next = node->next.load(std::memory_order_acquire)) && leads_to(*next, q, right);) node = next;
    return node;
  }

  Place slow_lower(const Key& q) const {
    for (Node* leaf = slow_leaf(q, false); leaf; leaf = leaf->next.load(std::memory_order_acquire))
      for (const auto& slot : leaf->handles) {
        const Handle handle = slot.load(std::memory_order_acquire);
        if (handle == 0) break;
        const char* const entry = t_.arena.at(handle);
        if (compare(entry, q) >= 0) return {leaf, 1, 0, handle, entry};
      }
    return {};
  }

  Place slow_before_upper(const Key& q) const {
    Place best;
    for (Node* leaf = slow_leaf(q, true); leaf; leaf = leaf->next.load(std::memory_order_acquire))
      for (const auto& slot : leaf->handles) {
        const Handle handle = slot.load(std::memory_order_acquire);
        if (handle == 0) break;
        const char* const entry = t_.arena.at(handle);
        if (compare(entry, q) > 0) return best;
        if (!best.entry || compare(best.entry, t_.order.key(entry)) <= 0) best = {leaf, 1, 0, handle, entry};
      }
    return best;
  }

 private:
  const MemtableState<Order>& t_;
};

}  // namespace learnedidx
