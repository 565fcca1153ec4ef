// Changes of a memtable, by one thread. What a change needs of memory is there before it begins.
//
// The order of stores is what readers rely on (node.hpp): entries are copied upwards before they are overwritten, and into
// a new leaf before they leave the old one; a node is linked when it is whole; codes change under an odd version.
#pragma once

#include <new>

#include "learnedidx/memtable/search.hpp"

namespace learnedidx {

enum class MemtableStatus : std::uint8_t { ok, exists, exhausted };

template <class Order, class Pause = NoPause> class Writer {
 public:
  using Key = typename Order::Key;

  explicit Writer(MemtableState<Order>& state) : t_(state), search_(state) {}

  // Takes in an entry that was written to the arena.
  MemtableStatus insert(Handle handle) noexcept {
    const Key key = t_.order.key(t_.arena.at(handle));
    Node* leaf = nullptr;
    NodeFound found{};
    find(key, &leaf, &found);
    if (found.equal && !t_.duplicates) return MemtableStatus::exists;
    note(leaf, found.slot);
    if (found.count == kNodeSlots) {
      if (!split(*leaf, found.slot, handle)) return MemtableStatus::exhausted;
      if (last_slot_ == kNodeSlots) {  // it is alone in a new leaf
        last_slot_ = 0;
        return MemtableStatus::ok;
      }
      leaf = last_leaf_;
      search_.in_node(*leaf, key, t_.duplicates, found);
    }
    put(*leaf, found, handle);
    last_slot_ = found.slot;
    return MemtableStatus::ok;
  }

 private:
  static constexpr unsigned kRun = 8;  // inserts beside each other, after which a leaf is split where they come

  // Nobody else writes, so a careful search succeeds. The leaf of the last two inserts is tried first.
  void find(const Key& key, Node** leaf, NodeFound* found) const {
    const bool upper = t_.duplicates;
    if (run_ > 0 && belongs(*last_leaf_, key) && search_.in_node(*last_leaf_, key, upper, *found)) {
      *leaf = last_leaf_;
      return;
    }
    if (search_.leaf_of(key, upper, false, leaf, found)) return;
    search_.leaf_of(key, upper, true, leaf, found);
  }

  bool belongs(const Node& leaf, const Key& key) const {
    if (leaf.low && search_.compare(leaf.low, key) > 0) return false;
    const Node* const next = leaf.next.load(std::memory_order_relaxed);
    return next == nullptr || search_.compare(next->low, key) > 0;
  }

  // Counts inserts that come beside each other.
  void note(Node* leaf, unsigned slot) noexcept {
    run_ = leaf == last_leaf_ && (slot == last_slot_ || slot == last_slot_ + 1) ? run_ + 1 : 0;
    last_leaf_ = leaf;
    last_slot_ = slot;
  }

  Key key_at(const Node& node, unsigned slot) const {
    return t_.order.key(t_.arena.at(node.handles[slot].load(std::memory_order_relaxed)));
  }
  static Meta meta_of(const Node& node) { return Meta(node.meta.load(std::memory_order_relaxed)); }
  static void set_meta(Node& node, Meta meta) { node.meta.store(meta.word(), std::memory_order_release); }

  // Into a node that has room, at the slot that was found.
  void put(Node& node, const NodeFound& found, Handle handle) {
    const unsigned count = found.count, slot = found.slot;
    if (slot == count && found.agrees) {  // no reader can tell this from one that comes a little later
      node.codes[slot].store(found.code, kWrite);
      node.handles[slot].store(handle, std::memory_order_release);
      Pause::at(WriteStep::codes);
      return set_meta(node, meta_of(node).with(count + 1));
    }
    begin_change(node);
    for (unsigned i = count; i > slot; --i) {
      node.handles[i].store(node.handles[i - 1].load(std::memory_order_relaxed), std::memory_order_release);
      if (i % 8 == 0) Pause::at(WriteStep::shift);
    }
    node.handles[slot].store(handle, std::memory_order_release);
    if (found.agrees) {
      for (unsigned i = count; i > slot; --i) node.codes[i].store(node.codes[i - 1].load(std::memory_order_relaxed), kWrite);
      node.codes[slot].store(found.code, kWrite);
      Pause::at(WriteStep::codes);
      set_meta(node, meta_of(node).with(count + 1));
    } else {
      recode(node, count + 1);
    }
    end_change(node);
  }

  // Chooses columns for the first `count` entries. The node is under change, or nobody knows it yet.
  void recode(Node& node, unsigned count) {
    const Meta meta = choose_columns(count, [&](unsigned i) { return t_.order.bytes(key_at(node, i)); });
    for (unsigned i = 0; i < count; ++i) {
      node.codes[i].store(meta.code(t_.order.bytes(key_at(node, i))), kWrite);
      if (i == count / 2) Pause::at(WriteStep::codes);
    }
    set_meta(node, meta);
  }

  // After a split: codes of the node are still right, but if they do not tell its keys apart there may be better ones.
  void recode_ties(Node& node, unsigned count) {
    for (unsigned i = 1; i < count; ++i)
      if (node.codes[i].load(std::memory_order_relaxed) == node.codes[i - 1].load(std::memory_order_relaxed))
        return recode(node, count);
  }

  // The entries of a node from `from` on go to the beginning of a new one.
  static void copy_upper(const Node& node, unsigned from, unsigned count, Node& to) {
    for (unsigned i = from; i < count; ++i) {
      to.codes[i - from].store(node.codes[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
      to.handles[i - from].store(node.handles[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    set_meta(to, meta_of(node).with(count - from));
  }

  static void cut_off(Node& node, unsigned from, unsigned count) {
    for (unsigned i = count; i-- > from;) {
      node.handles[i].store(0, std::memory_order_release);
      node.codes[i].store(kLastCode, kWrite);
      if (i % 8 == 0) Pause::at(WriteStep::truncate);
    }
    set_meta(node, meta_of(node).with(from));
  }

  // Where a full leaf is divided for an entry that belongs to a slot. At its end: the entry begins a leaf of its own.
  unsigned place_to_split(const Node& leaf, unsigned slot) const {
    const bool last = leaf.next.load(std::memory_order_relaxed) == nullptr;
    if (slot == kNodeSlots && (last || run_ >= kRun)) return kNodeSlots;
    if (run_ < kRun) return kNodeSlots / 2;
    return slot == 0 ? 1 : slot == kNodeSlots ? kNodeSlots - 1 : slot;
  }

  struct Path {
    InnerNode* nodes[kMostInner];  // the one above the leaves first
    unsigned levels;
  };

  // Divides a full leaf, or gives one that is in order its own successor, in which the entry is then. Sets last_leaf_ to
  // the leaf for the entry, last_slot_ to kNodeSlots if it is in. False, and nothing happened, if there is no memory.
  bool split(Node& leaf, unsigned slot, Handle handle) {
    const unsigned at = place_to_split(leaf, slot);
    const Handle lowest = at == kNodeSlots ? handle : leaf.handles[at].load(std::memory_order_relaxed);
    const Key low = t_.order.key(t_.arena.at(lowest));
    Path path;
    const unsigned inner = way_to(low, path);
    if (!t_.arena.reserve(sizeof(Node) + inner * sizeof(InnerNode))) return false;
    Node* const right = new (t_.arena.node(sizeof(Node))) Node(t_.arena.at(lowest), 0);
    if (at == kNodeSlots) begin_leaf(leaf, handle, *right);
    else divide_leaf(leaf, at, *right);
    add_child(path, 0, lowest, *right);
    last_leaf_ = slot > at || at == kNodeSlots ? right : &leaf;
    last_slot_ = at == kNodeSlots ? kNodeSlots : slot > at ? slot - at : slot;
    return true;
  }

  // Inner nodes from the root to the one above the leaves, and how many new ones a leaf needs.
  unsigned way_to(const Key& low, Path& path) const {
    Node* node = t_.root.load(std::memory_order_relaxed);
    path.levels = node->level;
    unsigned full = 0;
    while (node->level > 0) {
      const unsigned level = node->level - 1;
      auto& inner = *static_cast<InnerNode*>(node);
      NodeFound found;
      search_.in_node(inner, low, true, found);
      path.nodes[level] = &inner;
      full = found.count == kInnerSlots ? full + 1 : 0;
      node = inner.children[found.slot].load(std::memory_order_relaxed);
    }
    return full + (full == path.levels);
  }

  void begin_leaf(Node& leaf, Handle handle, Node& right) {
    right.handles[0].store(handle, std::memory_order_relaxed);
    const Meta meta = meta_of(leaf).with(1);  // what tells the keys before apart may tell the next ones apart
    right.codes[0].store(meta.code(t_.order.bytes(key_at(right, 0))), std::memory_order_relaxed);
    set_meta(right, meta);
    begin_change(leaf);
    link(leaf, right);
    end_change(leaf);
  }

  void divide_leaf(Node& leaf, unsigned at, Node& right) {
    copy_upper(leaf, at, kNodeSlots, right);
    recode_ties(right, kNodeSlots - at);
    begin_change(leaf);
    link(leaf, right);
    cut_off(leaf, at, kNodeSlots);
    recode_ties(leaf, at);
    end_change(leaf);
  }

  void link(Node& leaf, Node& right) {
    Node* const next = leaf.next.load(std::memory_order_relaxed);
    right.next.store(next, std::memory_order_relaxed);
    right.prev.store(&leaf, std::memory_order_relaxed);
    leaf.next.store(&right, std::memory_order_release);
    Pause::at(WriteStep::link);
    if (next) next->prev.store(&right, std::memory_order_release);
  }

  // Tells the levels above of a new child. Until then it is found from its left neighbour.
  void add_child(Path& path, unsigned level, Handle low, Node& child) {
    Pause::at(WriteStep::parent);
    if (level == path.levels) return add_root(low, child);
    InnerNode& node = *path.nodes[level];
    NodeFound found;
    search_.in_node(node, t_.order.key(t_.arena.at(low)), true, found);
    if (found.count < kInnerSlots) return put_child(node, found, low, child);
    constexpr unsigned kept = kNodeSlots / 2;  // children; the handle behind them is that of the new node's low
    const Handle middle = node.handles[kept - 1].load(std::memory_order_relaxed);
    auto* const right = new (t_.arena.node(sizeof(InnerNode))) InnerNode(t_.arena.at(middle), level + 1);
    copy_upper(node, kept, kInnerSlots, *right);
    for (unsigned i = kept; i < kNodeSlots; ++i)
      right->children[i - kept].store(node.children[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    recode_ties(*right, kInnerSlots - kept);
    add_child(path, level + 1, middle, *right);  // before its children leave the old node
    begin_change(node);
    for (unsigned i = kNodeSlots; i-- > kept;) node.children[i].store(nullptr, std::memory_order_release);
    cut_off(node, kept - 1, kInnerSlots);
    recode_ties(node, kept - 1);
    end_change(node);
    InnerNode& half = found.slot >= kept ? *right : node;
    search_.in_node(half, t_.order.key(t_.arena.at(low)), true, found);
    put_child(half, found, low, child);
  }

  void put_child(InnerNode& node, const NodeFound& found, Handle low, Node& child) {
    begin_change(node);
    for (unsigned i = found.count + 1; i > found.slot + 1; --i) {
      node.children[i].store(node.children[i - 1].load(std::memory_order_relaxed), std::memory_order_release);
      if (i % 8 == 0) Pause::at(WriteStep::parent);
    }
    node.children[found.slot + 1].store(&child, std::memory_order_release);
    end_change(node);
    NodeFound place = found;
    if (is_tie(node, found)) place.agrees = false;  // other columns may tell them apart
    put(node, place, low);
  }

  static bool is_tie(const Node& node, const NodeFound& found) {
    const auto same = [&](unsigned slot) { return node.codes[slot].load(std::memory_order_relaxed) == found.code; };
    return (found.slot < found.count && same(found.slot)) || (found.slot > 0 && same(found.slot - 1));
  }

  void add_root(Handle low, Node& child) {
    Node* const old = t_.root.load(std::memory_order_relaxed);
    auto* const root = new (t_.arena.node(sizeof(InnerNode))) InnerNode(nullptr, old->level + 1);
    root->children[0].store(old, std::memory_order_relaxed);
    root->children[1].store(&child, std::memory_order_relaxed);
    root->handles[0].store(low, std::memory_order_relaxed);
    recode(*root, 1);
    t_.root.store(root, std::memory_order_release);
    Pause::at(WriteStep::root);
  }

  MemtableState<Order>& t_;
  Search<Order> search_;
  Node* last_leaf_ = nullptr;
  unsigned last_slot_ = 0, run_ = 0;
};

}  // namespace learnedidx
